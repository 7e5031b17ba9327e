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
    /// Called inside `write`. Does nothing where it is careful already.
    package func becomeRestored(at wall: WallTime) throws {
        precondition(isHeadquarters, "only headquarters has the careful state")
        if try isCareful { return }
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

    // MARK: rolled back without knowing it

    /// Commits again, under another number, what was handed back of headquarters' own number and
    /// contradicts what it has written since.
    ///
    /// Called inside `write`. Answers the number where something was committed again.
    package func recommitHandedBack(
        of replica: ReplicaNumber,
        shapes: BodyShapes,
        at wall: WallTime
    ) throws -> ReplicaNumber? {
        guard let fork = try rolledBackFork(of: replica) else { return nil }
        let tail = try waitingTail(of: replica, from: fork)
        guard let first = tail.first else { return nil }
        let key = fork.firstDivergent ?? first.hash
        let number = try headquartersNumber(for: key, at: wall)
        let point = CommitFlags.ForkPoint(
            replica: replica,
            lastCommon: fork.common.sequence,
            hash: fork.common.hash
        )
        let incarnation = Chain.forkIncarnation(realm: realm, firstDivergent: key)
        let end = ChangeID(replica: replica, sequence: fork.common.sequence)
        let rewrite = IDRewrite(after: end, through: .max, as: number)
        var head =
            try reader.head(of: number)
            ?? Head(
                replica: number,
                incarnation: incarnation,
                device: 0,
                last: point.lastCommon,
                hash: Chain.start(realm: realm, replica: number, incarnation: incarnation)
            )
        for old in tail {
            let isFirst = head.last == point.lastCommon
            head = try recommit(old, from: isFirst ? point : nil, rewrite, shapes, after: head)
            let gone = WaitingCommit(
                id: old.id,
                hash: old.hash,
                bytes: old.bytes,
                previous: old.hash,
                stamp: []
            )
            try stopWaiting(gone)
        }
        try setHead(head)
        try closeChain()
        return number
    }

    /// What waits of the other history, in one run from where the fork goes on; whole acts only.
    private func waitingTail(
        of replica: ReplicaNumber,
        from fork: RolledBack
    ) throws -> [ForkedCommit] {
        var tail: [ForkedCommit] = []
        var last = fork.end
        var hash = fork.hash
        while last < .max {
            let id = ChangeID(replica: replica, sequence: last + 1)
            guard let commit = try waiting(at: id, after: hash),
                let header = try? CommitCodec.header(of: commit.bytes)
            else { break }
            tail.append(ForkedCommit(id: id, hash: commit.hash, bytes: commit.bytes))
            last = header.lastSequence
            hash = commit.hash
        }
        ForkedCommit.dropOpenAct(&tail)
        return tail
    }

    /// The number under which headquarters commits a tail of its own again.
    private func headquartersNumber(
        for key: Digest32,
        at wall: WallTime
    ) throws -> ReplicaNumber {
        if let known = try knownNumber(for: key) { return known }
        let number = try freshNumbers(1)[0]
        try keepNumber(number, for: key)
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.replicaIssued, LogBody.issued(number, to: 0))
        }
        return number
    }

    private struct RolledBack {
        /// The end of the last commit both histories share.
        let common: ChainPoint
        /// The first commit of the other history, where some of it was committed again before.
        let firstDivergent: Digest32?
        /// Where the part that was committed again ends in the other history.
        let end: UInt32
        let hash: Digest32
    }

    private func rolledBackFork(of replica: ReplicaNumber) throws -> RolledBack? {
        let statement = try database.statement(
            """
            SELECT id, hash, bytes, previous, stamp FROM waiting
            WHERE id > ?1 AND id <= ?2 ORDER BY id, hash
            """
        )
        statement.bind(1, Int64(replica.rawValue) << 32)
        statement.bind(2, Int64(replica.rawValue) << 32 | Int64(UInt32.max))
        var candidates: [WaitingCommit] = []
        try statement.forEach { candidates.append(WaitingCommit(row: $0)) }
        for commit in candidates {
            let point = ChainPoint(sequence: commit.id.sequence - 1, hash: commit.previous)
            if try holds(point, of: replica) {
                return RolledBack(
                    common: point,
                    firstDivergent: nil,
                    end: point.sequence,
                    hash: point.hash
                )
            }
            if let earlier = try forkBefore(commit) { return earlier }
        }
        return nil
    }

    /// The fork that a waiting commit goes on with, where the commit before it was committed again.
    private func forkBefore(_ commit: WaitingCommit) throws -> RolledBack? {
        let statement = try database.statement(
            """
            SELECT became FROM forked
            WHERE id >= ?1 AND id < ?2 AND hash = ?3 AND became IS NOT NULL
            """
        )
        statement.bind(1, Int64(commit.id.replica.rawValue) << 32)
        statement.bind(2, commit.id.rawValue)
        statement.bind(3, commit.previous.bytes)
        guard let became = try statement.firstInteger() else { return nil }
        let chain = ChangeID(became).replica
        let first = try reader.commits(of: chain, after: 0, limit: 1).first
        guard let flags = first?.header?.flags, let point = flags.forkedFrom,
            point.replica == commit.id.replica, let was = flags.was
        else { return nil }
        return RolledBack(
            common: ChainPoint(sequence: point.lastCommon, hash: point.hash),
            firstDivergent: was,
            end: commit.id.sequence - 1,
            hash: commit.previous
        )
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
