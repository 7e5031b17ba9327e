// Goods that come back, here and next door, twice while apart; and tickets undone.

import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

@testable import Sales

@Suite("A return")
struct ReturnTests {
    private let cash = PaymentWish(.code("cash"))

    private func sell(_ shop: Shop, till: Int64 = 11) throws -> TicketOutcome {
        try shop.run(OpenDay(till: till))
        return try shop.run(
            CloseSale(
                till: till,
                items: [
                    SaleItem(.id(101), quantity: Quantity(3_000)),
                    SaleItem(.id(103), quantity: Quantity(2_000)),
                ],
                payments: [cash],
                ticketDiscount: Fen(500),
                roundingOff: Fen(8)
            )
        )
    }

    @Test("in parts refunds what was paid, to the fen, and no more")
    func returnsInParts() throws {
        let shop = try Shop()
        let sale = try sell(shop)
        #expect(sale.total == Fen(3_390 + 7_160 - 508))
        var refunded = Fen.zero
        for item in [
            ReturnItem(line: 0), ReturnItem(line: 0), ReturnItem(line: 1), ReturnItem(line: 0),
            ReturnItem(line: 1),
        ] {
            let outcome = try shop.run(
                ReturnGoods(till: 11, origin: .sale(sale.id), items: [item])
            )
            refunded = refunded + outcome.total
        }
        #expect(refunded == sale.total)
        let again = ReturnGoods(till: 11, origin: .sale(sale.id), items: [ReturnItem(line: 0)])
        #expect(try shop.refusal(again) == 2_020)
        #expect(
            try shop.number("SELECT gross - discounts - rounding - returns FROM sales_day") == 0
        )
        #expect(try shop.product(SumColumn.Product.net) == 0)
        #expect(try shop.number("SELECT sum(cost) FROM sales_day") == 0)
        #expect(try shop.number("SELECT sum(amount) FROM sales_series_tender") == 0)
        let sums = shop.recorder.ledger.flatMap(\.lines)
        for role in [LedgerRole.cashOnHand, .salesRevenue] {
            #expect(sums.filter { $0.role == role }.reduce(0) { $0 + $1.signed } == 0)
        }
        #expect(sums.allSatisfy { $0.role != .cashOnHand || $0.side == .debit })
        let back = shop.recorder.stock.filter { $0.reason == .salesReturn }
        #expect(back.allSatisfy { $0.from == .customer && $0.to == .branch(1) })
        #expect(back.reduce(0) { $0 + $1.quantity.rawValue } == 5_000)
        #expect(try SalesModule().findings(shop.reports).isEmpty)
        #expect(try SalesModule().violations(shop.reports).isEmpty)
    }

    @Test("next door is checked by label and paper code; twice while apart is found at the merge")
    func returnsNextDoor() throws {
        let first = try Shop(replica: 7, branch: 1)
        let second = try Shop(replica: 8, branch: 2)
        let third = try Shop(replica: 9, branch: 3)
        let hq = try Shop(replica: 0)
        let sale = try sell(first)
        let paper = try #require(
            try SalesQueries.document(sale.id, first.views, first.log)
        ).paperCode
        let label = try #require(sale.label)
        for (shop, till) in [(second, Int64(21)), (third, Int64(31))] {
            try shop.fixture.receive(from: first.fixture)
            try shop.fixture.catchUp()
            try shop.run(OpenDay(till: till))
            let goods = [ReturnItem(line: 1, quantity: Quantity(2_000))]
            let wrong = ReturnGoods(
                till: till,
                origin: .label(label, paperCode: [0, 0, 0, 0]),
                items: goods
            )
            #expect(try shop.refusal(wrong) == 2_021)
            let outcome = try shop.run(
                ReturnGoods(till: till, origin: .label(label, paperCode: paper), items: goods)
            )
            #expect(outcome.sequence == 1)
        }
        #expect(try SalesModule().findings(second.reports).isEmpty)
        for shop in [second, third] {
            try hq.fixture.receive(from: shop.fixture)
            try hq.fixture.catchUp()
        }
        let findings = try SalesModule().findings(hq.reports)
        #expect(findings.map(\.check) == ["sales.return.duplicate"])
        #expect(findings.first?.evidence.english.contains("S002 ") == true)
        #expect(findings.first?.evidence.english.contains("S003 ") == true)
        #expect(try SalesModule().violations(hq.reports).isEmpty)
        let back = hq.recorder.stock.filter { $0.reason == .salesReturn }
        #expect(Set(back.map(\.to)) == [.branch(2), .branch(3)])
    }

    @Test("by the label of a ticket that is not here is compared with it at the merge")
    func returnsByLabel() throws {
        let first = try Shop(replica: 7, branch: 1)
        let away = [
            try Shop(replica: 8, branch: 2, seed: 2), try Shop(replica: 9, branch: 3, seed: 3),
        ]
        let hq = try Shop(replica: 0)
        let sale = try sell(first)
        let label = try #require(sale.label)
        // Three were sold; each of two shops that do not know the ticket takes two back.
        for (shop, till) in zip(away, [Int64(21), 31]) {
            try shop.run(OpenDay(till: till))
            try shop.run(
                ReturnGoods(
                    till: till,
                    origin: .label(label),
                    items: [ReturnItem(.id(101), quantity: Quantity(2_000))],
                    refunds: [cash]
                )
            )
        }
        func checks() throws -> [String] { try SalesModule().findings(hq.reports).map(\.check) }
        func send(_ shop: Shop) throws {
            try hq.fixture.receive(from: shop.fixture)
            try hq.fixture.catchUp()
        }
        try send(away[0])
        #expect(try checks() == ["sales.return.unknown"])
        #expect(try SalesModule().findings(away[0].reports).isEmpty)
        try send(first)
        #expect(try checks() == [])
        try send(away[1])
        #expect(try checks() == ["sales.return.duplicate"])
        let finding = try #require(try SalesModule().findings(hq.reports).first)
        #expect(finding.subject == label.description)
        #expect(finding.evidence.english.contains(" × 1;"))
        #expect(finding.evidence.english.contains("S003 "))
        #expect(try hq.fixture.rebuiltDigests() == hq.fixture.projector.digests())
    }

    @Test("without its sale needs a right, a reason and a price")
    func returnsWithoutReceipt() throws {
        let shop = try Shop()
        shop.crew.rights = [500: [.returnGoods], 501: [.returnGoods, .returnWithoutReceipt]]
        try shop.run(OpenDay(till: 11))
        var command = ReturnGoods(
            till: 11,
            origin: .none,
            items: [ReturnItem(.id(101), quantity: Quantity(2_000))],
            refunds: [cash]
        )
        #expect(try shop.refusal(command, author: 501) == 2_027)
        command.reason = "小票遗失"
        #expect(try shop.refusal(command, author: 500) == 1)
        #expect(try shop.run(command, author: 501).total == Fen(2_260))
        let label = try ReceiptLabel(
            branch: "S005",
            till: "01",
            series: "A",
            date: date("2026-11-20"),
            sequence: 17
        )
        command.origin = .label(label, paperCode: [1, 2, 3, 4])
        command.reason = ""
        let outcome = try shop.run(command, author: 501)
        let change = try #require(try shop.log.change(outcome.id))
        let returned = try change.body.withUnsafeBytes { try SaleReturned(decoding: $0) }
        #expect(returned.label == label.description)
        #expect(returned.paperCode == [1, 2, 3, 4])
        #expect(returned.sale == nil)
        #expect(
            try shop.refusal(ReturnGoods(till: 11, origin: .sale(ChangeID(99)), items: [])) == 2_012
        )
        let lost = ReturnGoods(
            till: 11,
            origin: .sale(ChangeID(replica: ReplicaNumber(7), sequence: 900)),
            items: [ReturnItem(line: 0)]
        )
        #expect(try shop.refusal(lost) == 2_018)
    }

    @Test("of an electronic payment is asked of its tender, and waits")
    func refundsElectronically() throws {
        let shop = try Shop()
        shop.crew.rights = [500: [.sell, .returnGoods]]
        try shop.run(OpenDay(till: 11))
        let sale = try shop.run(
            CloseSale(
                till: 11,
                items: [SaleItem(.id(101))],
                payments: [.manual(.code("wechat"), lastDigits: "4471")]
            ),
            author: 500
        )
        let back = try shop.run(
            ReturnGoods(till: 11, origin: .sale(sale.id), items: [ReturnItem(line: 0)]),
            author: 500
        )
        let document = try #require(try SalesQueries.document(back.id, shop.views, shop.log))
        #expect(document.ticket.payments.map(\.state) == [.requested])
        #expect(document.ticket.payments.map(\.tender) == [ShelfCatalog.wechat])
        #expect(try SalesModule().findings(shop.reports).isEmpty)
        // A day later nobody has said what became of it.
        shop.at("2026-11-24", 9)
        #expect(
            try SalesModule().findings(shop.reports).map(\.check) == ["sales.payment.unsettled"]
        )
        let found = try #require(try SalesModule().findings(shop.reports).first)
        #expect(found.evidence == LocalText("退款已发起", "refund requested"))
        #expect(found.proposal.english.contains("refund in cash"))
        // Where another branch alone is whole, that branch sees to its own money.
        let elsewhere = ReportContext(
            views: shop.views,
            log: shop.log,
            questions: shop.reports.questions,
            today: shop.reports.today,
            completeness: [],
            wholeBranch: 999
        )
        #expect(try SalesModule().findings(elsewhere).isEmpty)
        try shop.run(ChangePayment(document: back.id, payment: 0, state: .requested))
        #expect(try SalesModule().findings(shop.reports).count == 1)
        try shop.run(ChangePayment(document: back.id, payment: 0, state: .failed))
        #expect(
            try SalesModule().findings(shop.reports).map(\.check) == ["sales.payment.unsettled"]
        )
        try shop.run(
            ChangePayment(document: back.id, payment: 0, state: .settled, reference: "R1")
        )
        #expect(try SalesModule().findings(shop.reports).isEmpty)
        let state = try #require(
            try SalesQueries.paymentState(back.id, payment: 0, shop.views)
        )
        #expect(state.state == .settled)
        #expect(state.reference == "R1")
        #expect(
            try shop.refusal(ChangePayment(document: back.id, payment: 3, state: .failed)) == 2_028
        )
    }
}

