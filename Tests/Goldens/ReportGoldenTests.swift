// Every report on one small demonstration, in both languages: words, widths, units, alignment.
// The demonstration's clock is its own, so that a second run prints the same.

import Demo
import Foundation
import Kernel
import Module
import Node
import Testing

@Suite("The reports", .serialized)
struct ReportGoldenTests {
    private struct Asked {
        let name: String
        let request: ReportRequest
        /// What the file is called, where one report has several.
        let file: String

        init(_ name: String, _ request: ReportRequest, _ file: String? = nil) {
            self.name = name
            self.request = request
            self.file = file ?? name
        }
    }

    private func asked(_ plan: ChainPlan) -> [Asked] {
        let period = ReportRequest(from: plan.start, to: plan.end)
        var monthly = period
        monthly.options["by"] = "month"
        var found = ReportRequest()
        found.options["product"] = "纯牛奶"
        var cash = period
        cash.options["account"] = "1001"
        return [
            Asked("sales", period), Asked("sales", monthly, "sales-by-month"),
            Asked("branches", period), Asked("products", period), Asked("payments", monthly),
            Asked("stock", ReportRequest()), Asked("stock", found, "stock-found"),
            Asked("attendance", ReportRequest(from: plan.end, to: plan.end)),
            Asked("trial-balance", period), Asked("general-ledger", cash),
            Asked("detail-ledger", cash), Asked("vouchers", period),
            Asked("sync", ReportRequest()), Asked("findings", ReportRequest()),
        ]
    }

    @Test("are as they were read")
    func reports() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/golden-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = DemoOptions(
            folder: folder,
            days: 3,
            products: 24,
            ticketsPerDay: 90
        )
        let run = try DemoRun(options, console: CollectedConsole(language: .chinese).console)
        try run.play()
        let plan = ChainPlan(seed: options.seed, days: 3, products: 24, ticketsPerDay: 90)
        for asked in asked(plan) {
            let result = try run.report(asked.name, asked.request)
            let text =
                ReportText.table(result, .chinese) + "\n" + ReportText.table(result, .english)
            try Golden.check("report-\(asked.file)", text)
        }
        let payments = try run.report("payments", ReportRequest(from: plan.end, to: plan.end))
        try Golden.check(
            "report-payments-machine",
            ReportText.csv(payments, .chinese) + "\n" + ReportText.json(payments, .chinese)
        )
        try run.close()
    }
}
