// Sales: what one device wrote must hang together whatever the others did: its seals name one
// another, and at its own node its receipt numbers have no hole.

import Kernel
import Module
import Replication
import SQLite

extension SalesInvariants {
    /// Each seal of a till that one device alone has sealed names the one before it.
    ///
    /// Why alone: copies of one disk go on side by side, and what they sealed apart is joined later
    /// in the order of arrival.
    static func sealChains(_ views: Database) throws -> [String] {
        var reasons: [String] = []
        var last: (till: Int64, replica: ReplicaNumber, id: ChangeID)?
        let statement = try views.statement(
            """
            SELECT till, id, previous FROM sales_seal WHERE till IN (
              SELECT till FROM sales_seal GROUP BY till HAVING count(DISTINCT id >> 32) = 1)
            ORDER BY till, id
            """
        )
        try statement.forEach { row in
            let till = row.integer(0)
            let id = ChangeID(row.integer(1))
            defer { last = (till, id.replica, id) }
            guard let before = last, before.till == till, before.replica == id.replica,
                reasons.count < 20
            else { return }
            let named = row.integerOrNil(2).map { ChangeID($0) }
            if named == before.id { return }
            reasons.append(
                "sales: seal \(id) of till \(till) names \(named.map { "\($0)" } ?? "none") before "
                    + "it, not \(before.id)"
            )
        }
        return reasons
    }

    /// The receipt numbers that this node itself gave in a series have no hole (I20).
    ///
    /// Why only its own: of others some may wait in quarantine, and that is a finding.
    static func ownNumbers(_ context: ReportContext) throws -> [String] {
        guard let own = try context.log.metaInteger("replica") else { return [] }
        var reasons: [String] = []
        let statement = try context.views.statement(
            """
            SELECT till, business_date, series, count(*), min(sequence), max(sequence)
            FROM sales_ticket WHERE id > ?1 AND id <= ?2
            GROUP BY till, business_date, series
            HAVING max(sequence) - min(sequence) + 1 <> count(*)
            ORDER BY till, business_date, series LIMIT 20
            """
        )
        statement.bind(1, own << 32)
        statement.bind(2, own << 32 | Int64(UInt32.max))
        try statement.forEach { row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(1)))
            reasons.append(
                "sales: till \(row.integer(0)) on \(date), series \(row.integer(2)): "
                    + "\(row.integer(3)) tickets are numbered \(row.integer(4)) to "
                    + "\(row.integer(5)) (I20)"
            )
        }
        return reasons
    }
}
