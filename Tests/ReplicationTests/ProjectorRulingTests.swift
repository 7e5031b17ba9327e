// What waits, what frees it, and that nothing which waits holds up anything else.

import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("What waits")
struct ProjectorRulingTests {
    func node(_ replica: UInt32 = 9) throws -> Fixture {
        try Fixture(replica: replica) { [TestProjection()] }
    }

    func sum(_ node: Fixture) throws -> Int64 {
        try node.views.integer("SELECT sum(sum) FROM test_sums") ?? 0
    }

    func reasons(_ node: Fixture) throws -> [QuarantinedCommit.Reason] {
        try node.projector.quarantined().map(\.reason)
    }

    @Test("is freed by a command of headquarters itself, in the same step")
    func admittedHere() throws {
        let hq = try node(0)
        var ghost = Ghost(1)
        let id = ghost.write(.init(changes: [TestBody.fact("a", 40)]))
        ghost.write(.init(changes: [TestBody.grant], needs: [id]))
        try hq.log.write { try hq.log.hold(id, .beyondRights, "test") }
        try ghost.sendAll(to: hq)
        try hq.catchUp()
        #expect(try reasons(hq) == [.held, .unmetNeed])
        var act = try hq.act()
        act.begin([.everyone])
        act.add(LogKind.factAdmitted, RulingBody.ids([id]))
        try hq.commit(act)
        #expect(try reasons(hq).isEmpty)
        #expect(try sum(hq) == 40)
        #expect(try hq.rebuildAndCompare() == [])
    }

    @Test("was projected before it was ruled unread: the views are rebuilt, once")
    func unreadAfterwards() throws {
        let hq = try node(0)
        var ghost = Ghost(1)
        let ids = (1...3).map { ghost.write(.init(changes: [TestBody.fact("a", Int64($0))])) }
        try ghost.sendAll(to: hq)
        try hq.catchUp()
        var act = try hq.act()
        let ruling = act.nextID
        act.begin([.everyone])
        act.add(LogKind.commitUnread, RulingBody.ids([ids[1]]))
        try hq.commit(act)
        #expect(hq.projector.needsRebuild)
        try hq.rebuild()
        #expect(!hq.projector.needsRebuild)
        #expect(try sum(hq) == 4)
        var opposite = try hq.act()
        opposite.begin([.everyone])
        opposite.add(LogKind.commitReleased, RulingBody.released([ids[1]], from: ruling))
        try hq.commit(opposite)
        #expect(try sum(hq) == 6)
        #expect(!hq.projector.needsRebuild)
        try hq.rebuild()
        #expect(!hq.projector.needsRebuild, "what was released asks for no rebuild")
        #expect(try hq.rebuildAndCompare() == [])
    }

    @Test("is ruled unread twice: undoing one ruling leaves the other")
    func unreadTwice() throws {
        let node = try node()
        var ghost = Ghost(1)
        var hq = Ghost(0)
        let id = ghost.write(.init(changes: [TestBody.fact("a", 5)]))
        let unread = DraftChange(kind: LogKind.commitUnread, body: RulingBody.ids([id]))
        let first = hq.write(.init(changes: [unread]))
        let second = hq.write(.init(changes: [unread]))
        let undo = { (ruling: ChangeID) in
            DraftChange(
                kind: LogKind.commitReleased,
                body: RulingBody.released([id], from: ruling)
            )
        }
        hq.write(.init(changes: [undo(first)]))
        try hq.sendAll(to: node)
        try ghost.sendAll(to: node)
        try node.catchUp()
        #expect(try reasons(node) == [.unread])
        hq.write(.init(changes: [undo(second)]))
        try hq.sendAll(to: node)
        try node.catchUp()
        #expect(try sum(node) == 5)
    }

