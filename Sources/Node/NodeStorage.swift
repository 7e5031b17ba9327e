// Where a node's files are: a folder, or a simulated disk.
// Must not know what is in them.

import CLinux
import Glibc
package import SQLite

/// The files of one data directory.
package protocol NodeStorage: Sendable {
    /// Opens a database by its name in the directory.
    func database(_ name: String, _ options: Database.Options) throws -> Database
    /// The names of the files, sorted.
    func names() throws -> [String]
    func remove(_ name: String) throws
    /// The content of a small file, nil where there is none.
    func read(_ name: String) throws -> [UInt8]?
    /// Replaces a small file; durable before it returns where asked.
    func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws
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

    package func names() throws -> [String] { try Files.names(in: folder) }

    package func remove(_ name: String) throws { try Files.remove(folder + "/" + name) }

    package func read(_ name: String) throws -> [UInt8]? {
        let path = folder + "/" + name
        return Files.exists(path) ? try Files.read(path) : nil
    }

    package func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        try Files.write(content, to: folder + "/" + name, isDurable: isDurable)
    }
}
