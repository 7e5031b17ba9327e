// From punches to days: a span from in to out belongs to the date of its in, over midnight too.
// A pure function; what is missing is only called so where the branch is complete.

package import Kernel
package import SQLite

/// One person's day at one branch.
package struct DaySheetRow: Hashable, Sendable {
    /// What is known of the day.
    package enum State: String, Sendable {
        /// In and out are there.
        case whole
        /// The branch is complete and there is no out: 缺卡.
        case missingOut
        /// The branch is complete and there is no in: 缺卡.
        case missingIn
        /// The branch has not sent everything yet: 未知(待同步).
        case unknown
    }

    package let branch: Int64
    package let date: CivilDate
    package let person: Int64
    package var firstIn: WallTime?
    package var lastOut: WallTime?
    package var breakMinutes: Int64
    package var workedMinutes: Int64
    package var state: State
}

/// A punch as the day sheet reads it.
struct PunchRow {
    let person: Int64
    let at: WallTime
    let kind: PunchKind
}

/// Folds punches into days.
package enum DaySheet {
    /// The longest span between an in and its out.
    package static let spanMs: Int64 = 16 * 3_600_000

    /// The days of a branch in a period, by date and person.
    package static func rows(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        completeThrough: CivilDate?,
        _ views: Database
    ) throws -> [DaySheetRow] {
        let start = startOfDay(from)
        let end = startOfDay(to.adding(days: 1)) + spanMs
        let statement = try views.statement(
            """
            SELECT person, at, kind FROM people_punches
            WHERE branch = ?1 AND at >= ?2 AND at < ?3 ORDER BY person, at, id
            """
        )
        statement.bind(1, branch)
        statement.bind(2, start)
        statement.bind(3, end)
        var byPerson: [(Int64, [PunchRow])] = []
        try statement.forEach { row in
            let punch = PunchRow(
                person: row.integer(0),
                at: WallTime(milliseconds: row.integer(1)),
                kind: PunchKind(rawValue: row.integer(2)) ?? .in
            )
            if byPerson.last?.0 == punch.person {
                byPerson[byPerson.count - 1].1.append(punch)
            } else {
                byPerson.append((punch.person, [punch]))
            }
        }
        var rows: [DaySheetRow] = []
        for (person, punches) in byPerson {
            let days = fold(punches, branch: branch, person: person).filter { row in
                row.date >= from && row.date <= to
            }
            rows += days.map { settle($0, completeThrough) }
        }
        return rows.sorted { ($0.date, $0.person) < ($1.date, $1.person) }
    }

    private static func startOfDay(_ date: CivilDate) -> Int64 {
        (Int64(date.dayNumber) * 1_440 - Int64(WallTime.chinaOffsetMinutes)) * 60_000
    }

    /// The days of one person: each in opens or continues a day, each out ends a span of it.
    static func fold(_ punches: [PunchRow], branch: Int64, person: Int64) -> [DaySheetRow] {
        var days: [DaySheetRow] = []
        var openedAt: WallTime?
        var breakAt: WallTime?
        func day(_ date: CivilDate) -> Int {
            if let index = days.lastIndex(where: { $0.date == date }) { return index }
            let row = DaySheetRow(
                branch: branch,
                date: date,
                person: person,
                firstIn: nil,
                lastOut: nil,
                breakMinutes: 0,
                workedMinutes: 0,
                state: .missingIn
            )
            days.append(row)
            return days.count - 1
        }
        for punch in punches {
            if let opened = openedAt, punch.at.milliseconds - opened.milliseconds > spanMs {
                openedAt = nil
                breakAt = nil
            }
            switch punch.kind {
            case .in:
                let index = day(punch.at.date())
                if days[index].firstIn == nil { days[index].firstIn = punch.at }
                days[index].state = .missingOut
                openedAt = punch.at
            case .breakStart: breakAt = openedAt == nil ? nil : punch.at
            case .breakEnd:
                guard let opened = openedAt, let began = breakAt else { continue }
                days[day(opened.date())].breakMinutes += minutes(began, punch.at)
                breakAt = nil
            case .out:
                guard let opened = openedAt else {
                    let index = day(punch.at.date())
                    days[index].lastOut = punch.at
                    continue
                }
                let index = day(opened.date())
                days[index].lastOut = punch.at
                days[index].workedMinutes += minutes(opened, punch.at)
                days[index].state = .whole
                openedAt = nil
            }
        }
        for index in days.indices where days[index].workedMinutes > 0 {
            days[index].workedMinutes = max(0, days[index].workedMinutes - days[index].breakMinutes)
        }
        return days
    }

    private static func minutes(_ from: WallTime, _ to: WallTime) -> Int64 {
        (to.milliseconds - from.milliseconds) / 60_000
    }

    /// What is missing may still be on its way, unless the branch is complete past the day.
    private static func settle(
        _ row: DaySheetRow,
        _ completeThrough: CivilDate?
    ) -> DaySheetRow {
        if row.state == .whole { return row }
        var settled = row
        if completeThrough.map({ $0 < row.date }) ?? true { settled.state = .unknown }
        return settled
    }
}
