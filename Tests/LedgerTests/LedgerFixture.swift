// What the tests of Ledger stand on: a views file of its own, two books with four branches.
// Must not know how other modules answer: the answers here are the test's own.

import Foundation
import Kernel
import Ledger
import Module
import Replication
import SQLite
import Testing

/// A projection of Ledger over a views file in memory, at headquarters.
final class LedgerFixture {
    let views: Database
    let ledger = LedgerProjection()
    let world: ProjectionWorld
    /// What Sales says of days; all others are complete.
    var states: [BranchDate: DayState] = [:]
    var stateElsewhere: DayState = .complete
    /// 2026-11-24, noon in China.
    var now = WallTime(milliseconds: 1_795_579_200_000)
    private var nextSequence: UInt32 = 1

    struct BranchDate: Hashable {
        let branch: Int64
        let date: CivilDate
    }

    init() throws {
        views = try Database(path: ":memory:")
        for statement in ledger.schema.statements { try views.statement(statement).run() }
        world = ProjectionWorld(views: views) { _, clock in clock }
        try ledger.open(views)
    }

    /// Applies a ruling without writing the sums.
    func apply(_ kind: Kind, _ body: [UInt8], id: ChangeID) throws {
        try body.withUnsafeBytes { bytes in
            let change = ChangeInHand(
                id: id,
                kind: kind,
                body: bytes,
                clock: .zero,
                wall: now,
                author: 0,
                commit: id,
                personal: []
            )
            try ledger.apply(change, world)
        }
    }

    func receive(_ effects: LedgerEffect...) throws {
        for effect in effects { try ledger.receive(effect, world) }
        try flush()
    }

    func flush() throws { try ledger.flush(world) }

    /// All rows of all tables, as text.
    func dump() throws -> [String] {
        var lines: [String] = []
        for table in ledger.schema.tables {
            let columns = try views.prepare("SELECT * FROM \(table)").columnCount
            let order = (1...columns).map { "\($0)" }.joined(separator: ", ")
            let reading = try views.prepare("SELECT * FROM \(table) ORDER BY \(order)")
            try reading.forEach { row in
                let cells = (0..<columns).map { column in
                    row.columnType(column) == 4
                        ? Hex.encode(row.blob(column)) : row.text(column)
                }
                lines.append("\(table): \(cells.joined(separator: " "))")
            }
        }
        return lines
    }

    var questions: Questions {
        Questions(
            catalog: LedgerCatalog(),
            people: LedgerPeople(),
            sales: LedgerDays(states: states, elsewhere: stateElsewhere),
            stock: LedgerStock()
        )
    }

    /// Decides a wish, projects what it decided, and tells the outcome and the act.
    @discardableResult
    func perform<Wish: Command>(
        _ wish: Wish,
        author: Int64 = 0,
        kind: NodeFacts.Kind = .headquarters
    ) throws -> (outcome: Wish.Outcome, act: Act) {
        let log = LogReader(database: try LedgerFixture.emptyLog())
        let context = DecideContext(
            views: views,
            log: log,
            questions: questions,
            node: NodeFacts(kind: kind, branch: 0, replica: .headquarters),
            now: now,
            author: author
        )
        var act = Act(
            first: ChangeID(replica: .headquarters, sequence: nextSequence),
            author: author
        )
        let outcome = try wish.decide(context, &act)
        for change in act.commits.flatMap(\.changes) {
            let id = ChangeID(replica: .headquarters, sequence: nextSequence)
            nextSequence += 1
            try apply(change.kind, change.body, id: id)
        }
        try flush()
        return (outcome, act)
    }

    private static func emptyLog() throws -> Database {
        let log = try Database(path: ":memory:")
        try log.execute(
            """
            CREATE TABLE heads(replica INTEGER, incarnation BLOB, device INTEGER, last INTEGER,
              hash BLOB);
            CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY);
            INSERT INTO meta VALUES('headquarters', 1);
            CREATE TABLE commits(position INTEGER, id INTEGER, hash BLOB, bytes BLOB);
            """
        )
        return log
    }

    /// The postings of an act.
    static func postings(_ act: Act) throws -> [VoucherPosted] {
        try act.commits.flatMap(\.changes).map { change in
            try change.body.withUnsafeBytes { try VoucherPosted($0) }
        }
    }

    var reportContext: ReportContext {
        get throws {
            ReportContext(
                views: views,
                log: LogReader(database: try LedgerFixture.emptyLog()),
                questions: questions,
                today: now.date(),
                completeness: []
            )
        }
    }
}

/// Books 1 (小企业会计准则) with branches 11, 12 and 13, a distribution centre; books 2
/// (企业会计准则) with branch 21.
struct LedgerCatalog: CatalogQuestions {
    static let branches: [BranchAnswer] = [11, 12, 13, 21].map { id in
        BranchAnswer(
            id: id,
            code: "S\(id)",
            name: "门店 \(id)",
            kind: id == 13 ? .distributionCentre : .store,
            ownership: .direct,
            entity: id / 10
        )
    }

