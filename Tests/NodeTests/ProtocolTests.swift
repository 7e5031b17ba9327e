// Protocol/ against the program: the generated pages, and the vectors.
// A vector that exists is never rewritten here; UPDATE_VECTORS=1 only adds.

import Foundation
import Module
import Replication
import Testing
import Wire

@Suite("The protocol's pages and vectors")
struct ProtocolTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Protocol")

    private static func asks(for variable: String) -> Bool {
        ProcessInfo.processInfo.environment[variable] == "1"
    }

    @Test(
        "the generated pages say what the modules define",
        arguments: ["changes.md", "changes.cddl"]
    )
    func generated(name: String) throws {
        let text =
            name == "changes.md" ? ProtocolCatalogue.markdown : ProtocolCatalogue.cddl
        let file = Self.folder.appending(path: name)
        if Self.asks(for: "UPDATE_PROTOCOL") {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(
            written == text,
            "\(name) is stale: UPDATE_PROTOCOL=1 swift test --filter ProtocolTests"
        )
    }

    @Test("every kind has one definition, a name of its own, and a sample that its fields cover")
    func definitions() throws {
        let all = ProtocolCatalogue.definitions
        #expect(Set(all.map(\.kind)).count == all.count)
        #expect(Set(all.map(\.name)).count == all.count)
        for definition in all {
            let keys = Set(definition.fields.map(\.key))
            #expect(keys.count == definition.fields.count, "\(definition.name): a key twice")
            guard case .map(let entries) = try CBORValue(decoding: definition.sample) else {
                Issue.record("\(definition.name): the sample is no map")
                continue
            }
            let written = Set(entries.map(\.key))
            for key in written {
                #expect(
                    keys.contains { .integer($0) == key },
                    "\(definition.name): the sample has key \(key), the fields have not"
                )
            }
            if definition.kind.isRegister { continue }
            for field in definition.fields where !field.isOptional {
                #expect(
                    written.contains(.integer(field.key)),
                    "\(definition.name): the sample lacks \(field.name)"
                )
            }
        }
    }

    @Test("the page of the bodies says of every kind who reads it, and names no other")
    func audiences() throws {
        let file = Self.folder.appending(path: "bodies.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let table = try #require(text.components(separatedBy: "## 2.").first)
        var named: [String] = []
        for line in table.split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.split(separator: "|")[0]
            named += cell.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }
                .map { String($0.element) }
        }
        #expect(named.sorted() == ProtocolCatalogue.definitions.map(\.name).sorted())
    }

    @Test("every vector is what the program makes of it, and none was edited")
    func vectors() throws {
        let folder = Self.folder.appending(path: "vectors")
        let vectors = try ProtocolVectors.all()
        #expect(Set(vectors.map(\.name)).count == vectors.count)
        for vector in vectors {
            let bytes = folder.appending(path: vector.name + ".cbor")
            let twin = folder.appending(path: vector.name + ".json")
            let isThere = FileManager.default.fileExists(atPath: bytes.path)
            if !isThere, Self.asks(for: "UPDATE_VECTORS") {
                try Data(vector.bytes).write(to: bytes)
                try vector.twin.write(to: twin, atomically: true, encoding: .utf8)
            }
            let written = try? Data(contentsOf: bytes)
            #expect(
                written == Data(vector.bytes),
                "\(vector.name): a vector is never edited; a new sample needs a new name"
            )
            let text = try? String(contentsOf: twin, encoding: .utf8)
            #expect(text == vector.twin, "\(vector.name).json differs from what was computed")
        }
        let names = Set(vectors.map(\.name))
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where file.hasSuffix(".cbor") && !file.hasPrefix("message-") {
            let name = String(file.dropLast(5))
            #expect(names.contains(name), "\(name) is not made by any code: it was published")
        }
    }

    @Test("what must be refused is refused, and for nothing else than its own fault")
    func refusals() throws {
        for vector in ProtocolVectors.refused() {
            #expect(throws: WireFault.self, "\(vector.name)") {
                try CommitCodec.header(of: vector.bytes)
            }
        }
        let sound = try ProtocolVectors.edges()[1]
        #expect(try CommitCodec.header(of: sound.bytes).flags.hasUnknown)
    }
}