/// A provider that answers what a test lays before it.
private final class Provider: TenderAdapter, @unchecked Sendable {
    // Why unchecked: one test, one thread.
    var answers: [TenderOutcome]
    private(set) var charged: [TenderCharge] = []

    init(_ answers: [TenderOutcome]) { self.answers = answers }

    func serves(_ tender: TenderAnswer) -> Bool { tender.role == .tenderWechat }

    func charge(_ charge: TenderCharge) -> TenderOutcome {
        charged.append(charge)
        return answers.removeFirst()
    }

    func outcome(of number: String, tender: TenderAnswer) -> TenderOutcome {
        answers.removeFirst()
    }

    func refund(_ charge: TenderCharge, of reference: String) -> TenderOutcome {
        answers.removeFirst()
    }
}

@Suite("An electronic payment")
struct ElectronicPaymentTests {
    @Test("closes a ticket once the provider has answered, and not before")
    func asksTheProvider() throws {
        let shop = try Shop()
        shop.crew.rights = [500: [.sell]]
        try shop.run(OpenDay(till: 11))
        let provider = Provider([
            TenderOutcome(state: .unknown, reference: "N1"),
            TenderOutcome(state: .settled, reference: "42000017"),
        ])
        let tender = try #require(try shop.catalog.tender(code: "wechat", shop.views))
        try #require(provider.serves(tender))
        func sale(_ answer: TenderOutcome) -> CloseSale {
            CloseSale(
                till: 11,
                items: [SaleItem(.id(101))],
                payments: [.answered(.id(tender.id), amount: Fen(1_130), answer)]
            )
        }
        let charge = TenderCharge(tender: tender, till: 11, amount: Fen(1_130), number: "N1")
        #expect(try shop.refusal(sale(provider.charge(charge)), author: 500) == 2_016)
        let settled = provider.outcome(of: "N1", tender: tender)
        let outcome = try shop.run(sale(settled), author: 500)
        let document = try #require(try SalesQueries.document(outcome.id, shop.views, shop.log))
        #expect(document.ticket.payments.map(\.reference) == ["42000017"])
        #expect(provider.charged == [charge])
    }

