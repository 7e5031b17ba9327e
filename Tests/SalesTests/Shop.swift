// A shop for tests: a node, a catalogue and people made of plain values, and what the effects said.

import Foundation
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

@testable import Sales

/// The catalogue of a test.
struct ShelfCatalog: CatalogQuestions {
    static let entity: Int64 = 1
    static let cash: Int64 = 61
    static let wechat: Int64 = 62
    static let alipay: Int64 = 63

    var taxpayer: TaxpayerKind = .general
    var products: [ProductAnswer] = [
        ShelfCatalog.product(101, "P101"), ShelfCatalog.product(102, "P102"),
        ShelfCatalog.product(103, "P103"), ShelfCatalog.product(104, "P104", isWeighed: true),
    ]
    var prices: [Int64: UnitPrice] = [
        101: UnitPrice(113_000), 102: UnitPrice(99_900), 103: UnitPrice(358_000),
        104: UnitPrice(25_800),
    ]
    var minimums: [Int64: UnitPrice] = [:]
    /// Before this no price is in force.
    var pricesFrom: WallTime?
    var rates: [Int64: Rate] = [103: Rate(90_000)]

    static func product(_ id: Int64, _ code: String, isWeighed: Bool = false) -> ProductAnswer {
        ProductAnswer(
            id: id,
            code: code,
            name: "商品\(code)",
            unit: "个",
            category: 31,
            standardCost: UnitCost(5_000_000),
            isActive: true,
            isWeighed: isWeighed
        )
    }

    static func branch(_ id: Int64) -> BranchAnswer {
        BranchAnswer(
            id: id,
            code: "S\(String(1_000 + id).suffix(3))",
            name: "门店\(id)",
            kind: .store,
            ownership: .direct,
            entity: entity
        )
    }

    var inactiveTills: Set<Int64> = []

    /// Branches 1 to 9; the tills of branch b are 10b + 1 and 10b + 2.
    func branch(_ id: Int64, on date: CivilDate, _ views: Database) throws -> BranchAnswer? {
        (1...9).contains(id) ? ShelfCatalog.branch(id) : nil
    }

    func branch(code: String, on date: CivilDate, _ views: Database) throws -> BranchAnswer? {
        (1...9).map { ShelfCatalog.branch($0) }.first { $0.code == code }
    }

    func branches(on date: CivilDate, _ views: Database) throws -> [BranchAnswer] {
        (1...9).map { ShelfCatalog.branch($0) }
    }

    func neighbours(of branch: Int64, on date: CivilDate, _ views: Database) throws -> [Int64] {
        (1...9).filter { $0 != branch }
    }

    func till(_ id: Int64, _ views: Database) throws -> TillAnswer? {
        guard (1...9).contains(id / 10), (1...2).contains(id % 10) else { return nil }
        return TillAnswer(
            id: id,
            branch: id / 10,
            code: "0\(id % 10)",
            isActive: !inactiveTills.contains(id)
        )
    }

    func till(branch: Int64, code: String, _ views: Database) throws -> TillAnswer? {
        try till(branch * 10 + (Int64(code) ?? 0), views)
    }

    func tills(of branch: Int64, _ views: Database) throws -> [TillAnswer] {
        try [1, 2].compactMap { try till(branch * 10 + $0, views) }
    }

    func tender(_ id: Int64, _ views: Database) throws -> TenderAnswer? {
        try tenders(views).first { $0.id == id }
    }

    func tender(code: String, _ views: Database) throws -> TenderAnswer? {
        try tenders(views).first { $0.code == code }
    }

    func tenders(_ views: Database) throws -> [TenderAnswer] {
        [
            TenderAnswer(
                id: ShelfCatalog.cash,
                code: "cash",
                name: "现金",
                role: .cashOnHand,
                isCash: true,
                isElectronic: false
            ),
            TenderAnswer(
                id: ShelfCatalog.wechat,
                code: "wechat",
                name: "微信",
                role: .tenderWechat,
                isCash: false,
                isElectronic: true
            ),
            TenderAnswer(
                id: ShelfCatalog.alipay,
                code: "alipay",
                name: "支付宝",
                role: .tenderAlipay,
                isCash: false,
                isElectronic: true
            ),
        ]
    }

    func product(_ id: Int64, _ views: Database) throws -> ProductAnswer? {
        products.first { $0.id == id }
    }

    func product(code: String, _ views: Database) throws -> ProductAnswer? {
        products.first { $0.code == code }
    }

    func product(barcode: String, _ views: Database) throws -> ProductAnswer? { nil }

    func category(_ codeOrName: String, _ views: Database) -> Int64? {
        codeOrName.hasPrefix("类") ? Int64(codeOrName.dropFirst()) : nil
    }
    func categoryName(_ id: Int64, _ views: Database) throws -> String? { "类\(id)" }

    func price(
        of product: Int64,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> PriceAnswer? {
        if let pricesFrom, time < pricesFrom { return nil }
        return prices[product].map {
            PriceAnswer(version: product + 1_000, price: $0, minimum: minimums[product])
        }
    }

    func taxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) throws -> Rate {
        taxpayer == .smallScale ? Rate(10_000) : rates[product] ?? Rate(130_000)
    }

    func entity(_ id: Int64, _ views: Database) throws -> EntityAnswer? {
        EntityAnswer(id: id, code: "E1", name: "账套一", standard: 1)
    }

    func entities(_ views: Database) throws -> [EntityAnswer] { [] }

    func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> TaxpayerAnswer? { TaxpayerAnswer(id: 5, kind: taxpayer) }
}

