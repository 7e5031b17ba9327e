// Registers: which write wins, which is listed as lost, and what is not worth writing.

import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("Registers")
struct RegisterTests {
    private let entity = ChangeID(5 << 32 | 1)

    private func node(_ replica: UInt32 = 9) throws -> Fixture {
        try Fixture(replica: replica) { [TestProjection()] }
    }

    private func name(_ node: Fixture) throws -> String? {
        let statement = try node.views.statement("SELECT name FROM test_names WHERE id = ?1")
        statement.bind(1, entity.rawValue)
        return try statement.first { $0.text(0) }
    }

    private func write(_ node: Fixture, _ name: String) throws -> Bool {
        var act = try node.act()
        act.begin([.everyone])
        try node.projector.registers.draft(
            TestProjection.named,
            entity: entity.rawValue,
            [(1, .text(name))],
            into: &act
        )
        if act.isEmpty { return false }
        try node.commit(act)
        return true
    }

    @Test("are won by who has seen the other's write, though the other's clock is ahead")
    func seenBeatsClock() throws {
        let hq = try node(0)
        let branch = try node(1)
        branch.now = branch.now.adding(milliseconds: 180_000)
        #expect(try write(branch, "branch, three minutes ahead"))
        try hq.receive(from: branch)
        try hq.catchUp()
        #expect(try write(hq, "headquarters, having seen it"))
        #expect(try name(hq) == "headquarters, having seen it")
        #expect(try hq.projector.registers.overwritten().isEmpty)
        #expect(try hq.rebuildAndCompare() == [])
    }

    @Test("are not written where nothing changes, and cleared by null")
    func nothingChanges() throws {
        let hq = try node(0)
        #expect(try write(hq, "a"))
        #expect(try !write(hq, "a"))
        var act = try hq.act()
        act.begin([.everyone])
        let fresh = try hq.projector.registers.draft(
            TestProjection.named,
            entity: nil,
            [(1, .text("b")), (2, .null)],
            into: &act
        )
        try hq.commit(act)
        let change = try #require(try hq.log.reader.change(ChangeID(fresh)))
        #expect(change.body == [0xa1, 0x01, 0x61, 0x62], "a new entity has nothing to clear")
        var clear = try hq.act()
        clear.begin([.everyone])
        try hq.projector.registers.draft(
            TestProjection.named,
            entity: entity.rawValue,
            [(1, .null)],
            into: &clear
        )
        try hq.commit(clear)
        #expect(try name(hq) == nil)
    }

    @Test(
        "are lost only where the winner's chain does not reach, even across what is forbidden"
    )
    func chains() throws {
        let node = try node()
        var one = Ghost(1)
        var two = Ghost(2)
        var three = Ghost(3)
        let a = one.write(.init(changes: [TestBody.name(entity, "a")], clock: 10))
        let b = two.write(.init(changes: [TestBody.name(entity, "b")], needs: [a], clock: 20))
        three.write(.init(changes: [TestBody.name(entity, "c")], needs: [b], clock: 30))
        for ghost in [three, one, two] { try ghost.sendAll(to: node) }
        try node.catchUp()
        let registers = node.projector.registers
        #expect(try registers.overwritten().isEmpty, "c saw b, which saw a")
        // What is forbidden wins nothing, and was seen all the same.
        var hq = Ghost(0)
        let forbid = DraftChange(kind: LogKind.changeForbidden, body: RulingBody.ranges([b...b]))
        hq.write(.init(changes: [forbid]))
        try hq.sendAll(to: node)
        try node.catchUp()
        #expect(try registers.overwritten().isEmpty)
        // Two that lost, of which the later had seen the earlier: one is listed.
        let d = one.write(.init(changes: [TestBody.name(entity, "d")], clock: 25))
        let e = two.write(.init(changes: [TestBody.name(entity, "e")], needs: [d], clock: 26))
        for ghost in [one, two] { try ghost.sendAll(to: node) }
        try node.catchUp()
        let lost = try registers.overwritten()
        #expect(lost.map(\.loser) == [e])
        #expect(lost.map(\.losingTime) == [ClockStamp(26)])
        #expect(lost.map(\.winningTime) == [ClockStamp(30)])
        #expect(lost.map(\.losingValue) == [.text("e")])
        #expect(try node.rebuildAndCompare() == [])
    }

    @Test("of a branch that never listened are told in time, however many there are")
    func manyLost() throws {
        let node = try node()
        var one = Ghost(1)
        var two = Ghost(2)
        for index in 0..<1_500 {
            let clock = Int64(1_000 + index)
            one.write(.init(changes: [TestBody.name(entity, "one \(index)")], clock: clock))
            two.write(.init(changes: [TestBody.name(entity, "two \(index)")], clock: clock))
        }
        for ghost in [one, two] { try ghost.sendAll(to: node) }
        try node.catchUp()
        let lost = try node.projector.registers.overwritten()
        #expect(lost.map(\.losingValue) == [.text("one 1499")])
    }
}
