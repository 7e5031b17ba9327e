// HMAC-SHA-256 (RFC 2104), and the comparison to use on what it returns.
// Nothing here keeps, prints or compares a key in a way that time would tell.

/// The message authentication code of the sync.
package enum HMACSHA256 {
    /// The code of a message under a key.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> Digest32 {
        Key(key).authenticate(message)
    }

    /// A key whose two first blocks are hashed already: for many messages under one key.
    package struct Key: Sendable {
        private let inner: SHA256.Hasher
        private let outer: SHA256.Hasher

        /// Prepares a key of any length.
        package init(_ key: [UInt8]) {
            var block = key.count > 64 ? SHA256.hash(key) : key
            block.append(contentsOf: repeatElement(0, count: 64 - block.count))
            var inner = SHA256.Hasher()
            inner.update(block.map { $0 ^ 0x36 })
            var outer = SHA256.Hasher()
            outer.update(block.map { $0 ^ 0x5C })
            self.inner = inner
            self.outer = outer
        }

        /// The code of a message.
        package func authenticate(_ message: UnsafeRawBufferPointer) -> Digest32 {
            var hasher = inner
            hasher.update(message)
            var result = outer
            result.update(hasher.finalize())
            return result.finalize()
        }

        /// The code of a message.
        package func authenticate(_ message: [UInt8]) -> Digest32 {
            message.withUnsafeBytes { authenticate($0) }
        }
    }
}

/// Whether two byte strings are the same, in a time that tells only their lengths.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
}

/// Whether two digests are the same, in a time that tells nothing.
package func constantTimeEquals(_ left: Digest32, _ right: Digest32) -> Bool {
    let (l, r) = (left.words, right.words)
    return (l.0 ^ r.0) | (l.1 ^ r.1) | (l.2 ^ r.2) | (l.3 ^ r.3) == 0
}
