// Which changes have a corrected clock. Kept beside the log, so that appending and judging know it
// without the views; the views hold their own copy, made from the same changes.

package import Kernel
import SQLite

/// The clock rulings of a log.
package struct ClockRulings {
    private let reader: LogReader

    package init(reader: LogReader) {
        self.reader = reader
    }

    /// The effective time: the clock, or what the smallest ruling that covers it makes of it.
    package func effectiveTime(of id: ChangeID, clock: ClockStamp) throws -> ClockStamp {
        let statement = try reader.database.statement(
            """
            SELECT id, first, last, ahead FROM clock_rulings
            WHERE replica = ?1 AND first <= ?2 AND last >= ?2 ORDER BY id LIMIT 1
            """
        )
        statement.bind(1, Int64(id.replica.rawValue))
        statement.bind(2, Int64(id.sequence))
        let ruling = try statement.first { row in
            ClockRuling(
                id: ChangeID(row.integer(0)),
                replica: id.replica,
                from: UInt32(truncatingIfNeeded: row.integer(1)),
                to: UInt32(truncatingIfNeeded: row.integer(2)),
                aheadMs: row.integer(3)
            )
        }
        return ruling?.apply(to: clock) ?? clock
    }

    /// Keeps a ruling; on the writer's connection only.
    package func keep(_ ruling: ClockRuling) throws {
        let statement = try reader.database.statement(
            """
            INSERT OR IGNORE INTO clock_rulings(id, replica, first, last, ahead)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, ruling.id.rawValue)
        statement.bind(2, Int64(ruling.replica.rawValue))
        statement.bind(3, Int64(ruling.from))
        statement.bind(4, Int64(ruling.to))
        statement.bind(5, ruling.aheadMs)
        try statement.run()
    }
}
