// Tabular: one sheet of a workbook as XML.
// Must not write a number that a spreadsheet would shorten: beyond 15 digits it becomes a text.

import Kernel

/// A sheet being written.
struct SheetXML {
    static let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    static let rowsMax = 1_048_576
    static let columnsMax = 16_384
    static let charactersMax = 32_767
    /// Spreadsheets keep 15 significant digits.
    private static let exactMax: Int64 = 999_999_999_999_999

    private var xml: [UInt8] = []
    private var row = 0

    init() {}

    /// Writes everything up to the end of the rows.
    mutating func begin(
        titles: [String],
        rows: [[TableCell]],
        totals: [TableCell]?
    ) throws(TableFault) {
        let height = rows.count + 1 + (totals == nil ? 0 : 1)
        guard height <= Self.rowsMax else {
            throw TableFault(.tooLarge, line: 0, "more than \(Self.rowsMax) rows in a sheet")
        }
        put("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")
        put("<worksheet xmlns=\"\(Self.namespace)\"><sheetViews><sheetView workbookViewId=\"0\">")
        put("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>")
        put("</sheetView></sheetViews>")
        putWidths(titles, rows, totals)
        put("<sheetData>")
        try putRow(titles.map { .text($0) }) { _ in .title }
        for cells in rows { try putRow(cells) { SheetStyle.of($0, isTotal: false) } }
        if let totals { try putRow(totals) { SheetStyle.of($0, isTotal: true) } }
    }

    /// The sheet.
    consuming func finished() -> [UInt8] {
        put("</sheetData></worksheet>")
        return xml
    }

    private mutating func put(_ text: String) { xml += text.utf8 }

    /// The widths of the columns, by the titles, the totals and the first thousand rows.
    private mutating func putWidths(
        _ titles: [String],
        _ rows: [[TableCell]],
        _ totals: [TableCell]?
    ) {
        var widths = titles.map { TextWidth.of($0) }
        for cells in Array(rows.prefix(1_000)) + (totals.map { [$0] } ?? []) {
            for (index, cell) in cells.enumerated() where index < widths.count {
                widths[index] = max(widths[index], TextWidth.of(cell.shownText))
            }
        }
        guard !widths.isEmpty else { return }
        put("<cols>")
        for (index, width) in widths.enumerated() {
            put("<col min=\"\(index + 1)\" max=\"\(index + 1)\"")
            put(" width=\"\(min(max(width, 6), 60) + 2)\" customWidth=\"1\"/>")
        }
        put("</cols>")
    }

    private mutating func putRow(
        _ cells: [TableCell],
        style: (TableCell) -> SheetStyle
    ) throws(TableFault) {
        row += 1
        guard cells.count <= Self.columnsMax else {
            throw TableFault(.tooLarge, line: row, "more than \(Self.columnsMax) columns")
        }
        put("<row r=\"\(row)\">")
        for (index, cell) in cells.enumerated() where cell != .empty {
            put("<c r=\"\(Self.columnName(index))\(row)\"")
            if let number = Self.number(cell) {
                put(" s=\"\(style(cell).rawValue)\"><v>\(number)</v></c>")
            } else {
                let text = cell.plainText
                guard text.utf16.count <= Self.charactersMax else {
                    throw TableFault(.tooLarge, line: row, "a text too long for a cell")
                }
                let isBold = style(cell) == .title || style(cell).rawValue >= Self.firstTotal
                let used: SheetStyle =
                    style(cell) == .title ? .title : isBold ? .totalText : .text
                put(" s=\"\(used.rawValue)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">")
                put(Self.escaped(text))
                put("</t></is></c>")
            }
        }
        put("</row>")
    }

    private static let firstTotal = SheetStyle.totalText.rawValue

    /// The number a cell holds, nil where it is to be a text.
    private static func number(_ cell: TableCell) -> String? {
        switch cell {
        case .text, .empty: nil
        case .integer(let value): exact(value, "\(value)")
        case .fen(let value): exact(value.rawValue, value.description)
        case .quantity(let value): exact(value.rawValue, value.description)
        case .unitPrice(let value): exact(value.rawValue, value.description)
        case .unitCost(let value): exact(value.rawValue, value.description)
        case .rate(let value):
            exact(value.rawValue, DecimalText.format(value.rawValue, scale: 6, fraction: 0))
        case .date(let value): serial(value).map { "\($0)" }
        case .time(let value): serial(value)
        }
    }

    private static func exact(_ value: Int64, _ text: String) -> String? {
        value.magnitude <= exactMax.magnitude ? text : nil
    }

    /// The days since 1899-12-30, which is how spreadsheets count.
    ///
    /// Nil before 1900-03-01, where they count a day that never was.
    private static func serial(_ date: CivilDate) -> Int? {
        let days = Int(date.dayNumber) + 25_569
        return days >= 61 && date <= .last ? days : nil
    }

    /// The days and the part of a day, in China time.
    private static func serial(_ time: WallTime) -> String? {
        let date = time.date()
        guard let days = serial(date) else { return nil }
        let midnight = Int64(date.dayNumber) * 86_400_000 - 8 * 3_600_000
        let part = Int128(time.milliseconds - midnight) * 1_000_000_000 / 86_400_000
        return DecimalText.format(Int64(days) * 1_000_000_000 + Int64(part), scale: 9, fraction: 0)
    }

    /// The name of a column: A, B … Z, AA ….
    static func columnName(_ index: Int) -> String {
        var name: [UInt8] = []
        var rest = index + 1
        while rest > 0 {
            rest -= 1
            name.insert(UInt8(ascii: "A") + UInt8(rest % 26), at: 0)
            rest /= 26
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The text inside XML; what XML 1.0 cannot hold is written as spreadsheets do, `_x001B_`.
    static func escaped(_ text: String) -> String {
        var result = ""
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "_" where isEscape(scalars, index): result += "_x005F_"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{FFFE}", "\u{FFFF}", "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "_x" + String(repeating: "0", count: 4 - digits.count) + digits + "_"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// True where the text itself reads `_xHHHH_` and would be taken for an escape.
    private static func isEscape(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        guard index + 6 < scalars.count, scalars[index + 1] == "x", scalars[index + 6] == "_"
        else { return false }
        return scalars[(index + 2)...(index + 5)].allSatisfy { $0.properties.isASCIIHexDigit }
    }
}
