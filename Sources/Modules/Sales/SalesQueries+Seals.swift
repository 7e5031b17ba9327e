// Sales: seals against what arrived: how far a branch's day is known to be whole.

package import Kernel
import Module
package import SQLite
package import Wire

/// A seal as the views keep it.
package struct SealRow: Hashable, Sendable {
    package let id: ChangeID
    package let day: ChangeID
    package let branch: Int64
    package let date: CivilDate
    package let till: Int64
    package let series: Int64
    package let sequences: ClosedRange<Int64>?
    package let lifetimes: ClosedRange<Int64>?
    package let count: Int64
    package let totals: [TenderTotal]
    package let head: Digest32
    package let previous: ChangeID?

    static let columns: String = """
        id, day, branch, business_date, till, series, sequence_first, sequence_last,
        lifetime_first, lifetime_last, tickets, totals, head, previous
        """

    /// Reads the columns.
    init(row: Statement) throws {
        id = ChangeID(row.integer(0))
        day = ChangeID(row.integer(1))
        branch = row.integer(2)
        date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(3)))
        till = row.integer(4)
        series = row.integer(5)
        sequences = SealRow.range(row, 6)
        lifetimes = SealRow.range(row, 8)
        count = row.integer(10)
        totals = try CBORReader.read(row.blob(11)) { (reader) throws(WireFault) in
            try DaySealed.totals(&reader)
        }
        head = Digest32(row.blob(12)) ?? .zero
        previous = row.integerOrNil(13).map { ChangeID($0) }
    }

    private static func range(_ row: Statement, _ column: Int32) -> ClosedRange<Int64>? {
        guard let first = row.integerOrNil(column), let last = row.integerOrNil(column + 1),
            first <= last
        else { return nil }
        return first...last
    }
}

/// What arrived of one series of receipts.
package struct SeriesFigures: Hashable, Sendable {
    package let till: Int64
    package let series: Int64
    package var tickets: Int64 = 0
    package var sequences: ClosedRange<Int64>?
    package var lifetimes: ClosedRange<Int64>?
    package var sequenceSum: Int64 = 0

    /// Whether the numbers are 1 … n, each once, as far as count, bounds and sum can tell.
    package var isGapless: Bool {
        guard let sequences else { return tickets == 0 }
        let count = Int128(tickets)
        return sequences.lowerBound == 1 && sequences.upperBound == tickets
            && Int128(sequenceSum) * 2 == count * (count + 1)
    }
}

extension SalesQueries {
    /// The seals of a branch's date, by till and id.
    package static func seals(
        branch: Int64,
        date: CivilDate,
        _ views: Database
    ) throws -> [SealRow] {
        let statement = try views.statement(
            """
            SELECT id, day, branch, business_date, till, series, sequence_first, sequence_last,
              lifetime_first, lifetime_last, tickets, totals, head, previous
            FROM sales_seal WHERE branch = ?1 AND business_date = ?2 ORDER BY till, id
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(date.dayNumber))
        var seals: [SealRow] = []
        try statement.forEach { seals.append(try SealRow(row: $0)) }
        return seals
    }

    /// Whether a seal is known here.
    package static func hasSeal(_ id: ChangeID, _ views: Database) throws -> Bool {
        let statement = try views.statement("SELECT 1 FROM sales_seal WHERE id = ?1")
        statement.bind(1, id.rawValue)
        return try statement.firstInteger() != nil
    }

    /// The last seal of a till: the one that no other names as the one before it.
    package static func lastSeal(till: Int64, _ views: Database) throws -> ChangeID? {
        let statement = try views.statement(
            """
            SELECT id FROM sales_seal WHERE till = ?1 AND id NOT IN (
              SELECT previous FROM sales_seal WHERE till = ?1 AND previous IS NOT NULL)
            ORDER BY business_date DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, till)
        return try statement.firstInteger().map { ChangeID($0) }
    }

