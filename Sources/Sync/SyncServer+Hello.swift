// Answering a hello: what headquarters finds of each chain, and the session that follows.
// A hello alone changes nothing: it may be asked again, or by who only replays it.

import Kernel
import Replication
import Wire

extension SyncServer {
    func greet(_ body: [UInt8], _ caller: Authentic) throws -> [UInt8] {
        let hello = try HelloRequest(body: body, device: caller.device.id)
        var news = DeviceNews(device: caller.device.id)
        news.ends = hello.chains.map { ($0.head.replica, $0.head.last) }
        news.aheadMs = hello.wall.milliseconds - caller.now.milliseconds
        self.news = news
        var answer = HelloAnswer()
        let isOld = hello.epoch != epoch
        let told = try told(hello.seen, hello.seal, cursor: hello.cursor?.point)
        answer.isCursorHeld = told == .held
        answer.isUnproven = told == .unproven
        if answer.isUnproven { alerts.append(.unproven(device: caller.device.id)) }
        let session = try nextSession(hello, caller)
        given[GivenKey(device: caller.device.id, replica: hello.current)] = session
        answer.session = session.nonce
        for chain in hello.chains {
            let isTwin = session.isStale && chain.head.replica == hello.current
            answer.chains.append(try verdict(chain, caller, isTwin: isTwin))
        }
        answer.head = head
        answer.seal = seal
        answer.wall = caller.now
        for probe in hello.probes {
            let held = try probe.points.reversed().first { try log.holds($0, of: probe.replica) }
            answer.probes.append(held?.sequence)
        }
        answer.kept = try hello.kept.reversed().first { try holds($0) }
        answer.isCareful = try log.isCareful
        if isOld || answer.isCareful {
            for head in try log.reader.heads() {
                answer.heads.append(
                    (head.replica, ChainPoint(sequence: head.last, hash: head.hash))
                )
            }
        }
        answer.epoch = epoch
        answer.isStale = session.isStale
        return answer.body
    }

    func holds(_ point: LogPoint) throws -> Bool {
        if point.position > log.end { return false }
        return try log.reader.logHash(at: point.position) == point.hash
    }

    /// The session after the one the client used last; stale where a twin went on from there.
    ///
    /// Why the chain is followed forward: a restored headquarters knows an earlier session only.
    private func nextSession(_ hello: HelloRequest, _ caller: Authentic) throws -> Session {
        let device = caller.device.id
        func after(_ nonce: [UInt8]) -> [UInt8] {
            Signature.session(
                after: nonce,
                of: hello.current,
                device: device,
                key: keys.stampKey
            )
        }
        var known = try log.session(of: hello.current, device: device)
        if hello.session == known {
            return Session(nonce: after(known), replica: hello.current, isStale: false)
        }
        for step in 0..<SyncServer.sessionStepsMax {
            known = after(known)
            if known == hello.session {
                let next = step == 0 ? known : after(known)
                return Session(nonce: next, replica: hello.current, isStale: false)
            }
        }
        let next = Signature.session(
            after: hello.session,
            of: hello.current,
            device: device,
            isStale: true,
            key: keys.stampKey
        )
        return Session(nonce: next, replica: hello.current, isStale: true)
    }

    /// How far ahead of what it knows headquarters follows the sessions of a device.
    static var sessionStepsMax: Int { 2_000 }

    private func verdict(
        _ chain: HelloChain,
        _ caller: Authentic,
        isTwin: Bool
    ) throws -> ChainAnswer {
        let replica = chain.head.replica
        let device = caller.device.id
        let known = try log.reader.head(of: replica)
        // What lies before a hole is asked for, and all of a chain whose beginning is lost.
        func says(_ verdict: ChainVerdict, until point: ChainPoint? = nil) -> ChainAnswer {
            let named = known.flatMap { $0.isNameless ? nil : $0 }
            return ChainAnswer(
                replica: replica,
                verdict: verdict,
                incarnation: named?.incarnation,
                head: named.map { point ?? ChainPoint(sequence: $0.last, hash: $0.hash) }
            )
        }
        guard let owner = try log.owner(of: replica), !owner.isEnded else {
            alerts.append(.review(device: device, replica))
            return try says(.review, until: known.map { try log.wholePoint(of: $0) })
        }
        if owner.device != device { return says(fork(replica, device)) }
        guard let known else {
            if chain.acknowledged.map({ $0.sequence > 0 }) ?? false { return says(.lost) }
            return says(isTwin ? twin(replica, device) : .open)
        }
        if known.isNameless { return says(.open) }
        if known.incarnation != chain.head.incarnation { return says(fork(replica, device)) }
        if let sure = chain.acknowledged, sure.sequence > known.last { return says(.lost) }
        let end = ChainPoint(sequence: chain.head.last, hash: chain.head.hash)
        if end.sequence <= known.last {
            guard try log.holds(end, of: replica) else { return says(fork(replica, device)) }
            if end.sequence < known.last {
                alerts.append(.nodeRestored(device: device, replica))
                // Its tail ends before what was given up as lost.
                return says(.restored, until: try log.wholePoint(of: known))
            }
        }
        // What lies in a hole that was given up is asked for again.
        return says(
            isTwin ? twin(replica, device) : .open,
            until: try log.wholePoint(of: known)
        )
    }

    private func fork(_ replica: ReplicaNumber, _ device: Int64) -> ChainVerdict {
        alerts.append(.fork(device: device, replica))
        return .fork
    }

    private func twin(_ replica: ReplicaNumber, _ device: Int64) -> ChainVerdict {
        alerts.append(.twin(device: device, replica))
        return .twin
    }
}
