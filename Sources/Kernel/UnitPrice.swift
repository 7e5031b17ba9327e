// Kernel: what one unit is sold or bought for. Which price holds when belongs to the catalogue.

/// A price (单价) of one unit.
///
/// Unit: a ten-thousandth of a yuan.
package struct UnitPrice: FixedPoint {
    /// The digits after the point.
    package static let scale = 4
    /// The price at which one unit costs the largest amount that a record carries.
    package static let limit: Int64 = 1_000_000_000_000_000

    /// The count of the small unit.
    package let rawValue: Int64

    /// So many of the small unit.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The price of a wide computation.
    ///
    /// Throws: `overflow` when it does not fit 64 bits.
    package init(checked value: Int128) throws(NumberFault) {
        rawValue = try Rounding.narrow(value)
    }

    /// The price of so many fen for one unit.
    ///
    /// Throws: `overflow` when it does not fit.
    package init(fen: Fen) throws(NumberFault) {
        rawValue = try Rounding.narrow(Int128(fen.rawValue) * 100)
    }

    /// The price written in yuan, strictly, at most four decimals.
    package init(yuan text: String) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The price written in yuan, strictly, from a part of a longer text.
    package init(yuan text: Substring) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The price in yuan with two to four decimals: `12.30`, `0.0125`.
    package var description: String { DecimalText.format(rawValue, scale: 4, fraction: 2) }

    /// The price for a page: `¥1,234.50`.
    package func formatted() -> String {
        DecimalText.format(rawValue, scale: 4, fraction: 2, isGrouped: true, prefix: "¥")
    }

    /// What `quantity` costs at this price, rounded to the fen, half away from zero.
    package func amount(of quantity: Quantity) throws(NumberFault) -> Fen {
        Fen(try Rounding.product(rawValue, quantity.rawValue, over: 100_000))
    }

    /// The price at which `quantity` cost `amount`, rounded half away from zero.
    ///
    /// Throws: `divisionByZero` for no quantity.
    package static func average(
        _ amount: Fen,
        over quantity: Quantity
    ) throws(NumberFault) -> UnitPrice {
        UnitPrice(
            try Rounding.halfAwayFromZero(
                Int128(amount.rawValue) * 100_000,
                Int128(quantity.rawValue)
            )
        )
    }
}
