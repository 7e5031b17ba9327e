// Writes deterministic CBOR: shortest forms and definite lengths by construction.
// The order of map keys is the caller's; what is appended to a log is validated before it is.

/// A buffer to which data items are appended in deterministic form.
package struct CBORWriter {
    /// What is written so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty buffer with room for so many bytes.
    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what is written, and keeps the room.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

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
        head(2 << 5, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Appends a byte string.
    package mutating func bytes(_ value: UnsafeRawBufferPointer) {
        head(2 << 5, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Appends a digest as a byte string of 32 bytes.
    package mutating func bytes(_ value: Digest32) {
        head(2 << 5, 32)
        value.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Appends a text string.
    package mutating func text(_ value: String) {
        var copy = value
        copy.withUTF8 { utf8 in
            head(3 << 5, UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// Appends true or false.
    package mutating func bool(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

    /// Appends null.
    package mutating func null() { bytes.append(0xF6) }

    /// Appends an item that is encoded already.
    package mutating func raw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

    /// Appends an item that is encoded already.
    package mutating func raw(_ encoded: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: encoded)
    }

    @inline(__always)
    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        if argument < 24 {
            bytes.append(major | UInt8(truncatingIfNeeded: argument))
        } else {
            longHead(major, argument)
        }
    }

    private mutating func longHead(_ major: UInt8, _ argument: UInt64) {
        if argument <= 0xFF {
            bytes.append(major | 24)
            bytes.append(UInt8(truncatingIfNeeded: argument))
        } else if argument <= 0xFFFF {
            bytes.append(major | 25)
            append(UInt16(truncatingIfNeeded: argument).bigEndian)
        } else if argument <= 0xFFFF_FFFF {
            bytes.append(major | 26)
            append(UInt32(truncatingIfNeeded: argument).bigEndian)
        } else {
            bytes.append(major | 27)
            append(argument.bigEndian)
        }
    }

    @inline(__always)
    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
}
