// Reading a log, on the writer's connection or on a reader's own.
// Must not write, except the small settings in `meta` when it stands on the writer's connection.

package import Kernel
package import SQLite
package import Wire

/// The reading half of a log.
package struct LogReader {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// The position of the last commit; 0 where the log is empty.
    package func end() throws -> Int64 {
        try database.integer("SELECT max(position) FROM commits") ?? 0
    }

    /// The first position after another at which a commit stands; nil beyond the end.
    func position(after position: Int64) throws -> Int64? {
        let statement = try database.statement(
            "SELECT min(position) FROM commits WHERE position > ?1"
        )
        statement.bind(1, position)
        return try statement.firstInteger()
    }

    /// The commit whose changes include `id`, nil where it is not held.
    package func commit(containing id: ChangeID) throws -> StoredCommit? {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE id <= ?1 AND id >= ?2 ORDER BY id DESC LIMIT 1
            """
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, ChangeID(replica: id.replica, sequence: 1).rawValue)
        guard let commit = try statement.first({ StoredCommit(row: $0) }) else { return nil }
        guard let header = commit.header, header.lastSequence >= id.sequence else { return nil }
        return commit
    }

    /// Where the commit lies whose changes include `id`, nil where it is not held.
    ///
    /// Cost: an envelope; the changes are not read.
    package func place(of id: ChangeID) throws -> CommitInLog? {
        let statement = try database.statement(
            """
            SELECT position, bytes, id FROM commits
            WHERE id <= ?1 AND id >= ?2 ORDER BY id DESC LIMIT 1
            """
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, ChangeID(replica: id.replica, sequence: 1).rawValue)
        let place = try statement.first { row -> CommitInLog in
            let walk = try LogReader.reading(ChangeID(row.integer(2))) {
                try CommitWalk(row.borrowedBytes(1))
            }
            return CommitInLog(
                position: row.integer(0),
                ids: walk.id...walk.lastID,
                clock: walk.clock
            )
        }
        guard let place, place.ids.contains(id) else { return nil }
        return place
    }

    /// The commit with exactly this id, nil where it is not held.
    package func commit(_ id: ChangeID) throws -> StoredCommit? {
        let statement = try database.statement(
            "SELECT position, id, hash, bytes FROM commits WHERE id = ?1"
        )
        statement.bind(1, id.rawValue)
        return try statement.first { StoredCommit(row: $0) }
    }

    /// A change by its id: its kind, the bytes of its body and its commit.
    package func change(
        _ id: ChangeID
    ) throws -> (kind: Kind, body: [UInt8], commit: StoredCommit)? {
        guard let commit = try commit(containing: id) else { return nil }
        let index = Int(id.sequence - commit.id.sequence)
        let changes = try LogReader.reading(commit.id) { try CommitCodec.changes(of: commit.bytes) }
        let change = changes[index]
        return (change.kind, change.body, commit)
    }

    /// Calls `body` with each commit after `position`, in order of arrival, at most `limit`.
    ///
    /// The bytes are valid only during the call.
    package func forEachCommit(
        after position: Int64,
        limit: Int,
        _ body: (
            _ position: Int64, _ id: ChangeID, _ hash: Digest32, _ bytes: UnsafeRawBufferPointer
        ) throws -> Void
    ) throws {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE position > ?1 ORDER BY position LIMIT ?2
            """
        )
        statement.bind(1, position)
        statement.bind(2, limit)
        try statement.forEach { row in
            let id = ChangeID(row.integer(1))
            try LogReader.reading(id) {
                let hash = Digest32(copying: row.borrowedBytes(2))
                try body(row.integer(0), id, hash, row.borrowedBytes(3))
            }
        }
    }

    /// What `read` makes of a commit that is held.
    ///
    /// Throws: `LogFault.damaged` with its id where its bytes cannot be read.
    static func reading<Value>(_ id: ChangeID, _ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch is WireFault {
            throw LogFault.damaged(id)
        }
    }

    /// Calls `body` with the bytes of each commit after a position and through another, in order of
    /// arrival.
    ///
    /// The bytes are valid only during the call.
    package func forEachBytes(
        after position: Int64,
        through last: Int64,
        _ body: (_ position: Int64, _ bytes: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let statement = try database.statement(
            """
            SELECT position, bytes FROM commits WHERE position > ?1 AND position <= ?2
            ORDER BY position
            """
        )
        statement.bind(1, position)
        statement.bind(2, last)
        try statement.forEach { row in try body(row.integer(0), row.borrowedBytes(1)) }
    }

    /// The commits of one replica after `sequence`, in order, at most `limit`.
    package func commits(
        of replica: ReplicaNumber,
        after sequence: UInt32,
        limit: Int
    ) throws -> [StoredCommit] {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32 | Int64(sequence))
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(UInt32.max))
        statement.bind(3, limit)
        var commits: [StoredCommit] = []
        try statement.forEach { commits.append(StoredCommit(row: $0)) }
        return commits
    }

    /// The last commit of a replica that begins at or before `sequence`.
    package func lastCommit(
        of replica: ReplicaNumber,
        upTo sequence: UInt32
    ) throws -> StoredCommit? {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE id > ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32)
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(sequence))
        return try statement.first { StoredCommit(row: $0) }
    }

    /// The head of a replica, nil where nothing of it is known.
    package func head(of replica: ReplicaNumber) throws -> Head? {
        let statement = try database.statement(
            "SELECT replica, incarnation, device, last, hash FROM heads WHERE replica = ?1"
        )
        statement.bind(1, Int64(replica.rawValue))
        return try statement.first { Head(row: $0) }
    }

    /// All heads, by number.
    package func heads() throws -> [Head] {
        let statement = try database.statement(
            "SELECT replica, incarnation, device, last, hash FROM heads ORDER BY replica"
        )
        var heads: [Head] = []
        try statement.forEach { heads.append(Head(row: $0)) }
        return heads
    }

    /// The hash of headquarters' order at a position, nil beyond the end.
    package func logHash(at position: Int64) throws -> Digest32? {
        guard let realm = try metaBytes("realm") else { return nil }
        if position == 0 { return Chain.logStart(realm: realm) }
        let known = try database.statement(
            "SELECT position, hash FROM chain WHERE position <= ?1 ORDER BY position DESC LIMIT 1"
        )
        known.bind(1, position)
        var at: Int64 = 0
        var hash = Chain.logStart(realm: realm)
        if let point = try known.first({ ($0.integer(0), Digest32(copying: $0.borrowedBytes(1))) })
        {
            (at, hash) = point
        }
        let rest = try database.statement(
            "SELECT hash FROM commits WHERE position > ?1 AND position <= ?2 ORDER BY position"
        )
        rest.bind(1, at)
        rest.bind(2, position)
        try rest.forEach { row in
            hash = Chain.logNext(hash, Digest32(copying: row.borrowedBytes(0)))
            at += 1
        }
        return at == position ? hash : nil
    }

    /// The clock of a change unless a `clock.ruled` in the log corrects it.
    package func effectiveTime(of id: ChangeID, clock: ClockStamp) throws -> ClockStamp {
        try ClockRulings(reader: self).effectiveTime(of: id, clock: clock)
    }

    // MARK: personal values and requests

    /// A personal value by the commit beside which it lies and its index; nil where it is erased.
    package func personal(_ commit: ChangeID, _ index: Int64) throws -> CBORValue? {
        let statement = try database.statement(
            "SELECT value FROM personal WHERE id = ?1 AND place = ?2"
        )
        statement.bind(1, commit.rawValue)
        statement.bind(2, index)
        guard let bytes = try statement.first({ $0.blob(0) }) else { return nil }
        return try CBORValue(decoding: bytes)
    }

    /// What was answered to a request, nil where its key is not known.
    package func outcome(ofRequest key: String) throws -> [UInt8]? {
        let statement = try database.statement("SELECT outcome FROM requests WHERE key = ?1")
        statement.bind(1, key)
        return try statement.first { $0.blob(0) }
    }

    // MARK: settings

    /// A setting as an integer.
    package func metaInteger(_ key: String) throws -> Int64? {
        let statement = try database.statement("SELECT value FROM meta WHERE key = ?1")
        statement.bind(1, key)
        return try statement.first { $0.integer(0) }
    }

    /// A setting as bytes.
    package func metaBytes(_ key: String) throws -> [UInt8]? {
        let statement = try database.statement("SELECT value FROM meta WHERE key = ?1")
        statement.bind(1, key)
        return try statement.first { $0.blob(0) }
    }

    /// Keeps a setting; on the writer's connection only.
    package func setMeta(_ key: String, integer value: Int64) throws {
        let statement = try database.statement(
            "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
        )
        statement.bind(1, key)
        statement.bind(2, value)
        try statement.run()
    }

    /// Keeps a setting; on the writer's connection only.
    package func setMeta(_ key: String, bytes value: [UInt8]) throws {
        let statement = try database.statement(
            "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
        )
        statement.bind(1, key)
        statement.bind(2, value)
        try statement.run()
    }

    /// Forgets a setting; on the writer's connection only.
    package func clearMeta(_ key: String) throws {
        let statement = try database.statement("DELETE FROM meta WHERE key = ?1")
        statement.bind(1, key)
        try statement.run()
    }
}

