// What was committed again, by the hash it was first written under: so that nothing which comes
// back by two ways is taken in twice.
// Must not decide which history is kept.

import Kernel
import SQLite
import Wire

extension Log {
    /// The id under which a commit of another history was committed again; nil where it was not.
    ///
    /// Cost: nothing in a log where nothing ever was, for every commit received asks.
    func recommitted(_ was: Digest32) throws -> ChangeID? {
        if !hasRecommitted { return nil }
        let statement = try database.statement("SELECT id FROM recommitted WHERE was = ?1")
        statement.bind(1, was.bytes)
        return try statement.firstInteger().map { ChangeID($0) }
    }

    private func keepRecommitted(_ was: Digest32, as id: ChangeID) throws {
        let statement = try database.statement(
            "INSERT OR REPLACE INTO recommitted(was, id) VALUES(?1, ?2)"
        )
        statement.bind(1, was.bytes)
        statement.bind(2, id.rawValue)
        try statement.run()
        hasRecommitted = true
    }

    /// Notes a commit that was received and was another before; a fork keeps its number, whoever
    /// asks for it later.
    func noteRecommit(_ header: CommitHeader) throws {
        guard let was = header.flags.was else { return }
        if try !isHeadquarters || recommitted(was) == nil {
            try keepRecommitted(was, as: header.id)
        }
        guard isHeadquarters, header.flags.forkedFrom != nil else { return }
        if try knownNumber(for: was) == nil { try keepNumber(header.replica, for: was) }
    }

    /// True for a commit whose content stands in the log under another id.
    ///
    /// Headquarters had forgotten that it was committed again, and took the old one; or committed
    /// it again itself, for it believed its author's copy gone.
    func isDoubled(_ header: CommitHeader, _ hash: Digest32) throws -> Bool {
        if let twin = try recommitted(hash), try reader.commit(twin) != nil { return true }
        guard let was = header.flags.was else { return false }
        if let twin = try recommitted(was), twin != header.id, try reader.commit(twin) != nil {
            return true
        }
        guard let old = try forkedFrom(header) else { return false }
        return try reader.commit(ChangeID(replica: old, sequence: header.firstSequence))?.hash
            == was
    }

    /// The number of which a chain was committed again: its first commit says so.
    private func forkedFrom(_ header: CommitHeader) throws -> ReplicaNumber? {
        if let point = header.flags.forkedFrom { return point.replica }
        let first = try reader.commits(of: header.replica, after: 0, limit: 1).first
        return first?.header?.flags.forkedFrom?.replica
    }

    /// Notes a commit that was committed again here, under its hash and the one before that.
    func note(_ header: CommitHeader, recommits old: ForkedCommit) throws {
        try keepRecommitted(old.hash, as: header.id)
        let before = try CommitCodec.header(of: old.bytes).flags.was
        if let before { try keepRecommitted(before, as: header.id) }
    }

    /// What waits of a number and was committed again, by whom ever, waits no more.
    func forgetRecommitted(of replica: ReplicaNumber) throws {
        for (commit, header) in try waitingCommits(of: replica) {
            let same = try recommitted(commit.hash)
            let twin = try header.flags.was.flatMap { try recommitted($0) }
            guard let id = same ?? twin, id != header.id, try reader.commit(id) != nil else {
                continue
            }
            let old = ForkedCommit(id: commit.id, hash: commit.hash, bytes: commit.bytes)
            try keepForked(old, became: id)
            try stopWaiting(commit)
        }
    }
}
