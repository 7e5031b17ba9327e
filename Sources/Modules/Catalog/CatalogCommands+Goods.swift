// What surrounds products: categories, units, barcodes.

import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// Adds a category.
package struct AddCategory: Command {
    package let code: String
    package let name: String
    /// 0 is none.
    package let parent: Int64
    /// 税收分类编码, 19 digits.
    package let taxClass: String?

    package init(code: String, name: String, parent: Int64 = 0, taxClass: String? = nil) {
        self.code = code
        self.name = name
        self.parent = parent
        self.taxClass = taxClass
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        try TextLimits.require(code: code)
        try TextLimits.require(name: name)
        let known = try context.views.statement("SELECT 1 FROM catalog_categories WHERE code = ?1")
        known.bind(1, code)
        if try known.firstInteger() != nil { throw CatalogRefusal.codeTaken(code) }
        var values: [(key: Int64, value: CBORValue)] = [(1, .text(code)), (2, .text(name))]
        if parent != 0 {
            try CatalogRows.require(category: parent, context.views)
            values.append((3, .integer(parent)))
        }
        if let taxClass {
            guard taxClass.utf8.count == 19, taxClass.utf8.allSatisfy({ (48...57).contains($0) })
            else { throw CatalogRefusal.badTaxClass(taxClass) }
            values.append((4, .text(taxClass)))
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.category,
            entity: nil,
            values,
            into: &act
        )
    }
}

/// Adds a unit of quantity.
package struct AddUnit: Command {
    package let code: String
    package let name: String
    /// How many decimals a quantity has in it, 0 to 3.
    package let decimals: Int64

    package init(code: String, name: String, decimals: Int64 = 0) {
        self.code = code
        self.name = name
        self.decimals = decimals
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        try TextLimits.require(code: code)
        try TextLimits.require(name: name)
        guard (0...3).contains(decimals) else { throw CatalogRefusal.badDecimals }
        let known = try context.views.statement("SELECT 1 FROM catalog_units WHERE code = ?1")
        known.bind(1, code)
        if try known.firstInteger() != nil { throw CatalogRefusal.codeTaken(code) }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.unit,
            entity: nil,
            [(1, .text(code)), (2, .text(name)), (3, .integer(decimals))],
            into: &act
        )
    }
}

/// A barcode's row in the set of a product.
private func barcodeRow(
    _ barcode: String,
    of product: Int64,
    _ context: DecideContext
) throws -> Int64? {
    let statement = try context.views.statement(
        """
        SELECT id FROM catalog_barcodes WHERE barcode = ?1 AND product = ?2
        ORDER BY active DESC, id LIMIT 1
        """
    )
    statement.bind(1, barcode)
    statement.bind(2, product)
    return try statement.firstInteger()
}

/// Adds a barcode to a product; one that it has already is not written again.
package struct AddBarcode: Command {
    package let product: Int64
    package let barcode: String

    package init(product: Int64, barcode: String) {
        self.product = product
        self.barcode = barcode
    }

    /// Digits with a right check digit where the length is that of an EAN-13, else any short code.
    static func isAcceptable(_ barcode: String) -> Bool {
        guard !Text.isBlank(barcode), barcode.utf8.count <= TextLimits.codeMax else { return false }
        let isNumber = barcode.utf8.allSatisfy { (48...57).contains($0) }
        return isNumber && barcode.utf8.count == 13 ? BarcodeEAN13.isValid(barcode) : true
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        guard AddBarcode.isAcceptable(barcode) else { throw CatalogRefusal.badBarcode(barcode) }
        try CatalogRows.require(product: product, context.views)
        act.begin([.everyone])
        let known = try barcodeRow(barcode, of: product, context)
        return try RegisterTable(views: context.views).draft(
            CatalogKind.barcode,
            entity: known,
            [(1, .integer(product)), (2, .text(barcode)), (3, .bool(true))],
            into: &act
        )
    }
}

/// Takes a barcode from a product.
package struct RemoveBarcode: Command {
    package let product: Int64
    package let barcode: String

    package init(product: Int64, barcode: String) {
        self.product = product
        self.barcode = barcode
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        guard let row = try barcodeRow(barcode, of: product, context) else {
            throw CatalogRefusal.unknownBarcode(barcode)
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.barcode,
            entity: row,
            [(3, .bool(false))],
            into: &act
        )
    }
}
