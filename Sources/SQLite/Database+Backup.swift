// A copy of the whole file while it is in use, and the check that a file is whole.
// Must not: leave a half-written copy under the name that was asked for.
import CSQLite
import Glibc

extension Database {
    /// Copies the database as it stands into a new file, proves the copy whole, and names it.
    ///
    /// The copy is written beside `path`, checked, synced, renamed to `path`, and the folder
    /// synced. It is one file, without a WAL. On a reader the writer goes on meanwhile.
    ///
    /// Throws: on errors of either disk, and `SQLITE_CORRUPT` when the copy is not whole; then
    /// what `path` named before is untouched.
    /// Shape: a VFS of its own has no renaming: there the copy is written under `path` directly.
    /// Cost: reads everything twice, in one read transaction.
    package func backup(to path: String) throws(StorageFault) {
        guard options.vfs == nil else {
            try removeThroughVFS(path)
            try copyAndVerify(to: path)
            return
        }
        let partial = path + ".partial"
        unlink(partial)
        do throws(StorageFault) {
            try copyAndVerify(to: partial)
            try syncFile(partial)
            if rename(partial, path) != 0 { throw systemFault("rename", path) }
        } catch {
            unlink(partial)
            throw error
        }
        try syncFile(folder(of: path))
    }

    /// The complaints of SQLite's integrity check; none when the file is whole.
    ///
    /// Cost: reads every page.
    package func integrityComplaints() throws(StorageFault) -> [String] {
        let check = try prepare("PRAGMA integrity_check(100)")
        var complaints: [String] = []
        do throws(StorageFault) {
            while try check.step() { complaints.append(check.text(0)) }
        } catch {
            // The check itself can stumble over the damage.
            guard error.isCorrupt else { throw error }
            complaints.append(error.message)
        }
        return complaints == ["ok"] ? [] : complaints
    }

    private func copyAndVerify(to path: String) throws(StorageFault) {
        // A plain journal: a WAL would leave a second file beside the copy.
        var copyOptions = options
        copyOptions.role = .writer
        let copy = try openHandle(path, copyOptions)
        do throws(StorageFault) {
            // EXTRA: the end of the copy's own journal is durable too, so it never comes back.
            try run(copy, "PRAGMA synchronous=EXTRA")
            try copyPages(to: copy)
            let mode = try readText(copy, "PRAGMA journal_mode=DELETE")
            guard mode == "delete" else {
                throw StorageFault(
                    operation: "backup",
                    code: SQLITE_CANTOPEN,
                    message: "the copy's journal mode stays \(mode): \(path)"
                )
            }
        } catch {
            sqlite3_close_v2(copy)
            throw error
        }
        let code = sqlite3_close_v2(copy)
        if code != SQLITE_OK { throw StorageFault("backup", code: code, handle: nil) }
        try verify(path)
    }

    private func copyPages(to copy: OpaquePointer) throws(StorageFault) {
        guard let backup = sqlite3_backup_init(copy, "main", handle, "main") else {
            throw StorageFault("backup", code: sqlite3_extended_errcode(copy), handle: copy)
        }
        let stepCode = sqlite3_backup_step(backup, -1)
        let finishCode = sqlite3_backup_finish(backup)
        if stepCode != SQLITE_DONE {
            let code = finishCode == SQLITE_OK ? stepCode : finishCode
            throw StorageFault("backup", code: code, handle: copy)
        }
    }

    /// Reads the copy back from the disk through a new connection.
    private func verify(_ path: String) throws(StorageFault) {
        var readOptions = options
        readOptions.role = .reader
        let copy = try Database(path: path, options: readOptions)
        let complaints = try copy.integrityComplaints()
        try copy.close()
        if let first = complaints.first {
            throw StorageFault(
                operation: "backup",
                code: SQLITE_CORRUPT,
                message: "the copy is not whole: \(first) (\(complaints.count) complaints): \(path)"
            )
        }
    }

    private func removeThroughVFS(_ path: String) throws(StorageFault) {
        guard let vfs = sqlite3_vfs_find(options.vfs) else {
            throw StorageFault("backup", code: SQLITE_CANTOPEN, handle: nil)
        }
        let code = vfs.pointee.xDelete(vfs, path, 1)
        let absent = SQLITE_IOERR | (23 << 8)  // SQLITE_IOERR_DELETE_NOENT, a macro out of reach
        if code != SQLITE_OK, code != absent {
            throw StorageFault("backup", code: code, handle: nil)
        }
    }
}

/// Makes a file's or a folder's content durable.
private func syncFile(_ path: String) throws(StorageFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw systemFault("sync", path) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw systemFault("sync", path) }
}

/// The folder a path lies in.
private func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
