// Finding products as people type: by code, barcode, part of a Chinese name, pinyin initials.

import Kernel
package import Module
package import SQLite

extension CatalogAnswers {
    /// The products that a wish names, the best first; the same wish always in the same order.
    ///
    /// Order: the exact code or barcode, the exact name or initials, what begins with the wish,
    /// what holds it, what holds all its words; then shorter names, then codes. Inactive products
    /// are left out.
    package func search(
        _ wish: String,
        limit: Int = 20,
        _ views: Database
    ) throws -> [ProductAnswer] {
        let text = SearchWords.normalized(wish)
        var found: [ProductAnswer] = []
        if let exact = try product(barcode: text, views), exact.isActive { found.append(exact) }
        guard let query = SearchWords.query(wish) else { return found }
        let statement = try views.statement(
            """
            SELECT p.id, p.code, p.name, p.unit, p.category, c.cost, p.active, p.weighed
            FROM catalog_search s JOIN catalog_products p ON p.id = s.rowid
            LEFT JOIN catalog_costs c ON c.id = p.id
            WHERE catalog_search MATCH ?1 AND p.active = 1
            ORDER BY
              CASE WHEN lower(p.code) = ?2 THEN 0
                WHEN lower(p.name) = ?2 OR p.initials = ?2 THEN 1
                WHEN instr(lower(p.name), ?2) = 1 OR instr(p.initials, ?2) = 1 THEN 2
                WHEN instr(lower(p.name), ?2) > 0 OR instr(p.initials, ?2) > 0 THEN 3
                ELSE 4 END,
              length(p.name), p.code, p.id
            LIMIT ?3
            """
        )
        statement.bind(1, query)
        statement.bind(2, text)
        statement.bind(3, Int64(limit))
        try statement.forEach { row in
            let answer = product(row: row)
            if !found.contains(where: { $0.id == answer.id }) { found.append(answer) }
        }
        return Array(found.prefix(limit))
    }
}
