// A node with People alone, for its tests.

import Glibc
import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing

/// Two branches, 9 with a till and 10 without, and whatever else People asks.
struct PeopleOnly: CatalogQuestions, SalesQuestions, StockQuestions {
    /// What Sales says of branch 9.
    var through: CivilDate?

    func branch(_ id: Int64, on date: CivilDate, _ views: Database) throws -> BranchAnswer? {
        try branches(on: date, views).first { $0.id == id }
    }
    func branch(
        code: String,
        on date: CivilDate,
        _ views: Database
    ) throws -> BranchAnswer? { nil }
    func branches(on date: CivilDate, _ views: Database) throws -> [BranchAnswer] {
        [("S001", 9), ("D001", 10)].map { code, id in
            BranchAnswer(
                id: id,
                code: code,
                name: "店\(id)",
                kind: .store,
                ownership: .direct,
                entity: 1
            )
        }
    }
    func neighbours(
        of branch: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> [Int64] { [] }
    func till(_ id: Int64, _ views: Database) throws -> TillAnswer? { nil }
    func till(branch: Int64, code: String, _ views: Database) throws -> TillAnswer? { nil }
    func tills(of branch: Int64, _ views: Database) throws -> [TillAnswer] {
        branch == 9 ? [TillAnswer(id: 1, branch: 9, code: "01", isActive: true)] : []
    }
    func tender(_ id: Int64, _ views: Database) throws -> TenderAnswer? { nil }
    func tender(code: String, _ views: Database) throws -> TenderAnswer? { nil }
    func tenders(_ views: Database) throws -> [TenderAnswer] { [] }
    func product(_ id: Int64, _ views: Database) throws -> ProductAnswer? { nil }
    func product(code: String, _ views: Database) throws -> ProductAnswer? { nil }
    func product(barcode: String, _ views: Database) throws -> ProductAnswer? { nil }
    func category(_ codeOrName: String, _ views: Database) -> Int64? { nil }
    func categoryName(_ id: Int64, _ views: Database) throws -> String? { nil }
    func price(
        of product: Int64,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> PriceAnswer? { nil }
    func taxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) throws -> Rate { .zero }
    func entity(_ id: Int64, _ views: Database) throws -> EntityAnswer? { nil }
    func entities(_ views: Database) throws -> [EntityAnswer] { [] }
    func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> TaxpayerAnswer? { nil }
    func openDay(till: Int64, _ views: Database) throws -> OpenDayAnswer? { nil }
    func dayState(branch: Int64, date: CivilDate, _ views: Database) throws -> DayState {
        .unknown
    }
    func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> CivilDate? { through }
    func onHand(branch: Int64, product: Int64, _ views: Database) throws -> Quantity { .zero }
    func lastCost(product: Int64, branch: Int64, _ views: Database) throws -> UnitCost? { nil }
}

/// A node with People alone: headquarters, or the branch 9.
final class PeopleWorld {
    let node: Fixture
    let people = PeopleAnswers()
    let facts: NodeFacts
    /// How far branch 9 is complete.
    var through: CivilDate?

    init(replica: UInt32 = 0) throws {
        node = try Fixture(replica: replica) { [PeopleView()] }
        facts = NodeFacts(
            kind: replica == 0 ? .headquarters : .branch,
            branch: replica == 0 ? 0 : 9,
            replica: ReplicaNumber(replica)
        )
    }

    var questions: Questions {
        let other = PeopleOnly(through: through)
        return Questions(catalog: other, people: people, sales: other, stock: other)
    }

    func run<C: Command>(
        _ command: C,
        at time: WallTime? = nil,
        author: Int64 = 0
    ) throws -> C.Outcome {
        let context = DecideContext(
            views: node.views,
            log: node.log.reader,
            questions: questions,
            node: facts,
            now: time ?? node.now,
            author: author
        )
        var act = try node.act(author: author)
        let outcome = try command.decide(context, &act)
        if !act.isEmpty { try node.commit(act) }
        return outcome
    }

    func reportContext(_ completeness: [BranchCompleteness] = []) -> ReportContext {
        ReportContext(
            views: node.views,
            log: node.log.reader,
            questions: questions,
            today: node.now.date(),
            completeness: completeness
        )
    }

    func may(_ person: Int64, _ right: Right, _ branch: Int64, at time: WallTime) throws -> Bool {
        try people.may(person, right, branch: branch, at: time, node.views)
    }

    /// The refusal's number, nil where the command was decided.
    func refusal<C: Command>(_ command: C, author: Int64 = 0) throws -> Int? {
        do {
            _ = try run(command, author: author)
            return nil
        } catch let refusal as any Refusal {
            return refusal.code
        }
    }
}

/// Tries a law on many seeds; a failure names the seed and how to repeat it.
func forAll(
    cases: Int = 200,
    _ law: (inout SeededRandom) throws -> Void,
    at location: SourceLocation = #_sourceLocation
) {
    let wanted = getenv("TRIBUTARY_SEED").flatMap { UInt64(String(cString: $0)) }
    for seed in wanted.map({ $0...$0 }) ?? 1...UInt64(cases) {
        var random = SeededRandom(seed: seed)
        do {
            try law(&random)
        } catch {
            Issue.record(
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter PeopleTests)",
                sourceLocation: location
            )
            return
        }
    }
}

/// A law that does not hold, in words.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
