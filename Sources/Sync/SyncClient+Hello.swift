// Saying hello: what each of the node's numbers is found to be, and what follows from it.

import Kernel
import Replication
import Wire

extension SyncClient {
    func helloRequest(_ now: WallTime) throws -> SyncRequest? {
        guard let own = log.own else { return stop(.brokenAnswer("no number")) }
        var hello = HelloRequest()
        var heads = try log.unsentHeads()
        if !heads.contains(where: { $0.replica == own.replica }) { heads.append(own) }
        for head in heads.sorted(by: { $0.replica < $1.replica }) {
            let sure = try log.mark(.durable, of: head.replica)
            hello.chains.append(HelloChain(head: head, acknowledged: sure))
        }
        hello.current = own.replica
        hello.cursor = try state.cursor
        hello.wall = now
        hello.session = try state.session
        hello.kept = try log.anchors(limit: HelloRequest.keptMax)
        hello.epoch = try state.epoch
        let open = searches.values.filter { !$0.isDone }
            .sorted { $0.replica < $1.replica }.prefix(Probe.pointsMax)
        hello.probes = open.map { $0.probe(limit: open.count > 8 ? 8 : Probe.pointsMax) }
        return try request(
            .hello,
            "hello",
            hello.body,
            answer: .greeted,
            session: Signature.noSession,
            probes: hello.probes
        )
    }

    func greeted(_ answer: HelloAnswer, _ probes: [Probe], _ now: WallTime) throws {
        greeting = answer
        isCareful(answer.isCareful)
        for (probe, held) in zip(probes, answer.probes) {
            searches[probe.replica]?.learn(probe, held: held)
        }
        let verdicts = answer.chains.map(\.verdict)
        try begin(answer.session, isKept: !verdicts.contains { $0 == .twin || $0 == .restored })
        try log.write { try hear(answer.wall, now: now) }
        if !hasClaimed, verdicts.contains(.lost) || !answer.isCursorHeld {
            hasClaimed = true
            note(.headquartersRestored)
            step = .claim
            return
        }
        for chain in answer.chains where try follow(chain) { return }
        if searches.values.contains(where: { !$0.isDone }) {
            step = .hello
            return
        }
        try follow(answer, now)
    }

    /// A session is kept before it is used; that of a copy is not, for it ends with its number.
    private func begin(_ next: [UInt8], isKept: Bool) throws {
        session = next
        if isKept { try log.write { try state.setSession(next) } }
    }

    /// Does what a verdict asks for; true where that comes before anything else.
    private func follow(_ chain: ChainAnswer) throws -> Bool {
        guard let mine = try log.reader.head(of: chain.replica), mine.device == device else {
            return false
        }
        switch chain.verdict {
        case .review:
            isUnderReview = true
            note(.review(chain.replica))
            return false
        case .twin:
            if let fork = try log.fork(of: chain.replica, after: mine.last) {
                step = .number(fork, why: .twin)
            }
            return true
        case .restored:
            step = .pull(thenNumber: true)
            return true
        case .lost: return false
        case .fork: return try search(chain, mine)
        case .open:
            guard let head = chain.head else { return false }
            let isShared = chain.incarnation == mine.incarnation
            if isShared, try log.holds(head, of: chain.replica) {
                try log.write { try log.setMark(.durable, of: chain.replica, to: head) }
                return false
            }
            return try search(chain, mine)
        }
    }

    /// Looks for the last common commit; once it is known, a new number is asked for.
    private func search(_ chain: ChainAnswer, _ mine: Head) throws -> Bool {
        if searches[chain.replica] == nil {
            let isShared = chain.incarnation == mine.incarnation
            let last = chain.head.map { min($0.sequence, mine.last) } ?? 0
            searches[chain.replica] = Bisection(
                replica: chain.replica,
                points: isShared
                    ? try log.points(of: chain.replica, after: 0, through: last)
                        .filter { $0.sequence <= last } : []
            )
        }
        guard let search = searches[chain.replica], search.isDone else {
            step = .hello
            return true
        }
        searches[chain.replica] = nil
        let common = search.common?.sequence ?? 0
        guard let fork = try log.fork(of: chain.replica, after: common) else { return false }
        step = .number(fork, why: .fork)
        return true
    }

    /// No chain needs anything special: what headquarters was restored from, then the ordinary.
    private func follow(_ answer: HelloAnswer, _ now: WallTime) throws {
        isUnderReview = answer.chains.contains { $0.verdict == .review }
        let known = try state.epoch
        if answer.epoch != known || (answer.isCareful && toHandBack.isEmpty) {
            if try !prepareHandBack(answer) {
                step = .hello
                return
            }
            try log.write { try state.setEpoch(answer.epoch) }
            if answer.epoch != known { note(.headquartersRestored) }
        } else if let last = try log.anchors(limit: 2).last, answer.kept != last {
            note(.orderChanged(last))
        }
        searches = [:]
        lastGreetedMs = now.milliseconds
        step = toHandBack.isEmpty ? .push : .handBack
    }

