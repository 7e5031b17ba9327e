// The bodies of module 0 that concern devices, numbers, lost tails and delivery.
// Keys are never reused; a reader passes over keys that it does not know.

package import Kernel
package import Wire

/// A device as headquarters enrolled it: the body of `device.enrolled`.
package struct DeviceRecord: Hashable, Sendable {
    /// The change that enrolled it.
    package let id: Int64
    package let name: String
    /// 1 branch, 2 till, 3 field.
    package let kind: Int64
    package let branch: Int64
    /// The person whose own device it is; 0 where it is nobody's.
    package let person: Int64
    package let numbers: [ReplicaNumber]
    /// The name of the code it was enrolled with.
    package let code: String
    package let isRevoked: Bool

    package init(
        id: Int64,
        name: String,
        kind: Int64,
        branch: Int64,
        person: Int64 = 0,
        numbers: [ReplicaNumber] = [],
        code: String = "",
        isRevoked: Bool = false
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.branch = branch
        self.person = person
        self.numbers = numbers
        self.code = code
        self.isRevoked = isRevoked
    }

    /// The body of `device.enrolled`.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.map(person == 0 ? 6 : 7)
        writer.key(1)
        writer.integer(id)
        writer.key(2)
        writer.text(name)
        writer.key(3)
        writer.integer(kind)
        writer.key(4)
        writer.integer(branch)
        if person != 0 {
            writer.key(5)
            writer.integer(person)
        }
        writer.key(6)
        writer.array(numbers.count)
        for number in numbers { writer.integer(Int64(number.rawValue)) }
        writer.key(7)
        writer.text(code)
        return writer.bytes
    }

    /// Reads the body of `device.enrolled`.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try BodyFields(body)
        self.init(
            id: try fields.integer(1),
            name: try fields.text(2),
            kind: try fields.integer(3),
            branch: try fields.integer(4),
            person: fields.has(5) ? try fields.integer(5) : 0,
            numbers: try fields.integers(6).map { (raw) throws(WireFault) in
                try fields.number(raw)
            },
            code: fields.has(7) ? try fields.text(7) : ""
        )
    }
}

/// The bodies of the smaller kinds of module 0.
package enum LogBody {
    /// `device.revoked`: {1: device id, 2: reason}.
    package static func revoked(_ device: Int64, reason: String) -> [UInt8] {
        var writer = CBORWriter(capacity: 32)
        writer.map(2)
        writer.key(1)
        writer.integer(device)
        writer.key(2)
        writer.text(reason)
        return writer.bytes
    }

    /// `replica.issued`: {1: replica number, 2: device id}.
    package static func issued(_ number: ReplicaNumber, to device: Int64) -> [UInt8] {
        var writer = CBORWriter(capacity: 24)
        writer.map(2)
        writer.key(1)
        writer.integer(Int64(number.rawValue))
        writer.key(2)
        writer.integer(device)
        return writer.bytes
    }

    /// `replica.ended`: {1: replica, 2: last sequence, 3: its hash, 4: successor}.
    package static func ended(_ head: Head, successor: ReplicaNumber?) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.map(successor == nil ? 3 : 4)
        writer.key(1)
        writer.integer(Int64(head.replica.rawValue))
        writer.key(2)
        writer.integer(Int64(head.last))
        writer.key(3)
        writer.bytes(head.hash)
        if let successor {
            writer.key(4)
            writer.integer(Int64(successor.rawValue))
        }
        return writer.bytes
    }

    /// `tail.lost`: {1: replica, 2: after sequence, 3: [receipt label, …], 4: reason}.
    package static func tailLost(
        _ replica: ReplicaNumber,
        after sequence: UInt32,
        labels: [String] = [],
        reason: String
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.map(4)
        writer.key(1)
        writer.integer(Int64(replica.rawValue))
        writer.key(2)
        writer.integer(Int64(sequence))
        writer.key(3)
        writer.array(labels.count)
        for label in labels { writer.text(label) }
        writer.key(4)
        writer.text(reason)
        return writer.bytes
    }

    /// `audience.widened`: {1: [class, id], 2: [commit id, …]}.
    package static func widened(_ audience: Audience, _ commits: [ChangeID]) -> [UInt8] {
        var writer = CBORWriter(capacity: 24 + commits.count * 9)
        writer.map(2)
        writer.key(1)
        writer.array(2)
        writer.integer(audience.classNumber)
        writer.integer(audience.id)
        writer.key(2)
        writer.array(commits.count)
        for commit in commits { writer.integer(commit.rawValue) }
        return writer.bytes
    }

    /// Reads `audience.widened`.
    package static func widened(
        _ body: UnsafeRawBufferPointer
    ) throws(WireFault) -> (audience: Audience, commits: [ChangeID]) {
        let fields = try BodyFields(body)
        let pair = try fields.integers(1)
        guard pair.count == 2, let audience = Audience(class: pair[0], id: pair[1]) else {
            throw fields.fault
        }
        return (audience, try fields.integers(2).map { ChangeID($0) })
    }
}

