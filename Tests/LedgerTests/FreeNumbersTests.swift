// Voucher numbers: gapless also after headquarters lost the last ones with its disk.

import Testing

@testable import Ledger

@Suite("Free voucher numbers")
struct FreeNumbersTests {
    @Test("follow the last one, and fill the holes that a lost disk left first")
    func holes() {
        var free = FreeNumbers()
        for number: Int64 in [1, 2, 5, 8] { free.follow(number) }
        #expect((0..<6).map { _ in free.take() } == [3, 4, 6, 7, 9, 10])
        var fresh = FreeNumbers()
        #expect(fresh.take() == 1)
        var late = FreeNumbers()
        late.follow(3)
        #expect((0..<3).map { _ in late.take() } == [1, 2, 4])
    }
}
