// What waits beside the chains of a restored headquarters when a person confirms.

import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("Settling what was handed back")
struct SettlingTests {
    /// Headquarters with the history of number 5 that it keeps, and the one it is handed back.
    private func restored(_ other: Ghost) throws -> Fixture {
        let hq = try Fixture { [TestProjection()] }
        var kept = Ghost(5)
        for amount in 1...3 { kept.write(.init(changes: [TestBody.fact("kept", Int64(amount))])) }
        try kept.sendAll(to: hq)
        var previous = Chain.start(
            realm: Fixture.realm,
            replica: other.replica,
            incarnation: other.incarnation
        )
        try hq.log.write {
            try hq.log.becomeRestored(at: hq.now)
            for commit in other.commits {
                let outcome = try commit.bytes.withUnsafeBytes { bytes in
                    let stamp = [UInt8](repeating: 1, count: 16)
                    return try hq.log.takeBack(
                        HandedBack(previous: previous, stamp: stamp, bytes: bytes)
                    )
                }
                #expect(outcome == .waiting)
                previous = commit.hash
            }
        }
        return hq
    }

    private func confirm(_ hq: Fixture) throws -> Settlement {
        try hq.log.write {
            try hq.log.confirmRestored(shapes: BodyShapes([:]), at: hq.now)
        }
    }

    @Test("another history is committed again once, under a number of headquarters")
    func otherHistory() throws {
        var other = Ghost(5)
        for amount in 4...6 { other.write(.init(changes: [TestBody.fact("other", Int64(amount))])) }
        let hq = try restored(other)
        let settlement = try confirm(hq)
        let number = try #require(settlement.recommitted.first?.number)
        #expect(settlement.recommitted.first?.commits == 3)
        let again = try hq.log.reader.commits(of: number, after: 0, limit: 9)
        #expect(again.map { $0.header?.flags.was } == other.commits.map(\.hash))
        #expect(try hq.log.waitingCounts() == [:])
        #expect(try hq.log.isCareful == false)
        #expect(try confirm(hq).recommitted.isEmpty, "once")
    }

    @Test("a history with flags of newer code waits for it, and does not stop the person")
    func unknownFlag() throws {
        var other = Ghost(5)
        other.write(.init(changes: [TestBody.fact("other", 4)], hasUnknownFlag: true))
        let hq = try restored(other)
        let settlement = try confirm(hq)
        #expect(settlement.recommitted.isEmpty)
        #expect(settlement.waiting == 1)
        #expect(try hq.log.isCareful == false)
    }

    @Test("clocks that were ruled are ruled again, a run at once")
    func clocks() throws {
        var other = Ghost(5)
        for amount in 4...6 { other.write(.init(changes: [TestBody.fact("other", Int64(amount))])) }
        let hq = try restored(other)
        try hq.log.write {
            let ruling = ClockRuling(
                id: try hq.log.nextID(),
                replica: other.replica,
                from: 1,
                to: 3,
                aheadMs: 600_000
            )
            _ = try hq.log.rule(at: hq.now) { act in
                act.begin([.everyone])
                act.add(LogKind.clockRuled, ruling.body)
            }
        }
        let before = try rulings(hq)
        let settlement = try confirm(hq)
        let number = try #require(settlement.recommitted.first?.number)
        #expect(try rulings(hq) == before + 1)
        for commit in try hq.log.reader.commits(of: number, after: 0, limit: 9) {
            let clock = try #require(commit.header?.clock)
            let effective = try hq.log.reader.effectiveTime(of: commit.id, clock: clock)
            #expect(clock.rawValue - effective.rawValue == 600_000 * 4_096)
        }
    }

    private func rulings(_ hq: Fixture) throws -> Int64 {
        try hq.log.database.integer("SELECT count(*) FROM clock_rulings") ?? 0
    }
}
