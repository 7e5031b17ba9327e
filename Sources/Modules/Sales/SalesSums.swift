// Sales: sums that a batch of changes adds to rows of a table, in 128 bits.
// A row's sum is an integer while it fits 64 bits and decimal text beyond; no sum ever fails.

import Kernel
import SQLite

/// The key of a row of sums.
protocol SumKey: Hashable, Comparable {
    /// Binds the key's columns from `index` on.
    func bind(to statement: Statement, from index: Int32)
}

/// How a batch's value joins a row's.
enum SumRule: Sendable {
    case sum
    case least
    case greatest

    func join(_ left: Int128, _ right: Int128) -> Int128 {
        switch self {
        case .sum: left + right
        case .least: min(left, right)
        case .greatest: max(left, right)
        }
    }

    /// The SQL that joins the excluded value to the row's.
    func sql(_ column: String) -> String {
        switch self {
        case .sum: "\(column) = \(column) + excluded.\(column)"
        case .least: "\(column) = min(\(column), excluded.\(column))"
        case .greatest: "\(column) = max(\(column), excluded.\(column))"
        }
    }
}

/// The sums of a batch for one table, by key.
///
/// Why: rows are written once a batch, sorted by key, so that the order of changes within a batch
/// and the cut of batches never show.
final class SumTable<Key: SumKey> {
    private let rules: [SumRule]
    private let keyCount: Int32
    private let upsertSQL: String
    private let selectSQL: String
    private let replaceSQL: String
    private var places: [Key: Int] = [:]
    private var values: [Int128] = []
    private var lastKey: Key?
    private var lastPlace = 0

    /// The sums of `table`, whose columns are its keys and then its values.
    init(_ table: String, keys: [String], values columns: [(name: String, rule: SumRule)]) {
        rules = columns.map(\.rule)
        keyCount = Int32(keys.count)
        let all = (keys + columns.map(\.name)).joined(separator: ", ")
        let marks = (1...keys.count + columns.count).map { "?\($0)" }.joined(separator: ", ")
        let joins = columns.map { $0.rule.sql($0.name) }.joined(separator: ", ")
        let match = keys.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: " AND ")
        let names = columns.map(\.name).joined(separator: ", ")
        let target = [table, "(", all, ") VALUES(", marks, ")"].joined()
        upsertSQL = ["INSERT INTO ", target, " ON CONFLICT DO UPDATE SET ", joins].joined()
        selectSQL = ["SELECT ", names, " FROM ", table, " WHERE ", match].joined()
        replaceSQL = ["INSERT OR REPLACE INTO ", target].joined()
    }

    /// Calls `body` with the values of a key, which begin at the identity of their rules.
    @inline(__always)
    func add(_ key: Key, _ body: (inout UnsafeMutableBufferPointer<Int128>) -> Void) {
        let place: Int
        if let lastKey, lastKey == key { place = lastPlace } else { place = find(key) }
        let width = rules.count
        values.withUnsafeMutableBufferPointer { all in
            var row = UnsafeMutableBufferPointer(rebasing: all[place..<place + width])
            body(&row)
        }
    }

    private func find(_ key: Key) -> Int {
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            place = values.count
            places[key] = place
            for rule in rules {
                values.append(rule == .least ? .max : rule == .greatest ? .min : 0)
            }
        }
        lastKey = key
        lastPlace = place
        return place
    }

    /// Forgets the batch.
    func removeAll() {
        places.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lastKey = nil
    }

    /// Writes the batch by ascending key, and forgets it.
    func flush(_ views: Database) throws(StorageFault) {
        if places.isEmpty { return }
        let upsert = try views.statement(text: upsertSQL)
        for (key, place) in places.sorted(by: { $0.key < $1.key }) {
            if bindNarrow(upsert, key, place) {
                do throws(StorageFault) {
                    try upsert.run()
                    continue
                } catch {
                    // A sum that leaves 64 bits turns into a float, which the table refuses.
                    guard error.isConstraint else { throw error }
                }
            }
            try writeWide(views, key, place)
        }
        removeAll()
    }

    /// Binds a row whose values all fit 64 bits.
    private func bindNarrow(_ statement: Statement, _ key: Key, _ place: Int) -> Bool {
        key.bind(to: statement, from: 1)
        for index in rules.indices {
            guard let value = Int64(exactly: values[place + index]) else { return false }
            statement.bind(keyCount + 1 + Int32(index), value)
        }
        return true
    }

    /// Reads the row, joins in 128 bits, and writes it again.
    private func writeWide(_ views: Database, _ key: Key, _ place: Int) throws(StorageFault) {
        var joined = Array(values[place..<place + rules.count])
        let select = try views.statement(text: selectSQL)
        key.bind(to: select, from: 1)
        if try select.step() {
            for (index, rule) in rules.enumerated() {
                joined[index] = rule.join(select.wide(Int32(index)), joined[index])
            }
        }
        select.reset()
        let replace = try views.statement(text: replaceSQL)
        key.bind(to: replace, from: 1)
        for (index, value) in joined.enumerated() {
            replace.bindWide(keyCount + 1 + Int32(index), value)
        }
        try replace.run()
    }
}

