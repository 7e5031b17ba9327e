// Sales: its tables. Sums are integers, or decimal text beyond 64 bits (see SumTable), those of
// products are packed (see PackedSums); one narrow row a ticket, without a secondary index: lines
// are read from the log by id.

import Module
import Replication

extension SalesView {
    /// The tables of Sales.
    static let tables = ViewSchema(
        version: 4,
        statements: [
            """
            CREATE TABLE sales_ticket(
              till INTEGER NOT NULL, business_date INTEGER NOT NULL, series INTEGER NOT NULL,
              sequence INTEGER NOT NULL, id INTEGER NOT NULL, kind INTEGER NOT NULL,
              lifetime INTEGER NOT NULL, items INTEGER NOT NULL, total INTEGER NOT NULL,
              PRIMARY KEY(till, business_date, series, sequence, id)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_void(
              sale INTEGER NOT NULL, id INTEGER NOT NULL, branch INTEGER NOT NULL,
              business_date INTEGER NOT NULL, total INTEGER NOT NULL, PRIMARY KEY(sale, id)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_return(
              sale INTEGER NOT NULL, id INTEGER NOT NULL, branch INTEGER NOT NULL,
              business_date INTEGER NOT NULL, total INTEGER NOT NULL, PRIMARY KEY(sale, id)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_return_label(
              label TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(label, id)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_returned(
              sale INTEGER NOT NULL, line INTEGER NOT NULL, returned ANY NOT NULL,
              refunded ANY NOT NULL, times ANY NOT NULL, sold INTEGER NOT NULL,
              PRIMARY KEY(sale, line),
              CHECK(typeof(returned) <> 'real' AND typeof(refunded) <> 'real')
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_day(
              branch INTEGER NOT NULL, business_date INTEGER NOT NULL, tickets ANY NOT NULL,
              items ANY NOT NULL, gross ANY NOT NULL, discounts ANY NOT NULL,
              rounding ANY NOT NULL, return_tickets ANY NOT NULL, return_items ANY NOT NULL,
              returns ANY NOT NULL, void_tickets ANY NOT NULL, voids ANY NOT NULL,
              tax ANY NOT NULL, cost ANY NOT NULL, uncosted ANY NOT NULL,
              PRIMARY KEY(branch, business_date),
              CHECK(typeof(items) <> 'real' AND typeof(gross) <> 'real'
                AND typeof(discounts) <> 'real' AND typeof(rounding) <> 'real'
                AND typeof(return_items) <> 'real' AND typeof(returns) <> 'real'
                AND typeof(voids) <> 'real' AND typeof(tax) <> 'real'
                AND typeof(cost) <> 'real' AND typeof(uncosted) <> 'real')
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_product(
              branch INTEGER NOT NULL, business_date INTEGER NOT NULL, bucket INTEGER NOT NULL,
              entries BLOB NOT NULL, PRIMARY KEY(branch, business_date, bucket)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_payment(
              branch INTEGER NOT NULL, business_date INTEGER NOT NULL, tender INTEGER NOT NULL,
              count ANY NOT NULL, amount ANY NOT NULL, refund_count ANY NOT NULL,
              refunds ANY NOT NULL, manual_count ANY NOT NULL, manual ANY NOT NULL,
              PRIMARY KEY(branch, business_date, tender),
              CHECK(typeof(amount) <> 'real' AND typeof(refunds) <> 'real'
                AND typeof(manual) <> 'real')
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_series(
              branch INTEGER NOT NULL, business_date INTEGER NOT NULL, till INTEGER NOT NULL,
              series INTEGER NOT NULL, tickets INTEGER NOT NULL, sequence_sum INTEGER NOT NULL,
              sequence_first INTEGER NOT NULL, sequence_last INTEGER NOT NULL,
              lifetime_first INTEGER NOT NULL, lifetime_last INTEGER NOT NULL,
              PRIMARY KEY(branch, business_date, till, series)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_series_tender(
              branch INTEGER NOT NULL, business_date INTEGER NOT NULL, till INTEGER NOT NULL,
              series INTEGER NOT NULL, tender INTEGER NOT NULL, amount ANY NOT NULL,
              PRIMARY KEY(branch, business_date, till, series, tender),
              CHECK(typeof(amount) <> 'real')
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_till(
              till INTEGER PRIMARY KEY, tickets INTEGER NOT NULL,
              lifetime_first INTEGER NOT NULL, lifetime_last INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE sales_session(
              id INTEGER PRIMARY KEY, branch INTEGER NOT NULL, business_date INTEGER NOT NULL,
              till INTEGER NOT NULL, series INTEGER NOT NULL, entity INTEGER NOT NULL,
              taxpayer INTEGER NOT NULL, replica INTEGER NOT NULL,
              opening_float INTEGER NOT NULL, previous_seal INTEGER
            ) STRICT
            """,
            "CREATE INDEX sales_session_branch ON sales_session(branch, business_date, till)",
            "CREATE INDEX sales_session_till ON sales_session(till, business_date)",
            """
            CREATE TABLE sales_closing(
              id INTEGER PRIMARY KEY, day INTEGER NOT NULL, branch INTEGER NOT NULL,
              business_date INTEGER NOT NULL, till INTEGER NOT NULL, expected INTEGER NOT NULL,
              counted INTEGER
            ) STRICT
            """,
            "CREATE INDEX sales_closing_day ON sales_closing(day)",
            """
            CREATE TABLE sales_seal(
              id INTEGER PRIMARY KEY, day INTEGER NOT NULL, branch INTEGER NOT NULL,
              business_date INTEGER NOT NULL, till INTEGER NOT NULL, series INTEGER NOT NULL,
              sequence_first INTEGER, sequence_last INTEGER, lifetime_first INTEGER,
              lifetime_last INTEGER, tickets INTEGER NOT NULL, totals BLOB NOT NULL,
              head BLOB NOT NULL, previous INTEGER
            ) STRICT
            """,
            "CREATE INDEX sales_seal_branch ON sales_seal(branch, business_date, till)",
            "CREATE INDEX sales_seal_till ON sales_seal(till, business_date)",
            """
            CREATE TABLE sales_waiver(
              id INTEGER PRIMARY KEY, branch INTEGER NOT NULL, business_date INTEGER NOT NULL,
              till INTEGER, reason TEXT NOT NULL
            ) STRICT
            """,
            "CREATE INDEX sales_waiver_branch ON sales_waiver(branch, business_date)",
            """
            CREATE TABLE sales_payment_open(
              document INTEGER NOT NULL, payment INTEGER NOT NULL, business_date INTEGER NOT NULL,
              state INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY(document, payment)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE sales_payment_state(
              id INTEGER PRIMARY KEY, document INTEGER NOT NULL, payment INTEGER NOT NULL,
              state INTEGER NOT NULL, reference TEXT NOT NULL, clock INTEGER NOT NULL,
              effective INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE INDEX sales_payment_state_document
            ON sales_payment_state(document, payment, effective, id)
            """,
        ],
        tables: [
            "sales_ticket", "sales_void", "sales_return", "sales_return_label", "sales_returned",
            "sales_day",
            "sales_product",
            "sales_payment", "sales_series", "sales_series_tender", "sales_till",
            "sales_session", "sales_closing", "sales_seal", "sales_waiver",
            "sales_payment_open", "sales_payment_state",
        ]
    )
}

