// Taking a push: batches with their writers' signatures, personal records, what is handed back,
// claims to numbers. All of it in one transaction; the acknowledgement follows the disk.

import Kernel
import Replication
import Wire

extension SyncServer {
    func take(_ body: [UInt8], _ caller: Authentic, _ session: Session) throws -> [UInt8] {
        if surroundings.retryAfter() != nil { throw SyncRefusal.lagging }
        var answer = PushAnswer()
        var known: [ReplicaNumber: ChainPoint] = [:]
        try body.withUnsafeBytes { bytes in
            let push = try IncomingPush(bytes)
            // A twin may send what follows the chain: its hashes tell whether it does.
            if session.isStale, !push.handedBack.isEmpty { throw SyncRefusal.staleSession }
            try log.write {
                try use(session, caller)
                try believe(push.claims, caller)
                let ahead = push.wall.map { aheadMs($0, caller.now) }
                for batch in push.batches {
                    let outcome = try take(batch, ahead, caller.now, caller, &answer)
                    let end = ChainPoint(sequence: batch.last, hash: batch.head)
                    known[batch.replica] = outcome == .known ? end : nil
                    answer.results.append(BatchResult(replica: batch.replica, outcome: outcome))
                }
                // What is handed back comes first: a value is taken beside its commit only.
                try takeBack(push.handedBack, caller, &answer)
                for record in push.personal { try take(record) }
                if let claim = push.claim {
                    answer.number = try number(for: claim, caller)
                }
                if push.sparesWanted > 0 {
                    answer.spares = try spares(push.sparesWanted, caller, session)
                }
            }
            try acknowledge(push, known, caller, &answer)
            var news = DeviceNews(device: caller.device.id)
            news.aheadMs = push.wall.map { aheadMs($0, caller.now) }
            self.news = news
            if let ahead = push.wall.map({ aheadMs($0, caller.now) }),
                ahead.magnitude > UInt64(Log.clockToleranceMs)
            {
                alerts.append(.clock(device: caller.device.id, aheadMs: ahead))
            }
        }
        answer.head = head
        answer.seal = seal
        answer.wall = caller.now
        answer.isCareful = try log.isCareful
        return answer.body
    }

    /// Unit: milliseconds that the sender's wall is ahead of this one.
    private func aheadMs(_ wall: WallTime, _ now: WallTime) -> Int64 {
        let limit: Int64 = 1 << 53
        let clamped = min(max(wall.milliseconds, -limit), limit)
        return clamped - now.milliseconds
    }

    /// What a client says it was told, held against the log.
    enum Told {
        case held
        /// Headquarters said it, and does not know it any more: it was restored.
        case lost
        /// It was said under an earlier number of headquarters: the client only comes late.
        case late
        /// It is not on the log, and nothing proves that headquarters ever said it.
        case unproven
    }

    /// Holds the last order that a client was told, and its cursor, against the log.
    ///
    /// Why the cursor proves nothing: who has it was told an order that goes on from it.
    func told(_ seen: LogPoint?, _ seal: OrderSeal?, cursor: LogPoint?) throws -> Told {
        if let seen, try !holds(seen) {
            guard let seal, seal.seals(seen, key: keys.stampKey) else { return .unproven }
            let isEarlier =
                try seal.epoch != epoch
                && log.headquartersNumbers().contains(seal.epoch)
            return isEarlier ? .late : .lost
        }
        return try cursor.map(holds) ?? true ? .held : .unproven
    }

