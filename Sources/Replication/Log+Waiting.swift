// What was handed back and waits beside the chains, with the personal values that belong to it.
// Must not judge: a commit waits here until its place is known.

package import Kernel
import SQLite
import Wire

extension Log {
    func wait(_ id: ChangeID, _ hash: Digest32, _ item: HandedBack) throws {
        let statement = try database.statement(
            """
            INSERT OR IGNORE INTO waiting(id, hash, bytes, previous, stamp)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, hash.bytes)
        statement.bind(3, item.bytes)
        statement.bind(4, item.previous.bytes)
        statement.bind(5, item.stamp)
        try statement.run()
    }

    func isForked(_ id: ChangeID, _ hash: Digest32) throws -> Bool {
        let statement = try database.statement(
            "SELECT 1 FROM forked WHERE id = ?1 AND hash = ?2"
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, hash.bytes)
        return try statement.firstInteger() != nil
    }

    /// How many commits wait beside the chains, by number.
    package func waitingCounts() throws -> [ReplicaNumber: Int] {
        let statement = try database.statement(
            "SELECT id >> 32, count(*) FROM waiting GROUP BY 1 ORDER BY 1"
        )
        var counts: [ReplicaNumber: Int] = [:]
        try statement.forEach { row in
            counts[ReplicaNumber(stored: row.integer(0))] = Int(row.integer(1))
        }
        return counts
    }

    /// What waits beside the chains, one line each, for people.
    package func describeWaiting() throws -> [String] {
        let statement = try database.statement(
            "SELECT id, hash, bytes, previous, stamp FROM waiting ORDER BY id, hash"
        )
        var lines: [String] = []
        try statement.forEach { row in
            let commit = WaitingCommit(row: row)
            let header = try? CommitCodec.header(of: commit.bytes)
            let act = header?.flags.act.map { " part \($0.index + 1) of \($0.count)" } ?? ""
            lines.append(
                "\(commit.id)…\(header?.lastSequence ?? 0)\(act) \(commit.hash.hex.prefix(8)) "
                    + "after \(commit.previous.hex.prefix(8))"
            )
        }
        return lines
    }

    struct WaitingCommit {
        let id: ChangeID
        let hash: Digest32
        let bytes: [UInt8]
        let previous: Digest32
        let stamp: [UInt8]
    }

    func waiting(at id: ChangeID, after previous: Digest32) throws -> WaitingCommit? {
        let statement = try database.statement(
            """
            SELECT id, hash, bytes, previous, stamp FROM waiting
            WHERE id = ?1 AND previous = ?2 ORDER BY hash LIMIT 1
            """
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, previous.bytes)
        return try statement.first { WaitingCommit(row: $0) }
    }

    func stopWaiting(_ commit: WaitingCommit) throws {
        let statement = try database.statement("DELETE FROM waiting WHERE id = ?1 AND hash = ?2")
        statement.bind(1, commit.id.rawValue)
        statement.bind(2, commit.hash.bytes)
        try statement.run()
    }

    /// What waits of a number, by id.
    func waitingCommits(
        of replica: ReplicaNumber
    ) throws -> [(commit: WaitingCommit, header: CommitHeader)] {
        let statement = try database.statement(
            """
            SELECT id, hash, bytes, previous, stamp FROM waiting
            WHERE id > ?1 AND id <= ?2 ORDER BY id, hash
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32)
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(UInt32.max))
        var commits: [(WaitingCommit, CommitHeader)] = []
        try statement.forEach { row in
            let commit = WaitingCommit(row: row)
            guard let header = try? CommitCodec.header(of: commit.bytes) else { return }
            commits.append((commit, header))
        }
        return commits
    }

    // MARK: personal values

    /// Keeps a personal value beside the commit that waits under this id and names it.
    func receiveWaitingPersonal(
        of id: ChangeID,
        _ place: Int,
        _ salt: [UInt8],
        _ value: [UInt8]
    ) throws -> Bool {
        guard isHeadquarters else { return false }
        let digest = PersonalRecord.hash(salt: salt, value: value)
        let statement = try database.statement("SELECT hash, bytes FROM waiting WHERE id = ?1")
        statement.bind(1, id.rawValue)
        var named: [(hash: Digest32, subject: Int64)] = []
        try statement.forEach { row in
            guard let header = try? CommitCodec.header(of: row.borrowedBytes(1)),
                header.flags.personal.indices.contains(place),
                header.flags.personal[place].hash == digest
            else { return }
            let hash = Digest32(copying: row.borrowedBytes(0))
            named.append((hash, header.flags.personal[place].subject))
        }
        for (hash, subject) in named {
            if try isErased(subject) { continue }
            let keep = try database.statement(
                """
                INSERT OR IGNORE INTO waiting_personal(hash, place, subject, salt, value)
                VALUES(?1, ?2, ?3, ?4, ?5)
                """
            )
            keep.bind(1, hash.bytes)
            keep.bind(2, place)
            keep.bind(3, subject)
            keep.bind(4, salt)
            keep.bind(5, value)
            try keep.run()
        }
        return !named.isEmpty
    }

    /// The values that waited with a commit belong to what it became; what is not here is missed.
    func moveWaitingPersonal(of hash: Digest32, to header: CommitHeader) throws {
        if header.flags.personal.isEmpty { return }
        let statement = try database.statement(
            "SELECT place, salt, value FROM waiting_personal WHERE hash = ?1 ORDER BY place"
        )
        statement.bind(1, hash.bytes)
        var records: [PersonalRecord] = []
        try statement.forEach { row in
            let place = Int(row.integer(0))
            guard header.flags.personal.indices.contains(place) else { return }
            records.append(
                PersonalRecord(
                    commit: header.id,
                    index: place,
                    subject: header.flags.personal[place].subject,
                    salt: row.blob(1),
                    value: row.blob(2)
                )
            )
        }
        for record in records { try keep(record) }
        let clear = try database.statement("DELETE FROM waiting_personal WHERE hash = ?1")
        clear.bind(1, hash.bytes)
        try clear.run()
        for (index, mark) in header.flags.personal.enumerated() {
            try expectPersonal(header.id, index, mark.subject)
        }
    }
}

extension Log.WaitingCommit {
    /// Reads `id, hash, bytes, previous, stamp`.
    init(row: Statement) {
        self.init(
            id: ChangeID(row.integer(0)),
            hash: Digest32(copying: row.borrowedBytes(1)),
            bytes: row.blob(2),
            previous: Digest32(copying: row.borrowedBytes(3)),
            stamp: row.blob(4)
        )
    }
}
