// Tabular: the forms in which tables write dates.
// What is ambiguous is read only when asked for.

package import Kernel

/// A set of forms in which a date may be written.
package struct DateForms: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Written `2026-11-23` or `2026-1-5`.
    package static let iso = DateForms(rawValue: 1)
    /// Written `2026/11/23` or `2026/1/5`.
    package static let slashes = DateForms(rawValue: 2)
    /// Written `20261123`.
    package static let compact = DateForms(rawValue: 4)
    /// Written `2026年11月23日` or `2026年1月5日`.
    package static let chinese = DateForms(rawValue: 8)
    /// A date of `iso` or `slashes` with a time that must exist and is left out.
    ///
    /// Shape: `1997-01-05 00:00:00.0`, `2026/11/23 14:05`.
    package static let timestamp = DateForms(rawValue: 16)
    /// Written `23.11.2026`, only when asked for.
    package static let dayFirst = DateForms(rawValue: 32)
    /// Written `11/23/2026`, only when asked for.
    package static let monthFirst = DateForms(rawValue: 64)

    /// The forms that cannot be taken for one another.
    package static let usual: DateForms = [.iso, .slashes, .compact, .chinese, .timestamp]

    /// The forms by the name or pattern people give, nil for one that is not read.
    package init?(name: String) {
        switch name {
        case "usual", "auto": self = .usual
        case "iso", "yyyy-MM-dd": self = .iso
        case "slash", "yyyy/MM/dd", "yyyy/M/d": self = .slashes
        case "compact", "yyyyMMdd": self = .compact
        case "chinese", "yyyy年MM月dd日", "yyyy年M月d日": self = .chinese
        case "timestamp", "yyyy-MM-dd HH:mm:ss": self = [.timestamp]
        case "dd.MM.yyyy", "d.M.yyyy": self = .dayFirst
        case "MM/dd/yyyy", "M/d/yyyy": self = .monthFirst
        default: return nil
        }
    }

    /// The names that `init(name:)` knows, for a usage text.
    package static let names = [
        "usual", "yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "yyyy年MM月dd日", "yyyy-MM-dd HH:mm:ss",
        "dd.MM.yyyy", "MM/dd/yyyy",
    ]

    /// The date that a text is in one of these forms.
    ///
    /// Throws: `notADate`, `noSuchDay`.
    package func parse(_ text: String) throws(DateFault) -> CivilDate {
        try parse(text.utf8.span)
    }

    /// The date that bytes are in one of these forms.
    package func parse(_ utf8: Span<UInt8>) throws(DateFault) -> CivilDate {
        guard let found = DateReading.read(utf8), contains(found.form) else {
            throw DateFault(.notADate, DateReading.excerpt(utf8))
        }
        guard let date = CivilDate(year: found.year, month: found.month, day: found.day) else {
            throw DateFault(.noSuchDay, DateReading.excerpt(utf8))
        }
        return date
    }
}

/// Telling in which form a date is written: each text is in one at most.
enum DateReading {
    typealias Found = (form: DateForms, year: Int, month: Int, day: Int)

    /// The form and the numbers, nil where it is in no form.
    static func read(_ utf8: Span<UInt8>) -> Found? {
        var at = 0
        guard let first = number(utf8, &at, digits: 1...8) else { return nil }
        if at == 8, utf8.count == 8 {
            return (.compact, first / 10_000, first / 100 % 100, first % 100)
        }
        let isYear = at == 4
        guard isYear || at <= 2, at < utf8.count else { return nil }
        if utf8[at] > 0x7F { return isYear ? chinese(utf8, at, year: first) : nil }
        let sign = utf8[at]
        at += 1
        let digits = 1...2
        guard let second = number(utf8, &at, digits: digits), take(utf8, &at, sign) else {
            return nil
        }
        let third = number(utf8, &at, digits: isYear ? digits : 4...4)
        guard let third else { return nil }
        switch (sign, isYear) {
        case (UInt8(ascii: "-"), true), (UInt8(ascii: "/"), true):
            let isDay = at == utf8.count
            guard isDay || isTime(utf8, at) else { return nil }
            let form: DateForms = sign == UInt8(ascii: "-") ? .iso : .slashes
            return (isDay ? form : .timestamp, first, second, third)
        case (UInt8(ascii: "."), false) where at == utf8.count:
            return (.dayFirst, third, second, first)
        case (UInt8(ascii: "/"), false) where at == utf8.count:
            return (.monthFirst, third, first, second)
        default:
            return nil
        }
    }

    private static func chinese(_ utf8: Span<UInt8>, _ start: Int, year: Int) -> Found? {
        var at = start
        guard takeText(utf8, &at, "年"), let month = number(utf8, &at, digits: 1...2),
            takeText(utf8, &at, "月"), let day = number(utf8, &at, digits: 1...2),
            takeText(utf8, &at, "日"), at == utf8.count
        else { return nil }
        return (.chinese, year, month, day)
    }

    /// True where the rest is a space or T and a time that exists: `14:05`, `14:05:00.0`.
    private static func isTime(_ utf8: Span<UInt8>, _ start: Int) -> Bool {
        var at = start
        guard take(utf8, &at, UInt8(ascii: " ")) || take(utf8, &at, UInt8(ascii: "T")),
            let hour = number(utf8, &at, digits: 1...2), hour < 24,
            take(utf8, &at, UInt8(ascii: ":")),
            let minute = number(utf8, &at, digits: 2...2), minute < 60
        else { return false }
        if at == utf8.count { return true }
        guard take(utf8, &at, UInt8(ascii: ":")),
            let second = number(utf8, &at, digits: 2...2), second < 60
        else { return false }
        if at == utf8.count { return true }
        return take(utf8, &at, UInt8(ascii: ".")) && number(utf8, &at, digits: 1...9) != nil
            && at == utf8.count
    }

    /// The number of the digits that follow, all of them; nil where they are too few or too many.
    private static func number(
        _ utf8: Span<UInt8>,
        _ at: inout Int,
        digits: ClosedRange<Int>
    ) -> Int? {
        var value = 0
        var count = 0
        while at < utf8.count, count <= digits.upperBound {
            let digit = utf8[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value * 10 + Int(digit)
            count += 1
            at += 1
        }
        return digits.contains(count) ? value : nil
    }

    private static func take(_ utf8: Span<UInt8>, _ at: inout Int, _ byte: UInt8) -> Bool {
        guard at < utf8.count, utf8[at] == byte else { return false }
        at += 1
        return true
    }

    private static func takeText(_ utf8: Span<UInt8>, _ at: inout Int, _ text: String) -> Bool {
        for byte in text.utf8 where !take(utf8, &at, byte) { return false }
        return true
    }

    /// The first bytes of what was refused.
    static func excerpt(_ utf8: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in 0..<min(utf8.count, 64) { bytes.append(utf8[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
