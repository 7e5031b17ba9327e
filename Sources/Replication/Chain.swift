// The hash chains: a replica's own, and headquarters' order of arrival.
// Every hash over more than plain commit bytes is over a CBOR array that begins with its label.

package import Kernel
package import Wire

/// Where chains begin and how they go on.
package enum Chain {
    /// h₀ of a replica: H(CBOR["tributary", 1, realm, replica, incarnation]).
    package static func start(
        realm: [UInt8],
        replica: ReplicaNumber,
        incarnation: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 64)
        writer.array(5)
        writer.text("tributary")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(incarnation)
        return SHA256.digest(writer.bytes)
    }

    /// hₙ = H(hₙ₋₁ ‖ commit bytes).
    package static func next(_ previous: Digest32, _ bytes: UnsafeRawBufferPointer) -> Digest32 {
        SHA256.digest(previous: previous, then: bytes)
    }

    /// L₀ of headquarters' order: H(CBOR["log", 1, realm]).
    package static func logStart(realm: [UInt8]) -> Digest32 {
        var writer = CBORWriter(capacity: 32)
        writer.array(3)
        writer.text("log")
        writer.integer(1)
        writer.bytes(realm)
        return SHA256.digest(writer.bytes)
    }

    /// Lₚ = H(Lₚ₋₁ ‖ commit hash).
    package static func logNext(_ previous: Digest32, _ commit: Digest32) -> Digest32 {
        commit.withUnsafeBytes { SHA256.digest(previous: previous, then: $0) }
    }

    /// The incarnation of a re-committed tail: the same whoever re-commits it.
    ///
    /// Shape: the first 16 bytes of H(CBOR["fork", 1, realm, first divergent hash]).
    package static func forkIncarnation(realm: [UInt8], firstDivergent: Digest32) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.array(4)
        writer.text("fork")
        writer.integer(1)
        writer.bytes(realm)
        writer.bytes(firstDivergent)
        return Array(SHA256.digest(writer.bytes).bytes.prefix(16))
    }
}

extension SHA256 {
    /// The hash of an array of bytes.
    package static func digest(of bytes: [UInt8]) -> Digest32 {
        bytes.withUnsafeBytes { digest($0) }
    }
}
