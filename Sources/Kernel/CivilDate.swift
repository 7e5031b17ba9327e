// Kernel: a day of the calendar, as a number. Integer arithmetic over the 400-year cycle.
// It knows neither a clock nor a time zone: WallTime turns an instant into a day.

/// A civil date of the proleptic Gregorian calendar (日期).
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    package let dayNumber: Int32

    /// The first day that a record may carry: 0001-01-01.
    package static let first = CivilDate(dayNumber: -719_162)
    /// The last day that a record may carry: 9999-12-31.
    package static let last = CivilDate(dayNumber: 2_932_896)

    /// The day of that number; every number is a day.
    package init(dayNumber: Int32) { self.dayNumber = dayNumber }

    /// The day of a number from outside.
    ///
    /// Throws: `outOfRange` outside the years 1 … 9999.
    package init(checked dayNumber: Int64) throws(DateFault) {
        guard let day = Int32(exactly: dayNumber), day >= CivilDate.first.dayNumber,
            day <= CivilDate.last.dayNumber
        else { throw DateFault(.outOfRange, "day \(dayNumber)") }
        self.dayNumber = day
    }

    /// The day of a year 1 … 9999, nothing when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard year >= 1, year <= 9_999, month >= 1, month <= 12, day >= 1,
            day <= CivilDate.daysInMonth(year: year, month: month)
        else { return nil }
        dayNumber = CivilDate.number(year: year, month: month, day: day)
    }

    /// The day written strictly as `2026-11-23`.
    ///
    /// Throws: `notADate` for any other form, `noSuchDay` for 2026-02-30.
    package init(parsing text: String) throws(DateFault) {
        try self.init(utf8: text.utf8.span)
    }

    /// The day written strictly, in a part of a longer text.
    package init(parsing text: Substring) throws(DateFault) {
        try self.init(utf8: text.utf8.span)
    }

    /// The day written strictly, in bytes.
    package init(utf8: Span<UInt8>) throws(DateFault) {
        guard utf8.count == 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-"),
            let year = Digits.read(utf8, 0..<4), let month = Digits.read(utf8, 5..<7),
            let day = Digits.read(utf8, 8..<10)
        else { throw DateFault(.notADate, DecimalText.excerpt(utf8)) }
        guard let date = CivilDate(year: year, month: month, day: day) else {
            throw DateFault(.noSuchDay, DecimalText.excerpt(utf8))
        }
        self = date
    }

    /// Whether the left is the earlier day.
    package static func < (lhs: CivilDate, rhs: CivilDate) -> Bool {
        lhs.dayNumber < rhs.dayNumber
    }

    /// The year; below 1 before 0001-01-01.
    package var year: Int { parts.year }
    /// The month, 1 … 12.
    package var month: Int { parts.month }
    /// The day of the month, 1 … 31.
    package var day: Int { parts.day }

    /// Year, month and day at once.
    ///
    /// Source: Neri and Schneider, "Euclidean affine functions and their application to calendar
    /// algorithms" (2022), within one cycle of 400 years.
    package var parts: (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = CivilDate.floorDivision(Int(dayNumber) + 719_468, 146_097)
        let centuryNumerator = 4 &* UInt32(truncatingIfNeeded: dayOfEra) &+ 3
        let century = centuryNumerator / 146_097
        let yearNumerator = 4 &* (centuryNumerator % 146_097 / 4) &+ 3
        let product = 2_939_745 &* UInt64(yearNumerator)
        let yearOfCentury = product >> 32
        let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let monthNumerator = 2_141 &* dayOfYear &+ 197_913
        let month = Int(monthNumerator >> 16)
        let day = Int((monthNumerator & 0xFFFF) / 2_141) + 1
        let isNextYear = dayOfYear >= 306
        let year = era * 400 + Int(century) * 100 + Int(yearOfCentury)
        return (isNextYear ? year + 1 : year, isNextYear ? month - 12 : month, day)
    }

    /// The day of the week, 1 Monday … 7 Sunday.
    package var weekday: Int { CivilDate.floorDivision(Int(dayNumber) + 3, 7).rest + 1 }

    /// The day as `2026-11-23`; years of more digits as they are.
    package var description: String {
        let (year, month, day) = parts
        guard year >= 0, year <= 9_999 else {
            return "\(year)-\(Digits.padded(month, 2))-\(Digits.padded(day, 2))"
        }
        return String(unsafeUninitializedCapacity: 10) { buffer in
            Digits.write(year, 4, to: buffer, at: 0)
            buffer[4] = UInt8(ascii: "-")
            Digits.write(month, 2, to: buffer, at: 5)
            buffer[7] = UInt8(ascii: "-")
            Digits.write(day, 2, to: buffer, at: 8)
            return 10
        }
    }

    /// The period of the books in which the day lies.
    package var period: AccountingPeriod {
        let (year, month, _) = parts
        return AccountingPeriod(year: year, month: month)
    }
}

extension CivilDate {
    /// The day so many days later; stays at the least or greatest number instead of leaving it.
    package func adding(days: Int) -> CivilDate {
        let (sum, isOver) = Int(dayNumber).addingReportingOverflow(days)
        if isOver { return CivilDate(dayNumber: days < 0 ? .min : .max) }
        return CivilDate(dayNumber: Int32(clamping: sum))
    }

    /// The same day so many months later, or the last of that month when it is shorter.
    package func adding(months: Int) -> CivilDate {
        let (_, _, day) = parts
        let target = period.adding(months: months)
        let first = target.firstDay
        let length = CivilDate.daysInMonth(year: target.year, month: target.month)
        return first.adding(days: min(day, length) - 1)
    }

    /// The days from here to `other`, negative when it is earlier.
    package func days(to other: CivilDate) -> Int { Int(other.dayNumber) - Int(dayNumber) }

    /// The first day of the month.
    package var startOfMonth: CivilDate { adding(days: 1 - day) }

    /// The last day of the month.
    package var endOfMonth: CivilDate {
        let (year, month, day) = parts
        return adding(days: CivilDate.daysInMonth(year: year, month: month) - day)
    }

    /// The first day of the year.
    package var startOfYear: CivilDate {
        CivilDate(dayNumber: CivilDate.number(year: year, month: 1, day: 1))
    }

    /// Whether a record may carry it: years 1 … 9999.
    package var isWithinLimit: Bool { self >= .first && self <= .last }

    /// Whether the year has a 29th of February.
    package static func isLeap(year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The days of a month 1 … 12.
    package static func daysInMonth(year: Int, month: Int) -> Int {
        precondition(month >= 1 && month <= 12, "a month is 1 to 12")
        if month == 2 { return isLeap(year: year) ? 29 : 28 }
        // 31 in odd months up to July and in even months after it.
        return 30 + ((month + (month >> 3)) & 1)
    }

    /// The number of a day that exists, held within 32 bits.
    static func number(year: Int, month: Int, day: Int) -> Int32 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivision(shifted, 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(clamping: era * 146_097 + dayOfEra - 719_468)
    }

    /// Quotient and remainder with the remainder never negative; needs a positive divisor.
    static func floorDivision(_ value: Int, _ divisor: Int) -> (quotient: Int, rest: Int) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

extension CivilDate: Strideable {
    /// The days to `other`, so that a range of dates can be walked.
    package func distance(to other: CivilDate) -> Int { days(to: other) }

    /// The day so many days later.
    package func advanced(by days: Int) -> CivilDate { adding(days: days) }
}
