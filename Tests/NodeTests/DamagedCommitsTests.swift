// Single bytes of log.sqlite that fell over: in envelopes and in the columns of its tables. Whoever
// opens the directory gets a right answer or a sentence that names the damage.

import Catalog
import Foundation
import Kernel
import Ledger
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Support
import Sync
import Testing

@Suite("Bits that fell over in a log", .serialized)
struct DamagedCommitsTests {
    /// The directories that all cases copy.
    private static let company = Result { try Company() }

    /// A headquarters' and a store's directory on the real disk.
    private final class Company: Sendable {
        let folder: String
        private let clock: SetClock

        init() throws {
            folder = FileManager.default.temporaryDirectory.path + "/commits-\(UUID().uuidString)"
            for name in ["hq", "store"] { try Files.makeFolder(folder + "/" + name) }
            let chain = try SmallChain(storage: FolderStorage(folder: folder + "/hq"))
            let hq = chain.headquarters.engine
            let place = try chain.addStore("S001")
            let person = HirePerson(code: "E1", name: "张三", phone: "13800000000", branch: 0)
            _ = try hq.perform(person)
            let store = try chain.enrol(
                place.branch,
                seed: 70,
                storage: FolderStorage(folder: folder + "/store")
            )
            for (engine, name) in [(hq, "/hq"), (store.engine, "/store")] {
                let anchor = Anchor(path: NodeDirectory.defaultAnchor(folder + name))
                engine.afterWrite = { anchor.note($0) }
            }
            for _ in 0..<2 {
                _ = try store.engine.perform(OpenDay(till: place.tills[0]))
                try chain.sell(store, till: place.tills[0], 3)
                _ = try store.engine.perform(CloseDay(till: place.tills[0], counted: nil))
                chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
                _ = try store.round(Line(headquarters: chain.headquarters))
                try hq.catchUp()
                while try hq.perform(PostVouchers()).hasMore {}
            }
            try store.engine.close()
            try hq.close()
            clock = chain.clock
        }

        /// A copy of a directory, with its anchor; without its views it derives them anew.
        func copy(of name: String, hasViews: Bool) throws -> String {
            let place = folder + "/" + UUID().uuidString
            try Files.makeFolder(place)
            for file in try Files.names(in: folder + "/" + name)
            where file != "lock" && file != "reserve" && (hasViews || !file.hasPrefix("views")) {
                try Files.copy(folder + "/\(name)/\(file)", to: place + "/" + file)
            }
            try Files.copy(folder + "/\(name).anchor", to: place + ".anchor")
            return place
        }

        func open(_ place: String) throws -> NodeDirectory {
            let opened = try NodeDirectory.open(
                place,
                modules: .standard,
                clock: clock,
                random: SeededSource(seed: 71)
            )
            guard case .here(let directory) = opened else {
                throw NodeFault(.busy, "taken", nextStep: "")
            }
            return directory
        }
    }

    /// Takes a bit from one cell: bytes and texts lose one of the first, integers a low one.
    private static func damage(_ file: Database, _ random: inout SeededRandom) throws -> String {
        var tables: [String] = []
        try file.statement("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .forEach { tables.append($0.text(0)) }
        while true {
            let table = random.bool(chance: 700) ? "commits" : random.pick(tables)
            var columns: [String] = []
            let named = try file.statement(text: "SELECT name FROM pragma_table_info(?1)")
            named.bind(1, table)
            try named.forEach { columns.append($0.text(0)) }
            let isEnvelope = table == "commits" && random.bool(chance: 600)
            let column = isEnvelope ? "bytes" : random.pick(columns)
            if try damage(file, table, column, &random) { return "\(table).\(column)" }
        }
    }

    /// Takes a bit from a cell of a column; false where none is there that has one.
    private static func damage(
        _ file: Database,
        _ table: String,
        _ column: String,
        _ random: inout SeededRandom
    ) throws -> Bool {
        let count = try file.statement(text: "SELECT count(*) FROM \(table)").firstInteger() ?? 0
        if count == 0 { return false }
        let row = random.int(in: 0..<Int(count))
        let cell = try file.statement(
            text: "SELECT \(column) FROM \(table) ORDER BY 1 LIMIT 1 OFFSET \(row)"
        )
        let update = try file.statement(
            text: "UPDATE OR REPLACE \(table) SET \(column) = ?1 WHERE \(column) = ?2"
        )
        let bit = Int64(random.int(in: 0...40))
        var isDamaged = false
        try cell.forEach { cell in
            switch cell.columnType(0) {
            case 1:
                update.bind(1, cell.integer(0) ^ (1 << bit))
                update.bind(2, cell.integer(0))
            case 3, 4:
                let whole = Array(cell.borrowedBytes(0))
                if whole.isEmpty { return }
                var bytes = whole
                bytes[random.int(in: 0..<min(bytes.count, 48))] ^= 1 << UInt8(bit % 8)
                if cell.columnType(0) == 4 {
                    update.bind(1, bytes)
                    update.bind(2, whole)
                } else {
                    update.bind(1, String(decoding: bytes, as: UTF8.self))
                    update.bind(2, cell.text(0))
                }
            default: return
            }
            isDamaged = true
        }
        if isDamaged { try update.run() }
        return isDamaged
    }

    /// True for an error that a person is told of in a sentence, with what is damaged.
    private static func isClear(_ error: any Error) -> Bool {
        switch error {
        case is NodeFault, is any Refusal: true
        case let fault as LogFault:
            switch fault {
            case .damaged, .notALog, .retired, .newerFormat: true
            default: false
            }
        case let fault as StorageFault: fault.isCorrupt
        default: false
        }
    }

    /// What no commit tells: a wrong cell there is seen by nobody.
    private static let untold = [
        "anchors.", "contacts.", "device_contacts.", "device_ends.", "devices.", "meta.",
        "numbers.", "arrivals.", "commits.stamp", "sessions.", "requests.", "clock_rulings.",
    ]

    @Test(
        "end in a right answer or a clear error, and verify names the commit",
        arguments: 0..<UInt64(60)
    )
    func bits(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let company = try Self.company.get()
        let name = random.bool(chance: 700) ? "hq" : "store"
        let place = try company.copy(of: name, hasViews: random.bool(chance: 500))
        defer { try? Files.removeFolder(place) }
        let broken = try Database(path: place + "/log.sqlite")
        let what = try Self.damage(broken, &random)
        try broken.close()
        func attempt(_ work: () throws -> Void) {
            do {
                try work()
            } catch {
                #expect(Self.isClear(error), "\(name), \(what), seed \(seed): \(error)")
            }
        }
        attempt {
            let directory = try company.open(place)
            let engine = directory.engine
            attempt {
                let problems = try engine.verify().problems
                let isTold = !Self.untold.contains { what.hasPrefix($0) }
                #expect(!problems.isEmpty || !isTold, "\(name), \(what), seed \(seed)")
            }
            for report in ["sales", "sync", "findings", "trial-balance", "stock"] {
                attempt { _ = try engine.report(report, ReportRequest()) }
            }
            attempt { _ = try engine.log.digests(of: engine.log.deliveredAudiences()) }
            attempt { _ = try engine.log.reader.heads() }
            attempt { try directory.close() }
        }
    }
}
