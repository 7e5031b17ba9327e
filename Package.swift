// swift-tools-version: 6.2
// Tributary: one program for a chain of stores. No package dependencies: only the toolchain,
// Glibc, and the system's SQLite, zlib and crypt.
import Foundation
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
    // Tests run with the check of exclusive access at run time; a merge of a million sales does
    // not pay for it again. What the compiler can prove it still proves.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// A room of the code: one target, its folder, and the arrows that leave it.
func room(_ name: String, _ arrows: [String], path: String? = nil) -> Target {
    let folder = path ?? "Sources/\(name)"
    let page = Context.packageDirectory + "/" + folder + "/DESIGN.md"
    return .target(
        name: name,
        dependencies: arrows.map { .byName(name: $0) },
        path: folder,
        exclude: FileManager.default.fileExists(atPath: page) ? ["DESIGN.md"] : [],
        swiftSettings: swiftSettings,
        linkerSettings: name == "Kernel" ? [.linkedLibrary("m")] : []
    )
}

func tests(_ name: String, _ arrows: [String], exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: (arrows + ["Support"]).map { .byName(name: $0) },
        path: "Tests/\(name)",
        exclude: exclude,
        swiftSettings: swiftSettings
    )
}

let modules = ["Catalog", "People", "Sales", "Stock", "Ledger"]
let moduleArrows = ["Module", "Page", "Tabular", "Replication", "SQLite", "Wire", "Kernel"]

let package = Package(
    name: "tributary",
    targets: [
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCrypt"),
        room("Kernel", []),
        room("Wire", ["Kernel", "CZlib"]),
        room("SQLite", ["Kernel", "CSQLite"]),
        room("Replication", ["SQLite", "Wire", "Kernel"]),
        room("Sync", ["Replication", "SQLite", "Wire", "Kernel"]),
        room("Page", ["Kernel"]),
        room("HTTP", ["Page", "Kernel", "CLinux"]),
        room("Tabular", ["Kernel", "CLinux"]),
        room("Module", ["Replication", "SQLite", "Wire", "Page", "Kernel"]),
    ]
        + modules.map { room($0, moduleArrows, path: "Sources/Modules/\($0)") }
        + [
            room(
                "Node",
                modules + [
                    "Module", "Sync", "HTTP", "Page", "Tabular", "Replication", "SQLite", "Wire",
                    "Kernel", "CLinux", "CCrypt",
                ]
            ),
            room(
                "Import",
                modules + ["Node", "Module", "Tabular", "Replication", "SQLite", "Wire", "Kernel"]
            ),
            room(
                "Demo",
                modules + [
                    "Node", "Module", "Sync", "HTTP", "Page", "Replication", "SQLite", "Wire",
                    "Kernel",
                ]
            ),
            room(
                "Simulation",
                modules + [
                    "Node", "Demo", "Module", "Sync", "Replication", "SQLite", "Wire", "Kernel",
                    "CSQLite", "CLinux",
                ]
            ),
            room(
                "Bench",
                modules + [
                    "Node", "Demo", "Module", "Sync", "Replication", "SQLite", "Wire", "Kernel",
                    "CSQLite", "CLinux",
                ]
            ),
            .executableTarget(
                name: "tributary",
                dependencies: [
                    "Demo", "Simulation", "Bench", "Import", "Node", "Ledger", "Sales", "Module",
                    "HTTP", "Page", "Sync", "Replication", "SQLite", "Kernel",
                ],
                path: "Sources/tributary",
                swiftSettings: swiftSettings
            ),
            .target(
                name: "Support",
                dependencies: ["Replication", "SQLite", "Wire", "Kernel", "CLinux"],
                path: "Tests/Support",
                swiftSettings: swiftSettings
            ),
            tests("KernelTests", ["Kernel"]),
            tests("WireTests", ["Wire", "Kernel"]),
            tests("SQLiteTests", ["SQLite", "Kernel", "CSQLite"]),
            tests("ReplicationTests", ["Replication", "SQLite", "Wire", "Kernel"]),
            tests("SyncTests", ["Sync", "Replication", "SQLite", "Wire", "Kernel"]),
            tests("HTTPTests", ["HTTP", "Page", "Kernel", "CLinux"]),
            tests("TabularTests", ["Tabular", "Kernel"]),
            tests("ModuleTests", ["Module", "SQLite", "Kernel"]),
            tests(
                "CatalogTests",
                ["Catalog", "Module", "Replication", "SQLite", "Wire", "Kernel"]
            ),
            tests("PeopleTests", ["People", "Module", "Replication", "SQLite", "Wire", "Kernel"]),
            tests("SalesTests", ["Sales", "Module", "Replication", "SQLite", "Wire", "Kernel"]),
            tests("StockTests", ["Stock", "Module", "Replication", "SQLite", "Wire", "Kernel"]),
            tests("LedgerTests", ["Ledger", "Module", "Replication", "SQLite", "Wire", "Kernel"]),
            tests(
                "NodeTests",
                modules + [
                    "Node", "Demo", "Simulation", "Module", "Sync", "HTTP", "Page", "Tabular",
                    "Replication", "SQLite", "Wire", "Kernel", "CLinux",
                ]
            ),
            tests(
                "ImportTests",
                modules + [
                    "Import", "Node", "Module", "Sync", "Tabular", "Replication", "SQLite",
                    "Wire", "Kernel",
                ]
            ),
            tests("BenchTests", ["Bench"]),
            tests(
                "Goldens",
                ["tributary", "Demo", "Node", "Module", "Kernel"],
                exclude: ["Files"]
            ),
            tests("Scenarios", ["Simulation", "Node", "Tabular", "Kernel"]),
            tests(
                "Faults",
                modules + ["Simulation", "Node", "Module", "Replication", "SQLite", "Kernel"],
                exclude: ["README.md"]
            ),
            tests("Tidy", [], exclude: ["baseline.txt"]),
        ],
    swiftLanguageModes: [.v6]
)
