// A commit: one business act for one audience set, the unit of writing, hashing, sending, retrying
// and quarantine. Its bytes are written once and travel verbatim; this file reads and writes them.
// Must not touch storage, and must not re-encode what came from elsewhere.

package import Kernel
package import Wire

/// A change about to be written: its kind and the canonical CBOR of its body.
package struct DraftChange: Hashable, Sendable {
    package let kind: Kind
    package let body: [UInt8]

    package init(kind: Kind, body: [UInt8]) {
        self.kind = kind
        self.body = body
    }
}

/// The envelope of a commit: everything but the bodies of its changes.
///
/// Shape: `[1, replica, first_sequence, clock, wall_ms, author, audiences, flags, changes]`;
/// change n of the commit has the sequence `firstSequence + n`.
package struct CommitHeader: Sendable {
    package var replica: ReplicaNumber
    package var firstSequence: UInt32
    package var clock: ClockStamp
    package var wall: WallTime
    /// A person's id; 0 is the node itself.
    package var author: Int64
    package var audiences: [Audience]
    package var flags: CommitFlags
    package var changeCount: Int
    /// The kinds of the changes in order; filled where the whole commit was read.
    package var kinds: [Kind] = []

    package init(
        replica: ReplicaNumber,
        firstSequence: UInt32,
        clock: ClockStamp,
        wall: WallTime,
        author: Int64,
        audiences: [Audience],
        flags: CommitFlags,
        changeCount: Int
    ) {
        self.replica = replica
        self.firstSequence = firstSequence
        self.clock = clock
        self.wall = wall
        self.author = author
        self.audiences = audiences
        self.flags = flags
        self.changeCount = changeCount
    }

    /// The id of the commit, which is its first change's.
    package var id: ChangeID { ChangeID(replica: replica, sequence: firstSequence) }

    /// The sequence of the last change.
    package var lastSequence: UInt32 { firstSequence + UInt32(changeCount) - 1 }

    /// Takes over the arrays of another header where they hold the same.
    ///
    /// Why: who keeps the headers of a batch keeps one array for all of them.
    mutating func shareArrays(with other: CommitHeader) {
        if audiences == other.audiences { audiences = other.audiences }
        if kinds == other.kinds { kinds = other.kinds }
    }
}

/// A commit as it lies in a log: its bytes, its hash, and the place where it arrived here.
package struct StoredCommit: Sendable {
    package let position: Int64
    package let id: ChangeID
    package let hash: Digest32
    package let bytes: [UInt8]

    package init(position: Int64, id: ChangeID, hash: Digest32, bytes: [UInt8]) {
        self.position = position
        self.id = id
        self.hash = hash
        self.bytes = bytes
    }
}

