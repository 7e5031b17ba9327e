// One point of headquarters' order a day, so that a later order can be compared with it, and a
// node finds its way back after headquarters was restored.

package import Kernel
import SQLite
import Wire

extension Log {
    /// Keeps the last point of a day.
    ///
    /// Called inside `write`.
    package func keepAnchor(_ point: LogPoint, day: Int64) throws {
        let statement = try database.statement(
            """
            INSERT INTO anchors(day, position, hash) VALUES(?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET position = ?2, hash = ?3
            """
        )
        statement.bind(1, day)
        statement.bind(2, point.position)
        statement.bind(3, point.hash.bytes)
        try statement.run()
    }

    /// The points kept, ascending, at most `limit`: the newest ones, thinned out towards the past.
    package func anchors(limit: Int) throws -> [LogPoint] {
        let statement = try database.statement(
            "SELECT position, hash FROM anchors ORDER BY position DESC"
        )
        var all: [LogPoint] = []
        try statement.forEach { row in
            all.append(
                LogPoint(
                    position: row.integer(0),
                    hash: Digest32(copying: row.borrowedBytes(1))
                )
            )
        }
        let near = limit / 2
        var kept = Array(all.prefix(near))
        let far = all.dropFirst(near)
        let step = max(1, (far.count + limit - near - 1) / max(1, limit - near))
        for (index, point) in far.enumerated() where index % step == 0 { kept.append(point) }
        return kept.reversed()
    }

    /// Forgets the points beyond a position: they belong to an order that headquarters lost.
    ///
    /// Called inside `write`.
    package func dropAnchors(beyond position: Int64) throws {
        let statement = try database.statement("DELETE FROM anchors WHERE position > ?1")
        statement.bind(1, position)
        try statement.run()
    }

    /// The ends of the commits held of a chain after `sequence`, ascending.
    package func points(
        of replica: ReplicaNumber,
        after sequence: UInt32,
        through last: UInt32 = .max
    ) throws -> [ChainPoint] {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE id > ?1 AND id <= ?2 ORDER BY id
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32 | Int64(sequence))
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(last))
        var points: [ChainPoint] = []
        try statement.forEach { row in
            let header = try CommitCodec.envelope(of: row.borrowedBytes(3))
            points.append(
                ChainPoint(
                    sequence: header.lastSequence,
                    hash: Digest32(copying: row.borrowedBytes(2))
                )
            )
        }
        return points
    }

    /// The numbers of which commits with a stamp are held, less those of this device.
    package func stampedNumbers() throws -> [ReplicaNumber] {
        let statement = try database.statement(
            "SELECT DISTINCT id >> 32 FROM commits WHERE stamp IS NOT NULL ORDER BY 1"
        )
        var numbers: [ReplicaNumber] = []
        try statement.forEach { numbers.append(ReplicaNumber(stored: $0.integer(0))) }
        return try numbers.filter { try !isOwn($0) }
    }

    /// Calls `body` with the stamped commits of a number after `sequence`, ascending; it answers
    /// false to end.
    package func forEachStamped(
        of replica: ReplicaNumber,
        after sequence: UInt32,
        _ body: (StoredCommit, [UInt8]) throws -> Bool
    ) throws {
        var last = Int64(replica.rawValue) << 32 | Int64(sequence)
        let high = Int64(replica.rawValue) << 32 | Int64(UInt32.max)
        while true {
            let statement = try database.statement(
                """
                SELECT position, id, hash, bytes, stamp FROM commits
                WHERE id > ?1 AND id <= ?2 AND stamp IS NOT NULL ORDER BY id LIMIT 1
                """
            )
            statement.bind(1, last)
            statement.bind(2, high)
            let found = try statement.first { (StoredCommit(row: $0), $0.blob(4)) }
            guard let (commit, stamp) = found else { return }
            last = commit.id.rawValue
            if try !body(commit, stamp) { return }
        }
    }
}
