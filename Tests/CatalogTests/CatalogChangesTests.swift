// Laws of Catalog's changes: what is written is read again, and no order of arrival matters.

import Catalog
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing
import Wire

/// Random changes of Catalog.
private struct AnyChange {
    var random: SeededRandom

    mutating func id() -> Int64 {
        ChangeID(
            replica: ReplicaNumber(UInt32(random.int(in: 0...2_000_000))),
            sequence: UInt32(random.int(in: 1...4_000_000_000))
        ).rawValue
    }

    mutating func day() -> Int64 { Int64(random.int(in: -719_162...2_932_896)) }

    mutating func text() -> String {
        random.pick(["", "a", "91310000MA1FL0XX0X", "百川", "e\u{301}", "é", "🥤"])
    }

    mutating func moment() -> WallTime {
        WallTime(milliseconds: Int64(random.int(in: -62_000_000_000_000...253_000_000_000_000)))
    }

    mutating func price() -> UnitPrice {
        UnitPrice(Int64(random.int(in: 0...1_000_000_000)))
    }

    mutating func prices() -> PricesSet {
        var lines: [PriceLine] = []
        for _ in 0..<random.int(in: 1...40) {
            let minimum = random.bool(chance: 300) ? price() : nil
            lines.append(PriceLine(product: id(), price: price(), minimum: minimum))
        }
        return PricesSet(list: random.bool(chance: 500) ? 0 : id(), from: moment(), prices: lines)
    }

    mutating func rate() -> TaxRateSet {
        TaxRateSet(
            taxpayer: random.pick(TaxpayerKind.allCases),
            category: random.bool(chance: 500) ? 0 : id(),
            product: random.bool(chance: 500) ? 0 : id(),
            rate: Rate(Int64(random.int(in: 0...999_999))),
            from: day(),
            to: random.bool(chance: 500) ? nil : day()
        )
    }

    mutating func declared() -> TaxpayerDeclared {
        TaxpayerDeclared(
            entity: id(),
            kind: random.pick(TaxpayerKind.allCases),
            from: day(),
            number: random.bool(chance: 500) ? nil : text()
        )
    }
}

@Suite("Catalog: changes")
struct CatalogChangesTests {
    /// Reads a body again, which must give the same value and the same bytes.
    private func same<Value: Hashable>(
        _ value: Value,
        _ body: [UInt8],
        _ read: (UnsafeRawBufferPointer) throws -> Value,
        _ write: (Value) -> [UInt8]
    ) throws {
        let again = try body.withUnsafeBytes { try read($0) }
        if again != value { throw Broken("\(value) is read as \(again)") }
        if write(again) != body { throw Broken("\(value) is written in two ways") }
        try CBORReader.validate(body)
    }

    @Test("what is written is read again, byte for byte")
    func identity() {
        forAll { random in
            var any = AnyChange(random: random)
            let assigned = BranchAssigned(branch: any.id(), entity: any.id(), from: any.day())
            try same(assigned, assigned.body, { try BranchAssigned(body: $0) }, \.body)
            let declared = any.declared()
            try same(declared, declared.body, { try TaxpayerDeclared(body: $0) }, \.body)
            let rate = any.rate()
            try same(rate, rate.body, { try TaxRateSet(body: $0) }, \.body)
            let prices = any.prices()
            try same(prices, prices.body, { try PricesSet(body: $0) }, \.body)
        }
    }

    @Test("a body that is cut or bent is refused, and never breaks the reader")
    func bentBodies() {
        forAll { random in
            var any = AnyChange(random: random)
            var body = any.prices().body
            if random.bool(chance: 300) { body.removeLast(random.int(in: 1...body.count)) }
            if !body.isEmpty {
                for _ in 0..<random.int(in: 0...3) {
                    body[random.int(in: 0..<body.count)] = UInt8(random.int(in: 0...255))
                }
            }
            body.withUnsafeBytes { bytes in
                _ = try? PricesSet(body: bytes)
                _ = try? TaxRateSet(body: bytes)
                _ = try? TaxpayerDeclared(body: bytes)
                _ = try? BranchAssigned(body: bytes)
            }
        }
    }

