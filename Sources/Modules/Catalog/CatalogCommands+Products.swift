// Products: added many at once, in commits below their limit, and changed one by one.

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

    /// About how many bytes it takes in a commit.
    var size: Int {
        let texts = [code, name, unit, brand ?? ""].reduce(64) { $0 + $1.utf8.count }
        return barcodes.reduce(texts) { $0 + $1.utf8.count + 48 }
    }
}

/// Adds products, at most 2,000 an act; a code that is taken refuses all.
package struct AddProducts: Command {
    package static let countMax = 2_000
    /// Begins the next commit; one is at most 256 KiB.
    private static let commitSize = 200_000
    private static let barcodesMax = 16

    package let products: [NewProduct]

    package init(_ products: [NewProduct]) {
        self.products = products
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> [Int64] {
        try context.requireMaster(.manageCatalog)
        if products.isEmpty { throw CatalogRefusal.nothingGiven }
        if products.count > AddProducts.countMax {
            throw CatalogRefusal.tooMany(AddProducts.countMax)
        }
        if products.reduce(0, { $0 + $1.size }) > 14 * AddProducts.commitSize {
            throw CatalogRefusal.tooLarge
        }
        var codes: Set<String> = []
        for product in products { try refuse(product, &codes, context) }
        let registers = RegisterTable(views: context.views)
        var ids: [Int64] = []
        var size = 0
        act.begin([.everyone])
        for product in products {
            if size + product.size > AddProducts.commitSize {
                act.begin([.everyone])
                size = 0
            }
            size += product.size
            ids.append(try draft(product, registers, &act))
        }
        try addCosts(ids, context, &act)
        return ids
    }

    private func draft(
        _ product: NewProduct,
        _ registers: RegisterTable,
        _ act: inout Act
    ) throws -> Int64 {
        let id = try registers.draft(
            CatalogKind.product,
            entity: nil,
            values(of: product),
            into: &act
        )
        for barcode in product.barcodes {
            try registers.draft(
                CatalogKind.barcode,
                entity: nil,
                [(1, .integer(id)), (2, .text(barcode)), (3, .bool(true))],
                into: &act
            )
        }
        return id
    }

    private func refuse(
        _ product: NewProduct,
        _ codes: inout Set<String>,
        _ context: DecideContext
    ) throws {
        try TextLimits.require(code: product.code)
        try TextLimits.require(name: product.name)
        try TextLimits.require(name: product.unit)
        if let brand = product.brand { try TextLimits.require(name: brand) }
        if product.category != 0 {
            try CatalogRows.require(category: product.category, context.views)
        }
        let taken = try context.questions.catalog.product(code: product.code, context.views)
        guard codes.insert(product.code).inserted, taken == nil else {
            throw CatalogRefusal.codeTaken(product.code)
        }
        if product.barcodes.count > AddProducts.barcodesMax {
            throw CatalogRefusal.tooMany(AddProducts.barcodesMax)
        }
        for (index, barcode) in product.barcodes.enumerated() {
            guard AddBarcode.isAcceptable(barcode), !product.barcodes[..<index].contains(barcode)
            else { throw CatalogRefusal.badBarcode(barcode) }
        }
        if let days = product.shelfLifeDays, days < 0 { throw CatalogRefusal.badShelfLife }
        if let cost = product.cost { try SetCosts.require(cost, of: 0) }
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

    private func addCosts(_ ids: [Int64], _ context: DecideContext, _ act: inout Act) throws {
        let costs = zip(ids, products).compactMap { id, product in product.cost.map { (id, $0) } }
        try SetCosts(costs.map { (product: $0.0, cost: $0.1) }).draft(context, &act)
    }
}

/// Adds one product.
package struct AddProduct: Command {
    package let product: NewProduct

    package init(_ product: NewProduct) {
        self.product = product
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try AddProducts([product]).decide(context, &act)[0]
    }
}

/// A field of a product that is to get another value.
package enum ProductField: Hashable, Sendable {
    case code(String)
    case name(String)
    case unit(String)
    /// 0 is none.
    case category(Int64)
    case brand(String?)
    case shelfLifeDays(Int64?)
    case isWeighed(Bool)
    case isActive(Bool)
}

/// Changes fields of a product; what stays as it is is not written.
package struct ChangeProduct: Command {
    package let product: Int64
    package let fields: [ProductField]

    package init(product: Int64, _ fields: [ProductField]) {
        self.product = product
        self.fields = fields
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        try CatalogRows.require(product: product, context.views)
        var values: [Int64: CBORValue] = [:]
        for field in fields {
            let (key, value) = try register(field, context)
            values[key] = value
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.product,
            entity: product,
            values.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) },
            into: &act
        )
    }

    private func register(
        _ field: ProductField,
        _ context: DecideContext
    ) throws -> (Int64, CBORValue) {
        switch field {
        case .code(let code):
            try TextLimits.require(code: code)
            let taken = try context.questions.catalog.product(code: code, context.views)
            if let taken, taken.id != product { throw CatalogRefusal.codeTaken(code) }
            return (1, .text(code))
        case .name(let name):
            try TextLimits.require(name: name)
            return (2, .text(name))
        case .unit(let unit):
            try TextLimits.require(name: unit)
            return (3, .text(unit))
        case .category(let category):
            if category != 0 { try CatalogRows.require(category: category, context.views) }
            return (4, .integer(category))
        case .brand(let brand):
            if let brand { try TextLimits.require(name: brand) }
            return (5, brand.map { .text($0) } ?? .null)
        case .shelfLifeDays(let days):
            if let days, days < 0 { throw CatalogRefusal.badShelfLife }
            return (6, days.map { .integer($0) } ?? .null)
        case .isWeighed(let isWeighed): return (7, .bool(isWeighed))
        case .isActive(let isActive): return (8, .bool(isActive))
        }
    }
}
