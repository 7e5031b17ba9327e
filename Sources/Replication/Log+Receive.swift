// Receiving others' commits: the envelope, the chain and the size are checked, then they are
// appended verbatim. Whether their author may write them is the caller's judgement.
// Must not look into bodies, except those of module 0.

package import Kernel
import SQLite
package import Wire

/// A run of commits of one replica, as a push, a relay or a file carries it.
package struct IncomingBatch {
    package let device: Int64
    package let replica: ReplicaNumber
    package let incarnation: [UInt8]
    package let first: UInt32
    package let last: UInt32
    /// The hash before the first commit.
    package let before: Digest32
    /// The hash of the last commit.
    package let head: Digest32
    /// The writer's signature over the batch, kept with it.
    package let mac: Digest32
    /// The commits in order; the bytes outlive the call.
    package let commits: [UnsafeRawBufferPointer]

    package init(
        device: Int64,
        replica: ReplicaNumber,
        incarnation: [UInt8],
        first: UInt32,
        last: UInt32,
        before: Digest32,
        head: Digest32,
        mac: Digest32,
        commits: [UnsafeRawBufferPointer]
    ) {
        self.device = device
        self.replica = replica
        self.incarnation = incarnation
        self.first = first
        self.last = last
        self.before = before
        self.head = head
        self.mac = mac
        self.commits = commits
    }
}

/// What became of a batch.
package enum ReceiveOutcome: Hashable, Sendable {
    /// Taken up to this head; `new` commits were not known before, at `positions` of the log.
    case taken(Head, new: Int)
    /// Everything in it was known.
    case known(Head)
    /// Something before it is missing: the chain stands at this head.
    case gap(Head)
    /// Two histories under one number: the last sequence both may share, and the kept head.
    case fork(Head)
    /// The number is known under another incarnation.
    case otherIncarnation(Head)
    /// The bytes are not what the batch says of them.
    case broken(WireFault?)
}

extension Log {
    /// Is asked once for each commit before it is inserted, with its hash and its bytes.
    package typealias Admission = (CommitHeader, Digest32, UnsafeRawBufferPointer) throws -> Void

