// Where a node's files are: a folder, or a simulated disk.
// Must not know what is in them.

import CLinux
import Glibc
package import SQLite

/// The files of one data directory.
package protocol NodeStorage: Sendable {
    /// Opens a database by its name in the directory.
    func database(_ name: String, _ options: Database.Options) throws -> Database
    /// True where a database can be opened for reading beside its writer.
    var canBeReadBeside: Bool { get }
    /// The names of the files, sorted.
    func names() throws -> [String]
    func remove(_ name: String) throws
    /// The content of a small file, nil where there is none.
    func read(_ name: String) throws -> [UInt8]?
    /// Replaces a small file; durable before it returns where asked.
    func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws
    /// The files that others than the owner may read or write, and should not.
    func openToOthers() throws -> [String]
    /// Sets space aside for the end of the day; false where the disk is too full for it.
    func makeReserve() -> Bool
    /// Gives that space free; false where there was none.
    func freeReserve() -> Bool
}

extension NodeStorage {
    /// A storage that never fills up needs no reserve.
    package func makeReserve() -> Bool { true }
    /// There is none.
    package func freeReserve() -> Bool { false }
    /// A storage of its own kind is nobody else's.
    package func openToOthers() throws -> [String] { [] }
}

extension NodeStorage {
    /// False: a storage of its own kind says whether it can.
    package var canBeReadBeside: Bool { false }
}

/// A data directory on the real disk.
package struct FolderStorage: NodeStorage {
    package let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    package func database(_ name: String, _ options: Database.Options) throws -> Database {
        try Database(path: folder + "/" + name, options: options)
    }

    package var canBeReadBeside: Bool { true }

    package func names() throws -> [String] { try Files.names(in: folder) }

    package func remove(_ name: String) throws { try Files.remove(folder + "/" + name) }

    package func read(_ name: String) throws -> [UInt8]? {
        let path = folder + "/" + name
        return Files.exists(path) ? try Files.read(path) : nil
    }

    package func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        try Files.write(content, to: folder + "/" + name, isDurable: isDurable)
    }

    /// The log, the keys and what else lies in the folder; the reserve holds nothing.
    package func openToOthers() throws -> [String] {
        try names().map { folder + "/" + $0 }.filter { $0 != reserve && Files.isOpenToOthers($0) }
    }

    /// Unit: bytes.
    private static let reserveBytes = 64 << 20

    private var reserve: String { folder + "/reserve" }

    /// Sets 64 MB aside in the file `reserve`.
    package func makeReserve() -> Bool {
        if Files.sizeBytes(reserve) >= Int64(FolderStorage.reserveBytes) { return true }
        let file = Glibc.open(reserve, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { Glibc.close(file) }
        if posix_fallocate(file, 0, off_t(FolderStorage.reserveBytes)) == 0 { return true }
        // What was taken of a disk that is too full is given back at once.
        ftruncate(file, 0)
        return false
    }

    /// Gives them free.
    package func freeReserve() -> Bool {
        Files.sizeBytes(reserve) > 0 && truncate(reserve, 0) == 0
    }
}
