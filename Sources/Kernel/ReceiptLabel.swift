// Kernel: the number printed on a sales receipt (小票号). A label for people, never a key.

/// The label of a sales receipt: `S00101A-261123-00017-77`.
///
/// Shape: branch(4) till(2) series – yymmdd – sequence(5) – check(2). The check is ISO 7064
/// MOD 97-10 over all characters but the hyphens, A = 10 … Z = 35. A branch is a letter or digit
/// and three digits, a till two digits.
/// Why: in this shape the check finds every misread character and every swap of two neighbours;
/// letters further in would let some pass (B1 and 1B have the same value).
package struct ReceiptLabel: Hashable, Sendable, CustomStringConvertible {
    /// The branch's code: a capital letter or a digit, then three digits.
    package let branch: String
    /// The till's number: two digits.
    package let till: String
    /// The series, A … Z, AA …: a new one for each replica number of the till.
    package let series: String
    /// The business day, of the years 2000 … 2099.
    package let date: CivilDate
    /// The number in (till, series, business day), from 1 to 99 999.
    package let sequence: Int

    /// The label of its parts.
    ///
    /// Throws: `wrongCharacter` or `outOfRange` for a part that has no place on the label.
    package init(
        branch: String,
        till: String,
        series: String,
        date: CivilDate,
        sequence: Int
    ) throws(TextFault) {
        guard ReceiptLabel.isBranchCode(branch) else { throw TextFault(.wrongCharacter, branch) }
        guard ReceiptLabel.isTillCode(till) else { throw TextFault(.wrongCharacter, till) }
        guard ReceiptLabel.isSeries(series) else { throw TextFault(.wrongCharacter, series) }
        guard (2_000...2_099).contains(date.year) else {
            throw TextFault(.outOfRange, date.description)
        }
        guard (1...99_999).contains(sequence) else { throw TextFault(.outOfRange, "\(sequence)") }
        self.branch = branch
        self.till = till
        self.series = series
        self.date = date
        self.sequence = sequence
    }

    /// The label as it was read from paper, with all its hyphens or with none.
    ///
    /// Throws: `wrongLength`, `wrongCharacter` or `outOfRange` when the form is wrong,
    /// `checkFailed` when a character was misread.
    package init(parsing text: String) throws(TextFault) {
        let joined = try ReceiptLabel.withoutHyphens(text)
        // The parts after the series have 6 + 5 + 2 characters, those before it 4 + 2.
        guard joined.count > 19 else { throw TextFault(.wrongLength, text) }
        let tail = joined.count - 13
        guard let rest = ReceiptLabel.remainder(joined) else {
            throw TextFault(.wrongCharacter, text)
        }
        let span = joined.span
        guard let year = Digits.read(span, tail..<tail + 2),
            let month = Digits.read(span, tail + 2..<tail + 4),
            let day = Digits.read(span, tail + 4..<tail + 6),
            let sequence = Digits.read(span, tail + 6..<tail + 11),
            let check = Digits.read(span, tail + 11..<tail + 13)
        else { throw TextFault(.wrongCharacter, text) }
        // 00, 01 and 99 leave the same remainders as 97, 98 and 02: only the latter are written.
        guard rest == 1, (2...98).contains(check) else { throw TextFault(.checkFailed, text) }
        guard let date = CivilDate(year: 2_000 + year, month: month, day: day) else {
            throw TextFault(.outOfRange, text)
        }
        try self.init(
            branch: String(decoding: joined[..<4], as: UTF8.self),
            till: String(decoding: joined[4..<6], as: UTF8.self),
            series: String(decoding: joined[6..<tail], as: UTF8.self),
            date: date,
            sequence: sequence
        )
    }

    /// The label as it is printed.
    package var description: String {
        "\(branch)\(till)\(series)-\(dateText)-\(Digits.padded(sequence, 5))-\(check)"
    }

    /// The two check digits.
    package var check: String {
        let text = "\(branch)\(till)\(series)\(dateText)\(Digits.padded(sequence, 5))00"
        guard let rest = ReceiptLabel.remainder(Array(text.utf8)) else {
            preconditionFailure("a label holds letters and digits only")
        }
        return Digits.padded(98 - rest, 2)
    }

    private var dateText: String {
        let (year, month, day) = date.parts
        return Digits.padded(year % 100, 2) + Digits.padded(month, 2) + Digits.padded(day, 2)
    }
}

extension ReceiptLabel {
    /// Whether a branch's code has a place on the label: a capital letter or a digit, three digits.
    package static func isBranchCode(_ code: String) -> Bool {
        let utf8 = code.utf8.span
        guard utf8.count == 4, Digits.read(utf8, 1..<4) != nil else { return false }
        return isLetter(utf8[0]) || Digits.read(utf8, 0..<1) != nil
    }

    /// Whether a till's code has a place on the label: two digits.
    package static func isTillCode(_ code: String) -> Bool {
        let utf8 = code.utf8.span
        return utf8.count == 2 && Digits.read(utf8, 0..<2) != nil
    }

    /// Whether it is a series: one to four capital letters.
    package static func isSeries(_ series: String) -> Bool {
        (1...4).contains(series.utf8.count) && series.utf8.allSatisfy { isLetter($0) }
    }

    /// The series of a till's nth replica number, from 0: A … Z, then AA, AB and on.
    ///
    /// Throws: `outOfRange` beyond four letters.
    package static func series(_ index: Int) throws(TextFault) -> String {
        guard index >= 0, index < 26 + 676 + 17_576 + 456_976 else {
            throw TextFault(.outOfRange, "series \(index)")
        }
        var letters: [UInt8] = []
        var rest = index
        repeat {
            letters.append(UInt8(ascii: "A") + UInt8(truncatingIfNeeded: rest % 26))
            rest = rest / 26 - 1
        } while rest >= 0
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }

    /// The characters between the hyphens, which are all in their places or left out.
    private static func withoutHyphens(_ text: String) throws(TextFault) -> [UInt8] {
        guard text.utf8.count <= 26 else { throw TextFault(.wrongLength, text) }
        let groups = text.utf8.split(
            separator: UInt8(ascii: "-"),
            omittingEmptySubsequences: false
        )
        guard groups.count != 1 else { return Array(text.utf8) }
        guard groups.count == 4, groups[0].count >= 7, groups[1].count == 6,
            groups[2].count == 5, groups[3].count == 2
        else { throw TextFault(.wrongLength, text) }
        return groups.flatMap { Array($0) }
    }

    /// The number that the characters spell, modulo 97; nothing for other characters.
    private static func remainder(_ characters: [UInt8]) -> Int? {
        var rest = 0
        for byte in characters {
            if isLetter(byte) {
                rest = (rest * 100 + Int(byte - UInt8(ascii: "A")) + 10) % 97
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                rest = (rest * 10 + Int(byte - UInt8(ascii: "0"))) % 97
            } else {
                return nil
            }
        }
        return rest
    }
}
