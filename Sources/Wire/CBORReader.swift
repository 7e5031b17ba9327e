// Reads deterministic CBOR (RFC 8949 section 4.2.1) with a cursor over bytes that it does not own.
// It must never allocate by a declared length, and never trap on bytes from outside.

/// The kind of a data item, as its first byte tells it.
package enum CBORKind: Hashable, Sendable {
    /// A non-negative integer.
    case unsigned
    /// A negative integer.
    case negative
    /// A byte string.
    case bytes
    /// A text string.
    case text
    /// An array.
    case array
    /// A map.
    case map
    /// True or false.
    case bool
    /// Null.
    case null
    /// A tag, a float, or another simple value: never allowed.
    case forbidden
}

/// A cursor over deterministic CBOR: every call reads one item and checks it strictly.
///
/// Shape: shortest forms, definite lengths, valid UTF-8, integers within Int64, no float and no
/// tag. The order of map keys is checked by `nextKey` and by `skip`, the depth by `skip`: whoever
/// takes bytes from outside calls `validate` once, and may then read them in any way.
/// Why: the caller sees to it that the bytes outlive the reader and the slices it hands out.
package struct CBORReader {
    /// Which keys a map may have; everything else is the same for both.
    package enum Profile: Hashable, Sendable {
        /// Keys are unsigned integers: commits and messages.
        case commits
        /// Keys are items of any allowed kind, in order of their encoded bytes.
        case anyKeys
    }

    let input: UnsafeRawBufferPointer
    /// Index of the next byte.
    package private(set) var offset = 0
    /// Which keys a map may have.
    package let profile: Profile
    /// How many nulls `skip` has passed, at any depth: only registers may hold one.
    package internal(set) var nullsSkipped = 0

    /// A reader at the first byte.
    package init(_ bytes: UnsafeRawBufferPointer, profile: Profile = .commits) {
        input = bytes
        self.profile = profile
    }

    /// Reads one value that takes all the bytes.
    ///
    /// Throws: what `body` throws; `trailingBytes` when it leaves some.
    package static func read<T>(
        _ bytes: [UInt8],
        profile: Profile = .commits,
        _ body: (inout CBORReader) throws(WireFault) -> T
    ) throws(WireFault) -> T {
        try bytes.withUnsafeBufferPointer { (pointer) throws(WireFault) -> T in
            var reader = CBORReader(UnsafeRawBufferPointer(pointer), profile: profile)
            let value = try body(&reader)
            try reader.finish()
            return value
        }
    }

    /// Bytes that are not read yet.
    package var remaining: Int { input.count - offset }
    /// Whether all bytes are read.
    package var isAtEnd: Bool { offset == input.count }

    /// Refuses bytes that are left over.
    package func finish() throws(WireFault) {
        if offset != input.count { throw fault(.trailingBytes) }
    }

    /// A fault at the cursor, for a caller who finds the value itself at fault.
    @inline(never)
    package func fault(_ reason: WireFault.Reason) -> WireFault {
        WireFault(reason, offset: offset)
    }

    /// The bytes of a range that `skip` returned.
    package func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: input[range])
    }

    // MARK: - Heads

    /// Moves the cursor; the caller has made sure that so many bytes follow.
    @inline(__always)
    mutating func advance(_ count: Int) { offset &+= count }

    /// Reads the head of an item of a known major type, and returns its argument.
    @inline(__always)
    mutating func head(_ major: UInt8, _ expected: CBORKind) throws(WireFault) -> UInt64 {
        guard offset < input.count else { throw fault(.truncated) }
        let initial = input[offset]
        guard initial >> 5 == major else { throw unexpected(expected) }
        let information = initial & 31
        if information < 24 {
            offset &+= 1
            return UInt64(information)
        }
        return try longArgument(information)
    }

    /// Reads an argument of 1, 2, 4 or 8 bytes after the initial byte, and moves past it.
    mutating func longArgument(_ information: UInt8) throws(WireFault) -> UInt64 {
        let left = input.count - offset - 1
        let value: UInt64
        let shortestFrom: UInt64
        let size: Int
        switch information {
        case 24:
            guard left >= 1 else { throw fault(.truncated) }
            value = UInt64(input[offset + 1])
            (shortestFrom, size) = (24, 2)
        case 25:
            guard left >= 2 else { throw fault(.truncated) }
            let raw = input.loadUnaligned(fromByteOffset: offset + 1, as: UInt16.self)
            value = UInt64(UInt16(bigEndian: raw))
            (shortestFrom, size) = (1 << 8, 3)
        case 26:
            guard left >= 4 else { throw fault(.truncated) }
            let raw = input.loadUnaligned(fromByteOffset: offset + 1, as: UInt32.self)
            value = UInt64(UInt32(bigEndian: raw))
            (shortestFrom, size) = (1 << 16, 5)
        case 27:
            guard left >= 8 else { throw fault(.truncated) }
            let raw = input.loadUnaligned(fromByteOffset: offset + 1, as: UInt64.self)
            value = UInt64(bigEndian: raw)
            (shortestFrom, size) = (1 << 32, 9)
        case 31: throw fault(.indefiniteLength)
        default: throw fault(.reserved)
        }
        guard value >= shortestFrom else { throw fault(.notShortest) }
        offset &+= size
        return value
    }

    /// The fault of an item of another kind than the expected one.
    @inline(never)
    private func unexpected(_ expected: CBORKind) -> WireFault {
        let kind = CBORReader.kind(ofInitial: input[offset])
        return fault(kind == .forbidden ? .forbiddenType : .wrongType(expected: expected))
    }

    static func kind(ofInitial initial: UInt8) -> CBORKind {
        switch initial >> 5 {
        case 0: .unsigned
        case 1: .negative
        case 2: .bytes
        case 3: .text
        case 4: .array
        case 5: .map
        case 6: .forbidden
        default:
            switch initial {
            case 0xF4, 0xF5: .bool
            case 0xF6: .null
            default: .forbidden
            }
        }
    }
}