    func branch(_ id: Int64, on date: CivilDate, _ views: Database) -> BranchAnswer? {
        Self.branches.first { $0.id == id }
    }
    func branch(code: String, on date: CivilDate, _ views: Database) -> BranchAnswer? {
        Self.branches.first { $0.code == code }
    }
    func branches(on date: CivilDate, _ views: Database) -> [BranchAnswer] { Self.branches }
    func neighbours(of branch: Int64, on date: CivilDate, _ views: Database) -> [Int64] { [] }
    func till(_ id: Int64, _ views: Database) -> TillAnswer? { nil }
    func till(branch: Int64, code: String, _ views: Database) -> TillAnswer? { nil }
    func tills(of branch: Int64, _ views: Database) -> [TillAnswer] { [] }
    func tender(_ id: Int64, _ views: Database) -> TenderAnswer? { nil }
    func tender(code: String, _ views: Database) -> TenderAnswer? { nil }
    func tenders(_ views: Database) -> [TenderAnswer] { [] }
    func product(_ id: Int64, _ views: Database) -> ProductAnswer? { nil }
    func product(code: String, _ views: Database) -> ProductAnswer? { nil }
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
    func entity(_ id: Int64, _ views: Database) -> EntityAnswer? {
        entities(views).first { $0.id == id }
    }
    func entities(_ views: Database) -> [EntityAnswer] {
        [
            EntityAnswer(id: 1, code: "E1", name: "百川商贸", standard: 1),
            EntityAnswer(id: 2, code: "E2", name: "百川股份", standard: 2),
        ]
    }
    func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) -> TaxpayerAnswer? { nil }
}

/// One accountant (7), and nobody else.
struct LedgerPeople: PeopleQuestions {
    func person(_ id: Int64, _ views: Database) -> PersonAnswer? { nil }
    func person(code: String, _ views: Database) -> PersonAnswer? { nil }
    func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) -> Bool { person == 7 }
}

struct LedgerDays: SalesQuestions {
    let states: [LedgerFixture.BranchDate: DayState]
    let elsewhere: DayState

    func openDay(till: Int64, _ views: Database) -> OpenDayAnswer? { nil }
    func dayState(branch: Int64, date: CivilDate, _ views: Database) -> DayState {
        states[LedgerFixture.BranchDate(branch: branch, date: date)] ?? elsewhere
    }
    func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) -> CivilDate? { nil }
}

struct LedgerStock: StockQuestions {
    func onHand(branch: Int64, product: Int64, _ views: Database) -> Quantity { .zero }
    func lastCost(product: Int64, branch: Int64, _ views: Database) -> UnitCost? { nil }
}

// MARK: - Effects

enum Make {
    static let day = CivilDate(dayNumber: 20_780)

    /// Noon in China of a date.
    static func noon(_ date: CivilDate) -> WallTime {
        WallTime(milliseconds: (Int64(date.dayNumber) * 24 + 4) * 3_600_000)
    }

    static func id(_ replica: UInt32, _ sequence: UInt32) -> ChangeID {
        ChangeID(replica: ReplicaNumber(replica), sequence: sequence)
    }

    /// A ticket of `gross` fen with tax in it; negative for what came back.
    static func sale(
        _ id: ChangeID,
        branch: Int64 = 11,
        date: CivilDate = Make.day,
        gross: Int64,
        percent: Int64 = 13,
        isSmallScale: Bool = false,
        role: LedgerRole = .cashOnHand,
        tender: Int64 = 3
    ) throws -> LedgerEffect {
        let rate = try Rate(percent: percent)
        let tax = try rate.included(in: Fen(gross))
        return LedgerEffect(
            change: id,
            entity: branch / 10,
            branch: branch,
            businessDate: date,
            group: .retailDay,
            lines: [
                LedgerLine(.debit, role, Fen(gross), tender: tender),
                LedgerLine(.credit, .salesRevenue, Fen(gross) - tax, rate: rate),
                LedgerLine(.credit, isSmallScale ? .vatSmallScale : .vatOutput, tax, rate: rate),
            ]
        )
    }

    /// Two lines of one amount.
    static func pair(
        _ id: ChangeID,
        _ group: VoucherGroup,
        _ debit: LedgerRole,
        _ credit: LedgerRole,
        _ amount: Int64,
        branch: Int64 = 11,
        date: CivilDate = Make.day,
        party: Int64 = 0
    ) -> LedgerEffect {
        LedgerEffect(
            change: id,
            entity: branch / 10,
            branch: branch,
            businessDate: date,
            group: group,
            lines: [
                LedgerLine(.debit, debit, Fen(amount)),
                LedgerLine(.credit, credit, Fen(amount), party: party),
            ]
        )
    }
}

/// What a voucher says, one line each: `Dr 1001 113.00`.
func words(_ voucher: Voucher?) -> [String] {
    (voucher?.lines ?? []).map { line in
        "\(line.side == .debit ? "Dr" : "Cr") \(line.account) \(line.amount)"
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
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter LedgerTests)",
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
