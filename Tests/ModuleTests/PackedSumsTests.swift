// Packed sums: whatever the order of changes and the cut of batches, the rows are those of plain
// sums, byte for byte; and what was damaged is refused.

import Foundation
import Kernel
import Module
import SQLite
import Testing

@Suite("Packed sums")
struct PackedSumsTests {
    private static let rules: [SumRule] = [.sum, .greatest, .sum]

    private struct Key: Hashable {
        let place: Int64
        let day: Int64
        let item: Int64
    }

    private static func database() throws -> Database {
        let database = try Database(path: ":memory:")
        try database.execute(
            """
            CREATE TABLE sums(place INTEGER, day INTEGER, bucket INTEGER, entries BLOB NOT NULL,
              PRIMARY KEY(place, day, bucket)) STRICT, WITHOUT ROWID
            """
        )
        return database
    }

    private static func sums() -> PackedSums {
        PackedSums("sums", keys: ["place", "day"], rules: rules)
    }

    private static func rows(_ database: Database) throws -> [String] {
        var rows: [String] = []
        let statement = try database.prepare("SELECT * FROM sums ORDER BY place, day, bucket")
        try statement.forEach { row in
            rows.append("\(row.integer(0)) \(row.integer(1)) \(row.integer(2)) \(row.blob(3))")
        }
        return rows
    }

    private static func entries(_ database: Database) throws -> [Key: [Int128]] {
        var found: [Key: [Int128]] = [:]
        let statement = try database.prepare("SELECT * FROM sums")
        try statement.forEach { row in
            let (place, day) = (row.integer(0), row.integer(1))
            let bytes = row.borrowedBytes(3)
            try PackedEntries.forEach(bytes, bucket: row.integer(2), width: 3) { item, values in
                found[Key(place: place, day: day, item: item)] = Array(values)
            }
        }
        return found
    }

    private typealias Step = (key: Key, values: [Int128])

    private static func step(_ random: inout SeededRandom) -> Step {
        let amount: Int128
        switch random.int(in: 0...9) {
        case 0: amount = Int128(Int64.max) * Int128(random.int(in: 1...1_000))
        case 1: amount = -(Int128(1) << 90)
        default: amount = Int128(random.int(in: -10_000...10_000))
        }
        let key = Key(
            place: Int64(random.int(in: -2...3)),
            day: Int64(random.int(in: 0...2)),
            item: Int64(random.int(in: 0...400))
        )
        return (key, [amount, Int128(random.int(in: 0...30_000)), 1])
    }

    private static func write(
        _ steps: [Step],
        cuts: Int,
        _ random: inout SeededRandom
    ) throws -> Database {
        let database = try database()
        let sums = sums()
        for step in steps {
            sums.add(step.key.place, step.key.day, item: step.key.item) { row in
                row[0] += step.values[0]
                row[1] = max(row[1], step.values[1])
                row[2] += step.values[2]
            }
            if random.int(in: 0..<cuts) == 0 { try sums.flush(database) }
        }
        try sums.flush(database)
        return database
    }

    @Test("are plain sums, and the same bytes for every order and cut")
    func anyOrder() throws {
        let given = ProcessInfo.processInfo.environment["TRIBUTARY_SEED"].flatMap { UInt64($0) }
        var system = SystemRandomNumberGenerator()
        let first = given ?? system.next() >> 16
        for seed in first..<first + 40 {
            let comment = Comment(
                rawValue: "repeat: TRIBUTARY_SEED=\(seed) swift test --filter ModuleTests"
            )
            var random = SeededRandom(seed: seed)
            let steps = (0..<random.int(in: 1...600)).map { _ in Self.step(&random) }
            let one = try Self.write(steps, cuts: random.int(in: 1...400), &random)
            let shuffled = random.shuffled(steps)
            let other = try Self.write(shuffled, cuts: random.int(in: 1...40), &random)
            try #require(try Self.rows(one) == Self.rows(other), comment)
            var plain: [Key: [Int128]] = [:]
            for step in steps {
                var values = plain[step.key] ?? [0, 0, 0]
                values[0] += step.values[0]
                values[1] = max(values[1], step.values[1])
                values[2] += step.values[2]
                plain[step.key] = values
            }
            try #require(try Self.entries(one) == plain, comment)
        }
    }

    @Test("forget a batch that was rolled back")
    func rolledBack() throws {
        let database = try Self.database()
        let sums = Self.sums()
        sums.add(1, 2, item: 3) { $0[0] += 5 }
        sums.removeAll()
        sums.add(1, 2, item: 4) { $0[0] += 7 }
        try sums.flush(database)
        let key = Key(place: 1, day: 2, item: 4)
        #expect(try Self.entries(database) == [key: [7, 0, 0]])
    }

    @Test(
        "refuse a row whose bytes nobody wrote",
        arguments: [
            [200, 0], [3, 8, 1], [3, 1], [3, 1, 0x80], [4, 0, 3, 0],
            [1, 1] + [UInt8](repeating: 0xff, count: 20),
        ]
    )
    func damaged(_ bytes: [UInt8]) throws {
        let database = try Self.database()
        let insert = try database.prepare("INSERT INTO sums VALUES(1, 2, 0, ?1)")
        insert.bind(1, bytes)
        try insert.run()
        #expect(throws: StorageFault.self) { try Self.entries(database) }
        let sums = Self.sums()
        sums.add(1, 2, item: 5) { $0[0] += 1 }
        #expect(throws: StorageFault.self) { try sums.flush(database) }
    }

    @Test("are found by item")
    func byItem() throws {
        let database = try Self.database()
        let sums = Self.sums()
        for item: Int64 in [129, 130, 255] { sums.add(1, 2, item: item) { $0[0] += Int128(item) } }
        try sums.flush(database)
        let statement = try database.prepare("SELECT entries FROM sums WHERE bucket = 1")
        try statement.forEach { row in
            let bytes = row.borrowedBytes(0)
            try #expect(PackedEntries.values(of: 130, bytes, width: 3) == [130, 0, 0])
            try #expect(PackedEntries.values(of: 131, bytes, width: 3) == nil)
        }
    }
}

@Suite("Rows of a batch")
struct RowBatchTests {
    @Test("are inserted in order, however many", arguments: [0, 1, 15, 16, 17, 50])
    func any(count: Int) throws {
        let database = try Database(path: ":memory:")
        try database.execute("CREATE TABLE pair(a INTEGER PRIMARY KEY, b INTEGER)")
        let rows = RowBatch("pair", width: 2)
        for index in 0..<count {
            rows.append(Int64(index))
            rows.append(Int64(index * index))
        }
        try rows.flush(database)
        try rows.flush(database)
        #expect(try database.integer("SELECT count(*) FROM pair") == Int64(count))
        #expect(
            try database.integer("SELECT count(*) FROM pair WHERE b = a * a") == Int64(count)
        )
    }
}
