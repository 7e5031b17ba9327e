// Raw, what everything is measured against: the same facts as plain rows, already decoded, by
// direct SQLite calls; five rows a sale, day totals and stock summed by batch.
// It must stay as fast as it can be: prepared once, static binds, no secondary index.

import CSQLite

/// A failure of a direct call.
struct RawFault: Error {
    let code: Int32
    let message: String
}

/// Plain tables in one file.
final class RawTables {
    private struct DayKey: Hashable {
        let branch: Int64
        let date: Int32
    }

    private struct StockKey: Hashable {
        let branch: Int64
        let product: Int64
    }

    private let handle: OpaquePointer
    private var statements: [OpaquePointer] = []
    private var lastSale: Int64 = 0
    private var days: [DayKey: (count: Int64, total: Int64)] = [:]
    private var stock: [StockKey: Int64] = [:]

    private static let tables = """
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA wal_autocheckpoint=2048;
        PRAGMA secure_delete=OFF;
        PRAGMA temp_store=MEMORY;
        PRAGMA cache_size=-24576;
        CREATE TABLE sale(
          id INTEGER PRIMARY KEY, branch INTEGER, till INTEGER, date INTEGER, sequence INTEGER,
          lifetime INTEGER, wall INTEGER, total INTEGER);
        CREATE TABLE line(
          sale INTEGER, line INTEGER, product INTEGER, price INTEGER, rate INTEGER, cost INTEGER,
          PRIMARY KEY(sale, line)) WITHOUT ROWID;
        CREATE TABLE payment(
          sale INTEGER, payment INTEGER, tender INTEGER, amount INTEGER,
          PRIMARY KEY(sale, payment)) WITHOUT ROWID;
        CREATE TABLE day(
          branch INTEGER, date INTEGER, count INTEGER, total INTEGER,
          PRIMARY KEY(branch, date)) WITHOUT ROWID;
        CREATE TABLE stock(
          branch INTEGER, product INTEGER, quantity INTEGER,
          PRIMARY KEY(branch, product)) WITHOUT ROWID;
        """

    private static let texts = [
        "BEGIN IMMEDIATE", "COMMIT",
        "INSERT INTO sale VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        "INSERT INTO line VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
        "INSERT INTO payment VALUES(?1, ?2, ?3, ?4)",
        """
        INSERT INTO day VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET
          count = count + excluded.count, total = total + excluded.total
        """,
        """
        INSERT INTO stock VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET
          quantity = quantity + excluded.quantity
        """,
    ]

    /// Creates the file and its tables.
    init(path: String) throws {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else { throw RawFault(code: code, message: path) }
        handle = opened
        try check(sqlite3_exec(handle, RawTables.tables, nil, nil, nil))
        for text in RawTables.texts {
            var statement: OpaquePointer?
            let persistent = UInt32(SQLITE_PREPARE_PERSISTENT)
            try check(sqlite3_prepare_v3(handle, text, -1, persistent, &statement, nil))
            guard let statement else { throw RawFault(code: SQLITE_MISUSE, message: text) }
            statements.append(statement)
        }
    }

    deinit {
        for statement in statements { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    private func check(_ code: Int32) throws {
        if code == SQLITE_OK || code == SQLITE_DONE { return }
        throw RawFault(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    private func run(_ index: Int, _ values: Int64...) throws {
        try run(index, values)
    }

    private func run(_ index: Int, _ values: [Int64]) throws {
        let statement = statements[index]
        for (place, value) in values.enumerated() {
            sqlite3_bind_int64(statement, Int32(truncatingIfNeeded: place + 1), value)
        }
        try step(statement)
    }

    @inline(__always)
    private func step(_ statement: OpaquePointer) throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        if code != SQLITE_DONE { try check(code) }
    }

    /// Writes a batch in one durable transaction.
    func take(_ sales: [PlainSale]) throws {
        try run(0)
        for sale in sales {
            lastSale += 1
            try insert(sale, lastSale)
            let day = DayKey(branch: sale.branch, date: sale.date)
            let old = days[day] ?? (0, 0)
            days[day] = (old.count + 1, old.total + sale.total)
            for line in [sale.lines.0, sale.lines.1, sale.lines.2] {
                stock[StockKey(branch: sale.branch, product: line.product), default: 0] -= 1
            }
        }
        for (key, value) in days.sorted(by: { $0.key.date < $1.key.date }) {
            try run(5, key.branch, Int64(key.date), value.count, value.total)
        }
        for (key, value) in stock.sorted(by: { $0.key.product < $1.key.product }) {
            try run(6, key.branch, key.product, value)
        }
        days.removeAll(keepingCapacity: true)
        stock.removeAll(keepingCapacity: true)
        try run(1)
    }

    private func insert(_ sale: PlainSale, _ id: Int64) throws {
        let header = statements[2]
        sqlite3_bind_int64(header, 1, id)
        sqlite3_bind_int64(header, 2, sale.branch)
        sqlite3_bind_int64(header, 3, sale.till)
        sqlite3_bind_int64(header, 4, Int64(sale.date))
        sqlite3_bind_int64(header, 5, sale.sequence)
        sqlite3_bind_int64(header, 6, sale.lifetime)
        sqlite3_bind_int64(header, 7, sale.wallMs)
        sqlite3_bind_int64(header, 8, sale.total)
        try step(header)
        try insert(sale.lines.0, id, 0)
        try insert(sale.lines.1, id, 1)
        try insert(sale.lines.2, id, 2)
        let payment = statements[4]
        sqlite3_bind_int64(payment, 1, id)
        sqlite3_bind_int64(payment, 2, 0)
        sqlite3_bind_int64(payment, 3, sale.tender)
        sqlite3_bind_int64(payment, 4, sale.total)
        try step(payment)
    }

    @inline(__always)
    private func insert(_ line: PlainSale.Line, _ sale: Int64, _ place: Int64) throws {
        let statement = statements[3]
        sqlite3_bind_int64(statement, 1, sale)
        sqlite3_bind_int64(statement, 2, place)
        sqlite3_bind_int64(statement, 3, line.product)
        sqlite3_bind_int64(statement, 4, line.price)
        sqlite3_bind_int64(statement, 5, line.rate)
        sqlite3_bind_int64(statement, 6, line.cost)
        try step(statement)
    }

    /// A bare durable commit of six rows: header, three lines, payment, stock.
    func commitSix(_ sale: PlainSale) throws {
        try run(0)
        lastSale += 1
        try insert(sale, lastSale)
        try run(6, sale.branch, sale.lines.0.product, -1)
        try run(1)
    }
}
