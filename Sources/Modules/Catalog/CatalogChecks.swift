// What only the merged whole shows of master data, and what must hold at every position.

import Module
import SQLite

/// Catalog's checks.
enum CatalogChecks {
    /// Codes and barcodes that stand for two things at once.
    static func findings(_ context: ReportContext) throws -> [Finding] {
        var findings: [Finding] = []
        let shared = try context.views.statement(
            """
            SELECT b.barcode, group_concat(p.code, ' '), count(*) FROM (
              SELECT DISTINCT barcode, product FROM catalog_barcodes WHERE active = 1
              ORDER BY barcode, product) b
            JOIN catalog_products p ON p.id = b.product AND p.active = 1
            GROUP BY b.barcode HAVING count(*) > 1 ORDER BY b.barcode
            """
        )
        try shared.forEach { row in
            let finding = Finding(
                check: "catalog.barcode_shared",
                subject: row.text(0),
                evidence: LocalText(
                    "\(row.integer(2)) 种商品：\(row.text(1))",
                    "\(row.integer(2)) products: \(row.text(1))"
                ),
                proposal: LocalText("从其余商品上移除此条码。", "Remove the barcode from the others.")
            )
            findings.append(finding)
        }
        for (check, statement, chinese, english) in try codes(context.views) {
            try statement.forEach { row in
                let finding = Finding(
                    check: check,
                    subject: row.text(0),
                    evidence: LocalText(
                        "\(row.integer(1)) 个同用一个编码",
                        "\(row.integer(1)) under one code"
                    ),
                    proposal: LocalText(chinese, english)
                )
                findings.append(finding)
            }
        }
        return findings
    }

    private static func codes(
        _ views: Database
    ) throws -> [(String, Statement, String, String)] {
        [
            (
                "catalog.product_code_shared",
                try views.statement(
                    """
                    SELECT code, count(*) FROM catalog_products WHERE active = 1
                    GROUP BY code HAVING count(*) > 1 ORDER BY code
                    """
                ),
                "停用重复的商品，或更换编码。", "Deactivate the duplicate, or give it another code."
            ),
            (
                "catalog.branch_code_shared",
                try views.statement(
                    """
                    SELECT code, count(*) FROM catalog_branches
                    GROUP BY code HAVING count(*) > 1 ORDER BY code
                    """
                ),
                "小票号以门店编码开头：请停用其中一家。",
                "Receipt numbers begin with the branch code: close one of them."
            ),
            (
                "catalog.till_code_shared",
                try views.statement(
                    """
                    SELECT b.code || '-' || t.code, count(*) FROM catalog_tills t
                    JOIN catalog_branches b ON b.id = t.branch WHERE t.active = 1
                    GROUP BY b.code, t.code HAVING count(*) > 1 ORDER BY 1
                    """
                ),
                "停用其中一个收银台。", "Take one of the tills out of use."
            ),
        ]
    }

    /// Each product is found under the words of its present name, and nothing else is found.
    static func violations(_ context: ReportContext) throws -> [String] {
        var reasons: [String] = []
        let products = try context.views.statement(
            """
            SELECT p.id, p.name, p.code, p.brand, s.words FROM catalog_products p
            LEFT JOIN catalog_search s ON s.rowid = p.id ORDER BY p.id
            """
        )
        var count: Int64 = 0
        try products.forEach { row in
            count += 1
            let words = SearchWords.words(
                name: row.text(1),
                code: row.text(2),
                brand: row.textOrNil(3)
            )
            let isFound = row.text(4) == words
            if try !isFound || !finds(row.integer(0), under: words, context.views) {
                reasons.append("product \(row.integer(0)) is not found under its words")
            }
        }
        let found = try context.views.integer("SELECT count(*) FROM catalog_search") ?? 0
        if found != count {
            reasons.append("the product search holds \(found) rows for \(count) products")
        }
        return reasons
    }

    /// Whether the index leads from each word of a product, whole or begun, to the product.
    ///
    /// Why asked of the index: the words beside it are a copy, and may be right where it is not.
    private static func finds(
        _ product: Int64,
        under words: String,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            "SELECT 1 FROM catalog_search WHERE catalog_search MATCH ?1 AND rowid = ?2"
        )
        let all = words.split(separator: " ")
        let beginnings = all.map { "\"\($0.prefix(2))\"*" }
        for query in [all.map { "\"\($0)\"" }, beginnings] where !query.isEmpty {
            statement.bind(1, query.joined(separator: " "))
            statement.bind(2, product)
            do {
                if try statement.firstInteger() == nil { return false }
            } catch {
                // A word that the index takes for several cannot be asked for as one.
                if error.code != 1 { throw error }
            }
        }
        return true
    }
}
