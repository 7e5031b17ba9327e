// How far each chain is known to be safe: durable, projected, protected; and what is still unsent.
// A mark never says more than headquarters signed; marks are kept in the truth, not in memory.

package import Kernel
import SQLite
package import Wire

/// How far something holds for a chain.
package enum Mark: Int64, CaseIterable, Sendable {
    /// Synced to headquarters' disk.
    case durable = 1
    /// Projected or ruled there.
    case projected = 2
    /// In a verified backup, with all its personal records.
    case protected = 3
}

/// The end of a commit in its chain: a sequence and the hash there.
package struct ChainPoint: Hashable, Sendable {
    package let sequence: UInt32
    package let hash: Digest32

    package init(sequence: UInt32, hash: Digest32) {
        self.sequence = sequence
        self.hash = hash
    }
}

/// A position of headquarters' order with the hash there.
package struct LogPoint: Hashable, Sendable {
    package let position: Int64
    package let hash: Digest32

    package init(position: Int64, hash: Digest32) {
        self.position = position
        self.hash = hash
    }
}

extension Log {
    /// The mark of a chain, nil where none was given.
    package func mark(_ mark: Mark, of replica: ReplicaNumber) throws -> ChainPoint? {
        let statement = try database.statement(
            "SELECT sequence, hash FROM marks WHERE replica = ?1 AND mark = ?2"
        )
        statement.bind(1, Int64(replica.rawValue))
        statement.bind(2, mark.rawValue)
        return try statement.first { row in
            ChainPoint(
                sequence: UInt32(truncatingIfNeeded: row.integer(0)),
                hash: Digest32(copying: row.borrowedBytes(1))
            )
        }
    }

    /// Keeps a mark; it may go back where headquarters was restored.
    ///
    /// Called inside `write`.
    package func setMark(
        _ mark: Mark,
        of replica: ReplicaNumber,
        to point: ChainPoint
    ) throws {
        let statement = try database.statement(
            """
            INSERT INTO marks(replica, mark, sequence, hash) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET sequence = ?3, hash = ?4
            """
        )
        statement.bind(1, Int64(replica.rawValue))
        statement.bind(2, mark.rawValue)
        statement.bind(3, Int64(point.sequence))
        statement.bind(4, point.hash.bytes)
        try statement.run()
    }

    /// Forgets the marks of a chain beyond `sequence`: its tail went to another number.
    ///
    /// Called inside `write`.
    func cutMarks(of replica: ReplicaNumber, to point: ChainPoint) throws {
        for mark in Mark.allCases {
            guard let known = try self.mark(mark, of: replica),
                known.sequence > point.sequence
            else { continue }
            try setMark(mark, of: replica, to: point)
        }
    }

    /// The chains that this device writes, ascending by number.
    package func ownHeads() throws -> [Head] {
        guard let own else { return [] }
        return try reader.heads().filter { $0.device == own.device }
    }

    /// The chains of this device that headquarters has not acknowledged whole.
    package func unsentHeads() throws -> [Head] {
        try ownHeads().filter { head in
            let durable = try mark(.durable, of: head.replica)?.sequence ?? 0
            return head.last > durable
        }
    }

    /// When the oldest commit that headquarters has not acknowledged was written, by its clock.
    package func oldestUnsent() throws -> WallTime? {
        try unsentHeads().compactMap { head in
            let sure = try mark(.durable, of: head.replica)?.sequence ?? 0
            let first = try reader.commits(of: head.replica, after: sure, limit: 1).first
            return first?.header?.clock.wallTime
        }.min()
    }

