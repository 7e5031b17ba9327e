// Repeatable randomness: against the published generator, in range, and forked by label.

import Kernel
import Testing

struct SeededRandomTests {
    @Test("The generator gives the published numbers of its seed")
    func published() {
        var random = SeededRandom(seed: 0)
        let numbers = (0..<4).map { _ in random.next() }
        #expect(
            numbers == [
                0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0,
                0x6AA5_94F1_262D_2D2C,
            ]
        )
    }

    @Test("Drawn numbers stay in their range, and every one of a small range comes")
    func ranges() {
        property { random in
            let low = Int(random.anyInt64())
            let high = Int(random.anyInt64())
            let range = min(low, high)...max(low, high)
            try hold(range.contains(random.int(in: range)), "\(range)")
        }
        var random = SeededRandom(seed: 1)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[random.int(in: 0..<6)] += 1 }
        #expect(counts.allSatisfy { (9_500...10_500).contains($0) })
        let hits = (0..<100_000).filter { _ in random.bool(chance: 250) }.count
        #expect((24_000...26_000).contains(hits))
        let never = random.bool(chance: 0)
        let always = random.bool(chance: 1_000)
        #expect(!never && always)
    }

    @Test("A fork depends on seed and label only, and differs from its origin")
    func forks() {
        let origin = SeededRandom(seed: 9)
        var drawn = origin
        _ = drawn.next()
        var first = origin.fork(label: "stock")
        var same = drawn.fork(label: "stock")
        var other = origin.fork(label: "sales")
        var stem = origin
        let numbers = [first.next(), same.next(), other.next(), stem.next()]
        #expect(numbers[0] == numbers[1])
        #expect(Set(numbers).count == 3)
        #expect(SeededRandom(seed: first.seed).fork(label: "a").seed == first.fork(label: "a").seed)
    }

    @Test("Shuffling keeps the items, bytes have their count, a pick is one of the items")
    func collections() {
        property(cases: 500) { random in
            let items = (0..<random.int(in: 1...40)).map { $0 }
            let shuffled = random.shuffled(items)
            try hold(shuffled.sorted() == items, "\(shuffled)")
            try hold(items.contains(random.pick(items)), "a pick of \(items)")
            let count = random.int(in: 0...33)
            try hold(random.bytes(count).count == count, "\(count) bytes")
        }
        var random = SeededRandom(seed: 3)
        var firsts: Set<Int> = []
        for _ in 0..<200 { firsts.insert(random.shuffled([1, 2, 3, 4])[0]) }
        #expect(firsts == [1, 2, 3, 4])
    }
}
