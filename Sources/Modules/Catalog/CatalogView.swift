// The tables of Catalog, derived from its changes. Rows of registers are rewritten from their
// winning values; dated facts are rows keyed by the change that set them.

import Kernel
import Module
package import Replication
package import SQLite
import Wire

/// Catalog's projecting half.
package final class CatalogView: Projection {
    package let moduleNumber: UInt8 = 1

    package let schema = ViewSchema(
        version: 3,
        statements: [
            "CREATE TABLE catalog_companies(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
            """
            CREATE TABLE catalog_entities(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL,
              standard INTEGER NOT NULL) STRICT
            """,
            """
            CREATE TABLE catalog_branches(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL,
              kind INTEGER NOT NULL, ownership INTEGER NOT NULL, list INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX catalog_branches_by_code ON catalog_branches(code)",
            """
            CREATE TABLE catalog_assignments(
              branch INTEGER, since INTEGER, id INTEGER, entity INTEGER NOT NULL,
              clock INTEGER NOT NULL, time INTEGER NOT NULL,
              PRIMARY KEY(branch, since, id)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE catalog_taxpayers(
              entity INTEGER, since INTEGER, id INTEGER, kind INTEGER NOT NULL, number TEXT,
              clock INTEGER NOT NULL, time INTEGER NOT NULL,
              PRIMARY KEY(entity, since, id)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE catalog_rates(
              taxpayer INTEGER, product INTEGER, category INTEGER, since INTEGER, id INTEGER,
              until INTEGER, rate INTEGER NOT NULL, clock INTEGER NOT NULL,
              time INTEGER NOT NULL,
              PRIMARY KEY(taxpayer, product, category, since, id)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE catalog_prices(
              list INTEGER, product INTEGER, since INTEGER, id INTEGER, price INTEGER NOT NULL,
              minimum INTEGER, clock INTEGER NOT NULL, time INTEGER NOT NULL,
              PRIMARY KEY(list, product, since, id)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE catalog_tills(
              id INTEGER PRIMARY KEY, branch INTEGER NOT NULL, code TEXT NOT NULL,
              active INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX catalog_tills_by_branch ON catalog_tills(branch, code)",
            """
            CREATE TABLE catalog_tenders(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL,
              role INTEGER NOT NULL, cash INTEGER NOT NULL, electronic INTEGER NOT NULL,
              sort INTEGER NOT NULL) STRICT
            """,
            """
            CREATE TABLE catalog_units(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL,
              decimals INTEGER NOT NULL) STRICT
            """,
            """
            CREATE TABLE catalog_categories(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL,
              parent INTEGER NOT NULL, tax_class TEXT) STRICT
            """,
            """
            CREATE TABLE catalog_products(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL,
              category INTEGER NOT NULL, brand TEXT, shelf_life INTEGER, weighed INTEGER NOT NULL,
              active INTEGER NOT NULL, initials TEXT NOT NULL) STRICT
            """,
            "CREATE INDEX catalog_products_by_code ON catalog_products(code)",
            // What stands in it follows from catalog_products alone, so digests leave it out.
            """
            CREATE VIRTUAL TABLE catalog_search USING fts5(
              words, tokenize = 'unicode61', detail = none, prefix = '1 2 3')
            """,
            "CREATE TABLE catalog_costs(id INTEGER PRIMARY KEY, cost INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE catalog_barcodes(
              id INTEGER PRIMARY KEY, product INTEGER NOT NULL, barcode TEXT NOT NULL,
              active INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX catalog_barcodes_by_code ON catalog_barcodes(barcode)",
            """
            CREATE TABLE catalog_price_lists(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL) STRICT
            """,
        ],
        tables: [
            "catalog_companies", "catalog_entities", "catalog_branches", "catalog_assignments",
            "catalog_taxpayers", "catalog_rates", "catalog_prices", "catalog_tills",
            "catalog_tenders", "catalog_units", "catalog_categories", "catalog_products",
            "catalog_costs", "catalog_barcodes", "catalog_price_lists",
        ]
    )

    private static let shape = RegisterShape(CatalogKind.definitions)

    package init() {}

    package func open(_ views: Database) throws(StorageFault) {}

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        world.views.forget(CatalogMemory.self)
        try asProjection {
            let time = world.effectiveTime(of: change.id, clock: change.clock).rawValue
            let clock = change.clock.rawValue
            switch change.kind {
            case CatalogKind.branchAssigned:
                let fact = try BranchAssigned(body: change.body)
                try insert(
                    """
                    INSERT OR IGNORE INTO catalog_assignments(
                      branch, since, id, entity, clock, time)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6)
                    """,
                    [fact.branch, fact.from, change.id.rawValue, fact.entity, clock, time],
                    world
                )
            case CatalogKind.taxpayerDeclared:
                try apply(TaxpayerDeclared(body: change.body), change.id, clock, time, world)
            case CatalogKind.taxRateSet:
                let fact = try TaxRateSet(body: change.body)
                try insert(
                    """
                    INSERT OR IGNORE INTO catalog_rates(
                      taxpayer, product, category, since, id, until, rate, clock, time)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                    """,
                    [
                        fact.taxpayer.rawValue, fact.product, fact.category, fact.from,
                        change.id.rawValue, fact.to ?? Int64(Int32.max), fact.rate.rawValue,
                        clock, time,
                    ],
                    world
                )
            case CatalogKind.pricesSet:
                let fact = try PricesSet(body: change.body)
                for item in fact.prices {
                    try insert(
                        """
                        INSERT OR IGNORE INTO catalog_prices(
                          list, product, since, id, price, minimum, clock, time)
                        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                        """,
                        [
                            fact.list, item.product, fact.from.milliseconds, change.id.rawValue,
                            item.price.rawValue, item.minimum?.rawValue, clock, time,
                        ],
                        world
                    )
                }
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        }
    }

    private func apply(
        _ fact: TaxpayerDeclared,
        _ id: ChangeID,
        _ clock: Int64,
        _ time: Int64,
        _ world: ProjectionWorld
    ) throws {
        let statement = try world.views.statement(
            """
            INSERT OR IGNORE INTO catalog_taxpayers(entity, since, id, kind, number, clock, time)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """
        )
        statement.bind(1, fact.entity)
        statement.bind(2, fact.from)
        statement.bind(3, id.rawValue)
        statement.bind(4, fact.kind.rawValue)
        statement.bind(5, fact.number)
        statement.bind(6, clock)
        statement.bind(7, time)
        try statement.run()
    }

    private func insert(
        _ sql: StaticString,
        _ values: [Int64?],
        _ world: ProjectionWorld
    ) throws {
        let statement = try world.views.statement(sql)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        try statement.run()
    }

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        try CatalogView.shape.check(write)
    }

    package func flush(_ world: ProjectionWorld) throws(ProjectionFault) {}

    package func discard() {}

    /// Turns what SQLite and the codec throw into reasons of projecting.
    func asProjection(_ body: () throws -> Void) throws(ProjectionFault) {
        do {
            try body()
        } catch let fault as ProjectionFault {
            throw fault
        } catch let fault as WireFault {
            throw .malformed(fault)
        } catch let fault as StorageFault {
            throw .storage(fault)
        } catch {
            throw .violation("\(error)")
        }
    }
}
