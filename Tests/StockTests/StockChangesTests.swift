// The bytes of what can happen to goods.

import Kernel
import Module
import Replication
import Stock
import Testing
import Wire

@Suite struct StockChangesTests {
    static let receipt = GoodsReceived(
        branch: 1,
        entity: 9,
        date: CivilDate(dayNumber: 20_780),
        place: .store,
        lines: [
            GoodsReceived.Line(
                product: 72,
                quantity: Quantity(12_500),
                unitCost: UnitCost(8_849_558)
            ),
            GoodsReceived.Line(product: 71, quantity: .one, unitCost: .zero),
        ],
        isEstimate: true,
        supplier: 33,
        supplierName: "江南食品",
        deliveryNote: "SH-7",
        source: "old:12"
    )

    @Test("A receipt reads back as it was written, with and without what is optional")
    func receiptRoundTrip() throws {
        var plain = Self.receipt
        plain.isEstimate = false
        plain.supplier = 0
        plain.supplierName = ""
        plain.deliveryNote = ""
        plain.source = ""
        for receipt in [Self.receipt, plain] {
            let body = receipt.body
            try CBORReader.validate(body)
            #expect(try body.withUnsafeBytes { try GoodsReceived($0) } == receipt)
        }
    }

    @Test("An adjustment reads back as it was written", arguments: StockAdjusted.Cause.allCases)
    func adjustmentRoundTrip(cause: StockAdjusted.Cause) throws {
        let adjustment = StockAdjusted(
            branch: 1,
            entity: 9,
            date: CivilDate(dayNumber: 20_780),
            cause: cause,
            lines: [
                StockAdjusted.Line(product: 71, quantity: .one),
                StockAdjusted.Line(product: 72, quantity: Quantity(1), unitCost: UnitCost(5)),
            ],
            note: "破损"
        )
        let body = adjustment.body
        try CBORReader.validate(body)
        #expect(try body.withUnsafeBytes { try StockAdjusted($0) } == adjustment)
    }

    @Test("A key that this code does not know is passed over")
    func unknownKey() throws {
        guard case .map(var entries) = try CBORValue(decoding: Self.receipt.body) else {
            Issue.record("the body is a map")
            return
        }
        entries.append(CBORValue.Entry(99, .array([.text("later"), .integer(1)])))
        let body = try CBORValue.map(entries).encoded()
        #expect(try body.withUnsafeBytes { try GoodsReceived($0) } == Self.receipt)
    }

    @Test("A body that lacks a field or holds a figure beyond the limits is refused")
    func badBodies() throws {
        var bad: [[UInt8]] = []
        guard case .map(let entries) = try CBORValue(decoding: Self.receipt.body) else { return }
        for place in 0..<5 {
            var short = entries
            short.remove(at: place)
            bad.append(try CBORValue.map(short).encoded())
        }
        let lines: [[Int64]] = [
            [71, 0, 5], [71, -1, 5], [71, Quantity.limit + 1, 5], [71, 1, -1], [0, 1, 1],
            [71, 1, UnitCost.limit + 1], [1 << 53, 1, 1], [71, 1],
        ]
        for line in lines {
            var changed = entries
            changed[4] = CBORValue.Entry(5, .array([.array(line.map { .integer($0) })]))
            bad.append(try CBORValue.map(changed).encoded())
        }
        var empty = entries
        empty[4] = CBORValue.Entry(5, .array([]))
        bad.append(try CBORValue.map(empty).encoded())
        for body in bad {
            #expect(throws: WireFault.self) {
                try body.withUnsafeBytes { _ = try GoodsReceived($0) }
            }
        }
    }

    @Test("Each sample of the door is canonical, and is projected")
    func samples() throws {
        for kind in StockModule().kinds {
            try CBORReader.validate(kind.sample)
            let fixture = try StockFixture()
            let id = ChangeID(replica: ReplicaNumber(5), sequence: 1)
            try fixture.apply(kind.kind, kind.sample, id: id, clock: .zero)
            try fixture.flush()
            #expect(try !fixture.dump().isEmpty)
        }
    }

    @Test("No kind has a number that is kept for another")
    func reserved() {
        let kinds = StockModule().kinds.map(\.kind) + StockKind.reserved.map(\.kind)
        #expect(Set(kinds).count == kinds.count)
        #expect(kinds.allSatisfy { $0.module == 3 && $0.isFact })
    }
}
