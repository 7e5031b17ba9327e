// Sales: sums that a batch of changes adds to rows of a table, by typed keys, in 128 bits.
// The rows themselves are written by SumRows; here is only what a batch holds in memory.

import Kernel
import Module
import SQLite

/// The key of a row of sums.
protocol SumKey: Hashable, Comparable {
    /// Lays the key's columns into `columns`, in the order of the table.
    func fill(_ columns: inout [Int64])
}

/// The sums of a batch for one table, by key.
///
/// Why: rows are written once a batch, sorted by key, so that the order of changes within a batch
/// and the cut of batches never show.
final class SumTable<Key: SumKey> {
    private let rules: [SumRule]
    private let rows: SumRows
    private var places: [Key: Int] = [:]
    private var values: [Int128] = []
    /// The keys that came last, which the next one mostly is one of.
    private var recent: [(key: Key, place: Int)] = []
    private static var recentMax: Int { 8 }

    /// The sums of `table`, whose columns are its keys and then its values.
    init(_ table: String, keys: [String], values columns: [(name: String, rule: SumRule)]) {
        rules = columns.map(\.rule)
        rows = SumRows(table, keys: keys, values: columns)
    }

    /// Calls `body` with the values of a key, which begin at the identity of their rules.
    @inline(__always)
    func add(_ key: Key, _ body: (inout UnsafeMutableBufferPointer<Int128>) -> Void) {
        let place = find(key)
        let width = rules.count
        values.withUnsafeMutableBufferPointer { all in
            var row = UnsafeMutableBufferPointer(rebasing: all[place..<place + width])
            body(&row)
        }
    }

    private func find(_ key: Key) -> Int {
        for known in recent.reversed() where known.key == key { return known.place }
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            place = values.count
            places[key] = place
            for rule in rules { values.append(rule.identity) }
        }
        if recent.count == Self.recentMax { recent.removeFirst() }
        recent.append((key, place))
        return place
    }

    /// Forgets the batch.
    func removeAll() {
        places.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        recent.removeAll(keepingCapacity: true)
    }

    /// Writes the batch by ascending key, and forgets it.
    func flush(_ views: Database) throws(StorageFault) {
        if places.isEmpty { return }
        let sorted = places.sorted { $0.key < $1.key }
        try rows.add(views, count: sorted.count) { index, key, row in
            sorted[index].key.fill(&key)
            let place = sorted[index].value
            for column in rules.indices { row[column] = values[place + column] }
        }
        removeAll()
    }
}

/// A branch's business date.
struct BranchDay: SumKey {
    let branch: Int64
    let date: Int32

    func fill(_ columns: inout [Int64]) {
        columns[0] = branch
        columns[1] = Int64(date)
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

    func fill(_ columns: inout [Int64]) {
        columns[0] = branch
        columns[1] = Int64(date)
        columns[2] = item
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

    func fill(_ columns: inout [Int64]) {
        columns[0] = branch
        columns[1] = Int64(date)
        columns[2] = till
        columns[3] = series
        if let tender { columns[4] = tender }
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

    func fill(_ columns: inout [Int64]) {
        columns[0] = sale
        columns[1] = line
    }

    static func < (left: SaleLineKey, right: SaleLineKey) -> Bool {
        (left.sale, left.line) < (right.sale, right.line)
    }
}

/// A till over its life.
struct TillKey: SumKey {
    let till: Int64

    func fill(_ columns: inout [Int64]) { columns[0] = till }

    static func < (left: TillKey, right: TillKey) -> Bool { left.till < right.till }
}
