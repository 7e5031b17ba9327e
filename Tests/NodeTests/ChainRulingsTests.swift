// What a person decides about whole chains: a lost device, a number in review, a hole.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Sync
import Testing
import Wire

@Suite("The rulings of a person about chains")
struct ChainRulingsTests {
    private func store() throws -> (SmallChain, Store) {
        let chain = try SmallChain()
        let store = try Store(chain, chain.addStore("S001"), seed: 10)
        try store.sync()
        try store.openDay()
        try store.sync()
        return (chain, store)
    }

    private func tickets(_ engine: NodeEngine) throws -> Int64? {
        try engine.views.integer("SELECT count(*) FROM sales_ticket")
    }

    @Test("revoke a device in one transaction, so that others hear of it")
    func revokes() throws {
        let (chain, store) = try store()
        let hq = chain.headquarters.engine
        let device = try #require(try hq.log.devices().first)
        try hq.revoke(device: device.id, reason: "遗失")
        #expect(try hq.log.device(device.id)?.isRevoked == true)
        #expect(Audience.everyone.packed == 0)
        let told = try hq.log.database.integer("SELECT max(last) FROM delivery WHERE audience = 0")
        #expect(told == hq.log.end)
        try store.sell(1)
        let outcome = try store.node.round(Line(headquarters: chain.headquarters))
        #expect(!outcome.isComplete)
        #expect(try tickets(hq) == 0)
    }

    @Test("accept all that waits under a number that was ended, and refuse one that waits for none")
    func accepts() throws {
        let (chain, store) = try store()
        let hq = chain.headquarters.engine
        let number = try #require(store.node.engine.log.own).replica
        #expect(try hq.numbersInReview() == [])
        #expect(throws: RulingRefusal.notInReview(number)) { try hq.accept(number) }
        try hq.log.write { try hq.log.end(number, at: chain.clock.now()) }
        for _ in 0..<3 { try store.sell(1) }
        _ = try store.node.round(Line(headquarters: chain.headquarters))
        #expect(try tickets(hq) == 0)
        let review = try #require(try hq.numbersInReview().first)
        #expect(review.number == number)
        #expect(review.waiting == 3)
        #expect(try hq.accept(number) == 3)
        #expect(try tickets(hq) == 3)
        #expect(try hq.numbersInReview() == [])
        #expect(try hq.projector.quarantined() == [])
        #expect(try hq.verify().problems == [])
    }

    @Test("name a hole as lost: what waits behind it is counted in")
    func givesUp() throws {
        let (chain, store) = try store()
        let hq = chain.headquarters.engine
        let log = store.node.engine.log
        let own = try #require(log.own)
        for _ in 0..<2 { try store.sell(1) }
        let sales = try log.reader.commits(of: own.replica, after: own.last, limit: 9)
        try #require(sales.count == 2)
        #expect(try hq.holes() == [])
        #expect(throws: RulingRefusal.noHole(own.replica)) {
            try hq.giveUp(own.replica, reason: "x")
        }
        // As a node hands it back to a headquarters that lacks what comes before.
        let waiting = try hq.log.database.statement(
            "INSERT INTO waiting(id, hash, bytes, previous, stamp) VALUES(?1, ?2, ?3, ?4, ?5)"
        )
        waiting.bind(1, sales[1].id.rawValue)
        waiting.bind(2, sales[1].hash.bytes)
        waiting.bind(3, sales[1].bytes)
        waiting.bind(4, sales[0].hash.bytes)
        waiting.bind(5, [UInt8](repeating: 0, count: 16))
        try waiting.run()
        let hole = try #require(try hq.holes().first)
        #expect(hole.number == own.replica)
        #expect(hole.after == own.last)
        #expect(hole.first == sales[1].id)
        #expect(hole.waiting == 1)
        let report = try hq.report("findings", ReportRequest())
        #expect(report.table.rows.contains { $0.first == .text("log.hole") })
        #expect(throws: RulingRefusal.reasonMissing) { try hq.giveUp(own.replica, reason: " ") }
        // Its device still has what is missing: it is not given up before it is revoked.
        #expect(throws: RulingRefusal.mayComeBack(own.device)) {
            try hq.giveUp(own.replica, reason: "硬盘损坏")
        }
        try hq.revoke(device: own.device, reason: "硬盘损坏")

        #expect(try hq.giveUp(own.replica, reason: "硬盘损坏") == 1)
        #expect(try hq.holes() == [])
        #expect(try tickets(hq) == 1)
        #expect(try hq.views.integer("SELECT id FROM sales_ticket") == sales[1].id.rawValue)
        #expect(try hq.projector.quarantined() == [])
    }
}
