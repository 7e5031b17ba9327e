// A walk through a commit for projecting: one pass, nothing allocated that is not there.
// Must not judge; it reads the envelope and hands out one body after another.

package import Kernel
package import Wire

/// One pass over a commit: its envelope, then each change in order.
///
/// Shape: the bytes must outlive the walk and the bodies it hands out.
/// Cost: no allocation, unless the commit has personal values or needs.
package struct CommitWalk {
    package let replica: ReplicaNumber
    package let firstSequence: UInt32
    package let clock: ClockStamp
    package let wall: WallTime
    package let author: Int64
    package let changeCount: Int
    /// The place among the commits of its act, nil where it stands alone.
    package private(set) var act: CommitFlags.ActPlace?
    package private(set) var personal: [CommitFlags.PersonalMark] = []
    package private(set) var needs: [ChangeID] = []
    package private(set) var hasUnknownFlag = false
    private let needsBlinding: Bool
    private var isBlinded = false
    private var reader: CBORReader
    private let bytes: UnsafeRawBufferPointer
    private var left: Int

    /// A change as it is walked past.
    package struct Step {
        package let kind: Kind
        package let body: UnsafeRawBufferPointer
        /// True where a null stands anywhere in the body.
        package let hasNull: Bool
    }

    /// Reads the envelope.
    package init(_ bytes: UnsafeRawBufferPointer) throws(WireFault) {
        self.bytes = bytes
        var reader = CBORReader(bytes)
        try reader.array(of: 9)
        guard try reader.integer() == CommitCodec.version else {
            throw reader.fault(.invalidValue)
        }
        replica = try reader.replicaNumber()
        guard let first = UInt32(exactly: try reader.integer()), first >= 1 else {
            throw reader.fault(.invalidValue)
        }
        firstSequence = first
        clock = ClockStamp(try reader.unsigned(atMost: 1 << 53 - 1))
        wall = WallTime(milliseconds: try reader.integer())
        author = try reader.unsigned(atMost: 1 << 53 - 1)
        var needsBlinding = true
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let number = try reader.integer()
            guard let audience = Audience(class: number, id: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            if !audience.needsBlinding { needsBlinding = false }
        }
        self.needsBlinding = needsBlinding
        self.reader = reader
        var flags = Flags()
        try flags.read(&self.reader)
        act = flags.act
        personal = flags.personal
        needs = flags.needs
        hasUnknownFlag = flags.hasUnknown
        isBlinded = flags.isBlinded
        changeCount = try self.reader.array()
        left = changeCount
        guard changeCount >= 1, Int64(first) + Int64(changeCount) - 1 <= Int64(UInt32.max) else {
            throw self.reader.fault(.invalidValue)
        }
    }

    /// What projecting wants of the flags.
    private struct Flags {
        var act: CommitFlags.ActPlace?
        var personal: [CommitFlags.PersonalMark] = []
        var needs: [ChangeID] = []
        var isBlinded = false
        var hasUnknown = false

        mutating func read(_ reader: inout CBORReader) throws(WireFault) {
            var previous: Int64?
            for _ in 0..<(try reader.map()) {
                let key = try reader.nextKey(after: previous)
                previous = key
                switch key {
                case 3:
                    isBlinded = true
                    try reader.skip()
                case 4: act = try CommitFlags.readActPlace(&reader)
                case 5: personal = try CommitFlags.readPersonal(&reader)
                case 7: needs = try CommitFlags.readNeeds(&reader)
                case 1, 2, 6: try reader.skip()
                default:
                    hasUnknown = true
                    try reader.skip()
                }
            }
        }
    }

    /// The id of the commit, which is its first change's.
    package var id: ChangeID { ChangeID(replica: replica, sequence: firstSequence) }

    /// The id of the last change.
    package var lastID: ChangeID {
        ChangeID(replica: replica, sequence: firstSequence + UInt32(changeCount - 1))
    }

    /// True where the few who read it could be found out by guessing, for it lacks flag 3.
    package var lacksBlinding: Bool { needsBlinding && !isBlinded }

    /// The next change, nil after the last.
    ///
    /// Throws: `WireFault`, also where bytes are left over.
    package mutating func next() throws(WireFault) -> Step? {
        if left == 0 {
            try reader.finish()
            return nil
        }
        left -= 1
        try reader.array(of: 2)
        let kind = try CommitCodec.readKind(&reader)
        let before = reader.nullsSkipped
        let range = try reader.skip()
        return Step(
            kind: kind,
            body: UnsafeRawBufferPointer(rebasing: bytes[range]),
            hasNull: reader.nullsSkipped != before
        )
    }

    /// True where this commit goes on with the act that `other` is a part of.
    package func continues(_ other: CommitPlace?) -> Bool {
        guard let other, let act, let before = other.act else { return false }
        return other.replica == replica && before.count == act.count
            && before.index + 1 == act.index && other.next == firstSequence
    }

    /// What a following commit must know to go on with this one's act.
    package var place: CommitPlace {
        CommitPlace(replica: replica, next: lastID.sequence &+ 1, act: act)
    }
}

/// Where a commit stands among those of its replica and its act.
package struct CommitPlace {
    let replica: ReplicaNumber
    let next: UInt32
    let act: CommitFlags.ActPlace?
}
