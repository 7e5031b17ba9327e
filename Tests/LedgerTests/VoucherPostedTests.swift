// The bytes of the rulings of the books.

import Kernel
import Ledger
import Module
import Testing
import Wire

@Suite struct VoucherPostedTests {
    static func line(_ side: LedgerLine.Side, _ amount: Int64) -> PostedLine {
        PostedLine(
            account: side == .debit ? "1001" : "500101",
            role: side == .debit ? .cashOnHand : .salesRevenue,
            side: side,
            amount: Fen(amount),
            rate: .zero,
            tender: 3,
            party: 0,
            branch: 11
        )
    }

    static func voucher(_ number: Int64 = 1, amounts: (Int64, Int64) = (100, 100)) -> Voucher {
        Voucher(
            period: Make.day.period,
            number: number,
            date: Make.day,
            lines: [line(.debit, amounts.0), line(.credit, amounts.1)],
            group: .retailDay,
            branch: 11,
            businessDate: Make.day,
            text: "零售日汇总"
        )
    }

    static func posted(
        _ sources: [ClosedRange<ChangeID>],
        _ vouchers: [Voucher]
    ) -> VoucherPosted {
        VoucherPosted(entity: 1, ruleVersion: 1, sources: sources, vouchers: vouchers)
    }

    @Test("A posting reads back as it was written, its sources by replica")
    func roundTrip() throws {
        let posted = Self.posted(
            [
                Make.id(3, 1)...Make.id(3, 7), Make.id(3, 9)...Make.id(3, 9),
                Make.id(5, 2)...Make.id(5, 2),
            ],
            [Self.voucher(1), Self.voucher(2, amounts: (-50, -50))]
        )
        let body = posted.body
        try CBORReader.validate(body)
        #expect(try body.withUnsafeBytes { try VoucherPosted($0) } == posted)
        let value = try CBORValue(decoding: body)
        guard case .map(let entries) = value else { return }
        let sources = CBORValue.array([
            .array([
                .integer(3),
                .array([
                    .array([.integer(1), .integer(7)]), .array([.integer(9), .integer(9)]),
                ]),
            ]),
            .array([.integer(5), .array([.array([.integer(2), .integer(2)])])]),
        ])
        #expect(entries.map(\.key) == (1...4).map { .integer($0) })
        #expect(entries[2].value == sources)
    }

    @Test("A posting that breaks a rule of its own bytes is refused")
    func refused() {
        let ok = Make.id(3, 1)...Make.id(3, 7)
        var outside = Self.voucher()
        outside.date = Make.day.adding(months: 1)
        var single = Self.voucher()
        single.lines = [Self.line(.debit, 5)]
        let bad = [
            Self.posted([ok, Make.id(3, 7)...Make.id(3, 8)], [Self.voucher()]),
            Self.posted([Make.id(5, 1)...Make.id(5, 1), ok], [Self.voucher()]),
            Self.posted([ok], [Self.voucher(amounts: (100, 99))]),
            Self.posted([ok], [Self.voucher(0)]),
            Self.posted([ok], [Self.voucher(1), Self.voucher(1)]),
            Self.posted([ok], [Self.voucher(amounts: (0, 0))]),
            Self.posted([ok], [outside]),
            Self.posted([ok], [single]),
        ]
        for posted in bad {
            let body = posted.body
            #expect(throws: WireFault.self) {
                try body.withUnsafeBytes { _ = try VoucherPosted($0) }
            }
        }
    }

    @Test("A close and its opposite read back as they were written")
    func periods() throws {
        for waived: [Int64] in [[], [11, 12]] {
            let closed = PeriodClosed(
                entity: 1,
                period: AccountingPeriod(year: 2026, month: 10),
                lastNumbers: [SeriesNumber(series: "记", number: 31)],
                frontier: [Make.id(3, 1), Make.id(5, 9)],
                trialBalance: SHA256.digest([1]),
                waived: waived,
                reason: waived.isEmpty ? "" : "停业"
            )
            let body = closed.body
            try CBORReader.validate(body)
            #expect(try body.withUnsafeBytes { try PeriodClosed($0) } == closed)
        }
        let reopened = PeriodReopened(closing: Make.id(0, 4), reason: "漏记")
        #expect(try reopened.body.withUnsafeBytes { try PeriodReopened($0) } == reopened)
    }

    @Test("Each sample of the door is canonical, and is projected")
    func samples() throws {
        for kind in LedgerModule().kinds {
            try CBORReader.validate(kind.sample)
            let fixture = try LedgerFixture()
            try fixture.apply(kind.kind, kind.sample, id: Make.id(0, 1))
            try fixture.flush()
            #expect(try !fixture.dump().isEmpty)
        }
    }
}
