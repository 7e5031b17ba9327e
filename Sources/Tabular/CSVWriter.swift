// Tabular: CSV out (RFC 4180).
// Must not let a text of the data become a formula in a spreadsheet.

/// Rows as CSV: UTF-8, lines ending in CRLF, quotes only where needed.
///
/// A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a leading
/// apostrophe, so that a spreadsheet shows it instead of computing it; numbers never do.
package struct CSVWriter: Sendable {
    /// What was written and not yet drained.
    package private(set) var bytes: [UInt8] = []
    private let delimiter: UInt8

    /// Begins a table; with a byte order mark for programs that take UTF-8 for the local encoding.
    package init(delimiter: UInt8 = UInt8(ascii: ","), hasMark: Bool = false) {
        self.delimiter = delimiter
        if hasMark { bytes = [0xEF, 0xBB, 0xBF] }
    }

    /// Writes a row of texts, such as the header.
    package mutating func row(texts: [String]) {
        row(texts.map { .text($0) })
    }

    /// Writes a row.
    package mutating func row(_ cells: [TableCell]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(delimiter) }
            if case .text(let text) = cell {
                field(Self.harmless(text))
            } else {
                field(cell.plainText)
            }
        }
        // A row of one empty field would be an empty line, which readers pass over.
        if cells.count == 1, bytes.last == nil || bytes.last == 10 || isAfterMark {
            bytes += [Self.quote, Self.quote]
        }
        bytes += [13, 10]
    }

    /// Takes what was written so far, to be put into a file piece by piece.
    package mutating func drain() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    private var isAfterMark: Bool { bytes.count == 3 && bytes == [0xEF, 0xBB, 0xBF] }

    private static let quote = UInt8(ascii: "\"")

    /// The text so that no spreadsheet takes it for a formula.
    static func harmless(_ text: String) -> String {
        switch text.utf8.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 9, 13:
            "'" + text
        default: text
        }
    }

    private mutating func field(_ text: String) {
        let isQuoted = text.utf8.contains { byte in
            byte == delimiter || byte == Self.quote || byte == 10 || byte == 13
        }
        guard isQuoted || text.utf8.first == 32 || text.utf8.last == 32 else {
            bytes += text.utf8
            return
        }
        bytes.append(Self.quote)
        for byte in text.utf8 {
            if byte == Self.quote { bytes.append(Self.quote) }
            bytes.append(byte)
        }
        bytes.append(Self.quote)
    }
}
