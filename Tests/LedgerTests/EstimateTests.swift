// Goods received without an invoice over the turn of the months: the red of the first, the
// estimate of the last day, and that no month's end has other balances for it.

import Kernel
import Ledger
import Module
import Replication
import SQLite
import Testing

@Suite struct EstimateTests {
    static let october = AccountingPeriod(year: 2026, month: 10)
    static let november = AccountingPeriod(year: 2026, month: 11)
    static let december = AccountingPeriod(year: 2026, month: 12)

    static func day(_ period: AccountingPeriod, _ day: Int) -> CivilDate {
        period.firstDay.adding(days: day - 1)
    }

    static func receipt(
        _ sequence: UInt32,
        _ date: CivilDate,
        _ amount: Int64,
        branch: Int64 = 11,
        role: LedgerRole = .stockStore,
        party: Int64 = 33
    ) -> LedgerEffect {
        Make.pair(
            Make.id(3, sequence),
            .goodsReceiptEstimate,
            role,
            .accruedPayable,
            amount,
            branch: branch,
            date: date,
            party: party
        )
    }

    /// Posts until nothing more is due, at noon of a day.
    @discardableResult
    static func post(
        _ fixture: LedgerFixture,
        on date: CivilDate,
        daysMax: Int = 400
    ) throws -> [Voucher] {
        fixture.now = Make.noon(date)
        var vouchers: [Voucher] = []
        while true {
            let (outcome, act) = try fixture.perform(PostVouchers(daysMax: daysMax))
            vouchers += try LedgerFixture.postings(act).flatMap(\.vouchers)
            if !outcome.hasMore { return vouchers }
        }
    }

    /// Label, date and lines: `记-0001 2026-11-01 Dr 140501 -1.00 Cr 220202 -1.00`.
    static func says(_ vouchers: [Voucher]) -> [String] {
        vouchers.map { voucher in
            "\(voucher.label) \(voucher.date) " + words(voucher).joined(separator: " ")
        }
    }

