// CSV and tables of text as they are written.

import Kernel
import Testing

@testable import Tabular

@Suite("Tables written")
struct WriterTests {
    func csv(_ cells: [TableCell], delimiter: UInt8 = UInt8(ascii: ",")) -> String {
        var writer = CSVWriter(delimiter: delimiter)
        writer.row(cells)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("fields are quoted only where they must be, lines end in CRLF")
    func csvFields() {
        #expect(csv([.text("a"), .text("b,c"), .text("d\"e")]) == "a,\"b,c\",\"d\"\"e\"\r\n")
        #expect(csv([.text("b,c"), .text("d;e")], delimiter: 59) == "b,c;\"d;e\"\r\n")
        #expect(csv([.text("two\nlines"), .text(" x")]) == "\"two\nlines\",\" x\"\r\n")
        #expect(csv([.empty, .empty]) == ",\r\n")
        #expect(csv([.empty]) == "\"\"\r\n")
    }

    @Test("a text that a spreadsheet would compute gets an apostrophe, a number never")
    func formulas() {
        for start in ["=", "+", "-", "@", "\t"] {
            #expect(csv([.text(start + "1"), .text("x")]) == "'\(start)1,x\r\n")
        }
        #expect(csv([.text("\r=1"), .text("x")]) == "\"'\r=1\",x\r\n")
        #expect(csv([.fen(Fen(-1_205)), .integer(-3)]) == "-12.05,-3\r\n")
        #expect(csv([.text("a=b"), .text("'x")]) == "a=b,'x\r\n")
    }

    @Test("values are written exactly")
    func values() throws {
        let day = try CivilDate(parsing: "2026-11-23")
        #expect(
            csv([
                .fen(Fen(123_456_700)), .quantity(Quantity(1_250)), .unitPrice(UnitPrice(28_500)),
                .unitCost(UnitCost(1_234_567)), .rate(Rate(130_000)), .date(day),
            ]) == "1234567.00,1.25,2.85,1.234567,13%,2026-11-23\r\n"
        )
    }

    @Test("a byte order mark is written once, and pieces can be drained")
    func mark() {
        var writer = CSVWriter(hasMark: true)
        writer.row([.empty])
        #expect(writer.drain() == [0xEF, 0xBB, 0xBF, 34, 34, 13, 10])
        writer.row(texts: ["b"])
        #expect(writer.drain() == [98, 13, 10])
    }

    @Test("East-Asian wide characters take two columns, combining ones none")
    func widths() {
        #expect(TextWidth.of("abc") == 3)
        #expect(TextWidth.of("门店abc") == 7)
        #expect(TextWidth.of("ＡＢ，") == 6)
        #expect(TextWidth.of("¥é") == 2)
        #expect(TextWidth.of("e\u{301}") == 1)
        #expect(TextWidth.of("한글カナｶﾅ") == 10)
        #expect(TextWidth.of("𠮷") == 2)
        #expect(TextWidth.of("😀") == 2)
        #expect(TextWidth.of("\u{1B}\u{200B}") == 0)
    }

    @Test("columns are aligned: texts to the left, numbers to the right, totals below a rule")
    func aligned() {
        let table = TextTable(
            titles: ["门店", "amount", "n"],
            rows: [
                [.text("城东店"), .fen(Fen(123_450)), .integer(7)],
                [.text("B"), .fen(Fen(-5)), .empty],
            ],
            totals: [.text("合计"), .fen(Fen(123_445)), .integer(7)]
        )
        #expect(
            table.rendered() == """
                门店      amount  n
                ------  --------  -
                城东店  1,234.50  7
                B          -0.05
                ------  --------  -
                合计    1,234.45  7

                """
        )
    }

    @Test("control characters of the data do not reach the terminal")
    func controls() {
        let table = TextTable(titles: ["a"], rows: [[.text("x\u{1B}[2Jy\nz\u{9B}")]])
        let text = table.rendered()
        #expect(text == "a\n---------\nx\u{FFFD}[2Jy z\u{FFFD}\n")
    }
}
