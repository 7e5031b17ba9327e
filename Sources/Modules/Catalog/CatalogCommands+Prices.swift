// What goods cost and are sold for: prices of a list, costs, rates, lists.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// Adds a list of prices, which branches may take before the company's.
package struct AddPriceList: Command {
    package let code: String
    package let name: String

    package init(code: String, name: String) {
        self.code = code
        self.name = name
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.managePrices)
        try TextLimits.require(code: code)
        try TextLimits.require(name: name)
        let known = try context.views.statement("SELECT 1 FROM catalog_price_lists WHERE code = ?1")
        known.bind(1, code)
        if try known.firstInteger() != nil { throw CatalogRefusal.codeTaken(code) }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.priceList,
            entity: nil,
            [(1, .text(code)), (2, .text(name))],
            into: &act
        )
    }
}

/// Publishes prices of a list from a moment on, at most 5,000 an act.
package struct SetPrices: Command {
    package static let countMax = 5_000

    /// 0 is the company's list.
    package let list: Int64
    package let from: WallTime
    package let prices: [PriceLine]

    package init(list: Int64 = 0, from: WallTime, prices: [PriceLine]) {
        self.list = list
        self.from = from
        self.prices = prices
    }

    /// Prices without a bound below.
    package init(
        list: Int64 = 0,
        from: WallTime,
        prices: [(product: Int64, price: UnitPrice)]
    ) {
        let lines = prices.map { PriceLine(product: $0.product, price: $0.price) }
        self.init(list: list, from: from, prices: lines)
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireMaster(.managePrices)
        if prices.isEmpty { throw CatalogRefusal.nothingGiven }
        if prices.count > SetPrices.countMax { throw CatalogRefusal.tooMany(SetPrices.countMax) }
        try CatalogRows.require(list: list, context.views)
        var products: Set<Int64> = []
        for line in prices {
            try CatalogRows.require(product: line.product, context.views)
            if !products.insert(line.product).inserted {
                throw CatalogRefusal.givenTwice(line.product)
            }
            guard line.price.rawValue >= 0, line.price.isWithinLimit,
                line.minimum.map({ $0.rawValue >= 0 && $0 <= line.price }) ?? true
            else { throw CatalogRefusal.badAmount(line.product) }
        }
        act.begin([.everyone])
        let body = PricesSet(list: list, from: from, prices: prices).body
        return act.add(CatalogKind.pricesSet, body)
    }
}

/// Publishes costs, at most 4,000 an act; they go to branches of the company itself only.
package struct SetCosts: Command {
    package static let countMax = 4_000

    package let costs: [(product: Int64, cost: UnitCost)]

    package init(_ costs: [(product: Int64, cost: UnitCost)]) {
        self.costs = costs
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int {
        try context.requireMaster(.managePrices)
        if costs.count > SetCosts.countMax { throw CatalogRefusal.tooMany(SetCosts.countMax) }
        for item in costs {
            try CatalogRows.require(product: item.product, context.views)
            try SetCosts.require(item.cost, of: item.product)
        }
        try draft(context, &act)
        return costs.count
    }

    static func require(_ cost: UnitCost, of product: Int64) throws(CatalogRefusal) {
        guard cost.rawValue >= 0, cost.isWithinLimit else { throw .badAmount(product) }
    }

    func draft(_ context: DecideContext, _ act: inout Act) throws {
        if costs.isEmpty { return }
        let branches = try context.questions.catalog.branches(on: context.today, context.views)
        let direct = branches.filter { $0.ownership == .direct }.map { Audience.branch($0.id) }
        act.begin([.headquarters] + direct)
        let registers = RegisterTable(views: context.views)
        for item in costs {
            try registers.draft(
                CatalogKind.productCost,
                entity: item.product,
                [(1, .integer(item.cost.rawValue))],
                into: &act
            )
        }
    }
}

/// Sets a rate for a kind of taxpayer, a category or a product from a date on.
package struct SetTaxRate: Command {
    package let rate: TaxRateSet

    package init(_ rate: TaxRateSet) {
        self.rate = rate
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireMaster(.managePrices)
        if rate.category != 0 { try CatalogRows.require(category: rate.category, context.views) }
        if rate.product != 0 { try CatalogRows.require(product: rate.product, context.views) }
        guard rate.category == 0 || rate.product == 0, rate.rate.rawValue >= 0,
            rate.rate.rawValue < 1_000_000, rate.to.map({ $0 >= rate.from }) ?? true
        else { throw CatalogRefusal.badRate }
        act.begin([.everyone])
        return act.add(CatalogKind.taxRateSet, rate.body)
    }
}

/// Refuses what no row stands for.
enum CatalogRows {
    static func require(list: Int64, _ views: Database) throws {
        if list == 0 { return }
        let statement = try views.statement("SELECT 1 FROM catalog_price_lists WHERE id = ?1")
        statement.bind(1, list)
        if try statement.firstInteger() == nil { throw CatalogRefusal.unknownList }
    }

    static func require(product: Int64, _ views: Database) throws {
        let statement = try views.statement("SELECT 1 FROM catalog_products WHERE id = ?1")
        statement.bind(1, product)
        if try statement.firstInteger() == nil { throw CatalogRefusal.unknownProduct(product) }
    }

    static func require(category: Int64, _ views: Database) throws {
        let statement = try views.statement("SELECT 1 FROM catalog_categories WHERE id = ?1")
        statement.bind(1, category)
        if try statement.firstInteger() == nil { throw CatalogRefusal.unknownCategory(category) }
    }
}
