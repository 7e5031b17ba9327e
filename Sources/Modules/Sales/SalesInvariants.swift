// Sales: what must hold at every position, recomputed from the rows: for `verify`.
// What the whole may honestly show, such as a missing number, is a finding and not here.

import Kernel
import Module
import Replication
import SQLite
import Wire

/// The invariants of Sales.
enum SalesInvariants {
    /// The reasons where an invariant does not hold.
    static func violations(_ context: ReportContext) throws -> [String] {
        try sums(context.views) + series(context.views) + monotone(context.views)
            + drawers(context) + heads(context)
    }

    /// The most reasons of one kind that are told.
    private static let reasonsMax = 20

    /// What customers paid, what products brought and what tenders took are the same money.
    private static func sums(_ views: Database) throws -> [String] {
        var reasons: [String] = []
        let products = try productTotals(views)
        let payments = try totals(
            "SELECT branch, business_date, amount, refunds FROM sales_payment",
            views
        )
        let tenders = try totals(
            "SELECT branch, business_date, amount, 0 FROM sales_series_tender",
            views
        )
        let statement = try views.statement(
            """
            SELECT branch, business_date, gross, discounts, rounding, returns, tax FROM sales_day
            ORDER BY branch, business_date
            """
        )
        try statement.forEach { row in
            let key = BranchDay(
                branch: row.integer(0),
                date: Int32(truncatingIfNeeded: row.integer(1))
            )
            let net = row.wide(2) - row.wide(3) - row.wide(4) - row.wide(5)
            let product = products[key] ?? (0, 0)
            let payment = payments[key] ?? (0, 0)
            let tender = tenders[key] ?? (0, 0)
            let holds =
                product.0 == net && product.1 == row.wide(6) && payment.0 - payment.1 == net
                && tender.0 == net
            if !holds, reasons.count < reasonsMax {
                let date = CivilDate(dayNumber: key.date)
                reasons.append(
                    "sales: branch \(key.branch) on \(date): net \(net), products \(product.0), "
                        + "payments \(payment.0 - payment.1), tenders \(tender.0)"
                )
            }
        }
        return reasons
    }

    private static func productTotals(
        _ views: Database
    ) throws -> [BranchDay: (Int128, Int128)] {
        var sums: [BranchDay: (Int128, Int128)] = [:]
        let statement = try views.statement(
            "SELECT branch, business_date, bucket, entries FROM sales_product"
        )
        try statement.forEach { row in
            let key = BranchDay(
                branch: row.integer(0),
                date: Int32(truncatingIfNeeded: row.integer(1))
            )
            var sum = sums[key] ?? (0, 0)
            try SalesQueries.forEachProduct(row, bucket: 2, entries: 3) { _, values in
                sum.0 += values[SumColumn.Product.net]
                sum.1 += values[SumColumn.Product.tax]
            }
            sums[key] = sum
        }
        return sums
    }

    private static func totals(
        _ sql: StaticString,
        _ views: Database
    ) throws -> [BranchDay: (Int128, Int128)] {
        var sums: [BranchDay: (Int128, Int128)] = [:]
        try views.statement(sql).forEach { row in
            let key = BranchDay(
                branch: row.integer(0),
                date: Int32(truncatingIfNeeded: row.integer(1))
            )
            var sum = sums[key] ?? (0, 0)
            sum.0 += row.wide(2)
            sum.1 += row.wide(3)
            sums[key] = sum
        }
        return sums
    }

