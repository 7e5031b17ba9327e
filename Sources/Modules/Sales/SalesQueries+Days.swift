// Sales: the questions other modules ask: the open day of a till, and the state of a branch's day.

package import Kernel
package import Module
package import SQLite

/// What Sales answers to the commands of other modules.
package struct SalesAnswers: SalesQuestions {
    /// Knows which tills of a branch are active.
    let catalog: any CatalogQuestions

    package init(catalog: any CatalogQuestions) {
        self.catalog = catalog
    }

    /// The latest day that the till has opened and not closed.
    package func openDay(till: Int64, _ views: Database) throws -> OpenDayAnswer? {
        try SalesQueries.openDay(till: till, views).map {
            OpenDayAnswer(id: $0.id.rawValue, till: $0.till, date: $0.date)
        }
    }

    /// Whether every till that opened the date is sealed, each seal agrees with what arrived, and
    /// no other till of the branch may still have something to say of it.
    package func dayState(branch: Int64, date: CivilDate, _ views: Database) throws -> DayState {
        if try SalesQueries.isWaived(branch: branch, date: date, till: nil, views) {
            return .complete
        }
        let days = try SalesQueries.days(branch: branch, from: date, to: date, views)
        let tills = try activeTills(of: branch, views)
        return try state(branch: branch, date: date, days: days, tills, views)
    }

    private func state(
        branch: Int64,
        date: CivilDate,
        days: [TillDay],
        _ tills: [Int64],
        _ views: Database
    ) throws -> DayState {
        let arrived = try SalesQueries.series(branch: branch, date: date, views)
        if days.isEmpty, arrived.isEmpty { return .unknown }
        let seals = try SalesQueries.seals(branch: branch, date: date, views)
        var result = DayState.complete
        var keys: [(till: Int64, series: Int64)] = days.map { ($0.till, $0.series) }
        keys += arrived.map { ($0.till, $0.series) }
        var done: Set<[Int64]> = []
        for key in keys where done.insert([key.till, key.series]).inserted {
            if try SalesQueries.isWaived(branch: branch, date: date, till: key.till, views) {
                continue
            }
            let own = days.filter { $0.till == key.till && $0.series == key.series }
            let sealed = seals.filter { $0.till == key.till && $0.series == key.series }
            let isSealed =
                !own.isEmpty && own.allSatisfy { day in sealed.contains { $0.day == day.id } }
            guard isSealed else { return .open }
            let reasons = try SalesQueries.disagreements(
                branch: branch,
                date: date,
                till: key.till,
                series: key.series,
                seals: sealed,
                arrived: arrived.first { $0.till == key.till && $0.series == key.series },
                views
            )
            if !reasons.isEmpty { result = .disagreeing }
        }
        let spoken = Set(keys.map(\.till))
        if try awaits(tills, but: spoken, branch: branch, date: date, views) { return .pending }
        return result
    }

    /// The last date up to which all dates since `from` are complete.
    ///
    /// A date on which no till opened is complete once a later day of the branch is here, and none
    /// of its tills may still have something to say of the date.
    package func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> CivilDate? {
        let days = try SalesQueries.days(branch: branch, from: from, to: .last, views)
        // The dates before the first that is known are all alike: the last stands for them.
        guard let known = try firstKnown(branch: branch, from: from, days: days, views) else {
            return nil
        }
        let tills = try activeTills(of: branch, views)
        var through: CivilDate?
        var date = max(from, min(known.adding(days: -1), to))
        var next = 0
        while date <= to {
            while next < days.count, days[next].date < date { next += 1 }
            var today: [TillDay] = []
            var index = next
            while index < days.count, days[index].date == date {
                today.append(days[index])
                index += 1
            }
            if try SalesQueries.isWaived(branch: branch, date: date, till: nil, views) {
                through = date
            } else {
                switch try state(branch: branch, date: date, days: today, tills, views) {
                case .complete: through = date
                case .unknown:
                    guard index < days.count,
                        try !awaits(tills, but: [], branch: branch, date: date, views)
                    else { return through }
                    through = date
                case .open, .disagreeing, .pending: return through
                }
            }
            date = date.adding(days: 1)
        }
        return through
    }

    /// The first date from `from` on of which a day, a ticket or a waiver is here.
    private func firstKnown(
        branch: Int64,
        from: CivilDate,
        days: [TillDay],
        _ views: Database
    ) throws -> CivilDate? {
        let statement = try views.statement(
            """
            SELECT min(date) FROM (
              SELECT min(business_date) AS date FROM sales_series
              WHERE branch = ?1 AND business_date >= ?2
              UNION ALL
              SELECT min(business_date) FROM sales_waiver
              WHERE branch = ?1 AND business_date >= ?2)
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(from.dayNumber))
        let other = try statement.firstInteger().map { day in
            CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
        }
        return [days.first?.date, other].compactMap(\.self).min()
    }
}
