// Sales: every seal against what arrived, branch by branch, in one pass over sorted rows.

import Kernel
import Module
import Replication
import SQLite

extension SalesChecks {
    private struct Key: Hashable, Comparable {
        let date: Int32
        let till: Int64
        let series: Int64

        static func < (left: Key, right: Key) -> Bool {
            (left.date, left.till, left.series) < (right.date, right.till, right.series)
        }
    }

    /// Seals that name more, or other figures, than what arrived.
    static func seals(_ context: ReportContext) throws -> [Finding] {
        var findings: [Finding] = []
        for branch in try sealedBranches(context.views) {
            try seals(of: branch, context, &findings)
        }
        return findings
    }

    private static func sealedBranches(_ views: Database) throws -> [Int64] {
        let statement = try views.statement(
            "SELECT min(branch) FROM sales_seal WHERE branch > ?1"
        )
        var ids: [Int64] = []
        var last: Int64 = -1
        while true {
            statement.bind(1, last)
            guard let next = try statement.firstInteger() else { return ids }
            ids.append(next)
            last = next
        }
    }

    private static func sealRows(
        of branch: Int64,
        _ views: Database
    ) throws -> [Key: [SealRow]] {
        var seals: [Key: [SealRow]] = [:]
        let read = try views.statement(
            """
            SELECT id, day, branch, business_date, till, series, sequence_first, sequence_last,
              lifetime_first, lifetime_last, tickets, totals, head, previous
            FROM sales_seal WHERE branch = ?1 ORDER BY business_date, till, id
            """
        )
        read.bind(1, branch)
        try read.forEach { row in
            let seal = try SealRow(row: row)
            let key = Key(date: seal.date.dayNumber, till: seal.till, series: seal.series)
            seals[key, default: []].append(seal)
        }
        return seals
    }

    private static func seals(
        of branch: Int64,
        _ context: ReportContext,
        _ findings: inout [Finding]
    ) throws {
        let seals = try sealRows(of: branch, context.views)
        let arrived = try arrivals(of: branch, context.views)
        let totals = try tenderTotals(of: branch, context.views)
        var names = SalesNames(context)
        for key in seals.keys.sorted() {
            let own = seals[key] ?? []
            var reasons = try SalesQueries.disagreements(
                seals: own,
                arrived: arrived[key],
                totals: totals[key] ?? [],
                tender: { try names.tender($0) }
            )
            for seal in own {
                if let previous = seal.previous,
                    try !SalesQueries.hasSeal(previous, context.views)
                {
                    reasons.append(SalesQueries.sealMissing(previous))
                }
            }
            if reasons.isEmpty { continue }
            let date = CivilDate(dayNumber: key.date)
            if try SalesQueries.isWaived(
                branch: branch,
                date: date,
                till: key.till,
                context.views
            ) {
                continue
            }
            findings.append(
                Finding(
                    check: "sales.seal.disagrees",
                    subject: try names.series(key.till, date, key.series),
                    evidence: LocalText.list(reasons),
                    proposal: LocalText(
                        "日结与已到数据不符：等待该门店同步，查看待处理，或由总部免封并说明原因。",
                        "The seal and what arrived differ: wait, look into quarantine, or waive "
                            + "the day."
                    )
                )
            )
        }
    }

    private static func arrivals(
        of branch: Int64,
        _ views: Database
    ) throws -> [Key: SeriesFigures] {
        let statement = try views.statement(
            """
            SELECT business_date, till, series, tickets, sequence_sum, sequence_first,
              sequence_last, lifetime_first, lifetime_last
            FROM sales_series WHERE branch = ?1
            """
        )
        statement.bind(1, branch)
        var arrived: [Key: SeriesFigures] = [:]
        try statement.forEach { row in
            let key = Key(
                date: Int32(truncatingIfNeeded: row.integer(0)),
                till: row.integer(1),
                series: row.integer(2)
            )
            arrived[key] = SeriesFigures(
                till: key.till,
                series: key.series,
                tickets: row.integer(3),
                sequences: row.integer(5)...row.integer(6),
                lifetimes: row.integer(7)...row.integer(8),
                sequenceSum: row.integer(4)
            )
        }
        return arrived
    }

    private static func tenderTotals(
        of branch: Int64,
        _ views: Database
    ) throws -> [Key: [(tender: Int64, amount: Int128)]] {
        let statement = try views.statement(
            """
            SELECT business_date, till, series, tender, amount FROM sales_series_tender
            WHERE branch = ?1 ORDER BY business_date, till, series, tender
            """
        )
        statement.bind(1, branch)
        var totals: [Key: [(tender: Int64, amount: Int128)]] = [:]
        try statement.forEach { row in
            let key = Key(
                date: Int32(truncatingIfNeeded: row.integer(0)),
                till: row.integer(1),
                series: row.integer(2)
            )
            totals[key, default: []].append((row.integer(3), row.wide(4)))
        }
        return totals
    }
}