/// Where a commit lies in a log.
package struct CommitInLog: Hashable, Sendable {
    package let position: Int64
    /// The ids of its changes.
    package let ids: ClosedRange<ChangeID>
    package let clock: ClockStamp
}

extension StoredCommit {
    /// Reads `position, id, hash, bytes`.
    init(row: Statement) {
        self.init(
            position: row.integer(0),
            id: ChangeID(row.integer(1)),
            hash: Digest32(copying: row.borrowedBytes(2)),
            bytes: row.blob(3)
        )
    }

    /// The envelope; nil where the stored bytes are damaged.
    package var header: CommitHeader? {
        try? CommitCodec.header(of: bytes)
    }
}

extension Head {
    /// Reads `replica, incarnation, device, last, hash`.
    init(row: Statement) {
        self.init(
            replica: ReplicaNumber(stored: row.integer(0)),
            incarnation: row.blob(1),
            device: row.integer(2),
            last: UInt32(truncatingIfNeeded: row.integer(3)),
            hash: Digest32(copying: row.borrowedBytes(4))
        )
    }
}

extension Digest32 {
    /// A digest from 32 bytes of storage; anything else reads as zeros, which no chain contains.
    init(copying bytes: UnsafeRawBufferPointer) {
        self = Digest32(bytes) ?? .zero
    }
}
