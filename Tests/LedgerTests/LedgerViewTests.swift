// What the view derives from effects and postings, in any order and any cut of batches.

import Kernel
import Ledger
import Module
import Replication
import SQLite
import Testing

@Suite struct LedgerViewTests {
    private static func rows(_ fixture: LedgerFixture, _ table: String) throws -> [String] {
        try fixture.dump().filter { $0.hasPrefix("\(table):") }
    }

    @Test("An effect is provisional until a posting covers it, whichever comes first")
    func bothOrders() throws {
        let sale = try Make.sale(Make.id(3, 1), gross: 11_300)
        let later = try Make.sale(Make.id(3, 2), gross: 22_600)
        let posted = VoucherPostedTests.posted(
            [Make.id(3, 1)...Make.id(3, 1)],
            [VoucherPostedTests.voucher()]
        )
        var dumps: [[String]] = []
        for isEffectFirst in [true, false] {
            let fixture = try LedgerFixture()
            if isEffectFirst { try fixture.receive(sale, later) }
            try fixture.apply(LedgerKind.voucherPosted, posted.body, id: Make.id(0, 1))
            if !isEffectFirst { try fixture.receive(later, sale) }
            try fixture.flush()
            #expect(try Self.rows(fixture, "ledger_effect").count == 1)
            #expect(try Self.rows(fixture, "ledger_settled").count == 1)
            #expect(
                try Self.rows(fixture, "ledger_provisional") == [
                    "ledger_provisional: 1 11 20780 1 1 1 0 3 0 22600 1",
                    "ledger_provisional: 1 11 20780 1 40 2 130000 0 0 20000 1",
                    "ledger_provisional: 1 11 20780 1 50 2 130000 0 0 2600 1",
                ]
            )
            dumps.append(try fixture.dump())
        }
        #expect(dumps[0] == dumps[1])
    }

    @Test("An effect of other books inside the range stays provisional")
    func otherEntity() throws {
        let fixture = try LedgerFixture()
        let posted = VoucherPostedTests.posted([Make.id(3, 1)...Make.id(3, 9)], [])
        try fixture.apply(LedgerKind.voucherPosted, posted.body, id: Make.id(0, 1))
        try fixture.receive(
            try Make.sale(Make.id(3, 2), branch: 21, gross: 100),
            try Make.sale(Make.id(3, 3), branch: 11, gross: 100)
        )
        #expect(
            try Self.rows(fixture, "ledger_effect").map { $0.prefix(17) } == ["ledger_effect: 2 "]
        )
        #expect(try Self.rows(fixture, "ledger_settled").count == 1)
    }

    @Test("Of two postings of one change the smaller id holds, and releases what the other covered")
    func overlap() throws {
        let first = VoucherPostedTests.posted(
            [Make.id(3, 1)...Make.id(3, 1)],
            [VoucherPostedTests.voucher(7)]
        )
        let second = VoucherPostedTests.posted(
            [Make.id(3, 1)...Make.id(3, 2)],
            [VoucherPostedTests.voucher(8)]
        )
        var dumps: [[String]] = []
        for order in [[1, 2], [2, 1]] {
            let fixture = try LedgerFixture()
            try fixture.receive(
                try Make.sale(Make.id(3, 1), gross: 100),
                try Make.sale(Make.id(3, 2), gross: 200)
            )
            for number in order {
                let posted = number == 1 ? first : second
                let id = Make.id(0, UInt32(number))
                try fixture.apply(LedgerKind.voucherPosted, posted.body, id: id)
            }
            try fixture.flush()
            #expect(
                try LedgerQueries.vouchers(of: Make.id(0, 1), fixture.views).map(\.number) == [7]
            )
            #expect(try LedgerQueries.vouchers(of: Make.id(0, 2), fixture.views).isEmpty)
            #expect(try Self.rows(fixture, "ledger_effect").count == 1)
            dumps.append(try fixture.dump())
        }
        #expect(dumps[0] == dumps[1])
    }

    @Test("Of two postings that give one number the smaller id holds")
    func numberTwice() throws {
        let fixture = try LedgerFixture()
        for sequence: UInt32 in [2, 1] {
            let posted = VoucherPostedTests.posted(
                [Make.id(3, sequence)...Make.id(3, sequence)],
                [VoucherPostedTests.voucher(1)]
            )
            try fixture.apply(LedgerKind.voucherPosted, posted.body, id: Make.id(0, sequence))
        }
        #expect(try LedgerQueries.vouchers(of: Make.id(0, 1), fixture.views).count == 1)
        #expect(try LedgerQueries.vouchers(of: Make.id(0, 2), fixture.views).isEmpty)
    }

    @Test("Any order of effects, postings and rulings, in any cut of batches, gives the same rows")
    func anyOrder() {
        property(cases: 60) { random in
            let events = try Self.draw(&random)
            var dumps: [[String]] = []
            for _ in 0..<3 {
                let fixture = try LedgerFixture()
                for event in random.shuffled(events) {
                    try event(fixture)
                    if random.bool(chance: 250) { try fixture.flush() }
                }
                try fixture.flush()
                dumps.append(try fixture.dump())
            }
            for other in dumps.dropFirst() where other != dumps[0] {
                let lines = Set(dumps[0]).symmetricDifference(other).sorted()
                throw Falsified(description: lines.joined(separator: "\n"))
            }
        }
    }

    private typealias Event = (LedgerFixture) throws -> Void

    /// Effects of three replicas in two books, and postings of which many overlap.
    private static func draw(_ random: inout SeededRandom) throws -> [Event] {
        var events: [Event] = []
        for replica: UInt32 in 3...5 {
            for sequence: UInt32 in 1...8 {
                var effects: [LedgerEffect] = []
                let id = Make.id(replica, sequence)
                let branch: Int64 = random.pick([11, 12, 21])
                let date = Make.day.adding(days: random.int(in: 0...1))
                let gross = Int64(random.int(in: -500...500))
                effects.append(try Make.sale(id, branch: branch, date: date, gross: gross))
                if random.bool(chance: 300) {
                    let pair = Make.pair(
                        id,
                        .cashDifference,
                        .pendingStockDifference,
                        .cashOnHand,
                        gross,
                        branch: branch,
                        date: date
                    )
                    effects += [pair, pair]
                }
                events.append { fixture in
                    for effect in effects { try fixture.ledger.receive(effect, fixture.world) }
                }
            }
        }
        for sequence: UInt32 in 1...6 {
            var sources: [ClosedRange<ChangeID>] = []
            for replica: UInt32 in 3...5 where random.bool(chance: 500) {
                let from = UInt32(random.int(in: 1...8))
                let to = UInt32(random.int(in: Int(from)...min(8, Int(from) + 2)))
                sources.append(Make.id(replica, from)...Make.id(replica, to))
            }
            let number = Int64(random.int(in: 1...12))
            var posted = VoucherPostedTests.posted(sources, [VoucherPostedTests.voucher(number)])
            posted.entity = random.pick([1, 2])
            let body = posted.body
            events.append { fixture in
                try fixture.apply(LedgerKind.voucherPosted, body, id: Make.id(0, sequence))
            }
        }
        let reopened = PeriodReopened(closing: Make.id(0, 20), reason: "x").body
        events.append { fixture in
            try fixture.apply(LedgerKind.periodReopened, reopened, id: Make.id(0, 21))
        }
        return events
    }

    @Test("What was begun and rolled back leaves no trace")
    func discard() throws {
        let fixture = try LedgerFixture()
        let sale = try Make.sale(Make.id(3, 1), gross: 100)
        let posted = VoucherPostedTests.posted([Make.id(3, 1)...Make.id(3, 1)], [])
        try fixture.views.begin(.immediate)
        try fixture.ledger.receive(sale, fixture.world)
        try fixture.apply(LedgerKind.voucherPosted, posted.body, id: Make.id(0, 1))
        try fixture.views.rollback()
        fixture.ledger.discard()
        #expect(try fixture.dump().isEmpty)
        try fixture.receive(sale)
        #expect(try Self.rows(fixture, "ledger_effect").count == 1)
    }

    @Test("A change that posts one group to two branches is refused for its own bytes")
    func twoBranches() throws {
        let fixture = try LedgerFixture()
        let id = Make.id(3, 1)
        let other = LedgerEffect(
            change: id,
            entity: 1,
            branch: 12,
            businessDate: Make.day,
            group: .retailDay,
            lines: try Make.sale(id, gross: 100).lines
        )
        #expect(throws: ProjectionFault.self) {
            try fixture.receive(try Make.sale(id, gross: 100), other)
        }
    }
}
