// Kernel: numbers to text and back, in the one strict form `[-]digits[.digits]`, ASCII only.
// It must not guess: what is not in the form is refused, never read in part.

/// The strict parser and the formatter of decimal numbers.
package enum DecimalText {
    /// The number in units of 10⁻ˢᶜᵃˡᵉ.
    ///
    /// Shape: `[-]digits[.digits]`; with `allowGrouping` also `1,234,567.89`, every group of three;
    /// with `rounding` further decimals are rounded half away from zero instead of refused.
    /// Throws: `notANumber`, `tooManyDigits`, `overflow`.
    package static func parse(
        _ text: String,
        scale: Int,
        allowGrouping: Bool = false,
        rounding: Bool = false
    ) throws(NumberFault) -> Int64 {
        try parse(
            utf8: text.utf8.span,
            scale: scale,
            allowGrouping: allowGrouping,
            rounding: rounding
        )
    }

    /// The number in a part of a longer text, as the whole text is parsed.
    package static func parse(
        _ text: Substring,
        scale: Int,
        allowGrouping: Bool = false,
        rounding: Bool = false
    ) throws(NumberFault) -> Int64 {
        try parse(
            utf8: text.utf8.span,
            scale: scale,
            allowGrouping: allowGrouping,
            rounding: rounding
        )
    }

    /// The number in bytes, as a text is parsed.
    package static func parse(
        utf8: Span<UInt8>,
        scale: Int,
        allowGrouping: Bool = false,
        rounding: Bool = false
    ) throws(NumberFault) -> Int64 {
        var reader = Reader(scale: scale, allowGrouping: allowGrouping, rounding: rounding)
        guard let reason = reader.read(utf8) else { return reader.value }
        throw NumberFault(reason, excerpt(utf8))
    }

    /// The first characters of what was refused.
    static func excerpt(_ utf8: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in 0..<min(utf8.count, 256) { bytes.append(utf8[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number as text.
    ///
    /// Shape: `scale` decimals without trailing zeros, but at least `fraction` of them; thousands
    /// grouped by commas if asked; `prefix` (ASCII or not) after the minus sign.
    package static func format(
        _ value: Int64,
        scale: Int,
        fraction: Int,
        isGrouped: Bool = false,
        prefix: StaticString = ""
    ) -> String {
        precondition(scale >= 0 && scale <= 18, "a scale of 0 to 18 digits")
        // Nine digits with sign, commas, point and a short prefix fit the 15 bytes that a string
        // holds without an allocation; else sign, 20 digits, 6 commas, point, and the prefix.
        let isShort =
            value.magnitude < 1_000_000_000 && scale <= 9 && prefix.utf8CodeUnitCount <= 2
        let capacity = isShort ? 15 : 28 + prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: capacity) { buffer in
            var at = capacity
            var rest = value.magnitude
            var decimals = scale
            while decimals > fraction, rest % 10 == 0 {
                rest /= 10
                decimals -= 1
            }
            if decimals > 0 {
                for _ in 0..<decimals {
                    at -= 1
                    buffer[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                at -= 1
                buffer[at] = UInt8(ascii: ".")
            }
            var digits = 0
            repeat {
                if isGrouped, digits > 0, digits % 3 == 0 {
                    at -= 1
                    buffer[at] = UInt8(ascii: ",")
                }
                at -= 1
                buffer[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                digits += 1
            } while rest > 0
            at -= prefix.utf8CodeUnitCount
            for index in 0..<prefix.utf8CodeUnitCount {
                buffer[at + index] = prefix.utf8Start[index]
            }
            if value < 0 {
                at -= 1
                buffer[at] = UInt8(ascii: "-")
            }
            for index in 0..<(capacity - at) { buffer[index] = buffer[at + index] }
            return capacity - at
        }
    }
}

extension DecimalText {
    /// One pass over the bytes of a number.
    ///
    /// A number too large is noted and read on, so that it is told from a text that is none.
    struct Reader {
        private let scale: Int
        private let allowGrouping: Bool
        private let rounding: Bool
        private var magnitude: UInt64 = 0
        private var isOver = false
        private(set) var value: Int64 = 0

        init(scale: Int, allowGrouping: Bool, rounding: Bool) {
            precondition(scale >= 0 && scale <= 18, "a scale of 0 to 18 digits")
            self.scale = scale
            self.allowGrouping = allowGrouping
            self.rounding = rounding
        }

        /// Reads all of `utf8` into `value`; the reason when it is refused.
        mutating func read(_ utf8: Span<UInt8>) -> NumberFault.Reason? {
            let isNegative = utf8.count > 0 && utf8[0] == UInt8(ascii: "-")
            var at = isNegative ? 1 : 0
            guard readWhole(utf8, &at) else { return .notANumber }
            var decimals = 0
            if at < utf8.count {
                guard utf8[at] == UInt8(ascii: "."), at + 1 < utf8.count else {
                    return .notANumber
                }
                let (reason, isUp) = readFraction(utf8, at + 1, &decimals)
                if let reason { return reason }
                if isUp { magnitude += 1 }
            }
            while decimals < scale {
                append(0)
                decimals += 1
            }
            return finish(isNegative)
        }

        /// The digits before the point; false when they are none or wrongly grouped.
        private mutating func readWhole(_ utf8: Span<UInt8>, _ at: inout Int) -> Bool {
            var group = 0
            var isGrouped = false
            while at < utf8.count {
                let digit = utf8[at] &- UInt8(ascii: "0")
                if digit < 10 {
                    append(digit)
                    group += 1
                } else if utf8[at] == UInt8(ascii: ","), allowGrouping {
                    guard isGrouped ? group == 3 : group >= 1 && group <= 3 else { return false }
                    isGrouped = true
                    group = 0
                } else {
                    break
                }
                at += 1
            }
            return group > 0 && (!isGrouped || group == 3)
        }

        /// The digits after the point, up to the end.
        private mutating func readFraction(
            _ utf8: Span<UInt8>,
            _ at: Int,
            _ decimals: inout Int
        ) -> (reason: NumberFault.Reason?, isUp: Bool) {
            var isLong = false
            var isUp = false
            for index in at..<utf8.count {
                let digit = utf8[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return (.notANumber, false) }
                if decimals < scale {
                    append(digit)
                    decimals += 1
                } else {
                    if !isLong { isUp = digit >= 5 }
                    isLong = true
                }
            }
            return (isLong && !rounding ? .tooManyDigits : nil, isUp)
        }

        private mutating func append(_ digit: UInt8) {
            // Above the least Int64 nothing is of use, and ten times this plus a digit still fits.
            if magnitude > 922_337_203_685_477_580 {
                isOver = true
            } else {
                magnitude = magnitude * 10 + UInt64(digit)
            }
        }

        private mutating func finish(_ isNegative: Bool) -> NumberFault.Reason? {
            let greatest = isNegative ? Int64.min.magnitude : Int64.max.magnitude
            guard !isOver, magnitude <= greatest else { return .overflow }
            value = Int64(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
            return nil
        }
    }
}
