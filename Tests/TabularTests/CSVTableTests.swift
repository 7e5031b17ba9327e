// Tables with a header: columns by name, fields as values, faults with line and column.

import Kernel
import Testing

@testable import Tabular

@Suite("CSV tables")
struct CSVTableTests {
    func table(_ text: String) throws(TableFault) -> CSVTable {
        try CSVTable(ByteSource(Array(text.utf8)))
    }

    func fault(_ body: () throws(TableFault) -> Void) -> TableFault? {
        do throws(TableFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("columns are found by name, whatever case, width or white space")
    func columns() throws {
        let table = try table("\u{FEFF} Code , ＳＲＰ,名称\nA1,2.85, 果汁 \n")
        let code = try table.column("code")
        let price = try table.column("srp")
        let name = try table.column("名称")
        #expect(try table.next())
        #expect(table.text(code) == "A1")
        #expect(try table.unitPrice(price) == UnitPrice(28_500))
        #expect(table.text(name) == "果汁")
        #expect(try table.optionalColumn("note") == nil)
        let missing = fault { () throws(TableFault) in _ = try table.column("sku") }
        #expect(missing?.reason == .missingColumn)
        #expect(missing?.description.contains("Code, ＳＲＰ, 名称") == true)
    }

    @Test("an amount may begin with the sign of the yuan, a quantity may not")
    func yuan() throws {
        let table = try table("a,b,c,d\n¥3.50,￥2.85,¥3,3¥\n")
        #expect(try table.next())
        #expect(try table.fen(table.column("a")) == Fen(350))
        #expect(try table.unitPrice(table.column("b")) == UnitPrice(28_500))
        let quantity = try table.column("c")
        let behind = try table.column("d")
        for column in [quantity, behind] {
            let found = fault { () throws(TableFault) in _ = try table.quantity(column) }
            #expect(found?.reason == .number)
        }
        let found = fault { () throws(TableFault) in _ = try table.fen(behind) }
        #expect(found?.reason == .number)
    }

    @Test("a column that stands twice is refused only when it is asked for")
    func twice() throws {
        let table = try table("a,b,A\n1,2,3\n")
        #expect(try table.column("b").index == 1)
        let found = fault { () throws(TableFault) in _ = try table.column("a") }
        #expect(found?.reason == .doubleColumn)
    }

    @Test("numbers are strict, and their faults name line, column and text")
    func numbers() throws {
        let table = try table("a,b\n1.5,12.345\n\"1,000\",abc\n,9999999999999\n")
        let first = try table.column("a")
        let second = try table.column("b")
        #expect(try table.next())
        #expect(try table.quantity(first) == Quantity(1_500))
        #expect(try table.fen(second, rounding: true) == Fen(1_235))
        #expect(fault { () throws(TableFault) in _ = try table.fen(second) }?.reason == .number)
        #expect(try table.next())
        let grouped = fault { () throws(TableFault) in _ = try table.fen(first) }
        #expect(
            grouped?.description == "line 3, column a: number: notANumber: \"1,000\""
        )
        #expect(grouped?.isOfOneRow == true)
        #expect(try table.next())
        #expect(fault { () throws(TableFault) in _ = try table.integer(first) }?.line == 4)
        #expect(fault { () throws(TableFault) in _ = try table.fen(second) }?.reason == .number)
        let needed = fault { () throws(TableFault) in _ = try table.requiredText(first) }
        #expect(needed?.reason == .empty)
    }

    @Test("zeros at the end of a number are no further digits")
    func zeros() throws {
        let table = try table("a,b\n2.0000,0.0000\n2.00010,2.\n-3.00,.00000\n100,200.00\n")
        let first = try table.column("a")
        let second = try table.column("b")
        #expect(try table.next())
        #expect(try table.quantity(first) == Quantity(2_000))
        #expect(try table.integer(first) == 2)
        #expect(try table.integer(second) == 0)
        #expect(try table.next())
        #expect(fault { () throws(TableFault) in _ = try table.quantity(first) } != nil)
        #expect(fault { () throws(TableFault) in _ = try table.integer(second) } != nil)
        #expect(try table.next())
        #expect(try table.integer(first) == -3)
        #expect(fault { () throws(TableFault) in _ = try table.quantity(second) } != nil)
        #expect(try table.next())
        #expect(try table.integer(first) == 100)
        #expect(try table.integer(second) == 200)
    }

    @Test("dates and yes or no are read")
    func datesAndBooleans() throws {
        let table = try table("d,x\n1997-01-05 00:00:00.0,是\n1997-02-30,maybe\n")
        let date = try table.column("d")
        let flag = try table.column("x")
        #expect(try table.next())
        #expect(try table.date(date) == CivilDate(year: 1997, month: 1, day: 5))
        #expect(try table.boolean(flag))
        #expect(try table.next())
        #expect(fault { () throws(TableFault) in _ = try table.date(date) }?.reason == .date)
        #expect(fault { () throws(TableFault) in _ = try table.boolean(flag) }?.reason == .boolean)
    }

    @Test("a row with fewer or more fields than the header is refused alone")
    func fieldCount() throws {
        let table = try table("a,b\n1\n1,2,3\n1,2\n")
        for line in [2, 3] {
            let found = fault { () throws(TableFault) in _ = try table.next() }
            #expect(found?.reason == .fieldCount)
            #expect(found?.line == line)
            #expect(found?.isOfOneRow == true)
        }
        #expect(try table.next())
        #expect(try !table.next())
        #expect(table.rowCount == 3)
        try table.rewind()
        #expect(table.rowCount == 0)
        #expect(fault { () throws(TableFault) in _ = try table.next() }?.line == 2)
    }

    @Test("a file without a line has no header")
    func empty() {
        let found = fault { () throws(TableFault) in _ = try table("\n\n") }
        #expect(found?.reason == .noHeader)
    }

    @Test("what a fault quotes cannot steer a terminal, and is cut")
    func quoted() {
        #expect(TableFault.quoted("a\u{1B}[31mb\u{202E}") == "\"a\u{FFFD}[31mb\u{FFFD}\"")
        #expect(TableFault.quoted(String(repeating: "长", count: 41)).count == 43)
    }
}
