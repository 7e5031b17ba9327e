// A headquarters with Catalog alone, for its tests.

import Catalog
import Glibc
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

/// Answers of modules that Catalog's commands never ask.
struct NobodyKnows: PeopleQuestions, SalesQuestions, StockQuestions {
    func person(_ id: Int64, _ views: Database) throws -> PersonAnswer? { nil }
    func person(code: String, _ views: Database) throws -> PersonAnswer? { nil }
    func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool { false }
    func openDay(till: Int64, _ views: Database) throws -> OpenDayAnswer? { nil }
    func dayState(branch: Int64, date: CivilDate, _ views: Database) throws -> DayState {
        .unknown
    }
    func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> CivilDate? { nil }
    func onHand(branch: Int64, product: Int64, _ views: Database) throws -> Quantity { .zero }
    func lastCost(product: Int64, branch: Int64, _ views: Database) throws -> UnitCost? { nil }
}

/// A headquarters with Catalog alone.
final class CatalogWorld {
    let node: Fixture
    let catalog = CatalogAnswers()
    let day: CivilDate

    init() throws {
        node = try Fixture { [CatalogView()] }
        day = try CivilDate(parsing: "2026-11-01")
    }

    /// Founds the company with one branch, and answers its id.
    func founded() throws -> (entity: Int64, branch: Int64) {
        let entity = try run(FoundCompany(name: "百川超市", from: day)).entity
        let branch = try run(
            AddBranch(
                code: "S001",
                name: "城东店",
                entity: entity,
                from: day,
                tillCodes: ["01"]
            )
        )
        return (entity, branch.branch)
    }

    /// Adds products of the given names, numbered from 1 in their codes.
    func addProducts(_ names: [String]) throws -> [Int64] {
        try run(
            AddProducts(
                names.enumerated().map { index, name in
                    NewProduct(code: "\(1_000 + index)", name: name, unit: "件", category: 0)
                }
            )
        )
    }

    func reportContext() -> ReportContext {
        ReportContext(
            views: node.views,
            log: node.log.reader,
            questions: questions,
            today: day,
            completeness: []
        )
    }

    private var questions: Questions {
        Questions(
            catalog: catalog,
            people: NobodyKnows(),
            sales: NobodyKnows(),
            stock: NobodyKnows()
        )
    }

    /// How many commits headquarters has written.
    func commitCount() throws -> Int {
        try node.log.reader.commits(of: ReplicaNumber(0), after: 0, limit: .max).count
    }

    func run<C: Command>(
        _ command: C,
        author: Int64 = 0,
        as kind: NodeFacts.Kind = .headquarters
    ) throws -> C.Outcome {
        let context = DecideContext(
            views: node.views,
            log: node.log.reader,
            questions: questions,
            node: NodeFacts(kind: kind, branch: 0, replica: ReplicaNumber(0)),
            now: node.now,
            author: author
        )
        var act = try node.act(author: author)
        let outcome = try command.decide(context, &act)
        if !act.isEmpty { try node.commit(act) }
        return outcome
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
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter CatalogTests)",
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
