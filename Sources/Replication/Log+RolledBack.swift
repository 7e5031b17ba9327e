// What a person's confirmation settles after headquarters went back: what waits beside the chains
// either follows them after a gap, or is of another history and is committed again under another
// number, by the rule of forks. Nothing is dropped, and nothing is taken in twice.

package import Kernel
import SQLite
import Wire

/// What became of all that waited beside headquarters' chains.
package struct Settlement: Sendable {
    /// The numbers of which something is lost, each with the last sequence before the gap.
    package var lost: [(replica: ReplicaNumber, after: UInt32)] = []
    /// The numbers whose other history was committed again, and under which number.
    package var recommitted: [(replica: ReplicaNumber, number: ReplicaNumber, commits: Int)] = []
    /// The numbers of known devices that were issued by the history that is gone.
    package var accepted: [(replica: ReplicaNumber, device: Int64)] = []
    /// How many commits wait for newer code.
    package var waiting = 0
}

extension Log {
    /// Settles what waits beside the chains, accepts the numbers of known devices, and ends the
    /// careful state: a person has said that nobody else will hand anything back.
    ///
    /// Called inside `write`. What is handed back after it is settled by the next one.
    package func confirmRestored(shapes: BodyShapes, at wall: WallTime) throws -> Settlement {
        precondition(isHeadquarters, "only headquarters has the careful state")
        var settlement = Settlement()
        for replica in try waitingCounts().keys.sorted() {
            try forgetRecommitted(of: replica)
            try takeLate(of: replica, at: wall, &settlement)
        }
        for replica in try waitingCounts().keys.sorted() {
            try forgetRecommitted(of: replica)
            try recommitWaiting(of: replica, shapes, at: wall, &settlement)
        }
        try acceptIssued(at: wall, &settlement)
        settlement.waiting = try waitingCounts().values.reduce(0, +)
        try closeChain()
        try reader.clearMeta("careful")
        return settlement
    }

    // MARK: what follows the chain that is kept

