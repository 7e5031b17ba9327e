// The pieces that several messages share, each with its bytes.
// Must not judge; reading checks the form alone.

package import Kernel
package import Replication
package import Wire

extension ChainPoint {
    /// `[sequence, hash]`.
    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.integer(Int64(sequence))
        writer.bytes(hash)
    }

    /// Reads `[sequence, hash]`.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 2)
        self.init(sequence: try reader.sequence(), hash: try reader.digest())
    }
}

extension LogPoint {
    /// `[position, hash]`.
    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.integer(position)
        writer.bytes(hash)
    }

    /// Reads `[position, hash]`.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 2)
        self.init(position: try reader.unsigned(), hash: try reader.digest())
    }
}

extension CBORWriter {
    /// `[[class, id], …]`.
    package mutating func write(_ audiences: [Audience]) {
        array(audiences.count)
        for audience in audiences {
            array(2)
            integer(audience.classNumber)
            integer(audience.id)
        }
    }

    /// `[[position, hash], …]` or any other list of pieces.
    mutating func list<Item>(_ items: [Item], _ write: (Item, inout CBORWriter) -> Void) {
        array(items.count)
        for item in items { write(item, &self) }
    }
}

extension CBORReader {
    /// A sequence, which fits 32 bits.
    mutating func sequence() throws(WireFault) -> UInt32 {
        guard let value = UInt32(exactly: try integer()) else { throw fault(.invalidValue) }
        return value
    }

    /// So many bytes exactly.
    mutating func bytes(exactly count: Int) throws(WireFault) -> [UInt8] {
        let value = try byteArray(sizeBytesMax: count)
        guard value.count == count else { throw fault(.invalidValue) }
        return value
    }

    /// A device's id, or 0 for headquarters.
    mutating func device() throws(WireFault) -> Int64 { try unsigned(atMost: (1 << 53) - 1) }

    /// `[[class, id], …]`, ascending.
    mutating func audiences() throws(WireFault) -> [Audience] {
        try list { (reader) throws(WireFault) in
            try reader.array(of: 2)
            let number = try reader.integer()
            guard let audience = Audience(class: number, id: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            return audience
        }
    }

    /// A list of pieces.
    mutating func list<Item>(
        _ read: (inout CBORReader) throws(WireFault) -> Item
    ) throws(WireFault) -> [Item] {
        let count = try array()
        var items: [Item] = []
        items.reserveCapacity(min(count, 4_096))
        for _ in 0..<count { items.append(try read(&self)) }
        return items
    }

    /// Calls `read` with each key of a map in turn; what it does not know is passed over.
    mutating func fields(
        _ read: (Int64, inout CBORReader) throws(WireFault) -> Bool
    ) throws(WireFault) {
        let count = try map()
        var previous: Int64?
        for _ in 0..<count {
            let key = try nextKey(after: previous)
            previous = key
            if try !read(key, &self) { _ = try skip() }
        }
    }
}

/// What headquarters says of a chain: how far it is durable, projected and protected.
///
/// Shape: `[replica, incarnation, durable, projected, protected, mac]`.
package struct Acknowledgement: Hashable, Sendable {
    package let replica: ReplicaNumber
    package let incarnation: [UInt8]
    package let durable: ChainPoint
    package let projected: ChainPoint
    package let protected: ChainPoint
    package var mac: Digest32 = .zero

    package init(
        replica: ReplicaNumber,
        incarnation: [UInt8],
        durable: ChainPoint,
        projected: ChainPoint,
        protected: ChainPoint
    ) {
        self.replica = replica
        self.incarnation = incarnation
        self.durable = durable
        self.projected = projected
        self.protected = protected
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(6)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(incarnation)
        durable.write(to: &writer)
        projected.write(to: &writer)
        protected.write(to: &writer)
        writer.bytes(mac)
    }

    /// Reads the piece.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 6)
        self.init(
            replica: try reader.replicaNumber(),
            incarnation: try reader.bytes(exactly: 16),
            durable: try ChainPoint(from: &reader),
            projected: try ChainPoint(from: &reader),
            protected: try ChainPoint(from: &reader)
        )
        mac = try reader.digest()
    }
}