/// Reads and writes the bytes of commits.
package enum CommitCodec {
    /// The format number every commit begins with.
    package static let version: Int64 = 1

    /// The bytes of a commit.
    package static func encode(_ header: CommitHeader, changes: [DraftChange]) -> [UInt8] {
        precondition(header.changeCount == changes.count, "a header counts its changes")
        let size = changes.reduce(96) { $0 + $1.body.count + 6 }
        var writer = CBORWriter(capacity: size)
        write(header, to: &writer)
        for change in changes {
            writer.array(2)
            writer.integer(Int64(change.kind.rawValue))
            writer.raw(change.body)
        }
        return writer.bytes
    }

    private static func write(_ header: CommitHeader, to writer: inout CBORWriter) {
        writer.array(9)
        writer.integer(version)
        writer.integer(Int64(header.replica.rawValue))
        writer.integer(Int64(header.firstSequence))
        writer.integer(header.clock.rawValue)
        writer.integer(header.wall.milliseconds)
        writer.integer(header.author)
        writer.array(header.audiences.count)
        for audience in header.audiences {
            writer.array(2)
            writer.integer(audience.classNumber)
            writer.integer(audience.id)
        }
        header.flags.write(to: &writer)
        writer.array(header.changeCount)
    }

    /// Reads the envelope and checks every byte of the commit.
    ///
    /// Throws: `WireFault` where the envelope is broken or the bytes are not deterministic CBOR.
    package static func header(
        of bytes: UnsafeRawBufferPointer
    ) throws(WireFault) -> CommitHeader {
        var reader = CBORReader(bytes)
        var header = try readHeader(&reader)
        header.kinds.reserveCapacity(min(header.changeCount, 64))
        for _ in 0..<header.changeCount {
            guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
            header.kinds.append(try readKind(&reader))
            _ = try reader.skip()
        }
        try reader.finish()
        return header
    }

    /// Reads the envelope alone, of bytes that were checked before.
    package static func envelope(
        of bytes: UnsafeRawBufferPointer
    ) throws(WireFault) -> CommitHeader {
        var reader = CBORReader(bytes)
        return try readHeader(&reader)
    }

    /// Reads the envelope of a commit in an array and checks every byte.
    package static func header(of bytes: [UInt8]) throws(WireFault) -> CommitHeader {
        try bytes.withUnsafeBufferPointer { (raw) throws(WireFault) -> CommitHeader in
            try header(of: UnsafeRawBufferPointer(raw))
        }
    }

    /// The envelope, then each change in order: its index, kind and the bytes of its body.
    ///
    /// The body's bytes are valid only during the call.
    package static func forEachChange(
        in bytes: UnsafeRawBufferPointer,
        _ body: (CommitHeader, Int, Kind, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var reader = CBORReader(bytes)
        let header = try readHeader(&reader)
        for index in 0..<header.changeCount {
            guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
            let kind = try readKind(&reader)
            let range = try reader.skip()
            try body(header, index, kind, UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// The changes of a commit as drafts, for rewriting a tail under a new number.
    package static func changes(of bytes: [UInt8]) throws(WireFault) -> [DraftChange] {
        try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
            let header = try readHeader(&reader)
            var changes: [DraftChange] = []
            changes.reserveCapacity(header.changeCount)
            for _ in 0..<header.changeCount {
                guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
                let kind = try readKind(&reader)
                let range = try reader.skip()
                changes.append(DraftChange(kind: kind, body: Array(bytes[range])))
            }
            return changes
        }
    }

    static func readKind(_ reader: inout CBORReader) throws(WireFault) -> Kind {
        guard let raw = UInt16(exactly: try reader.integer()) else {
            throw reader.fault(.invalidValue)
        }
        return Kind(rawValue: raw)
    }

    private static func readHeader(
        _ reader: inout CBORReader
    ) throws(WireFault) -> CommitHeader {
        guard try reader.array() == 9 else { throw reader.fault(.invalidValue) }
        guard try reader.integer() == version else { throw reader.fault(.invalidValue) }
        let first = try readPlace(&reader)
        let clock = try reader.integer()
        guard clock >= 0, clock < 1 << 53 else { throw reader.fault(.invalidValue) }
        let wall = try reader.integer()
        let author = try reader.integer()
        guard author >= 0, author < 1 << 53 else { throw reader.fault(.invalidValue) }
        let audiences = try readAudiences(&reader)
        let flags = try CommitFlags(from: &reader)
        let count = try reader.array()
        guard count >= 1, Int64(first.sequence) + Int64(count) - 1 <= Int64(UInt32.max) else {
            throw reader.fault(.invalidValue)
        }
        return CommitHeader(
            replica: first.replica,
            firstSequence: first.sequence,
            clock: ClockStamp(clock),
            wall: WallTime(milliseconds: wall),
            author: author,
            audiences: audiences,
            flags: flags,
            changeCount: count
        )
    }

    private static func readPlace(_ reader: inout CBORReader) throws(WireFault) -> ChangeID {
        let replica = try reader.replicaNumber()
        guard let sequence = UInt32(exactly: try reader.integer()), sequence >= 1 else {
            throw reader.fault(.invalidValue)
        }
        return ChangeID(replica: replica, sequence: sequence)
    }

    private static func readAudiences(
        _ reader: inout CBORReader
    ) throws(WireFault) -> [Audience] {
        let count = try reader.array()
        guard count >= 1 else { throw reader.fault(.invalidValue) }
        var audiences: [Audience] = []
        audiences.reserveCapacity(count)
        for _ in 0..<count {
            guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
            let number = try reader.integer()
            guard let audience = Audience(class: number, id: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            if let last = audiences.last, !(last < audience) {
                throw reader.fault(.invalidValue)
            }
            audiences.append(audience)
        }
        return audiences
    }
}
