// Closing months and opening them again, and where late business then stands.

import Kernel
import Ledger
import Module
import SQLite
import Testing

@Suite struct PeriodTests {
    static let october = AccountingPeriod(year: 2026, month: 10)
    static let november = AccountingPeriod(year: 2026, month: 11)
    static let september = AccountingPeriod(year: 2026, month: 9)

    private static func refusal<Wish: Command>(
        _ wish: Wish,
        _ fixture: LedgerFixture
    ) throws -> Int? {
        do {
            try fixture.perform(wish)
            return nil
        } catch let refusal as any Refusal {
            return refusal.code
        }
    }

    /// Books with a posted sale on a day of October.
    private static func posted() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        try fixture.receive(
            try Make.sale(Make.id(3, 1), date: october.firstDay, gross: 11_300)
        )
        try fixture.perform(PostVouchers())
        return fixture
    }

    @Test("A month is closed when it is over, once, and after the months before it")
    func order() throws {
        let fixture = try Self.posted()
        try fixture.receive(
            try Make.sale(Make.id(3, 2), date: Self.september.lastDay, gross: 100)
        )
        try fixture.perform(PostVouchers())
        func close(_ period: AccountingPeriod, entity: Int64 = 1) throws -> Int? {
            try Self.refusal(ClosePeriod(entity: entity, period: period), fixture)
        }
        #expect(try close(Self.november) == 5_002)
        #expect(try close(Self.october, entity: 9) == 5_001)
        #expect(try close(Self.october) == 5_004)
        #expect(try close(Self.september) == nil)
        #expect(try close(Self.september) == 5_003)
        #expect(try close(Self.october) == nil)
        #expect(try close(Self.october, entity: 2) == nil)
        #expect(try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog).isEmpty)
    }

    @Test("A month with unposted business, or days that are not complete, is not closed")
    func incomplete() throws {
        let fixture = try Self.posted()
        try fixture.receive(
            try Make.sale(Make.id(3, 2), branch: 12, date: Self.october.lastDay, gross: 100)
        )
        let day = LedgerFixture.BranchDate(branch: 12, date: Self.october.lastDay)
        fixture.states = [day: .disagreeing]
        var wish = ClosePeriod(entity: 1, period: Self.october)
        #expect(try Self.refusal(wish, fixture) == 5_005)
        wish.waived = [12]
        #expect(try Self.refusal(wish, fixture) == 5_007)
        wish.reason = "门店停业"
        #expect(try Self.refusal(wish, fixture) == nil)
        let second = try Self.posted()
        for state: DayState in [.open, .pending] {
            second.states = [day: state]
            #expect(
                try Self.refusal(ClosePeriod(entity: 1, period: Self.october), second) == 5_006
            )
        }
    }

    @Test("A store that was not heard of since before the end of the month holds up its close")
    func silent() throws {
        let fixture = try Self.posted()
        fixture.stateElsewhere = .unknown
        let last = Self.october.lastDay
        for branch: Int64 in [11, 12] {
            let date = last.adding(days: -2)
            fixture.states[LedgerFixture.BranchDate(branch: branch, date: date)] = .complete
        }
        let wish = ClosePeriod(entity: 1, period: Self.october)
        #expect(try Self.refusal(wish, fixture) == 5_006)
        // Both open again after the month: the days between are known to be days of rest.
        for branch: Int64 in [11, 12] {
            let date = last.adding(days: 3)
            fixture.states[LedgerFixture.BranchDate(branch: branch, date: date)] = .open
        }
        #expect(try Self.refusal(wish, fixture) == nil)
    }

    @Test("What comes after the close is dated in the first open month, and says so")
    func late() throws {
        let fixture = try Self.posted()
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        let request = ReportRequest(from: Self.october.firstDay, to: Self.october.lastDay)
        let before = try TrialBalanceReport().run(request, fixture.reportContext)
        try fixture.receive(
            try Make.sale(Make.id(3, 2), date: Self.october.lastDay, gross: 22_600)
        )
        let provisional = try TrialBalanceReport().run(request, fixture.reportContext)
        #expect(provisional.rows == before.rows)
        let act = try fixture.perform(PostVouchers()).act
        let voucher = try LedgerFixture.postings(act).first?.vouchers.first
        #expect(voucher?.date == Self.november.firstDay)
        #expect(voucher?.period == Self.november)
        #expect(voucher?.number == 1)
        #expect(voucher?.businessDate == Self.october.lastDay)
        #expect(voucher?.text == "2026-10-31 零售日汇总（跨期补录，原业务日期 2026-10-31）")
        let after = try TrialBalanceReport().run(request, fixture.reportContext)
        #expect(after.rows == before.rows)
        #expect(try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog).isEmpty)
    }

    @Test("What comes of a month before the first closed one leaves the closed figures alone")
    func earlier() throws {
        let fixture = try Self.posted()
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        try fixture.receive(
            try Make.sale(Make.id(3, 2), date: Self.september.firstDay, gross: 22_600)
        )
        #expect(
            try Self.refusal(ClosePeriod(entity: 1, period: Self.september), fixture) == 5_003
        )
        let act = try fixture.perform(PostVouchers()).act
        let voucher = try LedgerFixture.postings(act).first?.vouchers.first
        #expect(voucher?.date == Self.november.firstDay)
        #expect(voucher?.businessDate == Self.september.firstDay)
        #expect(try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog).isEmpty)
    }

    @Test("Only the last closed month is opened again, with a reason, by the ruling's own name")
    func reopen() throws {
        let fixture = try Self.posted()
        let september = ClosePeriod(entity: 1, period: Self.september)
        try fixture.perform(september)
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        func reopen(_ period: AccountingPeriod, _ reason: String = "漏记") throws -> Int? {
            try Self.refusal(ReopenPeriod(entity: 1, period: period, reason: reason), fixture)
        }
        #expect(try reopen(Self.november) == 5_008)
        #expect(try reopen(Self.september) == 5_009)
        #expect(try reopen(Self.october, " ") == 5_007)
        #expect(try reopen(Self.october) == nil)
        #expect(try reopen(Self.october) == 5_008)
        #expect(try reopen(Self.september) == nil)
        try fixture.receive(
            try Make.sale(Make.id(3, 2), date: Self.october.firstDay, gross: 100)
        )
        let act = try fixture.perform(PostVouchers()).act
        #expect(try LedgerFixture.postings(act).first?.vouchers.first?.period == Self.october)
    }

    @Test("A closed figure that changed is a violation")
    func changed() throws {
        let fixture = try Self.posted()
        try fixture.perform(ClosePeriod(entity: 1, period: Self.october))
        #expect(try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog).isEmpty)
        try fixture.views.execute("UPDATE ledger_line SET amount = amount + 1 WHERE line = 0")
        let reasons = try LedgerModule().violations(fixture.reportContext).filter(isNotOfTheLog)
        #expect(reasons.contains { $0.contains("the closed period 2026-10 of entity 1 changed") })
        #expect(reasons.contains { $0.contains("is out by 1 fen") })
        #expect(reasons.contains { $0.contains("were changed") })
    }

    @Test("A number that is missing is a violation at headquarters")
    func gap() throws {
        let fixture = try Self.posted()
        try fixture.views.execute("UPDATE ledger_voucher SET number = 2")
        let reasons = try LedgerModule().violations(fixture.reportContext)
        #expect(reasons.contains { $0.contains("run from 2 to 2, but are 1") })
    }

    @Test("Where today's code makes another effect of a posted change, a red reversal is proposed")
    func difference() throws {
        let fixture = try LedgerFixture()
        let posted = VoucherPostedTests.posted(
            [Make.id(3, 1)...Make.id(3, 1)],
            [VoucherPostedTests.voucher()]
        )
        try fixture.apply(LedgerKind.voucherPosted, posted.body, id: Make.id(0, 1))
        try fixture.receive(
            LedgerEffect(
                change: Make.id(3, 1),
                entity: 1,
                branch: 11,
                businessDate: Make.day,
                group: .retailDay,
                lines: [
                    LedgerLine(.debit, .cashOnHand, Fen(130), tender: 3),
                    LedgerLine(.credit, .salesRevenue, Fen(130), tender: 3),
                ]
            )
        )
        let findings = try LedgerModule().findings(fixture.reportContext)
        #expect(findings.map(\.subject) == ["2026-11 记-0001 · S11"])
        #expect(
            findings.first?.evidence.english
                == "effects now − posted: Dr cash_on_hand 0.30, Cr sales_revenue 0.30"
        )
        #expect(findings.first?.proposal.chinese.hasPrefix("红字冲销 2026-11 记-0001") == true)
    }
}