    /// Enters the careful state where a client bears headquarters' own seal on an order that is not
    /// on the log.
    ///
    /// Why: then headquarters was restored. Nothing else that a client says can do that.
    func believe(_ push: PushClaims, _ caller: Authentic) throws {
        switch try told(push.seen, push.seal, cursor: push.cursor?.point) {
        case .late: return
        case .unproven: alerts.append(.unproven(device: caller.device.id))
        case .held:
            let own = try log.headquartersNumbers()
            if own.contains(push.epoch), push.epoch != epoch { return }
            let isBeyond = try push.acknowledged.contains { replica, point in
                try point.sequence > log.reader.head(of: replica)?.last ?? 0
            }
            if isBeyond { alerts.append(.unproven(device: caller.device.id)) }
        case .lost:
            let isKnown = try push.seal.map { try log.headquartersNumbers().contains($0.epoch) }
            if try isKnown == false && log.isCareful { return }
            try log.becomeRestored(at: caller.now)
            alerts.append(.headquartersRestored(claimedBy: caller.device.id))
        }
    }

    func take(
        _ batch: IncomingBatch,
        _ ahead: Int64?,
        _ now: WallTime,
        _ caller: Authentic?,
        _ answer: inout PushAnswer
    ) throws -> BatchOutcome {
        guard let key = keys.deviceKey(batch.device) else { return .unsigned }
        let chain = Head(
            replica: batch.replica,
            incarnation: batch.incarnation,
            device: batch.device,
            last: batch.last,
            hash: batch.head
        )
        let mac = Signature.batch(
            realm: log.realm,
            device: batch.device,
            chain: chain,
            first: batch.first,
            before: batch.before,
            key: key
        )
        guard constantTimeEquals(mac, batch.mac) else {
            alerts.append(.forged(device: batch.device, batch.replica))
            return .unsigned
        }
        let owner = try log.owner(of: batch.replica)
        if let owner, owner.device != batch.device { return .fork }
        let device =
            try log.device(batch.device)
            ?? DeviceRecord(id: batch.device, name: "", kind: 0, branch: 0)
        let isUnderReview = owner.map { $0.isEnded } ?? true || device.isRevoked
        let sender = Sender(
            device: device,
            isUnderReview: isUnderReview,
            aheadMs: batch.device == caller?.device.id ? ahead : nil,
            now: now
        )
        let (outcome, judgement) = try log.receive(batch, from: sender, rights: rights)
        answer.forbidden += judgement.forbiddenCount
        answer.held += judgement.heldCount
        if judgement.forbiddenCount > 0 {
            alerts.append(.forbidden(device: batch.device, judgement.forbiddenCount))
        }
        if judgement.heldCount > 0 {
            alerts.append(.held(device: batch.device, judgement.heldCount))
        }
        switch outcome {
        case .taken: return .taken
        case .known: return .known
        case .gap: return .gap
        case .fork: return .fork
        case .otherIncarnation: return .otherIncarnation
        case .broken: return .broken
        }
    }

    func take(_ record: WirePersonal) throws {
        _ = try log.receivePersonal(
            of: record.commit,
            index: record.index,
            salt: record.salt,
            value: record.value
        )
    }

    /// Takes what a client hands back to a restored headquarters, each commit under its stamp.
    func takeBack(
        _ items: [StampedCommit],
        _ caller: Authentic,
        _ answer: inout PushAnswer
    ) throws {
        var rolledBack: Set<ReplicaNumber> = []
        var last: (id: ChangeID, hash: Digest32)?
        for item in items {
            guard let header = try? CommitCodec.header(of: item.bytes),
                let previous = item.previous ?? last?.hash
            else { continue }
            let hash = item.bytes.withUnsafeBytes { Chain.next(previous, $0) }
            last = (header.id, hash)
            let stamp = Signature.stamp(header.id, hash, key: keys.stampKey)
            guard constantTimeEquals(stamp, item.stamp) else {
                alerts.append(.forged(device: caller.device.id, header.replica))
                continue
            }
            let outcome = try item.bytes.withUnsafeBytes { bytes in
                try log.takeBack(
                    HandedBack(previous: previous, stamp: item.stamp, bytes: bytes)
                )
            }
            if outcome == .waiting { answer.waiting += 1 }
            if outcome == .rolledBack { rolledBack.insert(header.replica) }
        }
        // Another history of headquarters' own: a person must confirm what is to become of it.
        if rolledBack.isEmpty { return }
        if try !log.isCareful || rolledBack.contains(epoch) {
            try log.becomeRestored(at: caller.now)
            alerts.append(.headquartersRestored(claimedBy: caller.device.id))
        }
    }

