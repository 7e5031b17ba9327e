// Ledger (总账): the door. What headquarters decides about the books, and what they show.

import Kernel
package import Module
package import Replication
import Wire

/// The module of the books: provisional effects, posted vouchers, closed periods.
package struct LedgerModule: BusinessModule {
    package init() {}

    package var number: UInt8 { LedgerKind.module }
    package var name: String { "Ledger" }

    package var kinds: [KindDefinition] {
        [Self.voucherPosted, Self.periodClosed, Self.periodReopened]
    }

    package var reports: [any Report] {
        [TrialBalanceReport(), GeneralLedgerReport(), DetailLedgerReport(), VouchersReport()]
    }

    package func projection(_ router: EffectRouter) -> any Projection { LedgerProjection() }

    package func findings(_ context: ReportContext) throws -> [Finding] {
        try LedgerChecks.differences(context)
    }

    package func violations(_ context: ReportContext) throws -> [String] {
        try LedgerChecks.violations(context)
    }

    private static let voucherPosted = KindDefinition(
        LedgerKind.voucherPosted,
        "voucher.posted",
        LocalText("记账", "Effects became vouchers"),
        authority: .headquarters,
        fields: [
            FieldDefinition(1, "entity", "id"),
            FieldDefinition(2, "rule_version", "uint"),
            FieldDefinition(
                3,
                "sources",
                "[* [replica: uint, [+ [from: uint, to: uint]]]]",
                note: "sequences, inclusive, ascending and apart"
            ),
            FieldDefinition(
                4,
                "vouchers",
                "[* [series: tstr, period: uint, n: uint, date: uint, "
                    + "[2* [account: tstr, role: uint, side: 1..2, amount: int, rate: int, "
                    + "tender: id, party: id, branch: id]], "
                    + "group: uint, branch: id, business_date: uint, text: tstr]]",
                unit: "period: year × 12 + month − 1; dates: days since 1970-01-01",
                note: "lines: side 1 debit, 2 credit, amount in fen, negative is red, rate in "
                    + "parts per million, tender and party 0 for none; debits equal credits"
            ),
        ],
        sample: sample.body
    )

    private static let sample = VoucherPosted(
        entity: 2,
        ruleVersion: 1,
        sources: [
            ChangeID(
                replica: ReplicaNumber(7),
                sequence: 1
            )...ChangeID(replica: ReplicaNumber(7), sequence: 40)
        ],
        vouchers: [
            Voucher(
                period: AccountingPeriod(year: 2026, month: 11),
                number: 1,
                date: CivilDate(dayNumber: 20_780),
                lines: [
                    PostedLine(
                        account: "1001",
                        role: .cashOnHand,
                        side: .debit,
                        amount: Fen(10_000),
                        rate: .zero,
                        tender: 3,
                        party: 0,
                        branch: 4_294_967_297
                    ),
                    PostedLine(
                        account: "500101",
                        role: .salesRevenue,
                        side: .credit,
                        amount: Fen(8_850),
                        rate: Rate(130_000),
                        tender: 0,
                        party: 0,
                        branch: 4_294_967_297
                    ),
                    PostedLine(
                        account: "22210107",
                        role: .vatOutput,
                        side: .credit,
                        amount: Fen(1_150),
                        rate: Rate(130_000),
                        tender: 0,
                        party: 0,
                        branch: 4_294_967_297
                    ),
                ],
                group: .retailDay,
                branch: 4_294_967_297,
                businessDate: CivilDate(dayNumber: 20_780),
                text: "2026-11-23 零售日汇总"
            )
        ]
    )

    private static let periodClosed = KindDefinition(
        LedgerKind.periodClosed,
        "period.closed",
        LocalText("结账", "A month of the books was closed"),
        authority: .headquarters,
        fields: [
            FieldDefinition(1, "entity", "id"),
            FieldDefinition(2, "period", "uint", unit: "year × 12 + month − 1"),
            FieldDefinition(3, "last_numbers", "[* [series: tstr, n: uint]]"),
            FieldDefinition(4, "frontier", "[* uint]", unit: "last change of each replica"),
            FieldDefinition(
                5,
                "trial_balance",
                "bstr .size 32",
                note: "H(CBOR[\"trial-balance\", 1, entity, period, "
                    + "[* [account, branch, debit, credit]]]) of all posted up to the end"
            ),
            FieldDefinition(6, "waived", "[+ id]", isOptional: true, note: "branches"),
            FieldDefinition(7, "reason", "tstr", isOptional: true),
        ],
        sample: PeriodClosed(
            entity: 2,
            period: AccountingPeriod(year: 2026, month: 10),
            lastNumbers: [SeriesNumber(series: VoucherSeries.general, number: 31)],
            frontier: [ChangeID(replica: ReplicaNumber(7), sequence: 40)],
            trialBalance: .zero,
            waived: [4_294_967_298],
            reason: "门店装修停业"
        ).body
    )

    private static let periodReopened = KindDefinition(
        LedgerKind.periodReopened,
        "period.reopened",
        LocalText("反结账", "A closed month was opened again"),
        authority: .headquarters,
        fields: [
            FieldDefinition(1, "closing", "id", note: "the ruling that is undone"),
            FieldDefinition(2, "reason", "tstr"),
        ],
        sample: PeriodReopened(
            closing: ChangeID(replica: .headquarters, sequence: 90),
            reason: "漏记暂估"
        ).body
    )
}
