// From punches to days: a span from in to out belongs to the date of its in, over midnight too.
// A pure function; what is missing is only called so where nothing can be on its way any more.

package import Kernel
package import SQLite

/// One person's day at one branch.
package struct DaySheetRow: Hashable, Sendable {
    /// What is known of the day.
    package enum State: String, Sendable {
        /// Each in has its out.
        case whole
        /// There is an in without its out: 缺卡.
        case missingOut
        /// There is an out without its in: 缺卡.
        case missingIn
        /// Something is missing that may still be on its way: 未知(待同步).
        case unknown
    }

    package let branch: Int64
    package let date: CivilDate
    package let person: Int64
    package var firstIn: WallTime?
    package var lastOut: WallTime?
    package var breakMinutes: Int64 = 0
    package var workedMinutes: Int64 = 0
    package var state: State = .whole
    /// The date that must be complete before anything is called missing.
    package var settledOn: CivilDate

    init(branch: Int64, date: CivilDate, person: Int64) {
        self.branch = branch
        self.date = date
        self.person = person
        settledOn = date
    }
}

/// A punch as the day sheet reads it.
package struct PunchRow: Hashable, Sendable {
    package let person: Int64
    package let at: WallTime
    package let kind: PunchKind

    package init(person: Int64, at: WallTime, kind: PunchKind) {
        self.person = person
        self.at = at
        self.kind = kind
    }
}

/// Folds punches into days.
package enum DaySheet {
    /// The longest span between an in and its out.
    package static let spanMs: Int64 = 16 * 3_600_000
    /// A second punch of the same kind within this is the same one, pressed twice.
    package static let doubleMs: Int64 = 5 * 60_000

    /// The first moment of a date in China.
    package static func start(of date: CivilDate) -> WallTime {
        let minutes = Int64(date.dayNumber) * 1_440 - Int64(WallTime.chinaOffsetMinutes)
        return WallTime(milliseconds: minutes * 60_000)
    }

    /// The days of a branch in a period, by date and person.
    ///
    /// `completeThrough`: the last date up to which the branch has sent everything.
    package static func rows(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        completeThrough: CivilDate?,
        _ views: Database
    ) throws -> [DaySheetRow] {
        // A night shift may have begun before the period, and may end after it.
        let statement = try views.statement(
            """
            SELECT person, at, kind FROM people_punches
            WHERE branch = ?1 AND at >= ?2 AND at < ?3 ORDER BY person, at, id
            """
        )
        statement.bind(1, branch)
        statement.bind(2, start(of: from).milliseconds - spanMs)
        statement.bind(3, start(of: to.adding(days: 1)).milliseconds + spanMs)
        var byPerson: [[PunchRow]] = []
        try statement.forEach { row in
            let punch = PunchRow(
                person: row.integer(0),
                at: WallTime(milliseconds: row.integer(1)),
                kind: PunchKind(rawValue: row.integer(2)) ?? .in
            )
            if byPerson.last?.last?.person == punch.person {
                byPerson[byPerson.count - 1].append(punch)
            } else {
                byPerson.append([punch])
            }
        }
        var rows: [DaySheetRow] = []
        for punches in byPerson {
            let days = fold(punches, branch: branch).filter { $0.date >= from && $0.date <= to }
            rows += days.map { settle($0, completeThrough) }
        }
        return rows.sorted { ($0.date, $0.person) < ($1.date, $1.person) }
    }

    /// The days of one person, whose punches come by time.
    package static func fold(_ punches: [PunchRow], branch: Int64) -> [DaySheetRow] {
        var folding = DayFolding(branch: branch)
        for punch in punches { folding.take(punch) }
        folding.closeSpan()
        return folding.days.map { day in
            var day = day
            day.workedMinutes = max(0, day.workedMinutes - day.breakMinutes)
            return day
        }
    }

    /// What is missing may still be on its way, unless the branch is complete past it.
    private static func settle(
        _ row: DaySheetRow,
        _ completeThrough: CivilDate?
    ) -> DaySheetRow {
        if row.state == .whole { return row }
        var settled = row
        if completeThrough.map({ $0 < row.settledOn }) ?? true { settled.state = .unknown }
        return settled
    }
}

/// The folding of one person's punches, one after the other.
private struct DayFolding {
    let branch: Int64
    var days: [DaySheetRow] = []
    private var openedAt: WallTime?
    private var breakAt: WallTime?
    private var lastOut: WallTime?

    init(branch: Int64) {
        self.branch = branch
    }

    private mutating func day(_ date: CivilDate, _ person: Int64) -> Int {
        if let index = days.lastIndex(where: { $0.date == date }) { return index }
        days.append(DaySheetRow(branch: branch, date: date, person: person))
        return days.count - 1
    }

    mutating func take(_ punch: PunchRow) {
        if let opened = openedAt, punch.at.milliseconds - opened.milliseconds > DaySheet.spanMs {
            closeSpan()
        }
        switch punch.kind {
        case .in: takeIn(punch)
        case .breakStart: if openedAt != nil, breakAt == nil { breakAt = punch.at }
        case .breakEnd: endBreak(punch)
        case .out: takeOut(punch)
        }
    }

    private mutating func takeIn(_ punch: PunchRow) {
        if let opened = openedAt {
            if punch.at.milliseconds - opened.milliseconds <= DaySheet.doubleMs { return }
            closeSpan()
        }
        let index = day(punch.at.date(), punch.person)
        if days[index].firstIn == nil { days[index].firstIn = punch.at }
        openedAt = punch.at
    }

    private mutating func endBreak(_ punch: PunchRow) {
        guard let opened = openedAt, let began = breakAt else { return }
        days[day(opened.date(), punch.person)].breakMinutes += minutes(began, punch.at)
        breakAt = nil
    }

    private mutating func takeOut(_ punch: PunchRow) {
        let before = lastOut
        lastOut = punch.at
        guard let opened = openedAt else {
            if let before, punch.at.milliseconds - before.milliseconds <= DaySheet.doubleMs {
                return
            }
            let index = day(punch.at.date(), punch.person)
            days[index].lastOut = punch.at
            days[index].state = .missingIn
            return
        }
        let index = day(opened.date(), punch.person)
        days[index].lastOut = punch.at
        days[index].workedMinutes += minutes(opened, punch.at)
        openedAt = nil
        breakAt = nil
    }

    /// A span without an out: nothing of it counts as worked, and its out may come for hours.
    mutating func closeSpan() {
        guard let opened = openedAt, let index = days.lastIndex(where: { $0.date == opened.date() })
        else { return }
        let latest = opened.adding(milliseconds: DaySheet.spanMs).date()
        days[index].state = .missingOut
        days[index].settledOn = max(days[index].settledOn, latest)
        openedAt = nil
        breakAt = nil
    }

    private func minutes(_ from: WallTime, _ to: WallTime) -> Int64 {
        (to.milliseconds - from.milliseconds) / 60_000
    }
}
