// A small chain through the real engine, the real protocol and a line in memory: stores sell
// offline, headquarters' figures equal theirs.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Support
import Sync
import Synchronization
import Testing

/// Files of a node in memory: databases live as long as the storage.
final class MemoryStorage: NodeStorage, @unchecked Sendable {
    // Why: a test uses it on one thread.
    private var files: [String: [UInt8]] = [:]

    func database(_ name: String, _ options: Database.Options) throws -> Database {
        try Database(path: ":memory:", options: options)
    }

    func names() throws -> [String] { files.keys.sorted() }
    func remove(_ name: String) throws { files[name] = nil }
    func read(_ name: String) throws -> [UInt8]? { files[name] }

    func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        files[name] = content
    }
}

/// A clock that a test sets; each look at it is a millisecond later.
final class SetClock: Clock, Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ time: WallTime) {
        milliseconds = Mutex(time.milliseconds)
    }

    var time: WallTime {
        get { WallTime(milliseconds: milliseconds.withLock { $0 }) }
        set { milliseconds.withLock { $0 = newValue.milliseconds } }
    }

    func now() -> WallTime {
        WallTime(
            milliseconds: milliseconds.withLock {
                $0 += 1
                return $0
            }
        )
    }

    func monotonicMs() -> Int64 { milliseconds.withLock { $0 } }
}

/// A line to headquarters in the same process; it can be cut.
struct Line: Transport {
    let headquarters: Headquarters
    var isCut: () -> Bool = { false }

    func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        if isCut() { throw NodeFault(.unreachable, "the line is cut", nextStep: "") }
        let answer = try headquarters.answer(
            method: request.method,
            target: request.target,
            headers: request.headers,
            body: request.body
        )
        try headquarters.engine.catchUp()
        return TransportAnswer(
            status: answer.status,
            headers: answer.headers,
            body: answer.body
        )
    }
}

/// Headquarters with a few stores.
final class SmallChain {
    let clock: SetClock
    let headquarters: Headquarters
    let entity: Int64
    private(set) var products: [Int64] = []

    init(storage: any NodeStorage = MemoryStorage()) throws {
        clock = SetClock(try WallTime(parsing: "2026-11-20T09:00:00+08:00"))
        let day = try CivilDate(parsing: "2026-11-01")
        let engine = try NodeEngine.found(
            FoundingWish(company: "百川", standard: 1, taxpayer: .general, from: day),
            storage: storage,
            modules: .standard,
            clock: clock,
            random: SeededSource(seed: 1)
        )
        headquarters = try Headquarters(engine: engine)
        let entities = try engine.modules.questions.catalog.entities(engine.views)
        entity = try #require(entities.first).id
        let category = try engine.perform(AddCategory(code: "10", name: "饮料"))
        let wishes = (1...5).map { number in
            NewProduct(code: "P\(number)", name: "商品\(number)", unit: "件", category: category)
        }
        products = try engine.perform(AddProducts(wishes))
        let prices = try products.map { PriceLine(product: $0, price: try UnitPrice(yuan: "3.5")) }
        _ = try engine.perform(SetPrices(from: clock.now(), prices: prices))
    }

    func addStore(_ code: String) throws -> AddBranch.Outcome {
        try headquarters.engine.perform(
            AddBranch(
                code: code,
                name: "门店\(code)",
                entity: entity,
                from: CivilDate(parsing: "2026-11-01"),
                tillCodes: ["01"]
            )
        )
    }

    /// Enrols a node for a store and fetches what it needs to sell.
    func enrol(
        _ branch: Int64,
        seed: UInt64,
        storage: any NodeStorage = MemoryStorage()
    ) throws -> NodeSync {
        let random = SeededSource(seed: seed)
        let code = try headquarters.server.issueCode(
            kind: 1,
            branch: branch,
            label: "store",
            now: clock.now()
        )
        let enrolment = try Enrolment(
            code: code.text,
            deviceNonce: random.bytes(16),
            machine: "test",
            random: random
        )
        let reply = try Line(headquarters: headquarters).exchange(enrolment.request)
        let answer = try enrolment.answer(
            status: reply.status,
            headers: reply.headers,
            body: reply.body
        )
        let database = try NodeEngine.database(storage)
        let log = try enrolment.found(answer, database: database, random: random)
        let engine = try NodeEngine(
            storage: storage,
            log: log,
            modules: .standard,
            clock: clock,
            random: random
        )
        let sync = try NodeSync(engine: engine)
        let outcome = try sync.round(Line(headquarters: headquarters))
        #expect(outcome.isComplete, "\(outcome)")
        return sync
    }

    func sell(_ store: NodeSync, till: Int64, _ count: Int) throws {
        let cash = try #require(
            try store.engine.modules.questions.catalog.tender(code: "cash", store.engine.views)
        )
        for number in 0..<count {
            let items = [
                SaleItem(.id(products[number % products.count]), quantity: .one),
                SaleItem(.id(products[(number + 1) % products.count]), quantity: .one),
            ]
            _ = try store.engine.perform(
                CloseSale(
                    till: till,
                    items: items,
                    payments: [PaymentWish(.id(cash.id), amount: Fen(700))]
                )
            )
        }
    }
}

@Suite("A chain in one thread")
struct ChainTests {
    @Test("stores sell offline, sync twice, cut and resumed; headquarters has the one true total")
    func oneTrueTotal() throws {
        let chain = try SmallChain()
        let stores = try ["S001", "S002"].map { try chain.addStore($0) }
        let nodes = try stores.enumerated().map { index, store in
            try chain.enrol(store.branch, seed: UInt64(10 + index))
        }
        for (node, store) in zip(nodes, stores) {
            _ = try node.engine.perform(OpenDay(till: store.tills[0]))
            try chain.sell(node, till: store.tills[0], 25)
        }
        let line = Line(headquarters: chain.headquarters)
        var exchanges = 0
        let cutLine = Line(headquarters: chain.headquarters) {
            exchanges += 1
            return exchanges > 1
        }
        _ = try nodes[0].round(cutLine)
        for node in nodes { #expect(try node.round(line).isComplete) }
        for node in nodes { #expect(try node.round(line).isComplete) }
        let hq = chain.headquarters.engine
        try hq.catchUp()
        let report = try hq.report("branches", ReportRequest())
        let tickets = report.table.columns.firstIndex { $0.key == "tickets" }
        let place = try #require(tickets)
        #expect(report.table.totals?[place] == .integer(50))
        for node in nodes { #expect(try node.engine.log.unsentCount() == 0) }
        #expect(try hq.verify().problems == [])
        for node in nodes { #expect(try node.engine.verify().problems == []) }
        // A neighbour holds the other's tickets, so that goods can be returned next door.
        #expect(try nodes[0].engine.views.integer("SELECT count(*) FROM sales_ticket") == 50)
    }
}
