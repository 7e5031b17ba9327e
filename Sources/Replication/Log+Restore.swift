// Headquarters after a restore: a new number, the careful state, and what nodes hand back.
// Must not drop anything: what does not fit waits beside the chain, what contradicts goes aside.

package import Kernel
import SQLite
package import Wire

/// A commit that a node hands back to headquarters, with the stamp it once got with it.
package struct HandedBack {
    package let previous: Digest32
    package let stamp: [UInt8]
    package let bytes: UnsafeRawBufferPointer

    package init(previous: Digest32, stamp: [UInt8], bytes: UnsafeRawBufferPointer) {
        self.previous = previous
        self.stamp = stamp
        self.bytes = bytes
    }
}

/// What became of a commit that was handed back.
package enum HandedBackOutcome: Hashable, Sendable {
    case taken
    case known
    /// It waits beside the chain until what comes before it is here, or named as lost.
    case waiting
    /// It stands under an id of headquarters' own number that was written anew: it will be
    /// committed again under another number.
    case rolledBack
}

extension Log {
    /// True after a restore, until a person has confirmed devices, users and waived branches.
    package var isCareful: Bool {
        get throws { try reader.metaInteger("careful") == 1 }
    }

    /// Headquarters was restored: it goes on under a number of a random block of the upper half,
    /// and only receives until a person confirms.
    ///
    /// Called inside `write`. A second restore takes a second number, careful or not.
    package func becomeRestored(at wall: WallTime) throws {
        precondition(isHeadquarters, "only headquarters has the careful state")
        let number = ReplicaNumber(UInt32(try drawBlock()))
        try adopt(number, incarnation: random.bytes(16), device: 0)
        try reader.setMeta("careful", integer: 1)
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.replicaIssued, LogBody.issued(number, to: 0))
        }
    }

    /// A person has confirmed what a restored headquarters hands out.
    ///
    /// Called inside `write`.
    package func confirmRestored() throws {
        try reader.clearMeta("careful")
    }

    /// Takes a commit that was handed back; its stamp was checked by the caller.
    ///
    /// Called inside `write`.
    package func takeBack(_ item: HandedBack) throws -> HandedBackOutcome {
        let header: CommitHeader
        do throws(WireFault) {
            header = try CommitCodec.header(of: item.bytes)
        } catch {
            throw LogFault.envelope(nil, error)
        }
        let hash = Chain.next(item.previous, item.bytes)
        if try reader.commit(header.id)?.hash == hash { return .known }
        if try isForked(header.id, hash) { return .known }
        let head = try reader.head(of: header.replica)
        try wait(header.id, hash, item)
        guard let head else { return .waiting }
        if header.firstSequence <= head.last {
            return head.device == 0 ? .rolledBack : .waiting
        }
        _ = try fillFromWaiting(head)
        try closeChain()
        return try reader.commit(header.id)?.hash == hash ? .taken : .waiting
    }

    private func wait(_ id: ChangeID, _ hash: Digest32, _ item: HandedBack) throws {
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
            counts[ReplicaNumber(UInt32(row.integer(0)))] = Int(row.integer(1))
        }
        return counts
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

    /// Appends what waits right behind a head, whole acts only; answers the head then.
    func fillFromWaiting(_ head: Head) throws -> Head {
        try forgetArrived(head)
        var head = head
        while let (act, last) = try waitingAct(after: head) {
            for commit in act { try appendWaiting(commit, isAfterHole: false) }
            head = Head(
                replica: head.replica,
                incarnation: head.incarnation,
                device: head.device,
                last: last,
                hash: act[act.count - 1].hash
            )
            try setHead(head)
            if own?.replica == head.replica { own = head }
        }
        return head
    }

    /// What waited and has come from its author meanwhile does not wait any more.
    private func forgetArrived(_ head: Head) throws {
        let statement = try database.statement(
            """
            DELETE FROM waiting WHERE id > ?1 AND id <= ?2 AND EXISTS
              (SELECT 1 FROM commits WHERE commits.id = waiting.id AND commits.hash = waiting.hash)
            """
        )
        statement.bind(1, Int64(head.replica.rawValue) << 32)
        statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(head.last))
        try statement.run()
    }

    /// The commits of the act that waits right behind a head; nil while one of them is missing.
    private func waitingAct(
        after head: Head
    ) throws -> (commits: [WaitingCommit], last: UInt32)? {
        var commits: [WaitingCommit] = []
        var last = head.last
        var hash = head.hash
        while last < .max {
            let id = ChangeID(replica: head.replica, sequence: last + 1)
            guard let commit = try waiting(at: id, after: hash),
                let header = try? CommitCodec.header(of: commit.bytes)
            else { return nil }
            commits.append(commit)
            last = header.lastSequence
            hash = commit.hash
            guard let act = header.flags.act, act.index < act.count - 1 else {
                return (commits, last)
            }
        }
        return nil
    }

    private func appendWaiting(_ commit: WaitingCommit, isAfterHole: Bool) throws {
        try commit.bytes.withUnsafeBytes { bytes in
            let header = try CommitCodec.header(of: bytes)
            try insert(
                commit.id,
                commit.hash,
                bytes,
                header.audiences,
                stamp: commit.stamp,
                previous: isAfterHole ? commit.previous : nil
            )
            for (index, mark) in header.flags.personal.enumerated() {
                try expectPersonal(header.id, index, mark.subject)
            }
            try noteRecommit(header)
            let isOwn = try headquartersNumbers().contains(header.replica)
            if isOwn { try followLogKinds(header, bytes) }
        }
        try stopWaiting(commit)
    }

    /// A `tail.lost` names a hole: what waits behind it follows after the gap.
    func giveUpHole(_ body: UnsafeRawBufferPointer) throws {
        guard isHeadquarters else { return }
        let fields = try BodyFields(body)
        let replica = try fields.number(fields.integer(1))
        let after = try fields.sequence(2)
        let statement = try database.statement(
            """
            SELECT id, hash, bytes, previous, stamp FROM waiting
            WHERE id > ?1 AND id <= ?2 ORDER BY id, hash LIMIT 1
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32 | Int64(after))
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(UInt32.max))
        guard let first = try statement.first({ WaitingCommit(row: $0) }),
            let header = try? CommitCodec.header(of: first.bytes)
        else { return }
        let known = try reader.head(of: replica)
        guard header.firstSequence > known?.last ?? 0 else { return }
        try appendWaiting(first, isAfterHole: true)
        let owner = try self.owner(of: replica)?.device ?? -1
        let head = Head(
            replica: replica,
            incarnation: known?.incarnation ?? [UInt8](repeating: 0, count: 16),
            device: known?.device ?? owner,
            last: header.lastSequence,
            hash: first.hash
        )
        try setHead(head)
        _ = try fillFromWaiting(head)
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
