// Making sure, before a file is opened for writing, that what its WAL says is on the disk.
// Must not: judge what the WAL holds; it is written back as it was read.
import CSQLite
import Glibc

/// Writes the WAL that an earlier process left once more, byte for byte, and syncs it.
///
/// Where a sync fails the system counts the pages as clean, keeps showing them, and lets the next
/// sync succeed; the disk may lack them all the same. A process that opens such a file would take
/// a commit for durable whose COMMIT was an error. What has been written again and synced is
/// there, or this says so.
///
/// Order: before SQLite opens the file, by the one process that has it; a WAL that another
/// connection is writing would be set back.
/// Cost: nothing after an orderly end, which leaves no WAL; else the WAL is read and written once.
/// Source: Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020.
func proveWal(_ path: String, _ vfsName: String?) throws(StorageFault) {
    let text = path + "-wal"
    // SQLite keeps the name's address for as long as the file is open.
    guard let name = strdup(text) else {
        throw StorageFault("open", code: SQLITE_NOMEM, handle: nil)
    }
    defer { free(name) }
    guard let vfs = sqlite3_vfs_find(vfsName), let open = vfs.pointee.xOpen,
        let access = vfs.pointee.xAccess
    else {
        throw StorageFault("open", code: SQLITE_CANTOPEN, handle: nil)
    }
    var isThere: Int32 = 0
    try proven(access(vfs, name, SQLITE_ACCESS_EXISTS, &isThere), text)
    if isThere == 0 { return }
    let room = UnsafeMutableRawPointer.allocate(
        byteCount: Int(vfs.pointee.szOsFile),
        alignment: 16
    )
    defer { room.deallocate() }
    room.initializeMemory(as: UInt8.self, repeating: 0, count: Int(vfs.pointee.szOsFile))
    let file = room.assumingMemoryBound(to: sqlite3_file.self)
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL
    let code = open(vfs, name, file, flags, nil)
    guard let methods = file.pointee.pMethods else {
        try proven(code == SQLITE_OK ? SQLITE_CANTOPEN : code, text)
        return
    }
    defer { _ = methods.pointee.xClose?(file) }
    try proven(code, text)
    try writeAgain(file, methods.pointee, text)
}

private func writeAgain(
    _ file: UnsafeMutablePointer<sqlite3_file>,
    _ methods: sqlite3_io_methods,
    _ name: String
) throws(StorageFault) {
    guard let read = methods.xRead, let write = methods.xWrite, let sync = methods.xSync,
        let measure = methods.xFileSize
    else { return }
    var size: sqlite3_int64 = 0
    try proven(measure(file, &size), name)
    // SQLite's own file system takes less than 128 KiB at once.
    let pieceBytes: sqlite3_int64 = 1 << 16
    let piece = UnsafeMutableRawPointer.allocate(byteCount: Int(pieceBytes), alignment: 16)
    defer { piece.deallocate() }
    var done: sqlite3_int64 = 0
    while done < size {
        let count = Int32(min(size - done, pieceBytes))
        try proven(read(file, piece, count, done), name)
        try proven(write(file, piece, count, done), name)
        done += sqlite3_int64(count)
    }
    try proven(sync(file, SQLITE_SYNC_FULL), name)
}

private func proven(_ code: Int32, _ name: String) throws(StorageFault) {
    if code == SQLITE_OK { return }
    let words = sqlite3_errstr(code).map { String(cString: $0) } ?? "no message"
    throw StorageFault(operation: "prove", code: code, message: "\(words): \(name)")
}
