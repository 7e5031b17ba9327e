// What a node keeps beside its directory: how far it had got, and on which machine. A directory
// that is older than its anchor, or has none, or is on another machine, may be a copy:
// it is unproven.
import CLinux
import Glibc
import Kernel
package import Replication
import Wire

/// The anchor file.
///
/// Shape: CBOR `[1, replica, incarnation, last, hash, machine id]`.
package final class Anchor {
    /// What the anchor says of the directory.
    package enum Proof: String, Sendable {
        case proven
        case missing
        /// The directory is older than the anchor: it was restored from a copy.
        case ahead
        case otherMachine
        /// The anchor names another history.
        case otherHistory
    }

    package let path: String
    private var lastSyncMs: Int64 = 0

    package init(path: String) {
        self.path = path
    }

    /// Compares the anchor with the log of the directory.
    ///
    /// A node that has written nothing yet has nothing to prove.
    package func proof(of log: Log) throws -> Proof {
        guard let head = log.own else { return .proven }
        guard Files.exists(path), let kept = try? read() else {
            return try log.isUnwritten ? .proven : .missing
        }
        if kept.machine != Anchor.machine { return .otherMachine }
        // A directory that went on under another number and was cut before the anchor followed
        // holds what the anchor names.
        guard let chain = try log.reader.head(of: kept.replica),
            chain.incarnation == kept.incarnation, chain.device == head.device
        else { return .otherHistory }
        if kept.last > chain.last { return .ahead }
        let point = ChainPoint(sequence: kept.last, hash: kept.hash)
        return try log.holds(point, of: kept.replica) ? .proven : .otherHistory
    }

    /// Keeps a head after a write; the disk is waited for at most once a minute.
    package func note(_ head: Head) {
        let now = SystemClock().monotonicMs()
        let isDue = now - lastSyncMs > 60_000
        if isDue { lastSyncMs = now }
        // An anchor that cannot be written makes the history unproven at the next start: safe.
        try? write(head, isDurable: isDue)
    }

    /// Writes the anchor.
    package func write(_ head: Head, isDurable: Bool) throws {
        var writer = CBORWriter(capacity: 128)
        writer.array(6)
        writer.integer(1)
        writer.integer(Int64(head.replica.rawValue))
        writer.bytes(head.incarnation)
        writer.integer(Int64(head.last))
        writer.bytes(head.hash)
        writer.text(Anchor.machine)
        try Files.write(writer.bytes, to: path, isDurable: isDurable)
    }

    private struct Kept {
        let replica: ReplicaNumber
        let incarnation: [UInt8]
        let last: UInt32
        let hash: Digest32
        let machine: String
    }

    private func read() throws -> Kept {
        let bytes = try Files.read(path, sizeBytesMax: 4_096)
        return try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) -> Kept in
            try reader.array(of: 6)
            guard try reader.integer() == 1 else { throw reader.fault(.invalidValue) }
            return Kept(
                replica: try reader.replicaNumber(),
                incarnation: try reader.byteArray(),
                last: UInt32(truncatingIfNeeded: try reader.integer()),
                hash: try reader.digest(),
                machine: try reader.text()
            )
        }
    }

    /// This machine's id, as the system keeps it.
    package static let machine: String = {
        let bytes = (try? Files.read("/etc/machine-id", sizeBytesMax: 256)) ?? []
        return Text.trimmed(String(decoding: bytes, as: UTF8.self))
    }()
}
