// Ledger: the tables of its view.

import Replication

/// The tables of Ledger.
enum LedgerSchema {
    static let schema = ViewSchema(
        version: 3,
        statements: effects + postings + periods,
        tables: [
            "ledger_effect", "ledger_settled", "ledger_provisional", "ledger_settled_sum",
            "ledger_cover", "ledger_posting", "ledger_voucher", "ledger_line", "ledger_closing",
            "ledger_reopening",
        ]
    )

    private static let effects: [StaticString] = [
        // What no posting covers yet: the effects of 32 neighbouring changes (`EffectChunk`).
        """
        CREATE TABLE ledger_effect(
          entity INTEGER, chunk INTEGER, entries BLOB NOT NULL,
          PRIMARY KEY(entity, chunk)) STRICT, WITHOUT ROWID
        """,
        // What a posting covers, kept so that what the code of today makes of it can be compared.
        """
        CREATE TABLE ledger_settled(
          entity INTEGER, chunk INTEGER, entries BLOB NOT NULL,
          PRIMARY KEY(entity, chunk)) STRICT, WITHOUT ROWID
        """,
        // The sums of `ledger_effect`; a row without a line behind it is not there.
        """
        CREATE TABLE ledger_provisional(
          entity INTEGER, branch INTEGER, date INTEGER, grp INTEGER, role INTEGER, side INTEGER,
          rate INTEGER, tender INTEGER, party INTEGER,
          amount ANY NOT NULL CHECK(typeof(amount) <> 'real'),
          count ANY NOT NULL CHECK(typeof(count) <> 'real'),
          PRIMARY KEY(entity, branch, date, grp, role, side, rate, tender, party))
          STRICT, WITHOUT ROWID
        """,
        // The sums of `ledger_settled` by posting.
        """
        CREATE TABLE ledger_settled_sum(
          posting INTEGER, branch INTEGER, grp INTEGER, role INTEGER, side INTEGER,
          rate INTEGER, tender INTEGER, party INTEGER,
          amount ANY NOT NULL CHECK(typeof(amount) <> 'real'),
          count ANY NOT NULL CHECK(typeof(count) <> 'real'),
          PRIMARY KEY(posting, branch, grp, role, side, rate, tender, party))
          STRICT, WITHOUT ROWID
        """,
    ]

    private static let postings: [StaticString] = [
        // Every posting as it came; `holds` is 0 where one of smaller id covers the same.
        """
        CREATE TABLE ledger_posting(
          id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, holds INTEGER NOT NULL,
          body BLOB NOT NULL) STRICT
        """,
        "CREATE INDEX ledger_posting_by_entity ON ledger_posting(entity, id, holds)",
        // The rows below are those of postings that hold.
        """
        CREATE TABLE ledger_cover(
          entity INTEGER, first INTEGER, last INTEGER NOT NULL, posting INTEGER NOT NULL,
          PRIMARY KEY(entity, first)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE ledger_voucher(
          entity INTEGER, series TEXT, period INTEGER, number INTEGER,
          posting INTEGER NOT NULL, place INTEGER NOT NULL, date INTEGER NOT NULL,
          grp INTEGER NOT NULL, branch INTEGER NOT NULL, business_date INTEGER NOT NULL,
          text TEXT NOT NULL,
          PRIMARY KEY(entity, series, period, number)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX ledger_voucher_by_day
          ON ledger_voucher(entity, branch, business_date, grp)
        """,
        // Estimates of goods received, taken back, and made again: what a month's turn reads.
        """
        CREATE INDEX ledger_voucher_of_estimates
          ON ledger_voucher(entity, posting, place, grp, branch) WHERE grp IN (2, 5, 6)
        """,
        "CREATE INDEX ledger_voucher_by_posting ON ledger_voucher(posting, place)",
        """
        CREATE TABLE ledger_line(
          entity INTEGER, date INTEGER, posting INTEGER, place INTEGER, line INTEGER,
          account TEXT NOT NULL, role INTEGER NOT NULL, side INTEGER NOT NULL,
          amount INTEGER NOT NULL, rate INTEGER NOT NULL, tender INTEGER NOT NULL,
          party INTEGER NOT NULL, branch INTEGER NOT NULL,
          PRIMARY KEY(entity, date, posting, place, line)) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX ledger_line_by_posting ON ledger_line(posting, place, line)",
    ]

    private static let periods: [StaticString] = [
        """
        CREATE TABLE ledger_closing(
          id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, period INTEGER NOT NULL,
          body BLOB NOT NULL) STRICT
        """,
        "CREATE INDEX ledger_closing_by_period ON ledger_closing(entity, period)",
        """
        CREATE TABLE ledger_reopening(
          id INTEGER PRIMARY KEY, closing INTEGER NOT NULL, reason TEXT NOT NULL) STRICT
        """,
        "CREATE INDEX ledger_reopening_by_closing ON ledger_reopening(closing)",
    ]
}
