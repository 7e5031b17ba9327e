// Whole exchanges, request and answer with every field, as a client in another language must send
// and judge them; and messages that nobody may take.
// Bodies are stored, not packed: what zlib packs may differ between its versions.

import Kernel
import Replication
import Sync
import Wire

extension MessageVectors {
    /// The secret of a code, and the code as headquarters shows it.
    static let secret = [UInt8](0xF0...0xFF)
    static let code = "7K2MX-" + Base32.encode(secret)
    static let pepper = [UInt8](0xC0...0xDF)

    /// Who asks: a device under its key, or a code under its secret.
    struct Asker {
        var device = MessageVectors.device
        var realm = MessageVectors.realm
        var session = MessageVectors.session
        var key = MessageVectors.key
    }

    static func exchanges() throws -> [MessageVector] {
        let bodies = try enrolment() + hello() + push() + pull()
        func message(_ name: String) throws -> [UInt8] {
            bodies.first { $0.name == name }?.bytes ?? []
        }
        var hello = Asker()
        hello.session = Signature.noSession
        let stale = Message(
            nonce: nonce,
            type: .refused,
            body: RefusedAnswer(.staleSession, head: head).body
        )
        let greeted = try greetedFresh()
        return [
            try enrolExchange(),
            try exchange(
                "message-exchange-02-hello",
                "hello",
                hello,
                message("message-03-hello"),
                200,
                greeted.encoded
            ),
            try exchange(
                "message-exchange-03-push",
                "push",
                Asker(),
                message("message-05-push"),
                200,
                message("message-07-pushed")
            ),
            try exchange(
                "message-exchange-04-pull",
                "pull",
                Asker(),
                message("message-08-pull"),
                200,
                message("message-09-pulled")
            ),
            try exchange(
                "message-exchange-05-refused",
                "pull",
                Asker(),
                message("message-08-pull"),
                409,
                stale.encoded
            ),
            try exchange(
                "message-exchange-06-careful",
                "pull",
                Asker(),
                message("message-08-pull"),
                503,
                message("message-10-refused")
            ),
        ]
    }

    /// A greeting that finds nothing wrong.
    private static func greetedFresh() throws -> Message {
        let (_, _, chain) = link()
        var answer = HelloAnswer()
        answer.session = Signature.session(
            after: session,
            of: replica,
            device: device,
            key: stampKey
        )
        answer.chains = [
            ChainAnswer(
                replica: replica,
                verdict: .open,
                incarnation: incarnation,
                head: ChainPoint(sequence: 1, hash: chain.hash)
            )
        ]
        answer.head = head
        answer.wall = wall
        return message(.greeted, answer.body)
    }

    private static func enrolExchange() throws -> MessageVector {
        let request = EnrolRequest(
            code: "7K2MX",
            deviceNonce: [UInt8](0x90...0x9F),
            machine: "till-2"
        )
        var answer = EnrolAnswer()
        answer.realm = realm
        answer.device = device
        answer.numbers = [replica, ReplicaNumber(8), ReplicaNumber(9)]
        answer.headquartersNonce = [UInt8](0xA0...0xAF)
        answer.wrapNonce = [UInt8](0xB0...0xBF)
        let deviceKey = Signature.deviceKey(
            secret: secret,
            realm: realm,
            device: device,
            headquartersNonce: answer.headquartersNonce,
            deviceNonce: request.deviceNonce
        )
        answer.wrappedPepper = Signature.wrap(
            pepper,
            name: "pepper",
            nonce: answer.wrapNonce,
            key: deviceKey
        )
        answer.head = head
        answer.kind = 2
        answer.branch = 11
        answer.name = "收银机 2"
        let zeros = Signature.noSession
        return try exchange(
            "message-exchange-01-enrol",
            "enrol",
            Asker(device: 0, realm: zeros, session: zeros, key: secret),
            message(.enrol, request.body).encoded,
            200,
            message(.enrolled, answer.body).encoded,
            [
                ("code", code.lowercased()), ("device_key", Hex.encode(deviceKey)),
                ("pepper", Hex.encode(pepper)),
            ]
        )
    }

    private static func exchange(
        _ name: String,
        _ path: String,
        _ asker: Asker,
        _ request: [UInt8],
        _ status: Int,
        _ answer: [UInt8],
        _ fields: [(String, String)] = []
    ) throws -> MessageVector {
        let sent = try Deflate.compress(request, level: 0)
        let answered = try Deflate.compress(answer, level: 0)
        let target = "/sync/v1/" + path
        let signed = Signature.Request(
            realm: asker.realm,
            device: asker.device,
            session: asker.session,
            nonce: nonce,
            method: "POST",
            target: target,
            body: sent
        )
        let mac = Signature.request(signed, key: asker.key)
        let seal = Signature.answer(to: mac, status: status, body: answered, key: asker.key)
        var head = [(SyncHeader.nonce, Hex.encode(nonce)), (SyncHeader.mac, mac.hex)]
        if path != "enrol" {
            head += [
                (SyncHeader.device, "\(asker.device)"),
                (SyncHeader.session, Hex.encode(asker.session)),
            ]
        }
        var foot = [(SyncHeader.mac, seal.hex)]
        if status == 503 { foot.append(("Retry-After", "60")) }
        func list(_ fields: [(String, String)]) -> CBORValue {
            let all = [("Content-Type", SyncHeader.contentType)] + fields
            return .array(all.map { .array([.text($0.0), .text($0.1)]) })
        }
        let value = CBORValue.array([
            .text("POST"), .text(target), list(head), .bytes(sent), .integer(Int64(status)),
            list(foot), .bytes(answered),
        ])
        return try MessageVector(
            name,
            exchange: value,
            [("key", Hex.encode(asker.key))] + fields
        )
    }

    /// Messages that break one rule each.
    static func hostile() throws -> [MessageVector] {
        func envelope(
            magic: String = Message.magic,
            version: Int64 = 1,
            nonce: Int = 16,
            type: Int64 = 9,
            _ body: CBORValue? = nil
        ) throws -> [UInt8] {
            let good = CBORValue.map([
                .init(1, .integer(4)), .init(2, .text("x")), .init(3, .integer(0)),
            ])
            let items: [CBORValue] = [
                .text(magic), .integer(version), .bytes([UInt8](repeating: 1, count: nonce)),
                .integer(type), body ?? good,
            ]
            return try CBORValue.array(items).encoded()
        }
        let whole = try envelope()
        // Written by hand: the writer nests no deeper than the rule.
        let start: [UInt8] = [0xA4, 0x01, 0x04, 0x02, 0x61, 0x78, 0x03, 0x00, 0x09]
        let nested = start + [UInt8](repeating: 0x81, count: 32) + [0x00]
        let head = Array(try envelope(.map([])).dropLast())
        let cases: [(String, String, [UInt8])] = [
            ("magic", "another protocol's word", try envelope(magic: "distributary")),
            ("version", "a version that is not spoken", try envelope(version: 2)),
            ("nonce", "a nonce of 15 bytes", try envelope(nonce: 15)),
            ("type", "a type that is not known", try envelope(type: 99)),
            ("trailing", "a byte after the message", whole + [0]),
            ("truncated", "a message that is cut", Array(whole.dropLast())),
            ("body", "a body that is no map", try envelope(.array([.integer(1)]))),
            ("depth", "a body nested 33 deep", head + nested),
        ]
        return cases.map { name, reason, bytes in
            MessageVector(
                "message-refused-" + name,
                type: "refused message",
                bytes,
                [("reason", reason)]
            )
        }
    }
}
