// Tabular: a value as it goes into a table that is written.
// Must not round or shorten: what is written is exactly the value.

package import Kernel

/// A cell of a table to be written.
package enum TableCell: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case fen(Fen)
    case quantity(Quantity)
    case unitPrice(UnitPrice)
    case unitCost(UnitCost)
    case rate(Rate)
    case date(CivilDate)
    case time(WallTime)
    case empty

    /// The value as machines read it: `1234.50`, `13%`, `2026-11-23`.
    package var plainText: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .fen(let value): value.description
        case .quantity(let value): value.description
        case .unitPrice(let value): value.description
        case .unitCost(let value): value.description
        case .rate(let value): value.description
        case .date(let value): value.description
        case .time(let value): value.description
        case .empty: ""
        }
    }

    /// The value as people read it: money and quantities grouped, times without the offset.
    package var shownText: String {
        switch self {
        case .text(let text): TextWidth.printable(text)
        case .fen(let value): value.grouped()
        case .quantity(let value): value.formatted()
        case .time(let value): value.dateTimeText()
        default: plainText
        }
    }

    /// True for what stands at the right of its column.
    package var isNumber: Bool {
        switch self {
        case .integer, .fen, .quantity, .unitPrice, .unitCost, .rate: true
        case .text, .date, .time, .empty: false
        }
    }
}
