// Prices, rates and costs: which holds where and when, and who may read it.

import Catalog
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("Catalog: prices")
struct CatalogPricesTests {
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

    @Test("of two that hold from the same moment the later is in force, whatever its number")
    func sameMoment() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        let product = try world.addProducts(["酱油"])[0]
        let from = world.node.now
        // As a headquarters wrote it under a number of the upper half, after a restore.
        let restored = try Fixture(replica: 2_000_000) { [CatalogView()] }
        restored.now = from.adding(milliseconds: 60_000)
        func price(_ yuan: String) throws -> PriceLine {
            PriceLine(product: product, price: try UnitPrice(yuan: yuan))
        }
        var act = try restored.act()
        act.begin([.everyone])
        let body = PricesSet(list: 0, from: from, prices: [try price("3")]).body
        let old = act.add(CatalogKind.pricesSet, body)
        try restored.append(act)
        try world.node.receive(from: restored)
        try world.node.catchUp()
        func inForce() throws -> UnitPrice? {
            try world.catalog.price(
                of: product,
                branch: 0,
                at: from.adding(milliseconds: 1),
                world.node.views
            )?.price
        }
        #expect(try inForce() == UnitPrice(yuan: "3"))
        // A second restore drew a lower block.
        world.node.now = from.adding(milliseconds: 120_000)
        _ = try world.run(SetPrices(from: from, prices: [price("4")]))
        #expect(try inForce() == UnitPrice(yuan: "4"))

        var ruling = try world.node.act()
        ruling.begin([.everyone])
        let clock = ClockRuling(
            id: ruling.nextID,
            replica: old.replica,
            from: old.sequence,
            to: old.sequence,
            aheadMs: -600_000
        )
        ruling.add(LogKind.clockRuled, clock.body)
        try world.node.commit(ruling)
        #expect(try inForce() == UnitPrice(yuan: "3"))
        #expect(try world.node.rebuildAndCompare() == [])
    }

    @Test("a price published for tomorrow takes effect by itself")
    func prices() throws {
        let world = try CatalogWorld()
        let now = world.node.now
        let tomorrow = now.adding(milliseconds: 86_400_000)
        let cola = try world.addProducts(["可乐"])[0]
        let first = try world.run(
            SetPrices(from: now, prices: [(product: cola, price: UnitPrice(yuan: "3.5"))])
        )
        let second = try world.run(
            SetPrices(from: tomorrow, prices: [(product: cola, price: UnitPrice(yuan: "3.9"))])
        )
        func price(_ time: WallTime) throws -> PriceAnswer? {
            try world.catalog.price(of: cola, branch: 4, at: time, world.node.views)
        }
        #expect(try price(now.adding(milliseconds: -1)) == nil)
        #expect(try price(now)?.version == first.rawValue)
        #expect(try price(tomorrow.adding(milliseconds: -1))?.version == first.rawValue)
        #expect(try price(tomorrow)?.version == second.rawValue)
    }

    @Test("a branch's own list goes before the company's, and is left again")
    func priceLists() throws {
        let world = try CatalogWorld()
        let branch = try world.founded().branch
        let ids = try world.addProducts(["可乐", "雪碧"])
        let now = world.node.now
        let company = try world.run(
            SetPrices(
                from: now,
                prices: [
                    PriceLine(product: ids[0], price: UnitPrice(yuan: "3.5")),
                    PriceLine(product: ids[1], price: UnitPrice(yuan: "3.2")),
                ]
            )
        )
        let list = try world.run(AddPriceList(code: "city", name: "市区价"))
        let own = try world.run(
            SetPrices(
                list: list,
                from: now,
                prices: [
                    PriceLine(
                        product: ids[0],
                        price: UnitPrice(yuan: "4"),
                        minimum: UnitPrice(yuan: "3.8")
                    )
                ]
            )
        )
        func price(_ product: Int64) throws -> PriceAnswer? {
            try world.catalog.price(of: product, branch: branch, at: now, world.node.views)
        }
        #expect(try price(ids[0])?.version == company.rawValue)
        _ = try world.run(ChangeBranch(branch: branch, priceList: list))
        #expect(
            try price(ids[0])
                == PriceAnswer(
                    version: own.rawValue,
                    price: UnitPrice(yuan: "4"),
                    minimum: UnitPrice(yuan: "3.8")
                )
        )
        #expect(try price(ids[1])?.version == company.rawValue)
        _ = try world.run(ChangeBranch(branch: branch, priceList: 0))
        #expect(try price(ids[0])?.version == company.rawValue)
        #expect(try world.node.rebuildAndCompare().isEmpty)
    }

    @Test("prices are refused for what is not there, twice, or above what they are bound by")
    func badPrices() throws {
        let world = try CatalogWorld()
        let id = try world.addProducts(["可乐"])[0]
        let now = world.node.now
        func refusal(_ lines: [PriceLine], list: Int64 = 0) -> Int? {
            let error = #expect(throws: CatalogRefusal.self) {
                try world.run(SetPrices(list: list, from: now, prices: lines))
            }
            return error?.code
        }
        let line = PriceLine(product: id, price: UnitPrice(35_000))
        #expect(refusal([]) == 1020)
        #expect(refusal([line, line]) == 1023)
        #expect(refusal([PriceLine(product: id + 9, price: UnitPrice(1))]) == 1005)
        #expect(refusal([line], list: 77) == 1012)
        #expect(refusal([PriceLine(product: id, price: UnitPrice(-1))]) == 1016)
        let above = PriceLine(product: id, price: UnitPrice(10), minimum: UnitPrice(11))
        #expect(refusal([above]) == 1016)
    }

    @Test(
        "costs reach headquarters and branches of the company, one added later too; no franchisee"
    )
    func costAudience() throws {
        let world = try CatalogWorld()
        let (entity, first) = try world.founded()
        let franchise = try world.run(
            AddBranch(
                code: "F001",
                name: "加盟店",
                ownership: .franchise,
                entity: entity,
                from: world.day
            )
        ).branch
        let cola = NewProduct(
            code: "1",
            name: "可乐",
            unit: "听",
            category: 0,
            cost: UnitCost(1_750_000)
        )
        _ = try world.run(AddProducts([cola]))
        let later = try world.run(
            AddBranch(code: "S002", name: "城西店", entity: entity, from: world.day)
        ).branch
        var readers: Set<Audience> = []
        for commit in try world.node.log.reader.commits(
            of: ReplicaNumber(0),
            after: 0,
            limit: .max
        ) {
            try commit.bytes.withUnsafeBytes { bytes in
                try CommitCodec.forEachChange(in: bytes) { header, _, kind, _ in
                    if kind == CatalogKind.productCost { readers.formUnion(header.audiences) }
                }
            }
        }
        #expect(readers == [.headquarters, .branch(first), .branch(later)])
        #expect(!readers.contains(.branch(franchise)))
    }
}
