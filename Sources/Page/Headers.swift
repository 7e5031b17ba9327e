// Header fields as a value: ordered, duplicates kept, names compared without regard to case.
// It must not know framing: which fields decide a length is the business of the HTTP room.

/// The header fields of one message, in the order in which they came or shall be sent.
///
/// Shape: a name is an RFC 9110 token; a value never holds CR, LF or NUL, so that no value can
/// begin another field: `add` replaces such bytes by a space.
package struct Headers: Sendable, Hashable {
    /// One field.
    package struct Field: Sendable, Hashable {
        /// The name as written.
        package let name: String
        /// The value without the white space around it.
        package let value: String
    }

    /// The fields in order.
    package private(set) var fields: [Field] = []

    /// No fields.
    package init() {}

    /// Fields in the given order.
    package init(_ fields: [(String, String)]) {
        self.fields.reserveCapacity(fields.count)
        for (name, value) in fields { add(name, value) }
    }

    /// How many fields there are, duplicates counted.
    package var count: Int { fields.count }

    /// True where there is no field.
    package var isEmpty: Bool { fields.isEmpty }

    /// Appends a field, also where one of the same name is already there.
    package mutating func add(_ name: String, _ value: String) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(Headers.isTokenByte),
            "a header name is a token of RFC 9110"
        )
        fields.append(Field(name: name, value: Headers.harmless(value)))
    }

    /// Replaces every field of this name by one.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// Takes every field of this name away.
    package mutating func remove(_ name: String) {
        fields.removeAll { Headers.areEqualNames($0.name, name) }
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        for field in fields where Headers.areEqualNames(field.name, name) { return field.value }
        return nil
    }

    /// The values of all fields of this name, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { Headers.areEqualNames($0.name, name) }.map(\.value)
    }

    /// Compares two names without regard to the case of ASCII letters.
    package static func areEqualNames(_ left: String, _ right: String) -> Bool {
        let a = left.utf8
        let b = right.utf8
        guard a.count == b.count else { return false }
        var other = b.makeIterator()
        for byte in a {
            guard let second = other.next(), lowered(byte) == lowered(second) else { return false }
        }
        return true
    }

    /// True for a byte that may stand in a token (RFC 9110, section 5.6.2).
    package static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C,
            0x7E:
            true
        default: false
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    private static func harmless(_ value: String) -> String {
        if value.utf8.allSatisfy({ $0 != 0x0D && $0 != 0x0A && $0 != 0 }) { return value }
        let bytes = value.utf8.map { $0 == 0x0D || $0 == 0x0A || $0 == 0 ? UInt8(0x20) : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
