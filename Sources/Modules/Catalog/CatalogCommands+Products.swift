// Products, categories, barcodes, prices and rates: many at once, in commits below their limit.

package import Kernel
package import Module
package import Replication
import Wire

/// A product as it is added.
package struct NewProduct: Hashable, Sendable {
    package var code: String
    package var name: String
    package var unit: String
    package var category: Int64
    package var brand: String?
    package var shelfLifeDays: Int64?
    package var isWeighed: Bool
    package var cost: UnitCost?
    package var barcodes: [String]

    package init(
        code: String,
        name: String,
        unit: String,
        category: Int64,
        brand: String? = nil,
        shelfLifeDays: Int64? = nil,
        isWeighed: Bool = false,
        cost: UnitCost? = nil,
        barcodes: [String] = []
    ) {
        self.code = code
        self.name = name
        self.unit = unit
        self.category = category
        self.brand = brand
        self.shelfLifeDays = shelfLifeDays
        self.isWeighed = isWeighed
        self.cost = cost
        self.barcodes = barcodes
    }
}

/// Adds a category.
package struct AddCategory: Command {
    package let code: String
    package let name: String
    package let parent: Int64
    package let taxClass: String?

    package init(code: String, name: String, parent: Int64 = 0, taxClass: String? = nil) {
        self.code = code
        self.name = name
        self.parent = parent
        self.taxClass = taxClass
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.manageCatalog, branch: 0)
        if name.isEmpty { throw CatalogRefusal.emptyName }
        var values: [(key: Int64, value: CBORValue)] = [(1, .text(code)), (2, .text(name))]
        if parent != 0 { values.append((3, .integer(parent))) }
        if let taxClass { values.append((4, .text(taxClass))) }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.category,
            entity: nil,
            values,
            into: &act
        )
    }
}

/// Adds products, at most 500 an act; a code that is taken refuses all.
package struct AddProducts: Command {
    package static let countMax = 500

    package let products: [NewProduct]

    package init(_ products: [NewProduct]) {
        precondition(products.count <= AddProducts.countMax, "add at most 500 products at once")
        self.products = products
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> [Int64] {
        try context.requireHeadquarters()
        try context.require(.manageCatalog, branch: 0)
        let registers = RegisterTable(views: context.views)
        var codes: Set<String> = []
        var ids: [Int64] = []
        act.begin([.everyone])
        for product in products {
            try refuse(product, &codes, context)
            let id = try registers.draft(
                CatalogKind.product,
                entity: nil,
                values(of: product),
                into: &act
            )
            ids.append(id)
            for barcode in product.barcodes {
                try registers.draft(
                    CatalogKind.barcode,
                    entity: nil,
                    [(1, .integer(id)), (2, .text(barcode)), (3, .bool(true))],
                    into: &act
                )
            }
        }
        try addCosts(ids, context, &act)
        return ids
    }

    private func refuse(
        _ product: NewProduct,
        _ codes: inout Set<String>,
        _ context: DecideContext
    ) throws {
        if product.name.isEmpty { throw CatalogRefusal.emptyName }
        let isTaken = try context.questions.catalog.product(code: product.code, context.views)
        guard codes.insert(product.code).inserted, isTaken == nil else {
            throw CatalogRefusal.codeTaken(product.code)
        }
        for barcode in product.barcodes where !AddBarcode.isAcceptable(barcode) {
            throw CatalogRefusal.badBarcode(barcode)
        }
    }

    private func values(of product: NewProduct) -> [(key: Int64, value: CBORValue)] {
        var values: [(key: Int64, value: CBORValue)] = [
            (1, .text(product.code)), (2, .text(product.name)), (3, .text(product.unit)),
            (4, .integer(product.category)), (8, .bool(true)),
        ]
        if let brand = product.brand { values.append((5, .text(brand))) }
        if let days = product.shelfLifeDays { values.append((6, .integer(days))) }
        if product.isWeighed { values.append((7, .bool(true))) }
        return values
    }

    /// Costs go to the branches of the company itself, not to franchisees.
    private func addCosts(_ ids: [Int64], _ context: DecideContext, _ act: inout Act) throws {
        let costs = zip(ids, products).compactMap { id, product in product.cost.map { (id, $0) } }
        try SetCosts(costs.map { (product: $0.0, cost: $0.1) }).draft(context, &act)
    }
}

/// Publishes costs.
package struct SetCosts: Command {
    package let costs: [(product: Int64, cost: UnitCost)]

    package init(_ costs: [(product: Int64, cost: UnitCost)]) {
        self.costs = costs
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int {
        try context.requireHeadquarters()
        try context.require(.managePrices, branch: 0)
        try draft(context, &act)
        return costs.count
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

/// Adds a barcode to a product.
package struct AddBarcode: Command {
    package let product: Int64
    package let barcode: String

    package init(product: Int64, barcode: String) {
        self.product = product
        self.barcode = barcode
    }

    /// Digits with a right check digit where the length is that of an EAN-13, else any short code.
    static func isAcceptable(_ barcode: String) -> Bool {
        guard !barcode.isEmpty, barcode.utf8.count <= 48 else { return false }
        let isNumber = barcode.utf8.allSatisfy { (48...57).contains($0) }
        return isNumber && barcode.utf8.count == 13 ? BarcodeEAN13.isValid(barcode) : true
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.manageCatalog, branch: 0)
        guard AddBarcode.isAcceptable(barcode) else { throw CatalogRefusal.badBarcode(barcode) }
        guard try context.questions.catalog.product(product, context.views) != nil else {
            throw CatalogRefusal.unknownProduct(product)
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.barcode,
            entity: nil,
            [(1, .integer(product)), (2, .text(barcode)), (3, .bool(true))],
            into: &act
        )
    }
}

/// Publishes prices of a list from a moment on, at most 5,000 an act.
package struct SetPrices: Command {
    package let list: Int64
    package let from: WallTime
    package let prices: [(product: Int64, price: UnitPrice)]

    package init(
        list: Int64 = 0,
        from: WallTime,
        prices: [(product: Int64, price: UnitPrice)]
    ) {
        self.list = list
        self.from = from
        self.prices = prices
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.managePrices, branch: 0)
        precondition(prices.count <= 5_000, "set at most 5,000 prices at once")
        act.begin([.everyone])
        let body = PricesSet(list: list, from: from, prices: prices).body
        return act.add(CatalogKind.pricesSet, body)
    }
}

/// Sets a rate for a kind of taxpayer, a category or a product from a date on.
package struct SetTaxRate: Command {
    package let rate: TaxRateSet

    package init(_ rate: TaxRateSet) {
        self.rate = rate
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.managePrices, branch: 0)
        act.begin([.everyone])
        return act.add(CatalogKind.taxRateSet, rate.body)
    }
}
