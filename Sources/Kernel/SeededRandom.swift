// Kernel: repeatable randomness for demos, simulations and property tests.
// Never for keys, salts or codes: those come from `RandomSource`.

/// A seeded generator: xoshiro256**, its state filled by splitmix64.
///
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018).
package struct SeededRandom: RandomNumberGenerator, Sendable {
    /// The seed that repeats it.
    package let seed: UInt64
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    /// The generator of a seed.
    package init(seed: UInt64) {
        self.seed = seed
        var filler = SplitMix(state: seed)
        a = filler.next()
        b = filler.next()
        c = filler.next()
        d = filler.next()
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        let product = b &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = d << 45 | d >> 19
        return result
    }

    /// A number of the range, each equally likely.
    package mutating func int(in range: ClosedRange<Int>) -> Int {
        let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
        guard width < .max else { return Int(truncatingIfNeeded: next()) }
        return range.lowerBound &+ Int(truncatingIfNeeded: below(width + 1))
    }

    /// A number of the range, which must not be empty, each equally likely.
    package mutating func int(in range: Range<Int>) -> Int {
        precondition(!range.isEmpty, "a number of an empty range was asked for")
        return int(in: range.lowerBound...(range.upperBound - 1))
    }

    /// True in `perMille` of a thousand cases.
    package mutating func bool(chance perMille: Int) -> Bool { int(in: 0...999) < perMille }

    /// So many bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            var word = next()
            for _ in 0..<min(8, count - result.count) {
                result.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return result
    }

    /// The items in an order drawn by this generator, each order equally likely.
    package mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
        var result = items
        guard result.count > 1 else { return result }
        for index in stride(from: result.count - 1, to: 0, by: -1) {
            result.swapAt(index, int(in: 0...index))
        }
        return result
    }

    /// One of the items, which must not be empty.
    package mutating func pick<Item>(_ items: [Item]) -> Item {
        precondition(!items.isEmpty, "a pick from nothing was asked for")
        return items[int(in: 0...(items.count - 1))]
    }

    /// The generator of a part, which depends on the seed and the label only, not on what was
    /// drawn: a part can be added without moving the others.
    package func fork(label: String) -> SeededRandom {
        // FNV-1a, 64 bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var filler = SplitMix(state: seed)
        return SeededRandom(seed: filler.next() ^ hash)
    }

    /// A number below `bound`, without bias (Lemire's multiplication).
    private mutating func below(_ bound: UInt64) -> UInt64 {
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }
}

/// The generator splitmix64.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
