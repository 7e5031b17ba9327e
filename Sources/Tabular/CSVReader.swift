// Tabular: CSV in (RFC 4180), row by row in constant memory.
// Must not know what the columns mean, and never mends a file: a defect is thrown with its line.

package import Kernel

/// The rows of a CSV file, one at a time.
///
/// Shape: fields are separated by one delimiter and may be quoted; a quote inside a quoted field is
/// doubled; lines end with LF or CRLF; empty lines are passed over.
/// Cost: constant memory; the current row's text is kept in one buffer that is used again.
package final class CSVReader {
    /// How a file is to be read.
    package struct Options: Sendable {
        package var encoding: TextEncoding = .detect
        /// One of `,` `;` tab `|`; nil finds it in the first lines.
        package var delimiter: UInt8?
        package var fieldBytesMax = 64 * 1_024
        package var columnsMax = 1_024
        /// Reads what some payment platforms write: spaces and tabs after the quote that closes a
        /// field are passed over, quotes inside a field that is not quoted stand for themselves.
        package var allowsLooseQuotes: Bool
        /// Reads numbers with commas between thousands: `1,234.50`.
        package var allowsThousands: Bool

        package init(
            encoding: TextEncoding = .detect,
            delimiter: UInt8? = nil,
            allowsLooseQuotes: Bool = false,
            allowsThousands: Bool = false
        ) {
            self.encoding = encoding
            self.delimiter = delimiter
            self.allowsLooseQuotes = allowsLooseQuotes
            self.allowsThousands = allowsThousands
        }
    }

    /// The encoding asked for or found.
    package var encoding: TextEncoding { decoder.encoding }
    /// True where numbers may have commas between thousands.
    package var allowsThousands: Bool { options.allowsThousands }
    /// The delimiter asked for or found.
    package let delimiter: UInt8
    /// The line on which the current row began.
    package private(set) var line = 0
    /// How many rows were read, the current one included.
    package private(set) var rowCount = 0
    /// How many fields the current row has.
    package var fieldCount: Int { ends.count }

    private let decoder: TextDecoder
    private let options: Options
    private var chunk: [UInt8] = []
    private var at = 0
    private var isAtEnd = false
    private var lineHere = 1
    /// The fields of the current row, unquoted, one after the other, and where each ends.
    private var content: [UInt8] = []
    private var ends: [Int] = []
    private var quoteLine = 0
    private var hasQuotes = false
    private var defect: TableFault?

    /// Opens a file.
    ///
    /// Throws: `unreadable`; `encoding` where it is certain from the first bytes.
    package init(_ source: ByteSource, _ options: Options = Options()) throws(TableFault) {
        self.options = options
        decoder = try TextDecoder(source, options.encoding)
        delimiter = options.delimiter ?? Self.findDelimiter(decoder.start)
    }

    /// Goes back to the first row.
    package func rewind() throws(TableFault) {
        try decoder.rewind()
        chunk = []
        at = 0
        isAtEnd = false
        lineHere = 1
        line = 0
        rowCount = 0
        content.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        defect = nil
    }

    /// Reads the next row; false at the end of the file.
    ///
    /// Throws: the defect; where `isOfOneRow` holds, reading can go on.
    package func next() throws(TableFault) -> Bool {
        while true {
            content.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            line = lineHere
            guard try readRow() else { return false }
            if defect == nil, ends.count == 1, content.isEmpty, !hasQuotes { continue }
            rowCount += 1
            if let defect {
                self.defect = nil
                throw defect
            }
            return true
        }
    }

    // MARK: - One row

    private enum Place { case start, plain, quoted, closed }

    /// Reads up to the end of the row; false where nothing was left.
    ///
    /// A row that is defect is read to its end with nothing kept.
    private func readRow() throws(TableFault) -> Bool {
        var place = Place.start
        var isBegun = false
        hasQuotes = false
        while true {
            guard try hasByte() else {
                if place == .quoted {
                    throw TableFault(
                        .unterminatedQuote,
                        line: quoteLine,
                        "the quote that opens here is never closed"
                    )
                }
                if isBegun { endField() }
                return isBegun
            }
            isBegun = true
            if place != .closed, takeRun(isQuoted: place == .quoted), place == .start {
                place = .plain
            }
            guard at < chunk.count else { continue }
            at += 1
            if try step(chunk[at - 1], &place) { return true }
        }
    }

    /// Takes a byte that means something at its place; true where it ended the row.
    private func step(_ byte: UInt8, _ place: inout Place) throws(TableFault) -> Bool {
        switch (byte, place) {
        case (0, _):
            throw TableFault(.nul, line: lineHere, "a NUL byte: this is no text file")
        case (Self.quote, .start):
            place = .quoted
            hasQuotes = true
            quoteLine = lineHere
        case (Self.quote, .quoted):
            place = .closed
        case (Self.quote, .closed):
            keep(Self.quote)
            place = .quoted
        case (Self.quote, .plain) where options.allowsLooseQuotes:
            keep(Self.quote)
        case (Self.quote, .plain):
            note(.strayQuote, "a quote inside a field that is not quoted")
        case (Self.lineFeed, .quoted):
            lineHere += 1
            keep(byte)
        case (delimiter, .quoted), (Self.carriageReturn, .quoted):
            keep(byte)
        case (delimiter, _):
            endField()
            place = .start
        case (Self.lineFeed, _):
            lineHere += 1
            endField()
            return true
        case (Self.carriageReturn, _):
            try expectLineFeed()
            endField()
            return true
        default:
            let isPadding = options.allowsLooseQuotes && (byte == 32 || byte == 9)
            if !isPadding {
                note(.strayQuote, "text after the quote that closes a field")
                place = .plain
            }
        }
        return false
    }

    /// Copies the bytes up to the next that means something; true where there were any.
    private func takeRun(isQuoted: Bool) -> Bool {
        let start = at
        let delimiter = delimiter
        let end: Int = chunk.withUnsafeBufferPointer { bytes in
            var at = start
            while at < bytes.count {
                let byte = bytes[at]
                if byte == Self.quote || byte == 0 || byte == Self.lineFeed
                    || byte == delimiter && !isQuoted || byte == Self.carriageReturn && !isQuoted
                {
                    break
                }
                at += 1
            }
            return at
        }
        at = end
        if defect == nil, end > start {
            content += chunk[start..<end]
            checkLength()
        }
        return end > start
    }

    private func keep(_ byte: UInt8) {
        guard defect == nil else { return }
        content.append(byte)
        checkLength()
    }

    private func checkLength() {
        if content.count - (ends.last ?? 0) > options.fieldBytesMax {
            note(.fieldTooLong, "a field of more than \(options.fieldBytesMax) bytes")
        }
    }

    private func endField() {
        guard defect == nil else { return }
        ends.append(content.count)
        if ends.count > options.columnsMax {
            note(.tooManyColumns, "more than \(options.columnsMax) columns")
        }
    }

    private func note(_ reason: TableFault.Reason, _ detail: String) {
        guard defect == nil else { return }
        defect = TableFault(reason, line: lineHere, column: "\(ends.count + 1)", detail)
        content.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    private func expectLineFeed() throws(TableFault) {
        guard try hasByte(), chunk[at] == Self.lineFeed else {
            throw TableFault(
                .strayReturn,
                line: lineHere,
                "a carriage return that no line feed follows"
            )
        }
        at += 1
        lineHere += 1
    }

    /// True where there is a byte to read; fetches the next chunk where needed.
    private func hasByte() throws(TableFault) -> Bool {
        if at < chunk.count { return true }
        if isAtEnd { return false }
        do throws(TableFault) {
            chunk = try decoder.next()
        } catch {
            throw TableFault(error.reason, line: lineHere, column: error.column, error.detail)
        }
        at = 0
        isAtEnd = chunk.isEmpty
        return !isAtEnd
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed: UInt8 = 10
    private static let carriageReturn: UInt8 = 13
}

extension CSVReader {
    /// A delimiter by its sign or name, nil for one that is not read.
    package static func delimiter(named name: String) -> UInt8? {
        switch name.lowercased() {
        case ",", "comma": UInt8(ascii: ",")
        case ";", "semicolon": UInt8(ascii: ";")
        case "\t", "\\t", "tab": 9
        case "|", "pipe": UInt8(ascii: "|")
        default: nil
        }
    }

    /// The candidate that splits the first lines most evenly: the one that the most lines hold as
    /// often as the first line does, then the one held most often, then the first of `, ; tab |`.
    static func findDelimiter(_ start: [UInt8]) -> UInt8 {
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 9, UInt8(ascii: "|")]
        var best = (delimiter: candidates[0], lines: 0, count: 0)
        let lines = firstLines(start, counting: candidates)
        for (index, candidate) in candidates.enumerated() {
            guard let count = lines.first?[index], count > 0 else { continue }
            let alike = lines.filter { $0[index] == count }.count
            if (alike, count) > (best.lines, best.count) {
                best = (candidate, alike, count)
            }
        }
        return best.delimiter
    }

    /// How often each candidate stands outside quotes in each of the first twenty lines.
    private static func firstLines(_ start: [UInt8], counting candidates: [UInt8]) -> [[Int]] {
        var lines: [[Int]] = []
        var counts = [Int](repeating: 0, count: candidates.count)
        var isQuoted = false
        var isEmpty = true
        for byte in start {
            if byte == quote { isQuoted.toggle() }
            if byte == lineFeed, !isQuoted {
                if !isEmpty { lines.append(counts) }
                if lines.count == 20 { return lines }
                counts = [Int](repeating: 0, count: candidates.count)
                isEmpty = true
                continue
            }
            if byte != carriageReturn { isEmpty = false }
            if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
        }
        if !isEmpty, lines.isEmpty || start.count < TextDecoder.chunkBytes { lines.append(counts) }
        return lines
    }
}

// MARK: - The fields of the current row

extension CSVReader {
    private func range(_ index: Int) -> Range<Int> {
        precondition(index >= 0 && index < ends.count, "a field that the row has")
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// A field's text as it stands.
    package func text(_ index: Int) -> String {
        let range = range(index)
        return content.withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) }
    }

    /// All fields of the row.
    package var texts: [String] { (0..<ends.count).map { text($0) } }

    /// True where the field holds nothing.
    package func isEmpty(_ index: Int) -> Bool { range(index).isEmpty }

    /// A field's number in units of 10⁻ˢᶜᵃˡᵉ, as `DecimalText` reads it, without copying.
    ///
    /// Zeros at the end beyond `scale` decimals, as in `2.0000`, are no further digits; a sign of
    /// the yuan before an amount, `¥3.50`, says nothing else.
    package func decimal(
        _ index: Int,
        scale: Int,
        isMoney: Bool = false,
        allowGrouping: Bool = false,
        rounding: Bool = false
    ) throws(NumberFault) -> Int64 {
        let field = isMoney ? withoutYuan(range(index)) : range(index)
        let range = withoutZeros(field, scale: scale)
        let content = content
        let whole = content.span
        return try DecimalText.parse(
            utf8: whole.extracting(range),
            scale: scale,
            allowGrouping: allowGrouping,
            rounding: rounding
        )
    }

    /// A range without the sign of the yuan, narrow or wide, at its beginning.
    private func withoutYuan(_ range: Range<Int>) -> Range<Int> {
        for sign in ["¥", "￥"] {
            let bytes = sign.utf8
            if content[range].starts(with: bytes) {
                return range.lowerBound + bytes.count..<range.upperBound
            }
        }
        return range
    }

    private func withoutZeros(_ range: Range<Int>, scale: Int) -> Range<Int> {
        guard range.count > scale + 2, content[range.upperBound - 1] == UInt8(ascii: "0"),
            let point = range.first(where: { content[$0] == UInt8(ascii: ".") }),
            point > range.lowerBound
        else { return range }
        var end = range.upperBound
        while end > point + 1 + scale, content[end - 1] == UInt8(ascii: "0") { end -= 1 }
        return range.lowerBound..<(end == point + 1 ? point : end)
    }

    /// A field's date in one of the forms allowed, without copying.
    package func date(_ index: Int, _ forms: DateForms) throws(DateFault) -> CivilDate {
        let content = content
        let whole = content.span
        return try forms.parse(whole.extracting(range(index)))
    }

    /// Appends the row's fields, each followed by a NUL, which no field holds.
    ///
    /// Equal bytes are equal rows, whatever quotes and delimiters they were written with.
    package func appendRow(to bytes: inout [UInt8]) {
        for index in 0..<ends.count {
            bytes += content[range(index)]
            bytes.append(0)
        }
    }
}
