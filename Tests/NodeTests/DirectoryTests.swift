// A data directory against what people do to it: the lock file deleted, the log looked at through
// another directory, the directory called by other names.

import Foundation
import Node
import Testing

@Suite("A data directory")
struct DirectoryTests {
    /// A folder that is removed at the end.
    private final class Folder {
        let path = NSTemporaryDirectory() + "directory-\(UUID().uuidString)"

        init() throws { try Files.makeFolder(path) }

        deinit { try? Files.removeFolder(path) }
    }

    private func isTaken(_ path: String) throws -> Bool {
        if case .held = try DirectoryLock.take(path) { return true }
        return false
    }

    @Test("stays taken when its lock file is deleted, and through a link to its log")
    func lockDeleted() throws {
        let folder = try Folder()
        let (data, other) = (folder.path + "/data", folder.path + "/other")
        try Files.makeFolder(data)
        try Files.makeFolder(other)
        try Files.write([1], to: data + "/log.sqlite")
        try FileManager.default.createSymbolicLink(
            atPath: other + "/log.sqlite",
            withDestinationPath: data + "/log.sqlite"
        )
        do {
            guard case .taken(let lock) = try DirectoryLock.take(data + "/lock") else {
                Issue.record("it was taken")
                return
            }
            #expect(try isTaken(data + "/lock"))
            try Files.remove(data + "/lock")
            #expect(try isTaken(data + "/lock"))
            #expect(try isTaken(other + "/lock"))
            withExtendedLifetime(lock) {}
        }
        #expect(try !isTaken(data + "/lock"))
        #expect(try !isTaken(other + "/lock"))
    }

    @Test("has one anchor beside it, by whatever name it is called")
    func anchor() throws {
        let folder = try Folder()
        let data = folder.path + "/数 据"
        try Files.makeFolder(data)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link",
            withDestinationPath: data
        )
        let anchor = try #require(Files.truePath(data)) + ".anchor"
        for name in ["/数 据", "/数 据/", "/数 据/.", "/link", "/link/", "/link/../link"] {
            #expect(NodeDirectory.defaultAnchor(folder.path + name) == anchor, "\(name)")
        }
        #expect(NodeDirectory.defaultAnchor("not/there/") == "not/there.anchor")
    }

    @Test("copies a file so that only its owner reads the copy, whatever was under the name")
    func copyIsPrivate() throws {
        let folder = try Folder()
        try Files.write([1, 2, 3], to: folder.path + "/keys")
        let copy = folder.path + "/copy"
        #expect(FileManager.default.createFile(atPath: copy, contents: nil))
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: copy)
        try Files.copy(folder.path + "/keys", to: copy)
        #expect(try Files.read(copy) == [1, 2, 3])
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }
}
