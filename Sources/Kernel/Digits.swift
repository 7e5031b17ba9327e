// Kernel: fixed-width digits in bytes, shared by dates, times and labels.

/// Digits of a fixed width.
enum Digits {
    /// The number in exactly these bytes, nothing when one is no ASCII digit.
    static func read(_ utf8: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            let digit = utf8[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// Writes the last `width` digits of a number that is not negative.
    static func write(
        _ value: Int,
        _ width: Int,
        to buffer: UnsafeMutableBufferPointer<UInt8>,
        at start: Int
    ) {
        var rest = value
        for index in stride(from: start + width - 1, through: start, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// The number with zeros before it up to `width` digits; a longer one as it is.
    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }
}
