// Writes deterministic CBOR: shortest forms and definite lengths by construction.
// The order of map keys is the caller's; what is appended to a log is validated before it is.

/// A buffer to which data items are appended in deterministic form.
///
/// Why: it fills zeroed room ahead of the cursor with unaligned stores, so that an item costs one
/// check of the room; appending byte by byte would cost one for every byte.
package struct CBORWriter {
    private var room: [UInt8]
    /// Number of bytes written so far.
    package private(set) var count = 0

    /// An empty buffer with room for so many bytes.
    package init(capacity: Int = 0) {
        room = [UInt8](repeating: 0, count: max(capacity, 64) + CBORWriter.headBytesMax)
    }

    /// A copy of what is written so far.
    package var bytes: [UInt8] { [UInt8](room[0..<count]) }

    /// Hands out what is written so far, for the time of a call and without a copy.
    package func withUnsafeBytes<R, E>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try room.withUnsafeBufferPointer { (pointer) throws(E) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: pointer[0..<count])))
        }
    }

    /// Forgets what is written, and keeps the room.
    package mutating func removeAll() { count = 0 }

    /// Appends the head of an array; so many items must follow.
    package mutating func array(_ count: Int) { head(4 << 5, UInt64(count)) }

    /// Appends the head of a map; so many entries must follow, their keys ascending.
    package mutating func map(_ count: Int) { head(5 << 5, UInt64(count)) }

    /// Appends a map key.
    package mutating func key(_ key: Int) { head(0, UInt64(key)) }

    /// Appends an integer.
    package mutating func integer(_ value: Int64) {
        if value >= 0 {
            head(0, UInt64(truncatingIfNeeded: value))
        } else {
            head(1 << 5, UInt64(truncatingIfNeeded: ~value))
        }
    }

    /// Appends an integer that is not negative, and fits Int64 as every integer of the log does.
    package mutating func unsigned(_ value: UInt64) {
        precondition(value <= UInt64(Int64.max), "an integer of the log fits Int64")
        head(0, value)
    }

    /// Appends a byte string.
    package mutating func bytes(_ value: [UInt8]) {
        value.withUnsafeBytes { string(2 << 5, $0) }
    }

    /// Appends a byte string.
    package mutating func bytes(_ value: UnsafeRawBufferPointer) { string(2 << 5, value) }

    /// Appends a digest as a byte string of 32 bytes.
    package mutating func bytes(_ value: Digest32) {
        value.withUnsafeBytes { string(2 << 5, $0) }
    }

    /// Appends a text string.
    package mutating func text(_ value: String) {
        var copy = value
        copy.withUTF8 { string(3 << 5, UnsafeRawBufferPointer($0)) }
    }

    /// Appends true or false.
    package mutating func bool(_ value: Bool) { head(7 << 5, value ? 21 : 20) }

    /// Appends null.
    package mutating func null() { head(7 << 5, 22) }

    /// Appends an item that is encoded already.
    package mutating func raw(_ encoded: [UInt8]) {
        encoded.withUnsafeBytes { raw($0) }
    }

    /// Appends an item that is encoded already.
    package mutating func raw(_ encoded: UnsafeRawBufferPointer) {
        reserve(encoded.count)
        copy(encoded)
    }

    // MARK: - Stores

    /// Bytes that a head stores at most; one more than its longest form has no meaning.
    private static let headBytesMax = 9

    /// Makes room for a head and so many bytes.
    @inline(__always)
    private mutating func reserve(_ size: Int) {
        if room.count &- count < size &+ CBORWriter.headBytesMax { grow(size) }
    }

    @inline(never)
    private mutating func grow(_ size: Int) {
        let added = max(room.count, size + CBORWriter.headBytesMax)
        room.append(contentsOf: repeatElement(0, count: added))
    }

    @inline(__always)
    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        reserve(0)
        store(major, argument)
    }

    @inline(__always)
    private mutating func string(_ major: UInt8, _ value: UnsafeRawBufferPointer) {
        reserve(value.count)
        store(major, UInt64(value.count))
        copy(value)
    }

    /// Stores a head; `reserve` has made room for the nine bytes that it touches.
    @inline(__always)
    private mutating func store(_ major: UInt8, _ argument: UInt64) {
        let start = count
        let size: Int
        let information: UInt8
        if argument < 24 {
            (size, information) = (0, UInt8(truncatingIfNeeded: argument))
        } else if argument <= 0xFF {
            (size, information) = (1, 24)
        } else if argument <= 0xFFFF {
            (size, information) = (2, 25)
        } else if argument <= 0xFFFF_FFFF {
            (size, information) = (4, 26)
        } else {
            (size, information) = (8, 27)
        }
        room.withUnsafeMutableBytes { target in
            target[start] = major | information
            if size > 0 {
                let ordered = (argument &<< UInt64(64 &- size &* 8)).bigEndian
                target.storeBytes(of: ordered, toByteOffset: start &+ 1, as: UInt64.self)
            }
        }
        count = start &+ 1 &+ size
    }

    /// Copies bytes to the cursor; `reserve` has made room for them.
    @inline(__always)
    private mutating func copy(_ value: UnsafeRawBufferPointer) {
        guard let source = value.baseAddress else { return }
        let start = count
        room.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return }
            (base + start).copyMemory(from: source, byteCount: value.count)
        }
        count = start &+ value.count
    }
}
