// Plain files of a data directory: read whole, written whole, durably, by rename.
// Everything is 0600 in directories of 0700.

import CLinux
import Glibc

/// Small files and folders, through the C library.
package enum Files {
    /// A system call that failed.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package let operation: String
        package let path: String
        package let code: Int32

        package var isFull: Bool { code == ENOSPC || code == EDQUOT }
        package var isMissing: Bool { code == ENOENT }
        /// True where a data directory takes no writes, or not from this user.
        package var isOfReadOnlyDirectory: Bool {
            let isRefused = code == EROFS || code == EACCES || code == EPERM
            return isRefused && operation == "open"
                && (path.hasSuffix("/lock") || path.hasSuffix("/log.sqlite"))
        }

        package var description: String {
            let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
            return "cannot \(operation) \(path): \(reason)"
        }
    }

    /// True where something is at the path.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// True where a folder is at the path.
    package static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a folder of 0700, and those above it.
    package static func makeFolder(_ path: String) throws(Fault) {
        if isFolder(path) { return }
        let above = parent(of: path)
        if above != path, !isFolder(above) { try makeFolder(above) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw Fault(operation: "make folder", path: path, code: errno)
        }
    }

    /// The folder that holds a path.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without links and dots; nil where nothing is there.
    package static func truePath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// True where someone other than the owner may read or write the file.
    package static func isOpenToOthers(_ path: String) -> Bool {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & 0o066 != 0 else { return false }
        return stat(parent(of: path), &info) == 0 && info.st_mode & 0o011 != 0
    }

    /// The names in a folder, sorted by their bytes.
    package static func names(in folder: String) throws(Fault) -> [String] {
        guard let stream = opendir(folder) else {
            throw Fault(operation: "read folder", path: folder, code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// The whole content of a file.
    package static func read(_ path: String, sizeBytesMax: Int = 1 << 30) throws(Fault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(operation: "open", path: path, code: errno) }
        defer { close(file) }
        var content: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = Glibc.read(file, &room, room.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Fault(operation: "read", path: path, code: errno) }
            if got == 0 { return content }
            content += room[0..<got]
            guard content.count <= sizeBytesMax else {
                throw Fault(operation: "read", path: path, code: EFBIG)
            }
        }
    }

    /// Writes a file so that either the old or the new content survives a power cut.
    package static func write(
        _ content: [UInt8],
        to path: String,
        isDurable: Bool = true
    ) throws(Fault) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(operation: "create", path: temporary, code: errno) }
        do throws(Fault) {
            try writeAll(content, file, temporary)
            if isDurable, fsync(file) != 0 {
                throw Fault(operation: "sync", path: temporary, code: errno)
            }
        } catch {
            close(file)
            unlink(temporary)
            throw error
        }
        close(file)
        guard rename(temporary, path) == 0 else {
            throw Fault(operation: "rename", path: path, code: errno)
        }
        if isDurable { try syncFolder(parent(of: path)) }
    }

    private static func writeAll(
        _ content: [UInt8],
        _ file: Int32,
        _ path: String
    ) throws(Fault) {
        var done = 0
        while done < content.count {
            let put = content.withUnsafeBytes { bytes in
                Glibc.write(file, bytes.baseAddress?.advanced(by: done), content.count - done)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw Fault(operation: "write", path: path, code: errno) }
            done += put
        }
    }

    /// Copies a file durably; what was under the name is replaced.
    package static func copy(_ path: String, to target: String) throws(Fault) {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Fault(operation: "open", path: path, code: errno) }
        defer { close(source) }
        let file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(operation: "create", path: target, code: errno) }
        defer { close(file) }
        // What was under the name may have been for everyone to read.
        guard fchmod(file, 0o600) == 0 else {
            throw Fault(operation: "protect", path: target, code: errno)
        }
        var room = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = Glibc.read(source, &room, room.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Fault(operation: "read", path: path, code: errno) }
            if got == 0 { break }
            try writeAll(Array(room[0..<got]), file, target)
        }
        guard fsync(file) == 0 else { throw Fault(operation: "sync", path: target, code: errno) }
    }

    /// Makes the names in a folder durable.
    package static func syncFolder(_ folder: String) throws(Fault) {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(operation: "open", path: folder, code: errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Fault(operation: "sync", path: folder, code: errno) }
    }

    /// Removes a file; one that is not there is fine.
    package static func remove(_ path: String) throws(Fault) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw Fault(operation: "remove", path: path, code: errno)
        }
    }

    /// Renames a file or folder.
    package static func move(_ path: String, to target: String) throws(Fault) {
        guard rename(path, target) == 0 else {
            throw Fault(operation: "rename", path: path, code: errno)
        }
    }

    /// The size of a file; 0 where there is none.
    package static func sizeBytes(_ path: String) -> Int64 {
        var info = stat()
        return stat(path, &info) == 0 ? Int64(info.st_size) : 0
    }

    /// Removes a folder and everything in it.
    package static func removeFolder(_ path: String) throws(Fault) {
        for name in try names(in: path) {
            let inner = path + "/" + name
            var info = stat()
            let isLink = lstat(inner, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
            if !isLink, isFolder(inner) { try removeFolder(inner) } else { try remove(inner) }
        }
        guard rmdir(path) == 0 else {
            throw Fault(operation: "remove folder", path: path, code: errno)
        }
    }
}