    /// The new number of a client whose chain forked, that was restored, or that has a twin.
    private func number(
        for claim: NumberClaim,
        _ caller: Authentic
    ) throws -> ReplicaNumber {
        if try log.isCareful { throw SyncRefusal.careful }
        let known = try log.reader.head(of: claim.replica)
        let owner = try log.owner(of: claim.replica)
        guard owner != nil else { throw SyncRefusal.review }
        var key = Signature.claim(
            realm: log.realm,
            device: caller.device.id,
            replica: claim.replica,
            incarnation: claim.incarnation,
            nonce: claim.nonce
        )
        if let divergent = claim.firstDivergent {
            let isShared =
                known?.incarnation == claim.incarnation
                && owner?.device == caller.device.id
            if isShared, try !log.holds(claim.common, of: claim.replica) {
                throw SyncRefusal.notForked
            }
            key = divergent
        }
        return try log.number(for: key, device: caller.device, at: caller.now)
    }

    private func spares(
        _ wanted: Int,
        _ caller: Authentic,
        _ session: Session
    ) throws -> [ReplicaNumber] {
        let owner = try log.owner(of: session.replica)
        guard try !log.isCareful, !session.isStale, owner?.device == caller.device.id,
            owner?.isEnded == false, try log.numbers(of: caller.device.id).count < 1_000
        else { return [] }
        let numbers = try log.freshNumbers(min(wanted, SyncServer.spares))
        try log.rule(at: caller.now) { act in
            act.begin([.headquarters, .branch(max(caller.device.branch, 1))])
            for number in numbers {
                act.add(LogKind.replicaIssued, LogBody.issued(number, to: caller.device.id))
            }
        }
        return numbers
    }

    private func acknowledge(
        _ push: IncomingPush,
        _ known: [ReplicaNumber: ChainPoint],
        _ caller: Authentic,
        _ answer: inout PushAnswer
    ) throws {
        var replicas = Set(push.batches.map(\.replica))
        replicas.formUnion(push.acknowledged.map(\.replica))
        for replica in replicas.sorted() {
            let limit = known[replica]
            if let ack = try acknowledgement(of: replica, for: caller.device.id, within: limit) {
                answer.acknowledgements.append(ack)
            }
            let room = PersonalPlace.placesMax - answer.missing.count
            for (commit, index) in try log.missingPersonal(of: replica, limit: room) {
                answer.missing.append(PersonalPlace(commit: commit, index: index))
            }
        }
    }

    /// What headquarters says of a chain to its device; nil for a chain of another device.
    ///
    /// Shape: no point is beyond `limit`, the end of what the device knows of the chain: one that
    /// went back to a copy cannot judge what follows.
    func acknowledgement(
        of replica: ReplicaNumber,
        for device: Int64,
        within limit: ChainPoint? = nil
    ) throws -> Acknowledgement? {
        guard let chain = try log.reader.head(of: replica), chain.device == device,
            let key = keys.deviceKey(device)
        else { return nil }
        func cut(_ point: ChainPoint) -> ChainPoint {
            guard let limit, limit.sequence < point.sequence else { return point }
            return limit
        }
        var ack = Acknowledgement(
            replica: replica,
            incarnation: chain.incarnation,
            durable: cut(try log.wholePoint(of: chain)),
            projected: cut(try log.point(of: chain, upTo: surroundings.projectedThrough())),
            protected: cut(
                try log.protectedPoint(of: chain, upTo: surroundings.protectedThrough())
            )
        )
        ack.mac = Signature.acknowledgement(
            realm: log.realm,
            device: device,
            ack,
            key: key
        )
        return ack
    }
}
