// Sales: what a branch has sold of its products, for those who count what is left.
// It must not look into another module's tables.

package import Kernel
package import Module
package import SQLite

extension SalesAnswers {
    /// Cost: the day sums of one branch in the period.
    package func sold(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> SoldAnswer {
        let statement = try views.statement(
            """
            SELECT bucket, entries, business_date FROM sales_product
            WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(from.dayNumber))
        statement.bind(3, Int64(to.dayNumber))
        var first: Int64?
        var sums: [Int64: Int128] = [:]
        try statement.forEach { row in
            first = min(first ?? .max, row.integer(2))
            try SalesQueries.forEachProduct(row, bucket: 0, entries: 1) { product, values in
                sums[product, default: 0] += values[SumColumn.Product.quantity]
            }
        }
        return SoldAnswer(
            first: first.map { CivilDate(dayNumber: Int32(truncatingIfNeeded: $0)) },
            quantities: try sums.mapValues { try Quantity(checked: $0) }
        )
    }
}
