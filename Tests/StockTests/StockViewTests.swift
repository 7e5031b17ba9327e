// What the view of Stock derives, in any order and any cut of batches.

import Kernel
import Module
import Replication
import SQLite
import Testing

@testable import Stock

@Suite struct StockViewTests {
    static let id = ChangeID(replica: ReplicaNumber(5), sequence: 1)

    @Test("Goods received are on hand, and stand against goods received without an invoice")
    func receipt() throws {
        let fixture = try StockFixture()
        try fixture.apply(
            StockKind.goodsReceived,
            StockChangesTests.receipt.body,
            id: Self.id,
            clock: .zero
        )
        try fixture.flush()
        let answers = StockAnswers()
        let onHand = try answers.onHand(branch: 1, product: 72, fixture.views)
        #expect(onHand == Quantity(12_500))
        let cost = try answers.lastCost(product: 72, branch: 1, fixture.views)
        #expect(cost == UnitCost(8_849_558))
        // 12.5 × 8.849558 = 110.619475, rounded to the fen.
        let lines = [
            LedgerLine(.debit, .stockStore, Fen(11_062)),
            LedgerLine(.credit, .accruedPayable, Fen(11_062), party: 33),
        ]
        #expect(fixture.ledger.effects.map(\.lines) == [lines])
        #expect(fixture.ledger.effects.first?.group == .goodsReceiptEstimate)
    }

    @Test("Goods of a distribution centre stand on the warehouse's account")
    func warehouse() throws {
        let fixture = try StockFixture()
        var receipt = StockChangesTests.receipt
        receipt.place = .warehouse
        try fixture.apply(StockKind.goodsReceived, receipt.body, id: Self.id, clock: .zero)
        #expect(fixture.ledger.effects.first?.lines.first?.role == .stockWarehouse)
    }

