// Kernel: why a coded text could not be read: hexadecimal, base 32, labels on paper.

/// A text from outside that is not in its coded form.
package struct TextFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    package enum Reason: String, Hashable, Sendable {
        /// A length that no value has.
        case wrongLength
        /// A character outside the alphabet, or in the wrong place.
        case wrongCharacter
        /// Bits after the last byte that are not zero.
        case notCanonical
        /// The form is right, the check is not: a character was misread.
        case checkFailed
        /// A part of a label is outside its range.
        case outOfRange
    }

    /// What was wrong.
    package let reason: Reason
    /// The text it was about, cut after 64 characters.
    package let text: String

    /// A fault about `text`.
    package init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(64))
    }

    /// For the operator: the reason and the text.
    package var description: String { "\(reason.rawValue): \(text)" }
}
