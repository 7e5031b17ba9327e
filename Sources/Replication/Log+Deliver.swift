// What headquarters hands out: its order, filtered by audiences, never cut inside an act.
// Must not decide what is judged; the caller says how far, and what is withheld.

package import Kernel
import SQLite
package import Wire

/// A commit as it is handed out.
package struct HandedOut {
    package let position: Int64
    package let header: CommitHeader
    package let hash: Digest32
    /// The hash before it in its own chain.
    package let previous: Digest32
    package let bytes: [UInt8]
}

/// What one delivery asks for.
package struct DeliveryWindow {
    /// Deliver what lies after this position.
    package var after: Int64
    /// And not beyond this one.
    package var through: Int64
    /// The audiences whose commits are delivered.
    package var audiences: Set<Audience>
    /// What these may see was delivered before.
    package var known: Set<Audience> = []
    /// Unit: bytes of commits after which the delivery ends, with the act it is in.
    package var bytesMax: Int

    package init(
        after: Int64,
        through: Int64,
        audiences: Set<Audience>,
        known: Set<Audience> = [],
        bytesMax: Int
    ) {
        self.after = after
        self.through = through
        self.audiences = audiences
        self.known = known
        self.bytesMax = bytesMax
    }
}

extension Log {
    /// Calls `body` with each commit of the window in headquarters' order; answers the position
    /// that was reached.
    ///
    /// `body` answers the bytes it took; 0 where the commit is passed over.
    package func deliver(
        _ window: DeliveryWindow,
        _ body: (_ position: Int64, _ id: ChangeID, _ hash: Digest32, _ bytes: [UInt8]) throws
            -> Int
    ) throws -> Int64 {
        var at = window.after
        var size = 0
        var openThrough: Int64 = 0
        while at < window.through {
            let (ranges, horizon) = try deliveryRanges(window, after: at)
            for range in ranges {
                var next = range.lowerBound
                // One commit at a time: `body` may read the same table.
                while next <= range.upperBound {
                    if size >= window.bytesMax, next > openThrough { return next - 1 }
                    let step = try oneCommit(at: next)
                    next += 1
                    guard let commit = step else { continue }
                    let header = try envelope(of: commit)
                    if header.audiences.contains(where: window.known.contains) { continue }
                    if let act = header.flags.act {
                        openThrough = commit.position + Int64(act.count - 1 - act.index)
                    }
                    size += try body(commit.position, commit.id, commit.hash, commit.bytes)
                }
            }
            at = horizon
        }
        return window.through
    }

    private func oneCommit(at position: Int64) throws -> StoredCommit? {
        let statement = try database.statement(
            "SELECT position, id, hash, bytes FROM commits WHERE position = ?1"
        )
        statement.bind(1, position)
        return try statement.first { StoredCommit(row: $0) }
    }

    func envelope(of commit: StoredCommit) throws -> CommitHeader {
        try commit.bytes.withUnsafeBytes { bytes in
            do throws(WireFault) {
                return try CommitCodec.envelope(of: bytes)
            } catch {
                throw LogFault.damaged(commit.id)
            }
        }
    }

