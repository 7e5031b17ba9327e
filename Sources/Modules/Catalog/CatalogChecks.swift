// What only the merged whole shows of master data.

import Module
import SQLite

/// Catalog's checks.
enum CatalogChecks {
    static func findings(_ context: ReportContext) throws -> [Finding] {
        var findings: [Finding] = []
        let shared = try context.views.statement(
            """
            SELECT barcode, count(DISTINCT product), min(product) FROM catalog_barcodes
            WHERE active = 1 GROUP BY barcode HAVING count(DISTINCT product) > 1 ORDER BY barcode
            """
        )
        try shared.forEach { row in
            let finding = Finding(
                check: "catalog.barcode_shared",
                subject: row.text(0),
                evidence: "\(row.integer(1)) products",
                proposal: LocalText("从其余商品上移除此条码。", "Remove the barcode from the others.")
            )
            findings.append(finding)
        }
        let codes = try context.views.statement(
            """
            SELECT code, count(*) FROM catalog_products WHERE active = 1
            GROUP BY code HAVING count(*) > 1 ORDER BY code
            """
        )
        try codes.forEach { row in
            let finding = Finding(
                check: "catalog.product_code_shared",
                subject: row.text(0),
                evidence: "\(row.integer(1)) products",
                proposal: LocalText("停用重复的商品。", "Deactivate the duplicate.")
            )
            findings.append(finding)
        }
        return findings
    }
}