    /// What arrived of a branch's date, by till and series.
    package static func series(
        branch: Int64,
        date: CivilDate,
        _ views: Database
    ) throws -> [SeriesFigures] {
        let statement = try views.statement(
            """
            SELECT till, series, tickets, sequence_sum, sequence_first, sequence_last,
              lifetime_first, lifetime_last
            FROM sales_series WHERE branch = ?1 AND business_date = ?2 ORDER BY till, series
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(date.dayNumber))
        var figures: [SeriesFigures] = []
        try statement.forEach { row in
            figures.append(
                SeriesFigures(
                    till: row.integer(0),
                    series: row.integer(1),
                    tickets: row.integer(2),
                    sequences: row.integer(4)...row.integer(5),
                    lifetimes: row.integer(6)...row.integer(7),
                    sequenceSum: row.integer(3)
                )
            )
        }
        return figures
    }

    /// What each tender of a series took in, refunds and voids off, by tender.
    package static func tenderTotals(
        branch: Int64,
        date: CivilDate,
        till: Int64,
        series: Int64,
        _ views: Database
    ) throws -> [(tender: Int64, amount: Int128)] {
        let statement = try views.statement(
            """
            SELECT tender, amount FROM sales_series_tender
            WHERE branch = ?1 AND business_date = ?2 AND till = ?3 AND series = ?4
            ORDER BY tender
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, till)
        statement.bind(4, series)
        var totals: [(tender: Int64, amount: Int128)] = []
        try statement.forEach { totals.append(($0.integer(0), $0.wide(1))) }
        return totals
    }

