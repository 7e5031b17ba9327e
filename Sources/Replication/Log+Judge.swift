// Judging at receipt: what a device wrote beyond its rights is ruled, never refused; a wrong clock
// is corrected before the commits it touches. All of it in the transaction that takes them.
// Must not know modules: who may write a kind is handed in.

package import Kernel
import Wire

/// Who may write changes of a kind.
package enum WriteAuthority: Hashable, Sendable {
    /// Any enrolled device.
    case anyNode
    /// A device of the branch that the commit's audiences name.
    case ownBranch
    /// Headquarters alone.
    case headquarters
}

/// The device-level rights: a table of kinds, handed in by who knows the modules.
package struct WriteRights: Sendable {
    private let table: [Kind: WriteAuthority]
    /// Of kinds that a branch writes, the key of the body under which it names itself.
    private let branchKeys: [Kind: Int64]

    package init(_ table: [Kind: WriteAuthority], branchKeys: [Kind: Int64] = [:]) {
        self.table = table
        self.branchKeys = branchKeys
    }

    /// True where the body of a change names another branch than the one that may write it.
    ///
    /// A body that cannot be read names none: it waits for what is wrong with it.
    func isForeign(_ kind: Kind, _ body: UnsafeRawBufferPointer, branch: Int64) -> Bool {
        guard table[kind] == .ownBranch, let wanted = branchKeys[kind] else { return false }
        do throws(WireFault) {
            var reader = CBORReader(body)
            var previous: Int64?
            for _ in 0..<(try reader.map()) {
                let key = try reader.nextKey(after: previous)
                if key == wanted { return try reader.integer() != branch }
                if key > wanted { return false }
                previous = key
                _ = try reader.skip()
            }
        } catch {
            return false
        }
        return false
    }

    /// True where some kind of a commit names its branch in the body.
    func looksIntoBodies(of kinds: [Kind]) -> Bool {
        kinds.contains { branchKeys[$0] != nil && table[$0] == .ownBranch }
    }

    /// True where a device of `branch` may write the kind in a commit for these audiences.
    ///
    /// A kind that is not known here is open to facts, which wait for newer code, and closed to
    /// register writes and grants.
    package func allow(_ kind: Kind, branch: Int64, _ audiences: [Audience]) -> Bool {
        if kind.module == 0 {
            // What a device took it may say to its own branch: another's must go on importing.
            return kind == LogKind.rowsTaken && Self.isOwn(audiences, branch)
        }
        switch table[kind] {
        case .anyNode: return true
        case .headquarters: return false
        case .ownBranch: return Self.isOwn(audiences, branch)
        case nil: return kind.isFact
        }
    }

    /// True where audiences name a branch and no other, and not everyone.
    private static func isOwn(_ audiences: [Audience], _ branch: Int64) -> Bool {
        var isNamed = false
        for audience in audiences {
            switch audience.classNumber {
            case 2, 3:
                if audience.id != branch { return false }
                isNamed = true
            case 0: return false
            default: break
            }
        }
        return isNamed
    }
}

/// What judging found in one batch.
package struct Judgement {
    /// Register writes and grants beyond the rights.
    var forbidden: [(ChangeID, ChangeID)] = []
    /// Commits that wait for a person.
    var held: [ChangeID] = []
    /// Commits whose content is in the log under another id: they are set aside unread.
    var doubled: [ChangeID] = []

    package init() {}

    /// How many ranges of changes were ruled forbidden.
    package var forbiddenCount: Int { forbidden.count }
    /// How many commits wait for a person.
    package var heldCount: Int { held.count }
}

/// Who sends, and what is known of the clock there.
package struct Sender {
    package let device: DeviceRecord
    /// True where nothing of the sender is let in without a person: a number that is not its own,
    /// a retired number, a revoked device.
    package let isUnderReview: Bool
    /// Unit: milliseconds that the device's clock is ahead of headquarters'; nil where unknown.
    package let aheadMs: Int64?
    package let now: WallTime

    package init(
        device: DeviceRecord,
        isUnderReview: Bool,
        aheadMs: Int64?,
        now: WallTime
    ) {
        self.device = device
        self.isUnderReview = isUnderReview
        self.aheadMs = aheadMs
        self.now = now
    }
}

extension Log {
    /// A clock that is off by more than this is ruled.
    ///
    /// Unit: milliseconds.
    package static let clockToleranceMs: Int64 = 300_000

    /// Takes a batch and rules what goes beyond the rights of its device.
    ///
    /// Called inside `write`.
    package func receive(
        _ batch: IncomingBatch,
        from sender: Sender,
        rights: WriteRights
    ) throws -> (outcome: ReceiveOutcome, judgement: Judgement) {
        var judgement = Judgement()
        var ruledThrough: UInt32 = 0
        let outcome = try receive(batch) { header, hash, bytes in
            if header.firstSequence > ruledThrough {
                ruledThrough = try ruleClock(header, batch, sender)
            }
            let foreign = try foreignChanges(header, bytes, sender, rights)
            judge(header, sender, rights, foreign, &judgement)
            if try isDoubled(header, hash) { judgement.doubled.append(header.id) }
        }
        for id in judgement.held {
            try hold(id, .beyondRights, "beyond the rights of device \(sender.device.id)")
        }
        var extra: [Audience] = []
        if sender.device.branch > 0 { extra.append(.branch(sender.device.branch)) }
        if !judgement.doubled.isEmpty {
            let ids = judgement.doubled.map { ($0, $0) }
            try ruleByReaders(ids, extra: extra, at: sender.now) { ids in
                (LogKind.commitUnread, RulingBody.ids(ids.map(\.lowerBound)))
            }
        }
        if !judgement.forbidden.isEmpty {
            try ruleByReaders(judgement.forbidden, extra: extra, at: sender.now) { ranges in
                (LogKind.changeForbidden, RulingBody.ranges(ranges))
            }
        }
        return (outcome, judgement)
    }

