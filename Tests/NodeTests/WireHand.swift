// A hand that holds a device's key and can therefore sign anything, right or wrong: what a
// defective client, a thief of a disk or a forger sends.

import Kernel
import Node
import Replication
import Sync
import Testing
import Wire

/// The signing half of a device.
struct WireHand {
    var realm: [UInt8]
    var device: Int64
    var key: [UInt8]
    var session: [UInt8]
    var nonce = [UInt8](repeating: 7, count: 16)

    /// The hand of an enrolled node, at the session of a request it made.
    init(_ node: NodeSync, _ request: SyncRequest) throws {
        let reader = node.engine.log.reader
        realm = node.engine.log.realm
        device = try #require(try reader.metaInteger("device"))
        key = try #require(try reader.metaBytes("device_key"))
        let text = try #require(SyncHeader.value(SyncHeader.session, in: request.headers))
        session = try Hex.decode(text)
    }

    /// A request of a message, deflated and signed.
    func request(
        _ type: MessageType,
        _ path: String,
        _ body: [UInt8],
        nonce inside: [UInt8]? = nil
    ) throws -> SyncRequest {
        let message = Message(nonce: inside ?? nonce, type: type, body: body)
        return request(path, try message.deflated())
    }

    /// A request of any bytes, signed.
    func request(_ path: String, _ sent: [UInt8]) -> SyncRequest {
        let target = "/sync/v1/" + path
        let signed = Signature.Request(
            realm: realm,
            device: device,
            session: session,
            nonce: nonce,
            method: "POST",
            target: target,
            body: sent
        )
        return SyncRequest(
            method: "POST",
            target: target,
            headers: [
                (name: "Content-Type", value: SyncHeader.contentType),
                (name: SyncHeader.device, value: "\(device)"),
                (name: SyncHeader.session, value: Hex.encode(session)),
                (name: SyncHeader.nonce, value: Hex.encode(nonce)),
                (name: SyncHeader.mac, value: Signature.request(signed, key: key).hex),
            ],
            body: sent
        )
    }

    /// What an answer says when its signature is good; nil where no client would believe it.
    func believed(_ answer: RawLine.Answer, to request: SyncRequest) -> Message? {
        guard let asked = SyncHeader.value(SyncHeader.mac, in: request.headers),
            let mac = (try? Hex.decode(asked)).flatMap({ Digest32($0) }),
            let given = SyncHeader.value(SyncHeader.mac, in: answer.fields),
            Signature.answer(to: mac, status: answer.status, body: answer.body, key: key).hex
                == given
        else { return nil }
        return try? Message(deflated: answer.body)
    }

    /// A batch of commits, signed; it says of itself what the commits come to.
    func batch(_ head: Head, first: UInt32, before: Digest32, _ commits: [[UInt8]]) throws
        -> SignedBatch
    {
        var hash = before
        var last = first - 1
        for commit in commits {
            hash = commit.withUnsafeBytes { Chain.next(hash, $0) }
            last = (try? CommitCodec.header(of: commit).lastSequence) ?? last + 1
        }
        let chain = Head(
            replica: head.replica,
            incarnation: head.incarnation,
            device: device,
            last: last,
            hash: hash
        )
        return signed(chain, first: first, before: before, commits)
    }

    /// A batch that says of itself whatever it is told to.
    func signed(_ chain: Head, first: UInt32, before: Digest32, _ commits: [[UInt8]])
        -> SignedBatch
    {
        SignedBatch(
            device: device,
            chain: chain,
            first: first,
            before: before,
            mac: Signature.batch(
                realm: realm,
                device: device,
                chain: chain,
                first: first,
                before: before,
                key: key
            ),
            commits: commits
        )
    }

    /// A push of batches.
    func push(_ batches: [SignedBatch], at wall: WallTime) throws -> SyncRequest {
        var push = PushRequest()
        push.batches = batches
        push.wall = wall
        return try request(.push, "push", push.body)
    }
}

extension SyncRequest {
    /// The request as it stands on the line.
    var bytes: [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: hq.example\r\n"
        for field in headers { text += "\(field.name): \(field.value)\r\n" }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return Array(text.utf8) + body
    }

    /// The request with something changed and the signature left as it was.
    func changed(
        method: String? = nil,
        target: String? = nil,
        field: (name: String, value: String)? = nil,
        again: (name: String, value: String)? = nil,
        body: [UInt8]? = nil
    ) -> SyncRequest {
        var fields = headers
        if let field {
            for index in fields.indices where fields[index].name == field.name {
                fields[index].value = field.value
            }
        }
        if let again { fields.append(again) }
        return SyncRequest(
            method: method ?? self.method,
            target: target ?? self.target,
            headers: fields,
            body: body ?? self.body
        )
    }
}

extension [UInt8] {
    /// The bytes with one bit turned.
    func flipped(_ index: Int) -> [UInt8] {
        var bytes = self
        bytes[index] ^= 0x10
        return bytes
    }
}
