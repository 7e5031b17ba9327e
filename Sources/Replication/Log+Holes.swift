// Holes of a chain that were given up as lost: its author may come after all, and is asked for what
// lies in them. Nothing is acknowledged beyond a hole.

import Kernel
import SQLite
import Wire

extension Log {
    /// The state of a head whose chain has a hole.
    private static var holed: Int64 { 1 }

    /// Notes whether the chain of a head has a hole now.
    func noteHole(of head: Head) throws {
        let isWhole = try firstHole(of: head) == nil
        let statement = try database.statement("UPDATE heads SET state = ?2 WHERE replica = ?1")
        statement.bind(1, Int64(head.replica.rawValue))
        statement.bind(2, isWhole ? 0 : Log.holed)
        try statement.run()
    }

    /// True where something before the head was given up as lost.
    func hasHole(_ head: Head) throws -> Bool {
        let statement = try database.statement("SELECT state FROM heads WHERE replica = ?1")
        statement.bind(1, Int64(head.replica.rawValue))
        return try statement.firstInteger() == Log.holed
    }

    /// How far a chain is held without a hole.
    ///
    /// Cost: one row of its head, unless there is a hole.
    package func wholePoint(of head: Head) throws -> ChainPoint {
        if try hasHole(head), let hole = try firstHole(of: head) { return hole }
        return ChainPoint(sequence: head.last, hash: head.hash)
    }

    private func firstHole(of head: Head) throws -> ChainPoint? {
        try holes(of: head).first?.before
    }

    /// A gap of a chain: the end of the commit before it, and the commit behind it with the hash
    /// that it follows.
    private struct Hole {
        let before: ChainPoint
        let next: ChangeID
        let previous: Digest32
    }

    private func holes(of head: Head) throws -> [Hole] {
        let statement = try database.statement(
            """
            SELECT id, previous FROM commits
            WHERE id > ?1 AND id <= ?2 AND previous NOTNULL ORDER BY id
            """
        )
        statement.bind(1, Int64(head.replica.rawValue) << 32)
        statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(UInt32.max))
        var candidates: [(id: ChangeID, previous: Digest32)] = []
        try statement.forEach { row in
            candidates.append((ChangeID(row.integer(0)), Digest32(copying: row.borrowedBytes(1))))
        }
        let start = try startPoint(of: head)
        var holes: [Hole] = []
        for (id, previous) in candidates {
            var point = start
            if let before = try reader.lastCommit(of: head.replica, upTo: id.sequence - 1) {
                let last = try envelope(of: before).lastSequence
                point = ChainPoint(sequence: last, hash: before.hash)
            }
            if point.sequence + 1 != id.sequence {
                holes.append(Hole(before: point, next: id, previous: previous))
            }
        }
        return holes
    }

    /// True for a commit that lies wholly in a hole of its chain.
    func isInHole(_ header: CommitHeader, _ head: Head) throws -> Bool {
        guard try hasHole(head) else { return false }
        return try holes(of: head).contains { hole in
            hole.before.sequence < header.firstSequence && header.lastSequence < hole.next.sequence
        }
    }

    /// Puts what waits into the holes that it fills whole.
    func fillHolesFromWaiting(_ head: Head) throws {
        for hole in try holes(of: head) {
            var run: [WaitingCommit] = []
            var point = hole.before
            while point.sequence + 1 < hole.next.sequence {
                let id = ChangeID(replica: head.replica, sequence: point.sequence + 1)
                guard let commit = try waiting(at: id, after: point.hash),
                    let header = try? CommitCodec.header(of: commit.bytes)
                else { break }
                run.append(commit)
                point = ChainPoint(sequence: header.lastSequence, hash: commit.hash)
            }
            guard point.sequence + 1 == hole.next.sequence, point.hash == hole.previous else {
                continue
            }
            for commit in run { try appendWaiting(commit, isAfterHole: false) }
        }
        try noteHole(of: head)
        try closeChain()
    }

    /// Takes of a batch that ends on the chain what lies in its holes; nil where nothing does.
    func fillHoles(
        _ batch: IncomingBatch,
        _ head: Head,
        admit: Admission
    ) throws -> ReceiveOutcome? {
        guard try hasHole(head) else { return nil }
        let checked = try chain(batch)
        guard checked.last?.hash == batch.head else { return .broken(nil) }
        let before = end
        try fill(checked[...], of: batch, head, admit: admit)
        return end > before ? .taken(head, new: Int(end - before)) : nil
    }

    /// Inserts the commits of a checked run that are not held; the run ends in one that is.
    func fill(
        _ run: ArraySlice<CheckedCommit>,
        of batch: IncomingBatch,
        _ head: Head,
        admit: Admission
    ) throws {
        let missing = try run.filter { try reader.commit($0.header.id) == nil }
        if missing.isEmpty { return }
        for item in missing { try take(item, from: batch.device, admit: admit) }
        try keepSignature(of: batch)
        try noteHole(of: head)
        try closeChain()
    }
}
