// Rows of integers that a batch inserts: many in one statement, which spares SQLite the way into
// and out of a statement for each.
// Must not know what the rows mean.

package import SQLite

/// The rows that a batch inserts into one table.
///
/// Why OR FAIL: what a statement wrote before it failed stays, for the caller takes the whole batch
/// back; otherwise SQLite keeps a copy of every page for each statement.
package final class RowBatch {
    private static let rowsPerStatement = 16

    private let width: Int
    private let one: String
    private let many: String
    private var values: [Int64] = []

    /// The rows of `table`, which has `width` columns, all integers.
    package init(_ table: String, width: Int) {
        self.width = width
        one = RowBatch.insert(table, width, 1)
        many = RowBatch.insert(table, width, RowBatch.rowsPerStatement)
    }

    private static func insert(_ table: String, _ width: Int, _ rows: Int) -> String {
        let row = { (index: Int) in
            "(" + (1...width).map { "?\(index * width + $0)" }.joined(separator: ", ") + ")"
        }
        return "INSERT OR FAIL INTO " + table + " VALUES"
            + (0..<rows).map(row).joined(separator: ", ")
    }

    /// Adds the next column of a row.
    package func append(_ value: Int64) { values.append(value) }

    /// Forgets the batch.
    package func removeAll() { values.removeAll(keepingCapacity: true) }

    /// Inserts the rows in the order in which they were added, and forgets them.
    package func flush(_ views: Database) throws(StorageFault) {
        if values.isEmpty { return }
        precondition(values.count % width == 0, "a row has all its columns")
        var place = 0
        let full = width * RowBatch.rowsPerStatement
        if values.count >= full {
            let statement = try views.statement(text: many)
            while values.count - place >= full {
                try insert(statement, place, full)
                place += full
            }
        }
        if place < values.count {
            let statement = try views.statement(text: one)
            while place < values.count {
                try insert(statement, place, width)
                place += width
            }
        }
        removeAll()
    }

    private func insert(
        _ statement: Statement,
        _ place: Int,
        _ count: Int
    ) throws(StorageFault) {
        for index in 0..<count {
            statement.bind(Int32(truncatingIfNeeded: index + 1), values[place + index])
        }
        try statement.run()
    }
}
