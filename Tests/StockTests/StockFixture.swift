// What the tests of Stock stand on: a views file of its own, a catalogue of three products.
// Must not know how other modules answer: the answers here are the test's own.

import Foundation
import Kernel
import Module
import Replication
import SQLite
import Testing

@testable import Stock

/// Keeps the ledger effects that a change sends.
final class LedgerEar: LedgerReceiver {
    var effects: [LedgerEffect] = []

    func receive(_ effect: LedgerEffect, _ world: ProjectionWorld) throws(ProjectionFault) {
        effects.append(effect)
    }
}

/// A projection of Stock over a views file in memory.
final class StockFixture {
    let views: Database
    let router = EffectRouter()
    let ledger = LedgerEar()
    let stock: StockProjection
    var world: ProjectionWorld
    /// What a ruling takes off the clock of a change.
    var rulings: [ChangeID: Int64] = [:]

    init() throws {
        views = try Database(path: ":memory:")
        stock = StockProjection(router)
        router.stock = [stock]
        router.ledger = [ledger]
        for statement in stock.schema.statements { try views.statement(statement).run() }
        world = ProjectionWorld(views: views) { _, clock in clock }
        world = ProjectionWorld(views: views) { [unowned self] id, clock in
            clock.adding(milliseconds: -(rulings[id] ?? 0))
        }
        try stock.open(views)
    }

    /// Applies a change without writing the sums.
    func apply(_ kind: Kind, _ body: [UInt8], id: ChangeID, clock: ClockStamp) throws {
        try body.withUnsafeBytes { bytes in
            let change = ChangeInHand(
                id: id,
                kind: kind,
                body: bytes,
                clock: clock,
                wall: clock.wallTime,
                author: 0,
                commit: id,
                personal: []
            )
            try stock.apply(change, world)
        }
    }

    /// Writes the sums.
    func flush() throws { try stock.flush(world) }

    /// All rows of all tables, as text.
    func dump() throws -> [String] {
        var lines: [String] = []
        for table in stock.schema.tables {
            let columns = try views.prepare("SELECT * FROM \(table)").columnCount
            let order = (1...columns).map { "\($0)" }.joined(separator: ", ")
            let reading = try views.prepare("SELECT * FROM \(table) ORDER BY \(order)")
            if table == "stock_on_hand" {
                try reading.forEach { lines += try StockFixture.lines(ofBucket: $0) }
                continue
            }
            try reading.forEach { row in
                let cells = (0..<columns).map { row.text($0) }
                lines.append("\(table): \(cells.joined(separator: " "))")
            }
        }
        return lines
    }

    /// The entries of a bucket: place, product, quantity, and the sums by reason, with the days of
    /// the last receipt and sale.
    private static func lines(ofBucket row: Statement) throws -> [String] {
        var lines: [String] = []
        let place = row.integer(0)
        try StockQueries.forEachProduct(row.borrowedBytes(2), row.integer(1)) { product, values in
            let sums = StockSums(values)
            let moved = sums.reasons.map { "\($0.reason) \($0.net)" }.joined(separator: " ")
            let received = sums.date(StockSums.lastReceived).map { " in \($0.dayNumber)" } ?? ""
            let sold = sums.date(StockSums.lastSold).map { " out \($0.dayNumber)" } ?? ""
            lines.append("stock_on_hand: \(place) \(product) \(moved)\(received)\(sold)")
        }
        return lines
    }

    /// Writes an entry as if its sums had come from many changes.
    func seed(place: Int64, product: Int64, _ values: [Int: Int128]) throws {
        let sums = PackedSums("stock_on_hand", keys: ["place"], rules: StockSums.rules)
        sums.add(place, item: product) { row in
            for (index, value) in values { row[index] += value }
        }
        try sums.flush(views)
    }
}

/// What the three branches and three products of the tests are.
struct StockCatalog: CatalogQuestions {
    static let products = [
        ProductAnswer(
            id: 71,
            code: "P1",
            name: "矿泉水",
            unit: "瓶",
            category: 1,
            standardCost: UnitCost(1_200_000),
            isActive: true,
            isWeighed: false
        ),
        ProductAnswer(
            id: 72,
            code: "P2",
            name: "苹果",
            unit: "kg",
            category: 1,
            standardCost: nil,
            isActive: true,
            isWeighed: true
        ),
    ]

    static func branch(_ id: Int64) -> BranchAnswer? {
        guard (1...3).contains(id) else { return nil }
        return BranchAnswer(
            id: id,
            code: "S00\(id)",
            name: "门店\(id)",
            kind: id == 3 ? .distributionCentre : .store,
            ownership: .direct,
            entity: 9
        )
    }

