// Headquarters went back without knowing it and wrote on: what was handed back under ids that it
// has used again is committed again under another number, by the rule of forks.

package import Kernel
import SQLite
import Wire

extension Log {
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
        do {
            for old in tail { _ = try rewritten(old, from: point, rewrite, shapes, number) }
        } catch let fault as LogFault {
            // A kind that is not known here: the suffix waits for newer code.
            guard case .undeclared = fault else { throw fault }
            return nil
        }
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