    @Test("is as the latest word by effective time says, whatever a wrong clock claims")
    func foldsStates() throws {
        let hq = try Shop(replica: 0)
        let shop = try Shop(replica: 7)
        try shop.run(OpenDay(till: 11))
        let sale = try shop.run(
            CloseSale(
                till: 11,
                items: [SaleItem(.id(101))],
                payments: [.manual(.code("wechat"), lastDigits: "4471")]
            )
        )
        // The till's clock is a day ahead when it says that the payment failed.
        shop.at("2026-11-24", 10)
        let wrong = try shop.run(ChangePayment(document: sale.id, payment: 0, state: .failed))
        try hq.fixture.receive(from: shop.fixture)
        try hq.fixture.catchUp()
        hq.at("2026-11-23", 12)
        try hq.run(
            ChangePayment(document: sale.id, payment: 0, state: .settled, reference: "R")
        )
        func state() throws -> PaymentState? {
            try SalesQueries.paymentState(sale.id, payment: 0, hq.views)?.state
        }
        #expect(try state() == .failed)
        var act = try hq.fixture.act()
        act.begin([.everyone])
        let ruling = ClockRuling(
            id: act.nextID,
            replica: wrong.replica,
            from: wrong.sequence,
            to: wrong.sequence,
            aheadMs: 86_400_000
        )
        act.add(LogKind.clockRuled, ruling.body)
        try hq.fixture.commit(act)
        #expect(try state() == .settled)
        #expect(try hq.fixture.rebuiltDigests() == hq.fixture.projector.digests())
    }
}

