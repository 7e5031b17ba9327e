// Rows of sums that a batch of changes adds to: what the views of modules have in common.
// A sum is an integer while it fits 64 bits and decimal text beyond, so that none ever fails.
// Must not know what is summed.

package import SQLite

/// How a batch's value joins a row's.
package enum SumRule: Sendable {
    case sum
    case least
    case greatest

    /// The value of a row that nothing has joined yet.
    package var identity: Int128 {
        switch self {
        case .sum: 0
        case .least: .max
        case .greatest: .min
        }
    }

    func join(_ left: Int128, _ right: Int128) -> Int128 {
        switch self {
        case .sum: left + right
        case .least: min(left, right)
        case .greatest: max(left, right)
        }
    }
}

/// Adds the sums of a batch to the rows of one table.
///
/// Shape: the key columns are integers; a value column is declared
/// `ANY NOT NULL CHECK(typeof(name) <> 'real')`, for a sum that leaves 64 bits would become a
/// float, which the check refuses; such a row is then joined in 128 bits.
/// Why: sums must come out the same whatever the order of the changes and the cut of the batches.
package final class SumRows {
    private let rules: [SumRule]
    private let keyCount: Int32
    private let upsert: String
    private let select: String
    private let replace: String

    /// The rows of `table`, whose columns are its keys and then its values.
    package init(_ table: String, keys: [String], values: [(name: String, rule: SumRule)]) {
        rules = values.map(\.rule)
        keyCount = Int32(keys.count)
        let columns = (keys + values.map(\.name)).joined(separator: ", ")
        let marks = (1...keys.count + values.count).map { "?\($0)" }.joined(separator: ", ")
        let match = keys.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: " AND ")
        let joins = values.map { name, rule in
            switch rule {
            case .sum: "\(name) = \(name) + excluded.\(name)"
            case .least: "\(name) = min(\(name), excluded.\(name))"
            case .greatest: "\(name) = max(\(name), excluded.\(name))"
            }
        }
        let names = values.map(\.name).joined(separator: ", ")
        let row = table + "(" + columns + ") VALUES(" + marks + ")"
        upsert =
            "INSERT INTO " + row + " ON CONFLICT DO UPDATE SET " + joins.joined(separator: ", ")
        select = "SELECT " + names + " FROM " + table + " WHERE " + match
        replace = "INSERT OR REPLACE INTO " + row
    }

    /// Adds `count` rows; `fill` lays the key and the values of one into the two arrays.
    ///
    /// Order: the caller's, by ascending key, so that the table grows in order.
    package func add(
        _ views: Database,
        count: Int,
        _ fill: (Int, inout [Int64], inout [Int128]) -> Void
    ) throws(StorageFault) {
        if count == 0 { return }
        let statement = try views.statement(text: upsert)
        var key = [Int64](repeating: 0, count: Int(keyCount))
        var values = [Int128](repeating: 0, count: rules.count)
        for index in 0..<count {
            fill(index, &key, &values)
            if bindNarrow(statement, key, values) {
                do throws(StorageFault) {
                    try statement.run()
                    continue
                } catch {
                    guard error.isConstraint else { throw error }
                }
            }
            try addWide(views, key, values)
        }
    }

    private func bindNarrow(_ statement: Statement, _ key: [Int64], _ values: [Int128]) -> Bool {
        bind(statement, key)
        for index in values.indices {
            guard let narrow = Int64(exactly: values[index]) else { return false }
            statement.bind(keyCount + 1 + Int32(truncatingIfNeeded: index), narrow)
        }
        return true
    }

    private func bind(_ statement: Statement, _ key: [Int64]) {
        for index in key.indices {
            statement.bind(1 + Int32(truncatingIfNeeded: index), key[index])
        }
    }

    /// Reads the row, joins in 128 bits, and writes it again.
    private func addWide(
        _ views: Database,
        _ key: [Int64],
        _ values: [Int128]
    ) throws(StorageFault) {
        var joined = values
        let reading = try views.statement(text: select)
        bind(reading, key)
        if try reading.step() {
            for index in values.indices {
                let old = reading.wide(Int32(truncatingIfNeeded: index))
                joined[index] = rules[index].join(old, joined[index])
            }
        }
        reading.reset()
        let writing = try views.statement(text: replace)
        bind(writing, key)
        for index in joined.indices {
            writing.bindWide(keyCount + 1 + Int32(truncatingIfNeeded: index), joined[index])
        }
        try writing.run()
    }
}

extension Statement {
    /// A sum of 128 bits: an integer, or decimal text beyond 64 bits; null reads as 0.
    package func wide(_ column: Int32) -> Int128 {
        let text: Int32 = 3
        return columnType(column) == text
            ? Int128(self.text(column)) ?? 0 : Int128(integer(column))
    }

    /// Binds a sum of 128 bits.
    package func bindWide(_ index: Int32, _ value: Int128) {
        if let narrow = Int64(exactly: value) {
            bind(index, narrow)
        } else {
            bind(index, String(value))
        }
    }
}
