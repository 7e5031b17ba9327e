// Taking what headquarters hands out, and giving back what this node may no longer hold.
// Must not believe a hash it has not computed.

package import Kernel
import SQLite
package import Wire

/// What became of a commit that was handed out.
package enum PulledOutcome: Hashable, Sendable {
    /// It is new and was appended.
    case taken
    /// It was held already.
    case known
    /// Another history stood under its number here; that went aside, and the views are stale.
    case replaced
    /// This node itself wrote something else under this id: its chain forked.
    case ownFork(ReplicaNumber)
}

extension Log {
    /// Takes one commit that headquarters handed out, after a gap or not, with its stamp.
    ///
    /// Called inside `write`. Shape: `previous` is the hash before it in its own chain; nil where
    /// the commit before it is held. `ownDevice` numbers are never set aside.
    package func receivePulled(
        _ bytes: UnsafeRawBufferPointer,
        previous: Digest32,
        stamp: [UInt8]
    ) throws -> PulledOutcome {
        let header = try Log.receivedHeader(bytes)
        let hash = Chain.next(previous, bytes)
        var outcome = PulledOutcome.taken
        if let held = try reader.commit(containing: header.id) {
            if held.hash == hash {
                try keepStamp(stamp, of: header.id)
                return .known
            }
            if try isOwn(header.replica) { return .ownFork(header.replica) }
            try setAside(header.replica, from: header.id)
            outcome = .replaced
        }
        if outcome == .taken, try isDetached(header, previous) { return .ownFork(header.replica) }
        if let was = header.flags.was {
            if try !isUnread(header.id) {
                try followTwin(header, was)
                try followRecommit(header, was)
            }
            try noteRecommit(header)
        }
        let follows =
            header.firstSequence > 1
            ? try reader.lastCommit(of: header.replica, upTo: header.firstSequence - 1) : nil
        try insert(
            header.id,
            hash,
            bytes,
            header.audiences,
            stamp: stamp,
            previous: try follows.map { try isNext(header, after: $0, previous) } ?? false
                ? nil : previous
        )
        for (index, mark) in header.flags.personal.enumerated() {
            try expectPersonal(header.id, index, mark.subject)
        }
        try extendOwnChain(header, previous: previous, hash: hash)
        try followLogKinds(header, bytes)
        try advanceClock(to: reader.effectiveTime(of: header.id, clock: header.clock))
        return outcome
    }

    /// The header of a commit that came from elsewhere.
    static func receivedHeader(_ bytes: UnsafeRawBufferPointer) throws -> CommitHeader {
        do throws(WireFault) {
            return try CommitCodec.header(of: bytes)
        } catch {
            throw LogFault.envelope(nil, error)
        }
    }

    /// True where nothing lies between a commit that is held and this one: no gap keeps its hash.
    private func isNext(
        _ header: CommitHeader,
        after held: StoredCommit,
        _ previous: Digest32
    ) throws -> Bool {
        if held.hash != previous { return false }
        return try envelope(of: held).lastSequence == header.firstSequence - 1
    }

    /// True where this device writes, or wrote, under the number.
    package func isOwn(_ replica: ReplicaNumber) throws -> Bool {
        guard let own, let head = try reader.head(of: replica) else { return false }
        return head.device == own.device
    }

    /// What was committed again before under another number goes aside there: headquarters went
    /// back between.
    private func followTwin(_ header: CommitHeader, _ was: Digest32) throws {
        guard let twin = try recommitted(was), twin != header.id, twin.replica != own?.replica,
            let held = try reader.commit(twin)
        else { return }
        try setAsideAlone(twin, held.hash, before: header.lastSequence, became: header.id)
    }

    /// What was committed again under another number goes aside under the old one.
    private func followRecommit(_ header: CommitHeader, _ was: Digest32) throws {
        var low: Int64 = -1
        while true {
            let next = try database.statement("SELECT min(id) FROM commits WHERE id > ?1")
            next.bind(1, low)
            guard let found = try next.first({ $0.integerOrNil(0) }) ?? nil else { return }
            let replica = ChangeID(found).replica
            low = Int64(replica.rawValue) << 32 | Int64(UInt32.max)
            let id = ChangeID(replica: replica, sequence: header.firstSequence)
            guard replica != header.replica, try reader.commit(id)?.hash == was,
                replica != own?.replica
            else { continue }
            try setAsideAlone(id, was, before: header.lastSequence, became: header.id)
            return
        }
    }

