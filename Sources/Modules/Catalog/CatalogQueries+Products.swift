// Products, prices and rates: what a sale asks, on its hot path.

package import Kernel
package import Module
package import SQLite

extension CatalogAnswers {
    package func product(_ id: Int64, _ views: Database) throws -> ProductAnswer? {
        try CatalogMemory.answer(\.products, id, views) {
            let statement = try views.statement(
                """
                SELECT p.id, p.code, p.name, p.unit, p.category, c.cost, p.active, p.weighed
                FROM catalog_products p LEFT JOIN catalog_costs c ON c.id = p.id WHERE p.id = ?1
                """
            )
            statement.bind(1, id)
            return try statement.first { product(row: $0) }
        }
    }

    package func product(code: String, _ views: Database) throws -> ProductAnswer? {
        try CatalogMemory.answer(\.productsByCode, code, views) {
            let statement = try views.statement(
                """
                SELECT p.id, p.code, p.name, p.unit, p.category, c.cost, p.active, p.weighed
                FROM catalog_products p LEFT JOIN catalog_costs c ON c.id = p.id
                WHERE p.code = ?1 ORDER BY p.active DESC, p.id LIMIT 1
                """
            )
            statement.bind(1, code)
            return try statement.first { product(row: $0) }
        }
    }

    /// The product of a barcode; of several that claim it the lowest id, active ones first.
    package func product(barcode: String, _ views: Database) throws -> ProductAnswer? {
        try CatalogMemory.answer(\.productsByBarcode, barcode, views) {
            let statement = try views.statement(
                """
                SELECT p.id, p.code, p.name, p.unit, p.category, c.cost, p.active, p.weighed
                FROM catalog_barcodes b JOIN catalog_products p ON p.id = b.product
                LEFT JOIN catalog_costs c ON c.id = p.id
                WHERE b.barcode = ?1 AND b.active = 1 ORDER BY p.active DESC, p.id LIMIT 1
                """
            )
            statement.bind(1, barcode)
            return try statement.first { product(row: $0) }
        }
    }

    func product(row: Statement) -> ProductAnswer {
        ProductAnswer(
            id: row.integer(0),
            code: row.text(1),
            name: row.text(2),
            unit: row.text(3),
            category: row.integer(4),
            standardCost: row.integerOrNil(5).map { UnitCost($0) },
            isActive: row.integer(6) == 1,
            isWeighed: row.integer(7) == 1
        )
    }

    /// A category by its name, the oldest where several bear it.
    package func category(named name: String, _ views: Database) throws -> Int64? {
        let statement = try views.statement(
            "SELECT id FROM catalog_categories WHERE name = ?1 ORDER BY id LIMIT 1"
        )
        statement.bind(1, name)
        return try statement.firstInteger()
    }

    /// A category by its code or name; a code goes first, then the oldest.
    package func category(_ codeOrName: String, _ views: Database) throws -> Int64? {
        let statement = try views.statement(
            """
            SELECT id FROM catalog_categories WHERE code = ?1 OR name = ?1
            ORDER BY code <> ?1, id LIMIT 1
            """
        )
        statement.bind(1, codeOrName)
        return try statement.firstInteger()
    }

    package func categoryName(_ id: Int64, _ views: Database) throws -> String? {
        let statement = try views.statement("SELECT name FROM catalog_categories WHERE id = ?1")
        statement.bind(1, id)
        return try statement.first { $0.text(0) }
    }

    /// The name of a unit by its code; of two under one code the older.
    package func unitName(_ code: String, _ views: Database) throws -> String? {
        let statement = try views.statement(
            "SELECT name FROM catalog_units WHERE code = ?1 ORDER BY id LIMIT 1"
        )
        statement.bind(1, code)
        return try statement.first { $0.text(0) }
    }

