// Kernel: why a number could not be made. Thrown by everything here that reads or computes one.
// It must not carry a translated sentence: pages word it.

/// A number from outside, or a product, that cannot be represented.
package struct NumberFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong with the number.
    package enum Reason: String, Hashable, Sendable {
        /// The value does not fit, or is beyond the limit of its type.
        case overflow
        /// The text is no number in the strict form, or a weight is negative.
        case notANumber
        /// More digits after the point than the unit has.
        case tooManyDigits
        /// A division by zero, or a split over weights that are all zero.
        case divisionByZero
    }

    /// What was wrong.
    package let reason: Reason
    /// The text or the figures it was about, cut after 64 characters.
    package let text: String

    /// A fault about `text`.
    package init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(64))
    }

    /// For the operator: the reason and the text.
    package var description: String { "\(reason.rawValue): \(text)" }
}