    @Test("is an act as a whole, whichever of its commits is to blame")
    func acts() throws {
        for bad in 0..<3 {
            let node = try node()
            var ghost = Ghost(1)
            ghost.write(.init(changes: [TestBody.fact("a", 1)]))
            for index in 0..<3 {
                let amount: Int64 = index == bad ? 9_999_999 : 100
                ghost.write(.init(changes: [TestBody.fact("a", amount)], act: (index, 3)))
            }
            ghost.write(.init(changes: [TestBody.fact("a", 2)]))
            try ghost.sendAll(to: node)
            for _ in 0..<5 { try node.projector.catchUp(limit: 1) }
            #expect(try sum(node) == 3)
            var expected: [QuarantinedCommit.Reason] = [.act, .act, .act]
            expected[bad] = .outOfRange
            #expect(try reasons(node) == expected)
            #expect(try node.rebuildAndCompare() == [])
        }
    }

    @Test("waits for what it breaks: null in a fact, no blinding, needs of a fact, a flag, a kind")
    func reasonsToWait() throws {
        let node = try node()
        var ghost = Ghost(1)
        let null: [UInt8] = [0xa2, 0x01, 0x61, 0x61, 0x02, 0xf6]
        let first = ghost.write(
            .init(changes: [DraftChange(kind: TestProjection.added, body: null)])
        )
        ghost.write(.init(changes: [TestBody.fact("a", 1)], audiences: [(1, 0)]))
        ghost.write(.init(changes: [TestBody.fact("a", 1)], needs: [first]))
        ghost.write(.init(changes: [TestBody.fact("a", 1)], hasUnknownFlag: true))
        ghost.write(.init(changes: [DraftChange(kind: Kind(module: 9, 99), body: [0xa0])]))
        ghost.write(.init(changes: [TestBody.fact("a", 7), TestBody.fact("a", 9_999_999)]))
        ghost.write(.init(changes: [TestBody.fact("a", 64)]))
        try ghost.sendAll(to: node)
        try node.catchUp()
        let expected: [QuarantinedCommit.Reason] = [
            .violation, .notBlinded, .violation, .unknownFlag, .unknownKind, .outOfRange,
        ]
        #expect(try reasons(node) == expected)
        #expect(try sum(node) == 64)
    }

    @Test("hangs on one missing commit in a chain of thousands, and all of it follows at once")
    func longChain() throws {
        let node = try node()
        var missing = Ghost(2)
        let root = missing.write(.init(changes: [TestBody.grant]))
        var ghost = Ghost(1)
        var previous = root
        for _ in 0..<3_000 {
            previous = ghost.write(.init(changes: [TestBody.grant], needs: [previous]))
        }
        try ghost.sendAll(to: node)
        try node.catchUp()
        #expect(try reasons(node).count == 3_000)
        try missing.sendAll(to: node)
        try node.catchUp()
        #expect(try reasons(node).isEmpty)
        #expect(try node.views.integer("SELECT count(*) FROM test_grants") == 3_001)
    }

    @Test("does not slow the others down: batches stay whole around it")
    func staysFast() throws {
        let module = TestProjection()
        let log = try node()
        var ghost = Ghost(1)
        ghost.write(.init(changes: [TestBody.fact("a", 9_999_999)]))
        ghost.write(.init(changes: [TestBody.grant], needs: [ChangeID(77 << 32 | 1)]))
        let held = ghost.write(.init(changes: [TestBody.fact("a", 1)]))
        for _ in 0..<2_000 { ghost.write(.init(changes: [TestBody.fact("a", 1)])) }
        try log.log.write { try log.log.hold(held, .beyondRights, "test") }
        try ghost.sendAll(to: log)
        let projector = try Projector(
            reader: log.log.reader,
            views: Database(path: ":memory:"),
            projections: [module]
        )
        try projector.catchUpWholly()
        #expect(try projector.quarantined().map(\.reason) == [.outOfRange, .unmetNeed, .held])
        #expect(module.flushes < 12, "\(module.flushes) flushes for 2,003 commits")
    }