extension Statement {
    /// A sum of 128 bits: an integer, or decimal text beyond 64 bits; null reads as 0.
    func wide(_ column: Int32) -> Int128 {
        let text: Int32 = 3
        return columnType(column) == text
            ? Int128(self.text(column)) ?? 0 : Int128(integer(column))
    }

    /// Binds a sum of 128 bits.
    func bindWide(_ index: Int32, _ value: Int128) {
        if let narrow = Int64(exactly: value) {
            bind(index, narrow)
        } else {
            bind(index, String(value))
        }
    }
}

/// A branch's business date.
struct BranchDay: SumKey {
    let branch: Int64
    let date: Int32

    func bind(to statement: Statement, from index: Int32) {
        statement.bind(index, branch)
        statement.bind(index + 1, Int64(date))
    }

    static func < (left: BranchDay, right: BranchDay) -> Bool {
        (left.branch, left.date) < (right.branch, right.date)
    }
}

/// A product or tender on a branch's business date.
struct BranchDayItem: SumKey {
    let branch: Int64
    let date: Int32
    let item: Int64

    func bind(to statement: Statement, from index: Int32) {
        statement.bind(index, branch)
        statement.bind(index + 1, Int64(date))
        statement.bind(index + 2, item)
    }

    static func < (left: BranchDayItem, right: BranchDayItem) -> Bool {
        (left.branch, left.date, left.item) < (right.branch, right.date, right.item)
    }
}

/// A series of receipts: a till, its business date, and the letter it had; and a tender of it.
struct SeriesDay: SumKey {
    let branch: Int64
    let date: Int32
    let till: Int64
    let series: Int64
    /// Absent where the sums are over all tenders.
    var tender: Int64?

    func bind(to statement: Statement, from index: Int32) {
        statement.bind(index, branch)
        statement.bind(index + 1, Int64(date))
        statement.bind(index + 2, till)
        statement.bind(index + 3, series)
        if let tender { statement.bind(index + 4, tender) }
    }

    static func < (left: SeriesDay, right: SeriesDay) -> Bool {
        (left.branch, left.date, left.till, left.series, left.tender ?? 0)
            < (right.branch, right.date, right.till, right.series, right.tender ?? 0)
    }
}

/// A line of a sale.
struct SaleLineKey: SumKey {
    let sale: Int64
    let line: Int64

    func bind(to statement: Statement, from index: Int32) {
        statement.bind(index, sale)
        statement.bind(index + 1, line)
    }

    static func < (left: SaleLineKey, right: SaleLineKey) -> Bool {
        (left.sale, left.line) < (right.sale, right.line)
    }
}

/// A till over its life.
struct TillKey: SumKey {
    let till: Int64

    func bind(to statement: Statement, from index: Int32) { statement.bind(index, till) }

    static func < (left: TillKey, right: TillKey) -> Bool { left.till < right.till }
}
