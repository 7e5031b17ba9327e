// Kernel: what one unit cost us, finer than a price because averages divide.
// Which cost holds when, and valuation, belong to the ledger and the stock.

/// A cost (单位成本) of one unit.
///
/// Unit: a millionth of a yuan.
package struct UnitCost: FixedPoint {
    /// The digits after the point.
    package static let scale = 6
    /// The cost at which one unit costs the largest amount that a record carries.
    package static let limit: Int64 = 100_000_000_000_000_000

    /// The count of the small unit.
    package let rawValue: Int64

    /// So many of the small unit.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The cost of a wide computation.
    ///
    /// Throws: `overflow` when it does not fit 64 bits.
    package init(checked value: Int128) throws(NumberFault) {
        rawValue = try Rounding.narrow(value)
    }

    /// The cost written in yuan, strictly, at most six decimals.
    package init(yuan text: String) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The cost written in yuan, strictly, from a part of a longer text.
    package init(yuan text: Substring) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The cost in yuan with two to six decimals: `12.30`, `10.643182`.
    package var description: String { DecimalText.format(rawValue, scale: 6, fraction: 2) }

    /// What `quantity` cost, rounded to the fen, half away from zero.
    package func amount(of quantity: Quantity) throws(NumberFault) -> Fen {
        Fen(try Rounding.product(rawValue, quantity.rawValue, over: 10_000_000))
    }

    /// The cost at which `quantity` cost `amount`, rounded half away from zero.
    ///
    /// Throws: `divisionByZero` for no quantity.
    package static func average(
        _ amount: Fen,
        over quantity: Quantity
    ) throws(NumberFault) -> UnitCost {
        UnitCost(
            try Rounding.halfAwayFromZero(
                Int128(amount.rawValue) * 10_000_000,
                Int128(quantity.rawValue)
            )
        )
    }
}
