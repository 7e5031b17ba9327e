// What two nodes, or a rebuilt and an incremental file, compare: a hash over the rows of a module.

import Kernel
import SQLite
package import Wire

/// The digest of one module's tables.
package struct ViewDigest: Hashable, Sendable {
    package let module: String
    package let digest: Digest32
}

extension Projector {
    /// The digests of all tables: first the engine's, then each module's by number.
    package func digests() throws -> [ViewDigest] {
        var digests = [
            ViewDigest(module: "engine", digest: try digest(of: EngineSchema.digested))
        ]
        for projection in projections.sorted(by: { $0.moduleNumber < $1.moduleNumber }) {
            let digest = try digest(of: projection.schema.tables)
            digests.append(ViewDigest(module: "\(projection.moduleNumber)", digest: digest))
        }
        return digests
    }

    /// SHA-256 over the rows of tables, each row as a CBOR array, ordered by all columns.
    private func digest(of tables: [String]) throws -> Digest32 {
        var hasher = SHA256.Hasher()
        for table in tables {
            hasher.update(Array("\(table)\n".utf8))
            let (rows, columns) = try sortedRows(of: table)
            try rows.forEach { row in
                var writer = CBORWriter(capacity: 128)
                writer.array(columns)
                for column in 0..<Int32(columns) { write(row, column, to: &writer) }
                hasher.update(writer.bytes)
            }
        }
        return hasher.finalize()
    }

    /// The rows of a table that takes part in digests, ordered by all columns.
    func sortedRows(of table: String) throws -> (rows: Statement, columns: Int) {
        let columns = try columnCount(of: table)
        let order = (1...columns).map(String.init).joined(separator: ",")
        return (try views.statement(text: "SELECT * FROM \(table) ORDER BY \(order)"), columns)
    }

    private func columnCount(of table: String) throws -> Int {
        let statement = try views.statement("SELECT count(*) FROM pragma_table_info(?1)")
        statement.bind(1, table)
        let count = try statement.firstInteger() ?? 0
        precondition(count > 0, "a digested table exists: \(table)")
        return Int(count)
    }

    private func write(_ row: Statement, _ column: Int32, to writer: inout CBORWriter) {
        switch row.columnType(column) {
        case 1: writer.integer(row.integer(column))
        case 3: writer.text(row.text(column))
        case 4: writer.bytes(row.blob(column))
        default: writer.null()
        }
    }
}
