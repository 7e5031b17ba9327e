// A hash or a MAC of 32 bytes, held in place: no array, no allocation.
// It knows nothing of how it was computed.

import Kernel

/// 32 bytes of a SHA-256 hash or of an HMAC.
///
/// Order: as its bytes.
package struct Digest32: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bytes as four integers, most significant first.
    let words: (UInt64, UInt64, UInt64, UInt64)

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// 32 zero bytes.
    package static let zero = Digest32(words: (0, 0, 0, 0))

    /// The digest that these bytes are; nil unless there are 32.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        words = (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        )
    }

    /// The digest that these bytes are; nil unless there are 32.
    package init?(_ bytes: [UInt8]) {
        guard let digest = bytes.withUnsafeBytes({ Digest32($0) }) else { return nil }
        self = digest
    }

    /// Hands out the 32 bytes for the time of a call.
    package func withUnsafeBytes<R, E>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let ordered = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        return try Swift.withUnsafeBytes(of: ordered, body)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// The 32 bytes in lower-case hexadecimal.
    package var hex: String { Hex.encode(bytes) }

    /// The same as `hex`.
    package var description: String { hex }

    /// The first 16 bytes as a big-endian number, as the digest of an audience sums them.
    package var leading128: UInt128 {
        UInt128(words.0) << 64 | UInt128(words.1)
    }

    /// The first 4 bytes as a big-endian number: the code on paper.
    package var leading32: UInt32 { UInt32(truncatingIfNeeded: words.0 >> 32) }

    /// Whether all bytes are the same.
    package static func == (left: Digest32, right: Digest32) -> Bool { left.words == right.words }

    /// Whether the bytes of one come before those of the other.
    package static func < (left: Digest32, right: Digest32) -> Bool { left.words < right.words }

    /// Feeds the bytes to a hasher; they are random already, so the first eight do.
    package func hash(into hasher: inout Swift.Hasher) { hasher.combine(words.0) }
}
