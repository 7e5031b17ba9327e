// Counting what was delivered to an audience, at headquarters from its order, at a node from what
// it holds. Must not count what its bytes do not prove, at a node; headquarters' are proven by
// `verify` and by each backup.

package import Kernel
import SQLite
package import Wire

/// The counting of one audience: commits and rulings in any order, then `result`.
private struct DigestCount {
    let audience: Audience
    private var named: [DigestShare] = []
    private var widened: Set<ChangeID> = []
    private var forbidden: [ClosedRange<ChangeID>] = []
    private var unread: [ChangeID: Set<ChangeID>] = [:]
    private var undone: [ChangeID: Set<ChangeID>] = [:]

    init(audience: Audience) { self.audience = audience }

    /// A commit that names the audience; `isRuling` where headquarters wrote it.
    mutating func add(_ share: DigestShare, _ bytes: UnsafeRawBufferPointer, isRuling: Bool) {
        named.append(share)
        if !isRuling { return }
        do {
            var walk = try CommitWalk(bytes)
            var index: UInt32 = 0
            while let step = try walk.next() {
                let id = ChangeID(
                    replica: walk.replica,
                    sequence: walk.firstSequence + index
                )
                index += 1
                if step.kind.module == 0 { try follow(step.kind, id, step.body) }
            }
        } catch {
            // A ruling that cannot be read rules nothing, here as in the views.
        }
    }

    private mutating func follow(
        _ kind: Kind,
        _ id: ChangeID,
        _ body: UnsafeRawBufferPointer
    ) throws(WireFault) {
        switch kind {
        case LogKind.changeForbidden: forbidden += try RulingBody.ranges(body)
        case LogKind.commitUnread: unread[id, default: []].formUnion(try RulingBody.ids(body))
        case LogKind.commitReleased:
            let ids = try RulingBody.ids(body, key: 2)
            undone[try RulingBody.undone(body), default: []].formUnion(ids)
        case LogKind.audienceWidened:
            let (new, ids) = try LogBody.widened(body)
            if new == audience { widened.formUnion(ids) }
        default: break
        }
    }

    /// What counts; `find` looks for a commit that was given to the audience by name.
    func result(
        leavingOut withheld: Set<ChangeID>,
        _ find: (ChangeID) throws -> DigestShare?
    ) throws -> AudienceDigest {
        var shares = named
        let known = Set(named.map(\.id))
        for id in widened.sorted() where !known.contains(id) {
            if let share = try find(id) { shares.append(share) }
        }
        var out = withheld
        for (ruling, ids) in unread { out.formUnion(ids.subtracting(undone[ruling] ?? [])) }
        let ranges = united()
        shares = shares.filter { share in
            !out.contains(share.id) && !DigestCount.covers(ranges, share)
        }
        return AudienceDigest(audience: audience, shares: shares.sorted { $0.id < $1.id })
    }

    /// What is forbidden, ascending, runs that touch made one.
    private func united() -> [ClosedRange<ChangeID>] {
        var ranges: [ClosedRange<ChangeID>] = []
        for range in forbidden.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last,
                range.lowerBound.rawValue <= last.upperBound.rawValue + 1
            {
                let end = max(last.upperBound, range.upperBound)
                ranges[ranges.count - 1] = last.lowerBound...end
            } else {
                ranges.append(range)
            }
        }
        return ranges
    }

    /// True where every change of a commit is forbidden.
    private static func covers(_ ranges: [ClosedRange<ChangeID>], _ share: DigestShare) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < share.last { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= share.id
    }
}

extension Log {
    /// What was delivered to each of some audiences, less what is withheld; at headquarters at or
    /// below a position of its order, at a node up to its cursor.
    ///
    /// Cost: headquarters reads the commits that name the audiences, a node all it holds, and there
    /// each commit's hash is computed anew: a row that is not sound counts as lost.
    package func digests(
        of audiences: [Audience],
        through position: Int64 = .max,
        leavingOut withheld: Set<ChangeID> = []
    ) throws -> [AudienceDigest] {
        let rulers = Set(try headquartersNumbers()).union([ReplicaNumber(0)])
        var counts = audiences.map { DigestCount(audience: $0) }
        var find = { (id: ChangeID) throws -> DigestShare? in
            try self.reader.commit(id).flatMap(DigestShare.init)
        }
        if isHeadquarters {
            for index in counts.indices {
                try forEachNaming(counts[index].audience, through: position) { share, bytes in
                    let isRuling = rulers.contains(share.id.replica)
                    counts[index].add(share, bytes, isRuling: isRuling)
                }
            }
        } else {
            let sent = try sentThrough()
            var held: [ChangeID: DigestShare] = [:]
            try forEachSound { share, bytes in
                if let last = sent[share.id.replica], share.last.sequence > last { return }
                held[share.id] = share
                let readers = try CommitCodec.envelope(of: bytes).audiences
                let isRuling = rulers.contains(share.id.replica)
                for index in counts.indices where readers.contains(counts[index].audience) {
                    counts[index].add(share, bytes, isRuling: isRuling)
                }
            }
            find = { held[$0] }
        }
        return try counts.map { try $0.result(leavingOut: withheld, find) }
    }

