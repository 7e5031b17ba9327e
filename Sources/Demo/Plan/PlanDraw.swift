// Demo, the plan: what is drawn, and from what. Every part of the plan has a generator of its own,
// made from the seed and the part's numbers: any ticket can be made again without those before it.

import Kernel

/// The parts that are drawn apart from each other; the numbers keep old seeds as they are.
enum PlanPart: UInt64 {
    case catalogue = 1
    case people = 2
    case ticketCount = 3
    case ticketTime = 4
    case ticket = 5
    case fate = 6
    case shift = 7
    case delivery = 8
    case day = 9
    case credentials = 10
}

/// Keyed generators.
enum PlanDraw {
    /// The generator of a part and its numbers.
    static func generator(
        _ seed: UInt64,
        _ part: PlanPart,
        _ first: Int = 0,
        _ second: Int = 0,
        _ third: Int = 0
    ) -> SeededRandom {
        var word = mix(seed &+ part.rawValue &* 0x9E37_79B9_7F4A_7C15)
        for number in [first, second, third] {
            word = mix(word ^ UInt64(bitPattern: Int64(number)) &* 0xD6E8_FEB8_6659_FD93)
        }
        return SeededRandom(seed: word)
    }

    /// One word of a part and its numbers, where a whole generator is too much.
    static func word(_ seed: UInt64, _ part: PlanPart, _ a: Int, _ b: Int, _ c: Int) -> UInt64 {
        var word = mix(seed &+ part.rawValue &* 0x9E37_79B9_7F4A_7C15)
        word = mix(word ^ UInt64(bitPattern: Int64(a)) &* 0xD6E8_FEB8_6659_FD93)
        word = mix(word ^ UInt64(bitPattern: Int64(b)) &* 0xD6E8_FEB8_6659_FD93)
        return mix(word ^ UInt64(bitPattern: Int64(c)) &* 0xD6E8_FEB8_6659_FD93)
    }

    /// The finisher of splitmix64.
    private static func mix(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// What the plan's own small numbers cannot make fail.
    static func certain<Value>(_ sentence: StaticString, _ body: () throws -> Value) -> Value {
        do {
            return try body()
        } catch {
            preconditionFailure("\(sentence): \(error)")
        }
    }
}

/// Drawing by weight: a table of running sums.
struct WeightTable: Sendable {
    private let sums: [Int]

    /// The sum of all weights.
    var total: Int { sums.last ?? 0 }

    init(_ weights: [Int]) {
        var sums: [Int] = []
        sums.reserveCapacity(weights.count)
        var sum = 0
        for weight in weights {
            sum += weight
            sums.append(sum)
        }
        self.sums = sums
    }

    /// The index whose stretch of the running sums holds `point`, 0 ..< total.
    func index(at point: Int) -> Int {
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The weight of an index.
    func weight(_ index: Int) -> Int { sums[index] - (index == 0 ? 0 : sums[index - 1]) }

    /// What lies before an index.
    func before(_ index: Int) -> Int { index == 0 ? 0 : sums[index - 1] }

    /// An index, drawn by weight.
    func draw(_ random: inout SeededRandom) -> Int { index(at: random.int(in: 0..<total)) }
}

extension CivilDate {
    /// The instant so many seconds after midnight in China, which may lie beyond the day.
    func instant(second: Int) -> WallTime {
        let minutes = Int64(dayNumber) * 1_440 - Int64(WallTime.chinaOffsetMinutes)
        return WallTime(milliseconds: minutes * 60_000 + Int64(second) * 1_000)
    }
}

/// Numbers of a fixed width.
enum PlanDigits {
    /// The number with zeros before it up to `width` digits.
    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
