// The strict parser: what it takes, what it refuses, and that writing is its inverse.

import Kernel
import Testing

/// The strict form, told once more in the plainest way.
private func isStrict(_ text: String) -> Bool {
    var rest = Substring(text)
    if rest.hasPrefix("-") { rest = rest.dropFirst() }
    let halves = rest.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(halves.count)
        && halves.allSatisfy { half in
            !half.isEmpty && half.unicodeScalars.allSatisfy { $0.value >= 48 && $0.value <= 57 }
        }
}

private func reason(_ text: String, scale: Int = 2, grouping: Bool = false, rounding: Bool = false)
    -> NumberFault.Reason?
{
    do throws(NumberFault) {
        _ = try DecimalText.parse(
            text,
            scale: scale,
            allowGrouping: grouping,
            rounding: rounding
        )
        return nil
    } catch {
        return error.reason
    }
}

struct DecimalTextTests {
    @Test(
        "What is not strictly a number is refused, never read in part",
        arguments: [
            "12abc", "1,234.5", "", "+1", "１２", "-", ".", ".5", "5.", "-.5", "1.", "1..2", "1.2.3",
            "--1", "1-", " 1", "1 ", "1\n", "\u{FEFF}1", "1e3", "0x10", "1_000", "∞", "NaN", "壹",
            "1,2", "1.2,3", "¥1", "1%", "\0", "1\0", "٣", "−1",
        ]
    )
    func refused(text: String) {
        #expect(reason(text) == .notANumber)
        #expect(reason(text, rounding: true) == .notANumber)
        #expect(throws: NumberFault.self) { try Fen(yuan: text) }
        #expect(throws: NumberFault.self) { try Quantity(text: text) }
        #expect(throws: NumberFault.self) { try ExactDecimal(text: text) }
    }

    @Test("Groups are read only when asked for, and only in threes")
    func grouping() throws {
        #expect(try DecimalText.parse("1,234.5", scale: 2, allowGrouping: true) == 123_450)
        #expect(try DecimalText.parse("-1,234,567", scale: 0, allowGrouping: true) == -1_234_567)
        #expect(try DecimalText.parse("1234.5", scale: 2, allowGrouping: true) == 123_450)
        #expect(try DecimalText.parse("12", scale: 0, allowGrouping: true) == 12)
        for text in [
            "1,23", "1234,567", ",123", "1,,234", "1,234,", "1,2345", "12,34,567", "-,123", "1,",
            "1,234.5,6", "1,234.567,8", ",",
        ] {
            #expect(reason(text, grouping: true) == .notANumber, "\(text)")
        }
    }

    @Test("Further decimals are refused, or rounded half away from zero when asked")
    func decimals() throws {
        #expect(reason("1.234") == .tooManyDigits)
        #expect(reason("1.230") == .tooManyDigits)
        #expect(reason("1.23x") == .notANumber)
        #expect(reason("1.234x") == .notANumber)
        #expect(try DecimalText.parse("1.234", scale: 2, rounding: true) == 123)
        #expect(try DecimalText.parse("1.2349999", scale: 2, rounding: true) == 123)
        #expect(try DecimalText.parse("1.235", scale: 2, rounding: true) == 124)
        #expect(try DecimalText.parse("-1.235", scale: 2, rounding: true) == -124)
        #expect(try DecimalText.parse("0.999", scale: 2, rounding: true) == 100)
        #expect(try DecimalText.parse("0.5", scale: 0, rounding: true) == 1)
    }

    @Test("The least and the greatest number are read, and their neighbours refused")
    func ends() throws {
        #expect(try DecimalText.parse("-9223372036854775808", scale: 0) == .min)
        #expect(try DecimalText.parse("9223372036854775807", scale: 0) == .max)
        #expect(reason("9223372036854775808", scale: 0) == .overflow)
        #expect(reason("-9223372036854775809", scale: 0) == .overflow)
        #expect(reason("92233720368547758.08") == .overflow)
        #expect(reason("92233720368547758.075", rounding: true) == .overflow)
        #expect(reason("99999999999999999999999999", scale: 0) == .overflow)
        #expect(reason("99999999999999999999999999x", scale: 0) == .notANumber)
        #expect(reason("99999999999999999999999999.5x", scale: 2) == .notANumber)
        #expect(reason("1", scale: 18) == nil)
        #expect(reason("10", scale: 18) == .overflow)
        #expect(try DecimalText.parse("000000000000000000000000012", scale: 0) == 12)
        #expect(try DecimalText.parse("-0.00", scale: 2) == 0)
    }