    /// The audiences that any commit of headquarters was delivered to, ascending.
    package func deliveredAudiences() throws -> [Audience] {
        let statement = try database.statement(
            "SELECT audience FROM delivery UNION SELECT audience FROM widened"
        )
        var audiences: [Audience] = []
        try statement.forEach { audiences.append(Audience(packed: $0.integer(0))) }
        return audiences.sorted()
    }

    /// How far each of this device's numbers is known to stand at or below its cursor.
    private func sentThrough() throws -> [ReplicaNumber: UInt32] {
        var sent: [ReplicaNumber: UInt32] = [:]
        for head in try ownHeads() {
            sent[head.replica] = try mark(.projected, of: head.replica)?.sequence ?? 0
        }
        return sent
    }

    /// Calls `body` with each commit that names an audience, at or below a position.
    private func forEachNaming(
        _ audience: Audience,
        through position: Int64,
        _ body: (DigestShare, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let statement = try database.statement(
            """
            SELECT c.id, c.hash, c.bytes FROM delivery AS d CROSS JOIN commits AS c
            WHERE d.audience = ?1 AND d.first <= ?2
              AND c.position >= d.first AND c.position <= d.last AND c.position <= ?2
            """
        )
        statement.bind(1, audience.packed)
        statement.bind(2, position)
        try statement.forEach { row in
            let bytes = row.borrowedBytes(2)
            let walk = try LogReader.reading(ChangeID(row.integer(0))) { try CommitWalk(bytes) }
            let hash = Digest32(copying: row.borrowedBytes(1))
            try body(DigestShare(id: walk.id, last: walk.lastID, hash: hash), bytes)
        }
    }

    /// Calls `body` with each commit whose bytes have its hash, ascending by id.
    private func forEachSound(
        _ body: (DigestShare, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var starts: [ReplicaNumber: Digest32] = [:]
        for head in try reader.heads() { starts[head.replica] = try? startPoint(of: head).hash }
        let statement = try database.statement(
            "SELECT id, hash, bytes, previous FROM commits ORDER BY id"
        )
        var before: (last: ChangeID, hash: Digest32)?
        var chain: ReplicaNumber?
        try statement.forEach { row in
            let id = ChangeID(row.integer(0))
            let first = chain == id.replica ? nil : starts[id.replica]
            chain = id.replica
            let hash = Digest32(copying: row.borrowedBytes(1))
            let bytes = row.borrowedBytes(2)
            guard let walk = try? CommitWalk(bytes), walk.id == id else {
                before = nil
                return
            }
            let isNext = before.map { $0.last.rawValue + 1 == id.rawValue } ?? false
            let kept = row.blobOrNil(3).flatMap { Digest32($0) }
            let previous = kept ?? (isNext ? before?.hash : first)
            before = (walk.lastID, hash)
            // Behind a commit that is lost nothing can be said of this one.
            if let previous, Chain.next(previous, bytes) != hash { return }
            try body(DigestShare(id: id, last: walk.lastID, hash: hash), bytes)
        }
    }

    /// Takes a commit that was asked for because it is lost or damaged here; true where it was.
    ///
    /// Called inside `write`. What the views hold of it is not known: they are derived anew.
    package func mend(
        _ bytes: UnsafeRawBufferPointer,
        previous: Digest32,
        stamp: [UInt8]
    ) throws -> Bool {
        let header = try Log.receivedHeader(bytes)
        let hash = Chain.next(previous, bytes)
        if let held = try reader.commit(header.id) {
            let isSame = held.bytes.elementsEqual(bytes)
            if isSame, held.hash == hash { return false }
            let own = held.bytes.withUnsafeBytes { Chain.next(previous, $0) }
            if !isSame, held.hash == own { return false }
            let statement = try database.statement(
                "UPDATE commits SET hash = ?2, bytes = ?3, stamp = ?4 WHERE id = ?1"
            )
            statement.bind(1, header.id.rawValue)
            statement.bind(2, hash.bytes)
            statement.bind(3, bytes)
            statement.bind(4, stamp)
            try statement.run()
        } else {
            switch try receivePulled(bytes, previous: previous, stamp: stamp) {
            case .taken, .replaced: break
            case .known, .ownFork: return false
            }
        }
        try viewsBecomeStale()
        return true
    }
}

extension DigestShare {
    fileprivate init?(_ commit: StoredCommit) {
        guard let header = commit.header else { return nil }
        let last = ChangeID(replica: header.replica, sequence: header.lastSequence)
        self.init(id: header.id, last: last, hash: commit.hash)
    }
}