    static func reasons(_ fixture: LedgerFixture) throws -> [String] {
        try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog)
            + LedgerModule().findings(fixture.reportContext).map(\.subject)
    }

    /// Posted debits less credits of an account up to a day.
    static func balance(
        _ fixture: LedgerFixture,
        _ account: String,
        to date: CivilDate,
        view: String
    ) throws -> Int128 {
        let table = try TrialBalanceReport().run(
            ReportRequest(from: date, to: date, options: ["view": view, "account": account]),
            fixture.reportContext
        )
        var sum: Int128 = 0
        for (column, sign) in [("closing_debit", Int128(1)), ("closing_credit", -1)] {
            guard let place = table.columns.firstIndex(where: { $0.key == column }) else {
                continue
            }
            for row in table.rows {
                if case .fen(let fen) = row[place] { sum += sign * Int128(fen.rawValue) }
            }
        }
        return sum
    }

    @Test("What stands at a month's end is taken back on the first and estimated again at the end")
    func turn() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            Self.receipt(2, Self.day(Self.october, 28), 165_000),
            try Make.sale(Make.id(4, 1), date: Self.november.firstDay, gross: 11_300)
        )
        #expect(
            Self.says(try Self.post(fixture, on: Self.october.lastDay)) == [
                "记-0001 2026-10-12 Dr 140501 2140.00 Cr 220202 2140.00",
                "记-0002 2026-10-28 Dr 140501 1650.00 Cr 220202 1650.00",
            ]
        )
        let first = try Self.post(fixture, on: Self.november.firstDay)
        #expect(
            Self.says(first) == [
                "记-0001 2026-11-01 Dr 140501 -3790.00 Cr 220202 -3790.00",
                "记-0002 2026-11-01 Dr 1001 113.00 Cr 500101 100.00 Cr 22210107 13.00",
            ]
        )
        #expect(first.first?.group == .estimateReversed)
        #expect(first.first?.text == "2026-11-01 月初红字冲回暂估")
        #expect(first.first?.lines.last?.party == 33)
        try fixture.receive(
            Self.receipt(3, Self.day(Self.november, 9), 100_000),
            try Make.sale(Make.id(4, 2), date: Self.december.firstDay, gross: 11_300)
        )
        #expect(try Self.post(fixture, on: Self.november.lastDay).count == 1)
        let second = try Self.post(fixture, on: Self.december.firstDay)
        #expect(
            Self.says(second).prefix(2) == [
                "记-0004 2026-11-30 Dr 140501 3790.00 Cr 220202 3790.00",
                "记-0001 2026-12-01 Dr 140501 -4790.00 Cr 220202 -4790.00",
            ]
        )
        #expect(second.first?.text == "2026-11-30 月末发票未到，再暂估")
        #expect(try Self.post(fixture, on: Self.december.firstDay).isEmpty)
        for (date, sum) in [(Self.october.lastDay, 379_000), (Self.november.lastDay, 479_000)] {
            let posted = try Self.balance(fixture, "140501", to: date, view: "posted")
            #expect(posted == Int128(sum))
        }
        #expect(try Self.reasons(fixture) == [])
    }

    @Test("A month that runs shows the goods received before it, and says that they are to come")
    func running() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            Self.receipt(2, Self.day(Self.november, 3), 100_000)
        )
        let today = Self.day(Self.november, 10)
        try Self.post(fixture, on: today)
        for date in [today, Self.november.lastDay] {
            for (account, sum) in [("140501", Int128(314_000)), ("220202", -314_000)] {
                #expect(try Self.balance(fixture, account, to: date, view: "all") == sum)
            }
        }
        #expect(try Self.balance(fixture, "140501", to: today, view: "posted") == 100_000)
        let request = ReportRequest(from: Self.november.firstDay, to: today)
        let notes = try TrialBalanceReport().run(request, fixture.reportContext).notes
        #expect(notes.contains { $0.chinese.contains("月末再暂估入账") })
        let journal = try LedgerJournal.text(ReportRequest(), fixture.reportContext)
        #expect(journal.contains("\n2026-11-01 * (记-0001) 2026-11-01 月初红字冲回暂估"))
        #expect(journal.contains("\n2026-11-30 ! 2026-11-30 月末发票未到"))
        // What is shown as to come is what then comes.
        try Self.post(fixture, on: Self.december.firstDay)
        #expect(
            try LedgerJournal.text(ReportRequest(), fixture.reportContext).contains(
                "\n2026-11-30 * (记-0003) 2026-11-30 月末发票未到"
            )
        )
    }

    @Test("What comes late for an open month makes supplements; a closed month stays as it is")
    func late() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            Self.receipt(2, Self.day(Self.november, 3), 100_000)
        )
        let today = Self.december.firstDay
        try Self.post(fixture, on: today)
        try fixture.receive(Self.receipt(3, Self.october.lastDay, 5_000))
        let open = try Self.post(fixture, on: today)
        #expect(
            Self.says(open) == [
                "记-0002 2026-10-31 Dr 140501 50.00 Cr 220202 50.00",
                "记-0004 2026-11-01 Dr 140501 -50.00 Cr 220202 -50.00",
                "记-0005 2026-11-30 Dr 140501 50.00 Cr 220202 50.00",
            ]
        )
        #expect(open.last?.text == "2026-11-30 月末发票未到，再暂估（补记）")
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        try fixture.perform(ClosePeriod(entity: 1, period: Self.november))
        try fixture.receive(Self.receipt(4, Self.day(Self.november, 20), 700))
        let closed = try Self.post(fixture, on: today)
        #expect(
            Self.says(closed) == [
                "记-0001 2026-12-01 Dr 140501 7.00 Cr 220202 7.00",
                "记-0002 2026-12-01 Dr 140501 -3190.00 Cr 220202 -3190.00",
            ]
        )
        #expect(try Self.reasons(fixture) == [])
    }

    @Test("A month whose turn is not posted is not closed, whoever is waived")
    func close() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            try Make.sale(Make.id(4, 1), date: Self.november.firstDay, gross: 11_300)
        )
        try Self.post(fixture, on: Self.november.lastDay)
        fixture.now = Make.noon(Self.december.firstDay)
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        let wish = ClosePeriod(
            entity: 1,
            period: Self.november,
            waived: [11, 12],
            reason: "停业"
        )
        let refused = #expect(throws: LedgerRefusal.self) { try fixture.perform(wish) }
        #expect(refused?.code == 5_005)
        #expect(refused?.english.contains("2026-11-30") == true)
        try Self.post(fixture, on: Self.december.firstDay)
        try fixture.perform(wish)
        #expect(try Self.reasons(fixture) == [])
    }

    @Test("Months in which the books have nothing else are passed over")
    func silence() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, CivilDate(dayNumber: 9_900), 214_000),
            try Make.sale(Make.id(4, 1), date: Self.november.firstDay, gross: 11_300)
        )
        #expect(
            Self.says(try Self.post(fixture, on: Self.december.firstDay)) == [
                "记-0001 1997-02-08 Dr 140501 2140.00 Cr 220202 2140.00",
                "记-0001 2026-11-01 Dr 140501 -2140.00 Cr 220202 -2140.00",
                "记-0002 2026-11-01 Dr 1001 113.00 Cr 500101 100.00 Cr 22210107 13.00",
                "记-0003 2026-11-30 Dr 140501 2140.00 Cr 220202 2140.00",
            ]
        )
    }

    @Test("What a restored headquarters took back twice is put right by the next turn")
    func twice() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            Self.receipt(2, Self.day(Self.november, 3), 100_000)
        )
        let posted = try Self.post(fixture, on: Self.day(Self.november, 10))
        var lost = try #require(posted.first { $0.group == .estimateReversed })
        lost.number = 3
        let body = VoucherPostedTests.posted([], [lost]).body
        try fixture.apply(LedgerKind.voucherPosted, body, id: Make.id(5, 1))
        try fixture.flush()
        let day = Self.day(Self.november, 10)
        #expect(try Self.balance(fixture, "140501", to: day, view: "all") == 314_000)
        #expect(
            Self.says(try Self.post(fixture, on: day)) == [
                "记-0004 2026-11-01 Dr 140501 2140.00 Cr 220202 2140.00"
            ]
        )
        try Self.post(fixture, on: Self.december.firstDay)
        let end = Self.november.lastDay
        #expect(try Self.balance(fixture, "140501", to: end, view: "posted") == 314_000)
        #expect(try Self.reasons(fixture) == [])
    }

    @Test("What came back doubled into a closed month stands right at the next month's end")
    func twiceAndClosed() throws {
        let fixture = try LedgerFixture()
        try fixture.receive(
            Self.receipt(1, Self.day(Self.october, 12), 214_000),
            Self.receipt(2, Self.day(Self.november, 3), 100_000),
            try Make.sale(Make.id(4, 1), date: Self.december.firstDay, gross: 11_300)
        )
        let posted = try Self.post(fixture, on: Self.december.firstDay)
        var lost = try #require(posted.first { $0.group == .estimateReversed })
        #expect(lost.period == Self.november)
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        try fixture.perform(ClosePeriod(entity: 1, period: Self.november))
        lost.number = 4
        let body = VoucherPostedTests.posted([], [lost]).body
        try fixture.apply(LedgerKind.voucherPosted, body, id: Make.id(5, 1))
        try fixture.flush()
        try Self.post(fixture, on: Self.december.next.firstDay)
        let end = Self.december.lastDay
        #expect(try Self.balance(fixture, "140501", to: end, view: "posted") == 314_000)
        #expect(try Self.balance(fixture, "220202", to: end, view: "posted") == -314_000)
    }

    @Test("An act that ends in the middle of a month leaves its turn to a later one")
    func smallActs() throws {
        let small = try LedgerFixture()
        let large = try LedgerFixture()
        for fixture in [small, large] {
            for sequence: UInt32 in 1...60 {
                let date = Self.october.firstDay.adding(days: Int(sequence * 7 % 50))
                try fixture.receive(
                    Self.receipt(sequence, date, 100, branch: sequence % 3 == 0 ? 12 : 11)
                )
            }
        }
        let inMany = try Self.post(small, on: Self.december.firstDay, daysMax: 1)
        let inOne = try Self.post(large, on: Self.december.firstDay)
        #expect(inMany.count == inOne.count)
        #expect(!inMany.contains { $0.text.contains("补记") })
        #expect(inMany.filter { $0.group == .estimateReversed }.count == 2)
        let numbered = inOne.sorted { ($0.period, $0.number) < ($1.period, $1.number) }
        #expect(numbered.map(\.date) == inOne.map(\.date).sorted())
        for fixture in [small, large] { #expect(try Self.reasons(fixture) == []) }
    }
}