    func branch(_ id: Int64, on date: CivilDate, _ views: Database) -> BranchAnswer? {
        Self.branch(id)
    }
    func branch(code: String, on date: CivilDate, _ views: Database) -> BranchAnswer? {
        branches(on: date, views).first { $0.code == code }
    }
    func branches(on date: CivilDate, _ views: Database) -> [BranchAnswer] {
        (1...3).compactMap { Self.branch($0) }
    }
    func neighbours(of branch: Int64, on date: CivilDate, _ views: Database) -> [Int64] { [] }
    func till(_ id: Int64, _ views: Database) -> TillAnswer? { nil }
    func till(branch: Int64, code: String, _ views: Database) -> TillAnswer? { nil }
    func tills(of branch: Int64, _ views: Database) -> [TillAnswer] { [] }
    func tender(_ id: Int64, _ views: Database) -> TenderAnswer? { nil }
    func tender(code: String, _ views: Database) -> TenderAnswer? { nil }
    func tenders(_ views: Database) -> [TenderAnswer] { [] }
    func product(_ id: Int64, _ views: Database) -> ProductAnswer? {
        Self.products.first { $0.id == id }
    }
    func product(code: String, _ views: Database) -> ProductAnswer? {
        Self.products.first { $0.code == code }
    }
    func product(barcode: String, _ views: Database) -> ProductAnswer? { nil }
    func category(_ codeOrName: String, _ views: Database) -> Int64? { nil }
    func categoryName(_ id: Int64, _ views: Database) -> String? { nil }
    func price(
        of product: Int64,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) -> PriceAnswer? { nil }
    func taxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) -> Rate { .zero }
    func entity(_ id: Int64, _ views: Database) -> EntityAnswer? { nil }
    func entities(_ views: Database) -> [EntityAnswer] { [] }
    func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) -> TaxpayerAnswer? { nil }
}

/// One person (7) who may do all of Stock at branch 1, and nobody else.
struct StockPeople: PeopleQuestions {
    func person(_ id: Int64, _ views: Database) -> PersonAnswer? { nil }
    func person(code: String, _ views: Database) -> PersonAnswer? { nil }
    func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) -> Bool { person == 7 && branch == 1 }
}

/// No day is known; of water, three bottles were sold in the 14 days up to yesterday.
struct StockDays: SalesQuestions {
    func openDay(till: Int64, _ views: Database) -> OpenDayAnswer? { nil }
    func dayState(branch: Int64, date: CivilDate, _ views: Database) -> DayState { .unknown }
    func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) -> CivilDate? { nil }
    func sold(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) -> SoldAnswer {
        let today = StockFixture.today
        guard branch == 1, from == today.adding(days: -28), to == today.adding(days: -1) else {
            return SoldAnswer(first: nil, quantities: [:])
        }
        return SoldAnswer(first: today.adding(days: -14), quantities: [71: Quantity(3_000)])
    }
}

extension StockFixture {
    static let questions = Questions(
        catalog: StockCatalog(),
        people: StockPeople(),
        sales: StockDays(),
        stock: StockAnswers()
    )
    /// 2026-11-24, noon in China.
    static let now = WallTime(milliseconds: 1_795_579_200_000)
    static let today = now.date()

    /// Decides a wish, projects what it decided, and tells the act.
    func perform<Wish: Command>(
        _ wish: Wish,
        author: Int64 = 7,
        kind: NodeFacts.Kind = .branch,
        first: ChangeID = ChangeID(replica: ReplicaNumber(5), sequence: 1)
    ) throws -> Act {
        let context = DecideContext(
            views: views,
            log: LogReader(database: views),
            questions: Self.questions,
            node: NodeFacts(kind: kind, branch: kind == .branch ? 1 : 0, replica: first.replica),
            now: Self.now,
            author: author
        )
        var act = Act(first: first, author: author)
        _ = try wish.decide(context, &act)
        var id = first
        for change in act.commits.flatMap(\.changes) {
            try apply(change.kind, change.body, id: id, clock: ClockStamp(wall: Self.now))
            id = id.offset(by: 1) ?? id
        }
        try flush()
        return act
    }

    var reportContext: ReportContext {
        ReportContext(
            views: views,
            log: LogReader(database: views),
            questions: Self.questions,
            today: Self.today,
            completeness: []
        )
    }
}

/// Tries a law on cases of their own seeds; `TRIBUTARY_SEED=n` begins with case n.
func property(
    cases: Int,
    _ law: (inout SeededRandom) throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
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
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter StockTests)",
                sourceLocation: sourceLocation
            )
            return
        }
    }
}

/// What broke a law.
struct Falsified: Error, CustomStringConvertible {
    let description: String
}
