// The reports and the findings, on a chain of two branches.

import Kernel
import Module
import Replication
import SQLite
import Sales
import Support
import Testing

@Suite("The reports of Sales")
struct ReportTests {
    private func chain() throws -> Shop {
        let hq = try Shop(replica: 0)
        for (number, count) in [(1, 2), (2, 1)] {
            let shop = try Shop(replica: UInt32(6 + number), branch: Int64(number))
            let till = Int64(number * 10 + 1)
            try shop.run(OpenDay(till: till))
            for day in 0..<count {
                shop.at("2026-11-\(23 + day)", 10)
                try shop.run(
                    CloseSale(
                        till: till,
                        items: [SaleItem(.id(101), quantity: Quantity(10_000))],
                        payments: [PaymentWish(.code("cash"))]
                    )
                )
                let sale = try shop.run(
                    CloseSale(
                        till: till,
                        items: [SaleItem(.id(103), quantity: Quantity(2_000))],
                        payments: [PaymentWish(.code("wechat"), state: .manual, reference: "9876")],
                        roundingOff: Fen(60)
                    )
                )
                try shop.run(
                    ReturnGoods(till: till, origin: .sale(sale.id), items: [ReturnItem(line: 0)])
                )
            }
            try hq.fixture.receive(from: shop.fixture)
        }
        try hq.fixture.catchUp()
        return hq
    }

    private func period(_ options: [String: String] = [:], branch: Int64? = nil) throws
        -> ReportRequest
    {
        ReportRequest(
            from: try date("2026-11-01"),
            to: try date("2026-11-30"),
            branch: branch,
            options: options
        )
    }

    private func cells(_ table: ReportTable, _ key: String) -> [ReportCell] {
        guard let place = table.columns.firstIndex(where: { $0.key == key }) else { return [] }
        return table.rows.map { $0[place] }
    }

    @Test("tell sales by branch and day, and by month, with totals that add up")
    func sales() throws {
        let hq = try chain()
        let table = try SalesReport().run(period(), hq.reports)
        #expect(table.rows.count == 3)
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        #expect(table.totals?.count == table.columns.count)
        #expect(cells(table, "tickets") == [.integer(2), .integer(2), .integer(2)])
        // 113.00 + 71.60 − 0.60 − 35.50
        #expect(cells(table, "net") == [.fen(Fen(14_850)), .fen(Fen(14_850)), .fen(Fen(14_850))])
        let tax = Int64(1_300) + 586 - 293
        #expect(cells(table, "tax").first == .fen(Fen(tax)))
        #expect(cells(table, "cost").first == .fen(Fen(5_500)))
        #expect(cells(table, "margin").first == .fen(Fen(14_850 - tax - 5_500)))
        #expect(cells(table, "average_ticket").first == .fen(Fen(7_425)))
        #expect(cells(table, "items_per_ticket").first == .quantity(Quantity(6_000)))
        let months = try SalesReport().run(period(["by": "month"]), hq.reports)
        #expect(months.rows.count == 2)
        #expect(cells(months, "net") == [.fen(Fen(29_700)), .fen(Fen(14_850))])
        #expect(cells(months, "month") == [.text("2026-11"), .text("2026-11")])
        let only = try SalesReport().run(period(branch: 2), hq.reports)
        #expect(only.rows.count == 1)
        #expect(throws: ReportFault.self) {
            try SalesReport().run(period(["by": "week"]), hq.reports)
        }
    }

    @Test("rank branches and products, and sum payments by tender")
    func others() throws {
        let hq = try chain()
        let branches = try BranchesReport().run(period(), hq.reports)
        #expect(cells(branches, "branch") == [.text("S001"), .text("S002")])
        #expect(cells(branches, "share") == [.rate(Rate(666_667)), .rate(Rate(333_333))])
        let products = try ProductsReport().run(period(), hq.reports)
        #expect(cells(products, "product") == [.text("P101"), .text("P103")])
        #expect(
            cells(products, "quantity") == [
                .quantity(Quantity(30_000)), .quantity(Quantity(3_000)),
            ]
        )
        #expect(cells(products, "class") == [.text("A"), .text("A")])
        let payments = try PaymentsReport().run(period(["by": "month"]), hq.reports)
        #expect(payments.rows.count == 4)
        #expect(cells(payments, "refunds").first == .fen(.zero))
        #expect(
            cells(payments, "manual") == [
                .fen(.zero), .fen(Fen(14_200)), .fen(.zero), .fen(Fen(7_100)),
            ]
        )
        for table in [branches, products, payments] {
            #expect(table.rows.allSatisfy { $0.count == table.columns.count })
            #expect(table.totals?.count == table.columns.count)
        }
    }

    @Test("find missing and doubled numbers, days not opened, and seals that disagree")
    func findings() throws {
        let hq = try Shop(replica: 0)
        let shop = try Shop(replica: 7)
        #expect(try SalesModule().findings(hq.reports).isEmpty)
        let line = try TicketLine(product: 101, unitPrice: UnitPrice(10_000), rate: .zero)
        func write(_ sequences: [Int64], on text: String, till: Int64) throws {
            for sequence in sequences {
                var act = try shop.fixture.act()
                act.begin([.neighbours(of: 1)])
                let ticket = Ticket(
                    entity: 1,
                    branch: 1,
                    till: till,
                    date: try date(text),
                    sequence: sequence,
                    lifetime: sequence,
                    lines: [line],
                    payments: [
                        TicketPayment(tender: 61, role: .cashOnHand, amount: Fen(100))
                    ]
                )
                act.add(SalesKind.saleClosed, SaleClosed(ticket).encoded())
                try shop.fixture.commit(act)
            }
        }
        try write([1, 2, 2, 5], on: "2026-11-20", till: 11)
        let checks = try SalesModule().findings(shop.reports).map(\.check)
        #expect(
            checks == [
                "sales.sequence.gap", "sales.sequence.duplicate", "sales.lifetime",
            ]
        )
        let gap = try #require(try SalesModule().findings(shop.reports).first)
        #expect(gap.evidence.english == "missing 3 to 4")
        shop.at("2026-11-21", 10)
        try shop.run(OpenDay(till: 12, date: try date("2026-11-21")))
        #expect(try SalesModule().findings(shop.reports).last?.check == "sales.day.unopened")
        try write([1], on: "2026-11-21", till: 12)
        try shop.run(CloseDay(till: 12, counted: nil))
        #expect(try SalesModule().findings(shop.reports).count == 4)
        try write([2], on: "2026-11-21", till: 12)
        let seal = try SalesModule().findings(shop.reports).filter {
            $0.check == "sales.seal.disagrees"
        }
        #expect(seal.count == 1)
        #expect(seal.first?.evidence.english.contains("1 tickets sealed, 2 here") == true)
        #expect(seal.first?.evidence.english.contains("现金 differs by -1.00 yuan") == true)
    }
}
