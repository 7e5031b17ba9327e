// What a device may see, as it grows and shrinks; what is judged late; what is beyond its rights.

import Kernel
import Replication
import Support
import Sync
import Testing
import Wire

@Suite("Audiences and judging")
struct AudienceTests {
    @Test("a grown set first brings what it holds at or below the cursor, and can be cut anywhere")
    func grows() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(12)
        for amount in 1...40 { try chain.sell(other, 12, amount: Int64(amount)) }
        try chain.sync(other)
        for amount in 50...52 { try chain.sell(node, 11, amount: Int64(amount)) }
        try chain.sync(node)
        #expect(try TestChain.amounts(node.log) == [50, 51, 52])
        chain.hq.extra[node.client.state.deviceID] = [.neighbours(of: 12)]
        node.client.bytesBudget = 200
        // The line breaks again and again: each round takes up where the last one stopped.
        var rounds = 0
        while try TestChain.amounts(node.log).count < 43, rounds < 200 {
            rounds += 1
            node.client.begin(now: chain.wall)
            for _ in 0..<3 {
                guard let request = try node.client.nextRequest(now: chain.wall) else { break }
                let response = try chain.serve(request)
                node.client.bytesBudget = 200
                try node.client.take(
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                    now: chain.wall
                )
            }
        }
        #expect(rounds > 3)
        #expect(try chain.sync(node).isComplete)
        #expect(try TestChain.amounts(node.log) == Array(1...40) + [50, 51, 52])
    }

    @Test("what was taken away is deleted, own commits only when protected, and a receipt comes")
    func shrinks() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(12)
        let id = node.client.state.deviceID
        chain.hq.extra[id] = [.neighbours(of: 12), .group(99)]
        for amount in 1...3 { try chain.sell(other, 12, amount: Int64(amount)) }
        let own = try node.write(TestKind.sale, TestKind.body(7), for: [.group(99)])
        try chain.sell(node, 11, amount: 8)
        for member in [other, node] { try chain.sync(member) }
        #expect(try TestChain.amounts(node.log) == [1, 2, 3, 7, 8])

        chain.hq.extra[id] = []
        try chain.sync(node)
        #expect(try TestChain.amounts(node.log) == [7, 8], "its own is not yet protected")
        #expect(node.events.contains(.wiped(3)))
        let receipt = chain.hq.server.takeAlerts().contains { alert in
            if case .wiped(id, _) = alert { return true }
            return false
        }
        #expect(receipt)
        #expect(try node.log.areViewsStale)

        chain.hq.extra[id] = [.group(99)]
        try chain.sync(node)
        chain.hq.protectedThrough = chain.hq.log.end
        try chain.sync(node)
        chain.hq.extra[id] = []
        try chain.sync(node)
        #expect(try TestChain.amounts(node.log) == [8])
        #expect(try node.log.reader.commit(own) == nil)
        // The chain still verifies: the hash before the gap stands beside the commit after it.
        let next = ChangeID(replica: own.replica, sequence: own.sequence + 1)
        let after = try #require(try node.log.reader.commit(next))
        let previous = try node.log.previousHash(of: next)
        #expect(after.bytes.withUnsafeBytes { Chain.next(previous, $0) } == after.hash)
    }

    @Test("nothing is handed out that is not judged; what is judged late comes by name, once")
    func judgedLate() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let held = try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        let free = try chain.hq.write(TestKind.price, TestKind.body(2), for: [.everyone])
        chain.hq.withheld = [held]
        try chain.sync(node)
        #expect(try node.log.reader.commit(held) == nil)
        #expect(try node.log.reader.commit(free) != nil)
        chain.hq.withheld = []
        try chain.hq.log.write { try chain.hq.log.release([held], at: chain.wall) }
        try chain.sync(node)
        let late = try #require(try node.log.reader.commit(held))
        let ruling = try node.log.reader.commits(
            of: ReplicaNumber(0),
            after: free.sequence,
            limit: 9
        )
        #expect(ruling.contains { $0.position > late.position }, "it stands before the ruling")
        let fresh = try chain.enrol(11)
        try chain.sync(fresh)
        #expect(try fresh.log.reader.commit(held) != nil)
        chain.hq.judgedThrough = chain.hq.log.end
        let later = try chain.hq.write(TestKind.price, TestKind.body(3), for: [.everyone])
        try chain.sync(node)
        #expect(try node.log.reader.commit(later) == nil)
        chain.hq.judgedThrough = .max
        try chain.sync(node)
        #expect(try node.log.reader.commit(later) != nil)
    }

    @Test("old commits are given to a new audience by name, and stay when the set changes")
    func widened() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(12)
        let sale = try chain.sell(other, 12, amount: 5)
        for member in [other, node] { try chain.sync(member) }
        #expect(try node.log.reader.commit(sale) == nil)
        try chain.hq.log.write {
            try chain.hq.log.widen([sale], to: .branch(11), at: chain.wall)
        }
        try chain.sync(node)
        #expect(try node.log.reader.commit(sale) != nil)
        let fresh = try chain.enrol(11)
        try chain.sync(fresh)
        #expect(try fresh.log.reader.commit(sale) != nil)
        chain.hq.extra[node.client.state.deviceID] = [.group(5)]
        try chain.sync(node)
        chain.hq.extra[node.client.state.deviceID] = []
        try chain.sync(node)
        #expect(try node.log.reader.commit(sale) != nil)
    }

    @Test("register writes and grants beyond the rights are kept, ruled forbidden, and answered")
    func forbidden() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let price = try node.write(TestKind.price, TestKind.body(1), for: [.branch(11)])
        let other = try node.write(TestKind.note, TestKind.body(1), for: [.branch(12)])
        let own = try node.write(TestKind.note, TestKind.body(1), for: [.branch(11)])
        let grant = try node.write(TestKind.grant, TestKind.body(1), for: [.branch(11)])
        try chain.sync(node)
        let log = chain.hq.log
        #expect(try log.reader.commit(price) != nil, "kept")
        var ruled: [ClosedRange<ChangeID>] = []
        var readers: Set<Audience> = []
        try log.reader.forEachCommit(after: 0, limit: .max) { _, _, _, bytes in
            try CommitCodec.forEachChange(in: bytes) { header, _, kind, body in
                guard kind == LogKind.changeForbidden else { return }
                ruled += try RulingBody.ranges(body)
                readers.formUnion(header.audiences)
            }
        }
        #expect(Set(ruled) == [price...price, other...other, grant...grant])
        #expect(!ruled.contains(own...own))
        #expect(readers.contains(.branch(11)), "the author's branch hears of it")
        #expect(try log.reader.heldCommits().map(\.id) == [grant])
        #expect(chain.hq.server.takeAlerts().contains(.forbidden(device: 1, 3)))
    }

    @Test("a fact beyond the rights waits for a person, and goes out once it is admitted")
    func heldFact() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(11)
        let fact = try node.write(TestKind.decree, TestKind.body(1), for: [.branch(11)])
        for member in [node, other] { try chain.sync(member) }
        let log = chain.hq.log
        #expect(try log.reader.heldCommits().map(\.id) == [fact])
        #expect(try other.log.reader.commit(fact) == nil)
        try log.write {
            _ = try log.rule(at: chain.wall) { act in
                act.begin([.headquarters, .branch(11)])
                act.add(LogKind.factAdmitted, RulingBody.ids([fact]))
            }
            try log.release([fact], at: chain.wall)
        }
        #expect(try log.reader.heldCommits().isEmpty)
        try chain.sync(other)
        #expect(try other.log.reader.commit(fact) != nil)
    }

    @Test(
        "a clock off by more than 5 minutes is ruled before its commits, and the node starts anew"
    )
    func clock() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sync(node)
        let right = node.now
        node.now = { right().adding(milliseconds: 3_600_000) }
        let sale = try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let log = chain.hq.log
        let commit = try #require(try log.reader.commit(sale))
        let header = try #require(commit.header)
        let effective = try log.reader.effectiveTime(of: sale, clock: header.clock)
        let off = header.clock.milliseconds - effective.milliseconds
        #expect(abs(off - 3_600_000) < 5_000)
        let before = try log.reader.commits(of: ReplicaNumber(0), after: 1, limit: 9)
        let ruling = try #require(before.first { $0.header?.kinds == [LogKind.clockRuled] })
        #expect(ruling.position < commit.position)
        node.now = right
        try chain.sync(node)
        let next = try chain.sell(node, 11, amount: 2)
        let stamp = try #require(try node.log.reader.commit(next)?.header?.clock)
        #expect(abs(stamp.wallTime.milliseconds - chain.wall.milliseconds) < 5_000)
    }

    @Test("a clock within 5 minutes is left alone")
    func clockWithin() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let right = node.now
        node.now = { right().adding(milliseconds: 240_000) }
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        let kinds = try chain.hq.log.reader.commits(of: ReplicaNumber(0), after: 0, limit: 99)
            .compactMap { $0.header?.kinds }
        #expect(!kinds.contains([LogKind.clockRuled]))
        #expect(node.events.contains { if case .clockOff = $0 { true } else { false } })
    }

    @Test("an erased person stays erased through push, pull, and a record that comes late")
    func erased() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(11)
        let id = try node.write(
            TestKind.note,
            TestKind.body(1),
            for: [.branch(11)],
            personal: [(77, "李四")]
        )
        try chain.sync(node)
        try chain.sync(other)
        let stale = try chain.copy(node)
        try chain.hq.log.write {
            _ = try chain.hq.log.rule(at: chain.wall) { act in
                act.begin([.everyone])
                act.add(LogKind.personErased, SubjectErased(subject: 77).body)
            }
        }
        for member in [node, other] { try chain.sync(member) }
        for log in [chain.hq.log, node.log, other.log] {
            #expect(try log.reader.personal(id, 0) == nil)
            #expect(try log.isErased(77))
        }
        // A copy from before the erasure offers the record again at every door.
        let record = try #require(try stale.log.personalRecords(of: id).first)
        #expect(try chain.hq.log.write { try chain.hq.log.receive(record) })
        #expect(try chain.hq.log.reader.personal(id, 0) == nil)
        try chain.sync(stale)
        #expect(try stale.log.reader.personal(id, 0) == nil)
        let again = try node.write(
            TestKind.note,
            TestKind.body(2),
            for: [.branch(11)],
            personal: [(77, "李四")]
        )
        try chain.sync(node)
        #expect(try chain.hq.log.reader.personal(again, 0) == nil)
        #expect(try chain.hq.log.missingPersonal(of: nil, limit: 9).isEmpty)
    }

    @Test("a revoked device is refused at its next request, and told so under its own key")
    func revoked() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        try chain.hq.log.write {
            try chain.hq.log.revoke(node.client.state.deviceID, reason: "lost", at: chain.wall)
        }
        let end = chain.hq.log.end
        try chain.sell(node, 11, amount: 2)
        #expect(try chain.sync(node).stop == .refused(.revoked))
        #expect(chain.hq.log.end == end)
        #expect(try node.log.unsentCount() == 1, "nothing is dropped")
    }
}
