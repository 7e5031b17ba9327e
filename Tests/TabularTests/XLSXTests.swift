// Workbooks: the checksum and the archive by the byte, and what other programs make of them.

import Foundation
import Kernel
import Testing

@testable import Tabular

@Suite("XLSX writer")
struct XLSXTests {
    /// A workbook with a cell of each kind and the texts that break careless writers.
    static func sample() throws -> [UInt8] {
        let day = try CivilDate(parsing: "2026-11-23")
        var book = XLSXWriter()
        try book.addSheet(
            "销售/日报",
            titles: ["text", "integer", "money", "quantity", "rate", "date", "time", "big"],
            rows: [
                [
                    .text("=1+1 <&\"门店\"> \u{1B} _x0041_ 😀"), .integer(-7),
                    .fen(Fen(-123_456)),
                    .quantity(Quantity(1_250)), .rate(Rate(130_000)), .date(day),
                    .time(WallTime(milliseconds: 1_795_413_600_000)),
                    .integer(9_007_199_254_740_993),
                ],
                [.text(" space "), .empty, .unitPrice(UnitPrice(28_500))],
            ],
            totals: [.text("合计"), .empty, .fen(Fen(-123_456))]
        )
        try book.addSheet("销售日报", titles: ["a"], rows: [])
        return try book.finished()
    }

    @Test("the checksum of the published check string")
    func checksum() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
    }

    @Test("columns are named as spreadsheets name them")
    func columnNames() {
        #expect(SheetXML.columnName(0) == "A")
        #expect(SheetXML.columnName(25) == "Z")
        #expect(SheetXML.columnName(26) == "AA")
        #expect(SheetXML.columnName(701) == "ZZ")
        #expect(SheetXML.columnName(702) == "AAA")
        #expect(SheetXML.columnName(16_383) == "XFD")
    }

    @Test("texts are escaped, and what reads like an escape too")
    func escapes() {
        #expect(SheetXML.escaped("a&<>\"\u{1B}\r") == "a&amp;&lt;&gt;&quot;_x001B__x000D_")
        #expect(SheetXML.escaped("_x0041_ _x") == "_x005F_x0041_ _x")
    }

    @Test("the same tables give the same bytes")
    func deterministic() throws {
        #expect(try Self.sample() == Self.sample())
    }

    @Test("what a sheet cannot hold is refused")
    func limits() throws {
        var book = XLSXWriter()
        let long = String(repeating: "长", count: 32_767)
        try book.addSheet("a", titles: [long], rows: [])
        #expect(throws: TableFault.self) { try book.addSheet("b", titles: [long + "x"], rows: []) }
        let wide = [String](repeating: "", count: 16_385)
        #expect(throws: TableFault.self) { try book.addSheet("b", titles: wide, rows: []) }
        #expect(throws: TableFault.self) {
            try book.addSheet("b", titles: ["a"], rows: Array(repeating: [], count: 1_048_576))
        }
    }

    @Test("Python unpacks it, and finds the values", .enabled(if: Program.python != nil))
    func python() throws {
        // Skipped where there is no python3.
        let script = """
            import sys, zipfile, xml.etree.ElementTree as E
            z = zipfile.ZipFile(sys.argv[1])
            assert z.testzip() is None
            for name in z.namelist(): E.fromstring(z.read(name))
            n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
            book = E.fromstring(z.read('xl/workbook.xml'))
            print('|'.join(s.get('name') for s in book.iter(n + 'sheet')))
            sheet = E.fromstring(z.read('xl/worksheets/sheet1.xml'))
            print('|'.join(c.get('r') + '=' + ''.join(c.itertext()) for c in sheet.iter(n + 'c')))
            """
        let output = try Program.run(Program.python, ["-c", script], on: Self.sample())
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.first == "销售日报|销售日报 2")
        let expected = [
            "A1=text", "A2==1+1 <&\"门店\"> _x001B_ _x005F_x0041_ 😀", "B2=-7", "C2=-1234.56",
            "D2=1.25", "E2=0.13", "F2=46349", "H2=9007199254740993", "A3= space ", "C3=2.85",
            "A4=合计", "C4=-1234.56",
        ]
        let cells = lines.last?.split(separator: "|").map(String.init) ?? []
        for cell in expected { #expect(cells.contains(cell), "\(cell)") }
    }

    @Test("openpyxl reads every value with its type", .enabled(if: Program.hasOpenpyxl))
    func openpyxl() throws {
        // Skipped where Python has no openpyxl.
        let script = """
            import sys, openpyxl
            book = openpyxl.load_workbook(sys.argv[1])
            for row in book.worksheets[0].iter_rows():
                print('|'.join(repr(c.value) + '~' + c.number_format for c in row))
            """
        let output = try Program.run(Program.python, ["-c", script], on: Self.sample())
        for cell in [
            "-7~0", "-1234.56~#,##0.00", "1.25~#,##0.000", "0.13~0.00%",
            "datetime.datetime(2026, 11, 23, 0, 0)~yyyy\\-mm\\-dd", "2.85~#,##0.0000",
            "'9007199254740993'~General", "' space '~General",
        ] {
            #expect(output.contains(cell), "\(cell)")
        }
    }

    @Test("LibreOffice opens it and shows it", .enabled(if: Program.office != nil))
    func libreOffice() throws {
        // Skipped where there is no soffice.
        let output = try Program.run(
            Program.office,
            ["--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"],
            on: Self.sample(),
            result: "sheet.csv"
        )
        for text in ["=1+1 <&", "_x0041_", "-1234.56", "2026-11-23", "合计"] {
            #expect(output.contains(text) || output.contains(text.replacing("-1", with: "-1,")))
        }
    }
}

/// Programs of others, where they are installed.
enum Program {
    static let python = find("python3")
    static let office = find("soffice")
    static let hasOpenpyxl: Bool =
        (try? run(python, ["-c", "import openpyxl; print('yes')"], on: []))?.hasPrefix("yes")
        ?? false

    private static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program on a file of these bytes; what it prints, or the file it makes beside.
    static func run(
        _ program: String?,
        _ arguments: [String],
        on bytes: [UInt8],
        result: String? = nil
    ) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("xlsx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("sheet.xlsx")
        try Data(bytes).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(program))
        process.arguments = arguments + [file.path]
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if let result {
            return try String(contentsOf: folder.appendingPathComponent(result), encoding: .utf8)
        }
        return String(decoding: output, as: UTF8.self)
    }
}
