// Headquarters' commit files: taking what a node carried here, and writing its answer.
// The checks are those of the wire; only the line is missing.

package import Kernel
import Replication
import Wire

extension SyncServer {
    /// Takes a file that a node wrote.
    ///
    /// Throws: `FileFault` where it is none, of another company, its seal is not the device's, or a
    /// commit or signature in it is not what was written; nothing was written then.
    package func importFile(_ bytes: [UInt8], now: WallTime) throws -> FileOutcome {
        let (header, seal) = try CommitFile.peek(bytes)
        guard header.direction == .toHeadquarters, seal.realm == log.realm,
            let key = keys.deviceKey(header.device)
        else { throw FileFault.foreign }
        guard seal.isSealed(realm: log.realm, device: header.device, key: key) else {
            throw FileFault.unsealed
        }
        try prove(bytes)
        var outcome = FileOutcome()
        outcome.header = header
        let device =
            try log.device(header.device)
            ?? DeviceRecord(id: header.device, name: "", kind: 0, branch: 0)
        let caller = Authentic(
            device: device,
            key: key,
            mac: .zero,
            nonce: Signature.noSession,
            session: Signature.noSession,
            now: now
        )
        try log.write {
            var claims = PushClaims()
            claims.cursor = header.pull.cursor
            claims.epoch = header.epoch
            claims.seen = header.seen
            claims.seal = header.seal
            claims.acknowledged = header.acknowledged
            try believe(claims, caller)
            try log.reader.setMeta(SyncServer.placeKey(header.device), bytes: seal.inner)
        }
        var answer = PushAnswer()
        let before = log.end
        do {
            outcome.isCut = try CommitFile.forEachMessage(in: bytes) { message in
                if message.type == .fileBatches { try take(message.body, caller, &answer) }
            }
        } catch is WireFault {
            outcome.isCut = true
        }
        outcome.results = answer.results
        outcome.taken = Int(log.end - before)
        outcome.isCareful = try log.isCareful
        return outcome
    }

    /// Proves every batch of a file before anything of it is taken: the signature is its writer's,
    /// and the commits are those that were signed.
    private func prove(_ bytes: [UInt8]) throws {
        do {
            _ = try CommitFile.forEachMessage(in: bytes) { message in
                if message.type != .fileBatches { return }
                try message.body.withUnsafeBytes { raw in
                    for batch in try IncomingPush(raw).batches where !isProven(batch) {
                        throw FileFault.damaged
                    }
                }
            }
        } catch is WireFault {
            // Cut inside a section: what comes before it is proven.
        }
    }

    private func isProven(_ batch: IncomingBatch) -> Bool {
        guard let key = keys.deviceKey(batch.device) else { return false }
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
        let head = batch.commits.reduce(batch.before) { Chain.next($0, $1) }
        return constantTimeEquals(mac, batch.mac) && head == batch.head
    }

    /// Where headquarters keeps the header of the last file of a device.
    private static func placeKey(_ device: Int64) -> String { "file_of_\(device)" }

    /// Writes the file for a device that last came by file, or has not come at all yet.
    ///
    /// Throws: `FileFault.foreign` where there is no such device, or it is revoked.
    package func exportFile(toDevice device: Int64, now: WallTime) throws -> [UInt8] {
        var header = FileHeader()
        if let kept = try log.reader.metaBytes(SyncServer.placeKey(device)) {
            header = try FileHeader(body: kept)
        } else {
            header.device = device
            header.pull.cursor = SyncCursor(
                point: LogPoint(position: 0, hash: Chain.logStart(realm: log.realm)),
                audiences: Signature.audiences([])
            )
        }
        return try exportFile(for: header, now: now)
    }

    /// Takes one section of a node's file, in a transaction of its own.
    private func take(
        _ body: [UInt8],
        _ caller: Authentic,
        _ answer: inout PushAnswer
    ) throws {
        try body.withUnsafeBytes { raw in
            let push = try IncomingPush(raw)
            try log.write {
                for batch in push.batches {
                    let result = try take(batch, nil, caller.now, nil, &answer)
                    answer.results.append(BatchResult(replica: batch.replica, outcome: result))
                }
                try takeBack(push.handedBack, caller, &answer)
                for record in push.personal { try take(record) }
            }
        }
    }

    /// Writes the file that answers a node's: acknowledgements, and what it may see from its
    /// cursor on; `limit` bounds its sections.
    package func exportFile(
        for header: FileHeader,
        now: WallTime,
        limit: Int = 4_096
    ) throws -> [UInt8] {
        guard let device = try log.device(header.device), !device.isRevoked,
            let key = keys.deviceKey(device.id)
        else { throw FileFault.foreign }
        let nonce = log.random.bytes(16)
        func seal(_ type: MessageType, _ inner: [UInt8]) -> [UInt8] {
            CommitFile.sealed(
                type,
                inner,
                realm: log.realm,
                device: device.id,
                key: key,
                nonce: nonce
            )
        }
        var own = FileHeader()
        own.device = device.id
        own.direction = .toDevice
        own.epoch = epoch
        own.wall = now
        own.pull.cursor = header.pull.cursor
        var bytes = seal(.fileHeader, own.body)
        var acks = PushAnswer()
        for replica in try log.numbers(of: device.id).suffix(256) {
            if let ack = try acknowledgement(of: replica, for: device.id) {
                acks.acknowledgements.append(ack)
            }
        }
        acks.head = head
        acks.wall = now
        bytes += Message(nonce: nonce, type: .fileAcks, body: acks.body).encoded
        if try log.isCareful { return bytes }
        guard try holds(header.pull.cursor.point) else { return bytes }
        bytes += try sections(header.pull, device, now, limit, seal)
        return bytes
    }

    /// One section after the other, each from where the one before it leaves the node.
    private func sections(
        _ first: PullRequest,
        _ device: DeviceRecord,
        _ now: WallTime,
        _ limit: Int,
        _ seal: (MessageType, [UInt8]) -> [UInt8]
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var pull = first
        pull.bytesMax = CommitFile.sectionBytesMax
        pull.wiped = nil
        for _ in 0..<limit {
            let answer = try deliver(pull, to: device, now: now)
            let section = FileSection(
                cursor: pull.cursor,
                backfill: pull.backfill,
                answer: answer.body
            )
            bytes += seal(.fileCommits, section.body)
            if !answer.hasMore { break }
            if answer.isShrunk {
                pull.audiences = pull.audiences.filter(Set(answer.audiences).contains)
                pull.backfill = nil
            } else if let position = answer.backfill {
                let target = Signature.audiences(answer.audiences)
                pull.backfill = LogPoint(position: position, hash: target)
            } else {
                pull.backfill = nil
                pull.audiences = answer.audiences
            }
            pull.cursor = SyncCursor(
                point: answer.point,
                audiences: Signature.audiences(pull.audiences)
            )
        }
        return bytes
    }
}
