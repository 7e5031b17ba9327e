// What a till remembers of the catalogue is what the tables say, whatever was changed in between.

import Catalog
import Kernel
import Module
import SQLite
import Support
import Testing

@Suite("Catalog: what is remembered")
struct CatalogMemoryTests {
    private struct Answers: Hashable {
        var branch: BranchAnswer?
        var product: ProductAnswer?
        var byCode: ProductAnswer?
        var byBarcode: ProductAnswer?
        var price: PriceAnswer?
        var rate: Rate?
        var till: TillAnswer?
    }

    /// Asks everything about one product at one moment.
    private func ask(
        _ world: CatalogWorld,
        _ product: Int64,
        branch: Int64,
        till: Int64,
        at time: WallTime
    ) throws -> Answers {
        let (catalog, views) = (world.catalog, world.node.views)
        let date = time.date()
        return Answers(
            branch: try catalog.branch(branch, on: date, views),
            product: try catalog.product(product, views),
            byCode: try catalog.product(code: "1001", views),
            byBarcode: try catalog.product(barcode: "690", views),
            price: try catalog.price(of: product, branch: branch, at: time, views),
            rate: try catalog.taxRate(of: product, taxpayer: .general, on: date, views),
            till: try catalog.till(till, views)
        )
    }

    @Test("after any change, and at any moment, as without it")
    func asWithout() {
        forAll(cases: 40) { random in
            let world = try CatalogWorld()
            let (_, branch) = try world.founded()
            let till = try world.run(AddTill(branch: branch, code: "09"))
            let goods = try world.addProducts(["可乐", "雪碧", "水"])
            let list = try world.run(AddPriceList(code: "L1", name: "城东"))
            let start = world.node.now
            for _ in 0..<60 {
                let product = goods[random.int(in: 0...2)]
                let moment = start.adding(milliseconds: Int64(random.int(in: 0...40)) * 7_200_000)
                switch random.int(in: 0...11) {
                case 0, 1:
                    let price = UnitPrice(Int64(random.int(in: 1...9)) * 10_000)
                    _ = try world.run(
                        SetPrices(
                            list: random.int(in: 0...1) == 0 ? 0 : list,
                            from: moment,
                            prices: [(product: product, price: price)]
                        )
                    )
                case 2:
                    let wanted = random.int(in: 0...1) == 0 ? 0 : list
                    _ = try world.run(ChangeBranch(branch: branch, priceList: wanted))
                case 3:
                    let cost = UnitCost(Int64(random.int(in: 1...9)) * 1_000_000)
                    _ = try world.run(SetCosts([(product: product, cost: cost)]))
                case 4:
                    let rate = TaxRateSet(
                        taxpayer: .general,
                        category: 0,
                        product: product,
                        rate: Rate(Int64(random.int(in: 1...9)) * 10_000),
                        from: Int64(moment.date().dayNumber),
                        to: nil
                    )
                    _ = try world.run(SetTaxRate(rate))
                case 5:
                    let isActive = random.int(in: 0...1) == 0
                    _ = try world.run(SetTillActive(till: till, isActive: isActive))
                case 6:
                    // A code that another product bears is refused, and changes nothing.
                    _ = try? world.run(AddBarcode(product: product, barcode: "690"))
                default:
                    let known = try ask(world, product, branch: branch, till: till, at: moment)
                    // What is taken back takes all that was remembered with it.
                    try world.node.views.begin(.deferred)
                    try world.node.views.rollback()
                    let asked = try ask(world, product, branch: branch, till: till, at: moment)
                    if known != asked { throw Broken("\(known) was remembered of \(asked)") }
                }
            }
        }
    }

    @Test("a price that is published for later is in force on the millisecond")
    func onTheMillisecond() throws {
        let world = try CatalogWorld()
        let now = world.node.now
        let cola = try world.addProducts(["可乐"])[0]
        for (step, yuan) in ["3.5", "3.9"].enumerated() {
            let from = now.adding(milliseconds: Int64(step) * 1_000)
            let price = (product: cola, price: try UnitPrice(yuan: yuan))
            _ = try world.run(SetPrices(from: from, prices: [price]))
        }
        func price(_ after: Int64) throws -> String? {
            let moment = now.adding(milliseconds: after)
            let found = try world.catalog.price(of: cola, branch: 1, at: moment, world.node.views)
            return found.map { "\($0.price.rawValue)" }
        }
        #expect(try price(-1) == nil)
        #expect(try price(0) == "35000")
        #expect(try price(999) == "35000")
        #expect(try price(1_000) == "39000")
        #expect(try price(999) == "35000")
        #expect(try price(-1) == nil)
    }
}
