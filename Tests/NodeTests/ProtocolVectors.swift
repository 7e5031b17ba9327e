// The vectors of Protocol/vectors, made by the program's own code from fixed inputs.
// Must not read the folder, and must not draw anything: the same bytes come out for ever.

import Kernel
import Module
import Replication
import Wire

/// A vector: bytes, and what a reader must find in them.
struct ProtocolVector {
    let name: String
    let bytes: [UInt8]
    /// The JSON twin, one field a line.
    let twin: String

    /// A twin from fields whose values are JSON already.
    init(_ name: String, _ bytes: [UInt8], type: String, _ fields: [(String, String)]) {
        self.name = name
        self.bytes = bytes
        let all =
            [("type", Self.text(type))] + fields + [("bytes", Self.text(Hex.encode(bytes)))]
        let lines = all.map { "  \(Self.text($0.0)): \($0.1)" }
        twin = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    /// A text as JSON.
    static func text(_ value: String) -> String { CBORValue.text(value).json }

    /// Bytes as JSON: their hexadecimal digits.
    static func hex(_ value: [UInt8]) -> String { text(Hex.encode(value)) }
}

/// All vectors.
enum ProtocolVectors {
    static let realm = [UInt8](0x00...0x0F)
    static let incarnation = [UInt8](0x10...0x1F)
    static let key = [UInt8](0x40...0x5F)
    static let stampKey = [UInt8](0x60...0x7F)
    static let replica = ReplicaNumber(7)
    static let clock = ClockStamp(891_734_400_000_512)
    static let wall = WallTime(milliseconds: 1_795_000_000_000)

    /// A commit with the hash before it.
    struct Link {
        let name: String
        let bytes: [UInt8]
        let previous: Digest32
        let hash: Digest32
        var personal: [PersonalRecord] = []
        /// More fields of the twin.
        var notes: [(String, String)] = []
    }

    /// All vectors, by name.
    static func all() throws -> [ProtocolVector] {
        let chain = try commits()
        var all: [ProtocolVector] = []
        for link in chain { all.append(try commit(link, incarnation)) }
        all += try kinds()
        all += try edges()
        all += try fork()
        all += try day()
        all.append(try log(chain))
        all += try arrays(chain)
        all += try secrets()
        all += try credentials()
        all += try labels()
        return all + refused()
    }

    static func header(_ first: UInt32, _ audiences: [Audience], count: Int) -> CommitHeader {
        CommitHeader(
            replica: replica,
            firstSequence: first,
            clock: ClockStamp(clock.rawValue + Int64(first)),
            wall: wall,
            author: 4_294_967_301,
            audiences: audiences,
            flags: CommitFlags(),
            changeCount: count
        )
    }

    static func start(_ number: ReplicaNumber = replica) -> Digest32 {
        Chain.start(realm: realm, replica: number, incarnation: incarnation)
    }

    static func link(_ name: String, _ previous: Digest32, _ bytes: [UInt8]) -> Link {
        let hash = bytes.withUnsafeBytes { Chain.next(previous, $0) }
        return Link(name: name, bytes: bytes, previous: previous, hash: hash)
    }

    /// The twin of a commit: where it stands in its chain, and what it says.
    static func commit(
        _ link: Link,
        _ incarnation: [UInt8],
        _ number: ReplicaNumber = replica
    ) throws -> ProtocolVector {
        _ = try CommitCodec.header(of: link.bytes)
        let chain = Chain.start(realm: realm, replica: number, incarnation: incarnation)
        let records = link.personal.map { record in
            let value = (try? CBORValue(decoding: record.value))?.json ?? "null"
            return "{\"index\": \(record.index), \"salt\": \(ProtocolVector.hex(record.salt)), "
                + "\"value\": \(value), \"cbor\": \(ProtocolVector.hex(record.value)), "
                + "\"hash\": \(ProtocolVector.hex(record.hash.bytes))}"
        }
        var fields: [(String, String)] = [
            ("realm", ProtocolVector.hex(realm)),
            ("replica", "\(number.rawValue)"),
            ("incarnation", ProtocolVector.hex(incarnation)),
            ("chain_start", ProtocolVector.hex(chain.bytes)),
            ("previous", ProtocolVector.hex(link.previous.bytes)),
            ("hash", ProtocolVector.hex(link.hash.bytes)),
            ("paper_code", ProtocolVector.hex(Array(link.hash.bytes.prefix(4)))),
            ("decoded", try CBORValue(decoding: link.bytes).json),
        ]
        if !records.isEmpty {
            fields.append(("personal", "[" + records.joined(separator: ", ") + "]"))
        }
        return ProtocolVector(link.name, link.bytes, type: "commit", fields + link.notes)
    }

    // MARK: - Commits

