// Tabular: tables for a terminal, aligned by the columns that characters take there.
// Must not let data steer the terminal: control characters are shown, never sent.

/// A table of aligned columns: the header, a rule, the rows, and totals below another rule.
package struct TextTable: Sendable {
    package let titles: [String]
    package var rows: [[TableCell]]
    package var totals: [TableCell]?

    /// True where texts in columns after the first stand at the right too: numbers of any length.
    private let textsAreRight: Bool

    /// Which columns stand at the right; nil where the cells decide.
    private let isRight: [Bool]?

    package init(
        titles: [String],
        rows: [[TableCell]] = [],
        totals: [TableCell]? = nil,
        textsAreRight: Bool = false,
        isRight: [Bool]? = nil
    ) {
        self.titles = titles
        self.rows = rows
        self.totals = totals
        self.textsAreRight = textsAreRight
        self.isRight = isRight
    }

    /// The lines, each ending in a line feed, without white space at their ends.
    package func rendered() -> String {
        let head = titles.map { TextWidth.printable($0) }
        let body = rows.map { row in row.map(\.shownText) }
        let foot = totals.map { row in row.map(\.shownText) }
        var widths = head.map { TextWidth.of($0) }
        for row in body + (foot.map { [$0] } ?? []) {
            for (index, text) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], TextWidth.of(text))
            }
        }
        let isRight = self.isRight ?? titles.indices.map { isNumeric($0) }
        let rule = Self.line(widths.map { String(repeating: "-", count: $0) }, widths, isRight)
        var text = Self.line(head, widths, isRight) + rule
        for row in body { text += Self.line(row, widths, isRight) }
        if let foot { text += rule + Self.line(foot, widths, isRight) }
        return text
    }

    /// True where the column holds numbers and nothing else.
    private func isNumeric(_ index: Int) -> Bool {
        if textsAreRight, index > 0 { return true }
        var hasNumber = false
        for row in rows + (totals.map { [$0] } ?? []) where index < row.count {
            if row[index] == .empty { continue }
            if !row[index].isNumber { return false }
            hasNumber = true
        }
        return hasNumber
    }

    private static func line(_ texts: [String], _ widths: [Int], _ isRight: [Bool]) -> String {
        var line = ""
        for (index, text) in texts.enumerated() where index < widths.count {
            let room = String(repeating: " ", count: max(widths[index] - TextWidth.of(text), 0))
            if index > 0 { line += "  " }
            line += isRight[index] ? room + text : text + room
        }
        while line.utf8.last == 32 { line.removeLast() }
        return line + "\n"
    }
}
