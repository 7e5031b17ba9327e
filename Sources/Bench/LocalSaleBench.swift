// A sale at a till through the whole engine against a bare durable commit of six rows.

import Catalog
import Kernel
import Module
import Node
import People
import Replication
import Sales
import Wire

/// A branch's node with a till that is open, and a cashier with the right to sell.
private struct Shop {
    let engine: NodeEngine
    let till: Int64
    let cashier: Int64
    let products: [Int64]

    /// Founds a company, and lets a branch of it receive what headquarters wrote.
    init(folder: String) throws {
        let day = try CivilDate(parsing: "2026-01-01")
        let clock = SetClock(try WallTime(date: day, hour: 9, minute: 0))
        try Files.makeFolder(folder)
        try BenchNode.create(folder + "/centre", replica: 0)
        let centre = try BenchNode.open(folder + "/centre", clock: clock)
        let entity = try centre.perform(FoundCompany(name: "百川超市", from: day)).entity
        let branch = try centre.perform(
            AddBranch(code: "S001", name: "城东店", entity: entity, from: day, tillCodes: ["01"])
        )
        let goods = (0..<300).map { index in
            NewProduct(
                code: "\(1_000 + index)",
                name: "商品\(index)",
                unit: "件",
                category: 0,
                cost: UnitCost(5_000_000)
            )
        }
        products = try centre.perform(AddProducts(goods))
        let prices = products.map { (product: $0, price: UnitPrice(113_000)) }
        _ = try centre.perform(SetPrices(from: clock.time, prices: prices))
        let role = try centre.perform(DefineRole(name: "收银", rights: [.sell]))
        cashier = try centre.perform(HirePerson(code: "001", name: "李雷", branch: branch.branch))
        _ = try centre.perform(GrantRole(person: cashier, role: role, from: clock.time))
        try BenchNode.create(folder + "/branch", replica: 7, branch: branch.branch)
        engine = try BenchNode.open(folder + "/branch", clock: clock)
        // As a serving node has it, which settles when its queue is empty.
        engine.viewsDeferredMax = 32
        try Shop.pull(from: centre, into: engine)
        till = branch.tills[0]
        try centre.close()
        _ = try engine.perform(OpenDay(till: till, date: day), author: cashier)
    }

    /// Hands headquarters' commits to the branch.
    private static func pull(from centre: NodeEngine, into branch: NodeEngine) throws {
        guard let head = centre.log.own else {
            throw MeasurementFault(description: "headquarters has no number")
        }
        var previous = Chain.start(
            realm: Workload.realm,
            replica: head.replica,
            incarnation: head.incarnation
        )
        let commits = try centre.log.reader.commits(of: head.replica, after: 0, limit: .max)
        try branch.log.write {
            for commit in commits {
                _ = try commit.bytes.withUnsafeBytes { bytes in
                    try branch.log.receivePulled(bytes, previous: previous, stamp: [])
                }
                previous = commit.hash
            }
        }
        try branch.catchUp()
    }

    /// One sale of three lines, paid in cash.
    func sell(_ index: Int) throws {
        let items = (0..<3).map { line in
            SaleItem(.id(products[(index * 7 + line * 31) % products.count]))
        }
        let sale = CloseSale(
            till: till,
            items: items,
            payments: [PaymentWish(.code("cash"))]
        )
        _ = try engine.perform(sale, author: cashier)
    }
}

/// The measurement of a sale at a till.
enum LocalSaleBench {
    /// The rate of whole sales against that of bare commits.
    static func ratio(
        _ sales: [PlainSale],
        rounds: Int,
        count: Int,
        folder: String
    ) throws -> (ratio: Double?, note: String) {
        let shop = try Shop(folder: folder + "/shop")
        let raw = try RawTables(path: folder + "/six.sqlite")
        var base: [Double] = []
        var own: [Double] = []
        var sold = 0
        for index in 0..<50 { try shop.sell(index) }
        for _ in 0..<rounds {
            base.append(
                try Machine.seconds {
                    for index in 0..<count { try raw.commitSix(sales[index % sales.count]) }
                }
            )
            own.append(
                try Machine.seconds {
                    for _ in 0..<count {
                        try shop.sell(sold)
                        sold += 1
                    }
                    try shop.engine.settle()
                    try shop.engine.keepWalShort()
                }
            )
        }
        let microseconds = { (seconds: [Double]) in
            NumberText.of((Samples.median(seconds) ?? 0) * 1e6 / Double(count), places: 0)
        }
        let note = "\(microseconds(own)) µs a sale, \(microseconds(base)) µs a bare commit"
        try shop.engine.close()
        return (Samples.speedRatio(base: base, own: own), note)
    }
}
