// Rounding half away from zero, against its definition in 256 bits; products; splits of tax.

import Kernel
import Testing

/// Whether `result` is `numerator / denominator` rounded half away from zero, by definition:
/// (2|r| − 1)·|d| ≤ 2|n| < (2|r| + 1)·|d|, and the sign is that of the quotient.
private func isHalfAwayFromZero(_ result: Int128, _ numerator: Int128, _ denominator: Int128)
    -> Bool
{
    let divisor = denominator.magnitude
    let size = result.magnitude
    if divisor == 1 { return size == numerator.magnitude && hasRightSign() }
    let twice = numerator.magnitude.multipliedFullWidth(by: 2)
    let upper = (size * 2 + 1).multipliedFullWidth(by: divisor)
    guard (twice.high, twice.low) < (upper.high, upper.low) else { return false }
    if size > 0 {
        let lower = (size * 2 - 1).multipliedFullWidth(by: divisor)
        guard (lower.high, lower.low) <= (twice.high, twice.low) else { return false }
    }
    return hasRightSign()

    func hasRightSign() -> Bool {
        result == 0 || (result < 0) == ((numerator < 0) != (denominator < 0))
    }
}

struct RoundingTests {
    @Test("A half goes away from zero, on both sides")
    func halves() throws {
        #expect(try Rounding.halfAwayFromZero(5, 2) == 3)
        #expect(try Rounding.halfAwayFromZero(-5, 2) == -3)
        #expect(try Rounding.halfAwayFromZero(5, -2) == -3)
        #expect(try Rounding.halfAwayFromZero(-5, -2) == 3)
        #expect(try Rounding.halfAwayFromZero(49, 100) == 0)
        #expect(try Rounding.halfAwayFromZero(50, 100) == 1)
        #expect(try Rounding.halfAwayFromZero(-50, 100) == -1)
    }

    @Test("Rounding agrees with its definition in 256 bits for any two numbers")
    func definition() {
        property(cases: 20_000) { random in
            let numerator = random.anyInt128()
            let denominator = random.anyInt128()
            guard denominator != 0, !(numerator == .min && denominator == -1) else { return }
            let result = try Rounding.halfAwayFromZero128(numerator, denominator)
            try hold(
                isHalfAwayFromZero(result, numerator, denominator),
                "\(numerator) / \(denominator) gave \(result)"
            )
        }
    }

    @Test("The 64-bit way rounds as the 128-bit way and refuses what does not fit")
    func narrow() {
        property(cases: 20_000) { random in
            let numerator =
                random.bool(chance: 500) ? Int128(random.anyInt64()) : random.anyInt128()
            let denominator = Int128(random.anyInt64())
            guard denominator != 0, !(numerator == .min && denominator == -1) else { return }
            let wide = try Rounding.halfAwayFromZero128(numerator, denominator)
            let small = try? Rounding.halfAwayFromZero(numerator, denominator)
            try hold(
                small == Int64(exactly: wide),
                "\(numerator) / \(denominator) gave \(String(describing: small)), not \(wide)"
            )
        }
    }

    @Test("Exact halves of every size go away from zero")
    func exactHalves() {
        property { random in
            let whole = Int128(random.anyInt64())
            let half = Int128(random.int(in: 1...1_000_000_000))
            let result = try Rounding.halfAwayFromZero128((2 * whole + 1) * half, 2 * half)
            try hold(
                result == (whole >= 0 ? whole + 1 : whole),
                "\(whole) and a half, in \(half), gave \(result)"
            )
        }
    }

    @Test("Division by zero and the one quotient that does not fit are faults, not crashes")
    func faults() {
        #expect(throws: NumberFault(.divisionByZero, "7 / 0")) {
            try Rounding.halfAwayFromZero(7, 0)
        }
        #expect(throws: NumberFault.self) { try Rounding.halfAwayFromZero128(.min, -1) }
        #expect(throws: NumberFault.self) { try Rounding.halfAwayFromZero(Int128(Int64.min), -1) }
        #expect(throws: NumberFault.self) { try Fen(checked: Int128(Int64.max) + 1) }
    }

    @Test("Amounts of prices, costs and rates are their products rounded once")
    func products() {
        property(cases: 10_000) { random in
            let a = random.anyInt64()
            let b = random.anyInt64()
            let product = Int128(a) * Int128(b)
            let laws: [(String, Int128, Fen?)] = [
                ("price", 100_000, try? UnitPrice(a).amount(of: Quantity(b))),
                ("cost", 10_000_000, try? UnitCost(a).amount(of: Quantity(b))),
                ("rate", 1_000_000, try? Rate(a).share(of: Fen(b))),
            ]
            for (name, divisor, amount) in laws {
                let exact = Int64(exactly: try Rounding.halfAwayFromZero128(product, divisor))
                try hold(
                    amount?.rawValue == exact,
                    "\(name) \(a) × \(b) gave \(String(describing: amount))"
                )
            }
        }
    }

    @Test("Prices and costs of goods, as people reckon them")
    func goods() throws {
        let price = try UnitPrice(yuan: "3.5")
        #expect(try price.amount(of: Quantity(text: "1.25")) == Fen(438))
        #expect(try price.amount(of: Quantity(text: "-1.25")) == Fen(-438))
        let cost = try UnitCost.average(Fen(yuan: "4683.00"), over: Quantity(text: "440"))
        #expect(cost.description == "10.643182")
        #expect(try cost.amount(of: Quantity(text: "300")) == Fen(yuan: "3192.95"))
        #expect(throws: NumberFault(.divisionByZero, "10000000 / 0")) {
            try UnitCost.average(Fen(1), over: .zero)
        }
        #expect(try UnitPrice.average(Fen(1_000), over: Quantity(3_000)).description == "3.3333")
        #expect(try Fen(1_234).rounded(toMultipleOf: Fen(10)) == Fen(1_230))
        #expect(try Fen(-1_235).rounded(toMultipleOf: Fen(10)) == Fen(-1_240))
        #expect(try Fen(1_239).truncated(toMultipleOf: Fen(10)) == Fen(1_230))
        #expect(try Fen(-1_239).truncated(toMultipleOf: Fen(10)) == Fen(-1_230))
    }

    @Test(
        "The tax inside a price agrees with published splits, and net and tax add up",
        arguments: [
            ("113.00", "13", "100.00", "13.00"), ("99.90", "13", "88.41", "11.49"),
            ("109.00", "9", "100.00", "9.00"), ("35.80", "9", "32.84", "2.96"),
            ("106.00", "6", "100.00", "6.00"), ("1010.00", "1", "1000.00", "10.00"),
            ("99.99", "1", "99.00", "0.99"), ("103.00", "3", "100.00", "3.00"),
            ("0.01", "13", "0.01", "0.00"), ("-113.00", "13", "-100.00", "-13.00"),
        ]
    )
    func tax(gross: String, percent: String, net: String, tax: String) throws {
        let amount = try Fen(yuan: gross)
        let part = try Rate(percent: percent).included(in: amount)
        #expect(part.description == tax)
        #expect((amount - part).description == net)
    }

    @Test("A rate of minus the whole has no tax inside, and says so")
    func emptyRate() {
        #expect(throws: NumberFault(.divisionByZero, "-100000000 / 0")) {
            try Rate(-1_000_000).included(in: Fen(100))
        }
    }
}
