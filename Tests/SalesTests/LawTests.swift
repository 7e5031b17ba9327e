// The laws of the views: any order, any cut of batches, rebuilt or not, the same; and sums that
// leave 64 bits go on in 128.

import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

@testable import Sales

@Suite("The views of Sales")
struct SalesLawTests {
    /// A day of a few tills, with everything that may happen in it.
    private func day(_ shop: Shop, _ random: inout SeededRandom) throws {
        let tills = shop.branch * 10 + 1...shop.branch * 10 + 2
        for till in tills { try shop.run(OpenDay(till: till, openingFloat: Fen(10_000))) }
        var sales: [ChangeID] = []
        for _ in 0..<random.int(in: 3...9) {
            let till = Int64(random.int(in: Int(tills.lowerBound)...Int(tills.upperBound)))
            var items: [SaleItem] = []
            for _ in 0..<random.int(in: 1...4) {
                items.append(
                    SaleItem(
                        .id(Int64(random.int(in: 101...103))),
                        quantity: Quantity(Int64(random.int(in: 1...4)) * 1_000),
                        discount: Fen(Int64(random.int(in: 0...90)))
                    )
                )
            }
            let payments =
                random.bool(chance: 500)
                ? [PaymentWish(.code("cash"))]
                : [
                    PaymentWish(.code("cash"), amount: Fen(100)),
                    PaymentWish(.code("wechat"), state: .manual, reference: "1234"),
                ]
            let outcome = try shop.run(
                CloseSale(
                    till: till,
                    items: items,
                    payments: payments,
                    ticketDiscount: Fen(Int64(random.int(in: 0...80))),
                    roundingOff: Fen(Int64(random.int(in: 0...9)))
                )
            )
            sales.append(outcome.id)
            switch random.int(in: 0...9) {
            case 0: try shop.run(VoidSale(sale: random.pick(sales), reason: "错"))
            case 1:
                try shop.run(
                    ReturnGoods(
                        till: till,
                        origin: .sale(outcome.id),
                        items: [ReturnItem(line: 0)],
                        refunds: [PaymentWish(.code("cash"))]
                    )
                )
            default: break
            }
        }
        shop.at("2026-11-24", 9)
        for till in tills {
            if random.bool(chance: 500) {
                try shop.run(RollOver(till: till))
            } else {
                try shop.run(CloseDay(till: till, counted: Fen(Int64(random.int(in: 0...9_000)))))
            }
        }
    }

    @Test("are the same in any order of branches and any cut of batches, and hold what they must")
    func anyOrder() {
        property(cases: 12) { random in
            let shops = try (1...3).map { number in
                try Shop(replica: UInt32(6 + number), branch: Int64(number))
            }
            for shop in shops {
                // A ticket drawn twice for a void or a return is refused, which is fine here.
                do { try day(shop, &random) } catch is any Refusal { continue }
            }
            let first = try Shop(replica: 0)
            for shop in shops { try first.fixture.receive(from: shop.fixture) }
            try first.fixture.catchUp()
            let second = try Shop(replica: 0)
            for shop in shops.reversed() {
                try second.fixture.receive(from: shop.fixture)
                try second.fixture.catchUp(batch: random.int(in: 1...5))
            }
            let digests = try first.fixture.projector.digests()
            try hold(try second.fixture.projector.digests() == digests, "another order differs")
            try hold(try first.fixture.rebuiltDigests() == digests, "a rebuilt view differs")
            let shared = try first.number(
                """
                SELECT count(*) FROM (SELECT 1 FROM sales_ticket
                GROUP BY till, business_date, series, sequence HAVING count(*) > 1)
                """
            )
            try hold(shared == 0, "two tickets share a label")
            let findings = try SalesModule().findings(first.reports)
            try hold(findings.isEmpty, "\(findings)")
            let violations = try SalesModule().violations(first.reports)
            try hold(violations.isEmpty, "\(violations)")
            for shop in shops {
                try hold(
                    try shop.fixture.rebuiltDigests() == shop.fixture.projector.digests(),
                    "a local view differs from a rebuilt one"
                )
            }
        }
    }