    /// The positions that the audiences of a window may see, merged and ascending, up to a horizon
    /// until which they are complete.
    private func deliveryRanges(
        _ window: DeliveryWindow,
        after position: Int64
    ) throws -> (ranges: [ClosedRange<Int64>], horizon: Int64) {
        let limit = 256
        var horizon = window.through
        var found: [ClosedRange<Int64>] = []
        let statement = try database.statement(
            """
            SELECT first, last FROM delivery
            WHERE audience = ?1 AND first <= ?3 AND last > ?2 ORDER BY first LIMIT ?4
            """
        )
        for audience in window.audiences.sorted() {
            statement.bind(1, audience.packed)
            statement.bind(2, position)
            statement.bind(3, window.through)
            statement.bind(4, limit)
            var count = 0
            var last: Int64 = position
            try statement.forEach { row in
                count += 1
                last = row.integer(1)
                found.append(max(row.integer(0), position + 1)...min(last, window.through))
            }
            if count == limit { horizon = min(horizon, last) }
        }
        found.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<Int64>] = []
        for range in found where range.lowerBound <= horizon {
            let cut = range.lowerBound...min(range.upperBound, horizon)
            if let last = merged.last, cut.lowerBound <= last.upperBound + 1 {
                let upper = max(last.upperBound, cut.upperBound)
                merged[merged.count - 1] = last.lowerBound...upper
            } else {
                merged.append(cut)
            }
        }
        return (merged, horizon)
    }

    /// The hash before a commit in its own chain.
    package func previousHash(of id: ChangeID) throws -> Digest32 {
        let kept = try database.statement("SELECT previous FROM commits WHERE id = ?1")
        kept.bind(1, id.rawValue)
        if let bytes = try kept.first({ $0.blobOrNil(0) }) ?? nil, let hash = Digest32(bytes) {
            return hash
        }
        if id.sequence > 1,
            let before = try reader.lastCommit(of: id.replica, upTo: id.sequence - 1)
        {
            return before.hash
        }
        guard let head = try reader.head(of: id.replica) else { throw LogFault.damaged(id) }
        return try startPoint(of: head).hash
    }

    /// The old commits that rulings up to `through` gave to an audience by name, ascending.
    package func widenedCommits(
        to audience: Audience,
        through position: Int64
    ) throws -> [ChangeID] {
        let statement = try database.statement(
            "SELECT id FROM widened WHERE audience = ?1 AND position <= ?2 ORDER BY id"
        )
        statement.bind(1, audience.packed)
        statement.bind(2, position)
        var ids: [ChangeID] = []
        try statement.forEach { ids.append(ChangeID($0.integer(0))) }
        return ids
    }

    func keepWidened(_ body: UnsafeRawBufferPointer) throws {
        let (audience, commits) = try LogBody.widened(body)
        let statement = try database.statement(
            "INSERT OR IGNORE INTO widened(audience, id, position) VALUES(?1, ?2, ?3)"
        )
        for commit in commits {
            statement.bind(1, audience.packed)
            statement.bind(2, commit.rawValue)
            statement.bind(3, end)
            try statement.run()
        }
    }

    /// Writes `log.released` for commits that were judged late: pull delivers them before it.
    ///
    /// Called inside `write`. Order: one ruling for each set of readers.
    package func release(_ commits: [ChangeID], at wall: WallTime) throws {
        try ruleByReaders(commits.map { ($0, $0) }, extra: [], at: wall) { ids in
            (LogKind.logReleased, RulingBody.ids(ids.map(\.lowerBound)))
        }
    }

    /// Gives old commits to a new audience by name.
    ///
    /// Called inside `write`.
    package func widen(
        _ commits: [ChangeID],
        to audience: Audience,
        at wall: WallTime
    ) throws {
        try rule(at: wall) { act in
            act.begin([.headquarters, audience])
            act.add(LogKind.audienceWidened, LogBody.widened(audience, commits))
        }
    }

    /// Writes rulings about commits, one for each set of readers, in acts of at most 16 commits.
    func ruleByReaders(
        _ ranges: [(ChangeID, ChangeID)],
        extra: [Audience],
        at wall: WallTime,
        _ make: ([ClosedRange<ChangeID>]) -> (Kind, [UInt8])
    ) throws {
        var groups: [(readers: [Audience], ranges: [ClosedRange<ChangeID>])] = []
        for (first, last) in ranges.sorted(by: { $0.0 < $1.0 }) {
            guard let commit = try reader.commit(containing: first) else { continue }
            var readers = Set(try envelope(of: commit).audiences)
            readers.formUnion(extra)
            let sorted = readers.sorted()
            if let place = groups.firstIndex(where: { $0.readers == sorted }) {
                groups[place].ranges.append(first...last)
            } else {
                groups.append((sorted, [first...last]))
            }
        }
        for start in stride(from: 0, to: groups.count, by: CommitFlags.ActPlace.countMax) {
            let end = min(start + CommitFlags.ActPlace.countMax, groups.count)
            try rule(at: wall) { act in
                for group in groups[start..<end] {
                    let (kind, body) = make(group.ranges)
                    act.begin(group.readers)
                    act.add(kind, body)
                }
            }
        }
    }
}