    /// Takes the new commits of a batch.
    ///
    /// Called inside `write`. `admit` is asked once for each commit, before it is inserted.
    package func receive(
        _ batch: IncomingBatch,
        admit: Admission = { _, _, _ in }
    ) throws -> ReceiveOutcome {
        var head = try startingHead(for: batch)
        let isNamed = head.isNameless
        if isNamed { head = head.named(batch.incarnation) }
        if head.incarnation != batch.incarnation { return .otherIncarnation(head) }
        if batch.first > head.last &+ 1 { return .gap(head) }
        if let fault = firstFault(in: batch) { return .broken(fault.wire) }
        if batch.last <= head.last {
            let filled =
                try isKnown(batch, last: batch.last)
                ? fillHoles(batch, head, admit: admit) ?? .known(head)
                : fillHole(batch, head, admit: admit)
            if isNamed, case .taken = filled { try setHead(head) }
            return filled ?? .fork(head)
        }
        var checked = try chain(batch)
        if checked.last?.hash != batch.head { return .broken(nil) }
        if head.last >= batch.first {
            guard let shared = checked.firstIndex(where: { $0.header.lastSequence == head.last }),
                checked[shared].hash == head.hash
            else { return .fork(head) }
            if try hasHole(head) { try fill(checked[...shared], of: batch, head, admit: admit) }
            checked.removeFirst(shared + 1)
        } else if head.hash != batch.before {
            return .fork(head)
        }
        dropOpenAct(&checked)
        guard let last = checked.last else { return .known(head) }
        for item in checked { try take(item, from: batch.device, admit: admit) }
        let moved = Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: batch.device,
            last: last.header.lastSequence,
            hash: last.hash
        )
        try setHead(moved)
        try keepSignature(of: batch)
        let whole = try fillFromWaiting(moved)
        try closeChain()
        return .taken(whole, new: checked.count)
    }

    /// Takes a batch that ends just before a commit which once followed a hole.
    private func fillHole(
        _ batch: IncomingBatch,
        _ head: Head,
        admit: Admission
    ) throws -> ReceiveOutcome? {
        let next = ChangeID(replica: batch.replica, sequence: batch.last + 1)
        let before = try reader.lastCommit(of: batch.replica, upTo: batch.first - 1)
        let beforeHash = try before?.hash ?? startPoint(of: head).hash
        guard try reader.commit(next) != nil, try previousHash(of: next) == batch.head,
            beforeHash == batch.before,
            try reader.lastCommit(of: batch.replica, upTo: batch.last)?.id == before?.id
        else { return nil }
        let checked = try chain(batch)
        if checked.last?.hash != batch.head { return .broken(nil) }
        for item in checked { try take(item, from: batch.device, admit: admit) }
        try keepSignature(of: batch)
        try closeChain()
        return .taken(head, new: checked.count)
    }

    struct CheckedCommit {
        let header: CommitHeader
        let hash: Digest32
        let bytes: UnsafeRawBufferPointer
    }

    private func startingHead(for batch: IncomingBatch) throws -> Head {
        if let head = try reader.head(of: batch.replica) { return head }
        return Head(
            replica: batch.replica,
            incarnation: batch.incarnation,
            device: batch.device,
            last: forkStart(of: batch),
            hash: Chain.start(
                realm: realm,
                replica: batch.replica,
                incarnation: batch.incarnation
            )
        )
    }

    /// A re-committed tail keeps its sequences: its chain begins where it left the other one.
    private func forkStart(of batch: IncomingBatch) -> UInt32 {
        guard let first = batch.commits.first, let header = try? CommitCodec.envelope(of: first),
            let fork = header.flags.forkedFrom, let was = header.flags.was,
            header.firstSequence == batch.first, fork.lastCommon < .max,
            batch.first == fork.lastCommon + 1,
            batch.incarnation == Chain.forkIncarnation(realm: realm, firstDivergent: was)
        else { return 0 }
        return fork.lastCommon
    }

    /// A cheap look at the claims of a batch before its bytes are read.
    private func firstFault(in batch: IncomingBatch) -> (wire: WireFault?, Void)? {
        if batch.commits.isEmpty || batch.first < 1 || batch.first > batch.last { return (nil, ()) }
        let isTooLarge = batch.commits.contains { $0.count > Limits.commitBytesReceivedMax }
        return isTooLarge ? (nil, ()) : nil
    }

    /// Reads every envelope and follows the chain; an empty result is a broken batch.
    func chain(_ batch: IncomingBatch) throws -> [CheckedCommit] {
        var checked: [CheckedCommit] = []
        checked.reserveCapacity(batch.commits.count)
        var hash = batch.before
        var next = batch.first
        for bytes in batch.commits {
            guard var header = try? CommitCodec.header(of: bytes),
                header.replica == batch.replica, header.firstSequence == next
            else { return [] }
            hash = Chain.next(hash, bytes)
            // Most commits are like the one before them, whose arrays they can share.
            if let last = checked.last?.header { header.shareArrays(with: last) }
            checked.append(CheckedCommit(header: header, hash: hash, bytes: bytes))
            next = header.lastSequence &+ 1
        }
        return next == batch.last &+ 1 ? checked : []
    }

    private func isKnown(_ batch: IncomingBatch, last: UInt32) throws -> Bool {
        guard let commit = try reader.lastCommit(of: batch.replica, upTo: last) else {
            return false
        }
        return commit.hash == batch.head
    }

    /// Takes away the commits of an act whose end the batch does not hold.
    private func dropOpenAct(_ commits: inout [CheckedCommit]) {
        guard let act = commits.last?.header.flags.act, act.index < act.count - 1 else { return }
        let open = min(act.index + 1, commits.count)
        commits.removeLast(open)
    }

    func take(
        _ item: CheckedCommit,
        from device: Int64,
        admit: Admission
    ) throws {
        try admit(item.header, item.hash, item.bytes)
        try insert(item.header.id, item.hash, item.bytes, item.header.audiences)
        try noteRecommit(item.header)
        for (index, mark) in item.header.flags.personal.enumerated() {
            try expectPersonal(item.header.id, index, mark.subject)
        }
        if device == 0 {
            try followLogKinds(item.header, item.bytes)
        } else if item.header.kinds.contains(where: { $0.module == 0 && $0.isRuling }) {
            // Only headquarters rules; the commit is kept, and does nothing.
            try hold(item.header.id, .beyondRights, "a ruling by device \(device)")
        }
    }

    /// Notes that a personal value belongs beside a commit and is not here yet.
    func expectPersonal(_ commit: ChangeID, _ index: Int, _ subject: Int64) throws {
        if try isErased(subject) { return }
        let statement = try database.statement(
            """
            INSERT OR IGNORE INTO missing_personal(id, place, subject)
            SELECT ?1, ?2, ?3 WHERE NOT EXISTS
              (SELECT 1 FROM personal WHERE id = ?1 AND place = ?2)
            """
        )
        statement.bind(1, commit.rawValue)
        statement.bind(2, index)
        statement.bind(3, subject)
        try statement.run()
    }

    /// As below, for a record whose subject is the one that flag 5 names.
    ///
    /// Called inside `write`.
    package func receivePersonal(
        of commit: ChangeID,
        index: Int,
        salt: [UInt8],
        value: [UInt8]
    ) throws -> Bool {
        let digest = PersonalRecord.hash(salt: salt, value: value)
        guard let header = try reader.commit(commit)?.header,
            header.flags.personal.indices.contains(index),
            header.flags.personal[index].hash == digest
        else { return try receiveWaitingPersonal(of: commit, index, salt, value) }
        return try receive(
            PersonalRecord(
                commit: commit,
                index: index,
                subject: header.flags.personal[index].subject,
                salt: salt,
                value: value
            )
        )
    }

    /// Takes a personal value if its commit is held and its hash is the one in flag 5.
    ///
    /// Called inside `write`. Answers false where it does not belong to any commit held here.
    package func receive(_ record: PersonalRecord) throws -> Bool {
        guard let header = try reader.commit(record.commit)?.header,
            record.index >= 0, record.index < header.flags.personal.count
        else { return false }
        let mark = header.flags.personal[record.index]
        guard mark.subject == record.subject, mark.hash == record.hash else { return false }
        try keep(record)
        let statement = try database.statement(
            "DELETE FROM missing_personal WHERE id = ?1 AND place = ?2"
        )
        statement.bind(1, record.commit.rawValue)
        statement.bind(2, record.index)
        try statement.run()
        return true
    }

    func keepSignature(of batch: IncomingBatch) throws {
        let statement = try database.statement(
            """
            INSERT OR REPLACE INTO batches(
              replica, first, last, device, incarnation, before, head, mac)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """
        )
        statement.bind(1, Int64(batch.replica.rawValue))
        statement.bind(2, Int64(batch.first))
        statement.bind(3, Int64(batch.last))
        statement.bind(4, batch.device)
        statement.bind(5, batch.incarnation)
        statement.bind(6, batch.before.bytes)
        statement.bind(7, batch.head.bytes)
        statement.bind(8, batch.mac.bytes)
        try statement.run()
    }

    /// Drops the personal values of a subject and keeps it on the list for ever.
    ///
    /// The WAL is truncated by the caller after the transaction (`checkpoint(.truncate)`).
    package func erase(_ subject: Int64) throws {
        for sql: StaticString in [
            "INSERT OR IGNORE INTO erased(subject) VALUES(?1)",
            "DELETE FROM personal WHERE subject = ?1",
            "DELETE FROM missing_personal WHERE subject = ?1",
            "DELETE FROM waiting_personal WHERE subject = ?1",
        ] {
            let statement = try database.statement(sql)
            statement.bind(1, subject)
            try statement.run()
        }
        hasErased = true
    }
}
