// The one error of this room: what was wrong with the bytes, and where.
// It must never hold the bytes themselves: a fault may be logged, and bytes may be personal.

/// What was wrong with bytes from outside, and at which byte.
package struct WireFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Every cause for which this room refuses bytes.
    package enum Reason: Hashable, Sendable {
        /// The bytes end inside an item, or declare more than follows.
        case truncated
        /// Bytes follow the end of the item or of the stream.
        case trailingBytes
        /// An integer, length or count is not in its shortest form.
        case notShortest
        /// An array, map or string of indefinite length, or a break.
        case indefiniteLength
        /// Additional information 28, 29 or 30.
        case reserved
        /// The keys of a map are not in ascending order of their encoded bytes.
        case unsortedKeys
        /// A map holds one key twice.
        case duplicateKey
        /// A map key is not an unsigned integer.
        case keyType
        /// A text string is not valid UTF-8.
        case invalidUTF8
        /// Arrays and maps are nested deeper than `Limits.depthMax`.
        case depth
        /// A float, a tag, or a simple value other than true, false and null.
        case forbiddenType
        /// A string or a body is longer than its place allows.
        case tooLong
        /// An integer does not fit Int64, or not the range of its place.
        case integerRange
        /// Another kind of item stands where this kind was expected.
        case wrongType(expected: CBORKind)
        /// An array or map holds another number of items than its place demands.
        case wrongCount(expected: Int)
        /// A value of the right kind that its place does not allow.
        case invalidValue
        /// The checksum of a deflated stream does not match what it inflates to.
        case badChecksum
        /// A deflated stream is damaged, or is none.
        case badStream
        /// A stream inflates to more than the limit.
        case inflateLimit
        /// The library had no memory.
        case outOfMemory
    }

    /// Why the bytes are refused.
    package let reason: Reason
    /// Index of the byte at which the cause was seen, counted from the start of the input.
    package let offset: Int

    /// A fault at a byte.
    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The cause and its place, for the operator.
    package var description: String { "\(reason) at byte \(offset)" }
}
