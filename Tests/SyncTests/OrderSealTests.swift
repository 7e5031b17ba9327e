// The order a node was told: who lies or was damaged mends itself, and only headquarters' own seal
// makes headquarters take itself for restored.

import Kernel
import Replication
import SQLite
import Support
import Sync
import Testing
import Wire

@Suite("The seal on headquarters' order")
struct OrderSealTests {
    /// Two branches in step with headquarters.
    private func shop() throws -> (TestChain, TestNode, TestNode) {
        let chain = try TestChain()
        let first = try chain.enrol(11)
        let second = try chain.enrol(12)
        for amount in 1...6 {
            try chain.hq.write(TestKind.price, TestKind.body(Int64(amount)), for: [.everyone])
            try chain.sell(first, 11, amount: Int64(amount))
            try chain.sell(second, 12, amount: Int64(10 + amount))
            for node in [first, second] { try chain.sync(node) }
            chain.wall = chain.wall.adding(milliseconds: 86_400_000)
        }
        for node in [first, second] { try chain.sync(node) }
        return (chain, first, second)
    }

    /// What must hold after a node with wrong settings came: headquarters goes on, and both agree.
    private func check(
        _ chain: TestChain,
        _ node: TestNode,
        isNoticed: Bool = true,
        _ what: Comment
    ) throws {
        _ = chain.hq.server.takeAlerts()
        chain.wall = chain.wall.adding(milliseconds: 7_200_000)
        let before = try node.commits()
        try chain.hq.write(TestKind.price, TestKind.body(90), for: [.everyone])
        try chain.sell(node, 11, amount: 91)
        #expect(try chain.sync(node).isComplete, what)
        #expect(try chain.sync(node).isComplete, what)
        let log = chain.hq.log
        #expect(try !log.isCareful, what)
        #expect(log.own?.replica == ReplicaNumber(0), what)
        let device = node.client.state.deviceID
        let alerts = chain.hq.server.takeAlerts()
        #expect(alerts.contains(.unproven(device: device)) == isNoticed, what)
        #expect(!alerts.contains(.headquartersRestored(claimedBy: device)), what)
        #expect(node.events.contains(.placeLost) == isNoticed, what)
        #expect(!node.events.contains(.headquartersRestored), what)
        #expect(try node.log.unsentCount() == 0, what)
        for (id, hash) in before { #expect(try node.commits()[id] == hash, what) }
        let audiences: [Audience] = [.everyone, .neighbours(of: 11)]
        let there = try log.digests(of: audiences).map(\.sum)
        #expect(try node.log.digests(of: audiences).map(\.sum) == there, what)
        try chain.sync(node)
        #expect(!chain.hq.server.takeAlerts().contains(.unproven(device: device)), what)
    }

    @Test("a lying device, and one whose settings were damaged, go back; headquarters goes on")
    func liars() throws {
        let lies: [(String, Bool)] = [
            ("UPDATE meta SET value = zeroblob(32) WHERE key = 'seen_hash'", true),
            ("UPDATE meta SET value = value + 1024 WHERE key = 'seen_position'", true),
            ("UPDATE meta SET value = zeroblob(32) WHERE key = 'cursor_hash'", true),
            ("UPDATE meta SET value = value + 1024 WHERE key = 'cursor_position'", true),
            (
                """
                UPDATE meta SET value = value + 1024
                WHERE key IN ('seen_position', 'cursor_position')
                """, true
            ),
            (
                """
                UPDATE meta SET value = value + 1024 WHERE key = 'seen_position';
                DELETE FROM meta WHERE key = 'seen_seal'
                """, true
            ),
            (
                """
                UPDATE anchors SET hash = zeroblob(32);
                DELETE FROM meta WHERE key = 'cursor_hash'
                """,
                true
            ),
            ("UPDATE marks SET sequence = sequence + 1024 WHERE mark = 1", true),
            // Who may be wrong about the seal alone says nothing that is not on the log.
            ("UPDATE meta SET value = zeroblob(16) WHERE key = 'seen_seal'", false),
        ]
        for (lie, isNoticed) in lies {
            let (chain, node, _) = try shop()
            defer { chain.end() }
            try node.log.database.execute(lie)
            try check(chain, node, isNoticed: isNoticed, "\(lie)")
        }
    }

    @Test("an epoch that nobody knows is no proof of anything")
    func epoch() throws {
        let (chain, node, other) = try shop()
        defer { chain.end() }
        try node.log.database.execute(
            "INSERT OR REPLACE INTO meta(key, value) VALUES('epoch', \(1 << 20 | 64))"
        )
        chain.wall = chain.wall.adding(milliseconds: 7_200_000)
        for member in [node, other, node] { #expect(try chain.sync(member).isComplete) }
        #expect(try !chain.hq.log.isCareful)
        #expect(chain.hq.log.own?.replica == ReplicaNumber(0))
    }

    @Test("a seal of an order that a restore lost is not believed a second time")
    func replayed() throws {
        let (chain, first, second) = try shop()
        defer { chain.end() }
        let backup = try chain.backupHeadquarters()
        try chain.sell(first, 11, amount: 20)
        for node in [first, second] { try chain.sync(node) }
        let liar = try chain.copy(first)
        try chain.restoreHeadquarters(backup, isKnown: false)
        chain.wall = chain.wall.adding(milliseconds: 7_200_000)
        try chain.sync(first)
        #expect(try chain.hq.log.isCareful, "it was restored, and the seal proves it")
        let number = try #require(chain.hq.log.own?.replica)
        try chain.sync(second)
        try chain.confirm()
        for node in [first, second] { #expect(try chain.sync(node).isComplete) }
        // The copy says that it was told the lost order by the present headquarters.
        try liar.log.database.execute(
            "INSERT OR REPLACE INTO meta(key, value) VALUES('epoch', \(number.rawValue))"
        )
        _ = try chain.sync(liar)
        #expect(try !chain.hq.log.isCareful)
        try liar.log.database.execute(
            "UPDATE meta SET value = \(number.rawValue) WHERE key = 'seen_epoch'"
        )
        _ = try chain.sync(liar)
        #expect(try !chain.hq.log.isCareful)
        #expect(chain.hq.log.own?.replica == number)
    }

    @Test("a file proves a restore by the seal, and by nothing else")
    func file() throws {
        for isLie in [true, false] {
            let (chain, node, _) = try shop()
            defer { chain.end() }
            let backup = try chain.backupHeadquarters()
            try chain.sell(node, 11, amount: 20)
            try chain.sync(node)
            if isLie {
                try node.log.database.execute(
                    "UPDATE meta SET value = value + 1024 WHERE key = 'seen_position'"
                )
            } else {
                try chain.restoreHeadquarters(backup, isKnown: false)
            }
            let bytes = try node.client.exportFile(now: chain.wall)
            let outcome = try chain.hq.server.importFile(bytes, now: chain.wall)
            #expect(outcome.isCareful == !isLie)
            #expect(try chain.hq.log.isCareful == !isLie)
        }
    }

    @Test("a device cannot make a seal with its own key")
    func ownKey() throws {
        let (chain, node, _) = try shop()
        defer { chain.end() }
        let key = try #require(try node.log.reader.metaBytes("device_key"))
        let point = LogPoint(position: 1_000, hash: SHA256.digest(of: [1]))
        let seal = OrderSeal(point, epoch: ReplicaNumber(0), key: key)
        try node.log.write {
            try node.log.reader.setMeta("seen_position", integer: point.position)
            try node.log.reader.setMeta("seen_hash", bytes: point.hash.bytes)
            try node.log.reader.setMeta("seen_seal", bytes: seal.mac)
        }
        try check(chain, node, "a seal under the device's key")
    }
}
