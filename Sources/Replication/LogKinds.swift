// The kinds of module 0: what headquarters decides about the log itself, and what rows of a file
// a node took.
// Shapes are those of Protocol/changes.md; keys are never reused.

package import Kernel
package import Wire

/// The kinds of module 0.
package enum LogKind {
    /// {1: identity, 2: digest of the rows, 3: what they made}: a fact, beside what was taken.
    package static let rowsTaken = Kind(module: 0, 1)
    /// {1: replica, 2: from sequence, 3: to sequence, 4: ms that the clock was ahead}.
    package static let clockRuled = Kind(module: 0, 224)
    /// {1: [[from id, to id], …]}: register writes and grants beyond the author's rights.
    package static let changeForbidden = Kind(module: 0, 225)
    /// {1: [commit id, …]}: facts beyond the device's rights that a person let in.
    package static let factAdmitted = Kind(module: 0, 226)
    /// {1: [commit id, …], 2: reason}: set aside unread, for it crashed the program twice.
    package static let commitUnread = Kind(module: 0, 227)
    /// {1: the ruling undone, 2: [commit id, …]}: the opposite of unread.
    package static let commitReleased = Kind(module: 0, 228)
    /// {1: [commit id, …]}: judged late; pull delivers them just before this change.
    package static let logReleased = Kind(module: 0, 229)
    /// {1: [class, id], 2: [commit id, …]}: old commits for a new audience.
    package static let audienceWidened = Kind(module: 0, 230)
    /// {1: replica, 2: after sequence, 3: [receipt label, …], 4: reason}: a tail that is gone.
    package static let tailLost = Kind(module: 0, 231)
    /// {1: replica, 2: last sequence, 3: its hash, 4: successor replica}.
    package static let replicaEnded = Kind(module: 0, 232)
    /// {1: subject id}: final, for everyone.
    package static let personErased = Kind(module: 0, 233)
    /// {1: device id, 2: name, 3: device kind, 4: branch, 5: person, 6: [replica number, …]}.
    package static let deviceEnrolled = Kind(module: 0, 234)
    /// {1: device id, 2: reason}.
    package static let deviceRevoked = Kind(module: 0, 235)
    /// {1: replica number, 2: device id}.
    package static let replicaIssued = Kind(module: 0, 236)
}

/// A correction of the clocks of a run of changes by headquarters.
package struct ClockRuling: Hashable, Sendable {
    /// The change that rules; of two on one change the smaller id holds.
    package let id: ChangeID
    package let replica: ReplicaNumber
    package let from: UInt32
    package let to: UInt32
    /// Unit: milliseconds that the device's clock was ahead of headquarters'.
    package let aheadMs: Int64

    package init(
        id: ChangeID,
        replica: ReplicaNumber,
        from: UInt32,
        to: UInt32,
        aheadMs: Int64
    ) {
        self.id = id
        self.replica = replica
        self.from = from
        self.to = to
        self.aheadMs = aheadMs
    }

    /// The body of `clock.ruled`.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 40)
        writer.map(4)
        writer.key(1)
        writer.integer(Int64(replica.rawValue))
        writer.key(2)
        writer.integer(Int64(from))
        writer.key(3)
        writer.integer(Int64(to))
        writer.key(4)
        writer.integer(aheadMs)
        return writer.bytes
    }

    /// Reads the body of `clock.ruled`.
    package init(id: ChangeID, body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        guard try reader.map() == 4, try reader.nextKey(after: nil) == 1 else {
            throw reader.fault(.invalidValue)
        }
        let replica = try reader.replicaNumber()
        guard try reader.nextKey(after: 1) == 2, let from = UInt32(exactly: try reader.integer()),
            try reader.nextKey(after: 2) == 3, let to = UInt32(exactly: try reader.integer()),
            try reader.nextKey(after: 3) == 4, from >= 1, from <= to
        else { throw reader.fault(.invalidValue) }
        let ahead = try reader.integer()
        try reader.finish()
        self.init(id: id, replica: replica, from: from, to: to, aheadMs: ahead)
    }

    /// The corrected time: the clock less what it was ahead, kept in range.
    package func apply(to clock: ClockStamp) -> ClockStamp {
        let (shift, overflow) = aheadMs.multipliedReportingOverflow(by: 4096)
        if overflow { return ClockStamp(aheadMs > 0 ? 0 : (1 << 53) - 1) }
        let (raw, under) = clock.rawValue.subtractingReportingOverflow(shift)
        if under { return ClockStamp(aheadMs > 0 ? 0 : (1 << 53) - 1) }
        return ClockStamp(min(max(raw, 0), (1 << 53) - 1))
    }
}
