// Kernel: why a date, a period or a time could not be made.

/// A date, period or time from outside that does not exist or is not in the strict form.
package struct DateFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    package enum Reason: String, Hashable, Sendable {
        /// The text is not in the strict form.
        case notADate
        /// The form is right, but there is no such day, month or hour.
        case noSuchDay
        /// The year is outside 1 … 9999.
        case outOfRange
    }

    /// What was wrong.
    package let reason: Reason
    /// The text or number it was about, cut after 64 characters.
    package let text: String

    /// A fault about `text`.
    package init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(64))
    }

    /// For the operator: the reason and the text.
    package var description: String { "\(reason.rawValue): \(text)" }
}