    /// One chain that shows the envelope: plain, blinded, an act of two, personal, with needs.
    static func commits() throws -> [Link] {
        let opened = try sample("day.opened")
        let sale = try sample("sale.closed")
        var links = [
            link(
                "commit-01-everyone",
                start(),
                CommitCodec.encode(header(1, [.everyone], count: 2), changes: [opened, sale])
            )
        ]
        func next(_ name: String, _ header: CommitHeader, _ changes: [DraftChange]) {
            let previous = links.last?.hash ?? start()
            links.append(link(name, previous, CommitCodec.encode(header, changes: changes)))
        }
        var blinded = header(3, [.branch(9), .branch(12), .person(4_294_967_301)], count: 1)
        blinded.flags.blind = [UInt8](0x20...0x2F)
        next("commit-02-blinded", blinded, [try sample("punch.recorded")])
        for index in 0...1 {
            var part = header(
                4 + UInt32(index),
                index == 0 ? [.everyone] : [.headquarters],
                count: 1
            )
            part.flags.act = CommitFlags.ActPlace(index: index, count: 2)
            if index == 1 { part.flags.blind = [UInt8](0x30...0x3F) }
            let change = try sample(index == 0 ? "product" : "product.cost")
            next("commit-0\(3 + index)-act", part, [change])
        }
        let record = PersonalRecord(
            commit: ChangeID(replica: replica, sequence: 6),
            index: 0,
            subject: 7 << 32 | 6,
            salt: [UInt8](0x80...0x8F),
            value: try CBORValue.text("张三").encoded()
        )
        var person = header(6, [.everyone], count: 1)
        person.flags.personal = [.init(subject: record.subject, hash: record.hash)]
        let body = try CBORValue.map([
            .init(1, .text("E001")), .init(2, .integer(9)), .init(3, .integer(0)),
            .init(5, .bool(true)),
        ]).encoded()
        next("commit-05-personal", person, [DraftChange(kind: Kind(module: 4, 128), body: body)])
        links[links.count - 1].personal = [record]
        var register = header(7, [.everyone, .neighbours(of: 9)], count: 1)
        register.flags.blobs = [SHA256.digest(of: Array("blob".utf8))]
        register.flags.needs = [ChangeID(5), ChangeID(7 << 32 | 4)]
        let cleared = try CBORValue.map([.init(0, .integer(7 << 32 | 4)), .init(5, .null)])
            .encoded()
        next(
            "commit-06-register",
            register,
            [DraftChange(kind: Kind(module: 1, 135), body: cleared)]
        )
        return links
    }

    static func sample(_ name: String) throws -> DraftChange {
        guard let found = ProtocolCatalogue.definitions.first(where: { $0.name == name }) else {
            throw WireFault(.invalidValue, offset: 0)
        }
        return DraftChange(kind: found.kind, body: found.sample)
    }

    /// For each kind one commit with its sample.
    static func kinds() throws -> [ProtocolVector] {
        try ProtocolCatalogue.definitions.map { definition in
            let kind = definition.kind
            let change = DraftChange(kind: kind, body: definition.sample)
            let bytes = CommitCodec.encode(header(1, [.everyone], count: 1), changes: [change])
            let number = kind.number < 10 ? "00" : kind.number < 100 ? "0" : ""
            var made = link(
                "kind-\(kind.module)-\(number)\(kind.number)-\(definition.name)",
                start(),
                bytes
            )
            made.notes = [
                ("kind", "\(kind.rawValue)"), ("name", ProtocolVector.text(definition.name)),
            ]
            return try commit(made, incarnation)
        }
    }

    /// The ends of every range, and what this code does not know.
    static func edges() throws -> [ProtocolVector] {
        let last = ReplicaNumber(1 << 21 - 1)
        let fact = DraftChange(kind: Kind(module: 255, 127), body: [0xA0])
        let greatest = CommitHeader(
            replica: last,
            firstSequence: .max,
            clock: ClockStamp(1 << 53 - 1),
            wall: WallTime(milliseconds: .min),
            author: 1 << 53 - 1,
            audiences: [.everyone, .neighbours(of: 1 << 53 - 1)],
            flags: CommitFlags(),
            changeCount: 1
        )
        let edge = link(
            "commit-07-greatest",
            start(last),
            CommitCodec.encode(greatest, changes: [fact])
        )
        let unknown = try CBORValue.array([
            .integer(1), .integer(7), .integer(1), .integer(0), .integer(-1), .integer(0),
            .array([.array([.integer(0), .integer(0)])]),
            .map([.init(99, .array([.text("later"), .bytes([1, 2])]))]),
            .array([.array([.integer(65_535), .map([.init(0, .integer(-5)), .init(24, .null)])])]),
        ]).encoded()
        return [
            try commit(edge, incarnation, last),
            try commit(link("commit-08-unknown", start(), unknown), incarnation),
        ]
    }

    /// A tail that was written again under a new number.
    static func fork() throws -> [ProtocolVector] {
        let chain = try commits()
        let divergent = chain[1]
        let number = ReplicaNumber(912)
        let forked = Chain.forkIncarnation(realm: realm, firstDivergent: divergent.hash)
        var header = try CommitCodec.header(of: divergent.bytes)
        header.replica = number
        header.flags.forkedFrom = .init(replica: replica, lastCommon: 2, hash: chain[0].hash)
        header.flags.was = divergent.hash
        let bytes = CommitCodec.encode(
            header,
            changes: try CommitCodec.changes(of: divergent.bytes)
        )
        let first = Chain.start(realm: realm, replica: number, incarnation: forked)
        var made = link("commit-09-forked", first, bytes)
        made.notes = [("first_divergent", ProtocolVector.hex(divergent.hash.bytes))]
        return [try commit(made, forked, number)]
    }
}
