// Reports as text for a terminal, as CSV, workbooks and JSON. Money in JSON is fen, else yuan.
// Must not draw tables or quote fields itself: Tabular does.

import Kernel
package import Module
package import Tabular

/// The form of a report.
package enum ReportFormat: String, Sendable, CaseIterable {
    case table, csv, json, xlsx
}

/// Renders report tables.
package enum ReportText {
    /// The cell as a person reads it.
    package static func text(_ cell: ReportCell) -> String { cell.tableCell(.english).shownText }

    /// An aligned table with title and completeness line.
    package static func table(_ result: ReportResult, _ language: Language) -> String {
        let table = result.table
        let isChinese = language == .chinese
        var text = result.heading(language) + "\n"
        text += result.completenessLine(language) + "\n"
        text += ReportSheet(table, language).drawn()
        if table.rows.isEmpty { text += isChinese ? "（没有数据）\n" : "(no data)\n" }
        for note in table.notes { text += (isChinese ? note.chinese : note.english) + "\n" }
        return text
    }

    /// RFC 4180, with the columns' keys as its header; formulas in text are disarmed.
    package static func csv(_ result: ReportResult, _ language: Language) -> String {
        var writer = CSVWriter()
        writer.row(texts: result.table.columns.map(\.key))
        for row in result.table.rows { writer.row(row.map { $0.tableCell(language) }) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A workbook: the report on the first sheet, how complete it is and its notes on the second.
    ///
    /// Throws: `TableFault` for what a sheet cannot hold.
    package static func xlsx(
        _ result: ReportResult,
        _ language: Language
    ) throws(TableFault) -> [UInt8] {
        let table = result.table
        let isChinese = language == .chinese
        var book = XLSXWriter()
        let sheet = ReportSheet(table, language)
        try book.addSheet(
            isChinese ? table.title.chinese : table.title.english,
            titles: sheet.titles,
            rows: sheet.rows,
            totals: sheet.totals
        )
        var rows: [[TableCell]] = result.completeness.map { branch in
            [
                .text(branch.code), .text(branch.name), .text(branch.stateText(isChinese)),
                branch.through.map(TableCell.date) ?? .empty,
                branch.lastContact.map(TableCell.time) ?? .empty,
            ]
        }
        rows.append([.text(result.heading(language))])
        rows.append([.text(result.completenessLine(language))])
        for note in table.notes { rows.append([.text(isChinese ? note.chinese : note.english)]) }
        try book.addSheet(
            isChinese ? "数据是否到齐" : "Completeness",
            titles: isChinese
                ? ["门店编码", "门店", "状态", "到齐至", "最后联系"]
                : ["Code", "Store", "State", "Complete through", "Last heard from"],
            rows: rows
        )
        return try book.finished()
    }

    /// One object: name, columns, rows, totals, completeness; money in fen.
    package static func json(_ result: ReportResult, _ language: Language) -> String {
        let table = result.table
        let columns = table.columns.map { column in
            "{\"key\":\(JSONText.quoted(column.key))"
                + ",\"zh\":\(JSONText.quoted(column.title.chinese))"
                + ",\"en\":\(JSONText.quoted(column.title.english))"
                + ",\"type\":\(JSONText.quoted(column.kind.rawValue))}"
        }
        let rows = table.rows.map { jsonRow($0, table.columns, language) }
        var text = "{\"report\":\(JSONText.quoted(result.name))"
        if let period = table.period {
            text += ",\"from\":\"\(period.from)\",\"to\":\"\(period.to)\""
        }
        text += ",\"columns\":["
        text += columns.joined(separator: ",") + "],\"rows\":[" + rows.joined(separator: ",") + "]"
        if let totals = table.totals {
            text += ",\"totals\":\(jsonRow(totals, table.columns, language))"
        }
        let branches = result.completeness.map { branch in
            "{\"branch\":\(JSONText.quoted(branch.code)),\"name\":\(JSONText.quoted(branch.name))"
                + ",\"complete\":\(branch.isComplete),\"state\":\"\(branch.state.rawValue)\""
                + ",\"through\":\(branch.through.map { JSONText.quoted("\($0)") } ?? "null")"
                + ",\"last_contact\":"
                + (branch.lastContact.map { JSONText.quoted("\($0)") } ?? "null") + "}"
        }
        text += ",\"completeness\":[" + branches.joined(separator: ",") + "]"
        if result.behind > 0 { text += ",\"behind\":\(result.behind)" }
        text += "}\n"
        return text
    }

    private static func jsonRow(
        _ row: [ReportCell],
        _ columns: [ReportColumn],
        _ language: Language
    ) -> String {
        "{"
            + zip(columns, row).map { column, cell in
                "\(JSONText.quoted(column.key)):\(jsonCell(cell, language))"
            }.joined(separator: ",") + "}"
    }

    private static func jsonCell(_ cell: ReportCell, _ language: Language) -> String {
        switch cell {
        case .integer(let value): String(value)
        case .fen(let value): String(value.rawValue)
        case .empty: "null"
        default: JSONText.quoted(cell.tableCell(language).plainText)
        }
    }
}

extension ReportCell {
    /// The cell as tables are written, its words in a language.
    package func tableCell(_ language: Language) -> TableCell {
        switch self {
        case .words(let text): .text(language == .chinese ? text.chinese : text.english)
        case .text(let value): .text(value)
        case .integer(let value): .integer(value)
        case .fen(let value): .fen(value)
        case .quantity(let value): .quantity(value)
        case .unitPrice(let value): .unitPrice(value)
        case .unitCost(let value): .unitCost(value)
        case .rate(let value): .rate(value)
        case .date(let value): .date(value)
        case .time(let value): .time(value)
        case .empty: .empty
        }
    }
}

extension ReportColumn {
    /// True for what stands at the right of its column.
    var isNumber: Bool {
        switch kind {
        case .text, .date, .time: false
        case .integer, .fen, .quantity, .rate, .unitPrice, .unitCost: true
        }
    }
}
