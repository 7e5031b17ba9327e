// Closing tickets: amounts, discounts, payments, rights, and what stock and books are told.

import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

@testable import Sales

@Suite("A ticket")
struct SaleTests {
    @Test("is priced by the catalogue, numbered from one, and posted net and tax")
    func closesASale() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11, openingFloat: Fen(20_000)))
        let outcome = try shop.run(
            CloseSale(
                till: 11,
                items: [SaleItem(.code("P101"), quantity: Quantity(10_000))],
                payments: [PaymentWish(.code("cash"), tendered: Fen(12_000))]
            )
        )
        #expect(outcome.total == Fen(11_300))
        #expect(outcome.change == Fen(700))
        #expect(outcome.sequence == 1)
        #expect(outcome.lifetime == 1)
        #expect(outcome.label?.description.hasPrefix("S00101A-261123-00001-") == true)
        #expect(
            shop.recorder.ledger.first?.lines == [
                LedgerLine(.debit, .cashOnHand, Fen(11_300), tender: ShelfCatalog.cash),
                LedgerLine(.credit, .salesRevenue, Fen(10_000), rate: Rate(130_000)),
                LedgerLine(.credit, .vatOutput, Fen(1_300), rate: Rate(130_000)),
            ]
        )
        let moved = try #require(shop.recorder.stock.first)
        #expect(moved.from == .branch(1))
        #expect(moved.to == .customer)
        #expect(moved.quantity == Quantity(10_000))
        #expect(moved.reason == .sale)
        #expect(try shop.number("SELECT gross FROM sales_day") == 11_300)
        #expect(try shop.number("SELECT tax FROM sales_day") == 1_300)
        #expect(try shop.number("SELECT cost FROM sales_day") == 5_000)
    }

    @Test(
        "splits gross into net and tax as the posting rules' vectors say",
        arguments: [
            (11_300, 130_000, 10_000, 1_300), (9_990, 130_000, 8_841, 1_149),
            (10_900, 90_000, 10_000, 900), (3_580, 90_000, 3_284, 296),
            (10_600, 60_000, 10_000, 600), (101_000, 10_000, 100_000, 1_000),
        ]
    )
    func vectors(gross: Int64, rate: Int64, net: Int64, tax: Int64) throws {
        let line = try TicketLine(
            product: 1,
            unitPrice: try UnitPrice(fen: Fen(gross)),
            rate: Rate(rate)
        )
        let ticket = Ticket(
            entity: 1,
            branch: 1,
            till: 11,
            taxpayer: .smallScale,
            date: try date("2026-11-23"),
            sequence: 1,
            lifetime: 1,
            lines: [line],
            payments: [TicketPayment(tender: 61, role: .cashOnHand, amount: Fen(gross))]
        )
        var figures = SalesFigures()
        try figures.compute(ticket)
        #expect(
            figures.ledgerLines(ticket, .goodsReturned) == [
                LedgerLine(.debit, .cashOnHand, Fen(-gross), tender: 61),
                LedgerLine(.credit, .salesRevenue, Fen(-net), rate: Rate(rate)),
                LedgerLine(.credit, .vatSmallScale, Fen(-tax), rate: Rate(rate)),
            ]
        )
    }

    @Test("shares its discount by largest remainder, and keeps rounding off apart")
    func sharesDiscounts() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        let outcome = try shop.run(
            CloseSale(
                till: 11,
                items: [
                    SaleItem(.id(101)), SaleItem(.id(102), discount: Fen(90)),
                    SaleItem(.id(103), quantity: Quantity(2_000)),
                ],
                payments: [
                    PaymentWish(.code("cash"), amount: Fen(5_000)),
                    .manual(.code("wechat"), lastDigits: "4471"),
                ],
                ticketDiscount: Fen(1_000),
                roundingOff: Fen(9)
            )
        )
        // 11.30 + 9.99 − 0.90 + 71.60 − 10.00 − 0.09
        #expect(outcome.total == Fen(8_190))
        let document = try #require(
            try SalesQueries.document(outcome.id, shop.views, shop.log)
        )
        #expect(document.ticket.lines.map(\.amount) == [Fen(1_007), Fen(810), Fen(6_382)])
        #expect(document.ticket.payments.map(\.amount) == [Fen(5_000), Fen(3_190)])
        #expect(document.ticket.payments.map(\.state) == [.settled, .manual])
        let lines = try #require(shop.recorder.ledger.first).lines
        #expect(lines.reduce(0) { $0 + $1.signed } == 0)
        #expect(lines.filter { $0.side == .debit }.map(\.amount.rawValue) == [5_000, 3_190])
        #expect(try shop.number("SELECT discounts FROM sales_day") == 1_090)
        #expect(try shop.number("SELECT rounding FROM sales_day") == 9)
        #expect(try shop.product(SumColumn.Product.net) == 8_190)
        let productTax = try shop.product(SumColumn.Product.tax)
        #expect(try Int128(shop.number("SELECT tax FROM sales_day")) == productTax)
        #expect(try shop.number("SELECT sum(manual) FROM sales_payment") == 3_190)
    }

    @Test("needs payments that add up, and gives change from cash alone")
    func refusesPayments() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        func sell(_ payments: [PaymentWish]) -> CloseSale {
            CloseSale(till: 11, items: [SaleItem(.id(101))], payments: payments)
        }
        let cash = TenderReference.code("cash")
        let wechat = TenderReference.code("wechat")
        #expect(try shop.refusal(sell([PaymentWish(cash, amount: Fen(1_129))])) == 2_014)
        #expect(try shop.refusal(sell([PaymentWish(cash, amount: Fen(1_131))])) == 2_014)
        #expect(try shop.refusal(sell([])) == 2_014)
        #expect(try shop.refusal(sell([PaymentWish(cash), PaymentWish(wechat)])) == 2_014)
        #expect(try shop.refusal(sell([PaymentWish(cash, tendered: Fen(1_000))])) == 2_014)
        #expect(try shop.refusal(sell([PaymentWish(wechat, tendered: Fen(2_000))])) == 2_015)
        #expect(try shop.refusal(sell([PaymentWish(.code("gold"))])) == 2_007)
        #expect(try shop.refusal(sell([PaymentWish(cash, tendered: Fen(1_130))])) == nil)
    }

    @Test("asks for rights beyond selling at the price of the catalogue")
    func asksForRights() throws {
        let shop = try Shop()
        shop.crew.rights = [500: [.sell], 501: [.sell, .overridePrice, .discount], 502: []]
        try shop.run(OpenDay(till: 11))
        let cash = [PaymentWish(.code("cash"))]
        let plain = CloseSale(till: 11, items: [SaleItem(.id(101))], payments: cash)
        let priced = CloseSale(
            till: 11,
            items: [SaleItem(.id(101), unitPrice: UnitPrice(10_000))],
            payments: cash
        )
        var cut = plain
        cut.ticketDiscount = Fen(100)
        var coins = plain
        coins.roundingOff = Fen(30)
        var yuan = plain
        yuan.roundingOff = Fen(130)
        #expect(try shop.refusal(plain, author: 502) == 1)
        #expect(try shop.refusal(plain, author: 500) == nil)
        #expect(try shop.refusal(priced, author: 500) == 1)
        #expect(try shop.refusal(cut, author: 500) == 1)
        #expect(try shop.refusal(coins, author: 500) == nil)
        #expect(try shop.refusal(yuan, author: 500) == 1)
        for command in [priced, cut, yuan] {
            #expect(try shop.refusal(command, author: 501) == nil)
        }
        let unseen = CloseSale(
            till: 11,
            items: [SaleItem(.id(101))],
            payments: [PaymentWish(.code("wechat"))]
        )
        #expect(try shop.refusal(unseen, author: 500) == 2_016)
        var seen = unseen
        seen.payments = [.manual(.code("wechat"), lastDigits: "4471")]
        #expect(try shop.refusal(seen, author: 500) == nil)
    }

    @Test("takes what a historic sale says of price, amount, rate, cost and date")
    func takesHistory() throws {
        let shop = try Shop()
        let day = try date("1997-03-05")
        try shop.run(OpenDay(till: 11, date: day))
        let outcome = try shop.run(
            CloseSale(
                till: 11,
                items: [
                    SaleItem(
                        .id(101),
                        quantity: Quantity(3_000),
                        unitPrice: UnitPrice(33_333),
                        amount: Fen(1_001),
                        rate: .zero,
                        unitCost: UnitCost(1_500_000)
                    )
                ],
                payments: [PaymentWish(.code("cash"))],
                date: day,
                occurred: WallTime(milliseconds: 857_520_000_000)
            )
        )
        #expect(outcome.date == day)
        #expect(outcome.label == nil, "a label has no place for 1997")
        #expect(outcome.total == Fen(1_001))
        #expect(try shop.number("SELECT cost FROM sales_day") == 450)
        #expect(
            shop.recorder.ledger.first?.lines == [
                LedgerLine(.debit, .cashOnHand, Fen(1_001), tender: ShelfCatalog.cash),
                LedgerLine(.credit, .salesRevenue, Fen(1_001)),
            ]
        )
    }
}
