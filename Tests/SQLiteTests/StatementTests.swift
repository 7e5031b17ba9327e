// Binding, stepping, columns, and the two caches of statements.
import CSQLite
import SQLite
import Testing

@Suite("Statements")
struct StatementTests {
    @Test("Every kind of value comes back as it was bound")
    func roundTrip() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let insert = try database.statement("INSERT INTO item VALUES (?1, ?2, ?3)")
        let names: [String?] = ["", "珠江啤酒 330ml", "with\u{0}zero", nil, "🍜"]
        let blobs: [[UInt8]?] = [[], [0, 1, 255], nil, [UInt8](repeating: 7, count: 70_000), [0]]
        for (index, (name, bytes)) in zip(names, blobs).enumerated() {
            insert.bind(1, Int64.max - Int64(index))
            insert.bind(2, name)
            insert.bind(3, bytes)
            try insert.run()
        }
        var seen: [(String?, [UInt8]?)] = []
        try database.statement("SELECT id, name, bytes FROM item ORDER BY id DESC").forEach { row in
            #expect(row.integer(0) == Int64.max - Int64(seen.count))
            seen.append((row.textOrNil(1), row.blobOrNil(2)))
        }
        #expect(seen.map(\.0) == names)
        #expect(seen.map(\.1) == blobs)
    }

    @Test("Borrowed bytes are stored, and an empty slice is an empty blob, not null")
    func borrowed() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let insert = try database.statement("INSERT INTO item VALUES (?1, ?2, ?3)")
        let body: [UInt8] = Array("一二三".utf8)
        try body.withUnsafeBytes { bytes in
            insert.bind(1, 1)
            insert.bindText(2, UnsafeRawBufferPointer(rebasing: bytes[3..<6]))
            insert.bind(3, UnsafeRawBufferPointer(rebasing: bytes[0..<3]))
            try insert.run()
            insert.bind(1, 2)
            insert.bindText(2, UnsafeRawBufferPointer(start: nil, count: 0))
            insert.bind(3, UnsafeRawBufferPointer(rebasing: bytes[0..<0]))
            try insert.run()
        }
        let rows = try database.prepare("SELECT name, typeof(name), bytes, typeof(bytes) FROM item")
        #expect(try rows.step())
        #expect(rows.text(0) == "二")
        #expect(rows.withBlob(2) { Array($0) } == Array("一".utf8))
        #expect(try rows.step())
        #expect(rows.text(0) == "" && rows.text(1) == "text")
        #expect(rows.blob(2) == [] && rows.text(3) == "blob")
    }

    @Test("After a reset no borrowed pointer stays bound")
    func borrowedBytesAreForgotten() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let insert = try database.statement("INSERT INTO item VALUES (NULL, 'x', ?1)")
        try [UInt8](repeating: 1, count: 8).withUnsafeBytes { bytes in
            insert.bind(1, bytes)
            try insert.run()
        }
        try insert.run()
        let nulls = try database.integer("SELECT count(*) FROM item WHERE bytes IS NULL")
        #expect(nulls == 1)
    }

    @Test("A statement that failed is reset and serves again")
    func resetOnError() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let insert = try database.statement("INSERT INTO item VALUES (?1, 'x', NULL)")
        insert.bind(1, 1)
        try insert.run()
        insert.bind(1, 1)
        let fault = #expect(throws: StorageFault.self) { try insert.run() }
        #expect(fault?.isConstraint == true)
        #expect(fault?.code == SQLITE_CONSTRAINT | (6 << 8), "the extended code: a primary key")
        #expect(fault?.operation == "step")
        #expect(fault?.sql == "INSERT INTO item VALUES (?1, 'x', NULL)")
        #expect(fault?.description.contains("UNIQUE constraint failed: item.id") == true)
        #expect(!insert.isActive)
        insert.bind(1, 2)
        try insert.run()
        #expect(try database.integer("SELECT count(*) FROM item") == 2)
    }

    @Test("The same literal gives the same statement, and a busy one is not handed out twice")
    func literalCache() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        try database.execute("INSERT INTO item (name) VALUES ('a'), ('b'), ('c')")
        func names() throws -> Statement {
            try database.statement("SELECT name FROM item ORDER BY id")
        }
        let first = try names()
        #expect(try names() === first)
        var pairs: [String] = []
        try first.forEach { outer in
            let inner = try names()
            #expect(inner !== first)
            try inner.forEach { pairs.append(outer.text(0) + $0.text(0)) }
        }
        #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
        #expect(try names() === first)
    }

    @Test("Texts are kept too, and a thousand different ones do not stay")
    func textCache() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let one = try database.statement(text: "SELECT 1")
        #expect(try database.statement(text: "SELECT 1") === one)
        for number in 0..<1000 {
            let statement = try database.statement(text: "SELECT \(number)")
            #expect(try statement.firstInteger() == Int64(number))
        }
        var count = 0
        var next = sqlite3_next_stmt(database.handle, nil)
        while let current = next {
            count += 1
            next = sqlite3_next_stmt(database.handle, current)
        }
        #expect(count <= 258)
    }

    @Test("SQL that is wrong, empty or two statements at once is refused with its text")
    func refusals() throws {
        let database = try Database(path: ":memory:")
        for sql in ["SELEC 1", "", "  ", "SELECT 1; SELECT 2", "SELECT \"no such column\""] {
            let fault = #expect(throws: StorageFault.self) { try database.prepare(sql) }
            #expect(fault?.sql == sql)
            #expect(fault?.operation == "prepare")
        }
        _ = try database.prepare("SELECT 1 ;\n")
    }

    @Test("A value too large for SQLite is reported at the next step")
    func tooBig() throws {
        let database = try Database(path: ":memory:")
        sqlite3_limit(database.handle, SQLITE_LIMIT_LENGTH, 1000)
        let statement = try database.prepare("SELECT length(?1)")
        statement.bind(1, [UInt8](repeating: 0, count: 2000))
        let fault = #expect(throws: StorageFault.self) { try statement.step() }
        #expect(fault?.code == SQLITE_TOOBIG)
        statement.bind(1, [UInt8](repeating: 0, count: 1000))
        #expect(try statement.firstInteger() == 1000)
    }

    @Test("forEach and first leave no statement standing on a row, even when they throw")
    func nothingLeftOpen() throws {
        struct Enough: Error {}
        let scratch = try Scratch()
        let database = try scratch.database()
        try database.execute("INSERT INTO item (name) VALUES ('a'), ('b')")
        let names = try database.statement("SELECT name FROM item")
        #expect(throws: Enough.self) { try names.forEach { _ in throw Enough() } }
        #expect(!names.isActive)
        #expect(try names.first { $0.text(0) } == "a")
        #expect(!names.isActive)
        #expect(try names.step())
        database.resetStatements()
        #expect(!names.isActive)
    }
}