@Suite("A void")
struct VoidTests {
    private func sell(_ shop: Shop) throws -> TicketOutcome {
        try shop.run(
            CloseSale(
                till: 11,
                items: [SaleItem(.id(101)), SaleItem(.id(103))],
                payments: [PaymentWish(.code("cash"))]
            )
        )
    }

    @Test("undoes a ticket on its day, in red, and only once")
    func voids() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        let first = try sell(shop)
        let second = try sell(shop)
        #expect(try shop.refusal(VoidSale(sale: first.id, reason: " ")) == 2_027)
        try shop.run(VoidSale(sale: first.id, reason: "输错"))
        #expect(try shop.refusal(VoidSale(sale: first.id, reason: "输错")) == 2_019)
        let goods = ReturnGoods(till: 11, origin: .sale(first.id), items: [ReturnItem(line: 0)])
        #expect(try shop.refusal(goods) == 2_019)
        #expect(try shop.number("SELECT tickets FROM sales_day") == 1)
        #expect(try shop.number("SELECT void_tickets FROM sales_day") == 1)
        #expect(try shop.number("SELECT gross FROM sales_day") == second.total.rawValue)
        #expect(try shop.number("SELECT amount FROM sales_payment") == second.total.rawValue)
        let posted = shop.recorder.ledger.flatMap(\.lines)
        #expect(posted.filter { $0.amount.isNegative }.count == 5)
        #expect(posted.reduce(0) { $0 + $1.signed } == 0)
        try shop.run(ReturnGoods(till: 11, origin: .sale(second.id), items: [ReturnItem(line: 0)]))
        #expect(try shop.refusal(VoidSale(sale: second.id, reason: "输错")) == 2_023)
        #expect(try SalesModule().violations(shop.reports).isEmpty)
    }

    @Test("comes too late once the till is closed or has rolled over")
    func isTooLate() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        let sale = try sell(shop)
        shop.at("2026-11-24", 4)
        #expect(try shop.refusal(VoidSale(sale: sale.id, reason: "x")) == nil)
        shop.at("2026-11-24", 6)
        try shop.run(RollOver(till: 11))
        #expect(try shop.refusal(VoidSale(sale: sale.id, reason: "x")) == 2_022)
        let next = try sell(shop)
        try shop.run(CloseDay(till: 11, counted: nil))
        #expect(try shop.refusal(VoidSale(sale: next.id, reason: "x")) == 2_022)
        try shop.run(OpenDay(till: 11))
        #expect(try shop.refusal(VoidSale(sale: next.id, reason: "x")) == 2_022)
    }
}
