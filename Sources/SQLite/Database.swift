// A connection to one file: opening, settings, statements.
// Must not: know any table, or share one connection between two threads at a time.
import CSQLite
import Glibc

/// One connection to one database file.
///
/// A file has one writing connection and any number of readers. The writer never checkpoints by
/// itself (`checkpoint(_:)` does), nothing is mapped into memory, and no second file can be
/// attached.
///
/// Why: `@unchecked Sendable`: SQLite's handle is opened without its mutex; a connection may be
/// handed from thread to thread, but belongs to one at a time. Whoever hands it over sees to that.
package final class Database: @unchecked Sendable {
    /// What a connection is for.
    package enum Role: Hashable, Sendable {
        /// The one connection that writes, and creates the file where it is absent.
        case writer
        /// A connection that can only read.
        case reader
    }

    /// How much a commit waits for the disk.
    package enum Synchronous: String, Hashable, Sendable {
        /// Each commit is on the disk before it returns.
        case full = "FULL"
        /// The file stays whole, but the last commits may be lost with the power.
        case normal = "NORMAL"
        /// Nothing is waited for: for tests and for what is thrown away.
        case off = "OFF"
    }

    /// How to open a file.
    package struct Options: Hashable, Sendable {
        /// What the connection is for.
        package var role: Role
        /// How much a commit waits for the disk.
        package var synchronous: Synchronous
        /// The name of a registered VFS; nil is the system's.
        package var vfs: String?
        /// Unit: KiB of page cache at most.
        package var cacheKiB: Int
        /// Whether deleted content is overwritten with zeros.
        package var secureDelete: Bool
        /// How long to wait for another connection's lock.
        package var busyTimeoutMs: Int32

        /// Makes options; the defaults are those of the log's writer.
        package init(
            role: Role = .writer,
            synchronous: Synchronous = .full,
            vfs: String? = nil,
            cacheKiB: Int = 16_384,
            secureDelete: Bool = false,
            busyTimeoutMs: Int32 = 2_000
        ) {
            self.role = role
            self.synchronous = synchronous
            self.vfs = vfs
            self.cacheKiB = cacheKiB
            self.secureDelete = secureDelete
            self.busyTimeoutMs = busyTimeoutMs
        }
    }

    /// Where the file is.
    package let path: String
    /// How it was opened.
    package let options: Options

    private var connection: OpaquePointer?
    private var fixedStatements: [UInt: Statement] = [:]
    private var textStatements: [String: Statement] = [:]
    /// What the owners of tables remember of them.
    var memories: [ObjectIdentifier: AnyObject] = [:]
    /// Whether the transaction that was opened last has not been ended by `commit` or `rollback`.
    var isUnended = false
    private let walFrames: UnsafeMutablePointer<Int32>
    private let walFrameBytes: Int
    /// When what is read here is cut (`cutReading`).
    let readingEnds: UnsafeMutablePointer<Int64>
    private let disk = DiskDoubt()

    /// Opens the file, creating it with mode 0600 where a writer finds none.
    package init(path: String, options: Options = Options()) throws(StorageFault) {
        let handle = try openHandle(path, options)
        let frames = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        frames.initialize(to: 0)
        do throws(StorageFault) {
            try configure(handle, options)
            let pageBytes = try readInteger(handle, "PRAGMA page_size")
            walFrameBytes = Int(pageBytes) + 24
        } catch {
            sqlite3_close_v2(handle)
            frames.deallocate()
            throw error
        }
        frames.pointee = Int32(clamping: walFileBytes(handle) / walFrameBytes)
        sqlite3_wal_hook(handle, noteWalFrames, frames)
        self.path = path
        self.options = options
        connection = handle
        walFrames = frames
        readingEnds = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
        readingEnds.initialize(to: .max)
    }

    deinit {
        fixedStatements = [:]
        textStatements = [:]
        if let connection { sqlite3_close_v2(connection) }
        walFrames.deallocate()
        readingEnds.deallocate()
    }

    /// The connection's handle: for this room, and for tests that must reach beneath it.
    package var handle: OpaquePointer {
        guard let connection else { preconditionFailure("the database is closed: \(path)") }
        return connection
    }

    /// Whether `close()` has been called.
    package var isClosed: Bool { connection == nil }

    /// Closes the connection; the last one to leave a file writes its WAL back, if it is a writer.
    ///
    /// A statement that somebody still holds is reset, and keeps the handle alive until it goes.
    package func close() throws(StorageFault) {
        guard let connection else { return }
        resetStatements()
        fixedStatements = [:]
        textStatements = [:]
        self.connection = nil
        let code = sqlite3_close_v2(connection)
        if code != SQLITE_OK { throw StorageFault("close", code: code, handle: nil) }
    }

    /// Gives the pages free that the connection keeps in memory; they are read again when needed.
    package func releaseMemory() { sqlite3_db_release_memory(handle) }

    // MARK: Statements

    /// Runs one or several statements that return nothing of interest.
    package func execute(_ sql: String) throws(StorageFault) {
        do throws(StorageFault) {
            try run(handle, sql)
        } catch {
            noteFailure(error)
            throw error
        }
    }

    /// The statement of this literal, prepared once and kept; reset, ready to be bound.
    ///
    /// Shape: if the kept one stands on a row, a second one is prepared and not kept.
    /// Cost: a look-up by the literal's address.
    package func statement(_ sql: StaticString) throws(StorageFault) -> Statement {
        precondition(sql.hasPointerRepresentation, "SQL is longer than one character")
        let key = UInt(bitPattern: sql.utf8Start)
        if let kept = fixedStatements[key], !kept.isActive {
            return kept
        }
        let utf8 = UnsafeBufferPointer(start: sql.utf8Start, count: sql.utf8CodeUnitCount)
        let statement = try prepare(utf8)
        if fixedStatements[key] == nil { fixedStatements[key] = statement }
        return statement
    }

    /// The statement of this text, prepared once and kept: for texts put together at run time.
    ///
    /// Shape: at most 256 are kept; a text must not contain values, which belong into bindings.
    package func statement(text sql: String) throws(StorageFault) -> Statement {
        if let kept = textStatements[sql], !kept.isActive { return kept }
        let statement = try prepare(sql)
        if textStatements.count >= 256 { textStatements = [:] }
        if textStatements[sql] == nil { textStatements[sql] = statement }
        return statement
    }

    /// A statement of its own, which is not kept.
    package func prepare(_ sql: String) throws(StorageFault) -> Statement {
        try Array(sql.utf8).withUnsafeBufferPointer { (utf8) throws(StorageFault) -> Statement in
            try prepare(utf8)
        }
    }

    private func prepare(_ sql: UnsafeBufferPointer<UInt8>) throws(StorageFault) -> Statement {
        var statement: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let text = UnsafeRawPointer(sql.baseAddress)?.assumingMemoryBound(to: CChar.self)
        let code = sqlite3_prepare_v3(
            handle,
            text,
            Int32(clamping: sql.count),
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &statement,
            &tail
        )
        let words = String(decoding: sql, as: UTF8.self)
        guard code == SQLITE_OK else {
            throw StorageFault("prepare", code: code, handle: handle, sql: words)
        }
        guard let statement else {
            throw StorageFault("prepare", code: SQLITE_MISUSE, handle: nil, sql: words)
        }
        if let text, let tail {
            let rest = sql.dropFirst(text.distance(to: tail))
            guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x0a || $0 == 0x09 || $0 == 0x3b }) else {
                sqlite3_finalize(statement)
                throw StorageFault(
                    operation: "prepare",
                    code: SQLITE_MISUSE,
                    message: "more than one statement",
                    sql: words
                )
            }
        }
        return Statement(handle: statement, disk: disk)
    }

    /// Resets every statement that stands on a row: for whoever puts a reader back into a pool.
    package func resetStatements() {
        var statement = sqlite3_next_stmt(handle, nil)
        while let current = statement {
            if sqlite3_stmt_busy(current) != 0 {
                sqlite3_reset(current)
                sqlite3_clear_bindings(current)
            }
            statement = sqlite3_next_stmt(handle, current)
        }
    }

    /// The first column of the first row of a query without parameters, nil without a row.
    package func integer(_ sql: StaticString) throws(StorageFault) -> Int64? {
        try statement(sql).firstInteger()
    }

    // MARK: What the connection knows

    /// The rowid of the last insertion.
    package var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }
    /// How many rows the last statement changed.
    package var changes: Int { Int(sqlite3_changes64(handle)) }
    /// How many rows this connection has changed since it was opened.
    package var totalChanges: Int { Int(sqlite3_total_changes64(handle)) }
    /// Whether a transaction is open; a full disk or an I/O error can end one.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// The size of what stands in the WAL and is not yet written back, as of the last commit.
    package var walBytes: Int { Int(walFrames.pointee) * walFrameBytes }

    func noteCheckpointed() { walFrames.pointee = 0 }

    /// The failure of the disk after which this connection begins no more writing.
    package var doubt: StorageFault? { disk.fault }

    /// Keeps a failure of the disk in what was to be written.
    func noteFailure(_ fault: StorageFault) { disk.note(fault, handle) }

    /// Throws: the failure after which nothing may be written here any more.
    func requireCertainty(_ operation: String) throws(StorageFault) {
        guard let fault = disk.fault else { return }
        throw StorageFault(
            operation: operation,
            code: fault.code,
            message: "the disk failed before (\(fault.message)): the file must be opened again"
        )
    }
}

/// Tells the connection how long the WAL is after a commit.
private func noteWalFrames(
    _ context: UnsafeMutableRawPointer?,
    _: OpaquePointer?,
    _: UnsafePointer<CChar>?,
    _ frames: Int32
) -> Int32 {
    context?.assumingMemoryBound(to: Int32.self).pointee = frames
    return SQLITE_OK
}

/// What is known of the disk under one connection.
final class DiskDoubt {
    /// The first failure.
    private(set) var fault: StorageFault?

    /// Ends the writing of a connection after a failure of the disk: no transaction begins that
    /// writes, and no checkpoint.
    ///
    /// Why: what a failed sync has left in the WAL is seen by every later sync as clean, although
    /// the disk may lack it. Opening the file again writes the WAL anew (`proveWal`).
    func note(_ fault: StorageFault, _ connection: OpaquePointer?) {
        guard fault.isFailureOfDisk, self.fault == nil else { return }
        self.fault = fault
        guard let connection else { return }
        // Nor may closing write back what may not be on the disk.
        _ = tb_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    }
}
