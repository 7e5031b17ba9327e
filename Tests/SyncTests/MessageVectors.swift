// The vectors of messages, made by the program's own code from fixed inputs.
// Must not draw anything: the same bytes come out for ever.

import Kernel
import Replication
import Sync
import Wire

/// A vector of a message or of what is derived for one.
struct MessageVector {
    let name: String
    let bytes: [UInt8]
    let twin: String

    /// A message; `note` says what of it a reader must know besides.
    init(_ name: String, _ message: Message, note: String = "") throws {
        self.name = name
        bytes = message.encoded
        let decoded = try CBORValue(decoding: message.body).json
        var fields: [(String, String)] = [
            ("type", "\"message\""), ("message", "\(message.type.rawValue)"),
            ("nonce", MessageVector.hex(message.nonce)), ("body", decoded),
        ]
        if !note.isEmpty { fields.append(("note", CBORValue.text(note).json)) }
        fields.append(("bytes", MessageVector.hex(bytes)))
        twin = MessageVector.object(fields)
    }

    /// Something derived: the array under a hash or MAC, and the outcome.
    init(_ name: String, input: [UInt8], _ fields: [(String, [UInt8])]) throws {
        self.name = name
        bytes = input
        var all: [(String, String)] = [
            ("type", "\"derived\""), ("input", try CBORValue(decoding: input).json),
        ]
        all += fields.map { ($0.0, MessageVector.hex($0.1)) }
        all.append(("bytes", MessageVector.hex(input)))
        twin = MessageVector.object(all)
    }

    /// A value of another type of vector, with what its twin says besides.
    init(_ name: String, type: String, _ bytes: [UInt8], _ fields: [(String, String)]) {
        self.name = name
        self.bytes = bytes
        let texts = fields.map { ($0.0, CBORValue.text($0.1).json) }
        let last = [("bytes", MessageVector.hex(bytes))]
        twin = MessageVector.object([("type", "\"\(type)\"")] + texts + last)
    }

    /// One request and its answer as HTTP carries them.
    init(_ name: String, exchange: CBORValue, _ fields: [(String, String)]) throws {
        self.name = name
        bytes = try exchange.encoded()
        let texts = fields.map { ($0.0, CBORValue.text($0.1).json) }
        let first = [("type", "\"exchange\""), ("decoded", exchange.json)]
        twin = MessageVector.object(first + texts + [("bytes", MessageVector.hex(bytes))])
    }

    static func hex(_ bytes: [UInt8]) -> String { "\"" + Hex.encode(bytes) + "\"" }

    private static func object(_ fields: [(String, String)]) -> String {
        let lines = fields.map { "  \"\($0.0)\": \($0.1)" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }
}

/// All vectors of messages.
enum MessageVectors {
    static let realm = [UInt8](0x00...0x0F)
    static let incarnation = [UInt8](0x10...0x1F)
    static let nonce = [UInt8](0x20...0x2F)
    static let session = [UInt8](0x30...0x3F)
    static let key = [UInt8](0x40...0x5F)
    static let stampKey = [UInt8](0x60...0x7F)
    static let replica = ReplicaNumber(7)
    static let wall = WallTime(milliseconds: 1_795_000_000_000)
    static let device: Int64 = 3

    static func all() throws -> [MessageVector] {
        try enrolment() + hello() + push() + pull() + digests() + sealedOrders() + files()
            + unserved() + derived()
            + exchanges() + hostile()
    }

    static func digest(_ text: String) -> Digest32 { SHA256.digest(of: Array(text.utf8)) }

    static func message(_ type: MessageType, _ body: [UInt8]) -> Message {
        Message(nonce: nonce, type: type, body: body)
    }

    /// One commit of replica 7 and the chain it begins.
    static func link() -> (bytes: [UInt8], before: Digest32, head: Head) {
        var flags = CommitFlags()
        flags.personal = [.init(subject: 77, hash: record.hash)]
        let header = CommitHeader(
            replica: replica,
            firstSequence: 1,
            clock: ClockStamp(wall: wall),
            wall: wall,
            author: 0,
            audiences: [.neighbours(of: 11)],
            flags: flags,
            changeCount: 1
        )
        let change = DraftChange(kind: TestKind.sale, body: TestKind.body(1_250))
        let bytes = CommitCodec.encode(header, changes: [change])
        let before = Chain.start(realm: realm, replica: replica, incarnation: incarnation)
        let hash = bytes.withUnsafeBytes { Chain.next(before, $0) }
        let head = Head(
            replica: replica,
            incarnation: incarnation,
            device: device,
            last: 1,
            hash: hash
        )
        return (bytes, before, head)
    }

    static let record = PersonalRecord(
        commit: ChangeID(replica: replica, sequence: 1),
        index: 0,
        subject: 77,
        salt: [UInt8](0x80...0x8F),
        value: [0x66, 0xE5, 0xBC, 0xA0, 0xE4, 0xB8, 0x89]
    )

    static var audiences: [Audience] { [.everyone, .branch(11), .neighbours(of: 11)] }

    static var cursor: SyncCursor {
        SyncCursor(
            point: LogPoint(position: 40, hash: digest("order 40")),
            audiences: Signature.audiences(audiences)
        )
    }

    static var seal: OrderSeal { OrderSeal(head, epoch: ReplicaNumber(0), key: stampKey) }

    static var head: LogPoint { LogPoint(position: 42, hash: digest("order 42")) }

    static func batch() -> SignedBatch {
        let (bytes, before, chain) = link()
        let mac = Signature.batch(
            realm: realm,
            device: device,
            chain: chain,
            first: 1,
            before: before,
            key: key
        )
        return SignedBatch(
            device: device,
            chain: chain,
            first: 1,
            before: before,
            mac: mac,
            commits: [bytes]
        )
    }

    static func acknowledgement() -> Acknowledgement {
        let (_, before, chain) = link()
        let point = ChainPoint(sequence: 1, hash: chain.hash)
        var ack = Acknowledgement(
            replica: replica,
            incarnation: incarnation,
            durable: point,
            projected: point,
            protected: ChainPoint(sequence: 0, hash: before)
        )
        ack.mac = Signature.acknowledgement(realm: realm, device: device, ack, key: key)
        return ack
    }

    static func stamped() -> StampedCommit {
        let (bytes, before, chain) = link()
        let id = ChangeID(replica: replica, sequence: 1)
        return StampedCommit(
            previous: before,
            stamp: Signature.stamp(id, chain.hash, key: stampKey),
            bytes: bytes
        )
    }
}
