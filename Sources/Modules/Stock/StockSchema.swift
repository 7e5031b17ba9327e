// Stock: the tables of its view.

import Replication

/// The tables of Stock.
enum StockSchema {
    static let schema = ViewSchema(
        version: 1,
        statements: [
            // A place is a branch, or negative for a virtual one; over all places the quantities
            // of a product add up to zero. A date that never was is −1.
            """
            CREATE TABLE stock_on_hand(
              place INTEGER, product INTEGER,
              quantity ANY NOT NULL CHECK(typeof(quantity) <> 'real'),
              received ANY NOT NULL CHECK(typeof(received) <> 'real'),
              sold ANY NOT NULL CHECK(typeof(sold) <> 'real'),
              last_received INTEGER NOT NULL, last_sold INTEGER NOT NULL,
              PRIMARY KEY(place, product)) STRICT, WITHOUT ROWID
            """,
            // What came into and went out of a branch on a business date, for each reason.
            """
            CREATE TABLE stock_movement(
              branch INTEGER, date INTEGER, product INTEGER, reason INTEGER,
              came ANY NOT NULL CHECK(typeof(came) <> 'real'),
              went ANY NOT NULL CHECK(typeof(went) <> 'real'),
              PRIMARY KEY(branch, date, product, reason)) STRICT, WITHOUT ROWID
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
        tables: ["stock_on_hand", "stock_movement", "stock_cost"]
    )
}