    /// Whether headquarters waived a branch's date, for all tills or for one.
    package static func isWaived(
        branch: Int64,
        date: CivilDate,
        till: Int64?,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            """
            SELECT 1 FROM sales_waiver WHERE branch = ?1 AND business_date = ?2
            AND (till IS NULL OR till = ?3) LIMIT 1
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, till)
        return try statement.firstInteger() != nil
    }

    /// In what the seals of one series differ from what arrived; empty where they agree.
    static func disagreements(
        seals: [SealRow],
        arrived: SeriesFigures?,
        totals: [(tender: Int64, amount: Int128)],
        tender name: (Int64) throws -> String = { "\($0)" }
    ) rethrows -> [LocalText] {
        var reasons: [LocalText] = []
        let claimed = seals.reduce(Int128(0)) { $0 + Int128($1.count) }
        let tickets = arrived?.tickets ?? 0
        if claimed != Int128(tickets) {
            reasons.append(
                LocalText(
                    "封存 \(claimed) 张小票，已到 \(tickets) 张",
                    "\(claimed) tickets sealed, \(tickets) here"
                )
            )
        }
        var next: Int64 = 1
        let ranges = seals.compactMap(\.sequences).sorted { $0.lowerBound < $1.lowerBound }
        for range in ranges {
            if range.lowerBound != next {
                reasons.append(
                    LocalText(
                        "从 \(range.lowerBound) 号封存，应从 \(next) 号",
                        "sealed from \(range.lowerBound), expected from \(next)"
                    )
                )
            }
            next = range.upperBound + 1
        }
        let last = arrived?.sequences?.upperBound ?? 0
        if next - 1 != last {
            reasons.append(
                LocalText(
                    "封存至 \(next - 1) 号，已到最后 \(last) 号",
                    "sealed to \(next - 1), the last here is \(last)"
                )
            )
        }
        if let arrived, !arrived.isGapless {
            reasons.append(
                LocalText(
                    "编号有缺号或重号",
                    "numbers missing or doubled"
                )
            )
        }
        let lifetime = seals.compactMap { $0.lifetimes?.upperBound }.max() ?? 0
        let lifetimeHere = arrived?.lifetimes?.upperBound ?? 0
        if lifetime != lifetimeHere {
            reasons.append(
                LocalText(
                    "终身流水号封存至 \(lifetime)，已到 \(lifetimeHere)",
                    "lifetime numbers sealed to \(lifetime), here to \(lifetimeHere)"
                )
            )
        }
        return reasons + (try differences(seals: seals, totals: totals, tender: name))
    }

    /// The tenders by which sealed totals and arrived ones differ.
    private static func differences(
        seals: [SealRow],
        totals: [(tender: Int64, amount: Int128)],
        tender name: (Int64) throws -> String
    ) rethrows -> [LocalText] {
        var reasons: [LocalText] = []
        var sums: [Int64: Int128] = [:]
        for total in seals.flatMap(\.totals) {
            sums[total.tender, default: 0] += Int128(total.amount.rawValue)
        }
        for total in totals { sums[total.tender, default: 0] -= total.amount }
        for tender in sums.keys.sorted() {
            guard let difference = sums[tender], difference != 0 else { continue }
            let shown = try name(tender)
            let amount = Fen(Int64(clamping: difference)).grouped()
            reasons.append(
                LocalText(
                    "\(shown) 相差 \(amount) 元",
                    "\(shown) differs by \(amount) yuan"
                )
            )
        }
        return reasons
    }

    /// In what the seals of one series differ from the views, the seals before them included.
    static func disagreements(
        branch: Int64,
        date: CivilDate,
        till: Int64,
        series: Int64,
        seals: [SealRow],
        arrived: SeriesFigures?,
        _ views: Database
    ) throws -> [LocalText] {
        let totals = try tenderTotals(
            branch: branch,
            date: date,
            till: till,
            series: series,
            views
        )
        var reasons = try disagreements(seals: seals, arrived: arrived, totals: totals)
        for seal in seals {
            if let previous = seal.previous, try !hasSeal(previous, views) {
                reasons.append(sealMissing(previous))
            }
        }
        return reasons
    }

    /// The seal before is not here.
    static func sealMissing(_ previous: ChangeID) -> LocalText {
        LocalText("前一日结 \(previous) 未到", "the seal before, \(previous), is not here")
    }

    /// What a series took in since its last seal: count, numbers and totals, for X report and seal.
    package static func unsealed(
        _ day: TillDay,
        _ views: Database
    ) throws -> (
        count: Int64, sequences: ClosedRange<Int64>?, lifetimes: ClosedRange<Int64>?,
        totals: [(tender: Int64, amount: Int128)]
    ) {
        let arrived = try series(branch: day.branch, date: day.date, views)
            .first { $0.till == day.till && $0.series == day.series }
        let earlier = try seals(branch: day.branch, date: day.date, views)
            .filter { $0.till == day.till && $0.series == day.series }
        var sums: [Int64: Int128] = [:]
        let here = try tenderTotals(
            branch: day.branch,
            date: day.date,
            till: day.till,
            series: day.series,
            views
        )
        for total in here { sums[total.tender] = total.amount }
        for total in earlier.flatMap(\.totals) {
            sums[total.tender, default: 0] -= Int128(total.amount.rawValue)
        }
        let totals = sums.keys.sorted().map { (tender: $0, amount: sums[$0] ?? 0) }
        let count = (arrived?.tickets ?? 0) - earlier.reduce(0) { $0 + $1.count }
        let first = (earlier.compactMap { $0.sequences?.upperBound }.max() ?? 0) + 1
        let last = arrived?.sequences?.upperBound ?? 0
        let lifetimeLast = arrived?.lifetimes?.upperBound ?? 0
        let sealedLifetime = earlier.compactMap { $0.lifetimes?.upperBound }.max()
        let lifetimeFirst = sealedLifetime.map { $0 + 1 } ?? arrived?.lifetimes?.lowerBound ?? 1
        return (
            count, first <= last ? first...last : nil,
            lifetimeFirst <= lifetimeLast && first <= last ? lifetimeFirst...lifetimeLast : nil,
            totals.filter { $0.amount != 0 }
        )
    }
}