    private func setAsideAlone(
        _ id: ChangeID,
        _ hash: Digest32,
        before last: UInt32,
        became: ChangeID
    ) throws {
        let keep = try database.statement(
            """
            INSERT INTO forked(id, hash, bytes, became)
            SELECT id, hash, bytes, ?2 FROM commits WHERE id = ?1
            ON CONFLICT DO UPDATE SET became = ?2
            """
        )
        keep.bind(1, id.rawValue)
        keep.bind(2, became.rawValue)
        try keep.run()
        try keepPrevious(hash, after: id, last: last)
        for sql: StaticString in [
            "DELETE FROM commits WHERE id = ?1", "DELETE FROM personal WHERE id = ?1",
            "DELETE FROM missing_personal WHERE id = ?1",
            "DELETE FROM clock_rulings WHERE id = ?1",
        ] {
            let statement = try database.statement(sql)
            statement.bind(1, id.rawValue)
            try statement.run()
        }
        try pullBackHead(of: id.replica, before: id.sequence)
        try keepEnd()
        try viewsBecomeStale()
    }

    /// A chain that this device left ends with what is left of it.
    private func pullBackHead(of replica: ReplicaNumber, before sequence: UInt32) throws {
        guard let head = try reader.head(of: replica), head.last >= sequence else { return }
        guard let last = try reader.lastCommit(of: replica, upTo: .max) else {
            return try abandon(head)
        }
        let end = ChainPoint(sequence: try envelope(of: last).lastSequence, hash: last.hash)
        if end.sequence >= head.last { return }
        try setHead(
            Head(
                replica: replica,
                incarnation: head.incarnation,
                device: head.device,
                last: end.sequence,
                hash: end.hash
            )
        )
        try cutMarks(of: replica, to: end)
    }

    /// The hash before a gap stays beside the commit after it.
    private func keepPrevious(_ hash: Digest32, after id: ChangeID, last: UInt32) throws {
        guard last < .max else { return }
        let keep = try database.statement(
            "UPDATE commits SET previous = ?2 WHERE id = ?1 AND previous IS NULL"
        )
        keep.bind(1, ChangeID(replica: id.replica, sequence: last + 1).rawValue)
        keep.bind(2, hash.bytes)
        try keep.run()
    }

    /// True for a commit of an own number that lies beyond this node's head and does not follow it.
    private func isDetached(_ header: CommitHeader, _ previous: Digest32) throws -> Bool {
        guard try isOwn(header.replica), let head = try reader.head(of: header.replica),
            header.firstSequence > head.last
        else { return false }
        if try isLeft(head) { return false }
        return header.firstSequence != head.last + 1 || previous != head.hash
    }

    /// True for an own chain that this node writes no more, and has sent whole: what was lost of
    /// it lies in a hole.
    private func isLeft(_ head: Head) throws -> Bool {
        guard head.replica != own?.replica, let sure = try mark(.durable, of: head.replica) else {
            return false
        }
        return sure.sequence >= head.last
    }

