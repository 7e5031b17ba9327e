// The handshake's table, one test for each row, named after it.

import Kernel
import Replication
import Support
import Sync
import Testing
import Wire

@Suite("Handshake")
struct HandshakeTests {
    @Test("normal: the client's chain contains the server's head, and what follows is pushed")
    func normal() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        try chain.sell(node, 11, amount: 2)
        // A new process: nothing is known but what the log keeps.
        let again = try chain.copy(node)
        #expect(try chain.sync(again).isComplete)
        #expect(again.events.isEmpty)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2])
    }

    @Test("node restored from a backup: it fetches its own tail and goes on under a new number")
    func restored() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let backup = try chain.copy(node)
        for amount in 2...5 { try chain.sell(node, 11, amount: Int64(amount)) }
        try chain.sync(node)
        let old = try #require(node.log.own)
        #expect(try chain.sync(backup).isComplete)
        let own = try #require(backup.log.own)
        #expect(own.replica != old.replica)
        #expect(backup.events == [.restored(own.replica)])
        #expect(try TestChain.amounts(backup.log) == [1, 2, 3, 4, 5])
        #expect(try backup.log.reader.head(of: old.replica)?.hash == old.hash)
        try chain.sell(backup, 11, amount: 6)
        #expect(try chain.sync(backup).isComplete)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5, 6])
    }

    @Test("restored and written on: the tail is committed again under a new number")
    func fork() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        for amount in 1...3 { try chain.sell(node, 11, amount: Int64(amount)) }
        try chain.sync(node)
        let backup = try chain.copy(node)
        for amount in 4...6 { try chain.sell(node, 11, amount: Int64(amount)) }
        try chain.sync(node)
        let old = try #require(node.log.own)
        let first = try chain.sell(backup, 11, amount: 7)
        try chain.sell(backup, 11, amount: 8, id: first)
        let kept = try #require(try backup.log.reader.commit(first))
        #expect(try chain.sync(backup).isComplete)
        let own = try #require(backup.log.own)
        #expect(backup.events == [.forked(old.replica, own.replica)])
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try TestChain.amounts(backup.log) == [1, 2, 3, 4, 5, 6, 7, 8])

        let moved = ChangeID(replica: own.replica, sequence: first.sequence)
        let commit = try #require(try chain.hq.log.reader.commit(moved))
        let flags = try #require(commit.header?.flags)
        #expect(flags.was == kept.hash)
        #expect(flags.forkedFrom?.replica == old.replica)
        #expect(flags.forkedFrom?.lastCommon == first.sequence - 1)
        let next = ChangeID(replica: own.replica, sequence: first.sequence + 1)
        let body = try #require(try chain.hq.log.reader.change(next)?.body)
        #expect(body == TestKind.body(8, id: moved))
        #expect(try backup.log.forkedCommits().map(\.became) == [moved, next])
        #expect(try backup.log.areViewsStale)
    }

    @Test("cloned disk: both sold on, and every sale ends at headquarters exactly once")
    func clone() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let clone = try chain.copy(node)
        for round in 0..<4 {
            try chain.sell(node, 11, amount: Int64(10 + round))
            try chain.sell(clone, 11, amount: Int64(20 + round))
            try chain.sync(round.isMultiple(of: 2) ? clone : node)
        }
        for _ in 0..<2 {
            try chain.sync(node)
            try chain.sync(clone)
        }
        let all: [Int64] = [1, 10, 11, 12, 13, 20, 21, 22, 23]
        #expect(try TestChain.amounts(chain.hq.log) == all)
        #expect(try TestChain.amounts(node.log) == all)
        #expect(try TestChain.amounts(clone.log) == all)
        #expect(node.log.own?.replica != clone.log.own?.replica)
        #expect(try node.commits() == clone.commits())
    }

    @Test("number issued twice: one number with two incarnations, the second goes to a new one")
    func issuedTwice() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let first = try chain.enrol(11)
        let second = try chain.enrol(12)
        for node in [first, second] { try chain.sync(node) }
        let twins = [try chain.copy(first), try chain.copy(second)]
        for node in [first, second] { try chain.sync(try chain.copy(node)) }
        let backup = try chain.backupHeadquarters()
        try chain.sync(twins[0])
        try chain.sell(twins[0], 11, amount: 1)
        // The disk of headquarters went back: it forgets that it issued the number.
        try chain.restoreHeadquarters(backup, isKnown: false)
        try chain.sync(twins[1])
        let number = try #require(twins[1].log.own?.replica)
        #expect(twins[0].log.own?.replica == number)
        try chain.sell(twins[1], 12, amount: 2)
        try chain.sync(twins[1])
        try chain.sync(twins[0])
        try chain.confirm()
        for node in twins { #expect(try chain.sync(node).stop == nil) }
        #expect(twins[1].log.own?.replica == number)
        #expect(twins[0].log.own?.replica != number)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2])
    }

    @Test("an id that already has a key shows that headquarters went back: nobody is enrolled")
    func enrolAfterRollback() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let backup = try chain.backupHeadquarters()
        let first = try chain.enrol(11)
        try chain.sell(first, 11, amount: 1)
        try chain.restoreHeadquarters(backup, isKnown: false)
        #expect(throws: Enrolment.Fault.refused(.careful)) { try chain.enrol(12) }
        #expect(try chain.hq.log.isCareful)
        try chain.sync(first)
        #expect(try TestChain.amounts(chain.hq.log) == [1])
    }

    @Test("the same fork committed again twice gives the same number and the same bytes")
    func sameFork() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let backup = try chain.copy(node)
        try chain.sell(node, 11, amount: 2)
        try chain.sync(node)
        for amount in 3...5 { try chain.sell(backup, 11, amount: Int64(amount)) }
        let again = try chain.copy(backup)
        try chain.sync(backup)
        let number = try #require(backup.log.own?.replica)
        let end = chain.hq.log.end
        try chain.sync(again)
        let old = try #require(node.log.own?.replica)
        #expect(again.events.first == .forked(old, number))
        let kept = try backup.commits().filter { $0.key.replica == number }
        #expect(kept.count == 3)
        #expect(try again.commits().filter { $0.key.replica == number } == kept)
        // Two copies now stand at one head: the second is the first one's twin, and goes on apart.
        let own = try #require(again.log.own?.replica)
        #expect(again.events.last == .twin(own) && own != number)
        #expect(chain.hq.log.end == end + 1, "only the new number was issued")
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5])
    }

    @Test("twins: session nonces crossed, the stale one takes a new number and an alert is raised")
    func twins() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let twin = try chain.copy(node)
        let again = try chain.copy(node)
        try chain.sync(again)
        _ = chain.hq.server.takeAlerts()
        try chain.sync(twin)
        let old = try #require(node.log.own)
        let own = try #require(twin.log.own)
        #expect(own.replica != old.replica)
        #expect(twin.events == [.twin(own.replica)])
        #expect(
            chain.hq.server.takeAlerts().contains(
                .twin(device: old.device, old.replica)
            )
        )
        try chain.sell(twin, 11, amount: 2)
        #expect(try chain.sync(twin).isComplete)
        try chain.sell(again, 11, amount: 3)
        #expect(try chain.sync(again).isComplete)
        #expect(again.log.own?.replica == old.replica)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3])
    }

    @Test("unknown number of a known device: accepted into review, nothing handed out")
    func unknownNumber() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sync(node)
        try node.log.write {
            try node.log.adopt(
                ReplicaNumber(5_000),
                incarnation: [UInt8](repeating: 9, count: 16),
                device: node.client.state.device ?? 0
            )
        }
        let price = try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        let sale = try chain.sell(node, 11, amount: 1)
        let again = try chain.copy(node)
        let outcome = try chain.sync(again)
        #expect(again.events.contains(.review(ReplicaNumber(5_000))))
        #expect(outcome.pushed == 1)
        #expect(try again.log.reader.commit(price) == nil)
        #expect(try chain.hq.log.reader.heldCommits().map(\.id) == [sale])
    }

    @Test("a retired number: an old till switched on is received into review")
    func retired() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let number = try #require(node.log.own?.replica)
        try chain.hq.log.write { try chain.hq.log.end(number, at: chain.wall) }
        let late = try chain.sell(node, 11, amount: 2)
        let again = try chain.copy(node)
        try chain.sync(again)
        #expect(again.events.contains(.review(number)))
        #expect(try chain.hq.log.reader.heldCommits().map(\.id) == [late])
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2])
    }

    @Test("an old copy of a retired till, by now under another number, is told what is known of it")
    func retiredCopy() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        try chain.sell(node, 11, amount: 2)
        let copy = try chain.copy(node)
        for amount in 3...4 { try chain.sell(node, 11, amount: Int64(amount)) }
        try chain.sync(node)
        let number = try #require(node.log.own?.replica)
        try chain.hq.log.write { try chain.hq.log.end(number, at: chain.wall) }
        _ = try copy.log.write { try copy.log.takeSpare() }
        try chain.sell(copy, 11, amount: 5)
        for _ in 0..<2 { #expect(try chain.sync(copy).stop == nil) }
        #expect(try copy.log.unsentCount() == 0)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5])
    }

    @Test("a push whose first batch is known and whose second is new is acknowledged to its end")
    func knownThenTaken() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        func sell(_ amount: Int64) throws {
            var writer = CBORWriter()
            writer.map(2)
            writer.key(1)
            writer.integer(amount)
            writer.key(9)
            writer.text(String(repeating: "x", count: 200 << 10))
            try node.write(TestKind.sale, writer.bytes, for: [.neighbours(of: 11)])
        }
        for amount in 1...6 { try sell(Int64(amount)) }
        try chain.sync(node)
        let head = try #require(node.log.own)
        let start = try node.log.startPoint(of: head)
        try node.log.write { try node.log.setMark(.durable, of: head.replica, to: start) }
        for amount in 7...8 { try sell(Int64(amount)) }
        node.client.bytesBudget = 4 << 20
        // One push of two batches, one pull.
        #expect(try chain.sync(node, limit: 2).isComplete)
        #expect(try node.log.unsentCount() == 0)
        #expect(try TestChain.amounts(chain.hq.log) == Array(1...8))
    }

    @Test("what waits longest is known at the node, and nothing waits once all is sent")
    func oldestUnsent() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        #expect(try node.log.oldestUnsent() == nil)
        try chain.sell(node, 11, amount: 2)
        let since = chain.wall
        try chain.sell(node, 11, amount: 3)
        #expect(try node.log.oldestUnsent() == since)
    }

    @Test("where something was erased before the program died, the next start looks at the WAL")
    func erasedBeforeDeath() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        #expect(try !chain.copy(node).log.hasErased)
        try node.log.write { try node.log.erase(7) }
        #expect(try chain.copy(node).log.hasErased)
        node.log.erasureIsComplete()
        #expect(!node.log.hasErased)
    }
}
