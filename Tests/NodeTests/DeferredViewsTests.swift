// Views that are committed once for many acts: nothing that the log holds is lost by a crash, a
// refusal or an act that cannot be projected, and readers see it as soon as the queue is empty.

import Catalog
import Foundation
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Support
import Sync
import Testing

@Suite("Deferred views")
struct DeferredViewsTests {
    private struct Store {
        let chain: SmallChain
        let node: NodeSync
        let till: Int64
        let folder: String

        var engine: NodeEngine { node.engine }

        init() throws {
            folder = FileManager.default.temporaryDirectory.path + "/deferred-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            chain = try SmallChain()
            let branch = try chain.addStore("S001")
            till = branch.tills[0]
            let storage = FolderStorage(folder: folder)
            node = try chain.enrol(branch.branch, seed: 10, storage: storage)
            _ = try engine.perform(OpenDay(till: till))
            engine.viewsDeferredMax = 8
        }

        func sell(_ count: Int) throws { try chain.sell(node, till: till, count) }

        /// What another connection sees of the views.
        func seen() throws -> Int64? {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let name = try #require(
                names.first { $0.hasSuffix(".sqlite") && $0.hasPrefix("views") }
            )
            let reader = try Database(
                path: folder + "/" + name,
                options: Database.Options(role: .reader)
            )
            defer { try? reader.close() }
            return try reader.integer("SELECT count(*) FROM sales_ticket")
        }

        var held: Int64? {
            get throws { try engine.views.integer("SELECT count(*) FROM sales_ticket") }
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test("are seen by others once the queue is empty, or the limit is reached")
    func seen() throws {
        let store = try Store()
        defer { store.remove() }
        try store.sell(5)
        #expect(try store.held == 5)
        #expect(try store.seen() == 0)
        try store.engine.settle()
        #expect(try store.seen() == 5)
        try store.sell(8)
        #expect(try store.seen() == 13)
        try store.sell(1)
        _ = try store.engine.catchUpABit()
        #expect(try store.seen() == 14)
        #expect(try store.engine.verify().problems == [])
    }

    @Test("have their sums written when anyone looks, and before a day that rolls over by itself")
    func sums() throws {
        let store = try Store()
        defer { store.remove() }
        let engine = store.engine
        let counted: StaticString = "SELECT coalesce(sum(tickets), 0) FROM sales_day"
        try store.sell(3)
        #expect(try engine.projector.connection.integer(counted) == 0)
        #expect(try engine.views.integer(counted) == 3)
        try store.sell(2)
        #expect(try engine.projector.connection.integer(counted) == 3)
        store.chain.clock.time = store.chain.clock.time.adding(milliseconds: 86_400_000)
        try store.sell(1)
        let tickets: StaticString = "SELECT tickets FROM sales_seal"
        #expect(try engine.projector.connection.integer(tickets) == 5)
        // A command that asks sums, and one that is refused, with sums to be written.
        try store.sell(1)
        let sale = try #require(
            try engine.views.integer("SELECT max(id) FROM sales_ticket").map { ChangeID($0) }
        )
        try store.sell(1)
        _ = try engine.perform(VoidSale(sale: sale, reason: "错"))
        let nothing = CloseSale(till: store.till, items: [], payments: [])
        try store.sell(1)
        #expect(throws: (any Error).self) { try engine.perform(nothing) }
        #expect(try engine.projector.connection.integer(counted) == 7)
        let before = try engine.projector.digests()
        try engine.settle()
        #expect(try engine.projector.digests() == before)
        try engine.rebuild()
        #expect(try engine.projector.digests() == before)
        #expect(try engine.verify().problems == [])
    }

    @Test("follow from the log after a crash, and are those of a rebuild")
    func crash() throws {
        let store = try Store()
        defer { store.remove() }
        try store.sell(5)
        // What a killed process leaves: the files as the system has them.
        let copy = store.folder + "-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: store.folder, toPath: copy)
        let storage = FolderStorage(folder: copy)
        let engine = try NodeEngine(
            storage: storage,
            log: NodeEngine.openLog(storage, random: SeededSource(seed: 5)),
            modules: .standard,
            clock: store.chain.clock,
            random: SeededSource(seed: 5)
        )
        #expect(try engine.views.integer("SELECT count(*) FROM sales_ticket") == 5)
        let before = try engine.projector.digests()
        try engine.rebuild()
        #expect(try engine.projector.digests() == before)
        #expect(try store.engine.projector.digests() == before)
    }

    @Test("keep what came before a refusal, and before a sync")
    func refusal() throws {
        let store = try Store()
        defer { store.remove() }
        try store.sell(3)
        let nothing = CloseSale(till: store.till, items: [], payments: [])
        #expect(throws: (any Error).self) { try store.engine.perform(nothing) }
        try store.sell(1)
        #expect(try store.held == 4)
        #expect(try store.node.round(Line(headquarters: store.chain.headquarters)).isComplete)
        try store.sell(1)
        try store.engine.batch { try store.sell(2) }
        #expect(try store.held == 7)
        #expect(try store.seen() == 7)
        #expect(throws: (any Error).self) {
            try store.engine.batch {
                try store.sell(1)
                _ = try store.engine.perform(nothing)
            }
        }
        #expect(try store.held == 7)
        try store.sell(1)
        #expect(try store.engine.verify().problems == [])
        try store.engine.close()
        #expect(try store.seen() == 8)
    }
}
