// Saying hello: what each of the node's numbers is found to be, and what follows from it.

import Kernel
import Replication
import Wire

extension SyncClient {
    func helloRequest(_ now: WallTime) throws -> SyncRequest? {
        guard let own = log.own else { return stop(.brokenAnswer("no number")) }
        var hello = HelloRequest()
        // Numbers that were sent whole are listed too: headquarters may have lost what it took.
        for head in try log.ownHeads().suffix(HelloRequest.chainsMax) {
            let sure = try log.mark(.durable, of: head.replica)
            hello.chains.append(HelloChain(head: head, acknowledged: sure))
        }
        hello.current = own.replica
        hello.cursor = try state.cursor
        hello.wall = now
        hello.session = try state.session
        hello.kept = try log.anchors(limit: HelloRequest.keptMax)
        hello.epoch = try state.epoch
        hello.seen = try state.seen
        hello.seal = try state.seal
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
        overtaken = nil
        isCareful(answer.isCareful)
        for (probe, held) in zip(probes, answer.probes) {
            searches[probe.replica]?.learn(probe, held: held)
        }
        let verdicts = answer.chains.map(\.verdict)
        try begin(answer.session, isKept: !answer.isStale)
        try log.write { try hear(answer.wall, now: now) }
        if answer.isUnproven { return try lostPlace(answer) }
        if answer.isCursorHeld {
            try log.write { try state.setSeen(answer.head, answer.seal) }
        }
        let isNew = try answer.epoch != state.epoch
        if !hasClaimed, isNew || verdicts.contains(.lost) || !answer.isCursorHeld {
            hasClaimed = true
            step = .claim
            return
        }
        isUnderReview = answer.chains.contains {
            $0.verdict == .review && $0.replica == log.own?.replica
        }
        // A fork first: what is pulled before it is settled would meet it.
        for chain in answer.chains where try settle(chain) { return }
        for chain in answer.chains where try follow(chain) { return }
        if searches.values.contains(where: { !$0.isDone }) {
            step = .hello
            return
        }
        try follow(answer, now)
    }

    /// Where this node says it stands is not on headquarters' log, and was never said by it.
    ///
    /// Why: the settings here are damaged. It goes back to a point that both know; what is held is
    /// known when it comes again.
    private func lostPlace(_ answer: HelloAnswer) throws {
        note(.placeLost)
        try log.write {
            try state.setSeen(answer.head, answer.seal)
            try state.goBack(to: answer.kept ?? state.start)
        }
        step = .hello
    }

    /// A session is kept before it is used; that of a copy is not, for it ends with its number.
    private func begin(_ next: [UInt8], isKept: Bool) throws {
        session = next
        if isKept { try log.write { try state.setSession(next) } }
    }

    /// Settles a fork; true where there is one.
    private func settle(_ chain: ChainAnswer) throws -> Bool {
        guard let mine = try log.reader.head(of: chain.replica), mine.device == device else {
            return false
        }
        if chain.verdict == .fork { return try search(chain, mine) }
        if chain.verdict == .open || chain.verdict == .review, try isToldAgain(chain, mine) {
            return false
        }
        guard chain.verdict == .open || chain.verdict == .twin, let head = chain.head else {
            return false
        }
        let isShared = chain.incarnation == mine.incarnation
        guard isShared, try log.holds(head, of: chain.replica) else {
            return try search(chain, mine)
        }
        if chain.verdict == .open {
            try log.write { try log.setMark(.durable, of: chain.replica, to: head) }
        }
        return false
    }

    /// True where headquarters lacks the beginning of a chain, or a person must decide on it: what
    /// it lacks is sent again, but nothing is settled.
    private func isToldAgain(_ chain: ChainAnswer, _ mine: Head) throws -> Bool {
        let start = try log.startPoint(of: mine)
        guard let head = chain.head, head.hash != start.hash else {
            if let sure = try log.mark(.durable, of: mine.replica), sure.sequence > start.sequence {
                try log.write { try log.setMark(.durable, of: mine.replica, to: start) }
            }
            return true
        }
        if chain.verdict == .open { return false }
        if chain.incarnation == mine.incarnation, try log.holds(head, of: mine.replica) {
            try log.write { try log.setMark(.durable, of: mine.replica, to: head) }
        }
        return true
    }