/// The fields of a small body, read at once: for kinds that are rare.
package struct BodyFields {
    private let entries: [Int64: CBORValue]
    let fault = WireFault(.invalidValue, offset: 0)

    /// Reads a map with unsigned keys.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        guard case .map(let list) = try CBORValue(decoding: Array(body)) else {
            throw WireFault(.invalidValue, offset: 0)
        }
        var entries: [Int64: CBORValue] = [:]
        for entry in list {
            if case .integer(let key) = entry.key { entries[key] = entry.value }
        }
        self.entries = entries
    }

    /// True where the key stands in the map.
    package func has(_ key: Int64) -> Bool { entries[key] != nil }

    /// The integer under a key.
    package func integer(_ key: Int64) throws(WireFault) -> Int64 {
        guard case .integer(let value)? = entries[key] else { throw fault }
        return value
    }

    /// The text under a key.
    package func text(_ key: Int64) throws(WireFault) -> String {
        guard case .text(let value)? = entries[key] else { throw fault }
        return value
    }

    /// The byte string of that length under a key.
    package func bytes(_ key: Int64, exactly count: Int) throws(WireFault) -> [UInt8] {
        guard case .bytes(let value)? = entries[key], value.count == count else { throw fault }
        return value
    }

    /// The list of integers under a key.
    package func integers(_ key: Int64) throws(WireFault) -> [Int64] {
        guard case .array(let items)? = entries[key] else { throw fault }
        var values: [Int64] = []
        for item in items {
            guard case .integer(let value) = item else { throw fault }
            values.append(value)
        }
        return values
    }

    /// A replica number in its range.
    package func number(_ raw: Int64) throws(WireFault) -> ReplicaNumber {
        guard raw >= 0, raw < 1 << 21 else { throw fault }
        return ReplicaNumber(UInt32(raw))
    }

    /// A sequence in its range.
    package func sequence(_ key: Int64) throws(WireFault) -> UInt32 {
        guard let value = UInt32(exactly: try integer(key)) else { throw fault }
        return value
    }
}

/// The body of `person.erased`: {1: subject id}.
package struct SubjectErased: Sendable {
    package let subject: Int64

    package init(subject: Int64) {
        self.subject = subject
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        guard try reader.map() == 1, try reader.nextKey(after: nil) == 1 else {
            throw reader.fault(.invalidValue)
        }
        subject = try reader.integer()
        try reader.finish()
    }

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 16)
        writer.map(1)
        writer.key(1)
        writer.integer(subject)
        return writer.bytes
    }
}

/// The body of `rows.taken`: {1: identity, 2: digest, 3: what was made}.
///
/// Rows of a file became what stands beside it in its commit. Every node that holds the commit
/// knows that they were taken: the device that replaces the one that took them as well.
package struct RowsTaken: Hashable, Sendable {
    /// Unit: bytes of an identity and of a digest.
    package static let sizeBytes = 16

    /// Stands for where the rows stand in their source: the same for whoever reads it.
    package let identity: [UInt8]
    /// Stands for what the rows say.
    package let digest: [UInt8]
    /// The change that they made, where one stands for them.
    package let made: ChangeID?

    package init(identity: [UInt8], digest: [UInt8], made: ChangeID?) {
        precondition(identity.count == RowsTaken.sizeBytes, "an identity is 16 bytes")
        precondition(digest.count == RowsTaken.sizeBytes, "a digest is 16 bytes")
        self.identity = identity
        self.digest = digest
        self.made = made
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try BodyFields(body)
        let made = fields.has(3) ? ChangeID(try fields.integer(3)) : nil
        guard made?.isValid ?? true else { throw fields.fault }
        self.init(
            identity: try fields.bytes(1, exactly: RowsTaken.sizeBytes),
            digest: try fields.bytes(2, exactly: RowsTaken.sizeBytes),
            made: made
        )
    }

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 56)
        writer.map(made == nil ? 2 : 3)
        writer.key(1)
        writer.bytes(identity)
        writer.key(2)
        writer.bytes(digest)
        if let made {
            writer.key(3)
            writer.integer(made.rawValue)
        }
        return writer.bytes
    }
}