/// People of a test: each with the rights given.
struct Crew: PeopleQuestions {
    var rights: [Int64: Set<Right>] = [:]
    /// Before this nobody has any.
    var rightsFrom: WallTime?
    /// The minutes worked by branch and date; of other branches nothing is known.
    var minutes: [Int64: [CivilDate: Int64]] = [:]

    func workedMinutes(
        branch: Int64,
        _ period: ReportPeriod,
        _ context: ReportContext
    ) throws -> [CivilDate: Int64]? { minutes[branch] }

    func person(_ id: Int64, _ views: Database) throws -> PersonAnswer? { nil }
    func person(code: String, _ views: Database) throws -> PersonAnswer? { nil }

    func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool {
        if let rightsFrom, time < rightsFrom { return false }
        return rights[person]?.contains(right) ?? false
    }
}

/// Stock that knows nothing, which never stops a sale.
struct EmptyShelf: StockQuestions {
    func onHand(branch: Int64, product: Int64, _ views: Database) throws -> Quantity { .zero }
    func lastCost(product: Int64, branch: Int64, _ views: Database) throws -> UnitCost? { nil }
}

/// What the effects said.
final class Recorder: StockReceiver, LedgerReceiver {
    var stock: [StockEffect] = []
    var ledger: [LedgerEffect] = []

    func receive(_ effect: StockEffect, _ world: ProjectionWorld) throws(ProjectionFault) {
        stock.append(effect)
    }

    func receive(_ effect: LedgerEffect, _ world: ProjectionWorld) throws(ProjectionFault) {
        ledger.append(effect)
    }
}

/// A node of a test with the module of sales.
final class Shop {
    let fixture: Fixture
    let recorder = Recorder()
    let branch: Int64
    var kind: NodeFacts.Kind
    var catalog = ShelfCatalog()
    var crew = Crew()

    /// A branch's node, or headquarters with replica 0.
    init(replica: UInt32 = 7, branch: Int64 = 1, seed: UInt64 = 1) throws {
        let recorder = recorder
        self.branch = replica == 0 ? 0 : branch
        kind = replica == 0 ? .headquarters : .branch
        fixture = try Fixture(replica: replica, seed: seed) {
            let router = EffectRouter()
            router.stock = [recorder]
            router.ledger = [recorder]
            return [SalesModule().projection(router)]
        }
        at("2026-11-23", 10)
    }

    var views: Database { fixture.views }
    var log: LogReader { fixture.log.reader }

    var questions: Questions {
        Questions(
            catalog: catalog,
            people: crew,
            sales: SalesAnswers(catalog: catalog),
            stock: EmptyShelf()
        )
    }

    /// Sets the clock.
    func at(_ date: String, _ hour: Int, _ minute: Int = 0) {
        let day = try? CivilDate(parsing: date)
        let time = day.flatMap { try? WallTime(date: $0, hour: hour, minute: minute) }
        if let time { fixture.now = time }
    }

    func context(author: Int64 = 0) throws -> DecideContext {
        DecideContext(
            views: views,
            log: log,
            questions: questions,
            node: NodeFacts(
                kind: kind,
                branch: branch,
                replica: try #require(fixture.log.own).replica
            ),
            now: fixture.now,
            seen: fixture.log.clock.last.wallTime,
            author: author
        )
    }

    /// Decides, applies and appends a command.
    @discardableResult
    func run<C: Command>(_ command: C, author: Int64 = 0) throws -> C.Outcome {
        var act = try fixture.act(author: author)
        let outcome = try command.decide(try context(author: author), &act)
        try fixture.commit(act)
        return outcome
    }

    /// The code of the refusal of a command; nil where it was decided.
    func refusal<C: Command>(_ command: C, author: Int64 = 0) throws -> Int? {
        var act = try fixture.act(author: author)
        do {
            _ = try command.decide(try context(author: author), &act)
            return nil
        } catch let refusal as any Refusal {
            return refusal.code
        }
    }

    var reports: ReportContext {
        ReportContext(
            views: views,
            log: log,
            questions: questions,
            today: fixture.now.date(),
            completeness: []
        )
    }

    /// One number of a query.
    func number(_ sql: String) throws -> Int64 {
        try #require(try views.prepare(sql).firstInteger())
    }

    /// A figure over all products, branches and days.
    func product(_ column: Int) throws -> Int128 {
        var sum: Int128 = 0
        try views.prepare("SELECT bucket, entries FROM sales_product").forEach { row in
            try SalesQueries.forEachProduct(row, bucket: 0, entries: 1) { sum += $1[column] }
        }
        return sum
    }
}

/// A date written as text.
func date(_ text: String) throws -> CivilDate { try CivilDate(parsing: text) }

/// What broke a law.
struct Falsified: Error, CustomStringConvertible {
    let description: String
}

/// Ends the case when the law does not hold.
func hold(_ condition: Bool, _ evidence: @autoclosure () -> String) throws(Falsified) {
    if !condition { throw Falsified(description: evidence()) }
}

/// Tries a law on `cases` cases, each with a generator of its own seed.
func property(
    cases: Int,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ law: (inout SeededRandom) throws -> Void
) {
    let given = ProcessInfo.processInfo.environment["TRIBUTARY_SEED"].flatMap { UInt64($0) }
    var system = SystemRandomNumberGenerator()
    let first = given ?? system.next() >> 16
    for index in 0..<cases {
        let seed = first &+ UInt64(index)
        var random = SeededRandom(seed: seed)
        do {
            try law(&random)
        } catch {
            Issue.record(
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter SalesTests)",
                sourceLocation: sourceLocation
            )
            return
        }
    }
}
