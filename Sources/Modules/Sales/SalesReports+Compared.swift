// Sales: what stood on the same dates a week and a year earlier, beside the rows of a report.
// Only what stands on both sides is compared: a day that has not arrived is not a fall.

import Kernel
import Module
import SQLite

/// A figure now and the same figure then, summed where both stand.
struct Compared {
    private var now: Int128 = 0
    private var then: Int128 = 0

    init() {}

    /// One row's figures.
    init(_ now: Int128, _ then: Int128?) { add(now, then) }

    /// Adds a row, unless nothing stands then.
    mutating func add(_ now: Int128, _ then: Int128?) {
        guard let then else { return }
        self.now += now
        self.then += then
    }

    /// The change as a part of then; empty where there was nothing.
    var cell: ReportCell { then > 0 ? SalesCell.rate(now - then, of: then) : .empty }

    /// What the totals of comparisons are of; nothing where nothing is compared.
    func note() -> [LocalText] {
        if then == 0 { return [] }
        return [
            LocalText(
                "合计行的同比只含两期都有数据的行。",
                "The changes in the total are of the rows that have figures at both times."
            )
        ]
    }
}

/// The nets of the rows of a report a year earlier.
struct YearEarlier {
    private struct Key: Hashable {
        let branch: Int64
        let start: CivilDate
    }

    private var nets: [Key: Int128] = [:]

    /// Reads the nets of the dates of `scope` one year earlier, but of none that is to come.
    init(_ step: ReportStep, _ scope: SalesScope, _ context: ReportContext) throws {
        let from = scope.period.from
        let to = min(scope.period.to, context.today)
        if from.year <= CivilDate.first.year || to < from { return }
        var last = YearEarlier.date(to)
        // The whole of a month is compared with the whole: 28 days with 29.
        if step == .month, to == to.endOfMonth { last = last.endOfMonth }
        try scope.forEach(
            """
            SELECT business_date, gross, discounts, rounding, returns FROM sales_day
            WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
            """,
            context.views,
            over: ReportPeriod(from: YearEarlier.date(from), to: last)
        ) { branch, row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(0)))
            let net = row.wide(1) - row.wide(2) - row.wide(3) - row.wide(4)
            nets[Key(branch: branch.id, start: step.start(of: date)), default: 0] += net
        }
    }

    /// The same date one year earlier; 28 February for the 29th.
    private static func date(_ date: CivilDate) -> CivilDate { date.adding(months: -12) }

    /// The net of a row's branch one year before the row.
    func net(_ branch: Int64, _ start: CivilDate) -> Int128? {
        if nets.isEmpty { return nil }
        return nets[Key(branch: branch, start: YearEarlier.date(start))]
    }
}
