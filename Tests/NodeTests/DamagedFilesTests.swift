// Files of a node that are damaged, gone, older than they should be, or another's: views come back
// from the log by themselves, and nothing that is missing from the log is missing in silence.

import Catalog
import Foundation
import Kernel
import Module
import Node
import Replication
import Sales
import Support
import Sync
import Testing

@testable import SQLite

@Suite("Damaged files")
struct DamagedFilesTests {
    /// A store's directory on the real disk, with tickets that headquarters does not have yet.
    private final class Shop {
        let folder: String
        let data: String
        let chain: SmallChain
        let till: Int64
        private let cash: Int64

        init() throws {
            folder =
                FileManager.default.temporaryDirectory.path + "/damaged-\(UUID().uuidString)"
            data = folder + "/data"
            try Files.makeFolder(data)
            chain = try SmallChain()
            let place = try chain.addStore("S001")
            till = place.tills[0]
            let storage = FolderStorage(folder: data)
            let store = try chain.enrol(place.branch, seed: 70, storage: storage)
            let catalog = store.engine.modules.questions.catalog
            cash = try #require(try catalog.tender(code: "cash", store.engine.views)).id
            let anchor = Anchor(path: NodeDirectory.defaultAnchor(data))
            store.engine.afterWrite = { anchor.note($0) }
            _ = try store.engine.perform(OpenDay(till: till))
            try chain.sell(store, till: till, 30)
            try store.engine.close()
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func open() throws -> NodeDirectory {
            let opened = try NodeDirectory.open(
                data,
                modules: .standard,
                clock: chain.clock,
                random: SeededSource(seed: 71)
            )
            guard case .here(let directory) = opened else {
                throw NodeFault(.busy, "taken", nextStep: "")
            }
            return directory
        }

        func sell(_ engine: NodeEngine) throws {
            _ = try engine.perform(
                CloseSale(
                    till: till,
                    items: [SaleItem(.id(chain.products[0]), quantity: .one)],
                    payments: [PaymentWish(.id(cash), amount: Fen(350))]
                )
            )
        }

        /// Another directory with the same files: what a kill would leave of this one.
        func copy(to name: String) throws -> String {
            let target = folder + "/" + name
            try Files.makeFolder(target)
            for file in try Files.names(in: data) where file != "lock" {
                try Files.copy(data + "/" + file, to: target + "/" + file)
            }
            return target
        }

        /// The name of the views that serve.
        func viewsPath() throws -> String {
            let name = try Files.names(in: data).first {
                $0.hasPrefix("views-") && $0.hasSuffix(".sqlite")
            }
            return data + "/" + (try #require(name))
        }
    }

    private static func tickets(_ engine: NodeEngine) throws -> Int64 {
        try engine.views.integer("SELECT count(*) FROM sales_ticket") ?? 0
    }

    private static func content(_ path: String) throws -> [UInt8] {
        Files.exists(path) ? try Files.read(path) : []
    }

    private static func put(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private static func expectWhole(_ shop: Shop, _ note: Comment) throws {
        let directory = try shop.open()
        #expect(directory.proof == .proven, note)
        #expect(try tickets(directory.engine) == 30, note)
        #expect(try directory.engine.verify().problems == [], note)
        try directory.close()
    }

    @Test("a search index that lost a word is named by verify, and mended by a rebuild")
    func searchIndex() throws {
        let shop = try Shop()
        let breaks = [
            "DELETE FROM catalog_search_data WHERE id > 10",
            "UPDATE catalog_search_data SET block = substr(block, 1, length(block) / 2)"
                + " || zeroblob(length(block) - length(block) / 2) WHERE id > 10",
        ]
        for sql in breaks {
            let directory = try shop.open()
            let engine = directory.engine
            try engine.settle()
            // A bare handle: SQLite itself keeps others from the tables of an index.
            let bare = try openHandle(engine.views.path, Database.Options())
            try SQLite.run(bare, sql)
            let problems = try engine.verify().problems
            #expect(problems.contains { $0.hasPrefix("catalog: ") }, "\(sql): \(problems)")
            try engine.rebuild { _, _ in }
            #expect(try engine.verify().problems == [], "\(sql)")
            try directory.close()
        }
    }

    @Test("views that are gone, with their WAL or without, are derived anew")
    func deletedViews() throws {
        let shop = try Shop()
        for suffixes in [[""], ["", "-wal", "-shm"]] {
            let views = try shop.viewsPath()
            for suffix in suffixes { try Files.remove(views + suffix) }
            try Self.expectWhole(shop, "without \(suffixes)")
        }
    }

    @Test("views that are cut off anywhere, or lack any page, serve again after a start and a sale")
    func tornViews() throws {
        let shop = try Shop()
        let pages = try Self.content(try shop.viewsPath()).count / 4_096
        var isNamed = false
        for page in stride(from: 0, to: pages, by: max(1, pages / 12)) {
            for isCut in [true, false] {
                let views = try shop.viewsPath()
                var bytes = try Self.content(views)
                if isCut {
                    bytes.removeLast(bytes.count - min(bytes.count, page * 4_096 + 1_000))
                } else if page * 4_096 < bytes.count {
                    // The last page stays cut off where nothing ever reads it.
                    let place = page * 4_096..<min(bytes.count, (page + 1) * 4_096)
                    bytes.replaceSubrange(place, with: place.map { _ in UInt8(0x5a) })
                }
                try Self.put(bytes, views)
                let directory = try shop.open()
                // Where the start did not meet the damage, what does makes the views anew.
                let problems = try directory.engine.verify().problems
                if !problems.isEmpty {
                    isNamed = true
                    try directory.engine.rebuild()
                }
                #expect(try Self.tickets(directory.engine) == 30, "page \(page)")
                #expect(try directory.engine.verify().problems == [], "page \(page)")
                try directory.close()
            }
        }
        #expect(isNamed, "some damage is met by nobody but verify")
    }

    @Test(
        "views that turn out damaged while they serve are derived anew, and the sale goes through"
    )
    func damagedInService() throws {
        let shop = try Shop()
        var root: Int64 = 0
        do {
            let directory = try shop.open()
            root = try #require(
                try directory.engine.views.integer(
                    "SELECT rootpage FROM sqlite_schema WHERE name = 'sales_ticket'"
                )
            )
            try directory.close()
        }
        let views = try shop.viewsPath()
        var bytes = try Self.content(views)
        let start = Int(root - 1) * 4_096
        bytes.replaceSubrange(start..<start + 4_096, with: [UInt8](repeating: 0x5a, count: 4_096))
        try Self.put(bytes, views)
        let again = try shop.open()
        try shop.sell(again.engine)
        #expect(again.engine.views.path != views, "the views are in another file now")
        #expect(try Self.tickets(again.engine) == 31)
        #expect(try again.engine.verify().problems == [])
        try again.close()
    }

    @Test("a log that lost its end is not gone on with under its number, wherever it was cut")
    func cutWal() throws {
        let shop = try Shop()
        let directory = try shop.open()
        for _ in 0..<6 { try shop.sell(directory.engine) }
        // What is not written back yet lies in the WAL.
        let copy = try shop.copy(to: "cut")
        let anchor = try Self.content(NodeDirectory.defaultAnchor(shop.data))
        try directory.close()
        let whole = try Self.content(copy + "/log.sqlite-wal")
        #expect(whole.count > 20_000)
        var lost = 0
        for size in stride(from: 0, through: whole.count, by: whole.count / 12) {
            for isFlipped in [false, true] {
                var wal = Array(whole[..<size])
                if isFlipped {
                    wal = whole
                    wal[min(size, whole.count - 1)] ^= 0x10
                }
                let place = shop.folder + "/cut-\(size)-\(isFlipped)"
                try Files.makeFolder(place)
                for name in try Files.names(in: copy) where !name.hasSuffix("-shm") {
                    try Files.copy(copy + "/" + name, to: place + "/" + name)
                }
                try Self.put(wal, place + "/log.sqlite-wal")
                try Self.put(anchor, place + ".anchor")
                let opened = try NodeDirectory.open(
                    place,
                    modules: .standard,
                    clock: shop.chain.clock,
                    random: SeededSource(seed: 72)
                )
                guard case .here(let found) = opened else {
                    Issue.record("taken")
                    return
                }
                let note: Comment = "\(size) bytes, flipped: \(isFlipped)"
                let count = try Self.tickets(found.engine)
                #expect((count == 36) == (found.proof == .proven), note)
                if count < 36 { lost += 1 }
                #expect(try found.engine.verify().problems == [], note)
                try found.close()
                try Files.removeFolder(place)
            }
        }
        #expect(lost > 6, "so the check can fail")
    }

    @Test("a damaged page of the log stops the node or is named by verify; nothing is written over")
    func damagedLog() throws {
        let shop = try Shop()
        let log = shop.data + "/log.sqlite"
        let whole = try Self.content(log)
        var named = 0
        let pages = whole.count / 4_096
        for page in stride(from: 1, to: pages, by: max(1, pages / 10)) {
            var bytes = whole
            let garbage = [UInt8](repeating: 0x5a, count: 4_096)
            bytes.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: garbage)
            if bytes == whole { continue }
            let place = try shop.copy(to: "page-\(page)")
            try Self.put(bytes, place + "/log.sqlite")
            try Files.copy(NodeDirectory.defaultAnchor(shop.data), to: place + ".anchor")
            do {
                let opened = try NodeDirectory.open(
                    place,
                    modules: .standard,
                    clock: shop.chain.clock,
                    random: SeededSource(seed: 73)
                )
                guard case .here(let directory) = opened else { continue }
                let problems = try directory.engine.verify().problems
                #expect(!problems.isEmpty, "page \(page)")
                try? directory.close()
            } catch let fault as StorageFault {
                #expect(fault.isCorrupt, "page \(page): \(fault)")
            } catch is LogFault {
                // What the page held could not be read as a log.
            }
            named += 1
        }
        #expect(named > 3)
    }