    @Test("What is written is read back as the same number, grouped or not")
    func roundTrip() {
        property(cases: 10_000) { random in
            let value = random.anyInt64()
            let scale = random.int(in: 0...18)
            let fraction = random.int(in: 0...scale)
            let text = DecimalText.format(value, scale: scale, fraction: fraction)
            try hold(isStrict(text), text)
            try hold(try DecimalText.parse(text, scale: scale) == value, "\(value) as \(text)")
            let long = "x" + text
            let part = long.dropFirst()
            try hold(try DecimalText.parse(part, scale: scale) == value, "part \(part)")
            let grouped = DecimalText.format(
                value,
                scale: scale,
                fraction: fraction,
                isGrouped: true
            )
            try hold(
                try DecimalText.parse(grouped, scale: scale, allowGrouping: true) == value,
                "\(value) as \(grouped)"
            )
        }
    }

    @Test("The longest texts have room: every prefix, group and decimal")
    func room() throws {
        property(cases: 5_000) { random in
            let value =
                random.bool(chance: 500)
                ? random.anyInt64() : Int64(random.int(in: -999_999_999...999_999_999))
            let scale = random.int(in: 0...18)
            let fraction = random.int(in: 0...scale)
            let plain = DecimalText.format(
                value,
                scale: scale,
                fraction: fraction,
                isGrouped: true
            )
            let marked = DecimalText.format(
                value,
                scale: scale,
                fraction: fraction,
                isGrouped: true,
                prefix: "¥"
            )
            let expected = plain.hasPrefix("-") ? "-¥" + plain.dropFirst() : "¥" + plain
            try hold(marked == expected, "\(marked), not \(expected)")
        }
        #expect(Fen(-999_999_999).formatted() == "-¥9,999,999.99")
        let least = DecimalText.format(
            .min,
            scale: 0,
            fraction: 0,
            isGrouped: true,
            prefix: "CN¥"
        )
        #expect(least == "-CN¥9,223,372,036,854,775,808")
    }

    @Test("Of texts made from the signs of numbers, exactly the strict ones are read")
    func strictness() {
        let signs = Array("0123456789.-,+ e１")
        property(cases: 20_000) { random in
            let text = String((0..<random.int(in: 0...7)).map { _ in random.pick(signs) })
            let refusal = reason(text, rounding: true)
            try hold(
                (refusal == nil) == isStrict(text),
                "'\(text)': \(String(describing: refusal))"
            )
        }
    }

    @Test("Rounding while reading is rounding of the exact fraction")
    func roundingReader() {
        property { random in
            let digits = random.int(in: -999_999_999...999_999_999)
            let decimals = random.int(in: 0...9)
            let scale = random.int(in: 0...4)
            let text = DecimalText.format(Int64(digits), scale: decimals, fraction: decimals)
            let exact = try ExactDecimal(text: text)
            let read = try DecimalText.parse(text, scale: scale, rounding: true)
            try hold(try exact.rounded(scale: scale) == read, "\(text) to \(scale) gave \(read)")
        }
    }

    @Test("Each unit is written in its own shortest form and read back")
    func units() throws {
        #expect(Quantity(1_500).description == "1.5")
        #expect(Quantity(-1).description == "-0.001")
        #expect(Quantity(1_234_000).formatted() == "1,234")
        #expect(UnitPrice(123_000).description == "12.30")
        #expect(UnitPrice(125).description == "0.0125")
        #expect(UnitCost(10_643_182).description == "10.643182")
        #expect(Rate(130_000).description == "13%")
        #expect(Rate(5_000).description == "0.5%")
        #expect(try Rate(text: "13%") == Rate(130_000))
        #expect(try Rate(percent: "0.0001") == Rate(1))
        #expect(try Rate(percent: 13) == Rate(130_000))
        #expect(throws: NumberFault(.notANumber, "0.13")) { try Rate(text: "0.13") }
        for text in ["%", "", "13%%", "13 %", "%13"] {
            #expect(throws: NumberFault.self, "\(text)") { try Rate(percent: text) }
        }
        #expect(try Rate(Fen(1), of: Fen(3)).description == "33.3333%")
    }

    @Test("A fault keeps a short excerpt of what was refused")
    func excerpt() {
        let text = String(repeating: "长", count: 5_000)
        #expect(throws: NumberFault(.notANumber, String(repeating: "长", count: 64))) {
            try Fen(yuan: text)
        }
    }
}
