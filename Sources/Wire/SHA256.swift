// SHA-256 (FIPS 180-4) over bytes in memory, whole or in pieces, without allocation.
// No other cryptography of our own but this and the HMAC built on it.

/// The hash function of the log.
package enum SHA256 {
    /// The hash of an array as an array.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { digest(bytes).bytes }

    /// The hash of an array.
    package static func digest(_ bytes: [UInt8]) -> Digest32 {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The hash of bytes.
    package static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest32 {
        var hasher = Hasher()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of a digest followed by bytes: one step of a chain.
    ///
    /// Cost: no allocation.
    package static func digest(
        previous: Digest32,
        then bytes: UnsafeRawBufferPointer
    ) -> Digest32 {
        var hasher = Hasher()
        hasher.update(previous)
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of a digest followed by an array: one step of a chain.
    package static func digest(previous: Digest32, then bytes: [UInt8]) -> Digest32 {
        bytes.withUnsafeBytes { digest(previous: previous, then: $0) }
    }

    /// A hash in the making.
    package struct Hasher: Sendable {
        private var state = SHA256.initialState
        private var block = SIMD64<UInt8>()
        private var blockCount = 0
        private var totalBytes: UInt64 = 0

        /// The hash of nothing so far.
        package init() {}

        /// Takes more bytes.
        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            guard var next = bytes.baseAddress else { return }
            var left = bytes.count
            totalBytes &+= UInt64(left)
            if blockCount > 0 {
                let taken = min(64 - blockCount, left)
                fill(from: next, taken)
                next += taken
                left -= taken
                guard blockCount == 64 else { return }
                compressBlock()
            }
            if left >= 64 {
                SHA256.compress(&state, next, blocks: left / 64)
                next += left & ~63
                left &= 63
            }
            if left > 0 { fill(from: next, left) }
        }

        /// Takes more bytes.
        package mutating func update(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { update($0) }
        }

        /// Takes the bytes of a digest.
        package mutating func update(_ digest: Digest32) {
            digest.withUnsafeBytes { update($0) }
        }

        /// The hash of all bytes taken; the hasher itself stays as it is.
        package func finalize() -> Digest32 {
            var copy = self
            return copy.finish()
        }

        private mutating func finish() -> Digest32 {
            let bits = (totalBytes &<< 3).bigEndian
            pad(from: blockCount, with: 0x80)
            if blockCount >= 56 {
                compressBlock()
                block = SIMD64()
            }
            withUnsafeMutableBytes(of: &block) {
                $0.storeBytes(of: bits, toByteOffset: 56, as: UInt64.self)
            }
            compressBlock()
            return Digest32(
                words: (
                    UInt64(state[0]) << 32 | UInt64(state[1]),
                    UInt64(state[2]) << 32 | UInt64(state[3]),
                    UInt64(state[4]) << 32 | UInt64(state[5]),
                    UInt64(state[6]) << 32 | UInt64(state[7])
                )
            )
        }

        private mutating func fill(from source: UnsafeRawPointer, _ count: Int) {
            let start = blockCount
            withUnsafeMutableBytes(of: &block) { target in
                guard let base = target.baseAddress else { return }
                (base + start).copyMemory(from: source, byteCount: count)
            }
            blockCount += count
        }

        /// Sets a byte of the block, and clears those behind it.
        private mutating func pad(from start: Int, with first: UInt8) {
            withUnsafeMutableBytes(of: &block) { target in
                guard let base = target.baseAddress else { return }
                base.storeBytes(of: first, toByteOffset: start, as: UInt8.self)
                let rest = base + start + 1
                rest.initializeMemory(as: UInt8.self, repeating: 0, count: 63 - start)
            }
        }

        private mutating func compressBlock() {
            withUnsafeBytes(of: block) { bytes in
                guard let base = bytes.baseAddress else { return }
                SHA256.compress(&state, base, blocks: 1)
            }
            blockCount = 0
        }
    }
}
