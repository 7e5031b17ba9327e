// The typed calls of the reader: one item each, checked strictly.
// Slices point into the input; nothing here copies unless its result is an array or a string.

extension CBORReader {
    /// The kind of the next item, which is not read.
    package func peekType() throws(WireFault) -> CBORKind {
        guard offset < input.count else { throw fault(.truncated) }
        return CBORReader.kind(ofInitial: input[offset])
    }

    /// Whether the next item is null, which is not read.
    package var isNull: Bool { offset < input.count && input[offset] == 0xF6 }

    /// Reads the head of an array, and returns the number of its items.
    ///
    /// Throws: `truncated` when fewer bytes follow than items are declared.
    package mutating func array() throws(WireFault) -> Int {
        let start = offset
        let count = try head(4, .array)
        guard count <= UInt64(remaining) else { throw WireFault(.truncated, offset: start) }
        return Int(count)
    }

    /// Reads the head of an array that must hold exactly so many items.
    package mutating func array(of expected: Int) throws(WireFault) {
        let start = offset
        guard try array() == expected else {
            throw WireFault(.wrongCount(expected: expected), offset: start)
        }
    }

    /// Reads the head of a map, and returns the number of its entries.
    ///
    /// Throws: `truncated` when fewer bytes follow than entries of two bytes are declared.
    package mutating func map() throws(WireFault) -> Int {
        let start = offset
        let count = try head(5, .map)
        guard count <= UInt64(remaining / 2) else { throw WireFault(.truncated, offset: start) }
        return Int(count)
    }

    /// Reads an integer.
    package mutating func integer() throws(WireFault) -> Int64 {
        guard offset < input.count else { throw fault(.truncated) }
        let start = offset
        let isNegative = input[offset] >> 5 == 1
        let argument = try head(isNegative ? 1 : 0, .unsigned)
        guard argument <= UInt64(Int64.max) else { throw WireFault(.integerRange, offset: start) }
        let magnitude = Int64(truncatingIfNeeded: argument)
        return isNegative ? ~magnitude : magnitude
    }

    /// Reads an integer that is not negative, and not above a limit.
    ///
    /// Throws: `wrongType` for a negative one, `integerRange` for one above the limit.
    package mutating func unsigned(atMost limit: Int64 = .max) throws(WireFault) -> Int64 {
        let start = offset
        let argument = try head(0, .unsigned)
        guard argument <= UInt64(max(limit, 0)) else {
            throw WireFault(.integerRange, offset: start)
        }
        return Int64(truncatingIfNeeded: argument)
    }

    /// Reads an unsigned map key, which must be above the one before it.
    ///
    /// Throws: `keyType`, `duplicateKey`, `unsortedKeys`.
    package mutating func nextKey(after previous: Int64?) throws(WireFault) -> Int64 {
        let start = offset
        guard try peekType() == .unsigned else { throw fault(.keyType) }
        let key = try unsigned()
        if let previous, key <= previous {
            throw WireFault(key == previous ? .duplicateKey : .unsortedKeys, offset: start)
        }
        return key
    }

    /// Reads a byte string, and returns its place in the input.
    ///
    /// Throws: `tooLong` when it is longer than the limit.
    package mutating func bytes(sizeBytesMax: Int = .max) throws(WireFault)
        -> UnsafeRawBufferPointer
    {
        try string(2, .bytes, sizeBytesMax)
    }

    /// Reads a byte string into an array.
    package mutating func byteArray(sizeBytesMax: Int = .max) throws(WireFault) -> [UInt8] {
        [UInt8](try string(2, .bytes, sizeBytesMax))
    }

    /// Reads a byte string of 32 bytes.
    package mutating func digest() throws(WireFault) -> Digest32 {
        let start = offset
        guard let digest = Digest32(try string(2, .bytes, .max)) else {
            throw WireFault(.wrongCount(expected: 32), offset: start)
        }
        return digest
    }

    /// Reads a text string, checks its UTF-8, and returns its place in the input.
    ///
    /// Why: the merge binds it to a statement without making a String.
    package mutating func textBytes(sizeBytesMax: Int = .max) throws(WireFault)
        -> UnsafeRawBufferPointer
    {
        let start = offset
        let slice = try string(3, .text, sizeBytesMax)
        guard CBORReader.isUTF8(slice) else { throw WireFault(.invalidUTF8, offset: start) }
        return slice
    }

    /// Reads a text string, and checks its UTF-8.
    package mutating func text(sizeBytesMax: Int = .max) throws(WireFault) -> String {
        let start = offset
        let slice = try string(3, .text, sizeBytesMax).assumingMemoryBound(to: UInt8.self)
        do {
            return String(copying: try UTF8Span(validating: slice.span))
        } catch {
            throw WireFault(.invalidUTF8, offset: start)
        }
    }

    /// Reads true or false.
    package mutating func bool() throws(WireFault) -> Bool {
        let kind = try peekType()
        guard kind == .bool else {
            throw fault(kind == .forbidden ? .forbiddenType : .wrongType(expected: .bool))
        }
        let isTrue = input[offset] == 0xF5
        advance(1)
        return isTrue
    }

    /// Reads null.
    package mutating func null() throws(WireFault) {
        let kind = try peekType()
        guard kind == .null else {
            throw fault(kind == .forbidden ? .forbiddenType : .wrongType(expected: .null))
        }
        advance(1)
    }

    /// Reads a string of either major type, without looking at its bytes.
    @inline(__always)
    mutating func string(
        _ major: UInt8,
        _ expected: CBORKind,
        _ sizeBytesMax: Int
    ) throws(WireFault) -> UnsafeRawBufferPointer {
        let start = offset
        let declared = try head(major, expected)
        guard declared <= UInt64(remaining) else { throw WireFault(.truncated, offset: start) }
        let size = Int(truncatingIfNeeded: declared)
        guard size <= sizeBytesMax else { throw WireFault(.tooLong, offset: start) }
        let slice = UnsafeRawBufferPointer(rebasing: input[offset..<offset &+ size])
        advance(size)
        return slice
    }

    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }
}
