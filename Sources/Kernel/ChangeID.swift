// Kernel: the id of a change, and of what it created: a plain integer everywhere.

/// The id of a change: replica × 2³² + sequence, 53 bits.
package struct ChangeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The id of nothing; as an author, the node itself.
    package static let none = ChangeID(0)

    /// The integer that stands in SQLite, JSON and JavaScript.
    package let rawValue: Int64

    /// The id of that integer; one from outside must be asked whether it `isValid`.
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The id of a replica's change.
    package init(replica: ReplicaNumber, sequence: UInt32) {
        rawValue = Int64(replica.rawValue) << 32 | Int64(sequence)
    }

    /// The id of an integer from outside.
    ///
    /// Throws: `overflow` when it is no id of a change.
    package init(checked rawValue: Int64) throws(NumberFault) {
        self.rawValue = rawValue
        guard isValid else { throw NumberFault(.overflow, "id \(rawValue)") }
    }

    /// Whether it is the id of a change: a replica of 21 bits, a sequence from 1.
    package var isValid: Bool { rawValue >= 0 && rawValue < 1 << 53 && sequence >= 1 }

    /// The replica that made the change.
    package var replica: ReplicaNumber {
        ReplicaNumber(UInt32(truncatingIfNeeded: rawValue >> 32) & 0x1F_FFFF)
    }

    /// The number of the change in its replica's history, from 1.
    package var sequence: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The id so many sequences later in the same replica, nothing past the last sequence.
    package func offset(by count: Int) -> ChangeID? {
        let (sum, isOver) = Int(sequence).addingReportingOverflow(count)
        guard !isOver, let later = UInt32(exactly: sum) else { return nil }
        return ChangeID(replica: replica, sequence: later)
    }

    /// Whether the left is the smaller integer: by replica, then by sequence.
    package static func < (lhs: ChangeID, rhs: ChangeID) -> Bool { lhs.rawValue < rhs.rawValue }

    /// Replica and sequence, as documents and logs write it: `7:101`.
    package var description: String { "\(replica):\(sequence)" }
}
