// Kernel: a month of the books. Whether it is open or closed is a ruling, not known here.

/// An accounting period (会计期间): a calendar month.
package struct AccountingPeriod: RawRepresentable, Hashable, Comparable, Sendable,
    CustomStringConvertible
{
    /// Year × 12 + month − 1.
    package let rawValue: Int32

    /// The period of that number; every number is a period.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// The period of a month 1 … 12.
    package init(year: Int, month: Int) {
        precondition(month >= 1 && month <= 12, "a month is 1 to 12")
        rawValue = Int32(clamping: year * 12 + month - 1)
    }

    /// The period of a number from outside.
    ///
    /// Throws: `outOfRange` outside the years 1 … 9999.
    package init(checked rawValue: Int64) throws(DateFault) {
        guard rawValue >= 12, rawValue < 120_000 else {
            throw DateFault(.outOfRange, "period \(rawValue)")
        }
        self.rawValue = Int32(truncatingIfNeeded: rawValue)
    }

    /// The period written strictly as `2026-11`.
    ///
    /// Throws: `notADate` for any other form, `noSuchDay` for a month or year that is none.
    package init(parsing text: String) throws(DateFault) {
        let utf8 = text.utf8.span
        guard utf8.count == 7, utf8[4] == UInt8(ascii: "-"),
            let year = Digits.read(utf8, 0..<4), let month = Digits.read(utf8, 5..<7)
        else { throw DateFault(.notADate, text) }
        guard year >= 1, month >= 1, month <= 12 else { throw DateFault(.noSuchDay, text) }
        self.init(year: year, month: month)
    }

    /// Whether the left is the earlier period.
    package static func < (lhs: AccountingPeriod, rhs: AccountingPeriod) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// The year.
    package var year: Int { CivilDate.floorDivision(Int(rawValue), 12).quotient }
    /// The month, 1 … 12.
    package var month: Int { CivilDate.floorDivision(Int(rawValue), 12).rest + 1 }
    /// The period as `2026-11`.
    package var description: String { "\(Digits.padded(year, 4))-\(Digits.padded(month, 2))" }

    /// The period after this.
    package var next: AccountingPeriod { adding(months: 1) }
    /// The period before this.
    package var previous: AccountingPeriod { adding(months: -1) }

    /// The period so many months later; stays at the least or greatest number.
    package func adding(months: Int) -> AccountingPeriod {
        let (sum, isOver) = Int(rawValue).addingReportingOverflow(months)
        if isOver { return AccountingPeriod(rawValue: months < 0 ? .min : .max) }
        return AccountingPeriod(rawValue: Int32(clamping: sum))
    }

    /// Its first day.
    package var firstDay: CivilDate {
        CivilDate(dayNumber: CivilDate.number(year: year, month: month, day: 1))
    }
    /// Its last day.
    package var lastDay: CivilDate { firstDay.endOfMonth }

    /// Whether the day lies in it.
    package func contains(_ date: CivilDate) -> Bool { date.period == self }
}