    @Test("of figures: parts add up to the ticket, books balance, shares are by largest remainder")
    func figures() {
        property(cases: 1_000) { random in
            let ticket = try random.ticket()
            var figures = SalesFigures()
            try figures.compute(ticket)
            try hold(figures.total == ticket.total, "total of \(ticket)")
            try hold(
                figures.lineNets.reduce(Int128(0)) { $0 + Int128($1) } == ticket.total,
                "nets of \(ticket)"
            )
            try hold(
                figures.lineTaxes.reduce(Int128(0)) { $0 + Int128($1) } == figures.tax,
                "taxes of \(ticket)"
            )
            for share in figures.rates {
                let places = ticket.lines.indices.filter { ticket.lines[$0].rate == share.rate }
                let weights = places.map { figures.lineNets[$0] }
                try hold(weights.reduce(0, +) == share.gross, "gross of a rate of \(ticket)")
                try hold(
                    try share.rate.included(in: Fen(share.gross)) == Fen(share.tax),
                    "tax of a rate of \(ticket)"
                )
                let parts = try split(Fen(share.tax), by: weights).map(\.rawValue)
                try hold(places.map { figures.lineTaxes[$0] } == parts, "shares of \(ticket)")
            }
            let sum = figures.ledgerLines(ticket, .sale).reduce(0) { $0 + $1.signed }
            try hold(sum == 0, "books of \(ticket)")
        }
    }

    /// A ticket of one line as dear as a record may carry.
    private func hugeTicket(_ line: TicketLine) throws -> Ticket {
        Ticket(
            entity: 1,
            branch: 1,
            till: 11,
            date: CivilDate(dayNumber: 20_780),
            sequence: 1,
            lifetime: 1,
            lines: [line],
            payments: [TicketPayment(tender: 61, role: .cashOnHand, amount: Fen(Fen.limit))]
        )
    }

    /// Projects a sale under five ids, in four batches.
    private func applyFiveTimes(_ body: [UInt8], _ views: Database) throws {
        let projection = SalesModule().projection(EffectRouter())
        let world = ProjectionWorld(views: views) { _, clock in clock }
        try body.withUnsafeBytes { bytes in
            for index in 1...5 {
                let id = ChangeID(replica: ReplicaNumber(9), sequence: UInt32(index))
                let change = ChangeInHand(
                    id: id,
                    kind: SalesKind.saleClosed,
                    body: bytes,
                    clock: .zero,
                    wall: WallTime(milliseconds: 0),
                    author: 0,
                    commit: id,
                    personal: []
                )
                try projection.apply(change, world)
                if index != 3 { try projection.flush(world) }
            }
        }
    }

    @Test("go on in 128 bits where a sum leaves 64, whatever the batches")
    func wideSums() throws {
        let line = try TicketLine(
            product: 101,
            unitPrice: UnitPrice(UnitPrice.limit),
            rate: .zero
        )
        let one = try Shop(replica: 7)
        let views = one.views
        // As if 922,336 such tickets had come already: one more fits 64 bits, the next does not.
        try views.execute(
            """
            INSERT INTO sales_day
            VALUES(1, 20780, 922336, 0, 9223360000000000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            """
        )
        let products = PackedSums(
            "sales_product",
            keys: ["branch", "business_date"],
            rules: SumColumn.Product.all
        )
        products.add(1, 20_780, item: 101) { row in
            row[SumColumn.Product.net] = 9_223_360_000_000_000_000
        }
        try products.flush(views)
        try applyFiveTimes(SaleClosed(try hugeTicket(line)).encoded(), views)
        let text = try #require(
            try views.prepare("SELECT gross FROM sales_day").first { $0.text(0) }
        )
        #expect(text == "9223410000000000000")
        #expect(try one.number("SELECT tickets FROM sales_day") == 922_341)
        #expect(try one.product(SumColumn.Product.net) == 9_223_410_000_000_000_000)
        let table = try SalesReport().run(
            ReportRequest(from: date("2026-11-01"), to: date("2026-11-30")),
            one.reports
        )
        #expect(table.totals?.contains(.text("9223410000000000000")) == true)
    }
}
