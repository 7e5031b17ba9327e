// The reports that the node itself makes: how its devices are in step, and what is exceptional.

import Catalog
import Foundation
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Support
import Sync
import Tabular
import Testing

@Suite("The reports sync and findings")
struct SyncReportTests {
    private func chain() throws -> (SmallChain, [Store]) {
        let chain = try SmallChain()
        let stores = try ["S001", "S002"].enumerated().map { index, code in
            try Store(chain, chain.addStore(code), seed: UInt64(10 + index))
        }
        for store in stores { try store.openDay() }
        for store in stores { try store.sync() }
        return (chain, stores)
    }

    private func cells(
        _ engine: NodeEngine,
        _ report: String,
        _ keys: [String],
        _ language: Language = .chinese
    ) throws -> [String] {
        let table = try engine.report(report, ReportRequest()).table
        let places = try keys.map { key in
            try #require(table.columns.firstIndex { $0.key == key })
        }
        return table.rows.map { row in
            places.map { row[$0].tableCell(language).plainText }.joined(separator: " ")
        }
    }

    private static let figures = [
        "branch", "written", "received", "projected", "unsent", "behind", "missing_seals", "state",
    ]

    @Test("are told of a device at once what is new, and else once a minute")
    func heard() throws {
        let (chain, stores) = try chain()
        let hq = chain.headquarters
        try stores[0].sync()
        let before = hq.notedCount
        for _ in 0..<5 { try stores[0].sync() }
        #expect(hq.notedCount == before)
        #expect(try hq.engine.contacts().count == 2)
        try stores[0].sell(1)
        try stores[0].sync()
        #expect(hq.notedCount > before)
        let after = hq.notedCount
        chain.clock.time = chain.clock.time.adding(milliseconds: 61_000)
        let minute = chain.clock.time
        try stores[0].sync()
        #expect(hq.notedCount == after + 1)
        let heard = try #require(try hq.engine.contacts().values.max())
        #expect(heard >= minute)
    }

    @Test("agree on a store that sent all and sold nothing")
    func quiet() throws {
        let (chain, stores) = try chain()
        try stores[0].sell(2)
        for store in stores { try store.sync() }
        chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
        for store in stores { try store.close() }
        chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
        for store in stores { try store.sync() }
        for store in stores { try store.sync() }
        let hq = chain.headquarters.engine
        let states = try cells(hq, "sync", ["branch", "state"])
        #expect(states == ["S001 正常", "S002 正常"])
        var request = ReportRequest()
        request.to = chain.clock.time.date().adding(days: -1)
        request.from = request.to
        let result = try hq.report("sales", request)
        #expect(Set(result.completeness.map(\.state)) == [.quiet])
        #expect(result.completenessLine(.chinese).contains("没有营业记录"))
    }

    @Test("tell what each device has written, sent and fetched, as it last said, and its state")
    func inStep() throws {
        let (chain, stores) = try chain()
        let hq = chain.headquarters.engine
        for store in stores { try store.sync() }
        #expect(
            try cells(hq, "sync", Self.figures)
                == ["S001 1 1 1 0 0 0 正常", "S002 1 1 1 0 0 0 正常"]
        )
        // A round that is cut after the hello: headquarters knows that ten tickets wait, no more.
        try stores[1].sell(10)
        var exchanges = 0
        let line = Line(headquarters: chain.headquarters) {
            exchanges += 1
            return exchanges > 1
        }
        _ = try NodeSync(engine: stores[1].node.engine).round(line)
        #expect(
            try cells(hq, "sync", Self.figures)
                == ["S001 1 1 1 0 0 0 正常", "S002 11 1 1 10 0 0 待同步"]
        )
        #expect(try cells(stores[1].node.engine, "sync", Self.figures) == ["S002 11 1 1 10  0 待同步"])
        _ = try chain.addStore("S003")
        chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
        let next = try cells(hq, "sync", Self.figures, .english)
        #expect(next.map { $0.hasSuffix("silent") } == [true, true, false])
        #expect(next[0] == "S001 1 1 1 0 1 1 silent")
        #expect(next[2] == "S003  0 0   0 no device")
    }

    @Test("tell how far a device's clock is off, rounded to seconds")
    func clock() throws {
        let (chain, stores) = try chain()
        let fast = SetClock(chain.clock.time.adding(milliseconds: 90_400))
        let sync = try NodeSync(engine: stores[0].node.engine)
        sync.client.begin(now: fast.now())
        let request = try #require(try sync.client.nextRequest(now: fast.now()))
        _ = try Line(headquarters: chain.headquarters).exchange(request)
        let rows = try cells(chain.headquarters.engine, "sync", ["branch", "clock_seconds"])
        #expect(rows == ["S001 90", "S002 0"])
    }

    @Test("name every exception with its owner, by the names people use, in both languages")
    func findings() throws {
        let (chain, stores) = try chain()
        let hq = chain.headquarters.engine
        #expect(try cells(hq, "findings", ["check"]) == [])
        try stores[0].sell(1)
        for store in stores + stores { try store.sync() }
        let sale = try #require(
            try hq.views.integer("SELECT id FROM sales_ticket").map { ChangeID($0) }
        )
        // Both stores take the same goods back while they cannot see each other.
        for store in stores {
            _ = try store.node.engine.perform(
                ReturnGoods(
                    till: store.till,
                    origin: .sale(sale),
                    items: [ReturnItem(line: 0, quantity: .one)]
                )
            )
        }
        for store in stores { try store.sync() }
        let chinese = try cells(hq, "findings", ["title", "owner", "subject"])
        #expect(chinese.first?.hasPrefix("重复退货 门店 S00101A-261120-00001-") == true)
        #expect(chinese.first?.hasSuffix(" #1") == true)
        #expect(chinese.dropFirst().contains("负库存 门店 S001 门店S001 · P2 商品2"))
        let english = try cells(hq, "findings", ["check", "title", "evidence"], .english)
        #expect(
            english.first == "sales.return.duplicate Returned twice sold 1, returned 2, refunded "
                + "7.00 yuan; returns: S001 2026-11-20, S002 2026-11-20"
        )
        #expect(throws: ReportFault.self) {
            _ = try hq.report("findings", ReportRequest(branch: 1))
        }
    }

    @Test("name a copied disk, at headquarters and at the copy, and lose nothing of either")
    func fork() throws {
        let (chain, stores) = try chain()
        let hq = chain.headquarters.engine
        let file = FileManager.default.temporaryDirectory.path + "/fork-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try stores[0].node.engine.log.database.backup(to: file)
        let random = SeededSource(seed: 99)
        let copy = try NodeEngine(
            storage: MemoryStorage(),
            log: Log.open(database: Database(path: file), random: random),
            modules: .standard,
            clock: chain.clock,
            random: random
        )
        try stores[0].sell(2)
        try stores[0].sync()
        let twin = try NodeSync(engine: copy)
        try chain.sell(twin, till: stores[0].till, 3)
        for _ in 0..<3 { _ = try twin.round(Line(headquarters: chain.headquarters)) }
        #expect(try copy.log.unsentCount() == 0)
        #expect(try hq.views.integer("SELECT count(*) FROM sales_ticket") == 5)
        for engine in [hq, copy] {
            let rows = try cells(engine, "findings", ["title", "evidence"])
            #expect(rows.contains { $0.hasPrefix("历史分叉 自 ") }, "\(rows)")
        }
        // Two tickets under one number are exceptional too, and both are kept.
        #expect(try cells(hq, "findings", ["title"]).contains("小票重号"))
    }
}
