// Limits, sums and the exact fractions from outside.

import Kernel
import Testing

struct FixedPointTests {
    @Test("The limit of a record holds on both sides, to the last unit")
    func limits() {
        #expect(Fen(10_000_000_000_000).isWithinLimit)
        #expect(Fen(-10_000_000_000_000).isWithinLimit)
        #expect(!Fen(10_000_000_000_001).isWithinLimit)
        #expect(!Fen(-10_000_000_000_001).isWithinLimit)
        #expect(!Fen(.min).isWithinLimit)
        #expect(Quantity(1_000_000_000_000).isWithinLimit)
        #expect(!Quantity(1_000_000_000_001).isWithinLimit)
        #expect(!UnitPrice(.min).isWithinLimit)
        #expect(!UnitCost(.max).isWithinLimit)
        #expect(!Rate(1_000_000_001).isWithinLimit)
    }

    @Test("A sum of amounts that leaves 64 bits on its way comes back right, or is a fault")
    func sums() throws {
        #expect(try Fen.sum([Fen(.max), Fen(.max), Fen(.min), Fen(.min)]) == Fen(-2))
        #expect(throws: NumberFault.self) { try Fen.sum([Fen(.max), Fen(1)]) }
        #expect(try Quantity.sum([Quantity(1), Quantity(-3)]) == Quantity(-2))
        #expect([Fen(1), Fen(2)].reduce(.zero, +) == Fen(3))
    }

    @Test("Adding and taking away are each other's inverse")
    func inverse() {
        property { random in
            let a = Fen(random.anyInt64() >> 1)
            let b = Fen(random.anyInt64() >> 1)
            try hold(a + b - b == a && a - b == -(b - a), "\(a) and \(b)")
            try hold((a < b) == (a.rawValue < b.rawValue), "order of \(a) and \(b)")
            try hold(!a.magnitude.isNegative, "magnitude of \(a)")
        }
    }

    @Test("A sum beyond 64 bits stops the program instead of wrapping around")
    func trap() async {
        await #expect(processExitsWith: .failure) {
            _ = Fen(.max) + Fen(1)
        }
        await #expect(processExitsWith: .failure) {
            _ = -Fen(.min)
        }
    }

    @Test("A fraction from outside keeps its digits, zeros too")
    func exactDecimal() throws {
        let fraction = try ExactDecimal(text: "12.300")
        #expect(fraction.exponent == -3)
        #expect(fraction.mantissa == 12_300)
        #expect(fraction.description == "12.300")
        #expect(try fraction.rounded(scale: 2) == 1_230)
        #expect(try ExactDecimal(text: "-0.0769230769230769").rounded(scale: 6) == -76_923)
        #expect(try ExactDecimal(exponent: 3, mantissa: -12).description == "-12000")
        #expect(try ExactDecimal(exponent: 3, mantissa: -12).rounded(scale: 2) == -1_200_000)
        #expect(try ExactDecimal(exponent: -18, mantissa: .min).rounded(scale: 0) == -9)
        #expect(try ExactDecimal(exponent: 18, mantissa: 0).rounded(scale: 18) == 0)
        #expect(throws: NumberFault.self) {
            try ExactDecimal(exponent: 18, mantissa: .max).rounded(scale: 2)
        }
        #expect(throws: NumberFault.self) { try ExactDecimal(exponent: 19, mantissa: 1) }
        #expect(throws: NumberFault.self) { try ExactDecimal(exponent: .min, mantissa: 1) }
        #expect(throws: NumberFault(.tooManyDigits, "0.1234567890123456789")) {
            try ExactDecimal(text: "0.1234567890123456789")
        }
        #expect(throws: NumberFault(.notANumber, "x.1234567890123456789")) {
            try ExactDecimal(text: "x.1234567890123456789")
        }
    }
}
