// The walls between rooms: what each may import, as the design draws the arrows.

import Testing

@Suite("Walls between rooms")
struct WallTests {
    /// The arrows, room by room; Kernel is open to all.
    static let arrows: [String: Set<String>] = [
        "Kernel": [],
        "Wire": ["CZlib"],
        "SQLite": ["CSQLite"],
        "Replication": ["SQLite", "Wire"],
        "Sync": ["Replication", "SQLite", "Wire"],
        "Page": [],
        "HTTP": ["Page", "CLinux"],
        "Tabular": ["CLinux"],
        "Module": ["Replication", "SQLite", "Wire", "Page"],
        "Web": ["Module", "Page"],
    ]
    static let moduleArrows: Set<String> = [
        "Module", "Page", "Tabular", "Replication", "SQLite", "Wire",
    ]
    static let modules: Set<String> = ["Catalog", "People", "Sales", "Stock", "Ledger"]
    static let toolchain: Set<String> = ["Glibc", "Synchronization", "Dispatch"]

    func imports(of file: SourceFile) -> [(line: Int, name: String)] {
        file.lines.enumerated().compactMap { index, line in
            var words = line.split(separator: " ")
            while let first = words.first,
                ["package", "public", "internal", "private", "fileprivate", "@testable"]
                    .contains(String(first)) || first.hasPrefix("@")
            { words.removeFirst() }
            guard words.first == "import", words.count == 2 else { return nil }
            return (index + 1, String(words[1]))
        }
    }

    @Test("each room imports only what its arrows allow")
    func walls() {
        for file in Repository.swift where file.isSource {
            let room = file.room
            let isModule = file.path.hasPrefix("Sources/Modules/")
            guard let allowed = isModule ? WallTests.moduleArrows : WallTests.arrows[room] else {
                continue
            }
            for (line, name) in imports(of: file) where name != "Kernel" {
                let isAllowed = allowed.contains(name) || WallTests.toolchain.contains(name)
                #expect(isAllowed, "\(file.path):\(line): \(room) may not import \(name)")
            }
        }
    }

    @Test("Foundation stays at the rim")
    func foundation() {
        let rim: Set<String> = ["Node", "Bench", "Demo"]
        for file in Repository.swift where file.isSource && !rim.contains(file.room) {
            for (line, name) in imports(of: file) {
                let isFoundation = name.hasPrefix("Foundation")
                #expect(!isFoundation, "\(file.path):\(line): use the C library or Kernel")
            }
        }
    }

    @Test("Package.swift names no package, and every source file is in a room it names")
    func package() {
        let manifest = Repository.files { $0 == "Package.swift" }.first?.lines ?? []
        #expect(!manifest.contains { $0.contains(".package(") }, "no package is allowed")
        let text = manifest.joined(separator: "\n")
        for file in Repository.swift where file.isSource || file.isTest {
            #expect(text.contains("\"\(file.room)\""), "\(file.path) is in no target")
        }
    }

    @Test("the tree speaks of itself alone")
    func words() {
        let outside = "../" + "shared"
        for file in Repository.files({ !$0.hasPrefix(".ci/") && !$0.hasSuffix(".cbor") }) {
            for (index, line) in file.lines.enumerated() where line.contains(outside) {
                Issue.record("\(file.path):\(index + 1): names a place outside the project")
            }
        }
    }
}
