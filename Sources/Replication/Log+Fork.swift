// Committing a tail again under a new number: everything verbatim but the number, the flags and
// the ids of the tail itself. The old commits go aside; nothing is dropped.

package import Kernel
import SQLite
package import Wire

/// A commit of a history that headquarters does not keep.
struct ForkedCommit {
    let id: ChangeID
    let hash: Digest32
    let bytes: [UInt8]
}

extension Log {
    /// Where two histories of a number part, as this node sees it.
    package struct Fork: Hashable, Sendable {
        package let replica: ReplicaNumber
        /// The end of the last commit that both share.
        package let common: ChainPoint
        /// The first commit that only this node has; nil where it has written nothing since.
        package let firstDivergent: Digest32?

        package init(replica: ReplicaNumber, common: ChainPoint, firstDivergent: Digest32?) {
            self.replica = replica
            self.common = common
            self.firstDivergent = firstDivergent
        }
    }

    /// The fork of an own chain whose last common commit ends at or before `sequence`.
    ///
    /// No fork point lies inside an act: then it is the end of the act before.
    package func fork(
        of replica: ReplicaNumber,
        after sequence: UInt32
    ) throws -> Fork? {
        guard let head = try reader.head(of: replica) else { return nil }
        var common = try startPoint(of: head)
        var commit =
            sequence == 0 ? nil : try reader.lastCommit(of: replica, upTo: sequence)
        while let candidate = commit {
            let header = try envelope(of: candidate)
            let isOpen = header.flags.act.map { $0.index < $0.count - 1 } ?? false
            if header.lastSequence <= sequence, !isOpen {
                common = ChainPoint(sequence: header.lastSequence, hash: candidate.hash)
                break
            }
            if header.firstSequence == 1 { break }
            commit = try reader.lastCommit(of: replica, upTo: header.firstSequence - 1)
        }
        let first = try reader.commits(of: replica, after: common.sequence, limit: 1).first
        return Fork(replica: replica, common: common, firstDivergent: first?.hash)
    }

    /// Commits the tail of an own chain beyond `fork` again under `number`, and goes on under it.
    ///
    /// Called inside `write`. Personal records and answers to requests move along; the old commits
    /// go to `forked`; the views become stale. The same tail gives the same bytes whoever does it.
    package func recommit(
        _ fork: Fork,
        as number: ReplicaNumber,
        shapes: BodyShapes
    ) throws {
        guard let old = try reader.head(of: fork.replica) else { return }
        guard let divergent = fork.firstDivergent else {
            let incarnation = random.bytes(16)
            try goOn(under: number, incarnation: incarnation, after: old, common: fork.common)
            return
        }
        let tail = try reader.commits(
            of: fork.replica,
            after: fork.common.sequence,
            limit: Int(Int32.max)
        )
        let incarnation = Chain.forkIncarnation(realm: realm, firstDivergent: divergent)
        var head = Head(
            replica: number,
            incarnation: incarnation,
            device: old.device,
            last: fork.common.sequence,
            hash: Chain.start(realm: realm, replica: number, incarnation: incarnation)
        )
        let rewrite = IDRewrite(
            after: ChangeID(replica: fork.replica, sequence: fork.common.sequence),
            through: old.last,
            as: number
        )
        var point: CommitFlags.ForkPoint? = CommitFlags.ForkPoint(
            replica: fork.replica,
            lastCommon: fork.common.sequence,
            hash: fork.common.hash
        )
        let twins = try heldBefore(under: head)
        for commit in tail {
            let old = ForkedCommit(id: commit.id, hash: commit.hash, bytes: commit.bytes)
            let place = commit.position
            head = try recommit(old, from: point, rewrite, shapes, after: head, at: place)
            point = nil
        }
        try rewriteRequests(rewrite)
        head = try unite(head, with: twins)
        try setHead(head)
        try goOn(under: number, incarnation: incarnation, after: old, common: fork.common)
    }

    /// Leaves an own chain at its last common commit and writes under another number from now on.
    private func goOn(
        under number: ReplicaNumber,
        incarnation: [UInt8],
        after old: Head,
        common: ChainPoint
    ) throws {
        if try common == startPoint(of: old), old.replica != number {
            // Nothing is shared: the number is another's, and what comes of it is foreign.
            try abandon(old)
        } else if common.sequence < old.last {
            let kept = Head(
                replica: old.replica,
                incarnation: old.incarnation,
                device: old.device,
                last: common.sequence,
                hash: common.hash
            )
            try setHead(kept)
            try cutMarks(of: old.replica, to: common)
            try viewsBecomeStale()
        }
        if own?.replica != old.replica {
            // An earlier number's tail: the node writes under a later one already.
            if try reader.head(of: number) != nil { return }
        }
        if let head = try reader.head(of: number), head.incarnation == incarnation {
            try reader.setMeta("replica", integer: Int64(number.rawValue))
            own = head
        } else {
            let first = ChangeID(replica: number, sequence: 1)
            if try !reader.commits(of: number, after: 0, limit: 1).isEmpty {
                try setAside(number, from: first)
                try mustRefetch()
            }
            try adopt(number, incarnation: incarnation, device: old.device)
        }
    }

    func abandon(_ old: Head) throws {
        for sql: StaticString in [
            "DELETE FROM heads WHERE replica = ?1", "DELETE FROM marks WHERE replica = ?1",
        ] {
            let statement = try database.statement(sql)
            statement.bind(1, Int64(old.replica.rawValue))
            try statement.run()
        }
        try viewsBecomeStale()
    }

