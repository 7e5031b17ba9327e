// Batches that lie, each in one way, all signed with a good key.

import Kernel
import Replication
import Sync
import Testing
import Wire

extension Siege {
    /// The true batch with other commits in it; what it says of itself stays.
    func altered(_ change: (inout [[UInt8]]) -> Void) throws -> SignedBatch {
        let good = try batch()
        var others = commits
        change(&others)
        return hand.signed(good.chain, first: good.first, before: good.before, others)
    }

    /// What follows the first commit, without it.
    func later() throws -> SignedBatch {
        let header = try CommitCodec.header(of: commits[0])
        let before = commits[0].withUnsafeBytes { Chain.next(sure.hash, $0) }
        return try hand.batch(
            head,
            first: header.lastSequence + 1,
            before: before,
            Array(commits.dropFirst())
        )
    }

    /// Commits under the number of the other store, signed by this one.
    func stolen() throws -> SignedBatch {
        let chain = Head(
            replica: theirs.replica,
            incarnation: theirs.incarnation,
            device: hand.device,
            last: theirs.last,
            hash: theirs.hash
        )
        return try hand.batch(chain, first: theirs.last + 1, before: theirs.hash, commits)
    }

    /// The true commits under another incarnation.
    func reborn() throws -> SignedBatch {
        let chain = Head(
            replica: head.replica,
            incarnation: [UInt8](repeating: 3, count: 16),
            device: hand.device,
            last: head.last,
            hash: head.hash
        )
        return try hand.batch(chain, first: sure.sequence + 1, before: sure.hash, commits)
    }

    /// A batch that names the other device, under this one's key.
    func claimed() throws -> SignedBatch {
        let good = try batch()
        return SignedBatch(
            device: stranger.device,
            chain: good.chain,
            first: good.first,
            before: good.before,
            mac: good.mac,
            commits: good.commits
        )
    }

    /// The true commits after another hash than headquarters holds.
    func rewritten() throws -> SignedBatch {
        try hand.batch(
            head,
            first: sure.sequence + 1,
            before: SHA256.digest([1]),
            commits
        )
    }

    /// One commit over 1 MiB, right in everything else.
    func fat() throws -> SignedBatch {
        let body = CBORValue.map([
            .init(1, .bytes([UInt8](repeating: 0, count: Limits.commitBytesReceivedMax)))
        ])
        let commit = CBORValue.array([
            .integer(1), .integer(Int64(head.replica.rawValue)),
            .integer(Int64(sure.sequence) + 1), .integer(0), .integer(wall.milliseconds),
            .integer(0), .array([.array([.integer(0), .integer(0)])]), .map([]),
            .array([.array([.integer(513), body])]),
        ])
        return try batch([commit.encoded()])
    }
}
