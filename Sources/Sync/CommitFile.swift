// Commit files: the same bytes as the wire, on a stick. A CBOR sequence of messages, each checked
// like its sister on the wire; a file that was cut is taken up to the cut.
// Must not hold a key.

package import Kernel
package import Replication
import Wire

/// What a commit file says of itself: for whom it is, and where its device stands.
///
/// Shape: {1: device, 2: direction, 3: cursor, 4: audiences, 5: epoch, 6: wall ms, 7: what was
/// acknowledged, 8: own chains, 9: older, `[position, H(audiences)]`, 10: seen, 11: headquarters'
/// seal on it}, sealed by the device's key.
package struct FileHeader: Sendable {
    /// Where a file goes.
    package enum Direction: Int64, Sendable {
        case toHeadquarters = 1
        case toDevice = 2
    }

    package var device: Int64 = 0
    package var direction = Direction.toHeadquarters
    package var pull = PullRequest()
    package var epoch = ReplicaNumber(0)
    package var wall = WallTime(milliseconds: 0)
    package var acknowledged: [(replica: ReplicaNumber, point: ChainPoint)] = []
    package var seen: LogPoint?
    package var seal: OrderSeal?

    var body: [UInt8] {
        var writer = CBORWriter(capacity: 256)
        let optional = [pull.backfill != nil, seen != nil, seal != nil]
        writer.map(8 + optional.count(where: \.self))
        writer.key(1)
        writer.integer(device)
        writer.key(2)
        writer.integer(direction.rawValue)
        writer.key(3)
        pull.cursor.write(to: &writer)
        writer.key(4)
        writer.write(pull.audiences)
        writer.key(5)
        writer.integer(Int64(epoch.rawValue))
        writer.key(6)
        writer.integer(wall.milliseconds)
        writer.key(7)
        writer.list(acknowledged) { item, writer in
            writer.array(3)
            writer.integer(Int64(item.replica.rawValue))
            writer.integer(Int64(item.point.sequence))
            writer.bytes(item.point.hash)
        }
        writer.key(8)
        writer.list(pull.own) { chain, writer in
            writer.array(2)
            writer.integer(Int64(chain.replica.rawValue))
            writer.integer(Int64(chain.last))
        }
        if let backfill = pull.backfill {
            writer.key(9)
            backfill.write(to: &writer)
        }
        if let seen {
            writer.key(10)
            seen.write(to: &writer)
        }
        if let seal {
            writer.key(11)
            seal.write(to: &writer)
        }
        return writer.bytes
    }

    init() {}

    init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in try readField(key, &reader) }
        }
    }

    private mutating func readField(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) -> Bool {
        switch key {
        case 1: device = try reader.device()
        case 2:
            guard let known = Direction(rawValue: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            direction = known
        case 3: pull.cursor = try SyncCursor(from: &reader)
        case 4: pull.audiences = try reader.audiences()
        case 5: epoch = try reader.replicaNumber()
        case 6: wall = WallTime(milliseconds: try reader.integer())
        case 7:
            acknowledged = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 3)
                let replica = try reader.replicaNumber()
                let sequence = try reader.sequence()
                return (replica, ChainPoint(sequence: sequence, hash: try reader.digest()))
            }
        case 8:
            pull.own = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 2)
                return (try reader.replicaNumber(), try reader.sequence())
            }
        case 9: pull.backfill = try LogPoint(from: &reader)
        case 10: seen = try LogPoint(from: &reader)
        case 11: seal = try OrderSeal(from: &reader)
        default: return false
        }
        return true
    }
}

/// What became of a commit file.
package struct FileOutcome: Sendable {
    package var header = FileHeader()
    /// Commits that were new.
    package var taken = 0
    package var results: [BatchResult] = []
    /// True where the file ends inside a message: what came before it was taken.
    package var isCut = false
    /// True where a section does not follow from where this node stands: it was passed over.
    package var isOutOfPlace = false
    /// Sections that bring nothing beyond where this node stands: it has been here before.
    package var knownSections = 0
    package var isCareful = false
}

