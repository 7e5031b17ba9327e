// The line above every report: which stores have sent everything, and why the others have not.

import Catalog
import Kernel
import Module
import Node
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

    @Test("says 从未联系 of a store that no device serves, 待同步 of one whose day is not here")
    func others() throws {
        let (chain, stores) = try chain()
        _ = try chain.addStore("S003")
        #expect(try line(chain, .chinese).hasSuffix("门店S002 (未日结)、门店S003 (从未联系)"))
        try stores[1].close()
        try stores[1].sync()
        let quiet = try Store(chain, chain.addStore("S004"), seed: 20)
        try quiet.sync()
        #expect(try line(chain, .chinese).hasSuffix("缺 门店S003 (从未联系)、门店S004 (待同步)"))
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