    private func takeLate(
        of replica: ReplicaNumber,
        at wall: WallTime,
        _ settlement: inout Settlement
    ) throws {
        guard try !lateCommits(of: replica).isEmpty else { return }
        let last = try reader.head(of: replica)?.last ?? 0
        settlement.lost.append((replica, last))
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(
                LogKind.tailLost,
                LogBody.tailLost(replica, after: last, reason: "no copy left")
            )
        }
    }

    /// What waits behind the head of a number and is of the same history, in order.
    ///
    /// Why by the clock: across a gap no hash tells. What was written before headquarters went back
    /// bears an earlier time than what it has written under the number since.
    func lateCommits(
        of replica: ReplicaNumber
    ) throws -> [(commit: WaitingCommit, header: CommitHeader)] {
        let head = try reader.head(of: replica)
        let lastKept = try head.flatMap { try reader.lastCommit(of: replica, upTo: $0.last) }
        var end = head?.last ?? 0
        var clock = lastKept?.header?.clock ?? ClockStamp(0)
        var hash = lastKept?.hash ?? head?.hash
        var others: Set<Digest32> = []
        var late: [(commit: WaitingCommit, header: CommitHeader)] = []
        for item in try waitingCommits(of: replica) {
            let first = item.header.firstSequence
            let isNext = end < .max && first == end + 1
            let isOther =
                first <= end || others.contains(item.commit.previous)
                || item.header.clock <= clock
                || (isNext && hash.map { $0 != item.commit.previous } ?? false)
            if isOther {
                others.insert(item.commit.hash)
                continue
            }
            late.append(item)
            end = item.header.lastSequence
            clock = item.header.clock
            hash = item.commit.hash
        }
        return late
    }

    // MARK: what is of another history

    /// A run of another history of one number; it may have gaps.
    private struct OtherHistory {
        var commits: [(commit: WaitingCommit, header: CommitHeader)]

        var last: UInt32 { commits.last?.header.lastSequence ?? 0 }
        var clock: ClockStamp { commits.last?.header.clock ?? ClockStamp(0) }
        var hash: Digest32? { commits.last?.commit.hash }
    }

    private func otherHistories(of replica: ReplicaNumber) throws -> [OtherHistory] {
        var histories: [OtherHistory] = []
        for item in try waitingCommits(of: replica) {
            let first = item.header.firstSequence
            let place =
                histories.firstIndex { $0.hash == item.commit.previous }
                ?? histories.firstIndex { history in
                    history.last < first - 1 && history.clock < item.header.clock
                }
            if let place {
                histories[place].commits.append(item)
            } else {
                histories.append(OtherHistory(commits: [item]))
            }
        }
        return histories
    }

    private func recommitWaiting(
        of replica: ReplicaNumber,
        _ shapes: BodyShapes,
        at wall: WallTime,
        _ settlement: inout Settlement
    ) throws {
        for history in try otherHistories(of: replica) {
            // Flags of newer code: the history waits for it.
            if history.commits.contains(where: { $0.header.flags.hasUnknown }) { continue }
            do {
                guard let number = try recommit(history, of: replica, shapes, at: wall) else {
                    continue
                }
                settlement.recommitted.append((replica, number, history.commits.count))
            } catch let fault as LogFault {
                // A kind that is not known here: the history waits for newer code.
                guard case .undeclared = fault else { throw fault }
            }
        }
    }

    private func recommit(
        _ history: OtherHistory,
        of replica: ReplicaNumber,
        _ shapes: BodyShapes,
        at wall: WallTime
    ) throws -> ReplicaNumber? {
        guard let first = history.commits.first else { return nil }
        let common = try commonPoint(of: replica, before: first)
        let point = CommitFlags.ForkPoint(
            replica: replica,
            lastCommon: common.sequence,
            hash: common.hash
        )
        let whole = history.commits.map(\.header)
        var items: [(old: ForkedCommit, isTorn: Bool)] = []
        for (index, item) in history.commits.enumerated() {
            let old = ForkedCommit(
                id: item.commit.id,
                hash: item.commit.hash,
                bytes: item.commit.bytes
            )
            items.append((old, Log.isTorn(whole, at: index)))
        }
        let number = try numberForOther(first.commit.hash, at: wall)
        let end = ChangeID(replica: replica, sequence: point.lastCommon)
        let rewrite = IDRewrite(after: end, through: .max, as: number)
        for item in items { _ = try rewritten(item.old, from: point, rewrite, shapes, number) }
        let incarnation = Chain.forkIncarnation(realm: realm, firstDivergent: first.commit.hash)
        var head = Head(
            replica: number,
            incarnation: incarnation,
            device: 0,
            last: point.lastCommon,
            hash: Chain.start(realm: realm, replica: number, incarnation: incarnation)
        )
        try ruleClocksAgain(history.commits.map(\.header), as: number, at: wall)
        for (index, item) in items.enumerated() {
            let from = index == 0 ? point : nil
            head = try recommitOther(item.old, from, rewrite, shapes, head, isTorn: item.isTorn)
            try stopWaiting(history.commits[index].commit)
        }
        try setHead(head)
        return number
    }

    private func recommitOther(
        _ old: ForkedCommit,
        _ point: CommitFlags.ForkPoint?,
        _ rewrite: IDRewrite,
        _ shapes: BodyShapes,
        _ head: Head,
        isTorn: Bool
    ) throws -> Head {
        let bytes = try rewritten(old, from: point, rewrite, shapes, head.replica, isTorn: isTorn)
        let header = try CommitCodec.header(of: bytes)
        let hash = bytes.withUnsafeBytes { Chain.next(head.hash, $0) }
        let isGap = header.firstSequence != head.last + 1
        try keepForked(old, became: header.id)
        try bytes.withUnsafeBytes { raw in
            let previous = isGap ? head.hash : nil
            try insert(header.id, hash, raw, header.audiences, previous: previous)
            try followLogKinds(header, raw)
        }
        try note(header, recommits: old)
        try moveWaitingPersonal(of: old.hash, to: header)
        return Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: head.device,
            last: header.lastSequence,
            hash: hash
        )
    }

    /// True for a part of an act of which another part is not in the run.
    private static func isTorn(_ run: [CommitHeader], at place: Int) -> Bool {
        guard let act = run[place].flags.act else { return false }
        let start = place - act.index
        guard start >= 0, start + act.count <= run.count else { return true }
        for index in 0..<act.count {
            let header = run[start + index]
            guard let other = header.flags.act, other.index == index, other.count == act.count
            else { return true }
            if index > 0, run[start + index - 1].lastSequence &+ 1 != header.firstSequence {
                return true
            }
        }
        return false
    }

    /// Where another history left the chain that is kept.
    ///
    /// Why by the clock where the hash before it is not held: part of it is lost, and ids in that
    /// part must not read as those of the chain that is kept.
    private func commonPoint(
        of replica: ReplicaNumber,
        before first: (commit: WaitingCommit, header: CommitHeader)
    ) throws -> ChainPoint {
        let before = first.header.firstSequence - 1
        let point = ChainPoint(sequence: before, hash: first.commit.previous)
        if try holds(point, of: replica) { return point }
        var sequence = before
        while sequence > 0, let commit = try reader.lastCommit(of: replica, upTo: sequence) {
            let header = try envelope(of: commit)
            if header.lastSequence <= before, header.clock < first.header.clock {
                return ChainPoint(sequence: header.lastSequence, hash: commit.hash)
            }
            sequence = header.firstSequence - 1
        }
        guard let head = try reader.head(of: replica) else { return point }
        return try startPoint(of: head)
    }

    /// The number of headquarters under which another history is committed again.
    private func numberForOther(
        _ key: Digest32,
        at wall: WallTime
    ) throws -> ReplicaNumber {
        if let known = try knownNumber(for: key), try reader.head(of: known) == nil,
            try owner(of: known)?.device == 0
        {
            return known
        }
        let number = try freshNumbers(1)[0]
        try keepNumber(number, for: key)
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.replicaIssued, LogBody.issued(number, to: 0))
        }
        return number
    }

    /// Clocks that were ruled stay ruled under the new number, runs that are off alike together.
    private func ruleClocksAgain(
        _ headers: [CommitHeader],
        as number: ReplicaNumber,
        at wall: WallTime
    ) throws {
        var runs: [(from: UInt32, to: UInt32, aheadMs: Int64)] = []
        for header in headers {
            let effective = try reader.effectiveTime(of: header.id, clock: header.clock)
            let ahead = header.clock.wallTime.milliseconds - effective.wallTime.milliseconds
            if ahead == 0 { continue }
            if let run = runs.last, run.aheadMs == ahead, run.to + 1 == header.firstSequence {
                runs[runs.count - 1].to = header.lastSequence
            } else {
                runs.append((header.firstSequence, header.lastSequence, ahead))
            }
        }
        for run in runs {
            let ruling = ClockRuling(
                id: try nextID(),
                replica: number,
                from: run.from,
                to: run.to,
                aheadMs: run.aheadMs
            )
            try rule(at: wall) { act in
                act.begin([.everyone])
                act.add(LogKind.clockRuled, ruling.body)
            }
        }
    }

    // MARK: numbers that the lost history issued

    private func acceptIssued(at wall: WallTime, _ settlement: inout Settlement) throws {
        for head in try reader.heads() where head.device > 0 {
            guard let device = try device(head.device), !device.isRevoked,
                try owner(of: head.replica) == nil
            else { continue }
            try accept(head.replica, of: head.device, at: wall)
            settlement.accepted.append((head.replica, head.device))
        }
    }
}