    @Test("A receipt whose total is beyond the limit of an amount is refused for its own bytes")
    func tooDear() throws {
        let fixture = try StockFixture()
        var receipt = StockChangesTests.receipt
        receipt.lines = [
            GoodsReceived.Line(
                product: 71,
                quantity: Quantity(Quantity.limit),
                unitCost: UnitCost(UnitCost.limit)
            )
        ]
        #expect(throws: ProjectionFault.self) {
            try fixture.apply(StockKind.goodsReceived, receipt.body, id: Self.id, clock: .zero)
        }
    }

    @Test("Found goods come in, missing and wasted goods go out")
    func adjustments() throws {
        let fixture = try StockFixture()
        for (index, cause) in StockAdjusted.Cause.allCases.enumerated() {
            let adjustment = StockAdjusted(
                branch: 1,
                entity: 9,
                date: CivilDate(dayNumber: 20_780),
                cause: cause,
                lines: [
                    StockAdjusted.Line(
                        product: 71,
                        quantity: Quantity([9_000, 2_000, 3_000][index])
                    )
                ],
                note: "盘点"
            )
            let id = ChangeID(replica: ReplicaNumber(5), sequence: UInt32(index) + 1)
            try fixture.apply(StockKind.stockAdjusted, adjustment.body, id: id, clock: .zero)
        }
        try fixture.flush()
        let onHand = try StockAnswers().onHand(branch: 1, product: 71, fixture.views)
        #expect(onHand == Quantity(4_000))
        #expect(
            try fixture.dump().filter { $0.hasPrefix("stock_on_hand") } == [
                "stock_on_hand: -4 71 waste 3000",
                "stock_on_hand: -3 71 adjustment -7000",
                "stock_on_hand: 1 71 waste -3000 adjustment 7000",
            ]
        )
    }

    @Test("A sum beyond 64 bits is still exact, and comes back below them")
    func wideSums() throws {
        let fixture = try StockFixture()
        func send(_ times: Int, _ isBack: Bool) throws {
            for _ in 0..<times {
                let effect = StockEffect(
                    change: Self.id,
                    line: 0,
                    businessDate: CivilDate(dayNumber: 20_780),
                    from: isBack ? .branch(1) : .supplier,
                    to: isBack ? .supplier : .branch(1),
                    product: 71,
                    quantity: Quantity(Quantity.limit),
                    unitCost: nil,
                    reason: .goodsReceipt
                )
                try fixture.stock.receive(effect, fixture.world)
            }
            try fixture.flush()
        }
        try send(1, false)
        // As if nine million receipts of the largest size had come before.
        try fixture.seed(place: 1, product: 71, [2: 9_223_371_000_000_000_000])
        try send(3, false)
        let rows = try fixture.dump().filter { $0.hasPrefix("stock_on_hand: 1 ") }
        #expect(rows == ["stock_on_hand: 1 71 goodsReceipt 9223375000000000000 in 20780"])
        try send(4, true)
        let onHand = try StockAnswers().onHand(branch: 1, product: 71, fixture.views)
        #expect(onHand == Quantity(9_223_371_000_000_000_000))
    }

    @Test("The last cost is that of the latest receipt by effective time, then id")
    func lastCost() throws {
        let fixture = try StockFixture()
        func receive(_ sequence: UInt32, _ cost: Int64, _ ms: Int64) throws {
            var receipt = StockChangesTests.receipt
            receipt.lines = [
                GoodsReceived.Line(product: 71, quantity: .one, unitCost: UnitCost(cost))
            ]
            let id = ChangeID(replica: ReplicaNumber(5), sequence: sequence)
            let clock = ClockStamp(milliseconds: ms)
            try fixture.apply(StockKind.goodsReceived, receipt.body, id: id, clock: clock)
            try fixture.flush()
        }
        func last() throws -> Int64? {
            try StockAnswers().lastCost(product: 71, branch: 1, fixture.views)?.rawValue
        }
        try receive(2, 200, 9_000)
        #expect(try last() == 200)
        try receive(1, 100, 5_000)
        #expect(try last() == 200)
        try receive(3, 300, 9_000)
        #expect(try last() == 300)
        // A ruling finds the clocks of 2 and 3 far ahead.
        let ruled =
            ChangeID(
                replica: ReplicaNumber(5),
                sequence: 2
            )...ChangeID(
                replica: ReplicaNumber(5),
                sequence: 3
            )
        fixture.rulings = [ruled.lowerBound: 7_000, ruled.upperBound: 7_000]
        try fixture.stock.clockRuled(ruled, fixture.world)
        #expect(try last() == 100)
    }

    @Test("Any order and any cut of batches gives the same rows, which add up to zero")
    func anyOrder() {
        property(cases: 40) { random in
            var changes: [(kind: Kind, body: [UInt8], id: ChangeID, clock: ClockStamp)] = []
            for sequence in 1...30 {
                let id = ChangeID(
                    replica: ReplicaNumber(UInt32(random.int(in: 1...3))),
                    sequence: UInt32(sequence)
                )
                let (kind, body) = Self.draw(&random)
                let clock = ClockStamp(milliseconds: Int64(random.int(in: 0...20)))
                changes.append((kind, body, id, clock))
            }
            var dumps: [[String]] = []
            for _ in 0..<2 {
                let fixture = try StockFixture()
                for change in random.shuffled(changes) {
                    try fixture.apply(
                        change.kind,
                        change.body,
                        id: change.id,
                        clock: change.clock
                    )
                    if random.bool(chance: 300) { try fixture.flush() }
                }
                try fixture.flush()
                dumps.append(try fixture.dump())
                let violations = try StockModule().violations(fixture.reportContext)
                if !violations.isEmpty { throw Falsified(description: "\(violations)") }
            }
            if dumps[0] != dumps[1] {
                throw Falsified(description: "\(dumps[0]) differs from \(dumps[1])")
            }
        }
    }

    private static func draw(_ random: inout SeededRandom) -> (Kind, [UInt8]) {
        let branch = Int64(random.int(in: 1...3))
        let date = CivilDate(dayNumber: Int32(random.int(in: 20_780...20_783)))
        let count = random.int(in: 1...4)
        if random.bool(chance: 600) {
            var receipt = StockChangesTests.receipt
            receipt.branch = branch
            receipt.date = date
            receipt.lines = (0..<count).map { _ in
                GoodsReceived.Line(
                    product: Int64(random.int(in: 71...72)),
                    quantity: Quantity(Int64(random.int(in: 1...9_000))),
                    unitCost: UnitCost(Int64(random.int(in: 0...9_000_000)))
                )
            }
            return (StockKind.goodsReceived, receipt.body)
        }
        let adjustment = StockAdjusted(
            branch: branch,
            entity: 9,
            date: date,
            cause: random.pick(StockAdjusted.Cause.allCases),
            lines: (0..<count).map { _ in
                StockAdjusted.Line(
                    product: Int64(random.int(in: 71...72)),
                    quantity: Quantity(Int64(random.int(in: 1...9_000)))
                )
            },
            note: "x"
        )
        return (StockKind.stockAdjusted, adjustment.body)
    }

    @Test("A place that lost goods on the way to another is a violation")
    func violation() throws {
        let fixture = try StockFixture()
        try fixture.apply(
            StockKind.goodsReceived,
            StockChangesTests.receipt.body,
            id: Self.id,
            clock: .zero
        )
        try fixture.flush()
        #expect(try StockModule().violations(fixture.reportContext).isEmpty)
        try fixture.seed(place: 1, product: 72, [2: -1])
        #expect(
            try StockModule().violations(fixture.reportContext) == [
                "stock: product 72 over all places is -1, not zero"
            ]
        )
    }
}
