// Stock: answers from its view, as plain values.

package import Kernel
package import Module
package import SQLite

/// A product at a branch as the book has it.
package struct OnHand: Hashable, Sendable {
    package let branch: Int64
    package let product: Int64
    /// A sum of any size; below zero where more went than came.
    package let quantity: Int128
    package let lastReceived: CivilDate?
    package let lastSold: CivilDate?
    /// For each reason, by number, what came less what went, where that is not zero.
    package let moved: [StockMoved]
}

/// What came to a place less what went, for one reason.
package struct StockMoved: Hashable, Sendable {
    package let reason: StockReason
    package let net: Int128
}

/// What Stock answers to the commands of other modules.
package struct StockAnswers: StockQuestions {
    package init() {}

    package func onHand(
        branch: Int64,
        product: Int64,
        _ views: Database
    ) throws -> Quantity {
        let bucket = PackedEntries.bucket(of: product)
        let statement = try views.statement(
            "SELECT entries FROM stock_on_hand WHERE place = ?1 AND bucket = ?2"
        )
        statement.bind(1, branch)
        statement.bind(2, bucket)
        var quantity: Int128 = 0
        try statement.forEach { row in
            try StockQueries.forEachProduct(row.borrowedBytes(0), bucket) { id, values in
                if id == product { quantity = StockSums(values).quantity }
            }
        }
        return try Quantity(checked: quantity)
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
            SELECT place, bucket, entries FROM stock_on_hand
            WHERE place > 0 AND (?1 IS NULL OR place = ?1) ORDER BY place, bucket
            """
        )
        statement.bind(1, branch)
        var rows: [OnHand] = []
        try statement.forEach { row in
            let place = row.integer(0)
            try forEachProduct(row.borrowedBytes(2), row.integer(1)) { product, values in
                rows.append(OnHand(place, product, StockSums(values)))
            }
        }
        return rows
    }

    /// Calls `body` with each product of a bucket of `stock_on_hand`.
    static func forEachProduct(
        _ entries: UnsafeRawBufferPointer,
        _ bucket: Int64,
        _ body: (Int64, UnsafeBufferPointer<Int128>) throws -> Void
    ) throws {
        let width = StockSums.rules.count
        try PackedEntries.forEach(entries, bucket: bucket, width: width, body)
    }
}

extension OnHand {
    init(_ branch: Int64, _ product: Int64, _ sums: StockSums) {
        self.branch = branch
        self.product = product
        quantity = sums.quantity
        lastReceived = sums.date(StockSums.lastReceived)
        lastSold = sums.date(StockSums.lastSold)
        moved = sums.reasons.map { StockMoved(reason: $0.reason, net: $0.net) }
    }
}
