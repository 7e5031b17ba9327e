// Sharing out: the parts add up, and nobody gets a fen more than the largest remainders say.

import Kernel
import Testing

private func drawWeights(_ random: inout SeededRandom) -> [Int64] {
    let isWild = random.bool(chance: 300)
    return (0..<random.int(in: 1...12)).map { _ in
        isWild ? random.anyInt64() & .max : Int64(random.int(in: 0...9))
    }
}

struct SplitTests {
    @Test("The parts add up to the total, whatever the weights")
    func sums() {
        property(cases: 10_000) { random in
            let weights = drawWeights(&random)
            let total = random.anyInt64()
            guard weights.contains(where: { $0 > 0 }) else { return }
            let parts = try split(Fen(total), by: weights)
            let sum = parts.reduce(into: Int128(0)) { $0 += Int128($1.rawValue) }
            try hold(sum == Int128(total), "\(total) by \(weights) gave \(parts)")
            try hold(parts.count == weights.count, "\(weights.count) weights, \(parts.count) parts")
        }
    }

    @Test("Each part is the exact share rounded down or up, and the largest remainders go up")
    func fairness() {
        property(cases: 10_000) { random in
            let weights = drawWeights(&random)
            let total = random.anyInt64()
            let whole = weights.reduce(into: UInt128(0)) { $0 += UInt128($1) }
            guard whole > 0 else { return }
            let parts = try split(Fen(total), by: weights)
            var rests: [UInt128] = []
            var isUp: [Bool] = []
            for (part, weight) in zip(parts, weights) {
                let product = UInt128(total.magnitude) * UInt128(weight)
                let floor = product / whole
                let size = UInt128(part.rawValue.magnitude)
                try hold(size == floor || size == floor + 1, "\(total) by \(weights): \(parts)")
                try hold(
                    size == 0 || part.isNegative == (total < 0),
                    "a sign turned: \(total) by \(weights): \(parts)"
                )
                rests.append(product % whole)
                isUp.append(size == floor + 1)
            }
            for up in weights.indices where isUp[up] {
                for down in weights.indices where !isUp[down] {
                    try hold(
                        rests[up] > rests[down] || (rests[up] == rests[down] && up < down),
                        "\(total) by \(weights): \(up) was served before \(down): \(parts)"
                    )
                }
            }
        }
    }

    @Test("A negative total mirrors the positive one")
    func mirror() {
        property { random in
            let weights = drawWeights(&random)
            let total = random.anyInt64() & .max
            guard weights.contains(where: { $0 > 0 }) else { return }
            let parts = try split(Fen(total), by: weights)
            let mirrored = try split(Fen(-total), by: weights)
            try hold(mirrored == parts.map { -$0 }, "\(total) by \(weights)")
        }
    }

    @Test("Of equal remainders the lower index is served first, and no weight gets nothing")
    func ties() throws {
        #expect(try split(Fen(100), by: [1, 1, 1]) == [Fen(34), Fen(33), Fen(33)])
        #expect(try split(Fen(-100), by: [1, 1, 1]) == [Fen(-34), Fen(-33), Fen(-33)])
        #expect(try split(Fen(5), by: [0, 2, 0, 2]) == [Fen(0), Fen(3), Fen(0), Fen(2)])
        #expect(try split(Quantity(10), by: [1, 2]) == [Quantity(3), Quantity(7)])
    }

    @Test("Nothing is split over nothing, and something over nothing is a fault")
    func nothing() throws {
        #expect(try split(Fen(0), by: []).isEmpty)
        #expect(try split(Fen(0), by: [0, 0]) == [Fen(0), Fen(0)])
        #expect(throws: NumberFault(.divisionByZero, "5 over no weight")) {
            try split(Fen(5), by: [0, 0])
        }
        #expect(throws: NumberFault(.divisionByZero, "5 over no weight")) {
            try split(Fen(5), by: [])
        }
        #expect(throws: NumberFault(.notANumber, "weight -1")) { try split(Fen(5), by: [2, -1]) }
    }
}