    /// Finds what of the stamped commits held here headquarters lacks; false while it must ask.
    private func prepareHandBack(_ answer: HelloAnswer) throws -> Bool {
        var heads: [ReplicaNumber: ChainPoint] = [:]
        for (replica, point) in answer.heads { heads[replica] = point }
        var list: [(replica: ReplicaNumber, after: UInt32)] = []
        var isAsking = false
        for replica in try log.stampedNumbers() {
            guard let head = heads[replica] else {
                list.append((replica, 0))
                continue
            }
            if searches[replica] == nil {
                let points = try log.points(of: replica, after: 0, through: head.sequence)
                    .filter { $0.sequence <= head.sequence }
                searches[replica] = Bisection(replica: replica, points: points)
            }
            guard let search = searches[replica], search.isDone else {
                isAsking = true
                continue
            }
            let common = search.common?.sequence ?? 0
            let isWhole = search.points.last.map { $0.sequence == common } ?? true
            list.append((replica, isWhole ? head.sequence : common))
        }
        if isAsking { return false }
        toHandBack = list
        return true
    }

    // MARK: a restored headquarters

    func claimRequest(_ now: WallTime) throws -> SyncRequest? {
        var push = PushRequest()
        push.wall = now
        push.cursor = try state.cursor
        push.epoch = try state.epoch
        for head in try log.ownHeads() {
            guard let sure = try log.mark(.durable, of: head.replica) else { continue }
            push.acknowledged.append((head.replica, sure))
        }
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    /// Headquarters knows now that it lacks something: this node goes back to what it still has.
    func claimed(_ answer: PushAnswer) throws {
        guard let greeting else { return }
        try log.write {
            for chain in greeting.chains where chain.verdict == .lost {
                guard let mine = try log.reader.head(of: chain.replica) else { continue }
                var point = try log.startPoint(of: mine)
                if let head = chain.head, chain.incarnation == mine.incarnation,
                    try log.holds(head, of: chain.replica)
                {
                    point = head
                }
                for mark in Mark.allCases { try log.setMark(mark, of: chain.replica, to: point) }
            }
            if !greeting.isCursorHeld {
                let start = LogPoint(position: 0, hash: Chain.logStart(realm: log.realm))
                let point = greeting.kept ?? start
                try log.dropAnchors(beyond: point.position)
                try state.setBackfill(nil)
                try log.reader.setMeta("cursor_position", integer: point.position)
                try log.reader.setMeta("cursor_hash", bytes: point.hash.bytes)
            }
        }
        isCareful(answer.isCareful)
        searches = [:]
        step = .hello
    }

    /// The next commits to hand back; nil where all were.
    func handBackRequest(_ now: WallTime) throws -> SyncRequest? {
        var push = PushRequest()
        push.wall = now
        push.epoch = try state.epoch
        var size = 0
        while let (replica, after) = toHandBack.first, size < bytesBudget {
            toHandBack.removeFirst()
            var reached = after
            try log.forEachStamped(of: replica, after: after) { commit, stamp in
                let previous = try log.previousHash(of: commit.id)
                push.handedBack.append(
                    StampedCommit(previous: previous, stamp: stamp, bytes: commit.bytes)
                )
                for record in try log.personalRecords(of: commit.id) {
                    push.personal.append(WirePersonal(record))
                }
                size += commit.bytes.count
                reached = commit.header?.lastSequence ?? commit.id.sequence
                return size < bytesBudget
            }
            if size >= bytesBudget { toHandBack.insert((replica, reached), at: 0) }
        }
        if push.handedBack.isEmpty { return nil }
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    // MARK: a new number

    func numberRequest(_ fork: Log.Fork, _ now: WallTime) throws -> SyncRequest? {
        guard let head = try log.reader.head(of: fork.replica) else {
            return stop(.brokenAnswer("no such number"))
        }
        var push = PushRequest()
        push.wall = now
        push.epoch = try state.epoch
        push.claim = NumberClaim(
            replica: fork.replica,
            incarnation: head.incarnation,
            common: fork.common,
            firstDivergent: fork.firstDivergent
        )
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    /// Goes on under the number that was given.
    func numbered(_ answer: PushAnswer, _ fork: Log.Fork, _ why: Reason) throws {
        guard let number = answer.number else {
            stop(.brokenAnswer("no number given"))
            return
        }
        try log.write {
            let before = log.own?.replica
            // What was written while the request was under way is part of the tail.
            let common = fork.firstDivergent == nil ? fork.common.sequence : nil
            let whole = try common.map { try log.fork(of: fork.replica, after: $0) } ?? fork
            try log.recommit(whole ?? fork, as: number, shapes: shapes)
            if log.own?.replica != before { try state.setSession(Signature.noSession) }
        }
        session = Signature.noSession
        switch why {
        case .fork: note(.forked(fork.replica, number))
        case .restored: note(.restored(number))
        case .twin: note(.twin(number))
        }
        searches = [:]
        step = .hello
    }
}
