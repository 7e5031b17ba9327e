// A report as one reader sees it: the columns for that reader, each with digits of one length.
// Must not change a value: rates alone are shown rounded, to hundredths of a percent.

import Kernel
import Module
import Tabular

/// The columns, rows and totals of a report for a reader of one language.
struct ReportSheet {
    private let columns: [ReportColumn]
    let titles: [String]
    let rows: [[TableCell]]
    let totals: [TableCell]?

    /// Leaves out what is for others, and columns in which nothing stands at all.
    init(_ table: ReportTable, _ language: Language) {
        let cells = table.rows.map { $0.map { $0.tableCell(language) } }
        let sums = table.totals.map { $0.map { $0.tableCell(language) } }
        let lines = cells + (sums.map { [$0] } ?? [])
        let isChinese = language == .chinese
        let shown = table.columns.indices.filter { index in
            switch table.columns[index].readers {
            case .everyone: break
            case .chinese: if !isChinese { return false }
            case .english: if isChinese { return false }
            case .programs: return false
            }
            return cells.isEmpty || lines.contains { !$0[index].plainText.isEmpty }
        }
        columns = shown.map { table.columns[$0] }
        titles = columns.map { isChinese ? $0.title.chinese : $0.title.english }
        rows = cells.map { row in shown.map { row[$0] } }
        totals = sums.map { row in shown.map { row[$0] } }
    }

    /// The aligned table.
    func drawn() -> String {
        let lines = rows + (totals.map { [$0] } ?? [])
        let digits = columns.indices.map { column in
            lines.map { ReportSheet.digits($0[column]) }.max() ?? 0
        }
        func shown(_ row: [TableCell]) -> [TableCell] {
            zip(row, digits).map { .text(ReportSheet.text($0, digits: $1)) }
        }
        return TextTable(
            titles: titles,
            rows: rows.map(shown),
            totals: totals.map(shown),
            isRight: columns.map(\.isNumber)
        ).rendered()
    }

    /// The digits behind the point that a value needs.
    private static func digits(_ cell: TableCell) -> Int {
        switch cell {
        case .quantity(let value): needed(value.rawValue, scale: 3)
        case .unitPrice(let value): max(2, needed(value.rawValue, scale: 4))
        case .unitCost(let value): max(2, needed(value.rawValue, scale: 6))
        case .rate(let value): needed(hundredths(value), scale: 2)
        default: 0
        }
    }

    private static func needed(_ value: Int64, scale: Int) -> Int {
        var (value, left) = (value, scale)
        while left > 0, value % 10 == 0 {
            value /= 10
            left -= 1
        }
        return left
    }

    /// Unit: hundredths of a percent, rounded half away from zero.
    private static func hundredths(_ rate: Rate) -> Int64 {
        let (whole, rest) = rate.rawValue.quotientAndRemainder(dividingBy: 100)
        return rest >= 50 ? whole + 1 : rest <= -50 ? whole - 1 : whole
    }

    private static func text(_ cell: TableCell, digits: Int) -> String {
        func format(_ value: Int64, _ scale: Int) -> String {
            DecimalText.format(value, scale: scale, fraction: digits, isGrouped: true)
        }
        return switch cell {
        case .integer(let value): format(value, 0)
        case .quantity(let value): format(value.rawValue, 3)
        case .unitPrice(let value): format(value.rawValue, 4)
        case .unitCost(let value): format(value.rawValue, 6)
        case .rate(let value): format(hundredths(value), 2) + "%"
        default: cell.shownText
        }
    }
}
