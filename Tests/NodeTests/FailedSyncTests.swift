// A sync that fails: the system counts the pages as clean and shows them all the same, so that a
// later sync says yes to what the disk lacks. Nothing may be acknowledged on such a word.
// To repeat a failure: the seed is in the message.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Simulation
import Support
import Sync
import Synchronization
import Testing

/// A node on a simulated disk, which ends and is opened again.
private final class FragileNode {
    let disk: SimulatedDisk
    let storage: SimulatedStorage

    private static let lastNumber = Atomic<Int>(0)

    init(seed: UInt64) {
        let number = FragileNode.lastNumber.add(1, ordering: .relaxed).newValue
        disk = SimulatedDisk(name: "failed-sync-\(number)", seed: seed)
        storage = SimulatedStorage(disk: disk)
    }

    func open(_ chain: SmallChain) throws -> NodeEngine {
        try NodeEngine(
            storage: storage,
            log: NodeEngine.openLog(storage, random: SeededSource(seed: 77)),
            modules: .standard,
            clock: chain.clock,
            random: SeededSource(seed: 78)
        )
    }
}

@Suite("A sync that fails")
struct FailedSyncTests {
    /// A store on a disk of its own, with its day open and three sales sent.
    private struct Store {
        let chain: SmallChain
        let node: FragileNode
        let sync: NodeSync
        let till: Int64
        let cash: Int64

        init(seed: UInt64) throws {
            chain = try SmallChain()
            node = FragileNode(seed: seed)
            let place = try chain.addStore("S001")
            till = place.tills[0]
            sync = try chain.enrol(place.branch, seed: 50, storage: node.storage)
            let catalog = sync.engine.modules.questions.catalog
            cash = try #require(try catalog.tender(code: "cash", sync.engine.views)).id
            _ = try sync.engine.perform(OpenDay(till: till))
            try chain.sell(sync, till: till, 3)
        }

        /// Sells one thing under a key; true where the key was known.
        func sell(_ engine: NodeEngine, key: String) throws -> Bool {
            do {
                _ = try engine.perform(
                    CloseSale(
                        till: till,
                        items: [SaleItem(.id(chain.products[0]), quantity: .one)],
                        payments: [PaymentWish(.id(cash), amount: Fen(350))]
                    ),
                    request: key,
                    encode: { _ in [0x01] }
                )
                return false
            } catch is RequestKnown {
                return true
            }
        }
    }

    private static func tickets(_ engine: NodeEngine) throws -> Int64 {
        try engine.catchUp()
        return try engine.views.integer("SELECT count(*) FROM sales_ticket") ?? 0
    }

    @Test("a key that is found after a failed sync stands for a sale that is on the disk")
    func knownKey() throws {
        var wasKnown = 0
        for seed in 1...12 as ClosedRange<UInt64> {
            let store = try Store(seed: seed)
            let disk = store.node.disk
            disk.fail(.sync, after: 0)
            #expect(throws: CommitUndecided.self, "seed \(seed)") {
                _ = try store.sell(store.sync.engine, key: "k")
            }
            // The process ends, the machine does not; the same request comes once more.
            disk.crash(.none)
            let engine = try store.node.open(store.chain)
            if try store.sell(engine, key: "k") { wasKnown += 1 }
            // It was answered: no cut of the power may take it away.
            disk.crash(.all)
            let after = try store.node.open(store.chain)
            #expect(try Self.tickets(after) == 4, "seed \(seed)")
            #expect(try store.sell(after, key: "k"), "seed \(seed)")
            #expect(try after.verify().problems == [], "seed \(seed)")
        }
        #expect(wasKnown > 0, "what this test is about happened")
    }

    @Test("a process whose commit was not confirmed accepts nothing more")
    func inDoubt() throws {
        let store = try Store(seed: 3)
        let engine = store.sync.engine
        #expect(!engine.isInDoubt)
        store.node.disk.fail(.sync, after: 0)
        #expect(throws: CommitUndecided.self) { _ = try store.sell(engine, key: "k") }
        #expect(engine.isInDoubt)
        let refused = #expect(throws: StorageFault.self) { _ = try store.sell(engine, key: "k") }
        #expect(refused?.isIO == true && refused?.message.contains("opened again") == true)
        #expect(throws: StorageFault.self) { try engine.keepWalShort(bytesMax: 0) }
        // What was durable before can be read, and closing writes nothing back.
        #expect(try engine.views.integer("SELECT count(*) FROM sales_ticket") == 3)
        let writes = store.node.disk.counts[.write]
        try engine.close()
        #expect(store.node.disk.counts[.write] == writes)
        let again = try store.node.open(store.chain)
        #expect(!again.isInDoubt)
        _ = try store.sell(again, key: "k")
        #expect(try Self.tickets(again) == 4)
    }

    @Test("what headquarters acknowledges after a failed sync is on its disk")
    func acknowledged() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let fragile = FragileNode(seed: seed)
            let chain = try SmallChain(storage: fragile.storage)
            let place = try chain.addStore("S001")
            let store = try chain.enrol(place.branch, seed: 51)
            _ = try store.engine.perform(OpenDay(till: place.tills[0]))
            try chain.sell(store, till: place.tills[0], 5)
            // The first sync of the round that fails is that of the push or of what surrounds it.
            fragile.disk.fail(.sync, after: Int(seed) % 3)
            // Over a network the store would get no answer that it believes.
            _ = try? store.round(Line(headquarters: chain.headquarters))
            let failed = chain.headquarters.engine.isInDoubt
            #expect(failed, "seed \(seed)")
            let unsent = try store.engine.log.unsentCount()
            fragile.disk.crash(.none)
            let second = try Headquarters(engine: fragile.open(chain))
            #expect(try store.round(Line(headquarters: second)).isComplete, "seed \(seed)")
            #expect(try store.engine.log.unsentCount() == 0, "seed \(seed), before \(unsent)")
            // The store counts them as taken: headquarters must have them whatever happens.
            fragile.disk.crash(.all)
            let third = try fragile.open(chain)
            #expect(try Self.tickets(third) == 5, "seed \(seed)")
            #expect(try third.verify().problems == [], "seed \(seed)")
        }
    }

    @Test("views whose checkpoint failed are not gone on with, and are right after any cut")
    func views() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let store = try Store(seed: seed)
            let engine = store.sync.engine
            try store.chain.sell(store.sync, till: store.till, 5)
            store.node.disk.fail(.sync, after: 0)
            #expect(throws: StorageFault.self) { try engine.views.checkpoint(.passive) }
            #expect(engine.isInDoubt)
            #expect(throws: StorageFault.self) { try engine.views.checkpoint(.passive) }
            store.node.disk.crash(.none)
            let again = try store.node.open(store.chain)
            try again.views.checkpoint(.passive)
            store.node.disk.crash(.all)
            let after = try store.node.open(store.chain)
            #expect(try Self.tickets(after) == 8, "seed \(seed)")
            #expect(try after.verify().problems == [], "seed \(seed)")
        }
    }
}