    /// The branch's list goes before the company's; in each the latest version in force.
    package func price(
        of product: Int64,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> PriceAnswer? {
        let memory = views.memory(CatalogMemory.self, CatalogMemory.init)
        let asked = ProductAt(product: product, branch: branch)
        if let known = memory?.prices[asked]?.at(time) { return known }
        let list = try views.statement("SELECT list FROM catalog_branches WHERE id = ?1")
        list.bind(1, branch)
        let own = try list.firstInteger() ?? 0
        let found =
            try (own == 0 ? nil : price(product, list: own, at: time, views))
            ?? price(product, list: 0, at: time, views)
        guard let found else { return nil }
        if let memory {
            let until = try nextPrice(product, list: own, after: time, views)
            let held = HeldAnswer(found.price, from: found.since, until: until)
            memory.prices.keep(held, for: asked)
        }
        return found.price
    }

    /// When the next version comes into force on a list or on the company's.
    private func nextPrice(
        _ product: Int64,
        list: Int64,
        after time: WallTime,
        _ views: Database
    ) throws -> WallTime {
        let statement = try views.statement(
            """
            SELECT min(since) FROM catalog_prices
            WHERE list IN (0, ?1) AND product = ?2 AND since > ?3
            """
        )
        statement.bind(1, list)
        statement.bind(2, product)
        statement.bind(3, time.milliseconds)
        return WallTime(milliseconds: try statement.firstInteger() ?? .max)
    }

    private func price(
        _ product: Int64,
        list: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> (price: PriceAnswer, since: WallTime)? {
        let statement = try views.statement(
            """
            SELECT id, price, minimum, since FROM catalog_prices
            WHERE list = ?1 AND product = ?2 AND since <= ?3
            ORDER BY since DESC, time DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, list)
        statement.bind(2, product)
        statement.bind(3, time.milliseconds)
        return try statement.first { row in
            let price = PriceAnswer(
                version: row.integer(0),
                price: UnitPrice(row.integer(1)),
                minimum: row.integerOrNil(2).map { UnitPrice($0) }
            )
            return (price, WallTime(milliseconds: row.integer(3)))
        }
    }

    /// A product's own rate goes before its category's (and that of those above it), then the
    /// default of the kind of taxpayer.
    package func taxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) throws -> Rate {
        let memory = views.memory(CatalogMemory.self, CatalogMemory.init)
        let asked = RateAsked(product: product, taxpayer: taxpayer, date: date)
        if let known = memory?.rates[asked] { return known }
        let rate = try findTaxRate(of: product, taxpayer: taxpayer, on: date, views)
        memory?.rates.keep(rate, for: asked)
        return rate
    }

    private func findTaxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) throws -> Rate {
        if let rate = try rate(taxpayer, product: product, category: 0, date, views) { return rate }
        let select = try views.statement("SELECT category FROM catalog_products WHERE id = ?1")
        select.bind(1, product)
        var category = try select.firstInteger() ?? 0
        var depth = 0
        while category != 0, depth < 16 {
            if let rate = try rate(taxpayer, product: 0, category: category, date, views) {
                return rate
            }
            let parent = try views.statement("SELECT parent FROM catalog_categories WHERE id = ?1")
            parent.bind(1, category)
            category = try parent.firstInteger() ?? 0
            depth += 1
        }
        return try rate(taxpayer, product: 0, category: 0, date, views) ?? .zero
    }

    private func rate(
        _ taxpayer: TaxpayerKind,
        product: Int64,
        category: Int64,
        _ date: CivilDate,
        _ views: Database
    ) throws -> Rate? {
        let statement = try views.statement(
            """
            SELECT rate FROM catalog_rates
            WHERE taxpayer = ?1 AND product = ?2 AND category = ?3 AND since <= ?4 AND until >= ?4
            ORDER BY since DESC, time DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, taxpayer.rawValue)
        statement.bind(2, product)
        statement.bind(3, category)
        statement.bind(4, Int64(date.dayNumber))
        return try statement.firstInteger().map { Rate($0) }
    }
}
