// The laws of projecting: order, batches and duplicates change nothing; a rebuild gives the same
// bytes; what cannot be projected waits and blocks nobody.

import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("Projecting")
struct ProjectorTests {
    let seed = UInt64.random(in: 0...9_999)

    func node(_ replica: UInt32) throws -> Fixture {
        try Fixture(replica: replica, seed: seed) { [TestProjection()] }
    }

    /// Three branches that write, hear from each other now and then, and meddle with one another.
    func history(_ random: inout SeededRandom) throws -> [Fixture] {
        let nodes = try [node(1), node(2), node(3)]
        for node in nodes {
            node.now = node.now.adding(milliseconds: Int64(random.int(in: -90_000...90_000)))
        }
        var actor = TestActor(random: random.fork(label: "actor"))
        for _ in 0..<120 {
            let node = nodes[random.int(in: 0...2)]
            switch random.int(in: 0...9) {
            case 0...3: try node.commit(try actor.fact(node))
            case 4...7:
                let act = try actor.register(node)
                if !act.isEmpty, act.commits.allSatisfy({ !$0.changes.isEmpty }) {
                    try node.commit(act)
                }
            case 8: try node.commit(try actor.grant(node))
            default:
                let other = nodes[random.int(in: 0...2)]
                if other !== node {
                    try node.receive(from: other)
                    try node.catchUp()
                }
            }
        }
        return nodes
    }

    @Test("any interleaving and any cut into batches gives the same views, and so does a rebuild")
    func orderDoesNotMatter() throws {
        var random = SeededRandom(seed: seed)
        let nodes = try history(&random)
        var digests: [[ViewDigest]] = []
        for _ in 0..<4 {
            let hq = try node(0)
            var rounds = 0
            while rounds < 400 {
                rounds += 1
                let from = nodes[random.int(in: 0...2)]
                try hq.receive(from: from, limit: random.int(in: 1...7))
                if random.bool(chance: 300) { try hq.catchUp(batch: random.int(in: 1...9)) }
            }
            for other in nodes { try hq.receive(from: other) }
            try hq.catchUp(batch: random.int(in: 1...50))
            #expect(try hq.projector.quarantined().isEmpty, "seed \(seed)")
            let now = try hq.projector.digests()
            #expect(try hq.rebuiltDigests() == now, "seed \(seed)")
            digests.append(now)
        }
        #expect(Set(digests).count == 1, "seed \(seed)")
    }

    @Test("a poison commit waits, everything else flows, and its dependents are parked")
    func poison() throws {
        let branch = try node(1)
        var actor = TestActor(random: SeededRandom(seed: seed))
        try branch.append(try actor.fact(branch, amount: 100))
        let bad = try branch.append(try actor.fact(branch, amount: 9_999_999))
        var dependent = try branch.act()
        dependent.begin([.everyone])
        dependent.add(TestProjection.granted, [0xa0])
        dependent.need(try #require(bad.commits.first).id)
        try branch.append(dependent)
        var unknown = try branch.act()
        unknown.begin([.everyone])
        unknown.add(Kind(module: 77, 1), [0xa0])
        try branch.append(unknown)
        try branch.append(try actor.fact(branch, amount: 200))
        try branch.catchUp()
        let reasons = try branch.projector.quarantined().map(\.reason)
        #expect(reasons == [.outOfRange, .unmetNeed, .unknownKind])
        #expect(try branch.views.integer("SELECT sum(sum) FROM test_sums") == 300)
        #expect(branch.projector.position == branch.log.end)
        #expect(try branch.rebuiltDigests() == branch.projector.digests())
    }

    @Test("what cannot be projected is refused before it exists")
    func refusedBeforeItExists() throws {
        let branch = try node(1)
        var actor = TestActor(random: SeededRandom(seed: seed))
        try branch.commit(try actor.fact(branch, amount: 7))
        #expect(throws: ProjectionFault.self) {
            try branch.commit(try actor.fact(branch, amount: 9_999_999))
        }
        #expect(branch.log.end == 1)
        try branch.commit(try actor.fact(branch, amount: 8))
        #expect(try branch.views.integer("SELECT sum(sum) FROM test_sums") == 15)
        #expect(try branch.rebuiltDigests() == branch.projector.digests())
    }

    @Test("a ruled clock never wins an edit, whether the ruling comes before or after it")
    func clockRuling() throws {
        let branch = try node(1)
        let hq = try node(0)
        var actor = TestActor(random: SeededRandom(seed: seed))
        var act = try hq.act()
        act.begin([.everyone])
        let entity = try hq.projector.registers.draft(
            TestProjection.named,
            entity: nil,
            [(1, .text("first"))],
            into: &act
        )
        try hq.commit(act)
        try branch.receive(from: hq)
        try branch.catchUp()
        // The branch's clock is a year ahead.
        branch.now = branch.now.adding(milliseconds: 365 * 86_400_000)
        try write("from the future", entity, branch)
        hq.now = hq.now.adding(milliseconds: 60_000)
        try write("from headquarters", entity, hq)
        actor.entities = [entity]
        let ruling = ClockRuling(
            id: try hq.log.nextID(),
            replica: ReplicaNumber(1),
            from: 1,
            to: 1,
            aheadMs: 365 * 86_400_000
        )
        var rule = try hq.act()
        rule.begin([.everyone])
        rule.add(LogKind.clockRuled, ruling.body)
        let late = try node(0)
        // Headquarters knows the ruling before the edit; the other node hears of it afterwards.
        try hq.commit(rule)
        try hq.receive(from: branch)
        try hq.catchUp()
        try late.receiveForTest(branch, then: hq)
        try late.catchUp(batch: 1)
        #expect(try name(of: entity, hq) == "from headquarters")
        #expect(try name(of: entity, late) == "from headquarters")
        #expect(try hq.projector.digests() == late.projector.digests())
    }

