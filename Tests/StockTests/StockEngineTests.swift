// Stock on a real log, with rulings about clocks; and what sales do to it.

import Kernel
import Module
import Replication
import Stock
import Support
import Testing

@Suite struct StockEngineTests {
    private static func node(_ replica: UInt32) throws -> Fixture {
        try Fixture(replica: replica) {
            let router = EffectRouter()
            let stock = StockProjection(router)
            router.stock = [stock]
            return [stock]
        }
    }

    private static func receive(_ node: Fixture, cost: Int64) throws {
        var receipt = StockChangesTests.receipt
        receipt.lines = [
            GoodsReceived.Line(product: 71, quantity: .one, unitCost: UnitCost(cost))
        ]
        var act = try node.act()
        act.begin([.headquarters, .branch(1)])
        act.add(StockKind.goodsReceived, receipt.body)
        try node.commit(act)
    }

    @Test("A ruling about a clock reorders costs, before or after the receipts, and when rebuilt")
    func ruledClock() throws {
        let (centre, fast, slow) = (try Self.node(0), try Self.node(3), try Self.node(4))
        fast.now = fast.now.adding(milliseconds: 3_600_000)
        try Self.receive(fast, cost: 300)
        slow.now = slow.now.adding(milliseconds: 60_000)
        try Self.receive(slow, cost: 400)
        func last(_ node: Fixture) throws -> Int64? {
            try StockAnswers().lastCost(product: 71, branch: 1, node.views)?.rawValue
        }
        let ruling = ClockRuling(
            id: try centre.log.nextID(),
            replica: ReplicaNumber(3),
            from: 1,
            to: 1,
            aheadMs: 3_600_000
        )
        try centre.receive(from: fast)
        try centre.receive(from: slow)
        try centre.catchUp()
        #expect(try last(centre) == 300)
        var act = try centre.act()
        act.begin([.everyone])
        act.add(LogKind.clockRuled, ruling.body)
        try centre.commit(act)
        #expect(try last(centre) == 400)
        #expect(try centre.projector.digests() == centre.rebuiltDigests())
        // The slow branch learns of the ruling before the receipt it is about.
        try slow.receive(from: centre)
        try slow.catchUp()
        #expect(try last(slow) == 400)
        let stock = try centre.projector.digests().filter { $0.module == "3" }
        #expect(try slow.projector.digests().filter { $0.module == "3" } == stock)
    }

    @Test("Sales go out to customers, returns and voids come back, and the net is what was sold")
    func sales() throws {
        let fixture = try StockFixture()
        let moves: [(StockReason, Int64, Int32)] = [
            (.sale, 5_000, 0), (.sale, 2_000, 2), (.salesReturn, 1_000, 3), (.saleVoided, 500, 4),
        ]
        for (reason, quantity, day) in moves {
            let effect = StockEffect(
                change: StockViewTests.id,
                line: 0,
                businessDate: CivilDate(dayNumber: 20_780 + day),
                from: reason == .sale ? .branch(1) : .customer,
                to: reason == .sale ? .customer : .branch(1),
                product: 71,
                quantity: Quantity(quantity),
                unitCost: nil,
                reason: reason
            )
            try fixture.router.send(effect, fixture.world)
        }
        try fixture.flush()
        #expect(
            try fixture.dump() == [
                "stock_on_hand: -2 71 sale 7000 salesReturn -1000 saleVoided -500",
                "stock_on_hand: 1 71 sale -7000 salesReturn 1000 saleVoided 500 out 20782",
            ]
        )
    }
}