    @Test("is a ruling by another than headquarters, which rules nothing")
    func rogueRuling() throws {
        let node = try node()
        var ghost = Ghost(1)
        let id = ghost.write(.init(changes: [TestBody.fact("a", 5)]))
        let body = RulingBody.ids([id])
        ghost.write(.init(changes: [DraftChange(kind: LogKind.commitUnread, body: body)]))
        let erased = SubjectErased(subject: 12).body
        ghost.write(.init(changes: [DraftChange(kind: LogKind.personErased, body: erased)]))
        try ghost.sendAll(to: node)
        try node.catchUp()
        #expect(try reasons(node) == [.held, .held])
        #expect(try sum(node) == 5)
        #expect(try !node.log.isErased(12))
    }

    @Test("is a ruling that cannot be read; the commits behind it are received all the same")
    func malformedRuling() throws {
        let node = try node()
        var hq = Ghost(0)
        for kind in [
            LogKind.clockRuled, LogKind.changeForbidden, LogKind.factAdmitted,
            LogKind.commitUnread, LogKind.commitReleased, LogKind.personErased, LogKind.rowsTaken,
        ] {
            hq.write(.init(changes: [DraftChange(kind: kind, body: [0xa0])]))
        }
        hq.write(.init(changes: [TestBody.fact("a", 5)]))
        try hq.sendAll(to: node)
        try node.catchUp()
        #expect(try reasons(node) == Array(repeating: .malformed, count: 7))
        #expect(try sum(node) == 5)
    }

    @Test("for newer code is tried by it")
    func newerCode() throws {
        let log = try node()
        var ghost = Ghost(1)
        let id = ghost.write(.init(changes: [TestBody.fact("a", 5)]))
        ghost.write(.init(changes: [TestBody.grant], needs: [id]))
        try ghost.sendAll(to: log)
        let views = try Database(path: ":memory:")
        let old = TestProjection()
        old.known = [TestProjection.named, TestProjection.granted]
        let before = try Projector(
            reader: log.log.reader,
            views: views,
            projections: [old],
            kinds: old.known.sorted()
        )
        try before.catchUpWholly()
        #expect(try before.quarantined().map(\.reason) == [.unknownKind, .unmetNeed])
        let new = TestProjection()
        let after = try Projector(
            reader: log.log.reader,
            views: views,
            projections: [new],
            kinds: new.known.sorted()
        )
        #expect(after.needsRebuild)
        #expect(try after.catchUp() == 0, "other code's rows are not touched")
        try log.rebuild()
        #expect(try reasons(log).isEmpty)
        #expect(try sum(log) == 5)
    }

    @Test("is what a table refuses: the commit is to blame, not the disk")
    func constraint() throws {
        let log = try node()
        var ghost = Ghost(1)
        let ids = (1...5).map { ghost.write(.init(changes: [TestBody.fact("a", Int64($0))])) }
        try ghost.sendAll(to: log)
        let module = TestProjection()
        module.beforeFact = { (id) throws(ProjectionFault) in
            guard id == ids[2] else { return }
            let fault = StorageFault(operation: "step", code: 19 | 8 << 8, message: "UNIQUE")
            throw .storage(fault)
        }
        let projector = try Projector(
            reader: log.log.reader,
            views: Database(path: ":memory:"),
            projections: [module]
        )
        try projector.catchUpWholly()
        #expect(try projector.quarantined().map(\.id) == [ids[2]])
        #expect(try projector.views.integer("SELECT sum(sum) FROM test_sums") == 12)
    }

    @Test("is nothing after a crash between the log's commit and the views'")
    func crashBetween() throws {
        let node = try node(1)
        let change = TestBody.fact("a", 8)
        for _ in 0..<3 {
            var act = try node.act()
            act.begin([.everyone])
            act.add(change.kind, change.body)
            let prepared = try node.log.prepare(act, at: node.now)
            try node.projector.begin(prepared)
            try node.log.write { try node.log.append(prepared, at: node.now) }
            try node.projector.rollbackPending()
            #expect(node.projector.position < node.log.end)
            try node.catchUp()
        }
        #expect(try sum(node) == 24)
        #expect(try node.rebuildAndCompare() == [])
    }
}
