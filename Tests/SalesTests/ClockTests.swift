// A till whose clock is wrong: it sells on, at the prices and under the rights that are known, and
// says that the clock is behind.

import Kernel
import Module
import Replication
import Sales
import Support
import Testing

@Suite("A till whose clock went back")
struct ClockTests {
    /// A shop whose prices and rights began this morning, after the clock fell back to 2020.
    private func shop() throws -> Shop {
        let shop = try Shop()
        shop.crew.rights = [500: [.sell, .returnGoods, .returnWithoutReceipt]]
        shop.catalog.pricesFrom = shop.fixture.now
        shop.crew.rightsFrom = shop.fixture.now
        let seen = ClockStamp(wall: shop.fixture.now)
        try shop.fixture.log.write { try shop.fixture.log.advanceClock(to: seen) }
        shop.at("2020-01-01", 8)
        return shop
    }

    private var sale: CloseSale {
        CloseSale(
            till: 11,
            items: [SaleItem(.id(101))],
            payments: [PaymentWish(.code("cash"))]
        )
    }

    @Test("opens its first day on the date that is known to have come, sells, and tells of it")
    func sells() throws {
        let shop = try shop()
        let opened = try shop.run(OpenDay(till: 11), author: 500)
        #expect(opened.date == (try date("2026-11-23")))
        let sold = try shop.run(sale, author: 500)
        #expect(sold.total == Fen(1_130))
        #expect(sold.date == opened.date)
        #expect(sold.isClockBehind)
        let stray = ReturnGoods(
            till: 11,
            origin: .none,
            items: [ReturnItem(.id(101))],
            refunds: [PaymentWish(.code("cash"))],
            reason: "顾客不要了"
        )
        #expect(try shop.run(stray, author: 500).total == Fen(1_130))
    }

    @Test("opens the next day on its last date, and on the one after it where the cashier says so")
    func opens() throws {
        let shop = try shop()
        try shop.run(OpenDay(till: 11), author: 500)
        try shop.run(CloseDay(till: 11, counted: .zero))
        #expect(try shop.run(OpenDay(till: 11), author: 500).date == (try date("2026-11-23")))
        try shop.run(CloseDay(till: 11, counted: .zero))
        let next = OpenDay(till: 11, date: try date("2026-11-24"))
        #expect(try shop.run(next, author: 500).date == (try date("2026-11-24")))
        #expect(try shop.run(sale, author: 500).date == (try date("2026-11-24")))
        let far = RollOver(till: 11, date: try date("2026-11-26"))
        shop.crew.rights[500] = [.sell, .closeDay]
        #expect(try shop.refusal(far, author: 500) == 2_004)
        let later = RollOver(till: 11, date: try date("2026-11-25"))
        #expect(try shop.run(later, author: 500).date == (try date("2026-11-25")))
    }

    @Test("sells what has a price, but neither before nor beyond what anyone knows of")
    func right() throws {
        let shop = try shop()
        try shop.run(OpenDay(till: 11), author: 500)
        shop.catalog.pricesFrom = WallTime(milliseconds: .max)
        #expect(try shop.refusal(sale, author: 500) == 2_010)
        shop.at("2026-11-23", 11)
        shop.catalog.pricesFrom = shop.fixture.now
        let sold = try shop.run(sale, author: 500)
        #expect(!sold.isClockBehind)
        shop.crew.rights = [:]
        shop.at("2020-01-01", 8)
        #expect(try shop.refusal(sale, author: 500) == 1)
    }
}