    /// Does what the other verdicts ask for; true where that comes before anything else.
    private func follow(_ chain: ChainAnswer) throws -> Bool {
        guard let mine = try log.reader.head(of: chain.replica), mine.device == device else {
            return false
        }
        switch chain.verdict {
        case .review:
            note(.review(chain.replica))
            return false
        case .twin:
            // What both copies hold unsent is sent under the number that both know it by; the
            // hashes tell where they part. Only then does this one go on under another.
            overtaken = chain.replica
            step = .push
            return true
        case .restored:
            let end = ChainPoint(sequence: mine.last, hash: mine.hash)
            try log.write { try log.setMark(.durable, of: chain.replica, to: end) }
            // Nothing is handed out under review; what is here is sent first.
            guard let head = chain.head, !isUnderReview,
                askedTails.insert(chain.replica).inserted
            else { return false }
            // What this node left may lie beyond a hole for good: it comes as anyone's does.
            if chain.replica != log.own?.replica, mine.last >= head.sequence { return false }
            step = .pull(tail: Tail(replica: chain.replica, last: head.sequence))
            return true
        case .open, .fork, .lost: return false
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
        let mustHandBack = try log.reader.metaInteger("hand_back") == 1
        if mustHandBack || (answer.isCareful && toHandBack.isEmpty) {
            if try !prepareHandBack(answer) {
                step = .hello
                return
            }
            if toHandBack.isEmpty { try log.write { try handedBack(answer) } }
        } else if let last = try log.anchors(limit: 2).last, answer.kept != last {
            note(.orderChanged(last))
        }
        searches = [:]
        lastGreetedMs = now.milliseconds
        // This directory may be a copy: what it holds is sent, then it goes on under a new number.
        if try log.reader.metaInteger("unproven") == 1, !isUnderReview {
            overtaken = log.own?.replica
        }
        step = toHandBack.isEmpty ? .push : .handBack
    }

    /// This node is done with the headquarters of before.
    ///
    /// Called inside `write`.
    private func handedBack(_ answer: HelloAnswer) throws {
        try log.reader.clearMeta("hand_back")
        try state.setEpoch(answer.epoch)
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
        push.seen = try state.seen
        push.seal = try state.seal
        for head in try log.ownHeads() {
            guard let sure = try log.mark(.durable, of: head.replica) else { continue }
            push.acknowledged.append((head.replica, sure))
        }
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    /// Headquarters knows now that it lacks something: this node goes back to what it still has.
    func claimed(_ answer: PushAnswer) throws {
        guard let greeting else { return }
        // Not believed: headquarters is as it was, and gets again what it says it lacks.
        let isRestored = try answer.isCareful || greeting.epoch != state.epoch
        note(isRestored ? .headquartersRestored : .placeLost)
        try log.write {
            if isRestored { try log.reader.setMeta("hand_back", integer: 1) }
            try state.setEpoch(greeting.epoch)
            for chain in greeting.chains {
                guard let mine = try log.reader.head(of: chain.replica),
                    let sure = try log.mark(.durable, of: chain.replica),
                    sure.sequence > chain.head?.sequence ?? 0
                else { continue }
                var point = try log.startPoint(of: mine)
                if let head = chain.head, chain.incarnation == mine.incarnation,
                    try log.holds(head, of: chain.replica)
                {
                    point = head
                }
                for mark in Mark.allCases { try log.setMark(mark, of: chain.replica, to: point) }
            }
            if !greeting.isCursorHeld {
                let point = greeting.kept ?? state.start
                try state.goBack(to: point)
            }
            try state.setSeen(answer.head, answer.seal)
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
        if push.handedBack.isEmpty {
            if let greeting { try log.write { try handedBack(greeting) } }
            return nil
        }
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
            firstDivergent: fork.firstDivergent,
            nonce: try claimNonce()
        )
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    /// What a claim without a fork is known by, kept before it is sent: asked again, the same
    /// number is given.
    private func claimNonce() throws -> [UInt8] {
        if let kept = try log.reader.metaBytes("claim") { return kept }
        let drawn = nonce()
        try log.write { try log.reader.setMeta("claim", bytes: drawn) }
        return drawn
    }

    /// Goes on under the number that was given.
    func numbered(_ answer: PushAnswer, _ fork: Log.Fork, _ why: Reason) throws {
        guard let number = answer.number else {
            stop(.brokenAnswer("no number given"))
            return
        }
        try log.write {
            // What was written while the request was under way is part of the tail.
            let common = fork.firstDivergent == nil ? fork.common.sequence : nil
            let whole = try common.map { try log.fork(of: fork.replica, after: $0) } ?? fork
            try log.recommit(whole ?? fork, as: number, shapes: shapes)
            try log.reader.clearMeta("claim")
            try log.reader.clearMeta("unproven")
            if try log.takeRefetch() { try state.goBack(to: state.start) }
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
