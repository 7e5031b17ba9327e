// Plain files on the simulated disk: keys, anchors, reserves, attachments.
// Must not: make anything durable that was not synced.
import CSQLite
package import SQLite

extension SimulatedDisk {
    /// The names that begin so, in order.
    package func list(prefix: String = "") -> [String] {
        locked { files.keys.filter { $0.hasPrefix(prefix) }.sorted() }
    }

    /// A file's bytes, or nil if there is none of this name.
    package func read(_ name: String) throws(StorageFault) -> [UInt8]? {
        let (code, bytes) = locked { () -> (Int32, [UInt8]?) in
            admit(.read) == .granted ? (SQLITE_OK, files[name]?.content) : (ioError(1), nil)
        }
        try check(code, "read", name)
        return bytes
    }

    /// Writes a whole file, as the processes see it; it is not durable.
    package func write(_ name: String, _ bytes: [UInt8]) throws(StorageFault) {
        let code = locked { () -> Int32 in
            guard !isOff else { return ioError(3) }
            let file = files[name] ?? makeFile()
            files[name] = file
            if !file.content.isEmpty {
                let code = resize(file, to: 0)
                if code != SQLITE_OK { return code }
            }
            return write(bytes, to: file, at: 0)
        }
        try check(code, "write", name)
    }

    /// Writes into a file, which is made where it is absent; it is not durable.
    package func overwrite(
        _ name: String,
        _ bytes: [UInt8],
        at offset: Int = 0
    ) throws(StorageFault) {
        let code = locked { () -> Int32 in
            guard !isOff else { return ioError(3) }
            let file = files[name] ?? makeFile()
            files[name] = file
            return write(bytes, to: file, at: offset)
        }
        try check(code, "write", name)
    }

    /// Makes a file and its name durable.
    package func sync(_ name: String) throws(StorageFault) {
        let code = locked { () -> Int32 in
            guard let file = files[name] else { return SQLITE_CANTOPEN }
            return sync(file)
        }
        try check(code, "sync", name)
    }

    /// Gives a file another name, in the place of what bore it; not durable before `syncFolder()`.
    package func rename(_ name: String, to newName: String) throws(StorageFault) {
        let code = locked { () -> Int32 in
            guard let file = files[name] else { return SQLITE_CANTOPEN }
            let admission = admit(.write)
            if admission == .failed { return ioError(3) }
            files[name] = nil
            files[newName] = file
            return admission == .granted ? SQLITE_OK : ioError(3)
        }
        try check(code, "rename", name)
    }

    /// Takes a file away; not durable before `syncFolder()`.
    package func remove(_ name: String) throws(StorageFault) {
        let code = locked { delete(name, syncsFolder: false) }
        try check(code, "remove", name)
    }

    /// Makes all names durable, as they stand.
    package func syncFolder() throws(StorageFault) {
        let code = locked { () -> Int32 in
            guard admit(.sync) == .granted else { return ioError(4) }
            durableFiles = files
            return SQLITE_OK
        }
        try check(code, "sync", "the folder")
    }

    /// Puts a whole file in the place of another so that a crash leaves the old or the new one.
    package func replace(_ name: String, _ bytes: [UInt8]) throws(StorageFault) {
        let partial = name + ".partial"
        try write(partial, bytes)
        try sync(partial)
        try rename(partial, to: name)
        try syncFolder()
    }

    private func check(_ code: Int32, _ operation: String, _ name: String) throws(StorageFault) {
        guard code != SQLITE_OK else { return }
        let words = sqlite3_errstr(code).map { String(cString: $0) } ?? "no message"
        throw StorageFault(operation: operation, code: code, message: "\(words): \(name)")
    }
}
