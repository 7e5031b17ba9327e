// People through its commands: grants by time and branch, names beside the bytes, days of punches.

import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing
import Wire

/// Answers of modules that People's commands never ask.
struct PeopleOnly: CatalogQuestions, SalesQuestions, StockQuestions {
    func branch(_ id: Int64, on date: CivilDate, _ views: Database) throws -> BranchAnswer? { nil }
    func branch(
        code: String,
        on date: CivilDate,
        _ views: Database
    ) throws -> BranchAnswer? { nil }
    func branches(on date: CivilDate, _ views: Database) throws -> [BranchAnswer] { [] }
    func neighbours(
        of branch: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> [Int64] { [] }
    func till(_ id: Int64, _ views: Database) throws -> TillAnswer? { nil }
    func till(branch: Int64, code: String, _ views: Database) throws -> TillAnswer? { nil }
    func tills(of branch: Int64, _ views: Database) throws -> [TillAnswer] { [] }
    func tender(_ id: Int64, _ views: Database) throws -> TenderAnswer? { nil }
    func tender(code: String, _ views: Database) throws -> TenderAnswer? { nil }
    func tenders(_ views: Database) throws -> [TenderAnswer] { [] }
    func product(_ id: Int64, _ views: Database) throws -> ProductAnswer? { nil }
    func product(code: String, _ views: Database) throws -> ProductAnswer? { nil }
    func product(barcode: String, _ views: Database) throws -> ProductAnswer? { nil }
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
    ) throws -> CivilDate? { nil }
    func onHand(branch: Int64, product: Int64, _ views: Database) throws -> Quantity { .zero }
    func lastCost(product: Int64, branch: Int64, _ views: Database) throws -> UnitCost? { nil }
}

/// A headquarters with People alone.
final class PeopleWorld {
    let node: Fixture
    let people = PeopleAnswers()

    init() throws {
        node = try Fixture { [PeopleView()] }
    }

    func run<C: Command>(_ command: C, at time: WallTime? = nil) throws -> C.Outcome {
        let other = PeopleOnly()
        let context = DecideContext(
            views: node.views,
            log: node.log.reader,
            questions: Questions(catalog: other, people: people, sales: other, stock: other),
            node: NodeFacts(kind: .headquarters, branch: 0, replica: ReplicaNumber(0)),
            now: time ?? node.now,
            author: 0
        )
        var act = try node.act()
        let outcome = try command.decide(context, &act)
        if !act.isEmpty { try node.commit(act) }
        return outcome
    }
}

@Suite("People")
struct PeopleTests {
    @Test("a name lies beside the bytes, is read through its address, and is gone once erased")
    func personalName() throws {
        let world = try PeopleWorld()
        let id = try world.run(
            HirePerson(code: "E001", name: "王小明", phone: "13800000000", branch: 9)
        )
        let person = try #require(try world.people.person(id, world.node.views))
        func name() throws -> CBORValue? {
            try world.node.log.reader.personal(ChangeID(person.nameCommit), person.nameIndex)
        }
        #expect(try name() == .text("王小明"))
        for commit in try world.node.log.reader.commits(
            of: ReplicaNumber(0),
            after: 0,
            limit: 100
        ) {
            let text = String(decoding: commit.bytes, as: UTF8.self)
            #expect(!text.contains("王小明") && !text.contains("13800000000"))
        }
        try world.node.log.write { try world.node.log.erase(id) }
        #expect(try name() == nil)
        #expect(throws: PeopleRefusal.self) {
            try world.run(HirePerson(code: "E001", name: "x", branch: 9))
        }
    }

    @Test("a right holds at its branch, in its time, and until it is revoked")
    func grants() throws {
        let world = try PeopleWorld()
        let views = world.node.views
        let person = try world.run(HirePerson(code: "E001", name: "王小明", branch: 9))
        let cashier = try world.run(DefineRole(name: "收银员", rights: [.sell, .returnGoods]))
        let start = world.node.now
        let end = start.adding(milliseconds: 1_000_000)
        let grant = try world.run(
            GrantRole(person: person, role: cashier, branch: 9, from: start, to: end)
        )
        func may(_ right: Right, _ branch: Int64, _ time: WallTime) throws -> Bool {
            try world.people.may(person, right, branch: branch, at: time, views)
        }
        #expect(try may(.sell, 9, start))
        #expect(try !may(.voidSale, 9, start))
        #expect(try !may(.sell, 10, start))
        #expect(try !may(.sell, 9, end))
        #expect(try !may(.sell, 9, start.adding(milliseconds: -1)))
        let revokedAt = start.adding(milliseconds: 500_000)
        _ = try world.run(RevokeGrant(grant: grant), at: revokedAt)
        #expect(try may(.sell, 9, revokedAt.adding(milliseconds: -1)))
        #expect(try !may(.sell, 9, revokedAt))
        _ = try world.run(SetPersonActive(person: person, isActive: false))
        #expect(try !may(.sell, 9, start))
        #expect(try world.node.rebuiltDigests() == world.node.projector.digests())
    }

    @Test("a night shift belongs to the date of its in, and breaks are taken off")
    func nightShift() throws {
        let world = try PeopleWorld()
        let person = try world.run(HirePerson(code: "E002", name: "李四", branch: 9))
        func at(_ text: String) throws -> WallTime { try WallTime(parsing: text) }
        for (kind, time) in [
            (PunchKind.in, "2026-11-20T21:55:00+08:00"),
            (.breakStart, "2026-11-21T01:00:00+08:00"),
            (.breakEnd, "2026-11-21T01:30:00+08:00"),
            (.out, "2026-11-21T06:05:00+08:00"),
            (.in, "2026-11-21T21:58:00+08:00"),
        ] {
            _ = try world.run(
                Punch(person: person, branch: 9, kind: kind, method: .pin),
                at: try at(time)
            )
        }
        let from = try CivilDate(parsing: "2026-11-20")
        func sheet(_ through: CivilDate?) throws -> [DaySheetRow] {
            try DaySheet.rows(
                branch: 9,
                from: from,
                to: from.adding(days: 1),
                completeThrough: through,
                world.node.views
            )
        }
        let days = try sheet(from.adding(days: 1))
        #expect(days.map(\.date) == [from, from.adding(days: 1)])
        #expect(days[0].workedMinutes == 490 - 30)
        #expect(days[0].breakMinutes == 30)
        #expect(days.map(\.state) == [.whole, .missingOut])
        // While the branch may still send its out, nothing is called missing.
        #expect(try sheet(from).map(\.state) == [.whole, .unknown])
        #expect(try sheet(nil).map(\.state) == [.whole, .unknown])
    }

    @Test("each kind's sample is read by the projection it is declared for")
    func samples() throws {
        for definition in PeopleModule().kinds {
            let world = try PeopleWorld()
            var act = try world.node.act()
            act.begin([.everyone])
            act.add(definition.kind, definition.sample)
            try world.node.commit(act)
            #expect(try world.node.projector.quarantined().isEmpty, "\(definition.name)")
        }
    }
}
