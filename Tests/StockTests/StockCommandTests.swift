// What a person may wish for goods, what is refused, and what reports and checks show after it.

import Kernel
import Module
import Replication
import Stock
import Testing

@Suite struct StockCommandTests {
    static func receive(_ lines: [ReceiveGoods.Line], branch: Int64 = 1) -> ReceiveGoods {
        ReceiveGoods(
            branch: branch,
            date: StockFixture.today,
            lines: lines,
            supplierName: "江南食品",
            deliveryNote: "SH-7"
        )
    }

    static let water = ReceiveGoods.Line(
        product: 71,
        quantity: Quantity(10_000),
        unitCost: UnitCost(1_000_000)
    )

    @Test("Goods received at a branch are read by the branch and by headquarters alone")
    func audiences() throws {
        let act = try StockFixture().perform(Self.receive([Self.water]))
        #expect(act.commits.map(\.audiences) == [[.headquarters, .branch(1)]])
    }

    @Test("Without a cost the standard cost holds first, then the last cost at the branch")
    func costs() throws {
        let fixture = try StockFixture()
        func received(_ act: Act) throws -> GoodsReceived? {
            try act.commits.first?.changes.first.map { change in
                try change.body.withUnsafeBytes { try GoodsReceived($0) }
            }
        }
        let bare = ReceiveGoods.Line(product: 71, quantity: .one)
        let first = try received(try fixture.perform(Self.receive([bare])))
        #expect(first?.lines.first?.unitCost == UnitCost(1_200_000))
        #expect(first?.isEstimate == true)
        let second = try received(
            try fixture.perform(
                Self.receive([Self.water]),
                first: ChangeID(replica: ReplicaNumber(5), sequence: 2)
            )
        )
        #expect(second?.isEstimate == false)
        let third = try received(
            try fixture.perform(
                Self.receive([bare]),
                first: ChangeID(replica: ReplicaNumber(5), sequence: 3)
            )
        )
        #expect(third?.lines.first?.unitCost == UnitCost(1_000_000))
    }

    private static func refusal(_ wish: ReceiveGoods) throws -> (any Refusal)? {
        do {
            _ = try StockFixture().perform(wish)
            return nil
        } catch let refusal as any Refusal {
            return refusal
        }
    }

    @Test("What cannot be received is refused with its number")
    func refusals() throws {
        let over = UnitCost(-1)
        let tooMany = [ReceiveGoods.Line](repeating: Self.water, count: StockLimits.linesMax + 1)
        let cases: [(code: Int, wish: ReceiveGoods)] = [
            (3_001, Self.receive([ReceiveGoods.Line(product: 5, quantity: .one)])),
            (3_002, Self.receive([])),
            (3_003, Self.receive(tooMany)),
            (3_004, Self.receive([ReceiveGoods.Line(product: 71, quantity: .zero)])),
            (3_005, Self.receive([ReceiveGoods.Line(product: 71, quantity: Quantity(1))])),
            (3_006, Self.receive([ReceiveGoods.Line(product: 72, quantity: Quantity(1))])),
            (
                3_007,
                Self.receive([
                    ReceiveGoods.Line(product: 71, quantity: .one, unitCost: over)
                ])
            ),
            (
                3_008,
                Self.receive([
                    ReceiveGoods.Line(
                        product: 71,
                        quantity: Quantity(Quantity.limit),
                        unitCost: UnitCost(UnitCost.limit)
                    )
                ])
            ),
            (3, Self.receive([Self.water], branch: 2)),
        ]
        for (code, wish) in cases {
            #expect(try Self.refusal(wish)?.code == code)
        }
        var late = Self.receive([Self.water])
        late.date = StockFixture.today.adding(days: 1)
        let refusal = #expect(throws: StockRefusal.self) { _ = try StockFixture().perform(late) }
        #expect(refusal?.code == 3_009)
        let right = #expect(throws: CommonRefusal.self) {
            _ = try StockFixture().perform(Self.receive([Self.water]), author: 8)
        }
        #expect(right?.code == 1)
    }

    @Test("An adjustment needs a reason; what it takes may leave less than nothing")
    func adjustments() throws {
        let fixture = try StockFixture()
        var wish = AdjustStock(
            branch: 1,
            date: StockFixture.today,
            cause: .wasted,
            lines: [AdjustStock.Line(product: 71, quantity: Quantity(3_000))],
            note: " "
        )
        let refusal = #expect(throws: StockRefusal.self) { _ = try fixture.perform(wish) }
        #expect(refusal?.code == 3_011)
        wish.note = "过期"
        _ = try fixture.perform(wish)
        let onHand = try StockAnswers().onHand(branch: 1, product: 71, fixture.views)
        #expect(onHand == Quantity(-3_000))
        let findings = try StockModule().findings(fixture.reportContext)
        #expect(findings.map(\.subject) == ["S001 门店1 · P1 矿泉水"])
        #expect(findings.first?.evidence.english == "on hand -3: waste -3")
        #expect(findings.first?.proposal.chinese.contains("从未收货") == true)
    }

    @Test("The stock report values goods at their last cost and flags what is below zero")
    func report() throws {
        let fixture = try StockFixture()
        _ = try fixture.perform(Self.receive([Self.water]))
        let apples = AdjustStock(
            branch: 1,
            date: StockFixture.today,
            cause: .missing,
            lines: [AdjustStock.Line(product: 72, quantity: Quantity(500))],
            note: "盘亏"
        )
        _ = try fixture.perform(
            apples,
            first: ChangeID(replica: ReplicaNumber(5), sequence: 2)
        )
        let table = try StockReport().run(ReportRequest(), fixture.reportContext)
        #expect(table.columns.map(\.key).count == table.rows.first?.count)
        let today = StockFixture.today
        #expect(
            table.rows == [
                [
                    .text("S001"), .text("门店1"), .text("P1"), .text("矿泉水"), .text("瓶"),
                    .quantity(Quantity(10_000)), .unitCost(UnitCost(1_000_000)), .fen(Fen(1_000)),
                    .integer(46), .date(today), .empty, .empty,
                ],
                [
                    .text("S001"), .text("门店1"), .text("P2"), .text("苹果"), .text("kg"),
                    .quantity(Quantity(-500)), .empty, .empty, .empty, .empty, .empty,
                    .words(LocalText("是", "yes")),
                ],
            ]
        )
        let negative = ReportRequest(options: ["negative": "yes"])
        #expect(try StockReport().run(negative, fixture.reportContext).rows.count == 1)
        let elsewhere = ReportRequest(branch: 2)
        #expect(try StockReport().run(elsewhere, fixture.reportContext).rows.isEmpty)
        #expect(throws: ReportFault.self) {
            _ = try StockReport().run(
                ReportRequest(options: ["zero": "maybe"]),
                fixture.reportContext
            )
        }
    }
}