    private func write(_ name: String, _ entity: Int64, _ node: Fixture) throws {
        var act = try node.act()
        act.begin([.everyone])
        try node.projector.registers.draft(
            TestProjection.named,
            entity: entity,
            [(1, .text(name))],
            into: &act
        )
        try node.commit(act)
    }

    private func name(of entity: Int64, _ node: Fixture) throws -> String? {
        let statement = try node.views.statement("SELECT name FROM test_names WHERE id = ?1")
        statement.bind(1, entity)
        return try statement.first { $0.text(0) }
    }

    @Test("a write that a concurrent one replaced is listed; one that was seen is not")
    func overwritten() throws {
        let hq = try node(0)
        let branch = try node(1)
        var act = try hq.act()
        act.begin([.everyone])
        let entity = try hq.projector.registers.draft(
            TestProjection.named,
            entity: nil,
            [(1, .text("first")), (2, .integer(1))],
            into: &act
        )
        try hq.commit(act)
        try branch.receive(from: hq)
        try branch.catchUp()
        try write("branch saw the first", entity, branch)
        try hq.receive(from: branch)
        try hq.catchUp()
        #expect(try hq.projector.registers.overwritten().isEmpty)
        branch.now = branch.now.adding(milliseconds: 10_000)
        try write("branch again", entity, branch)
        hq.now = branch.now.adding(milliseconds: 10_000)
        try write("headquarters did not see it", entity, hq)
        try hq.receive(from: branch)
        try hq.catchUp()
        let lost = try hq.projector.registers.overwritten()
        #expect(lost.map(\.losingValue) == [.text("branch again")])
        #expect(lost.map(\.winningValue) == [.text("headquarters did not see it")])
    }

    @Test("what is forbidden later leaves no trace, as if it had been forbidden at once")
    func forbidden() throws {
        let branch = try node(1)
        var actor = TestActor(random: SeededRandom(seed: seed))
        try branch.append(try actor.grant(branch))
        var name = try branch.act()
        name.begin([.everyone])
        name.add(TestProjection.named, [0xa1, 0x01, 0x61, 0x78])
        try branch.append(name)
        let head = try #require(branch.log.own)
        let hq = try node(0)
        try hq.receive(from: branch)
        try hq.catchUp()
        #expect(try hq.views.integer("SELECT count(*) FROM test_grants") == 1)
        let range =
            ChangeID(
                replica: head.replica,
                sequence: 1
            )...ChangeID(
                replica: head.replica,
                sequence: head.last
            )
        var rule = try hq.act()
        rule.begin([.everyone])
        rule.add(LogKind.changeForbidden, RulingBody.ranges([range]))
        try hq.commit(rule)
        #expect(try hq.views.integer("SELECT count(*) FROM test_grants") == 0)
        #expect(try hq.views.integer("SELECT count(*) FROM test_names") == 0)
        let early = try node(0)
        try early.receiveForTest(hq, then: branch)
        try early.catchUp(batch: 1)
        #expect(try early.projector.digests() == hq.projector.digests())
    }

    @Test("a fact that is held waits until a person admits it")
    func held() throws {
        let branch = try node(1)
        let hq = try node(0)
        var actor = TestActor(random: SeededRandom(seed: seed))
        try branch.append(try actor.fact(branch, amount: 40))
        let id = ChangeID(replica: ReplicaNumber(1), sequence: 1)
        try hq.log.write { try hq.log.hold(id, .beyondRights, "test") }
        try hq.receive(from: branch)
        try hq.catchUp()
        #expect(try hq.projector.quarantined().map(\.reason) == [.held])
        #expect(try hq.views.integer("SELECT count(*) FROM test_sums") == 0)
        var rule = try hq.act()
        rule.begin([.everyone])
        rule.add(LogKind.factAdmitted, RulingBody.ids([id]))
        try hq.append(rule)
        try hq.catchUp()
        #expect(try hq.projector.quarantined().isEmpty)
        #expect(try hq.views.integer("SELECT sum(sum) FROM test_sums") == 40)
        #expect(try hq.rebuiltDigests() == hq.projector.digests())
    }
}

extension Fixture {
    /// Takes everything of one node, then everything of another.
    func receiveForTest(_ first: Fixture, then second: Fixture) throws {
        try receive(from: first)
        try receive(from: second)
    }
}
