// What the reports say of a week and a year earlier, and of staff hours, on days written by hand.

import Kernel
import Module
import SQLite
import Testing

@testable import Sales

@Suite("What the reports of Sales compare")
struct ComparedTests {
    private func day(_ shop: Shop, _ branch: Int64, _ text: String, net: Int64) throws {
        // Twelve hundred of the gross are off again: 500 discount, 10 rounding, 690 returned.
        let number = try date(text).dayNumber
        try shop.views.execute(
            """
            INSERT INTO sales_day
            VALUES(\(branch), \(number), 1, 1000, \(net + 1_200), 500, 10, 0, 0, 690, 0, 0, 0, 0, 0)
            """
        )
    }

    /// Three branches on 23 November 2026, a week and a year before, and Februaries.
    private func shop() throws -> Shop {
        let shop = try Shop(replica: 0)
        for (branch, text, net): (Int64, String, Int64) in [
            (1, "2026-11-16", 8_000), (1, "2026-11-23", 10_000), (1, "2025-11-23", 20_000),
            (1, "2025-11-24", 99_999), (2, "2026-11-23", 5_000), (2, "2025-11-23", 2_000),
            (3, "2026-11-16", 0), (3, "2026-11-23", 100), (4, "2023-02-28", 2_000),
            (4, "2024-02-28", 1_000), (4, "2024-02-29", 3_000), (4, "2025-02-10", 5_000),
        ] {
            try day(shop, branch, text, net: net)
        }
        return shop
    }

    private func request(
        _ from: String,
        _ to: String,
        _ options: [String: String] = [:]
    ) throws -> ReportRequest {
        ReportRequest(from: try date(from), to: try date(to), options: options)
    }

    /// A column's cells, the total's last.
    private func cells(_ table: ReportTable, _ key: String) throws -> [ReportCell] {
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        let totals = try #require(table.totals)
        #expect(totals.count == table.columns.count)
        let place = try #require(table.columns.firstIndex { $0.key == key })
        return table.rows.map { $0[place] } + [totals[place]]
    }

    private func rate(_ millionths: Int64) -> ReportCell { .rate(Rate(millionths)) }

    @Test("a day is compared with the same day last week and the same date last year")
    func days() throws {
        let table = try SalesReport().run(
            request("2026-11-17", "2026-11-23"),
            try shop().reports
        )
        #expect(try cells(table, "net").count == 4)
        // 10,000 with 8,000; nothing; 100 with 0; together 10,100 with 8,000.
        #expect(
            try cells(table, "versus_last_week") == [
                rate(250_000), .empty, .empty, rate(262_500),
            ]
        )
        // 10,000 with 20,000; 5,000 with 2,000; nothing; together 15,000 with 22,000.
        #expect(
            try cells(table, "versus_last_year") == [
                rate(-500_000), rate(1_500_000), .empty, rate(-318_182),
            ]
        )
        #expect(table.notes.count == 2)
    }

    @Test("a month is compared with the same dates of the month last year, and with no week")
    func months() throws {
        let table = try SalesReport().run(
            request("2026-11-01", "2026-11-30", ["by": "month"]),
            try shop().reports
        )
        #expect(try cells(table, "versus_last_week").allSatisfy { $0 == .empty })
        // Today is the 23rd, so the 24th of last year does not count: 18,000 with 20,000.
        #expect(
            try cells(table, "versus_last_year") == [
                rate(-100_000), rate(1_500_000), .empty, rate(45_455),
            ]
        )
    }

    @Test("29 February is compared with the 28th, and a whole February with a whole one")
    func february() throws {
        let reports = try shop().reports
        let days = try SalesReport().run(request("2024-02-28", "2024-02-29"), reports)
        #expect(
            try cells(days, "versus_last_year") == [rate(-500_000), rate(500_000), rate(0)]
        )
        let leap = try SalesReport().run(
            request("2024-02-01", "2024-02-29", ["by": "month"]),
            reports
        )
        #expect(try cells(leap, "versus_last_year") == [rate(1_000_000), rate(1_000_000)])
        let after = try SalesReport().run(
            request("2025-02-01", "2025-02-28", ["by": "month"]),
            reports
        )
        #expect(try cells(after, "versus_last_year") == [rate(250_000), rate(250_000)])
    }

    @Test("where there is nothing to compare with, nothing is said")
    func nothing() throws {
        let table = try SalesReport().run(
            request("2023-02-28", "2023-02-28"),
            try shop().reports
        )
        for key in ["versus_last_week", "versus_last_year"] {
            #expect(try cells(table, key) == [.empty, .empty])
        }
        #expect(table.notes.count == 1)
    }

    @Test("a product's quantity stands beside that of the same dates last week")
    func products() throws {
        let shop = try shop()
        let sums = PackedSums(
            "sales_product",
            keys: ["branch", "business_date"],
            rules: SumColumn.Product.all
        )
        for (text, product, quantity, net): (String, Int64, Int128, Int128) in [
            ("2026-11-16", 101, 2_000, 500), ("2026-11-16", 102, 1_000, 10),
            ("2026-11-23", 101, 3_000, 900), ("2026-11-23", 103, 4_000, 100),
        ] {
            sums.add(1, Int64(try date(text).dayNumber), item: product) { row in
                row[SumColumn.Product.quantity] = quantity
                row[SumColumn.Product.net] = net
            }
        }
        try sums.flush(shop.views)
        let short = try ProductsReport().run(request("2026-11-20", "2026-11-23"), shop.reports)
        #expect(try cells(short, "product").dropLast() == [.text("P101"), .text("P103")])
        #expect(
            try cells(short, "quantity_last_week") == [
                .quantity(Quantity(2_000)), .empty, .quantity(Quantity(2_000)),
            ]
        )
        #expect(
            try cells(short, "quantity_change") == [rate(500_000), .empty, rate(500_000)]
        )
        // From the 16th on that day is of the period, and a week before the 23rd too.
        let long = try ProductsReport().run(request("2026-11-16", "2026-11-30"), shop.reports)
        #expect(
            try cells(long, "quantity_change") == [
                rate(1_500_000), .empty, rate(0), rate(1_000_000),
            ]
        )
    }

    @Test("net per staff hour stands where the hours of all days of sales are known")
    func staffHours() throws {
        let shop = try shop()
        let today = try date("2026-11-23")
        let period = try request("2026-11-17", "2026-11-23")
        shop.crew.minutes = [1: [today: 300], 2: [:]]
        let some = try BranchesReport().run(period, shop.reports)
        #expect(
            try cells(some, "branch").dropLast() == [.text("S001"), .text("S002"), .text("S003")]
        )
        // 100.00 yuan in 5 hours; nobody punched; not known.
        #expect(
            try cells(some, "net_per_staff_hour") == [
                .fen(Fen(2_000)), .empty, .empty, .fen(Fen(2_000)),
            ]
        )
        #expect(some.notes.count == 2)
        shop.crew.minutes = [1: [today: 300], 2: [today: 100], 3: [today: 60]]
        let all = try BranchesReport().run(period, shop.reports)
        // 151.00 yuan in 460 minutes.
        #expect(
            try cells(all, "net_per_staff_hour") == [
                .fen(Fen(2_000)), .fen(Fen(3_000)), .fen(Fen(100)), .fen(Fen(1_970)),
            ]
        )
        #expect(all.notes.count == 1)
    }
}
