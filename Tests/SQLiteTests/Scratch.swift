// A folder for one test, gone when the test is.
// Must not: be shared between tests, which run side by side.
import Glibc
import SQLite

/// A new, empty folder under the system's temporary one.
final class Scratch {
    let folder: String

    init() throws {
        var template = Array("/tmp/tributary-sqlite-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScratchUnavailable(number: errno) }
        folder = template.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    deinit {
        for name in names() { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func names() -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    /// A file with the table `item (id, name, bytes)`.
    func database(_ name: String = "test.sqlite") throws -> Database {
        let database = try Database(path: path(name))
        try database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB)")
        return database
    }
}

struct ScratchUnavailable: Error { let number: Int32 }
