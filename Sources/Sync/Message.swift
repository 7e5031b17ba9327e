// The envelope of every message, on the wire and in files: `[magic, version, nonce, type, body]`.
// Must not believe anything: who checks signatures does that.

package import Wire

/// The kinds of messages, numbered for ever.
package enum MessageType: Int64, CaseIterable, Sendable {
    case enrol = 1
    case enrolled = 2
    case hello = 3
    case greeted = 4
    case push = 5
    case pushed = 6
    case pull = 7
    case pulled = 8
    case refused = 9
    // Specified, not yet served.
    case base = 10
    case based = 11
    case escrow = 12
    case escrowed = 13
    // Files.
    case fileHeader = 20
    case fileBatches = 21
    case fileAcks = 22
    case fileCommits = 23
}

/// A message: what every body is wrapped in.
package struct Message: Hashable, Sendable {
    package static let magic = "tributary"
    /// The protocol version written here; the one before it is read too.
    package static let version: Int64 = 1

    package let version: Int64
    /// 16 bytes; an answer repeats those of its request.
    package let nonce: [UInt8]
    package let type: MessageType
    /// One canonical CBOR map with unsigned keys.
    package let body: [UInt8]

    package init(nonce: [UInt8], type: MessageType, body: [UInt8]) {
        version = Message.version
        self.nonce = nonce
        self.type = type
        self.body = body
    }

    /// The message as one CBOR item.
    package var encoded: [UInt8] {
        var writer = CBORWriter(capacity: body.count + 48)
        writer.array(5)
        writer.text(Message.magic)
        writer.integer(version)
        writer.bytes(nonce)
        writer.integer(type.rawValue)
        writer.raw(body)
        return writer.bytes
    }

    /// The message as it goes into an HTTP body: deflated at level 1.
    package func deflated() throws(WireFault) -> [UInt8] {
        try Deflate.compress(encoded, level: 1)
    }

    /// Reads a message of an HTTP body.
    ///
    /// Throws: `WireFault` where the bytes are no message; `SyncRefusal.version` for one of a
    /// protocol that is not spoken here.
    package init(deflated bytes: [UInt8], limit: Int = Limits.bodyInflatedMax) throws {
        try self.init(encoded: Deflate.inflate(bytes, limit: limit))
    }

    /// Reads a message of its CBOR item.
    package init(encoded bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { raw in
            var reader = CBORReader(raw)
            let message = try Message(from: &reader)
            try reader.finish()
            return message
        }
    }

    /// Reads the next message of a sequence.
    package init(from reader: inout CBORReader) throws {
        try reader.array(of: 5)
        guard try reader.text(sizeBytesMax: 16) == Message.magic else {
            throw reader.fault(.invalidValue)
        }
        version = try reader.integer()
        if version != Message.version { throw SyncRefusal.version }
        nonce = try reader.byteArray(sizeBytesMax: 16)
        guard nonce.count == 16, let type = MessageType(rawValue: try reader.integer()) else {
            throw reader.fault(.invalidValue)
        }
        self.type = type
        let range = try reader.skip()
        body = Array(reader.slice(range))
    }
}

/// Why a request is refused, numbered for ever.
package enum SyncRefusal: Int64, Error, CaseIterable, Sendable {
    /// The bytes are no message, or not the one this address takes.
    case malformed = 1
    /// The device is not known, or the signature is not its.
    case unauthenticated = 2
    /// The device was revoked.
    case revoked = 3
    /// The session is over: say hello again.
    case staleSession = 4
    /// The protocol's version is not spoken here.
    case version = 5
    /// Larger than a limit.
    case tooLarge = 6
    /// Headquarters was restored and waits for a person to confirm.
    case careful = 7
    /// Headquarters is behind with its own work: come again after Retry-After.
    case lagging = 8
    /// The code is unknown, used up or over.
    case code = 9
    /// The number is not the device's: it is received into review, nothing is handed out.
    case review = 10
    /// No such address.
    case notFound = 11
    /// Specified, not yet served.
    case notServed = 12
    /// What the request claims about a fork is not so.
    case notForked = 13

    /// The refusal of a message whose bytes are at fault, and what exactly is wrong with them.
    static func of(_ fault: WireFault) -> (refusal: SyncRefusal, detail: String) {
        switch fault.reason {
        case .inflateLimit:
            (.tooLarge, limit("bodyInflatedMax", Limits.bodyInflatedMax, "bytes"))
        case .tooLong: (.tooLarge, "\(fault): a list or a string is longer than its place allows")
        case .depth: (.malformed, limit("depthMax", Limits.depthMax, "levels"))
        default: (.malformed, "\(fault)")
        }
    }

    /// A limit as refusals name it.
    static func limit(_ name: String, _ value: Int, _ unit: String) -> String {
        "\(name) = \(value) \(unit)"
    }

    /// The HTTP status it is sent with.
    package var status: Int {
        switch self {
        case .malformed, .notForked: 400
        case .unauthenticated: 401
        case .revoked, .code, .review: 403
        case .notFound: 404
        case .staleSession, .version: 409
        case .tooLarge: 413
        case .notServed: 501
        case .careful, .lagging: 503
        }
    }

    /// What it says to a person, with what exactly was wrong.
    package func english(_ detail: String) -> String {
        detail.isEmpty ? english : "\(english): \(detail)"
    }

    /// What it says to a person.
    package var english: String {
        switch self {
        case .malformed: "the request is not a message of this protocol"
        case .unauthenticated: "the device is unknown or its signature does not match"
        case .revoked: "the device was revoked"
        case .staleSession: "the session is over; say hello"
        case .version: "this protocol version is not spoken here"
        case .tooLarge: "the request is larger than a limit"
        case .careful: "headquarters was restored and waits for a person to confirm"
        case .lagging: "headquarters is behind with its own work; come again later"
        case .code: "the enrolment code is unknown, used or over"
        case .review: "the number is under review; nothing is handed out"
        case .notFound: "no such address"
        case .notServed: "specified, not yet served"
        case .notForked: "the claimed fork does not fit the chain held here"
        }
    }
}
