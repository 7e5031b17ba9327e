// Sending what headquarters has not acknowledged: whole acts, in batches, signed.

import Kernel
import Replication
import Wire

extension SyncClient {
    /// The next push; nil where nothing is left to send.
    func pushRequest(_ now: WallTime) throws -> SyncRequest? {
        var push = PushRequest()
        push.wall = now
        push.epoch = try state.epoch
        var room = bytesBudget
        for head in try log.unsentHeads() where room > 0 {
            var sure = try log.mark(.durable, of: head.replica) ?? log.startPoint(of: head)
            while room > 0, sure.sequence < head.last {
                guard let batch = try batch(of: head, after: sure, room: room) else { break }
                room -= batch.commits.reduce(0) { $0 + $1.count }
                sure = ChainPoint(sequence: batch.chain.last, hash: batch.chain.hash)
                push.batches.append(batch)
                try addPersonal(of: batch, to: &push)
            }
        }
        for place in wanted {
            for record in try log.personalRecords(of: place.commit)
            where record.index == place.index {
                push.personal.append(WirePersonal(record))
            }
        }
        wanted = []
        if push.batches.isEmpty, push.personal.isEmpty { return nil }
        if try log.spareNumbers().isEmpty { push.sparesWanted = 2 }
        for head in try log.ownHeads() {
            guard let sure = try log.mark(.durable, of: head.replica) else { continue }
            push.acknowledged.append((head.replica, sure))
        }
        return try request(.push, "push", push.body, answer: .pushed, session: session)
    }

    func addPersonal(of batch: SignedBatch, to push: inout PushRequest) throws {
        for bytes in batch.commits {
            let header = try bytes.withUnsafeBytes { (raw) throws(WireFault) in
                try CommitCodec.envelope(of: raw)
            }
            if header.flags.personal.isEmpty { continue }
            for record in try log.personalRecords(of: header.id) {
                push.personal.append(WirePersonal(record))
            }
        }
    }

    /// Whole acts of a chain after a point, up to `room` bytes, one act at least.
    func batch(of head: Head, after point: ChainPoint, room: Int) throws -> SignedBatch? {
        var commits: [[UInt8]] = []
        var open: [[UInt8]] = []
        var size = 0
        var end = point
        var last = point.sequence
        let limit = min(room, SignedBatch.bytesMax)
        reading: while last < head.last {
            let page = try log.reader.commits(of: head.replica, after: last, limit: 256)
            if page.isEmpty { break }
            for commit in page {
                let header = try commit.bytes.withUnsafeBytes { (raw) throws(WireFault) in
                    try CommitCodec.envelope(of: raw)
                }
                open.append(commit.bytes)
                last = header.lastSequence
                if let act = header.flags.act, act.index < act.count - 1 { continue }
                let added = open.reduce(0) { $0 + $1.count }
                if !commits.isEmpty, size + added > limit { break reading }
                commits += open
                open = []
                size += added
                end = ChainPoint(sequence: last, hash: commit.hash)
                if size >= limit { break reading }
            }
        }
        if commits.isEmpty { return nil }
        let chain = Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: device,
            last: end.sequence,
            hash: end.hash
        )
        let first = point.sequence + 1
        return SignedBatch(
            device: device,
            chain: chain,
            first: first,
            before: point.hash,
            mac: sign(chain, first: first, before: point.hash),
            commits: commits
        )
    }

    func pushed(_ answer: PushAnswer, _ now: WallTime) throws {
        switch step {
        case .claim: return try claimed(answer)
        case .number(let fork, let why): return try numbered(answer, fork, why)
        default: break
        }
        isCareful(answer.isCareful)
        if case .handBack = step {
            try log.write { try state.setSeen(answer.head, answer.seal) }
            return
        }
        let before = try log.unsentCount()
        try log.write {
            try keep(answer.acknowledgements)
            try hear(answer.wall, now: now)
            try state.setSeen(answer.head, answer.seal)
            if !answer.spares.isEmpty {
                try log.setSpareNumbers(try log.spareNumbers() + answer.spares)
            }
        }
        let after = try log.unsentCount()
        count(pushed: before - after)
        for result in answer.results {
            switch result.outcome {
            case .taken, .known: break
            case .gap, .fork, .otherIncarnation:
                if isUnderReview {
                    // Two copies of a retired device: only a person can tell what is to become
                    // of the second. What it wrote stays here, unsent.
                    stop(.refused(.review))
                    return
                }
                step = .hello
                return
            case .broken, .unsigned:
                note(.batchRefused(result.replica, result.outcome))
                stop(.brokenAnswer("a batch was refused: \(result.outcome)"))
                return
            }
        }
        let isStuck = !answer.results.isEmpty && after >= before
        if isStuck {
            // Everything was known and yet not acknowledged: hello finds out why.
            step = .hello
            return
        }
        wanted = try answer.missing.filter { place in
            try log.personalRecords(of: place.commit).contains { $0.index == place.index }
        }
        if answer.results.isEmpty { wanted = [] }
    }
}
