// What can go wrong in the database, with everything an operator needs to see.
// Must not: decide what a fault means for the business.
import CSQLite

/// A failed operation of SQLite or of the file beneath it.
///
/// Shape: `code` is SQLite's extended result code; its low byte is the primary one.
package struct StorageFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done, such as `open`, `prepare`, `step`, `checkpoint`.
    package let operation: String
    /// SQLite's extended result code.
    package let code: Int32
    /// SQLite's own words.
    package let message: String
    /// The statement's text, where there was one.
    package let sql: String?

    /// Makes a fault of its parts.
    package init(operation: String, code: Int32, message: String, sql: String? = nil) {
        self.operation = operation
        self.code = code
        self.message = message
        self.sql = sql
    }

    /// The low byte of the code.
    package var primaryCode: Int32 { code & 0xff }
    /// Whether the disk (or the quota) is full.
    package var isFull: Bool { primaryCode == SQLITE_FULL }
    /// Whether another connection holds a lock.
    package var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
    /// Whether the operating system reported an error in reading, writing or syncing.
    package var isIO: Bool { primaryCode == SQLITE_IOERR }
    /// Whether a reader was cut because it took too long (`Database.cutReading`).
    package var isCut: Bool { primaryCode == SQLITE_INTERRUPT }
    /// Whether the disk itself failed; no room for the index of a WAL is but a full disk.
    var isFailureOfDisk: Bool { isIO && code != SQLITE_IOERR | 19 << 8 }
    /// Whether the file is damaged, or not a database at all.
    package var isCorrupt: Bool {
        primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB
    }
    /// Whether a uniqueness, check or not-null rule of a table was broken.
    package var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// A row whose bytes are not what the code that wrote them would have written.
    package static func damaged(_ operation: String, _ message: String) -> StorageFault {
        StorageFault(operation: operation, code: SQLITE_CORRUPT, message: message)
    }

    /// Operation, code, SQLite's words and the statement on one line.
    package var description: String {
        let statement = sql.map { " in: \($0)" } ?? ""
        return "\(operation) failed (\(code)): \(message)\(statement)"
    }
}

/// A COMMIT that answered with an error: the transaction may or may not be durable.
///
/// Why: the commit record may have reached the disk before the error, so "failed" would be a
/// guess. The holder closes the connection, opens it again and looks for what it wrote.
package struct CommitUndecided: Error, Hashable, Sendable, CustomStringConvertible {
    /// What COMMIT answered.
    package let fault: StorageFault

    /// Wraps the answer of COMMIT.
    package init(fault: StorageFault) { self.fault = fault }

    /// The fault's text, preceded by what it means.
    package var description: String { "commit undecided: \(fault)" }
}

extension StorageFault {
    /// The fault that a connection has just reported.
    init(_ operation: String, code: Int32, handle: OpaquePointer?, sql: String? = nil) {
        let words = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(
            operation: operation,
            code: code,
            message: words.map { String(cString: $0) } ?? "no message",
            sql: sql
        )
    }
}
