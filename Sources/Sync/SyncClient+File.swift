// A node's commit files: what it would push, and what headquarters answers, without a line.

package import Kernel
import Replication
import Wire

extension SyncClient {
    /// A file with everything headquarters has not acknowledged, and where this node stands.
    ///
    /// With `handBack` it also holds every stamped commit, for a restored headquarters. Nothing
    /// counts as sent before its acknowledgement comes.
    package func exportFile(handBack: Bool = false, now: WallTime) throws -> [UInt8] {
        var header = FileHeader()
        header.device = device
        header.direction = .toHeadquarters
        header.pull.cursor = try state.cursor
        header.pull.audiences = try state.audiences
        header.pull.backfill = try state.backfill
        header.pull.own = try acknowledgedChains()
        header.epoch = try state.epoch
        header.seen = try state.seen
        header.seal = try state.seal
        header.wall = now
        for head in try log.ownHeads() {
            guard let sure = try log.mark(.durable, of: head.replica) else { continue }
            header.acknowledged.append((head.replica, sure))
        }
        var bytes = sealed(.fileHeader, header.body)
        for head in try log.unsentHeads() {
            var sure = try log.mark(.durable, of: head.replica) ?? log.startPoint(of: head)
            while sure.sequence < head.last {
                var push = PushRequest()
                let room = CommitFile.sectionBytesMax
                guard let batch = try batch(of: head, after: sure, room: room) else { break }
                sure = ChainPoint(sequence: batch.chain.last, hash: batch.chain.hash)
                push.batches = [batch]
                try addPersonal(of: batch, to: &push)
                bytes += Message(nonce: nonce(), type: .fileBatches, body: push.body).encoded
            }
        }
        if handBack { bytes += try handBackSections() }
        return bytes
    }

    private func handBackSections() throws -> [UInt8] {
        var bytes: [UInt8] = []
        for replica in try log.stampedNumbers() {
            var push = PushRequest()
            var size = 0
            try log.forEachStamped(of: replica, after: 0) { commit, stamp in
                let previous = try log.previousHash(of: commit.id)
                push.handedBack.append(
                    StampedCommit(previous: previous, stamp: stamp, bytes: commit.bytes)
                )
                for record in try log.personalRecords(of: commit.id) {
                    push.personal.append(WirePersonal(record))
                }
                size += commit.bytes.count
                if size >= CommitFile.sectionBytesMax {
                    bytes += Message(nonce: nonce(), type: .fileBatches, body: push.body).encoded
                    push = PushRequest()
                    size = 0
                }
                return true
            }
            if !push.handedBack.isEmpty {
                bytes += Message(nonce: nonce(), type: .fileBatches, body: push.body).encoded
            }
        }
        return bytes
    }

    /// Takes the file that headquarters wrote in answer: acknowledgements, and what it hands out.
    ///
    /// Throws: `FileFault` where the file is not for this device, or its seal is not good; nothing
    /// was written then.
    package func importFile(_ bytes: [UInt8], now: WallTime) throws -> FileOutcome {
        let (header, seal) = try CommitFile.peek(bytes)
        guard header.device == device, header.direction == .toDevice else {
            throw FileFault.foreign
        }
        guard isSealed(seal) else { throw FileFault.unsealed }
        var outcome = FileOutcome()
        outcome.header = header
        do {
            outcome.isCut = try CommitFile.forEachMessage(in: bytes) { message in
                switch message.type {
                case .fileAcks:
                    let answer = try PushAnswer(body: message.body)
                    try log.write { try keep(answer.acknowledgements) }
                case .fileCommits:
                    try take(message, &outcome, now)
                default: break
                }
            }
        } catch is WireFault {
            outcome.isCut = true
        } catch is OwnFork {
            // Only headquarters can settle it, over the line.
            outcome.isOutOfPlace = true
        }
        return outcome
    }

    private func take(_ message: Message, _ outcome: inout FileOutcome, _ now: WallTime) throws {
        let seal = try CommitFile.Sealed(body: message.body)
        guard isSealed(seal) else { throw FileFault.unsealed }
        let section = try FileSection(body: seal.inner)
        let answer = try PullAnswer(body: section.answer)
        guard try section.cursor == state.cursor, try section.backfill == state.backfill else {
            let isBehind = try answer.point.position <= state.point.position
            if try isBehind && state.backfill == nil {
                outcome.knownSections += 1
            } else {
                outcome.isOutOfPlace = true
            }
            return
        }
        var taken = 0
        try log.write { taken = try take(answer, now) }
        outcome.taken += taken
    }
}