/// Why a commit file is not taken at all.
package enum FileFault: Error, Hashable, Sendable {
    /// No commit file, or not of this protocol.
    case notAFile
    /// Of another company, for another device, or going the other way.
    case foreign
    /// The seal is not the device's.
    case unsealed
    /// A commit in it is not the one that was signed, or not signed by its writer.
    case damaged
}

/// Writing and reading the messages of a file.
enum CommitFile {
    /// Unit: bytes of commits in one section.
    static let sectionBytesMax = 1 << 20

    /// A sealed body: {1: bytes, 2: MAC over `["file", 1, realm, device, H(bytes)]`, 3: realm}.
    static func sealed(
        _ type: MessageType,
        _ inner: [UInt8],
        realm: [UInt8],
        device: Int64,
        key: [UInt8],
        nonce: [UInt8]
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: inner.count + 96)
        writer.map(3)
        writer.key(1)
        writer.bytes(inner)
        writer.key(2)
        writer.bytes(Signature.file(realm: realm, device: device, body: inner, key: key))
        writer.key(3)
        writer.bytes(realm)
        return Message(nonce: nonce, type: type, body: writer.bytes).encoded
    }

    /// What is sealed, not yet checked.
    struct Sealed {
        var inner: [UInt8] = []
        var mac = Digest32.zero
        var realm: [UInt8] = []

        init(body: [UInt8]) throws(WireFault) {
            try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
                try reader.fields { (key, reader) throws(WireFault) in
                    switch key {
                    case 1: inner = try reader.byteArray()
                    case 2: mac = try reader.digest()
                    case 3: realm = try reader.bytes(exactly: 16)
                    default: return false
                    }
                    return true
                }
            }
        }

        func isSealed(realm: [UInt8], device: Int64, key: [UInt8]) -> Bool {
            let own = Signature.file(realm: realm, device: device, body: inner, key: key)
            return self.realm == realm && constantTimeEquals(own, mac)
        }
    }

    /// Calls `body` with each whole message; true where the file ends inside one.
    static func forEachMessage(
        in bytes: [UInt8],
        _ body: (Message) throws -> Void
    ) throws -> Bool {
        var messages: [Message] = []
        var isCut = false
        bytes.withUnsafeBytes { raw in
            var reader = CBORReader(raw)
            while !reader.isAtEnd {
                guard let message = try? Message(from: &reader) else {
                    isCut = true
                    return
                }
                messages.append(message)
            }
        }
        if messages.isEmpty { throw FileFault.notAFile }
        for message in messages { try body(message) }
        return isCut
    }

    /// The header of a file, for who must know what it is before taking it; nothing is checked.
    static func peek(_ bytes: [UInt8]) throws -> (FileHeader, Sealed) {
        var found: (FileHeader, Sealed)?
        try bytes.withUnsafeBytes { raw in
            var reader = CBORReader(raw)
            guard let first = try? Message(from: &reader), first.type == .fileHeader,
                let sealed = try? Sealed(body: first.body),
                let header = try? FileHeader(body: sealed.inner)
            else { throw FileFault.notAFile }
            found = (header, sealed)
        }
        guard let found else { throw FileFault.notAFile }
        return found
    }
}

/// A pull by file: {1: cursor it starts from, 2: body of `pulled`, 3: older,
/// `[position, H(audiences)]`}.
struct FileSection {
    var cursor = SyncCursor(point: LogPoint(position: 0, hash: .zero), audiences: .zero)
    var answer: [UInt8] = []
    var backfill: LogPoint?

    init(cursor: SyncCursor, backfill: LogPoint?, answer: [UInt8]) {
        self.cursor = cursor
        self.backfill = backfill
        self.answer = answer
    }

    var body: [UInt8] {
        var writer = CBORWriter(capacity: answer.count + 160)
        writer.map(backfill == nil ? 2 : 3)
        writer.key(1)
        cursor.write(to: &writer)
        writer.key(2)
        writer.bytes(answer)
        if let backfill {
            writer.key(3)
            backfill.write(to: &writer)
        }
        return writer.bytes
    }

    init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1: cursor = try SyncCursor(from: &reader)
                case 2: answer = try reader.byteArray()
                case 3: backfill = try LogPoint(from: &reader)
                default: return false
                }
                return true
            }
        }
    }
}
