// Catalog through its commands: what headquarters decides is what every node answers.

import Catalog
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing
import Wire

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

    func run<C: Command>(_ command: C, author: Int64 = 0) throws -> C.Outcome {
        let questions = Questions(
            catalog: catalog,
            people: NobodyKnows(),
            sales: NobodyKnows(),
            stock: NobodyKnows()
        )
        let context = DecideContext(
            views: node.views,
            log: node.log.reader,
            questions: questions,
            node: NodeFacts(kind: .headquarters, branch: 0, replica: ReplicaNumber(0)),
            now: node.now,
            author: author
        )
        var act = try node.act(author: author)
        let outcome = try command.decide(context, &act)
        if !act.isEmpty { try node.commit(act) }
        return outcome
    }
}

@Suite("Catalog")
struct CatalogTests {
    @Test("a founded company has books, units, tenders and rates, and is founded once")
    func founding() throws {
        let world = try CatalogWorld()
        let founded = try world.run(FoundCompany(name: "百川超市", from: world.day))
        let views = world.node.views
        let entities = try world.catalog.entities(views)
        #expect(entities.map(\.id) == [founded.entity])
        let tenders = try world.catalog.tenders(views)
        #expect(tenders.map(\.name) == ["现金", "微信支付", "支付宝", "银行卡"])
        #expect(tenders.filter(\.isCash).map(\.role) == [.cashOnHand])
        let taxpayer = try world.catalog.taxpayer(ofEntity: founded.entity, on: world.day, views)
        #expect(taxpayer?.kind == .general)
        #expect(throws: CatalogRefusal.self) {
            try world.run(FoundCompany(name: "again", from: world.day))
        }
        #expect(try world.node.rebuiltDigests() == world.node.projector.digests())
    }

    @Test("a small-scale taxpayer's rate ends when the relief ends")
    func datedRates() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        func rate(_ date: String, _ kind: TaxpayerKind) throws -> Rate {
            try world.catalog.taxRate(
                of: 1,
                taxpayer: kind,
                on: CivilDate(parsing: date),
                world.node.views
            )
        }
        #expect(try rate("2026-11-01", .general) == Rate(130_000))
        #expect(try rate("2027-12-31", .smallScale) == Rate(10_000))
        #expect(try rate("2028-01-01", .smallScale) == Rate(30_000))
    }

    @Test("products are found by code and barcode; a taken code or a wrong barcode refuses all")
    func products() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        let drinks = try world.run(AddCategory(code: "10", name: "饮料"))
        let cola = NewProduct(
            code: "1001",
            name: "可口可乐 330ml",
            unit: "听",
            category: drinks,
            cost: try UnitCost(yuan: "1.75"),
            barcodes: ["6901234567892"]
        )
        let ids = try world.run(AddProducts([cola]))
        let views = world.node.views
        #expect(try world.catalog.product(code: "1001", views)?.id == ids[0])
        let found = try world.catalog.product(barcode: "6901234567892", views)
        #expect(found?.name == "可口可乐 330ml")
        #expect(found?.standardCost == (try UnitCost(yuan: "1.75")))
        #expect(throws: CatalogRefusal.self) { try world.run(AddProducts([cola])) }
        var wrong = cola
        wrong.code = "1002"
        wrong.barcodes = ["6901234567890"]
        #expect(throws: CatalogRefusal.self) { try world.run(AddProducts([wrong])) }
        #expect(try views.integer("SELECT count(*) FROM catalog_products") == 1)
    }

    @Test("a rate of the category beats the default, one of the product beats both")
    func rateOrder() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        let food = try world.run(AddCategory(code: "20", name: "粮油"))
        let rice = try world.run(AddCategory(code: "21", name: "大米", parent: food))
        let ids = try world.run(
            AddProducts([
                NewProduct(code: "2", name: "大米 5kg", unit: "袋", category: rice),
                NewProduct(code: "3", name: "米糕", unit: "袋", category: rice),
            ])
        )
        let day = Int64(world.day.dayNumber)
        _ = try world.run(
            SetTaxRate(
                TaxRateSet(
                    taxpayer: .general,
                    category: food,
                    product: 0,
                    rate: Rate(90_000),
                    from: day,
                    to: nil
                )
            )
        )
        _ = try world.run(
            SetTaxRate(
                TaxRateSet(
                    taxpayer: .general,
                    category: 0,
                    product: ids[1],
                    rate: Rate(60_000),
                    from: day,
                    to: nil
                )
            )
        )
        let views = world.node.views
        func rate(_ product: Int64) throws -> Rate {
            try world.catalog.taxRate(of: product, taxpayer: .general, on: world.day, views)
        }
        #expect(try rate(ids[0]) == Rate(90_000))
        #expect(try rate(ids[1]) == Rate(60_000))
    }

    @Test("a price published for tomorrow takes effect by itself")
    func prices() throws {
        let world = try CatalogWorld()
        let now = world.node.now
        let tomorrow = now.adding(milliseconds: 86_400_000)
        let first = try world.run(
            SetPrices(from: now, prices: [(product: 9, price: UnitPrice(yuan: "3.5"))])
        )
        let second = try world.run(
            SetPrices(from: tomorrow, prices: [(product: 9, price: UnitPrice(yuan: "3.9"))])
        )
        func price(_ time: WallTime) throws -> PriceAnswer? {
            try world.catalog.price(of: 9, branch: 4, at: time, world.node.views)
        }
        #expect(try price(now.adding(milliseconds: -1)) == nil)
        #expect(try price(now)?.version == first.rawValue)
        #expect(try price(tomorrow.adding(milliseconds: -1))?.version == first.rawValue)
        #expect(try price(tomorrow)?.version == second.rawValue)
    }

    @Test("a branch moves to another entity on its day, and its neighbours with it")
    func entityByDate() throws {
        let world = try CatalogWorld()
        let founded = try world.run(FoundCompany(name: "百川", from: world.day))
        let other = try world.run(
            AddEntity(code: "02", name: "二号", standard: 1, taxpayer: .smallScale, from: world.day)
        )
        let first = try world.run(
            AddBranch(
                code: "S001",
                name: "城东店",
                entity: founded.entity,
                from: world.day,
                tillCodes: ["01", "02"]
            )
        )
        let second = try world.run(
            AddBranch(code: "S002", name: "城西店", entity: founded.entity, from: world.day)
        )
        let later = world.day.adding(days: 10)
        _ = try world.run(AssignBranch(branch: second.branch, entity: other, from: later))
        let views = world.node.views
        let catalog = world.catalog
        #expect(try catalog.neighbours(of: first.branch, on: world.day, views) == [second.branch])
        #expect(try catalog.neighbours(of: first.branch, on: later, views).isEmpty)
        #expect(try catalog.tills(of: first.branch, views).map(\.code) == ["01", "02"])
        #expect(throws: CatalogRefusal.self) {
            try world.run(
                AddBranch(code: "S001", name: "x", entity: founded.entity, from: world.day)
            )
        }
        #expect(throws: CatalogRefusal.self) {
            try world.run(AddBranch(code: "SH1", name: "x", entity: other, from: world.day))
        }
    }

    @Test("each kind's sample is read by the projection it is declared for")
    func samples() throws {
        for definition in CatalogModule().kinds {
            let world = try CatalogWorld()
            var act = try world.node.act()
            act.begin([.everyone])
            act.add(definition.kind, definition.sample)
            try world.node.commit(act)
            #expect(try world.node.projector.quarantined().isEmpty, "\(definition.name)")
        }
    }
}
