// Kernel: money. One currency (CNY), whole fen, never floating point.
// Words and pages for amounts start here; exchange rates and taxes do not belong here.

/// An amount of money (金额).
///
/// Unit: fen, a hundredth of a yuan.
package struct Fen: FixedPoint {
    /// The digits after the point.
    package static let scale = 2
    /// A record carries at most 10¹³ fen: a thousand records of that size still sum in 64 bits,
    /// and longer sums run in 128.
    package static let limit: Int64 = 10_000_000_000_000

    /// The count of the small unit.
    package let rawValue: Int64

    /// So many of the small unit.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The amount of a wide sum.
    ///
    /// Throws: `overflow` when it does not fit 64 bits.
    package init(checked value: Int128) throws(NumberFault) {
        rawValue = try Rounding.narrow(value)
    }

    /// The amount written in yuan, strictly: `12`, `12.3`, `-12.30`; at most two decimals.
    package init(yuan text: String) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The amount written in yuan, strictly, from a part of a longer text.
    package init(yuan text: Substring) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The amount in yuan with two decimals: `-12.30`.
    package var description: String { DecimalText.format(rawValue, scale: 2, fraction: 2) }

    /// The amount for a page or a paper: `¥1,234.50`, `-¥1,234.50`.
    package func formatted() -> String {
        DecimalText.format(rawValue, scale: 2, fraction: 2, isGrouped: true, prefix: "¥")
    }

    /// The amount grouped, without the sign of the currency: `-1,234.50`.
    package func grouped() -> String {
        DecimalText.format(rawValue, scale: 2, fraction: 2, isGrouped: true)
    }

    /// The sum of many amounts, through 128 bits.
    ///
    /// Throws: `overflow` when the total does not fit 64 bits.
    package static func sum(_ amounts: [Fen]) throws(NumberFault) -> Fen {
        var total: Int128 = 0
        for amount in amounts { total += Int128(amount.rawValue) }
        return try Fen(checked: total)
    }

    /// The nearest multiple of `unit`, halves away from zero: to a jiao, to a yuan.
    package func rounded(toMultipleOf unit: Fen) throws(NumberFault) -> Fen {
        let count = try Rounding.halfAwayFromZero128(Int128(rawValue), Int128(unit.rawValue))
        return try Fen(checked: count * Int128(unit.rawValue))
    }

    /// The next multiple of `unit` towards zero: what is left after the change is waived (抹零).
    package func truncated(toMultipleOf unit: Fen) throws(NumberFault) -> Fen {
        guard unit.rawValue != 0 else { throw NumberFault(.divisionByZero, "\(self) to 0") }
        let rest = Int128(rawValue) % Int128(unit.rawValue)
        return try Fen(checked: Int128(rawValue) - rest)
    }
}
