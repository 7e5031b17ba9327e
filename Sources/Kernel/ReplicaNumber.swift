// Kernel: the number of a replica. Who issued it, and its incarnation, belong to Replication.

/// The number of a replica, issued by headquarters.
///
/// Shape: 0 … 2²¹ − 1; 0 is headquarters' first.
package struct ReplicaNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The greatest number: 2²¹ − 1.
    package static let max = ReplicaNumber(2_097_151)
    /// Headquarters' first number.
    package static let headquarters = ReplicaNumber(0)
    /// The first of the upper half, from which a restored headquarters issues: 2²⁰.
    package static let upperHalf = ReplicaNumber(1_048_576)

    /// The number.
    package let rawValue: UInt32

    /// The replica of our own number; one from outside is made by the throwing initialiser.
    package init(_ rawValue: UInt32) {
        precondition(rawValue <= 2_097_151, "a replica number has 21 bits")
        self.rawValue = rawValue
    }

    /// The replica of a number from outside.
    ///
    /// Throws: `overflow` outside 0 … 2²¹ − 1.
    package init(checked rawValue: Int64) throws(NumberFault) {
        guard rawValue >= 0, rawValue <= 2_097_151 else {
            throw NumberFault(.overflow, "replica \(rawValue)")
        }
        self.rawValue = UInt32(truncatingIfNeeded: rawValue)
    }

    /// The replica of a number in a file of our own; one that is damaged keeps 21 of its bits.
    ///
    /// Why it does not trap: who reads the file must be able to name the damage.
    package init(stored rawValue: Int64) {
        self.rawValue = UInt32(truncatingIfNeeded: rawValue) & 0x1F_FFFF
    }

    /// Whether the left is the smaller number.
    package static func < (lhs: ReplicaNumber, rhs: ReplicaNumber) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// The number in digits.
    package var description: String { "\(rawValue)" }
}
