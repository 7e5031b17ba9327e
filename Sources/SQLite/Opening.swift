// How a file is opened and a connection is set up: the settings every connection has.
// Must not: create tables.
import CSQLite
import Glibc

/// Opens a file as the options say, without any setting yet.
func openHandle(
    _ path: String,
    _ options: Database.Options
) throws(StorageFault) -> OpaquePointer {
    var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    switch options.role {
    case .writer: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .reader: flags |= SQLITE_OPEN_READONLY
    }
    if options.role == .writer, options.vfs == nil, path != ":memory:" {
        try createPrivately(path)
    }
    if options.role == .writer, path != ":memory:" { try proveWal(path, options.vfs) }
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags, options.vfs)
    guard code == SQLITE_OK, let handle else {
        let fault = StorageFault("open", code: code, handle: handle, sql: nil)
        sqlite3_close_v2(handle)
        throw StorageFault(
            operation: "open",
            code: fault.code,
            message: "\(fault.message): \(path)"
        )
    }
    return handle
}

/// Makes an empty file that only its owner reads, so that SQLite's own files beside it are too.
private func createPrivately(_ path: String) throws(StorageFault) {
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    if descriptor < 0 {
        throw systemFault("open", path)
    }
    close(descriptor)
}

/// The fault of a system call that has just failed.
func systemFault(_ operation: String, _ path: String) -> StorageFault {
    let words = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    let code = errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR
    return StorageFault(operation: operation, code: code, message: "\(words): \(path)")
}

/// Gives a new connection its settings.
func configure(_ handle: OpaquePointer, _ options: Database.Options) throws(StorageFault) {
    sqlite3_busy_timeout(handle, options.busyTimeoutMs)
    // Two files attached to each other are not committed together in WAL mode.
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
    let settings: [(Int32, Int32)] = [
        (SQLITE_DBCONFIG_DEFENSIVE, 1),
        (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        (SQLITE_DBCONFIG_DQS_DML, 0),
        (SQLITE_DBCONFIG_DQS_DDL, 0),
        (SQLITE_DBCONFIG_ENABLE_FKEY, 0),
        // The checkpoint belongs to the writer alone.
        (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, options.role == .reader ? 1 : 0),
    ]
    for (setting, value) in settings {
        let code = tb_db_config(handle, setting, value)
        if code != SQLITE_OK { throw StorageFault("configure", code: code, handle: handle) }
    }
    try run(handle, "PRAGMA mmap_size=0")
    try run(handle, "PRAGMA temp_store=MEMORY")
    try run(handle, "PRAGMA cache_size=-\(options.cacheKiB)")
    switch options.role {
    case .writer:
        try useWal(handle)
        try run(handle, "PRAGMA synchronous=\(options.synchronous.rawValue)")
        try run(handle, "PRAGMA wal_autocheckpoint=0")
        try run(handle, "PRAGMA secure_delete=\(options.secureDelete ? "ON" : "OFF")")
    case .reader:
        try run(handle, "PRAGMA query_only=ON")
        // The first look at the file: whoever cannot read it is told at the door.
        _ = try readInteger(handle, "PRAGMA schema_version")
    }
}

/// Switches the file to WAL, and makes sure that it did.
private func useWal(_ handle: OpaquePointer) throws(StorageFault) {
    let sql = "PRAGMA journal_mode=WAL"
    let mode = try readText(handle, sql)
    let isInMemory = sqlite3_db_filename(handle, "main").map { $0.pointee == 0 } ?? true
    guard mode == "wal" || (isInMemory && mode == "memory") else {
        throw StorageFault(
            operation: "open",
            code: SQLITE_CANTOPEN,
            message: "the journal mode is \(mode), not wal",
            sql: sql
        )
    }
}

/// Runs statements on a bare handle.
func run(_ handle: OpaquePointer, _ sql: String) throws(StorageFault) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw StorageFault("execute", code: code, handle: handle, sql: sql) }
}

/// The integer that a query on a bare handle answers first.
func readInteger(_ handle: OpaquePointer, _ sql: String) throws(StorageFault) -> Int64 {
    try readRow(handle, sql) { sqlite3_column_int64($0, 0) }
}

/// The text that a query on a bare handle answers first.
func readText(_ handle: OpaquePointer, _ sql: String) throws(StorageFault) -> String {
    try readRow(handle, sql) { statement in
        sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? ""
    }
}

private func readRow<Value>(
    _ handle: OpaquePointer,
    _ sql: String,
    _ read: (OpaquePointer) -> Value
) throws(StorageFault) -> Value {
    var statement: OpaquePointer?
    var code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    if code == SQLITE_OK, let statement {
        code = sqlite3_step(statement)
        if code == SQLITE_ROW { return read(statement) }
    }
    throw StorageFault("read", code: code, handle: handle, sql: sql)
}

/// The size of the WAL file as it was found.
func walFileBytes(_ handle: OpaquePointer) -> Int {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = withUnsafeMutablePointer(to: &file) {
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, $0)
    }
    guard code == SQLITE_OK, let file, let methods = file.pointee.pMethods else { return 0 }
    var size: sqlite3_int64 = 0
    guard methods.pointee.xFileSize(file, &size) == SQLITE_OK else { return 0 }
    return Int(size)
}
