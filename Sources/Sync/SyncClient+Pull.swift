// Fetching what headquarters hands out, from the cursor on, and giving back what may no longer be
// held.

import Kernel
import Replication
import Wire

extension SyncClient {
    func pullRequest(_ now: WallTime) throws -> SyncRequest? {
        var pull = PullRequest()
        pull.cursor = try state.cursor
        pull.audiences = try state.audiences
        pull.bytesMax = bytesBudget
        pull.own = try acknowledgedChains()
        pull.missing = try log.missingPersonal(of: nil, limit: 100)
            .map { PersonalPlace(commit: $0.commit, index: $0.index) }
        pull.backfill = try state.backfill
        pull.wiped = try state.wiped
        if case .pull(nil) = step { try ask(&pull, now) }
        return try request(.pull, "pull", pull.body, answer: .pulled, session: session)
    }

    /// The own chains as far as headquarters holds the very same: that need not come back.
    func acknowledgedChains() throws -> [(replica: ReplicaNumber, last: UInt32)] {
        try log.ownHeads().suffix(256).compactMap { head in
            guard let sure = try log.mark(.durable, of: head.replica) else { return nil }
            return (head.replica, min(sure.sequence, head.last))
        }
    }

    /// This node wrote something else under an id that headquarters handed out.
    struct OwnFork: Error {}

    func pulled(_ answer: PullAnswer, _ now: WallTime) throws {
        var taken = 0
        do {
            try log.write { taken = try take(answer, now) }
        } catch is OwnFork {
            try meetOwnFork()
            return
        } catch let fault as LogFault {
            if case .envelope = fault {
                stop(.brokenAnswer("\(fault)"))
                return
            }
            throw fault
        }
        count(pulled: taken)
        if case .pull(let tail?) = step, try isWhole(tail) { return try fetched(tail) }
        if try refetch() || answer.hasMore { return }
        guard case .pull(let tail?) = step else {
            if !check.isOpen { step = .idle }
            return
        }
        try fetched(tail)
    }

    /// True where all is here that headquarters has of an own tail before a hole.
    private func isWhole(_ tail: Tail) throws -> Bool {
        try log.reader.head(of: tail.replica).map { $0.last >= tail.last } ?? false
    }

    /// The tail lies below the cursor: everything is fetched again, and what is held is known.
    private func goBack(for tail: Tail) throws {
        try log.write { try state.goBack(to: state.start) }
        step = .pull(tail: Tail(replica: tail.replica, last: tail.last, isFromStart: true))
    }

    /// Goes back to the beginning where something below the cursor went aside that is
    /// headquarters' after all.
    private func refetch() throws -> Bool {
        guard try log.isRefetchDue else { return false }
        try log.write { if try log.takeRefetch() { try state.goBack(to: state.start) } }
        return true
    }

    /// Hello settles it; unless it is the end of a tail whose beginning lies below the cursor.
    private func meetOwnFork() throws {
        if case .pull(let tail?) = step, !tail.isFromStart { return try goBack(for: tail) }
        session = Signature.noSession
        step = .hello
    }

    /// The tail of an own chain is here: the node goes on under a new number.
    private func fetched(_ tail: Tail) throws {
        guard let head = try log.reader.head(of: tail.replica) else { return }
        if head.last < tail.last, !tail.isFromStart {
            try goBack(for: tail)
            return
        }
        guard log.own?.replica == tail.replica,
            let fork = try log.fork(of: tail.replica, after: head.last)
        else {
            step = .hello
            return
        }
        step = .number(fork, why: .restored)
    }

    /// Takes what was handed out; answers how many commits were new.
    ///
    /// Called inside `write`.
    func take(_ answer: PullAnswer, _ now: WallTime) throws -> Int {
        try hear(answer.wall, now: now)
        try state.setSeen(answer.head, answer.seal)
        let old = try state.audiences
        if answer.isShrunk {
            let left = old.filter(Set(answer.audiences).contains)
            note(.wiped(try log.wipe(keeping: Set(left))))
            try state.setAudiences(left)
            try state.setBackfill(nil)
            try state.setWiped(Signature.audiences(left))
            return 0
        }
        var taken = 0
        var last: Digest32?
        for commit in answer.commits {
            guard let previous = commit.previous ?? last else {
                throw LogFault.envelope(nil, WireFault(.invalidValue, offset: 0))
            }
            last = commit.bytes.withUnsafeBytes { Chain.next(previous, $0) }
            let outcome = try commit.bytes.withUnsafeBytes { bytes in
                try log.receivePulled(bytes, previous: previous, stamp: commit.stamp)
            }
            switch outcome {
            case .taken, .replaced: taken += 1
            case .known: break
            case .ownFork:
                // What follows was lost on the way: the node goes on under another number.
                guard case .pull(let tail?) = step, try isWhole(tail) else { throw OwnFork() }
                return taken
            }
        }
        for record in answer.personal {
            _ = try log.receivePersonal(
                of: record.commit,
                index: record.index,
                salt: record.salt,
                value: record.value
            )
        }
        try keep(answer.acknowledgements)
        try state.setWiped(nil)
        if let position = answer.backfill {
            let target = Signature.audiences(answer.audiences)
            try state.setBackfill(LogPoint(position: position, hash: target))
        } else {
            try state.setBackfill(nil)
            if answer.audiences != old { try state.setAudiences(answer.audiences) }
        }
        let day = now.date(offsetMinutes: 480).dayNumber
        try state.setPoint(answer.point, day: Int64(day))
        try compare(answer, now)
        return taken
    }

    /// Headquarters' time advances the clock; a wrong one here is told.
    ///
    /// Called inside `write`.
    func hear(_ wall: WallTime, now: WallTime) throws {
        let (ahead, isFar) = now.milliseconds.subtractingReportingOverflow(wall.milliseconds)
        if isFar || ahead.magnitude > 60_000 { note(.clockOff(isFar ? .max : ahead)) }
        try log.advanceClock(to: ClockStamp(wall: wall))
    }
}
