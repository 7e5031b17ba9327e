// One prepared statement: binding, stepping, reading columns.
// Must not: build SQL, convert dates or money, or keep rows.
import CSQLite

/// A prepared statement of one connection.
///
/// Parameters count from 1, columns from 0. A statement that has been stepped to its end, or that
/// failed, is reset by itself; one that is left half-way must be `reset()`, for it holds a read
/// transaction open.
///
/// Why: `@unchecked Sendable`: a statement belongs to its database's thread, and moves with it.
package final class Statement: @unchecked Sendable {
    let handle: OpaquePointer
    private var bindCode: Int32 = SQLITE_OK
    private var hasBorrowedBytes = false

    private let disk: DiskDoubt

    init(handle: OpaquePointer, disk: DiskDoubt) {
        self.handle = handle
        self.disk = disk
    }

    deinit { sqlite3_finalize(handle) }

    /// The statement's text.
    package var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    /// Whether the statement stands on a row, and so holds a transaction open.
    package var isActive: Bool { sqlite3_stmt_busy(handle) != 0 }

    // MARK: Stepping

    /// Moves to the next row; false at the end, when the statement is reset by itself.
    package func step() throws(StorageFault) -> Bool {
        if bindCode != SQLITE_OK { throw bindFault() }
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE {
            reset()
            return false
        }
        throw stepFault(code)
    }

    /// Runs the statement to its end, ignoring rows, and resets it.
    package func run() throws(StorageFault) {
        while try step() {}
    }

    /// Ends the run, so that the statement can be bound again; other bindings are kept.
    ///
    /// Borrowed bytes are forgotten: all parameters become null then.
    package func reset() {
        sqlite3_reset(handle)
        if hasBorrowedBytes {
            sqlite3_clear_bindings(handle)
            hasBorrowedBytes = false
        }
    }

    /// Calls `body` on each row, and resets the statement however that ends.
    package func forEach(_ body: (Statement) throws -> Void) throws {
        defer { reset() }
        while try step() { try body(self) }
    }

    /// The value `read` makes of the first row, or nil if there is none; resets the statement.
    package func first<Value>(_ read: (Statement) throws -> Value) throws -> Value? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// The first column of the first row, or nil if there is no row or it is null.
    package func firstInteger() throws(StorageFault) -> Int64? {
        defer { reset() }
        return try step() ? integerOrNil(0) : nil
    }

    private func stepFault(_ code: Int32) -> StorageFault {
        let connection = sqlite3_db_handle(handle)
        let fault = StorageFault("step", code: code, handle: connection, sql: sql)
        let writes = sqlite3_stmt_readonly(handle) == 0
        reset()
        if writes { disk.note(fault, connection) }
        return fault
    }

    private func bindFault() -> StorageFault {
        let fault = StorageFault("bind", code: bindCode, handle: nil, sql: sql)
        bindCode = SQLITE_OK
        reset()
        return fault
    }

    // MARK: Binding

    /// Keeps a failure to bind, which the next `step()` throws.
    @inline(__always)
    private func check(_ code: Int32) {
        if code != SQLITE_OK { note(code) }
    }

    private func note(_ code: Int32) {
        precondition(code != SQLITE_RANGE, "the statement has no parameter of this index: \(sql)")
        precondition(code != SQLITE_MISUSE, "a statement must be reset before it is bound: \(sql)")
        bindCode = code
    }

    /// Binds an integer.
    package func bind(_ index: Int32, _ value: Int64) {
        check(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds an integer.
    package func bind(_ index: Int32, _ value: Int) {
        check(sqlite3_bind_int64(handle, index, Int64(value)))
    }

    /// Binds an integer, or null.
    package func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds a copy of a text.
    package func bind(_ index: Int32, _ value: String) {
        var text = value
        let code = text.withUTF8 { utf8 in
            bindText(index, UnsafeRawBufferPointer(utf8), transientDestructor)
        }
        check(code)
    }

    /// Binds a copy of a text, or null.
    package func bind(_ index: Int32, _ value: String?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds a copy of bytes.
    package func bind(_ index: Int32, _ value: [UInt8]) {
        check(value.withUnsafeBytes { bindBlob(index, $0, transientDestructor) })
    }

    /// Binds a copy of bytes, or null.
    package func bind(_ index: Int32, _ value: [UInt8]?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds bytes without copying them: they must stay until the statement is reset.
    package func bind(_ index: Int32, _ borrowed: UnsafeRawBufferPointer) {
        hasBorrowedBytes = true
        check(bindBlob(index, borrowed, nil))
    }

    /// Binds the UTF-8 of a text without copying it: it must stay until the statement is reset.
    package func bindText(_ index: Int32, _ borrowed: UnsafeRawBufferPointer) {
        hasBorrowedBytes = true
        check(bindText(index, borrowed, nil))
    }

    /// Binds null.
    package func bindNull(_ index: Int32) {
        check(sqlite3_bind_null(handle, index))
    }

    /// Binds null to every parameter.
    package func clearBindings() { sqlite3_clear_bindings(handle) }

    private func bindBlob(
        _ index: Int32,
        _ bytes: UnsafeRawBufferPointer,
        _ destructor: sqlite3_destructor_type?
    ) -> Int32 {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_zeroblob(handle, index, 0)
        }
        return sqlite3_bind_blob64(
            handle,
            index,
            base,
            sqlite3_uint64(bytes.count),
            destructor
        )
    }

    private func bindText(
        _ index: Int32,
        _ bytes: UnsafeRawBufferPointer,
        _ destructor: sqlite3_destructor_type?
    ) -> Int32 {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_text(handle, index, "", 0, transientDestructor)
        }
        return sqlite3_bind_text64(
            handle,
            index,
            base.assumingMemoryBound(to: CChar.self),
            sqlite3_uint64(bytes.count),
            destructor,
            UInt8(SQLITE_UTF8)
        )
    }

    // MARK: Columns of the current row

    /// The number of columns of a row.
    package var columnCount: Int32 { sqlite3_column_count(handle) }

    /// The name of a column.
    package func columnName(_ column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
    }

    /// The storage class of a value, as SQLite numbers it (`SQLITE_INTEGER` is 1 … null is 5).
    package func columnType(_ column: Int32) -> Int32 { sqlite3_column_type(handle, column) }

    /// Whether the value is null.
    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// The value as an integer; null reads as 0.
    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The value as an integer, or nil where it is null.
    package func integerOrNil(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// The value as a text; null reads as the empty one, bytes that are not UTF-8 are repaired.
    package func text(_ column: Int32) -> String {
        guard let base = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// The value as a text, or nil where it is null.
    package func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// A copy of the value's bytes; null reads as none.
    package func blob(_ column: Int32) -> [UInt8] { [UInt8](borrowedBytes(column)) }

    /// A copy of the value's bytes, or nil where it is null.
    package func blobOrNil(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// The value's bytes (of a blob, or the UTF-8 of a text) where SQLite keeps them.
    ///
    /// Shape: valid until the next `step()` or `reset()` of this statement.
    package func borrowedBytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let base = sqlite3_column_blob(handle, column) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(
            start: base,
            count: Int(sqlite3_column_bytes(handle, column))
        )
    }

    /// Lends the value's bytes to `body` without copying them.
    package func withBlob<Value, Failure: Error>(
        _ column: Int32,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(borrowedBytes(column))
    }
}

/// SQLITE_TRANSIENT, which the importer leaves out: SQLite copies the bytes at once.
private nonisolated(unsafe) let transientDestructor = unsafeBitCast(
    -1,
    to: sqlite3_destructor_type.self
)