    /// How many commits headquarters has not acknowledged.
    package func unsentCount() throws -> Int {
        var count = 0
        for head in try unsentHeads() {
            let durable = try mark(.durable, of: head.replica)?.sequence ?? 0
            let statement = try database.statement(
                "SELECT count(*) FROM commits WHERE id > ?1 AND id <= ?2"
            )
            statement.bind(1, Int64(head.replica.rawValue) << 32 | Int64(durable))
            statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(head.last))
            count += Int(try statement.firstInteger() ?? 0)
        }
        return count
    }

    /// The last commit of a chain at or before a position of the log, as a point; the beginning of
    /// the chain where there is none.
    package func point(of head: Head, upTo position: Int64) throws -> ChainPoint {
        let statement = try database.statement(
            """
            SELECT position, id, hash, bytes FROM commits
            WHERE id > ?1 AND id <= ?2 AND position <= ?3 ORDER BY id DESC LIMIT 1
            """
        )
        statement.bind(1, Int64(head.replica.rawValue) << 32)
        statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(UInt32.max))
        statement.bind(3, position)
        guard let commit = try statement.first({ StoredCommit(row: $0) }),
            let header = commit.header
        else { return try startPoint(of: head) }
        return ChainPoint(sequence: header.lastSequence, hash: commit.hash)
    }

    /// Where a chain begins: at sequence 0, or where a re-committed tail left another chain.
    package func startPoint(of head: Head) throws -> ChainPoint {
        let start = Chain.start(
            realm: realm,
            replica: head.replica,
            incarnation: head.incarnation
        )
        let first = try reader.commits(of: head.replica, after: 0, limit: 1).first
        guard let first, let fork = try envelope(of: first).flags.forkedFrom,
            first.id.sequence == fork.lastCommon &+ 1
        else { return ChainPoint(sequence: 0, hash: start) }
        return ChainPoint(sequence: fork.lastCommon, hash: start)
    }

    /// As `point(of:upTo:)`, but before the first commit that lacks a personal record.
    package func protectedPoint(of head: Head, upTo position: Int64) throws -> ChainPoint {
        let statement = try database.statement(
            "SELECT min(id) FROM missing_personal WHERE id > ?1 AND id <= ?2"
        )
        statement.bind(1, Int64(head.replica.rawValue) << 32)
        statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(UInt32.max))
        let missing = try statement.first { $0.integerOrNil(0) } ?? nil
        let point = try point(of: head, upTo: position)
        guard let missing, ChangeID(missing).sequence <= point.sequence else { return point }
        let before = ChangeID(missing).sequence - 1
        guard before > 0,
            let commit = try reader.lastCommit(of: head.replica, upTo: before),
            let header = commit.header
        else { return try startPoint(of: head) }
        return ChainPoint(sequence: header.lastSequence, hash: commit.hash)
    }

    /// True where a commit of the chain ends at the point with this very hash.
    package func holds(_ point: ChainPoint, of replica: ReplicaNumber) throws -> Bool {
        guard let head = try reader.head(of: replica) else { return false }
        if head.last == point.sequence { return head.hash == point.hash }
        if point.hash
            == Chain.start(
                realm: realm,
                replica: replica,
                incarnation: head.incarnation
            )
        {
            return try startPoint(of: head) == point
        }
        guard let commit = try reader.lastCommit(of: replica, upTo: point.sequence),
            commit.hash == point.hash, let header = commit.header
        else { return false }
        return header.lastSequence == point.sequence
    }

    // MARK: personal records

    /// The personal records that belong beside commits of a chain and are not here yet.
    package func missingPersonal(
        of replica: ReplicaNumber?,
        limit: Int
    ) throws -> [(commit: ChangeID, index: Int)] {
        let statement = try database.statement(
            """
            SELECT id, place FROM missing_personal
            WHERE id > ?1 AND id <= ?2 ORDER BY id, place LIMIT ?3
            """
        )
        let low = replica.map { Int64($0.rawValue) << 32 } ?? 0
        let high = replica.map { Int64($0.rawValue) << 32 | Int64(UInt32.max) } ?? Int64.max
        statement.bind(1, low)
        statement.bind(2, high)
        statement.bind(3, limit)
        var missing: [(ChangeID, Int)] = []
        try statement.forEach { missing.append((ChangeID($0.integer(0)), Int($0.integer(1)))) }
        return missing
    }

    /// The personal records beside a commit that are here.
    package func personalRecords(of commit: ChangeID) throws -> [PersonalRecord] {
        let statement = try database.statement(
            "SELECT place, subject, salt, value FROM personal WHERE id = ?1 ORDER BY place"
        )
        statement.bind(1, commit.rawValue)
        var records: [PersonalRecord] = []
        try statement.forEach { row in
            records.append(
                PersonalRecord(
                    commit: commit,
                    index: Int(row.integer(0)),
                    subject: row.integer(1),
                    salt: row.blob(2),
                    value: row.blob(3)
                )
            )
        }
        return records
    }
}
