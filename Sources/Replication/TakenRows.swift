// Which rows of files were taken, by whichever device: derived from the log like every view, so
// that a file that comes again is known at a node that holds what came of it.
// Must not decide what to do about it.

package import Kernel
package import SQLite

/// The rows of files that the log says were taken.
package enum TakenRows {
    /// Rows that were taken.
    package struct Entry: Hashable, Sendable {
        /// The change that says so.
        package let id: ChangeID
        package let digest: [UInt8]
        /// The change that they made, where one stands for them.
        package let made: ChangeID?
    }

    /// Keeps what a change says.
    static func keep(_ rows: RowsTaken, _ id: ChangeID, _ views: Database) throws(StorageFault) {
        let insert = try views.statement("INSERT INTO view_taken VALUES(?1, ?2, ?3, ?4)")
        insert.bind(1, rows.identity)
        insert.bind(2, id.rawValue)
        insert.bind(3, rows.digest)
        insert.bind(4, rows.made?.rawValue)
        try insert.run()
    }

    /// What was taken first under an identity; nil where nothing was.
    package static func first(
        _ identity: [UInt8],
        _ views: Database
    ) throws -> Entry? {
        let statement = try views.statement(
            "SELECT id, digest, made FROM view_taken WHERE identity = ?1 ORDER BY id LIMIT 1"
        )
        statement.bind(1, identity)
        return try statement.first { row in
            Entry(
                id: ChangeID(row.integer(0)),
                digest: row.blob(1),
                made: row.isNull(2) ? nil : ChangeID(row.integer(2))
            )
        }
    }

    /// What was taken more than once: the first change that says so, the last, and how many do.
    ///
    /// Order: by identity.
    /// Cost: one pass over the identities.
    package static func repeated(
        _ views: Database
    ) throws -> [(first: ChangeID, last: ChangeID, count: Int64)] {
        let statement = try views.statement(
            """
            SELECT min(id), max(id), count(*) FROM view_taken
            GROUP BY identity HAVING count(*) > 1 ORDER BY identity
            """
        )
        var found: [(first: ChangeID, last: ChangeID, count: Int64)] = []
        try statement.forEach { row in
            found.append((ChangeID(row.integer(0)), ChangeID(row.integer(1)), row.integer(2)))
        }
        return found
    }
}
