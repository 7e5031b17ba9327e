// Tabular: a workbook of one or more sheets, as spreadsheets open it.
// Source: ECMA-376 part 1 (SpreadsheetML). Numbers are cells of numbers; texts are inline strings,
// which no spreadsheet takes for a formula.

/// A workbook being written; the same sheets always give the same bytes.
package struct XLSXWriter: Sendable {
    private var sheets: [(name: String, xml: [UInt8])] = []

    package init() {}

    /// Adds a sheet with its titles in the first row, which stays in view, and totals in the last.
    ///
    /// Throws: `tooLarge` for what a sheet cannot hold: 1,048,576 rows, 16,384 columns, 32,767
    /// characters in a cell.
    package mutating func addSheet(
        _ name: String,
        titles: [String],
        rows: [[TableCell]],
        totals: [TableCell]? = nil
    ) throws(TableFault) {
        var sheet = SheetXML()
        try sheet.begin(titles: titles, rows: rows, totals: totals)
        sheets.append((name: uniqueName(name), xml: sheet.finished()))
    }

    /// The file.
    package func finished() throws(TableFault) -> [UInt8] {
        precondition(!sheets.isEmpty, "a workbook of one sheet at least")
        var zip = ZipArchive()
        try zip.add("[Content_Types].xml", Array(contentTypes.utf8))
        try zip.add("_rels/.rels", Array(Self.packageRelations.utf8))
        try zip.add("xl/workbook.xml", Array(workbook.utf8))
        try zip.add("xl/_rels/workbook.xml.rels", Array(workbookRelations.utf8))
        try zip.add("xl/styles.xml", Array(SheetStyle.xml.utf8))
        for (index, sheet) in sheets.enumerated() {
            try zip.add("xl/worksheets/sheet\(index + 1).xml", sheet.xml)
        }
        return zip.finished()
    }

    // MARK: - Parts

    private static let declaration =
        #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"# + "\n"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006"
    private static let opened = "http://schemas.openxmlformats.org/package/2006"
    private static let spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    private var contentTypes: String {
        var xml = Self.declaration
        xml += "<Types xmlns=\"\(Self.opened)/content-types\">"
        xml += "<Default Extension=\"rels\""
        xml += " ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        xml += "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        xml += Self.override("/xl/workbook.xml", "sheet.main")
        xml += Self.override("/xl/styles.xml", "styles")
        for index in sheets.indices {
            xml += Self.override("/xl/worksheets/sheet\(index + 1).xml", "worksheet")
        }
        return xml + "</Types>"
    }

    private static func override(_ part: String, _ type: String) -> String {
        "<Override PartName=\"\(part)\" ContentType=\"\(spreadsheet).\(type)+xml\"/>"
    }

    private static let packageRelations =
        declaration + "<Relationships xmlns=\"\(opened)/relationships\">"
        + relation(1, "officeDocument", "xl/workbook.xml") + "</Relationships>"

    private static func relation(_ number: Int, _ type: String, _ target: String) -> String {
        "<Relationship Id=\"rId\(number)\" Type=\"\(office)/relationships/\(type)\""
            + " Target=\"\(target)\"/>"
    }

    private var workbookRelations: String {
        var xml = Self.declaration + "<Relationships xmlns=\"\(Self.opened)/relationships\">"
        for index in sheets.indices {
            xml += Self.relation(index + 1, "worksheet", "worksheets/sheet\(index + 1).xml")
        }
        xml += Self.relation(sheets.count + 1, "styles", "styles.xml")
        return xml + "</Relationships>"
    }

    private var workbook: String {
        var xml = Self.declaration + "<workbook xmlns=\"\(SheetXML.namespace)\""
        xml += " xmlns:r=\"\(Self.office)/relationships\"><sheets>"
        for (index, sheet) in sheets.enumerated() {
            xml += "<sheet name=\"\(SheetXML.escaped(sheet.name))\""
            xml += " sheetId=\"\(index + 1)\" r:id=\"rId\(index + 1)\"/>"
        }
        return xml + "</sheets></workbook>"
    }

    /// The name as a sheet may bear it: 31 UTF-16 units, without `[]:*?/\`, no other sheet's.
    private func uniqueName(_ name: String) -> String {
        var cleaned = ""
        for character in TextWidth.printable(name) where !"[]:*?/\\".contains(character) {
            cleaned.append(character)
        }
        while cleaned.first == "'" { cleaned.removeFirst() }
        while cleaned.last == "'" { cleaned.removeLast() }
        if cleaned.allSatisfy({ $0 == " " }) { cleaned = "Sheet" }
        var number = 1
        while true {
            let suffix = number == 1 ? "" : " \(number)"
            var tried = cleaned
            while tried.utf16.count + suffix.utf16.count > 31 { tried.removeLast() }
            tried += suffix
            let isTaken = sheets.contains { $0.name.lowercased() == tried.lowercased() }
            if !isTaken { return tried }
            number += 1
        }
    }
}

/// The styles of cells, by their index in `cellXfs`.
enum SheetStyle: Int {
    case text = 0
    case title, integer, fen, quantity, unitPrice, unitCost, rate, date, time
    case totalText, totalInteger, totalFen, totalQuantity, totalUnitPrice, totalUnitCost
    case totalRate, totalDate, totalTime

    /// The number formats, in the order of the styles; totals repeat them in bold.
    private static let formats = [
        "", "0", "#,##0.00", "#,##0.000", "#,##0.0000", "#,##0.000000", "0.00%",
        "yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd\\ hh:mm:ss",
    ]

    static let xml: String = {
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
        xml +=
            "<styleSheet xmlns=\"\(SheetXML.namespace)\"><numFmts count=\"\(formats.count - 1)\">"
        for (index, code) in formats.enumerated().dropFirst() {
            xml += "<numFmt numFmtId=\"\(163 + index)\" formatCode=\"\(SheetXML.escaped(code))\"/>"
        }
        xml += "</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
        xml += "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
        xml += "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
        xml += "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
        xml += "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border>"
        xml += "</borders><cellStyleXfs count=\"1\">"
        xml += "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
        xml += "<cellXfs count=\"\(2 * formats.count + 1)\">" + format(0, isBold: false)
        xml += format(0, isBold: true)
        for index in 1..<formats.count { xml += format(index, isBold: false) }
        for index in 0..<formats.count { xml += format(index, isBold: true) }
        xml += "</cellXfs><cellStyles count=\"1\">"
        xml += "<cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>"
        return xml
    }()

    private static func format(_ index: Int, isBold: Bool) -> String {
        let id = index == 0 ? 0 : 163 + index
        return "<xf numFmtId=\"\(id)\" fontId=\"\(isBold ? 1 : 0)\" fillId=\"0\" borderId=\"0\""
            + " xfId=\"0\"\(id == 0 ? "" : " applyNumberFormat=\"1\"")"
            + "\(isBold ? " applyFont=\"1\"" : "")/>"
    }

    /// The style of a cell, in the totals' row or not.
    static func of(_ cell: TableCell, isTotal: Bool) -> SheetStyle {
        switch cell {
        case .text, .empty: isTotal ? .totalText : .text
        case .integer: isTotal ? .totalInteger : .integer
        case .fen: isTotal ? .totalFen : .fen
        case .quantity: isTotal ? .totalQuantity : .quantity
        case .unitPrice: isTotal ? .totalUnitPrice : .unitPrice
        case .unitCost: isTotal ? .totalUnitCost : .unitCost
        case .rate: isTotal ? .totalRate : .rate
        case .date: isTotal ? .totalDate : .date
        case .time: isTotal ? .totalTime : .time
        }
    }
}
