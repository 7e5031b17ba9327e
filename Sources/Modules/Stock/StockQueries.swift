// Stock: answers from its view, as plain values.

package import Kernel
import Module
package import SQLite

/// A product at a branch as the book has it.
package struct OnHand: Hashable, Sendable {
    package let branch: Int64
    package let product: Int64
    /// A sum of any size; below zero where more went than came.
    package let quantity: Int128
    package let lastReceived: CivilDate?
    package let lastSold: CivilDate?
}

/// What Stock answers to the commands of other modules.
package struct StockAnswers: StockQuestions {
    package init() {}

    package func onHand(
        branch: Int64,
        product: Int64,
        _ views: Database
    ) throws -> Quantity {
        let statement = try views.statement(
            "SELECT quantity FROM stock_on_hand WHERE place = ?1 AND product = ?2"
        )
        statement.bind(1, branch)
        statement.bind(2, product)
        return try statement.first { try Quantity(checked: $0.wide(0)) } ?? .zero
    }

    package func lastCost(
        product: Int64,
        branch: Int64,
        _ views: Database
    ) throws -> UnitCost? {
        let statement = try views.statement(
            """
            SELECT cost FROM stock_cost WHERE branch = ?1 AND product = ?2
            ORDER BY time DESC, id DESC, line DESC LIMIT 1
            """
        )
        statement.bind(1, branch)
        statement.bind(2, product)
        return try statement.firstInteger().map { UnitCost($0) }
    }
}

enum StockQueries {
    /// The rows of branches, by branch and product; nil is all branches.
    static func onHand(branch: Int64?, _ views: Database) throws -> [OnHand] {
        let statement = try views.statement(
            """
            SELECT place, product, quantity, last_received, last_sold FROM stock_on_hand
            WHERE place > 0 AND (?1 IS NULL OR place = ?1) ORDER BY place, product
            """
        )
        statement.bind(1, branch)
        var rows: [OnHand] = []
        try statement.forEach { row in
            rows.append(
                OnHand(
                    branch: row.integer(0),
                    product: row.integer(1),
                    quantity: row.wide(2),
                    lastReceived: date(row.integer(3)),
                    lastSold: date(row.integer(4))
                )
            )
        }
        return rows
    }

    /// The reasons for which a product moved at a branch, with what came and went.
    static func movements(
        branch: Int64,
        product: Int64,
        _ views: Database
    ) throws -> [(reason: Int64, came: Int128, went: Int128)] {
        let statement = try views.statement(
            """
            SELECT reason, came, went FROM stock_movement
            WHERE branch = ?1 AND product = ?2 ORDER BY reason, date
            """
        )
        statement.bind(1, branch)
        statement.bind(2, product)
        var sums: [(reason: Int64, came: Int128, went: Int128)] = []
        try statement.forEach { row in
            if sums.last?.reason != row.integer(0) { sums.append((row.integer(0), 0, 0)) }
            sums[sums.count - 1].came += row.wide(1)
            sums[sums.count - 1].went += row.wide(2)
        }
        return sums
    }

    private static func date(_ day: Int64) -> CivilDate? {
        day < 0 ? nil : CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
    }
}
