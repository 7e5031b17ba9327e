// The calendar, against a walk through 800 years one day at a time.

import Kernel
import Testing

struct CivilDateTests {
    @Test("Every day of 1600 to 2400 agrees with a walk from one day to the next")
    func walk() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        // 1600-01-01 was a Saturday, 135 140 days before 1970-01-01.
        var number: Int32 = -135_140
        var weekday = 6
        var wrong: [String] = []
        for year in 1_600...2_400 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            for month in 1...12 {
                let length = lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)
                let start = number
                for day in 1...length {
                    let date = CivilDate(dayNumber: number)
                    let (dateYear, dateMonth, dateDay) = date.parts
                    let isRight =
                        dateYear == year && dateMonth == month && dateDay == day
                        && date.weekday == weekday
                        && CivilDate(year: year, month: month, day: day) == date
                        && date.startOfMonth.dayNumber == start
                        && date.endOfMonth.dayNumber == start + Int32(length) - 1
                        && date.period.rawValue == Int32(year * 12 + month - 1)
                    if !isRight { wrong.append("\(year)-\(month)-\(day): \(date)") }
                    number += 1
                    weekday = weekday % 7 + 1
                }
                if CivilDate(year: year, month: month, day: length + 1) != nil {
                    wrong.append("\(year)-\(month) has a day too many")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
        #expect(CivilDate(dayNumber: number).description == "2401-01-01")
    }

    @Test("Known days have their numbers, weekdays and limits")
    func anchors() throws {
        #expect(try CivilDate(parsing: "1970-01-01").dayNumber == 0)
        #expect(try CivilDate(parsing: "2000-02-29").dayNumber == 11_016)
        #expect(try CivilDate(parsing: "2026-11-23").weekday == 1)
        #expect(try CivilDate(parsing: "0001-01-01") == .first)
        #expect(try CivilDate(parsing: "9999-12-31") == .last)
        #expect(try CivilDate(checked: -719_162) == .first)
        #expect(throws: DateFault(.outOfRange, "day -719163")) {
            try CivilDate(checked: -719_163)
        }
        #expect(throws: DateFault(.outOfRange, "day 2932897")) { try CivilDate(checked: 2_932_897) }
        #expect(throws: DateFault.self) { try CivilDate(checked: .min) }
    }

    @Test("Every number is a day, and its text is read back when the year has four digits")
    func roundTrip() {
        property(cases: 20_000) { random in
            let number = Int32(truncatingIfNeeded: random.anyInt64())
            let date = CivilDate(dayNumber: number)
            let (year, month, day) = date.parts
            try hold((1...12).contains(month) && (1...31).contains(day), "\(number): \(date)")
            if date.isWithinLimit {
                try hold(try CivilDate(parsing: date.description) == date, "\(number): \(date)")
                try hold(CivilDate(year: year, month: month, day: day) == date, "\(date)")
            } else {
                try hold(year < 1 || year > 9_999, "\(number) has year \(year)")
            }
        }
    }

    @Test(
        "Any other form of a date is refused",
        arguments: [
            "", "2026-1-1", "2026/11/23", "20261123", "2026-11-23 ", " 2026-11-23", "26-11-23",
            "2026-11-2x", "２０２６-11-23", "2026-11-23T00:00", "+026-11-23", "-001-01-01", "2026年1月",
        ]
    )
    func refused(text: String) {
        #expect(throws: DateFault(.notADate, text)) { try CivilDate(parsing: text) }
    }

    @Test(
        "A day that does not exist is refused",
        arguments: [
            "2026-02-29", "2026-02-30", "1900-02-29", "2026-00-10", "2026-13-01", "2026-04-31",
            "2026-01-00", "2026-01-32", "0000-01-01",
        ]
    )
    func missing(text: String) {
        #expect(throws: DateFault(.noSuchDay, text)) { try CivilDate(parsing: text) }
    }

    @Test("Days and months are added, and the ends of the range hold")
    func adding() throws {
        let date = try CivilDate(parsing: "2026-01-31")
        #expect(date.adding(days: 1).description == "2026-02-01")
        #expect(date.adding(days: -31).description == "2025-12-31")
        #expect(date.adding(months: 1).description == "2026-02-28")
        #expect(date.adding(months: 25).description == "2028-02-29")
        #expect(date.adding(months: -2).description == "2025-11-30")
        #expect(date.startOfYear.description == "2026-01-01")
        #expect(date.days(to: date.adding(days: 400)) == 400)
        #expect(date.adding(days: .max).dayNumber == .max)
        #expect(date.adding(days: .min).dayNumber == .min)
        #expect(CivilDate(dayNumber: .max).adding(months: .max).dayNumber == .max)
        #expect(Array(date...date.adding(days: 2)).map(\.day) == [31, 1, 2])
    }

    @Test("Periods follow each other across years and know their days")
    func periods() throws {
        let period = try AccountingPeriod(parsing: "2026-12")
        #expect(period.rawValue == 2_026 * 12 + 11)
        #expect(period.next.description == "2027-01")
        #expect(period.next.previous == period)
        #expect(period.firstDay.description == "2026-12-01")
        #expect(period.lastDay.description == "2026-12-31")
        #expect(period.contains(try CivilDate(parsing: "2026-12-31")))
        #expect(!period.contains(try CivilDate(parsing: "2027-01-01")))
        #expect(period < period.next)
        for text in ["2026-13", "2026-00", "0000-01"] {
            #expect(throws: DateFault(.noSuchDay, text)) { try AccountingPeriod(parsing: text) }
        }
        for text in ["2026-1", "202612", "2026-1x", "", "2026-12-01"] {
            #expect(throws: DateFault(.notADate, text)) { try AccountingPeriod(parsing: text) }
        }
        #expect(try AccountingPeriod(checked: 12).description == "0001-01")
        #expect(throws: DateFault.self) { try AccountingPeriod(checked: 11) }
        #expect(throws: DateFault.self) { try AccountingPeriod(checked: 120_000) }
    }
}
