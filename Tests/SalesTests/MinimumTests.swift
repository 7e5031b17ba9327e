// The lowest price of a product: no discount and no right goes below it.

import Kernel
import Module
import Sales
import Testing

@Suite("The lowest price")
struct MinimumTests {
    private func shop() throws -> Shop {
        let shop = try Shop()
        shop.catalog.minimums = [101: UnitPrice(100_000)]
        shop.crew.rights = [501: [.sell, .overridePrice, .discount]]
        try shop.run(OpenDay(till: 11))
        return shop
    }

    private func sale(_ items: [SaleItem], off: Fen = .zero) -> CloseSale {
        CloseSale(
            till: 11,
            items: items,
            payments: [PaymentWish(.code("cash"))],
            ticketDiscount: off
        )
    }

    @Test("binds whoever may change prices, by whatever way the price falls")
    func binds() throws {
        let shop = try shop()
        let two = Quantity(2_000)
        // 2 × 11.30 = 22.60; the least is 2 × 10.00.
        let refused = [
            sale([SaleItem(.id(101), unitPrice: UnitPrice(99_900))]),
            sale([SaleItem(.id(101), quantity: two, discount: Fen(261))]),
            sale([SaleItem(.id(101), quantity: two, amount: Fen(1_999))]),
            sale([SaleItem(.id(101), quantity: two)], off: Fen(261)),
        ]
        for command in refused {
            #expect(try shop.refusal(command, author: 501) == 2_033)
            #expect(try shop.refusal(command) == 2_033)
        }
    }

    @Test("lets through what comes to it exactly, other products, and rounding off")
    func letsThrough() throws {
        let shop = try shop()
        let two = Quantity(2_000)
        var rounded = sale([SaleItem(.id(101), quantity: two, discount: Fen(260))])
        rounded.roundingOff = Fen(50)
        let taken = [
            sale([SaleItem(.id(101))]),
            sale([SaleItem(.id(101), unitPrice: UnitPrice(100_000))]),
            sale([SaleItem(.id(101), quantity: two)], off: Fen(260)),
            sale([SaleItem(.id(102), unitPrice: UnitPrice(100))]),
            rounded,
        ]
        for command in taken { #expect(try shop.refusal(command, author: 501) == nil) }
    }

    @Test("does not refuse what was sold in the past")
    func takesThePast() throws {
        let shop = try Shop()
        shop.catalog.minimums = [101: UnitPrice(100_000)]
        let day = try date("2026-11-20")
        try shop.run(OpenDay(till: 11, date: day))
        var past = sale([SaleItem(.id(101), unitPrice: UnitPrice(50_000))])
        past.date = day
        past.occurred = try WallTime(parsing: "2026-11-20T12:00:00+08:00")
        #expect(try shop.refusal(past) == nil)
    }

    @Test("is named in the sentence, in yuan")
    func sentence() {
        let refusal = SalesRefusal.belowMinimum("P101", UnitPrice(1_234_567_800))
        #expect(refusal.chinese.contains("P101 低于最低售价 ¥123,456.78。"))
        #expect(refusal.english.contains("below ¥123,456.78."))
        #expect(!refusal.isTransient)
    }
}
