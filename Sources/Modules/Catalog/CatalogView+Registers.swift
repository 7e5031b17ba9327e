// The rows of registers: each rewritten whole from the winning values of its entity.

package import Replication
import SQLite
import Wire

extension CatalogView {
    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        world.views.forget(CatalogMemory.self)
        try asProjection {
            let row = RegisterRow(entity: entity, views: world.views)
            switch entity.kind {
            case CatalogKind.company:
                try row.put(
                    "DELETE FROM catalog_companies WHERE id = ?1",
                    "INSERT INTO catalog_companies(id, name) VALUES(?1, ?2)",
                    [.text(1)]
                )
            case CatalogKind.entity:
                try row.put(
                    "DELETE FROM catalog_entities WHERE id = ?1",
                    "INSERT INTO catalog_entities(id, code, name, standard) VALUES(?1, ?2, ?3, ?4)",
                    [.text(1), .text(2), .integer(3, 1)]
                )
            case CatalogKind.branch:
                try row.put(
                    "DELETE FROM catalog_branches WHERE id = ?1",
                    """
                    INSERT INTO catalog_branches(id, code, name, kind, ownership, list)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6)
                    """,
                    [.text(1), .text(2), .integer(3, 1), .integer(4, 1), .integer(5, 0)]
                )
            case CatalogKind.till:
                try row.put(
                    "DELETE FROM catalog_tills WHERE id = ?1",
                    "INSERT INTO catalog_tills(id, branch, code, active) VALUES(?1, ?2, ?3, ?4)",
                    [.integer(1, 0), .text(2), .bool(3, true)]
                )
            case CatalogKind.tender:
                try row.put(
                    "DELETE FROM catalog_tenders WHERE id = ?1",
                    """
                    INSERT INTO catalog_tenders(id, code, name, role, cash, electronic, sort)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
                    """,
                    [
                        .text(1), .text(2), .integer(3, 1), .bool(4, false), .bool(5, false),
                        .integer(6, 0),
                    ]
                )
            default: try putProductRow(entity, row)
            }
        }
    }

    private func putProductRow(_ entity: RegisterEntity, _ row: RegisterRow) throws {
        switch entity.kind {
        case CatalogKind.unit:
            try row.put(
                "DELETE FROM catalog_units WHERE id = ?1",
                "INSERT INTO catalog_units(id, code, name, decimals) VALUES(?1, ?2, ?3, ?4)",
                [.text(1), .text(2), .integer(3, 0)]
            )
        case CatalogKind.category:
            try row.put(
                "DELETE FROM catalog_categories WHERE id = ?1",
                """
                INSERT INTO catalog_categories(id, code, name, parent, tax_class)
                VALUES(?1, ?2, ?3, ?4, ?5)
                """,
                [.text(1), .text(2), .integer(3, 0), .optionalText(4)]
            )
        case CatalogKind.product: try putProduct(entity, row)
        case CatalogKind.productCost:
            try row.put(
                "DELETE FROM catalog_costs WHERE id = ?1",
                "INSERT INTO catalog_costs(id, cost) VALUES(?1, ?2)",
                [.integer(1, 0)]
            )
        case CatalogKind.barcode:
            try row.put(
                "DELETE FROM catalog_barcodes WHERE id = ?1",
                "INSERT INTO catalog_barcodes(id, product, barcode, active) VALUES(?1, ?2, ?3, ?4)",
                [.integer(1, 0), .text(2), .bool(3, true)]
            )
        case CatalogKind.priceList:
            try row.put(
                "DELETE FROM catalog_price_lists WHERE id = ?1",
                "INSERT INTO catalog_price_lists(id, code, name) VALUES(?1, ?2, ?3)",
                [.text(1), .text(2)]
            )
        default: throw ProjectionFault.unknownKind(entity.kind)
        }
    }

    /// The product's row, and the words under which it is found.
    private func putProduct(_ entity: RegisterEntity, _ row: RegisterRow) throws {
        let name = entity.text(2) ?? ""
        try row.put(
            "DELETE FROM catalog_products WHERE id = ?1",
            """
            INSERT INTO catalog_products(
              id, code, name, unit, category, brand, shelf_life, weighed, active, initials)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """,
            [
                .text(1), .text(2), .text(3), .integer(4, 0), .optionalText(5),
                .optionalInteger(6), .bool(7, false), .bool(8, true),
                .derived(SearchWords.initials(of: name)),
            ]
        )
        let words = SearchWords.words(
            name: name,
            code: entity.text(1) ?? "",
            brand: entity.text(5)
        )
        try row.put(
            "DELETE FROM catalog_search WHERE rowid = ?1",
            "INSERT INTO catalog_search(rowid, words) VALUES(?1, ?2)",
            [.derived(words)]
        )
    }
}

/// Writes one row from an entity's registers.
struct RegisterRow {
    /// A column: the register it comes from, and what stands where that is absent.
    enum Column {
        case text(Int64)
        case optionalText(Int64)
        case integer(Int64, Int64)
        case optionalInteger(Int64)
        case bool(Int64, Bool)
        case derived(String)
    }

    let entity: RegisterEntity
    let views: Database

    func put(_ delete: StaticString, _ insert: StaticString, _ columns: [Column]) throws {
        let old = try views.statement(delete)
        old.bind(1, entity.entity)
        try old.run()
        if entity.values.isEmpty { return }
        let new = try views.statement(insert)
        new.bind(1, entity.entity)
        for (index, column) in columns.enumerated() { bind(column, Int32(index + 2), new) }
        try new.run()
    }

    private func bind(_ column: Column, _ place: Int32, _ statement: Statement) {
        switch column {
        case .text(let key): statement.bind(place, entity.text(key) ?? "")
        case .optionalText(let key): statement.bind(place, entity.text(key))
        case .integer(let key, let absent): statement.bind(place, entity.integer(key) ?? absent)
        case .optionalInteger(let key): statement.bind(place, entity.integer(key))
        case .bool(let key, let absent):
            statement.bind(place, Int64((entity.bool(key) ?? absent) ? 1 : 0))
        case .derived(let text): statement.bind(place, text)
        }
    }
}
