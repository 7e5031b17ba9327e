// Which views file serves: the newest that is whole or can become so; views are disposable.

import Foundation
import Kernel
import Node
import Replication
import SQLite
import Support
import Testing

@Suite("Views files")
struct ViewFilesTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tributary-views-\(UInt64.random(in: 0...(.max)))").path

    /// A log with a few commits of a module that is not there.
    private func log() throws -> LogReader {
        let node = try Fixture(replica: 1) { [] }
        for _ in 0..<5 {
            var act = try node.act()
            act.begin([.everyone])
            act.add(Kind(module: 99, 1), [0xa0])
            try node.append(act)
        }
        return node.log.reader
    }

    private func files(kinds: [Kind] = []) throws -> ViewFiles {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        return ViewFiles(storage: FolderStorage(folder: folder), kinds: kinds) { [] }
    }

    private func names() throws -> [String] {
        try FolderStorage(folder: folder).names().filter { $0.hasSuffix(".sqlite") }
    }

    /// The same log for every opening.
    private func open(_ reader: LogReader, kinds: [Kind] = []) throws -> Int64 {
        let projector = try files(kinds: kinds).open(reader)
        try projector.catchUpWholly()
        defer { try? projector.views.close() }
        #expect(try projector.quarantined().count == 5)
        return projector.position
    }

    @Test("serve again as they are, and are derived anew by code that knows more kinds")
    func rebuilt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reader = try log()
        #expect(try open(reader) == 5)
        #expect(try names() == ["views-1.sqlite"])
        #expect(try open(reader) == 5)
        #expect(try names() == ["views-1.sqlite"])
        #expect(try open(reader, kinds: [Kind(module: 98, 1)]) == 5)
        #expect(try names() == ["views-2.sqlite"])
    }

    @Test("that are damaged are derived anew")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reader = try log()
        #expect(try open(reader) == 5)
        let path = folder + "/views-1.sqlite"
        try Data(repeating: 0x5a, count: 8_192).write(to: URL(fileURLWithPath: path))
        #expect(try open(reader) == 5)
        #expect(try names() == ["views-2.sqlite"])
    }

    @Test("that a rebuild left half-way are taken up where they stand")
    func halfWay() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reader = try log()
        #expect(try open(reader) == 5)
        let half = try Projector(
            reader: reader,
            views: Database(path: folder + "/views-2.sqlite"),
            projections: []
        )
        try half.catchUp(limit: 2)
        try half.views.close()
        #expect(try open(reader) == 5)
        #expect(try names() == ["views-2.sqlite"])
    }
}
