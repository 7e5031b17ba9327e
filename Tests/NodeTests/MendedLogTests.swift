// A store whose disk lost rows of its log without a word, through the real engine: the daily
// comparison fetches them again, and the views are what they were.

import Catalog
import Kernel
import Node
import Replication
import SQLite
import Sales
import Support
import Sync
import Testing

@Suite("A log that lost rows silently")
struct MendedLogTests {
    @Test("is whole after the round of the next day, and its views show each sale once")
    func whole() throws {
        let chain = try SmallChain()
        let stores = try ["S001", "S002"].map { try chain.addStore($0) }
        let nodes = try stores.enumerated().map { index, store in
            try chain.enrol(store.branch, seed: UInt64(20 + index))
        }
        for (node, store) in zip(nodes, stores) {
            _ = try node.engine.perform(OpenDay(till: store.tills[0]))
            try chain.sell(node, till: store.tills[0], 30)
        }
        let line = Line(headquarters: chain.headquarters)
        for node in nodes + nodes + nodes { #expect(try node.round(line).isComplete) }
        let engine = nodes[0].engine
        let log = engine.log
        let views = try engine.projector.digests()
        var ids: [ChangeID] = []
        try log.reader.forEachCommit(after: 0, limit: .max) { _, id, _, _ in ids.append(id) }
        // Every seventh row, of every number: its own, its neighbour's and headquarters'.
        let lost = ids.enumerated().filter { $0.offset % 7 == 3 }.map(\.element)
        #expect(Set(lost.map(\.replica)).count == 3)
        for id in lost {
            try log.database.execute("DELETE FROM commits WHERE id = \(id.rawValue)")
        }
        #expect(try !engine.verify().problems.isEmpty)
        chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
        let outcome = try nodes[0].round(line)
        #expect(outcome.isComplete)
        for id in lost { #expect(outcome.events.contains(.mended(id))) }
        #expect(try engine.verify().problems == [])
        for (left, right) in zip(views, try engine.projector.digests()) {
            #expect(left == right, "the views of \(left.module)")
        }
        #expect(try engine.views.integer("SELECT count(*) FROM sales_ticket") == 60)
        let state = NodeState(log: log)
        let alerts = chain.headquarters.server.takeAlerts()
        let device = try #require(try state.device)
        for id in lost { #expect(alerts.contains(.mended(device: device, id))) }
        let there = try chain.headquarters.engine.log.digests(
            of: state.audiences,
            leavingOut: state.withheld
        )
        #expect(try state.point.position == chain.headquarters.engine.log.end)
        #expect(try state.digests().map(\.hex) == there.map(\.hex))
    }
}