    /// A person accepts a number that came into review as that of a device, and lets in the facts
    /// that waited for it; what was ruled forbidden stays so.
    ///
    /// Called inside `write`.
    package func accept(_ number: ReplicaNumber, of device: Int64, at wall: WallTime) throws {
        if try owner(of: number) == nil {
            let branch = try self.device(device)?.branch ?? 0
            try rule(at: wall) { act in
                act.begin(branch > 0 ? [.headquarters, .branch(branch)] : [.headquarters])
                act.add(LogKind.replicaIssued, LogBody.issued(number, to: device))
            }
        }
        let waiting = try reader.heldCommits()
            .filter { $0.id.replica == number && $0.verdict == .beyondRights }.map(\.id)
        try admit(waiting, at: wall)
    }

    /// A person lets in facts beyond the rights of their device; pull hands them out by name, for
    /// everyone's cursor is past them.
    ///
    /// Called inside `write`.
    package func admit(_ commits: [ChangeID], at wall: WallTime) throws {
        for (extra, ids) in try byAuthorsBranch(commits) {
            try ruleByReaders(ids.map { ($0, $0) }, extra: extra, at: wall) { ranges in
                (LogKind.factAdmitted, RulingBody.ids(ranges.map(\.lowerBound)))
            }
        }
        try release(commits, at: wall)
    }

    /// The changes of a commit that name another branch than their device's, by index.
    private func foreignChanges(
        _ header: CommitHeader,
        _ bytes: UnsafeRawBufferPointer,
        _ sender: Sender,
        _ rights: WriteRights
    ) throws -> Set<Int> {
        guard rights.looksIntoBodies(of: header.kinds) else { return [] }
        var foreign: Set<Int> = []
        try CommitCodec.forEachChange(in: bytes) { _, index, kind, body in
            if rights.isForeign(kind, body, branch: sender.device.branch) { foreign.insert(index) }
        }
        return foreign
    }

    private func judge(
        _ header: CommitHeader,
        _ sender: Sender,
        _ rights: WriteRights,
        _ foreign: Set<Int>,
        _ judgement: inout Judgement
    ) {
        var isHeld = false
        for (index, kind) in header.kinds.enumerated() {
            let isAllowed =
                !sender.isUnderReview && !foreign.contains(index)
                && rights.allow(kind, branch: sender.device.branch, header.audiences)
            if isAllowed { continue }
            if kind.isFact || kind.isRuling { isHeld = true }
            if kind.isFact { continue }
            let id = ChangeID(
                replica: header.replica,
                sequence: header.firstSequence + UInt32(index)
            )
            if let last = judgement.forbidden.last, last.1.replica == id.replica,
                last.1.sequence + 1 == id.sequence, last.0 >= header.id
            {
                judgement.forbidden[judgement.forbidden.count - 1].1 = id
            } else {
                judgement.forbidden.append((id, id))
            }
        }
        if isHeld { judgement.held.append(header.id) }
    }

    /// Rules the clock of a commit and of those after it in the batch that are off alike; answers
    /// the last sequence that is ruled, 0 where none is.
    private func ruleClock(
        _ header: CommitHeader,
        _ batch: IncomingBatch,
        _ sender: Sender
    ) throws -> UInt32 {
        guard let ahead = aheadMs(header, sender) else { return 0 }
        var last = header.lastSequence
        for bytes in batch.commits {
            let next = try CommitCodec.envelope(of: bytes)
            if next.firstSequence != last &+ 1 { continue }
            guard aheadMs(next, sender) != nil else { break }
            last = next.lastSequence
        }
        let ruling = ClockRuling(
            id: try nextID(),
            replica: header.replica,
            from: header.firstSequence,
            to: last,
            aheadMs: ahead
        )
        try rule(at: sender.now) { act in
            act.begin([.everyone])
            act.add(LogKind.clockRuled, ruling.body)
        }
        return last
    }

    /// How far a commit's clock is ahead of headquarters'; nil where it is to be believed.
    private func aheadMs(_ header: CommitHeader, _ sender: Sender) -> Int64? {
        let stamp = header.clock.wallTime.milliseconds
        let beyond = stamp - sender.now.milliseconds
        let tolerance = Log.clockToleranceMs
        guard let measured = sender.aheadMs, measured.magnitude > UInt64(tolerance) else {
            return beyond > tolerance ? beyond : nil
        }
        // Where the stamp did not follow the wall, it came from effective times: those are right.
        let (gap, isFar) = stamp.subtractingReportingOverflow(header.wall.milliseconds)
        let followed = !isFar && gap >= -1_000 && gap <= 1_000
        return followed || beyond > tolerance ? measured : nil
    }

    /// After a correction a node's clock goes on from its last effective time.
    ///
    /// Called inside `write`.
    func restartClock(after ruling: ClockRuling) throws {
        guard let own, try isOwn(ruling.replica), own.last > 0 else { return }
        let id = ChangeID(replica: own.replica, sequence: own.last)
        guard let header = try reader.commit(containing: id)?.header else { return }
        let last = try reader.effectiveTime(of: header.id, clock: header.clock)
        clock = HybridClock(last: last)
        try reader.setMeta("clock", integer: last.rawValue)
    }
}
