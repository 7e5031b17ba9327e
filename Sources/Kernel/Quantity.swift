// Kernel: how much of something. Thousandths, so that grams of a kilogram are whole numbers.
// Units of measure and packs belong to the catalogue.

/// A quantity (数量) of whatever unit the product is kept in.
///
/// Unit: a thousandth.
package struct Quantity: FixedPoint {
    /// The digits after the point.
    package static let scale = 3
    /// A record carries at most 10¹² thousandths.
    package static let limit: Int64 = 1_000_000_000_000
    /// One whole unit.
    package static let one = Quantity(1_000)

    /// The count of the small unit.
    package let rawValue: Int64

    /// So many of the small unit.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The quantity of a wide sum.
    ///
    /// Throws: `overflow` when it does not fit 64 bits.
    package init(checked value: Int128) throws(NumberFault) {
        rawValue = try Rounding.narrow(value)
    }

    /// So many whole units.
    ///
    /// Throws: `overflow` when it does not fit.
    package init(whole count: Int64) throws(NumberFault) {
        rawValue = try Rounding.narrow(Int128(count) * 1_000)
    }

    /// The quantity written strictly, at most three decimals: `1.5`.
    package init(text: String) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The quantity written strictly, from a part of a longer text.
    package init(text: Substring) throws(NumberFault) {
        rawValue = try DecimalText.parse(text, scale: Self.scale)
    }

    /// The shortest exact form: `1.5`, `2`, `-0.001`.
    package var description: String { DecimalText.format(rawValue, scale: 3, fraction: 0) }

    /// The shortest exact form with grouped thousands: `1,234.5`.
    package func formatted() -> String {
        DecimalText.format(rawValue, scale: 3, fraction: 0, isGrouped: true)
    }

    /// Whether it is a whole number of units.
    package var isWhole: Bool { rawValue % 1_000 == 0 }

    /// The sum of many quantities, through 128 bits.
    ///
    /// Throws: `overflow` when the total does not fit 64 bits.
    package static func sum(_ quantities: [Quantity]) throws(NumberFault) -> Quantity {
        var total: Int128 = 0
        for quantity in quantities { total += Int128(quantity.rawValue) }
        return try Quantity(checked: total)
    }
}