    @Test("the files of a newer program are refused, and stay as they are")
    func newerProgram() throws {
        let shop = try Shop()
        let log = try Database(path: shop.data + "/log.sqlite")
        try log.execute("PRAGMA user_version=9000")
        try log.checkpoint(.truncate)
        try log.close()
        let before = try Self.content(shop.data + "/log.sqlite")
        let views = try Self.content(try shop.viewsPath())
        #expect(throws: LogFault.self) { _ = try shop.open() }
        #expect(try Self.content(shop.data + "/log.sqlite") == before)
        #expect(try Self.content(try shop.viewsPath()) == views)
    }

    @Test("a second process is told where the first listens, or that it is busy")
    func twoProcesses() throws {
        let shop = try Shop()
        let first = try shop.open()
        func second() throws -> NodeDirectory.Opened {
            try NodeDirectory.open(
                shop.data,
                modules: .standard,
                clock: shop.chain.clock,
                random: SeededSource(seed: 74)
            )
        }
        let busy = #expect(throws: NodeFault.self) { _ = try second() }
        #expect(busy?.exit == .busy)
        let holder = DirectoryLock.Holder(address: "127.0.0.1:1", token: "t")
        try first.lock.announce(holder)
        guard case .elsewhere(let found) = try second() else {
            Issue.record("the directory was opened twice")
            return
        }
        #expect(found == holder)
        try shop.sell(first.engine)
        try first.close()
        #expect(try Self.content(shop.data + "/log.sqlite-wal") == [])
    }

    @Test("a clock that goes back for a year stops no sale, and every ticket keeps its order")
    func clockBack() throws {
        let shop = try Shop()
        let directory = try shop.open()
        let engine = directory.engine
        let year: Int64 = 365 * 86_400_000
        // The last lies before every price, every registration and the till's first day.
        for jump in [2 * year, -year, -(year - 86_400_000), -6 * year] {
            shop.chain.clock.time = shop.chain.clock.time.adding(milliseconds: jump)
            try shop.sell(engine)
        }
        _ = try engine.perform(CloseDay(till: shop.till, counted: nil))
        _ = try engine.perform(OpenDay(till: shop.till))
        try shop.sell(engine)
        #expect(try Self.tickets(engine) == 35)
        let own = try #require(engine.log.own)
        let commits = try engine.log.reader.commits(of: own.replica, after: 0, limit: 1_000)
        let clocks = try commits.map { try #require($0.header).clock }
        for (before, after) in zip(clocks, clocks.dropFirst()) { #expect(before < after) }
        #expect(try engine.verify().problems == [])
        try directory.close()
    }
}
