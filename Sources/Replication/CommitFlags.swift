// The flags of a commit: what is said about it rather than by it.
// Must not interpret; it only reads and writes.

package import Kernel
package import Wire

/// The optional part of a commit's envelope, keyed by number.
package struct CommitFlags: Hashable, Sendable {
    /// Where a re-committed tail left the chain that headquarters keeps.
    package struct ForkPoint: Hashable, Sendable {
        package let replica: ReplicaNumber
        package let lastCommon: UInt32
        package let hash: Digest32

        package init(replica: ReplicaNumber, lastCommon: UInt32, hash: Digest32) {
            self.replica = replica
            self.lastCommon = lastCommon
            self.hash = hash
        }
    }

    /// The place of a commit among the commits of one act.
    package struct ActPlace: Hashable, Sendable {
        package let index: Int
        package let count: Int

        package init(index: Int, count: Int) {
            self.index = index
            self.count = count
        }

        /// The largest count of commits in one act.
        package static let countMax = 16
    }

    /// A personal value that lies outside the bytes, by its subject and salted hash.
    package struct PersonalMark: Hashable, Sendable {
        package let subject: Int64
        package let hash: Digest32

        package init(subject: Int64, hash: Digest32) {
            self.subject = subject
            self.hash = hash
        }
    }

    package var forkedFrom: ForkPoint?
    package var was: Digest32?
    package var blind: [UInt8]?
    package var act: ActPlace?
    package var personal: [PersonalMark] = []
    package var blobs: [Digest32] = []
    package var needs: [ChangeID] = []
    /// True where a key is not known here: the commit waits for newer code.
    package private(set) var hasUnknown = false

    package init() {}

    private var count: Int {
        (forkedFrom == nil ? 0 : 1) + (was == nil ? 0 : 1) + (blind == nil ? 0 : 1)
            + (act == nil ? 0 : 1) + (personal.isEmpty ? 0 : 1) + (blobs.isEmpty ? 0 : 1)
            + (needs.isEmpty ? 0 : 1)
    }

    /// Writes the flags as one map.
    package func write(to writer: inout CBORWriter) {
        writer.map(count)
        if let forkedFrom {
            writer.key(1)
            writer.array(3)
            writer.integer(Int64(forkedFrom.replica.rawValue))
            writer.integer(Int64(forkedFrom.lastCommon))
            writer.bytes(forkedFrom.hash)
        }
        if let was {
            writer.key(2)
            writer.bytes(was)
        }
        if let blind {
            writer.key(3)
            writer.bytes(blind)
        }
        if let act {
            writer.key(4)
            writer.array(2)
            writer.integer(Int64(act.index))
            writer.integer(Int64(act.count))
        }
        writePersonal(to: &writer)
        if !blobs.isEmpty {
            writer.key(6)
            writer.array(blobs.count)
            for blob in blobs { writer.bytes(blob) }
        }
        if !needs.isEmpty {
            writer.key(7)
            writer.array(needs.count)
            for need in needs { writer.integer(need.rawValue) }
        }
    }

    private func writePersonal(to writer: inout CBORWriter) {
        if personal.isEmpty { return }
        writer.key(5)
        writer.array(personal.count)
        for mark in personal {
            writer.array(2)
            writer.integer(mark.subject)
            writer.bytes(mark.hash)
        }
    }

    /// Reads the map of flags.
    ///
    /// Throws: `WireFault` for bytes that are not a deterministic map of well-formed flags.
    package init(from reader: inout CBORReader) throws(WireFault) {
        let count = try reader.map()
        var previous: Int64?
        for _ in 0..<count {
            let key = try reader.nextKey(after: previous)
            previous = key
            switch key {
            case 1: forkedFrom = try CommitFlags.readForkPoint(&reader)
            case 2: was = try reader.digest()
            case 3:
                let bytes = try reader.byteArray()
                guard bytes.count == 16 else { throw reader.fault(.invalidValue) }
                blind = bytes
            case 4: act = try CommitFlags.readActPlace(&reader)
            case 5: personal = try CommitFlags.readPersonal(&reader)
            case 6: blobs = try CommitFlags.readBlobs(&reader)
            case 7: needs = try CommitFlags.readNeeds(&reader)
            default:
                hasUnknown = true
                _ = try reader.skip()
            }
        }
    }

    private static func readForkPoint(
        _ reader: inout CBORReader
    ) throws(WireFault) -> ForkPoint {
        guard try reader.array() == 3 else { throw reader.fault(.invalidValue) }
        let replica = try reader.replicaNumber()
        let last = try reader.integer()
        guard let lastCommon = UInt32(exactly: last) else { throw reader.fault(.invalidValue) }
        return ForkPoint(
            replica: replica,
            lastCommon: lastCommon,
            hash: try reader.digest()
        )
    }

    static func readActPlace(_ reader: inout CBORReader) throws(WireFault) -> ActPlace {
        guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
        let index = try reader.integer()
        let count = try reader.integer()
        guard count >= 2, count <= ActPlace.countMax, index >= 0, index < count else {
            throw reader.fault(.invalidValue)
        }
        return ActPlace(index: Int(index), count: Int(count))
    }

    static func readPersonal(
        _ reader: inout CBORReader
    ) throws(WireFault) -> [PersonalMark] {
        let count = try reader.array()
        guard count > 0 else { throw reader.fault(.invalidValue) }
        var marks: [PersonalMark] = []
        for _ in 0..<count {
            guard try reader.array() == 2 else { throw reader.fault(.invalidValue) }
            let subject = try reader.integer()
            guard subject > 0 else { throw reader.fault(.invalidValue) }
            marks.append(PersonalMark(subject: subject, hash: try reader.digest()))
        }
        return marks
    }

    private static func readBlobs(_ reader: inout CBORReader) throws(WireFault) -> [Digest32] {
        let count = try reader.array()
        guard count > 0 else { throw reader.fault(.invalidValue) }
        var blobs: [Digest32] = []
        for _ in 0..<count {
            let blob = try reader.digest()
            if let last = blobs.last, !(last < blob) { throw reader.fault(.invalidValue) }
            blobs.append(blob)
        }
        return blobs
    }

    static func readNeeds(_ reader: inout CBORReader) throws(WireFault) -> [ChangeID] {
        let count = try reader.array()
        guard count > 0 else { throw reader.fault(.invalidValue) }
        var needs: [ChangeID] = []
        for _ in 0..<count {
            let need = try reader.changeID()
            if let last = needs.last, !(last < need) { throw reader.fault(.invalidValue) }
            needs.append(need)
        }
        return needs
    }
}

extension CBORReader {
    /// Reads a replica number in its range.
    package mutating func replicaNumber() throws(WireFault) -> ReplicaNumber {
        let raw = try integer()
        guard raw >= 0, raw < 1 << 21 else { throw fault(.invalidValue) }
        return ReplicaNumber(UInt32(raw))
    }

    /// Reads a change id: a replica and a sequence from 1.
    package mutating func changeID() throws(WireFault) -> ChangeID {
        let raw = try integer()
        guard raw >= 0, raw < 1 << 53, ChangeID(raw).isValid else { throw fault(.invalidValue) }
        return ChangeID(raw)
    }
}
