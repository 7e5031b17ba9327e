// One process a data directory: flock, and in the file where the running process listens.

import CLinux
import Glibc
import Kernel

/// The lock on a data directory.
///
/// Shape: the file `lock` holds `address token` of a serving process, or nothing. The lock is on
/// it, and on `log.sqlite` where there is one: who deletes the one, or looks at the other through
/// another directory, still finds it taken.
package final class DirectoryLock {
    /// Where the process that holds the lock listens for commands.
    package struct Holder: Hashable, Sendable {
        package let address: String
        package let token: String

        package init(address: String, token: String) {
            self.address = address
            self.token = token
        }
    }

    /// What became of asking for the lock.
    package enum Outcome {
        case taken(DirectoryLock)
        case held(by: Holder?)
    }

    private let file: Int32
    private let path: String
    /// The log, held open; -1 where there was none.
    ///
    /// Why as long as the lock: closing any descriptor of a file ends the locks that SQLite has on
    /// it in this process.
    private let log: Int32

    private init(file: Int32, path: String, log: Int32) {
        self.file = file
        self.path = path
        self.log = log
    }

    deinit {
        ftruncate(file, 0)
        close(file)
        if log >= 0 { close(log) }
    }

    /// Takes the lock if nobody holds it; one that a short command holds is waited for a moment.
    ///
    /// Why: a process that is just being started holds its parent's files until it is running.
    package static func take(_ path: String) throws(Files.Fault) -> Outcome {
        for _ in 0..<50 {
            let outcome = try takeAtOnce(path)
            guard case .held(by: nil) = outcome else { return outcome }
            usleep(10_000)
        }
        return try takeAtOnce(path)
    }

    private static func takeAtOnce(_ path: String) throws(Files.Fault) -> Outcome {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Files.Fault(operation: "open", path: path, code: errno) }
        guard try lock(file, path) else {
            close(file)
            return .held(by: try holder(path))
        }
        let name = Files.parent(of: path) + "/log.sqlite"
        let log = open(name, O_RDWR | O_CLOEXEC)
        if log < 0, errno != ENOENT {
            let code = errno
            close(file)
            throw Files.Fault(operation: "open", path: name, code: code)
        }
        if log >= 0, try !lock(log, name) {
            close(log)
            close(file)
            return .held(by: nil)
        }
        ftruncate(file, 0)
        return .taken(DirectoryLock(file: file, path: path, log: log))
    }

    /// Locks a file, false where another process has; an error closes it.
    private static func lock(_ file: Int32, _ path: String) throws(Files.Fault) -> Bool {
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
        let code = errno
        if code == EWOULDBLOCK { return false }
        close(file)
        throw Files.Fault(operation: "lock", path: path, code: code)
    }

    private static func holder(_ path: String) throws(Files.Fault) -> Holder? {
        let text = String(decoding: try Files.read(path, sizeBytesMax: 4_096), as: UTF8.self)
        let parts = text.split(separator: " ")
        guard parts.count == 2 else { return nil }
        return Holder(address: String(parts[0]), token: String(parts[1]))
    }

    /// Tells other commands where this process listens.
    package func announce(_ holder: Holder) throws(Files.Fault) {
        let text = Array("\(holder.address) \(holder.token)".utf8)
        ftruncate(file, 0)
        let put = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        guard put == text.count else {
            throw Files.Fault(operation: "write", path: path, code: errno)
        }
    }
}