    /// The numbers that a series and a till are said to have are those of their tickets.
    private static func series(_ views: Database) throws -> [String] {
        var reasons: [String] = []
        let series = try views.statement(
            """
            SELECT t.till, t.business_date, t.series FROM (
              SELECT till, business_date, series, count(*) AS n, sum(sequence) AS s,
                min(sequence) AS f, max(sequence) AS l FROM sales_ticket
              GROUP BY till, business_date, series) AS t
            LEFT JOIN (
              SELECT till, business_date, series, sum(tickets) AS n, sum(sequence_sum) AS s,
                min(sequence_first) AS f, max(sequence_last) AS l FROM sales_series
              GROUP BY till, business_date, series) AS a USING(till, business_date, series)
            WHERE a.n IS NOT t.n OR a.s IS NOT t.s OR a.f IS NOT t.f OR a.l IS NOT t.l LIMIT 20
            """
        )
        try series.forEach { row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(1)))
            reasons.append(
                "sales: till \(row.integer(0)) on \(date), series \(row.integer(2)): "
                    + "the sums are not those of its tickets"
            )
        }
        let tills = try views.statement(
            """
            SELECT t.till FROM (SELECT till, count(*) AS n, min(lifetime) AS f,
                max(lifetime) AS l FROM sales_ticket GROUP BY till) AS t
            LEFT JOIN sales_till AS a USING(till)
            WHERE a.tickets IS NOT t.n OR a.lifetime_first IS NOT t.f
              OR a.lifetime_last IS NOT t.l LIMIT 20
            """
        )
        try tills.forEach { row in
            reasons.append("sales: till \(row.integer(0)): its numbers are not its tickets'")
        }
        return reasons
    }

    /// One replica numbers the tickets of a series upwards (I20).
    private static func monotone(_ views: Database) throws -> [String] {
        var reasons: [String] = []
        var last: (till: Int64, date: Int64, series: Int64) = (-1, 0, 0)
        var lastByReplica: [ReplicaNumber: (id: ChangeID, lifetime: Int64, sequence: Int64)] = [:]
        let statement = try views.statement(
            """
            SELECT till, business_date, series, sequence, id, lifetime FROM sales_ticket
            ORDER BY till, business_date, series, sequence, id
            """
        )
        try statement.forEach { row in
            let key = (till: row.integer(0), date: row.integer(1), series: row.integer(2))
            if key != last {
                last = key
                lastByReplica.removeAll(keepingCapacity: true)
            }
            let id = ChangeID(row.integer(4))
            let now = (id: id, lifetime: row.integer(5), sequence: row.integer(3))
            if let before = lastByReplica[id.replica] {
                let rises =
                    before.id < now.id && before.lifetime < now.lifetime
                    && before.sequence < now.sequence
                if !rises, reasons.count < reasonsMax {
                    reasons.append("sales: ticket \(now.id) is numbered out of order (I20)")
                }
            }
            lastByReplica[id.replica] = now
        }
        return reasons
    }

    /// Float and cash taken are what a closing expected (I18).
    ///
    /// Two copies of one disk may both close the day they had open: each is held to its own seal.
    private static func drawers(_ context: ReportContext) throws -> [String] {
        let tenders = try context.questions.catalog.tenders(context.views)
        let cash = Set(tenders.filter(\.isCash).map(\.id))
        if cash.isEmpty { return [] }
        var rows: [(closing: ChangeID, float: Int64, expected: Int64, seal: ChangeID)] = []
        let statement = try context.views.statement(
            """
            SELECT c.id, s.opening_float, c.expected, z.id FROM sales_closing AS c
            JOIN sales_session AS s ON s.id = c.day
            JOIN sales_seal AS z ON z.branch = c.branch AND z.business_date = c.business_date
              AND z.till = c.till AND z.day = c.day AND z.id >> 32 = c.id >> 32
            ORDER BY c.id
            """
        )
        try statement.forEach { row in
            rows.append(
                (
                    ChangeID(row.integer(0)), row.integer(1), row.integer(2),
                    ChangeID(row.integer(3))
                )
            )
        }
        var reasons: [String] = []
        for row in rows {
            let seal = try SalesQueries.seal(row.seal, context.views)
            var sum = Int128(row.float)
            for total in seal?.totals ?? [] where cash.contains(total.tender) {
                sum += Int128(total.amount.rawValue)
            }
            let isBounded = sum.magnitude <= UInt128(Fen.limit)
            if isBounded, sum != Int128(row.expected), reasons.count < reasonsMax {
                reasons.append(
                    "sales: closing \(row.closing) expected \(row.expected) fen in the drawer, "
                        + "float and sealed cash are \(sum) (I18)"
                )
            }
        }
        return reasons
    }

    /// The head that a seal names is the hash of the commit before it.
    private static func heads(_ context: ReportContext) throws -> [String] {
        var seals: [(id: ChangeID, head: [UInt8])] = []
        let statement = try context.views.statement("SELECT id, head FROM sales_seal ORDER BY id")
        try statement.forEach { seals.append((ChangeID($0.integer(0)), $0.blob(1))) }
        var reasons: [String] = []
        for seal in seals {
            guard let commit = try context.log.commit(containing: seal.id),
                let header = commit.header
            else { continue }
            if header.flags.was != nil || header.flags.forkedFrom != nil { continue }
            guard header.firstSequence > 1,
                let before = try context.log.lastCommit(
                    of: header.replica,
                    upTo: header.firstSequence - 1
                ),
                let last = before.header, last.lastSequence + 1 == header.firstSequence,
                last.flags.was == nil
            else { continue }
            if before.hash.bytes != seal.head, reasons.count < reasonsMax {
                reasons.append("sales: seal \(seal.id) names another history than its own")
            }
        }
        return reasons
    }
}

extension SalesQueries {
    /// Calls `body` with each product of a row of `sales_product` and its values.
    static func forEachProduct(
        _ row: Statement,
        bucket: Int32,
        entries: Int32,
        _ body: (Int64, UnsafeBufferPointer<Int128>) throws -> Void
    ) throws {
        try PackedEntries.forEach(
            row.borrowedBytes(entries),
            bucket: row.integer(bucket),
            width: SumColumn.Product.all.count,
            body
        )
    }

    /// A seal by its id.
    static func seal(_ id: ChangeID, _ views: Database) throws -> SealRow? {
        let statement = try views.statement(
            """
            SELECT id, day, branch, business_date, till, series, sequence_first, sequence_last,
              lifetime_first, lifetime_last, tickets, totals, head, previous
            FROM sales_seal WHERE id = ?1
            """
        )
        statement.bind(1, id.rawValue)
        return try statement.first { try SealRow(row: $0) }
    }
}