    /// The tail of an own chain comes back from headquarters after a restore, and with it what was
    /// held already behind a hole that it fills.
    private func extendOwnChain(
        _ header: CommitHeader,
        previous: Digest32,
        hash: Digest32
    ) throws {
        guard let head = try reader.head(of: header.replica), head.hash == previous,
            head.last == header.firstSequence - 1
        else { return }
        var end = ChainPoint(sequence: header.lastSequence, hash: hash)
        while try isOwn(head.replica), let next = try held(after: end, of: head.replica) {
            end = next
        }
        let moved = Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: head.device,
            last: end.sequence,
            hash: end.hash
        )
        try setHead(moved)
        if own?.replica == moved.replica { own = moved }
        for mark in [Mark.durable, .projected] { try setMark(mark, of: moved.replica, to: end) }
    }

    /// The end of the commit that is held and follows a point.
    private func held(after end: ChainPoint, of replica: ReplicaNumber) throws -> ChainPoint? {
        guard end.sequence < .max,
            let next = try reader.commit(ChangeID(replica: replica, sequence: end.sequence + 1)),
            next.bytes.withUnsafeBytes({ Chain.next(end.hash, $0) }) == next.hash
        else { return nil }
        return ChainPoint(sequence: try envelope(of: next).lastSequence, hash: next.hash)
    }

    private func keepStamp(_ stamp: [UInt8], of id: ChangeID) throws {
        let statement = try database.statement(
            "UPDATE commits SET stamp = ?2 WHERE id = ?1 AND stamp IS NOT ?2"
        )
        statement.bind(1, id.rawValue)
        statement.bind(2, stamp)
        try statement.run()
    }

    /// Moves a foreign chain from `first` on into `forked`: headquarters follows another history.
    ///
    /// Called inside `write`.
    func setAside(_ replica: ReplicaNumber, from first: ChangeID) throws {
        let last = Int64(replica.rawValue) << 32 | Int64(UInt32.max)
        let containing = try reader.commit(containing: first)?.id ?? first
        for sql: StaticString in [
            """
            INSERT OR IGNORE INTO forked(id, hash, bytes, became)
            SELECT id, hash, bytes, NULL FROM commits WHERE id >= ?1 AND id <= ?2
            """,
            "DELETE FROM commits WHERE id >= ?1 AND id <= ?2",
            "DELETE FROM personal WHERE id >= ?1 AND id <= ?2",
            "DELETE FROM missing_personal WHERE id >= ?1 AND id <= ?2",
            "DELETE FROM clock_rulings WHERE id >= ?1 AND id <= ?2",
            "DELETE FROM widened WHERE id >= ?1 AND id <= ?2",
        ] {
            let statement = try database.statement(sql)
            statement.bind(1, containing.rawValue)
            statement.bind(2, last)
            try statement.run()
        }
        try keepEnd()
        try viewsBecomeStale()
    }

    // MARK: what may no longer be held

    /// Deletes every commit that none of the audiences may see; own ones only when protected.
    ///
    /// Called inside `write`. The hash before a gap stays beside the commit after it. Answers how
    /// many commits are gone.
    package func wipe(keeping audiences: Set<Audience>) throws -> Int {
        var gone: [(id: ChangeID, hash: Digest32, last: UInt32)] = []
        let ownDevice = own?.device
        var protected: [ReplicaNumber: UInt32] = [:]
        for head in try reader.heads() where head.device == ownDevice {
            protected[head.replica] = try mark(.protected, of: head.replica)?.sequence ?? 0
        }
        let widened = try widenedIDs(for: audiences)
        try reader.forEachCommit(after: 0, limit: Int.max) { _, id, hash, bytes in
            let header = try CommitCodec.envelope(of: bytes)
            if header.audiences.contains(where: audiences.contains) { return }
            if widened.contains(id) { return }
            if let safe = protected[id.replica], header.lastSequence > safe { return }
            gone.append((id, hash, header.lastSequence))
        }
        for item in gone {
            try keepPrevious(item.hash, after: item.id, last: item.last)
            for sql: StaticString in [
                "DELETE FROM commits WHERE id = ?1", "DELETE FROM personal WHERE id = ?1",
                "DELETE FROM missing_personal WHERE id = ?1",
            ] {
                let statement = try database.statement(sql)
                statement.bind(1, item.id.rawValue)
                try statement.run()
            }
        }
        if !gone.isEmpty {
            hasErased = true
            try keepEnd()
            try viewsBecomeStale()
        }
        return gone.count
    }

    private func widenedIDs(for audiences: Set<Audience>) throws -> Set<ChangeID> {
        var ids: Set<ChangeID> = []
        for audience in audiences.sorted() {
            ids.formUnion(try widenedCommits(to: audience, through: .max))
        }
        return ids
    }

    /// Keeps the end of the log, so that a position is never used twice.
    func keepEnd() throws {
        try reader.setMeta("end", integer: end)
    }

    // MARK: views

    /// True where commits that the views hold went aside: the views must be derived anew.
    package var areViewsStale: Bool {
        get throws { try reader.metaInteger("stale_views") == 1 }
    }

    /// Says that the views hold what the log no longer holds.
    ///
    /// Called inside `write`.
    func viewsBecomeStale() throws {
        try reader.setMeta("stale_views", integer: 1)
    }

    /// Says that the views were derived anew after `areViewsStale`.
    ///
    /// Called inside `write`.
    package func viewsWereRebuilt() throws {
        try reader.clearMeta("stale_views")
    }
}
