// A node in memory for tests: a log, views, projections, a clock that a test sets, one seed.

package import Kernel
package import Replication
package import SQLite
import Wire

/// Randomness from a seed, which two nodes of one test may share or not.
///
/// Why `@unchecked Sendable`: a test uses it on one thread.
package final class SeededSource: RandomSource, @unchecked Sendable {
    private var random: SeededRandom

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    package func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
}

/// A node of a test: headquarters with number 0, or a branch with its own.
package final class Fixture {
    package static let realm = [UInt8](repeating: 7, count: 16)

    package let log: Log
    package private(set) var projector: Projector
    /// What the clock of this node shows.
    package var now = WallTime(milliseconds: 1_795_000_000_000)
    private let makeProjections: () -> [any Projection]

    /// A node in memory; `replica` 0 is headquarters.
    package init(
        replica: UInt32 = 0,
        seed: UInt64 = 1,
        projections: @escaping () -> [any Projection]
    ) throws {
        log = try Log.create(
            database: Database(path: ":memory:"),
            random: SeededSource(seed: seed &+ UInt64(replica)),
            realm: Fixture.realm,
            isHeadquarters: replica == 0
        )
        makeProjections = projections
        projector = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: projections()
        )
        let log = log
        try log.write {
            try log.adopt(
                ReplicaNumber(replica),
                incarnation: [UInt8](repeating: UInt8(replica & 0xff), count: 16),
                device: Int64(replica)
            )
        }
    }

    package var views: Database { projector.views }

    /// An act that begins at the node's next id.
    package func act(author: Int64 = 0) throws -> Act {
        Act(first: try log.nextID(), author: author)
    }

    /// Applies and appends an act as a local command does, and moves the clock by a second.
    @discardableResult
    package func commit(_ act: Act) throws -> PreparedAct {
        try catchUp()
        let prepared = try log.prepare(act, at: now)
        try projector.begin(prepared)
        try log.write { try log.append(prepared, at: now) }
        try projector.commitPending()
        now = now.adding(milliseconds: 1_000)
        return prepared
    }

    /// Appends an act without projecting it, as receiving would.
    @discardableResult
    package func append(_ act: Act) throws -> PreparedAct {
        let prepared = try log.append(act, at: now)
        now = now.adding(milliseconds: 1_000)
        return prepared
    }

    /// Takes all commits of another node that this one lacks, in that node's order.
    package func receive(from other: Fixture, limit: Int = .max) throws {
        var taken = 0
        for head in try other.log.reader.heads() {
            let known = try log.reader.head(of: head.replica)?.last ?? 0
            let commits = try other.log.reader.commits(
                of: head.replica,
                after: known,
                limit: limit - taken
            )
            var act: [StoredCommit] = []
            for commit in commits {
                act.append(commit)
                let place = commit.header?.flags.act
                if let place, place.index + 1 < place.count { continue }
                try receive(act, incarnation: head.incarnation, device: head.device)
                act = []
                taken += 1
            }
        }
    }

    /// Takes one commit; what it follows must be here.
    package func receive(
        _ commit: StoredCommit,
        incarnation: [UInt8],
        device: Int64
    ) throws {
        try receive([commit], incarnation: incarnation, device: device)
    }

    /// Takes the commits of one act, which are taken together or not at all.
    package func receive(
        _ act: [StoredCommit],
        incarnation: [UInt8],
        device: Int64
    ) throws {
        guard let commit = act.first, let last = act.last else { return }
        let replica = commit.id.replica
        let start = Chain.start(
            realm: Fixture.realm,
            replica: replica,
            incarnation: incarnation
        )
        let before = try log.reader.head(of: replica)?.hash ?? start
        guard let header = last.header else { preconditionFailure("a stored commit is whole") }
        let copies = act.map { commit in
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: commit.bytes.count,
                alignment: 1
            )
            copy.copyBytes(from: commit.bytes)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        let batch = IncomingBatch(
            device: device,
            replica: replica,
            incarnation: incarnation,
            first: commit.id.sequence,
            last: header.lastSequence,
            before: before,
            head: last.hash,
            mac: .zero,
            commits: copies.map { UnsafeRawBufferPointer($0) }
        )
        try log.write { _ = try log.receive(batch) }
    }

    /// Projects everything the log holds, `batch` commits at a time.
    package func catchUp(batch: Int = 1_000) throws {
        while try projector.catchUp(limit: batch) > 0 {}
    }

    /// The digests of views derived from the log anew.
    package func rebuiltDigests() throws -> [ViewDigest] {
        let fresh = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: makeProjections()
        )
        try fresh.catchUpWholly()
        return try fresh.digests()
    }

    /// Catches up, derives the views anew, and names the modules whose tables differ: none may.
    package func rebuildAndCompare() throws -> [String] {
        try catchUp()
        let rebuilt = try rebuiltDigests()
        let here = try projector.digests()
        return zip(here, rebuilt).filter { $0 != $1 }.map(\.0.module)
    }

    /// Replaces the views by rebuilt ones.
    package func rebuild() throws {
        projector = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: makeProjections()
        )
        try projector.catchUpWholly()
    }
}
