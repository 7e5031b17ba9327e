// A till's day: opening, rolling over, closing blind, sealing; and whether a day is whole.

import Kernel
import Module
import Replication
import SQLite
import Sales
import Support
import Testing

@Suite("A till's day")
struct DayTests {
    private func sell(_ till: Int64 = 11) -> CloseSale {
        CloseSale(
            till: till,
            items: [SaleItem(.id(101))],
            payments: [PaymentWish(.code("cash"))]
        )
    }

    @Test("is refused twice, before the last one, and far ahead of the clock")
    func opens() throws {
        let shop = try Shop()
        shop.crew.rights = [500: [.sell], 501: [.sell, .closeDay]]
        #expect(try shop.refusal(sell()) == 2_001)
        #expect(
            try shop.refusal(OpenDay(till: 12, date: try date("2026-11-25")), author: 500) == 2_004
        )
        try shop.run(OpenDay(till: 11), author: 500)
        #expect(try shop.refusal(OpenDay(till: 11), author: 500) == 2_002)
        try shop.run(CloseDay(till: 11, counted: .zero))
        shop.at("2026-11-20", 9)
        let back = OpenDay(till: 11, date: try date("2026-11-20"))
        #expect(try shop.refusal(back, author: 500) == 2_003)
        #expect(try shop.refusal(back, author: 501) == nil)
        #expect(try shop.refusal(OpenDay(till: 21), author: 500) == 3)
        #expect(try shop.refusal(OpenDay(till: 99), author: 500) == 2_005)
    }

    @Test("keeps its date after midnight, and gives way at the cut-over hour by itself")
    func rollsOver() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11, openingFloat: Fen(10_000)))
        shop.at("2026-11-23", 23, 59)
        #expect(try shop.run(sell()).date == date("2026-11-23"))
        shop.at("2026-11-24", 4, 58)
        let night = try shop.run(sell())
        #expect(night.date == (try date("2026-11-23")))
        #expect(night.sequence == 2)
        #expect(!night.hasRolledOver)
        shop.at("2026-11-24", 5, 1)
        let morning = try shop.run(sell())
        #expect(morning.hasRolledOver)
        #expect(morning.date == (try date("2026-11-24")))
        #expect(morning.sequence == 1)
        #expect(morning.lifetime == 3)
        let answers = SalesAnswers(catalog: ShelfCatalog())
        #expect(try answers.dayState(branch: 1, date: date("2026-11-23"), shop.views) == .complete)
        #expect(try answers.dayState(branch: 1, date: date("2026-11-24"), shop.views) == .open)
        let open = try #require(try SalesQueries.openDay(till: 11, shop.views))
        #expect(open.openingFloat == Fen(12_260), "uncounted cash stays in the drawer")
        #expect(open.previousSeal != nil)
    }

    @Test("rolls over several days at once, and the days without a sale are whole")
    func rollsOverDays() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        try shop.run(sell())
        shop.at("2026-11-27", 9)
        #expect(try shop.refusal(OpenDay(till: 11)) == 2_002)
        try shop.run(RollOver(till: 11))
        #expect(try shop.refusal(RollOver(till: 11)) == 2_032)
        let answers = SalesAnswers(catalog: ShelfCatalog())
        let through = try answers.completeThrough(
            branch: 1,
            from: date("2026-11-20"),
            to: date("2026-11-30"),
            shop.views
        )
        #expect(through == (try date("2026-11-26")))
        try shop.run(CloseDay(till: 11, counted: Fen(1_130)))
        let sealed = try answers.completeThrough(
            branch: 1,
            from: date("2026-11-20"),
            to: date("2026-11-30"),
            shop.views
        )
        #expect(sealed == (try date("2026-11-27")))
    }

    @Test("posts what a blind count finds over or short")
    func countsBlind() throws {
        for (counted, lines) in [
            (
                Fen(11_000),
                [
                    LedgerLine(.debit, .pendingStockDifference, Fen(130), party: 11),
                    LedgerLine(.credit, .cashOnHand, Fen(130), tender: 61, party: 11),
                ]
            ),
            (
                Fen(11_131),
                [
                    LedgerLine(.debit, .cashOnHand, Fen(1), tender: 61, party: 11),
                    LedgerLine(.credit, .pendingStockDifference, Fen(1), party: 11),
                ]
            ),
            (Fen(11_130), []),
        ] {
            let shop = try Shop()
            try shop.run(OpenDay(till: 11, openingFloat: Fen(10_000)))
            try shop.run(sell())
            let outcome = try shop.run(CloseDay(till: 11, counted: counted))
            #expect(outcome.overShort == counted - Fen(11_130))
            let posted = shop.recorder.ledger.filter { $0.group == .cashDifference }
            #expect(posted.flatMap(\.lines) == lines)
        }
    }

    @Test("is complete when every till is sealed as it arrived, open or disagreeing before")
    func judgesSeals() throws {
        let shop = try Shop()
        let hq = try Shop(replica: 0)
        let day = try date("2026-11-23")
        let answers = SalesAnswers(catalog: ShelfCatalog())
        func state() throws -> DayState {
            try answers.dayState(branch: 1, date: day, hq.views)
        }
        #expect(try state() == .unknown)
        for till: Int64 in [11, 12] { try shop.run(OpenDay(till: till)) }
        for till: Int64 in [11, 12, 11] { try shop.run(sell(till)) }
        try shop.run(CloseDay(till: 12, counted: nil))
        try hq.fixture.receive(from: shop.fixture)
        try hq.fixture.catchUp()
        #expect(try state() == .open)
        let closed = try shop.run(CloseDay(till: 11, counted: nil, seals: false))
        #expect(try shop.refusal(sell()) == 2_001)
        try shop.run(SealDay(day: closed.day))
        #expect(try shop.refusal(SealDay(day: closed.day)) == 2_025)
        try hq.fixture.receive(from: shop.fixture)
        try hq.fixture.catchUp()
        #expect(try state() == .complete)

        // A ticket that the seal does not know of, under another number: a clone of the till.
        let clone = try Shop(replica: 9)
        try clone.run(OpenDay(till: 11))
        try clone.run(sell())
        try clone.run(CloseDay(till: 11, counted: nil))
        try hq.fixture.receive(from: clone.fixture)
        try hq.fixture.catchUp()
        #expect(try state() == .disagreeing)
        try hq.run(WaiveDay(branch: 1, date: day, reason: "克隆的收银台"))
        #expect(try state() == .complete)
        #expect(try shop.refusal(WaiveDay(branch: 1, date: day, reason: "x")) == 2)
    }

    @Test("waits for a till of another node, until it is known to have been idle")
    func waitsForOtherNodes() throws {
        let hq = try Shop(replica: 0)
        let first = try Shop(replica: 7, seed: 2)
        let second = try Shop(replica: 8, seed: 3)
        var catalog = ShelfCatalog()
        func state(_ day: Int) throws -> DayState {
            try SalesAnswers(catalog: catalog).dayState(
                branch: 1,
                date: date("2026-11-\(day)"),
                hq.views
            )
        }
        func through() throws -> CivilDate? {
            try SalesAnswers(catalog: catalog).completeThrough(
                branch: 1,
                from: date("2026-11-20"),
                to: date("2026-11-30"),
                hq.views
            )
        }
        func trade(_ shop: Shop, _ till: Int64, _ day: Int) throws {
            shop.at("2026-11-\(day)", 10)
            try shop.run(OpenDay(till: till))
            try shop.run(sell(till))
            try shop.run(CloseDay(till: till, counted: nil))
        }
        func send(_ shop: Shop) throws {
            try hq.fixture.receive(from: shop.fixture)
            try hq.fixture.catchUp()
        }
        for (shop, till) in [(first, Int64(11)), (second, 12)] {
            try trade(shop, till, 23)
            try send(shop)
        }
        #expect(try state(23) == .complete)

        // The second till sells on without a line: nothing of its 24th is here.
        for (shop, till) in [(first, Int64(11)), (second, 12)] { try trade(shop, till, 24) }
        try send(first)
        #expect(try state(24) == .pending)
        #expect(try through() == date("2026-11-23"))
        catalog.inactiveTills = [12]
        #expect(try state(24) == .complete)
        catalog.inactiveTills = []
        try send(second)
        #expect(try state(24) == .complete)

        // It rests on the 25th, as its next day says.
        try trade(first, 11, 25)
        try send(first)
        #expect(try state(25) == .pending)
        try trade(second, 12, 26)
        try send(second)
        #expect(try state(25) == .complete)
        #expect(try state(26) == .pending, "the first till has not spoken of it")
        #expect(try through() == date("2026-11-25"))
        try hq.run(WaiveDay(branch: 1, till: 11, date: date("2026-11-26"), reason: "停电"))
        #expect(try state(26) == .complete)
    }

    @Test("does not wait for a till of the same node that rests, nor for one that never sold")
    func restsOnOneNode() throws {
        let shop = try Shop()
        let answers = SalesAnswers(catalog: ShelfCatalog())
        for till: Int64 in [11, 12] {
            try shop.run(OpenDay(till: till))
            try shop.run(sell(till))
            try shop.run(CloseDay(till: till, counted: nil))
        }
        shop.at("2026-11-24", 10)
        try shop.run(OpenDay(till: 11))
        try shop.run(CloseDay(till: 11, counted: nil))
        #expect(try answers.dayState(branch: 1, date: date("2026-11-24"), shop.views) == .complete)
        let fresh = try Shop(branch: 2)
        try fresh.run(OpenDay(till: 21))
        try fresh.run(CloseDay(till: 21, counted: nil))
        #expect(try answers.dayState(branch: 2, date: date("2026-11-23"), fresh.views) == .complete)
    }

    @Test("goes on under a new letter when the till writes under a new number")
    func changesSeries() throws {
        let hq = try Shop(replica: 0)
        let first = try Shop(replica: 7)
        try first.run(OpenDay(till: 11, openingFloat: Fen(500)))
        try first.run(sell())
        let second = try Shop(replica: 12)
        try second.fixture.receive(from: first.fixture)
        try second.fixture.catchUp()
        let outcome = try second.run(sell())
        #expect(outcome.hasRolledOver)
        #expect(outcome.date == (try date("2026-11-23")))
        #expect(outcome.label?.series == "B")
        #expect(outcome.sequence == 1)
        #expect(outcome.lifetime == 2)
        #expect(try second.run(sell()).sequence == 2)
        try second.run(CloseDay(till: 11, counted: nil))
        try hq.fixture.receive(from: second.fixture)
        try hq.fixture.catchUp()
        let state = try SalesAnswers(catalog: ShelfCatalog()).dayState(
            branch: 1,
            date: date("2026-11-23"),
            hq.views
        )
        #expect(state == .complete)
    }

    @Test("may be opened again on its own date, and the second seal goes on from the first")
    func reopens() throws {
        let shop = try Shop()
        try shop.run(OpenDay(till: 11))
        try shop.run(sell())
        try shop.run(CloseDay(till: 11, counted: Fen(1_130)))
        try shop.run(OpenDay(till: 11, openingFloat: Fen(100)))
        #expect(try shop.run(sell()).sequence == 2)
        let outcome = try shop.run(CloseDay(till: 11, counted: Fen(1_230)))
        #expect(outcome.overShort == .zero)
        let seals = try SalesQueries.seals(branch: 1, date: date("2026-11-23"), shop.views)
        #expect(seals.map(\.sequences) == [1...1, 2...2])
        #expect(seals[1].previous == seals[0].id)
        let state = try SalesAnswers(catalog: ShelfCatalog()).dayState(
            branch: 1,
            date: date("2026-11-23"),
            shop.views
        )
        #expect(state == .complete)
    }
}
