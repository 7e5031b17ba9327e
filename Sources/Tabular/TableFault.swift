// Tabular: why a table file could not be read or written, always with the line.
// Must not decide what follows from it: that is the caller's.

/// A defect of a table file, or of a single row of it.
package struct TableFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    package enum Reason: String, Hashable, Sendable {
        /// The file could not be opened or read.
        case unreadable
        /// The bytes are not of the encoding; or UTF-16, which is not read.
        case encoding
        /// A NUL byte: no text file has one.
        case nul
        /// A quoted field is still open where the file ends.
        case unterminatedQuote
        /// A quote inside a field that does not begin with one, or text after a closing quote.
        case strayQuote
        /// A carriage return that is not followed by a line feed.
        case strayReturn
        /// A field over the limit.
        case fieldTooLong
        /// More columns than the limit.
        case tooManyColumns
        /// Fewer or more fields than the header has columns.
        case fieldCount
        /// No line at all where a header is needed.
        case noHeader
        /// The header lacks a column that is needed.
        case missingColumn
        /// The header has a column that is needed twice.
        case doubleColumn
        /// A field that must not be empty is.
        case empty
        /// A number is not in the strict form, or too large.
        case number
        /// A date is not in a form that was allowed, or there is no such day.
        case date
        /// A text that is neither yes nor no.
        case boolean
        /// A text that is none of those that stand for something.
        case value
        /// More rows, columns, characters or bytes than the format written can hold.
        case tooLarge
    }

    /// What was wrong.
    package let reason: Reason
    /// The line of the file, from 1; 0 where it is about no line.
    package let line: Int
    /// The column's name or number, where it is about one.
    package let column: String?
    /// The particulars, in a few words.
    package let detail: String
    /// The same in Chinese, where whoever found it knew the words.
    package let chinese: String?
    /// What stands in the field, cut and quoted, where it is about one.
    package let value: String?

    /// A fault at a line.
    package init(
        _ reason: Reason,
        line: Int,
        column: String? = nil,
        _ detail: String,
        chinese: String? = nil,
        value: String? = nil
    ) {
        self.reason = reason
        self.line = line
        self.column = column
        self.detail = detail
        self.chinese = chinese
        self.value = value
    }

    /// True where only this row is lost, and reading can go on at the next.
    package var isOfOneRow: Bool {
        switch reason {
        case .strayQuote, .fieldTooLong, .tooManyColumns, .fieldCount, .empty, .number, .date,
            .boolean, .value:
            true
        case .unreadable, .encoding, .nul, .unterminatedQuote, .strayReturn, .noHeader,
            .missingColumn, .doubleColumn, .tooLarge:
            false
        }
    }

    /// For people: `line 12, column price: number: "1,2"`.
    package var description: String {
        var place = line > 0 ? "line \(line)" : ""
        if let column { place += (place.isEmpty ? "" : ", ") + "column \(column)" }
        let said = "\(reason.rawValue): \(detail)" + (value.map { ": \($0)" } ?? "")
        return place.isEmpty ? said : "\(place): \(said)"
    }

    /// A field's text as a fault shows it: cut, quoted, without control characters.
    package static func quoted(_ text: String) -> String {
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(40) {
            shown.unicodeScalars.append(TextWidth.isControl(scalar) ? "\u{FFFD}" : scalar)
        }
        return shown + (text.unicodeScalars.count > 40 ? "…\"" : "\"")
    }
}
