// Stock: the tables of its view.

import Replication

/// The tables of Stock.
enum StockSchema {
    static let schema = ViewSchema(
        version: 2,
        statements: [
            // A place is a branch, or negative for a virtual one; over all places the quantities
            // of a product add up to zero. The entries are products with `StockSums`.
            """
            CREATE TABLE stock_on_hand(
              place INTEGER, bucket INTEGER, entries BLOB NOT NULL,
              PRIMARY KEY(place, bucket)) STRICT, WITHOUT ROWID
            """,
            // What goods cost when they were received; the last by (time, id, line) holds.
            """
            CREATE TABLE stock_cost(
              id INTEGER, line INTEGER, branch INTEGER NOT NULL, product INTEGER NOT NULL,
              clock INTEGER NOT NULL, time INTEGER NOT NULL, cost INTEGER NOT NULL,
              PRIMARY KEY(id, line)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE INDEX stock_cost_by_product
              ON stock_cost(branch, product, time, id, line, cost)
            """,
        ],
        tables: ["stock_on_hand", "stock_cost"]
    )
}