    /// Commits one commit again behind `head`, in place of the old one.
    private func recommit(
        _ old: ForkedCommit,
        from point: CommitFlags.ForkPoint?,
        _ rewrite: IDRewrite,
        _ shapes: BodyShapes,
        after head: Head,
        at position: Int64
    ) throws -> Head {
        let bytes = try rewritten(old, from: point, rewrite, shapes, head.replica)
        guard bytes.count <= Limits.commitBytesReceivedMax else {
            throw LogFault.tooLarge(old.id, bytes.count)
        }
        let header = try CommitCodec.header(of: bytes)
        let hash = bytes.withUnsafeBytes { Chain.next(head.hash, $0) }
        try keepForked(old, became: header.id)
        try replace(old.id, at: position, header.id, hash, bytes)
        try note(header, recommits: old)
        try movePersonal(old.id, to: header, rewrite)
        return Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: head.device,
            last: header.lastSequence,
            hash: hash
        )
    }

    func rewritten(
        _ old: ForkedCommit,
        from point: CommitFlags.ForkPoint?,
        _ rewrite: IDRewrite,
        _ shapes: BodyShapes,
        _ number: ReplicaNumber,
        isTorn: Bool = false
    ) throws -> [UInt8] {
        var header = try CommitCodec.header(of: old.bytes)
        // A body names nothing that was written after its act.
        var end = header.lastSequence
        if let act = header.flags.act, act.index < act.count - 1 { end = .max }
        let rewrite = rewrite.through(end)
        let changes = try CommitCodec.changes(of: old.bytes).map { change in
            DraftChange(
                kind: change.kind,
                body: try rewrite.body(change.body, of: change.kind, shapes)
            )
        }
        header.replica = number
        header.author = rewrite(header.author)
        header.audiences = header.audiences.map { audience in
            Audience(packed: rewrite(audience.id) << 3 | audience.classNumber)
        }
        .sorted()
        header.flags.forkedFrom = point
        header.flags.was = old.hash
        // An act of which a part is lost is one no more.
        if isTorn { header.flags.act = nil }
        header.flags.personal = header.flags.personal.map { mark in
            CommitFlags.PersonalMark(subject: rewrite(mark.subject), hash: mark.hash)
        }
        header.flags.needs = Set(header.flags.needs.map { ChangeID(rewrite($0.rawValue)) })
            .sorted()
        if header.flags.hasUnknown { throw LogFault.envelope(old.id, unknownFlag) }
        return CommitCodec.encode(header, changes: changes)
    }

    private var unknownFlag: WireFault { WireFault(.invalidValue, offset: 0) }

    func keepForked(_ old: ForkedCommit, became id: ChangeID) throws {
        let statement = try database.statement(
            """
            INSERT INTO forked(id, hash, bytes, became) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET became = ?4
            """
        )
        statement.bind(1, old.id.rawValue)
        statement.bind(2, old.hash.bytes)
        statement.bind(3, old.bytes)
        statement.bind(4, id.rawValue)
        try statement.run()
    }

    private func replace(
        _ old: ChangeID,
        at position: Int64,
        _ id: ChangeID,
        _ hash: Digest32,
        _ bytes: [UInt8]
    ) throws {
        let clear = try database.statement("DELETE FROM commits WHERE id = ?1 OR id = ?2")
        clear.bind(1, old.rawValue)
        clear.bind(2, id.rawValue)
        try clear.run()
        let statement = try database.statement(
            "INSERT INTO commits(position, id, hash, bytes) VALUES(?1, ?2, ?3, ?4)"
        )
        statement.bind(1, position)
        statement.bind(2, id.rawValue)
        statement.bind(3, hash.bytes)
        statement.bind(4, bytes)
        try statement.run()
    }

    private func movePersonal(
        _ old: ChangeID,
        to header: CommitHeader,
        _ rewrite: IDRewrite
    ) throws {
        if header.flags.personal.isEmpty { return }
        let records = try personalRecords(of: old)
        for sql: StaticString in [
            "DELETE FROM personal WHERE id = ?1", "DELETE FROM missing_personal WHERE id = ?1",
        ] {
            let statement = try database.statement(sql)
            statement.bind(1, old.rawValue)
            try statement.run()
        }
        for record in records {
            try keep(
                PersonalRecord(
                    commit: header.id,
                    index: record.index,
                    subject: rewrite(record.subject),
                    salt: record.salt,
                    value: record.value
                )
            )
        }
        for (index, mark) in header.flags.personal.enumerated() {
            try expectPersonal(header.id, index, mark.subject)
        }
    }

    /// What was answered to requests names the changes by their new ids.
    private func rewriteRequests(_ rewrite: IDRewrite) throws {
        if !rewrite.ruledByValue { return }
        var changed: [(String, [UInt8])] = []
        let all = try database.statement("SELECT key, outcome FROM requests ORDER BY key")
        try all.forEach { row in
            let outcome = row.blob(1)
            guard let value = try? CBORValue(decoding: outcome) else { return }
            let moved = try rewrite.byValue(value).encoded()
            if moved != outcome { changed.append((row.text(0), moved)) }
        }
        let update = try database.statement("UPDATE requests SET outcome = ?2 WHERE key = ?1")
        for (key, outcome) in changed {
            update.bind(1, key)
            update.bind(2, outcome)
            try update.run()
        }
    }

    /// The commits that went aside, with the id each became; for `verify` and people.
    package func forkedCommits() throws -> [(id: ChangeID, hash: Digest32, became: ChangeID?)] {
        let statement = try database.statement(
            "SELECT id, hash, became FROM forked ORDER BY id, hash"
        )
        var commits: [(ChangeID, Digest32, ChangeID?)] = []
        try statement.forEach { row in
            let became = row.integerOrNil(2).map { ChangeID($0) }
            commits.append(
                (ChangeID(row.integer(0)), Digest32(copying: row.borrowedBytes(1)), became)
            )
        }
        return commits
    }
}
