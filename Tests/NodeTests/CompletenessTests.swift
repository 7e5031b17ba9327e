// The line above every report: which stores have sent everything, and why the others have not.

import Catalog
import Kernel
import Module
import Node
import SQLite
import Sales
import Sync
import Testing

/// A store of a small chain, with its node and its first till.
struct Store {
    let chain: SmallChain
    let node: NodeSync
    let till: Int64

    init(_ chain: SmallChain, _ store: AddBranch.Outcome, seed: UInt64) throws {
        self.chain = chain
        node = try chain.enrol(store.branch, seed: seed)
        till = try #require(store.tills.first)
    }

    func sync() throws {
        let outcome = try node.round(Line(headquarters: chain.headquarters))
        #expect(outcome.isComplete, "\(outcome)")
    }

    func openDay() throws { _ = try node.engine.perform(OpenDay(till: till)) }

    func sell(_ count: Int) throws { try chain.sell(node, till: till, count) }

    func close() throws { _ = try node.engine.perform(CloseDay(till: till, counted: nil)) }
}

@Suite("The completeness line")
struct CompletenessTests {
    /// Two stores that both sold on the 20th; the first sealed its day.
    private func chain() throws -> (SmallChain, [Store]) {
        let chain = try SmallChain()
        let stores = try ["S001", "S002"].enumerated().map { index, code in
            try Store(chain, chain.addStore(code), seed: UInt64(10 + index))
        }
        for store in stores {
            try store.sync()
            try store.openDay()
            try store.sell(3)
        }
        try stores[0].close()
        for store in stores { try store.sync() }
        return (chain, stores)
    }

    private func line(_ chain: SmallChain, _ language: Language) throws -> String {
        let day = try CivilDate(parsing: "2026-11-20")
        return try chain.headquarters.engine.report("sales", ReportRequest(from: day, to: day))
            .completenessLine(language)
    }

    @Test("says 未日结 of a store at work, and 失联 only after three tries in vain")
    func rule() throws {
        let (chain, _) = try chain()
        #expect(try line(chain, .chinese) == "已到齐 1/2 店 · 截至 11-20 · 缺 门店S002 (未日结)")
        #expect(
            try line(chain, .english)
                == "complete 1/2 stores · through 11-20 · missing 门店S002 (day not closed)"
        )
        let heard = try #require(chain.headquarters.engine.contacts().values.max())
        chain.clock.time = heard.adding(milliseconds: 15 * 60_000 - 10)
        #expect(try line(chain, .chinese).hasSuffix("缺 门店S002 (未日结)"))
        chain.clock.time = heard.adding(milliseconds: 15 * 60_000 + 1)
        let time = heard.timeText()
        #expect(try line(chain, .chinese).hasSuffix("缺 门店S002 (\(time) 起失联)"))
        #expect(try line(chain, .english).hasSuffix("missing 门店S002 (silent since \(time))"))
        chain.clock.time = heard.adding(milliseconds: 86_400_000)
        #expect(try line(chain, .chinese).hasSuffix("缺 门店S002 (11-20 \(time) 起失联)"))
    }

    @Test("says 从未联系 of a store that no device serves, 没有营业记录 of one that sent all")
    func others() throws {
        let (chain, stores) = try chain()
        _ = try chain.addStore("S003")
        #expect(try line(chain, .chinese).hasSuffix("门店S002 (未日结)、门店S003 (从未联系)"))
        try stores[1].close()
        try stores[1].sync()
        let quiet = try Store(chain, chain.addStore("S004"), seed: 20)
        try quiet.sync()
        #expect(try line(chain, .chinese).hasSuffix("缺 门店S003 (从未联系)、门店S004 (没有营业记录)"))
    }

    @Test("speaks at a branch of that branch alone")
    func atABranch() throws {
        let (chain, stores) = try chain()
        let day = try CivilDate(parsing: "2026-11-20")
        let request = ReportRequest(from: day, to: day)
        let lines = try stores.map { store in
            try store.node.engine.report("sales", request).completenessLine(.chinese)
        }
        #expect(lines == ["已到齐 1/1 店 · 截至 11-20", "已到齐 0/1 店 · 缺 门店S002 (未日结)"])
        #expect(try line(chain, .chinese).hasPrefix("已到齐 1/2 店"))
    }

    @Test("of a neighbour, whose tickets alone are here, a branch shows nothing and says who does")
    func neighbours() throws {
        let (_, stores) = try chain()
        let own = stores[1].node.engine
        let tickets = try own.views.statement("SELECT count(DISTINCT branch) FROM sales_day")
        #expect(try tickets.firstInteger() == 2)
        for name in ["sales", "branches", "payments", "stock"] {
            let table = try own.report(name, ReportRequest()).table
            let column = try #require(table.columns.firstIndex { $0.key == "branch" })
            #expect(Set(table.rows.map { $0[column] }) == [.text("S002")], "\(name)")
        }
        let findings = try own.report("findings", ReportRequest()).table
        #expect(!findings.rows.isEmpty)
        #expect(!findings.rows.contains { ReportText.text($0[3]).contains("S001") })
        let date = try CivilDate(parsing: "2026-11-20")
        let catalog = own.modules.questions.catalog
        let other = try #require(try catalog.branch(code: "S001", on: date, own.views))
        let fault = try #require(throws: NodeFault.self) {
            _ = try own.report("sales", ReportRequest(branch: other.id))
        }
        #expect(fault.text(.chinese).contains("请在总部查看"))
    }

    @Test("stands above a period that is named, and days to come are complete nowhere")
    func period() throws {
        let (chain, _) = try chain()
        let hq = chain.headquarters.engine
        let month = try hq.report("sales", ReportRequest())
        #expect(month.heading(.chinese) == "营业报表 · 2026-11-01 至 2026-11-20")
        #expect(month.heading(.english) == "Sales · 2026-11-01 to 2026-11-20")
        #expect(ReportText.json(month, .english).contains("\"from\":\"2026-11-01\""))
        let next = try hq.report("sales", ReportRequest(from: CivilDate(parsing: "2027-01-01")))
        #expect(next.heading(.chinese) == "营业报表 · 2027-01-01")
        #expect(next.completenessLine(.chinese).hasPrefix("已到齐 0/2 店 · 缺"))
        #expect(try hq.report("stock", ReportRequest()).heading(.chinese) == "库存余额")
    }

    @Test("goes into the workbook, beside the report's own sheet")
    func workbook() throws {
        let (chain, _) = try chain()
        let result = try chain.headquarters.engine.report("branches", ReportRequest())
        let bytes = try ReportText.xlsx(result, .chinese)
        #expect(bytes.starts(with: [0x50, 0x4B, 3, 4]))
        #expect(bytes == (try ReportText.xlsx(result, .chinese)))
        // The parts of a workbook are stored, not deflated: their text stands in the bytes.
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("未日结") && text.contains("已到齐 1/2 店"))
        #expect(text.contains("门店S001"))
    }
}
