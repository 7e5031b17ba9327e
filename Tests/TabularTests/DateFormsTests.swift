// The forms of dates: those that are read, those only on request, and what is refused.

import Kernel
import Testing

@testable import Tabular

@Suite("Dates in tables")
struct DateFormsTests {
    @Test(
        "the usual forms are read",
        arguments: [
            "2026-11-23", "2026/11/23", "20261123", "2026年11月23日", "2026-11-23 00:00:00.0",
            "2026-11-23T14:05", "2026/11/23 9:05:59",
        ]
    )
    func usual(_ text: String) throws {
        #expect(try DateForms.usual.parse(text) == CivilDate(year: 2026, month: 11, day: 23))
    }

    @Test("days and months of one digit are read where a form is written so")
    func oneDigit() throws {
        let day = CivilDate(year: 2026, month: 1, day: 5)
        #expect(try DateForms.usual.parse("2026/1/5") == day)
        #expect(try DateForms.usual.parse("2026年1月5日") == day)
        #expect(try DateForms.usual.parse("2026-1-5") == day)
        #expect(try DateForms.usual.parse("2026-1-05 8:30") == day)
        #expect(throws: DateFault.self) { try DateForms.usual.parse("2026-001-5") }
        #expect(throws: DateFault.self) { try DateForms.usual.parse("26-1-5") }
    }

    @Test("forms that could mean two days are read only when asked for")
    func onRequest() throws {
        let day = CivilDate(year: 2026, month: 11, day: 3)
        #expect(throws: DateFault.self) { try DateForms.usual.parse("03.11.2026") }
        #expect(throws: DateFault.self) { try DateForms.usual.parse("11/03/2026") }
        #expect(try DateForms.dayFirst.parse("03.11.2026") == day)
        #expect(try DateForms.dayFirst.parse("3.11.2026") == day)
        #expect(try DateForms.monthFirst.parse("11/3/2026") == day)
        #expect(throws: DateFault.self) { try DateForms.dayFirst.parse("2026-11-03") }
        #expect(throws: DateFault.self) { try DateForms.iso.parse("2026/11/03") }
    }

    @Test(
        "what is no date is refused",
        arguments: [
            "", " ", "2026", "2026-11", "2026-11-23x", " 2026-11-23", "2026-11/23", "26-11-23",
            "2026-11-23 24:00:00", "2026-11-23 14:60", "2026-11-23 14:05:00.", "2026-11-23 ",
            "2026年11月", "2026月11年23日", "2026.11.23", "23-11-2026", "202611234", "2026112",
            "-2026-11-23", "２０２６-11-23", "99999999999999999999", "2026-11-23 14",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: DateFault.self) { try DateForms.usual.parse(text) }
    }

    @Test("a day that is not in the calendar is told from a text that is no date")
    func noSuchDay() {
        for text in ["2026-02-30", "20260230", "2026/2/30", "2026年13月1日", "0000-01-01"] {
            #expect { try DateForms.usual.parse(text) } throws: { error in
                (error as? DateFault)?.reason == .noSuchDay
            }
        }
    }

    @Test("every form has a name")
    func names() {
        for name in DateForms.names { #expect(DateForms(name: name) != nil, "\(name)") }
        #expect(DateForms(name: "yy") == nil)
    }
}
