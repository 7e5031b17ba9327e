// Kernel: a share of something: tax, discount, margin.
// Which rate holds when is dated data elsewhere.

/// A rate (税率, 折扣率, 毛利率).
///
/// Unit: a millionth; 13 % is 130 000.
package struct Rate: FixedPoint {
    /// The digits after the point.
    package static let scale = 6
    /// A record carries at most a thousandfold.
    package static let limit: Int64 = 1_000_000_000
    /// The whole: 100 %.
    package static let whole = Rate(1_000_000)

    /// The count of the small unit.
    package let rawValue: Int64

    /// So many of the small unit.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// So many hundredths.
    ///
    /// Throws: `overflow` when it does not fit.
    package init(percent count: Int64) throws(NumberFault) {
        rawValue = try Rounding.narrow(Int128(count) * 10_000)
    }

    /// The rate written as a percentage, strictly, with or without the sign: `13%`, `0.5`.
    package init(percent text: String) throws(NumberFault) {
        let digits = text.utf8.last == UInt8(ascii: "%") ? text.dropLast() : text[...]
        rawValue = try DecimalText.parse(digits, scale: 4)
    }

    /// The rate written as a percentage with its sign: `13%`.
    ///
    /// Throws: `notANumber` without the sign, so that 0.13 is never read as 0.13 %.
    package init(text: String) throws(NumberFault) {
        guard text.utf8.last == UInt8(ascii: "%") else { throw NumberFault(.notANumber, text) }
        try self.init(percent: text)
    }

    /// The share that `part` is of `total`, rounded half away from zero.
    ///
    /// Throws: `divisionByZero` when the total is zero.
    package init(_ part: Fen, of total: Fen) throws(NumberFault) {
        rawValue = try Rounding.halfAwayFromZero(
            Int128(part.rawValue) * 1_000_000,
            Int128(total.rawValue)
        )
    }

    /// The shortest exact percentage: `13%`, `0.5%`.
    package var description: String { DecimalText.format(rawValue, scale: 4, fraction: 0) + "%" }

    /// This share of `amount`, rounded to the fen, half away from zero.
    package func share(of amount: Fen) throws(NumberFault) -> Fen {
        Fen(try Rounding.product(amount.rawValue, rawValue, over: 1_000_000))
    }

    /// The tax inside a price with tax: gross × rate ÷ (1 + rate), rounded half away from zero.
    ///
    /// Throws: `divisionByZero` for a rate of −100 %.
    package func included(in gross: Fen) throws(NumberFault) -> Fen {
        Fen(
            try Rounding.halfAwayFromZero(
                Int128(gross.rawValue) * Int128(rawValue),
                Int128(rawValue) + 1_000_000
            )
        )
    }
}