/// A run of commits with its writer's signature.
///
/// Shape: `[device, replica, incarnation, first, last, before, head, mac, [commit, …]]`, a commit
/// as a byte string. At most 1 MiB of commits, unless one act alone is larger.
package struct SignedBatch: Hashable, Sendable {
    /// Unit: bytes of commits in one batch.
    package static let bytesMax = 1 << 20

    package let device: Int64
    /// Its `last` and `hash` are those of the batch.
    package let chain: Head
    package let first: UInt32
    package let before: Digest32
    package let mac: Digest32
    package let commits: [[UInt8]]

    package init(
        device: Int64,
        chain: Head,
        first: UInt32,
        before: Digest32,
        mac: Digest32,
        commits: [[UInt8]]
    ) {
        self.device = device
        self.chain = chain
        self.first = first
        self.before = before
        self.mac = mac
        self.commits = commits
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(9)
        writer.integer(device)
        writer.integer(Int64(chain.replica.rawValue))
        writer.bytes(chain.incarnation)
        writer.integer(Int64(first))
        writer.integer(Int64(chain.last))
        writer.bytes(before)
        writer.bytes(chain.hash)
        writer.bytes(mac)
        writer.array(commits.count)
        for commit in commits { writer.bytes(commit) }
    }

    /// Reads the piece without copying its commits: they lie in what the reader reads.
    static func incoming(_ reader: inout CBORReader) throws(WireFault) -> IncomingBatch {
        try reader.array(of: 9)
        return IncomingBatch(
            device: try reader.device(),
            replica: try reader.replicaNumber(),
            incarnation: try reader.bytes(exactly: 16),
            first: try reader.sequence(),
            last: try reader.sequence(),
            before: try reader.digest(),
            head: try reader.digest(),
            mac: try reader.digest(),
            commits: try reader.list { (reader) throws(WireFault) in try reader.bytes() }
        )
    }
}

/// A personal record on the wire: `[commit id, index, salt, value]`; its subject stands in flag 5.
package struct WirePersonal: Hashable, Sendable {
    package let commit: ChangeID
    package let index: Int
    package let salt: [UInt8]
    /// Canonical CBOR.
    package let value: [UInt8]

    package init(commit: ChangeID, index: Int, salt: [UInt8], value: [UInt8]) {
        self.commit = commit
        self.index = index
        self.salt = salt
        self.value = value
    }

    package init(_ record: PersonalRecord) {
        self.init(
            commit: record.commit,
            index: record.index,
            salt: record.salt,
            value: record.value
        )
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.integer(commit.rawValue)
        writer.integer(Int64(index))
        writer.bytes(salt)
        writer.raw(value)
    }

    /// Reads the piece.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 4)
        commit = try reader.changeID()
        index = Int(try reader.unsigned(atMost: 65_535))
        salt = try reader.bytes(exactly: 16)
        value = Array(reader.slice(try reader.skip()))
    }
}

/// A commit as headquarters hands it out: `[previous, stamp, commit]`; previous is null where the
/// commit before it in its chain came just before in the same message.
package struct StampedCommit: Hashable, Sendable {
    package let previous: Digest32?
    package let stamp: [UInt8]
    package let bytes: [UInt8]

    package init(previous: Digest32?, stamp: [UInt8], bytes: [UInt8]) {
        self.previous = previous
        self.stamp = stamp
        self.bytes = bytes
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        if let previous { writer.bytes(previous) } else { writer.null() }
        writer.bytes(stamp)
        writer.bytes(bytes)
    }

    /// Reads the piece.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 3)
        if reader.isNull {
            try reader.null()
            previous = nil
        } else {
            previous = try reader.digest()
        }
        stamp = try reader.bytes(exactly: 16)
        bytes = try reader.byteArray(sizeBytesMax: Limits.commitBytesReceivedMax)
    }
}

/// Headquarters' seal on a point of its order: `[epoch, MAC (16)]`, the epoch that of the answer
/// which carried the point.
///
/// Why: only headquarters can make it, so that only what it once said speaks against it.
package struct OrderSeal: Hashable, Sendable {
    package let epoch: ReplicaNumber
    package let mac: [UInt8]

    package init(epoch: ReplicaNumber, mac: [UInt8]) {
        self.epoch = epoch
        self.mac = mac
    }

    /// The seal on a point.
    package init(_ point: LogPoint, epoch: ReplicaNumber, key: [UInt8]) {
        self.init(epoch: epoch, mac: Signature.order(point, epoch: epoch, key: key))
    }

    /// True where headquarters made it for this very point.
    func seals(_ point: LogPoint, key: [UInt8]) -> Bool {
        constantTimeEquals(Signature.order(point, epoch: epoch, key: key), mac)
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.integer(Int64(epoch.rawValue))
        writer.bytes(mac)
    }

    /// Reads the piece.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 2)
        epoch = try reader.replicaNumber()
        mac = try reader.bytes(exactly: 16)
    }
}

/// Where a device stands in headquarters' order: `[position, log hash, H(audience list)]`.
package struct SyncCursor: Hashable, Sendable {
    package let point: LogPoint
    package let audiences: Digest32

    package init(point: LogPoint, audiences: Digest32) {
        self.point = point
        self.audiences = audiences
    }

    /// The piece's bytes.
    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.integer(point.position)
        writer.bytes(point.hash)
        writer.bytes(audiences)
    }

    /// Reads the piece.
    package init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 3)
        let position = try reader.unsigned()
        point = LogPoint(position: position, hash: try reader.digest())
        audiences = try reader.digest()
    }
}
