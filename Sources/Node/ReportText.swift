// Reports as text for a terminal, as CSV and as JSON. Money in JSON is fen, in text it is yuan.

import Kernel
package import Module

/// The form of a report.
package enum ReportFormat: String, Sendable, CaseIterable {
    case table, csv, json, xlsx
}

/// Renders report tables.
package enum ReportText {
    /// The cell as a person reads it.
    package static func text(_ cell: ReportCell) -> String {
        switch cell {
        case .text(let value): value
        case .integer(let value): String(value)
        case .fen(let value): value.grouped()
        case .quantity(let value): value.description
        case .unitPrice(let value): value.description
        case .rate(let value): value.description
        case .date(let value): value.description
        case .time(let value): value.dateTimeText()
        case .empty: ""
        }
    }

    /// The cell as a program reads it: no grouping.
    package static func plain(_ cell: ReportCell) -> String {
        if case .fen(let value) = cell { return value.description }
        return text(cell)
    }

    /// An aligned table with title and completeness line.
    package static func table(_ result: ReportResult, _ language: Language) -> String {
        let table = result.table
        let isChinese = language == .chinese
        let heads = table.columns.map { isChinese ? $0.title.chinese : $0.title.english }
        var lines = [isChinese ? table.title.chinese : table.title.english]
        lines.append(result.completenessLine(language))
        let body = table.rows.map { $0.map(text) }
        let totals = table.totals.map { $0.map(text) }
        let widths = heads.indices.map { column in
            ([heads[column]] + body.map { $0[column] } + (totals.map { [$0[column]] } ?? []))
                .map(DisplayWidth.of).max() ?? 0
        }
        let areRight = table.columns.map { isRightAligned($0.kind) }
        func line(_ cells: [String]) -> String {
            zip(zip(cells, widths), areRight).map { pair, isRight in
                DisplayWidth.pad(pair.0, to: pair.1, isRight: isRight)
            }.joined(separator: "  ").trimmingEnd()
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        lines += [line(heads), rule]
        lines += body.map(line)
        if let totals { lines += [rule, line(totals)] }
        if body.isEmpty { lines.append(isChinese ? "（没有数据）" : "(no data)") }
        lines += table.notes.map { isChinese ? $0.chinese : $0.english }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func isRightAligned(_ kind: ReportColumn.Kind) -> Bool {
        switch kind {
        case .text, .date, .time: false
        case .integer, .fen, .quantity, .rate, .unitPrice: true
        }
    }

    /// RFC 4180, with the columns' keys as its header; formulas in text are disarmed.
    package static func csv(_ result: ReportResult) -> String {
        var text = result.table.columns.map { quoted($0.key) }.joined(separator: ",") + "\r\n"
        for row in result.table.rows {
            text += row.map(csvCell).joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func csvCell(_ cell: ReportCell) -> String {
        let text = plain(cell)
        guard case .text = cell, let first = text.utf8.first else { return quoted(text) }
        let isFormula = [0x3d, 0x2b, 0x2d, 0x40, 0x09, 0x0d].contains(first)
        return quoted(isFormula ? "'" + text : text)
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
        if !needsQuotes { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    /// One object: name, columns, rows, totals, completeness; money in fen.
    package static func json(_ result: ReportResult) -> String {
        let table = result.table
        let columns = table.columns.map { column in
            "{\"key\":\(JSONText.quoted(column.key))"
                + ",\"zh\":\(JSONText.quoted(column.title.chinese))"
                + ",\"en\":\(JSONText.quoted(column.title.english))"
                + ",\"type\":\(JSONText.quoted(column.kind.rawValue))}"
        }
        let rows = table.rows.map { jsonRow($0, table.columns) }
        var text = "{\"report\":\(JSONText.quoted(result.name)),\"columns\":["
        text += columns.joined(separator: ",") + "],\"rows\":[" + rows.joined(separator: ",") + "]"
        if let totals = table.totals { text += ",\"totals\":\(jsonRow(totals, table.columns))" }
        let branches = result.completeness.map { branch in
            "{\"branch\":\(JSONText.quoted(branch.code)),\"name\":\(JSONText.quoted(branch.name))"
                + ",\"complete\":\(branch.isComplete)"
                + ",\"through\":\(branch.through.map { JSONText.quoted("\($0)") } ?? "null")"
                + ",\"last_contact\":"
                + (branch.lastContact.map { JSONText.quoted("\($0)") } ?? "null") + "}"
        }
        text += ",\"completeness\":[" + branches.joined(separator: ",") + "]}\n"
        return text
    }

    private static func jsonRow(_ row: [ReportCell], _ columns: [ReportColumn]) -> String {
        "{"
            + zip(columns, row).map { column, cell in
                "\(JSONText.quoted(column.key)):\(jsonCell(cell))"
            }.joined(separator: ",") + "}"
    }

    private static func jsonCell(_ cell: ReportCell) -> String {
        switch cell {
        case .integer(let value): String(value)
        case .fen(let value): String(value.rawValue)
        case .empty: "null"
        default: JSONText.quoted(plain(cell))
        }
    }
}

/// How many columns of a terminal a text takes: East Asian wide characters take two.
package enum DisplayWidth {
    /// The width of a text.
    package static func of(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x300...0x36f, 0x200b...0x200f: 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff,
            0x20000...0x3fffd:
            2
        default: 1
        }
    }

    /// The text padded to a width.
    package static func pad(_ text: String, to width: Int, isRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(width - of(text), 0))
        return isRight ? space + text : text + space
    }
}

extension String {
    /// Without spaces at the end.
    func trimmingEnd() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