/// The columns of the tables of sums, in the order of the tables.
enum SumColumn {
    enum Day {
        static let tickets = 0
        static let items = 1
        static let gross = 2
        static let discounts = 3
        static let rounding = 4
        static let returnTickets = 5
        static let returnItems = 6
        static let returns = 7
        static let voidTickets = 8
        static let voids = 9
        static let tax = 10
        static let cost = 11
        static let uncosted = 12
        static let all: [(name: String, rule: SumRule)] = [
            ("tickets", .sum), ("items", .sum), ("gross", .sum), ("discounts", .sum),
            ("rounding", .sum), ("return_tickets", .sum), ("return_items", .sum),
            ("returns", .sum), ("void_tickets", .sum), ("voids", .sum), ("tax", .sum),
            ("cost", .sum), ("uncosted", .sum),
        ]
    }

    /// The values of an entry of `sales_product`, whose items are products.
    enum Product {
        static let quantity = 0
        static let returned = 1
        static let net = 2
        static let tax = 3
        static let cost = 4
        static let uncosted = 5
        static let all: [SumRule] = [.sum, .sum, .sum, .sum, .sum, .sum]
    }

    enum Payment {
        static let count = 0
        static let amount = 1
        static let refundCount = 2
        static let refunds = 3
        static let manualCount = 4
        static let manual = 5
        static let all: [(name: String, rule: SumRule)] = [
            ("count", .sum), ("amount", .sum), ("refund_count", .sum), ("refunds", .sum),
            ("manual_count", .sum), ("manual", .sum),
        ]
    }

    enum Series {
        static let tickets = 0
        static let sequenceSum = 1
        static let sequenceFirst = 2
        static let sequenceLast = 3
        static let lifetimeFirst = 4
        static let lifetimeLast = 5
        static let all: [(name: String, rule: SumRule)] = [
            ("tickets", .sum), ("sequence_sum", .sum), ("sequence_first", .least),
            ("sequence_last", .greatest), ("lifetime_first", .least),
            ("lifetime_last", .greatest),
        ]
    }

    enum Till {
        static let tickets = 0
        static let lifetimeFirst = 1
        static let lifetimeLast = 2
        static let all: [(name: String, rule: SumRule)] = [
            ("tickets", .sum), ("lifetime_first", .least), ("lifetime_last", .greatest),
        ]
    }

    enum Returned {
        static let returned = 0
        static let refunded = 1
        static let times = 2
        static let sold = 3
        static let all: [(name: String, rule: SumRule)] = [
            ("returned", .sum), ("refunded", .sum), ("times", .sum), ("sold", .greatest),
        ]
    }
}