    @Test("a register of the wrong type, a price below zero and a day beyond all years are refused")
    func refusedBodies() throws {
        let bad: [(Kind, CBORValue)] = [
            (CatalogKind.product, .map([CBORValue.Entry(1, .integer(7))])),
            (CatalogKind.product, .map([CBORValue.Entry(4, .integer(-7))])),
            (CatalogKind.till, .map([CBORValue.Entry(3, .integer(1))])),
            (Kind(module: 1, 200), .map([CBORValue.Entry(1, .integer(1))])),
            (Kind(module: 1, 100), .map([CBORValue.Entry(1, .integer(1))])),
            (
                CatalogKind.pricesSet,
                .map([
                    CBORValue.Entry(2, .integer(0)),
                    CBORValue.Entry(3, .array([.array([.integer(7), .integer(-1)])])),
                ])
            ),
            (
                CatalogKind.branchAssigned,
                .map([
                    CBORValue.Entry(1, .integer(7)), CBORValue.Entry(2, .integer(8)),
                    CBORValue.Entry(3, .integer(9_000_000)),
                ])
            ),
        ]
        for (kind, value) in bad {
            let node = try Fixture { [CatalogView()] }
            var act = try node.act()
            act.begin([.everyone])
            act.add(kind, try value.encoded())
            try node.append(act)
            try node.catchUp()
            #expect(try node.projector.quarantined().count == 1, "\(kind) \(value)")
        }
    }

    /// A replica that writes products, barcodes, prices and rates by chance.
    private func writer(_ replica: UInt32, _ random: inout SeededRandom) throws -> Fixture {
        let node = try Fixture(replica: replica) { [CatalogView()] }
        node.now = node.now.adding(milliseconds: Int64(random.int(in: 0...5_000)))
        let names = ["可乐", "雪碧", "芬达", "美年达"]
        for _ in 0..<random.int(in: 5...15) {
            var act = try node.act()
            act.begin([.everyone])
            var any = AnyChange(random: random.fork(label: "\(act.nextID)"))
            let registers = RegisterTable(views: node.views)
            // Few entities, so that two replicas write the same ones.
            let entity = Int64(random.int(in: 1...3)) + (1 << 32)
            switch random.int(in: 0...4) {
            case 0, 1:
                try registers.draft(
                    CatalogKind.product,
                    entity: entity,
                    [
                        (1, .text("\(random.int(in: 1...3))")), (2, .text(random.pick(names))),
                        (8, .bool(random.bool(chance: 800))),
                    ],
                    into: &act
                )
            case 2:
                try registers.draft(
                    CatalogKind.barcode,
                    entity: entity,
                    [(1, .integer(entity)), (2, .text("69\(random.int(in: 1...3))"))],
                    into: &act
                )
            case 3: act.add(CatalogKind.pricesSet, any.prices().body)
            default: act.add(CatalogKind.taxRateSet, any.rate().body)
            }
            if !act.isEmpty { try node.commit(act) }
        }
        return node
    }

    @Test("no order of arrival, no cut of batches and no rebuild changes the views or the search")
    func orderOfArrival() {
        forAll(cases: 25) { random in
            let writers = [try writer(1, &random), try writer(2, &random)]
            let answers = try (0..<3).map { round in
                let node = try Fixture { [CatalogView()] }
                for other in round == 0 ? writers : writers.reversed() {
                    try node.receive(from: other)
                    if round == 1 { try node.catchUp(batch: random.int(in: 1...4)) }
                }
                if round == 2 { try node.catchUp(batch: 1) } else { try node.catchUp() }
                if try node.rebuildAndCompare() != [] { throw Broken("a rebuild differs") }
                let found =
                    try CatalogAnswers().search("kl", limit: 50, node.views)
                    + CatalogAnswers().search("碧", limit: 50, node.views)
                return (try node.projector.digests(), found)
            }
            for answer in answers.dropFirst() {
                if answer.0 != answers[0].0 { throw Broken("the views depend on the order") }
                if answer.1 != answers[0].1 { throw Broken("the search depends on the order") }
            }
        }
    }
}
