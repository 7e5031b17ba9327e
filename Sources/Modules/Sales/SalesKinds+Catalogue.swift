// Sales: its kinds as the catalogue of changes lists them, with a body that everyone must read.

import Kernel
package import Module
import Replication
import Wire

extension SalesKind {
    /// Every kind of Sales.
    package static var definitions: [KindDefinition] {
        [opened, closed, sealed, sale, returned, voided, payment, waived]
    }

    private static let place: [FieldDefinition] = [
        FieldDefinition(1, "entity", "id"),
        FieldDefinition(2, "branch", "id"),
        FieldDefinition(3, "till", "id"),
    ]

    private static let dateField = FieldDefinition(5, "business_date", "uint", unit: "day number")
    private static let reasonField = FieldDefinition(21, "reason", "tstr", isOptional: true)

    private static let ticketFields: [FieldDefinition] =
        place + [
            FieldDefinition(
                4,
                "taxpayer",
                "uint",
                isOptional: true,
                note: "1 general (absent), 2 small-scale"
            ),
            dateField,
            FieldDefinition(6, "series", "uint", isOptional: true, note: "0 is A (absent)"),
            FieldDefinition(7, "sequence", "uint", note: "from 1 in (till, series, date)"),
            FieldDefinition(8, "lifetime", "uint", note: "from 1 in the life of the till"),
            FieldDefinition(
                9,
                "lines",
                "[+ line]",
                note: """
                    [product, price version, unit price 1/10000 yuan, rate ppm, category, \
                    unit cost 1/1000000 yuan or -1, ? quantity 1/1000 (1), ? discount fen (0), \
                    ? amount fen (gross - discount)]
                    """
            ),
            FieldDefinition(
                10,
                "payments",
                "[+ payment]",
                isOptional: true,
                note: """
                    [tender, role, ? amount fen (a sole payment: the total), \
                    ? tendered fen (0: none), ? state (0 settled), ? reference]
                    """
            ),
            FieldDefinition(11, "ticket_discount", "uint", unit: "fen", isOptional: true),
            FieldDefinition(12, "rounding_off", "uint", unit: "fen", isOptional: true),
            FieldDefinition(13, "customer", "id", isOptional: true),
            FieldDefinition(14, "occurred", "int", unit: "ms since 1970", isOptional: true),
        ]

    private static let opened = KindDefinition(
        dayOpened,
        "day.opened",
        LocalText("收银台开班", "A till opened a business day"),
        authority: .ownBranch,
        fields: place + [
            FieldDefinition(4, "taxpayer", "uint", isOptional: true, note: "1 general (absent)"),
            dateField,
            FieldDefinition(6, "series", "uint", isOptional: true, note: "0 is A (absent)"),
            FieldDefinition(7, "replica", "uint", note: "the number the till wrote under then"),
            FieldDefinition(8, "opening_float", "uint", unit: "fen", isOptional: true),
            FieldDefinition(9, "previous_seal", "id", isOptional: true),
        ],
        sample: DayOpened(
            entity: 1,
            branch: 2,
            till: 3,
            date: CivilDate(dayNumber: 20_780),
            series: 1,
            replica: ReplicaNumber(7),
            openingFloat: Fen(50_000),
            previousSeal: ChangeID(replica: ReplicaNumber(6), sequence: 99)
        ).encoded()
    )

    private static let closed = KindDefinition(
        dayClosed,
        "day.closed",
        LocalText("收银台收班", "A till closed its day"),
        authority: .ownBranch,
        fields: place + [
            dateField,
            FieldDefinition(6, "day", "id", note: "the change that opened it"),
            FieldDefinition(7, "expected", "int", unit: "fen", isOptional: true),
            FieldDefinition(8, "counted", "uint", unit: "fen", isOptional: true),
            FieldDefinition(9, "cash_tender", "id", isOptional: true),
        ],
        sample: DayClosed(
            entity: 1,
            branch: 2,
            till: 3,
            date: CivilDate(dayNumber: 20_780),
            day: ChangeID(replica: ReplicaNumber(7), sequence: 1),
            expected: Fen(61_130),
            counted: Fen(61_000),
            cashTender: 9
        ).encoded()
    )

    private static let sealed = KindDefinition(
        daySealed,
        "day.sealed",
        LocalText("日结封存", "A till's statement for a closed day"),
        authority: .ownBranch,
        fields: place + [
            dateField,
            FieldDefinition(6, "series", "uint", isOptional: true),
            FieldDefinition(7, "day", "id", note: "the change that opened it"),
            FieldDefinition(8, "sequence_first", "uint", isOptional: true),
            FieldDefinition(9, "sequence_last", "uint", isOptional: true),
            FieldDefinition(10, "lifetime_first", "uint", isOptional: true),
            FieldDefinition(11, "lifetime_last", "uint", isOptional: true),
            FieldDefinition(12, "count", "uint", note: "sales and returns"),
            FieldDefinition(13, "totals", "[* [tender: id, amount: int]]", unit: "fen"),
            FieldDefinition(14, "head", "bstr .size 32", note: "before the act of the seal"),
            FieldDefinition(15, "previous", "id", isOptional: true, note: "the seal before"),
        ],
        sample: DaySealed(
            entity: 1,
            branch: 2,
            till: 3,
            date: CivilDate(dayNumber: 20_780),
            day: ChangeID(replica: ReplicaNumber(7), sequence: 1),
            sequences: 1...2,
            lifetimes: 101...102,
            count: 2,
            totals: [TenderTotal(tender: 9, amount: Fen(11_130))],
            head: .zero,
            previous: nil
        ).encoded()
    )

    private static var sale: KindDefinition {
        KindDefinition(
            saleClosed,
            "sale.closed",
            LocalText("销售", "A ticket was paid"),
            authority: .ownBranch,
            fields: ticketFields,
            sample: SaleClosed(sampleTicket).encoded()
        )
    }

    private static var returned: KindDefinition {
        KindDefinition(
            saleReturned,
            "sale.returned",
            LocalText("退货", "Goods came back"),
            authority: .ownBranch,
            fields: ticketFields + [
                FieldDefinition(16, "sale", "id", isOptional: true),
                FieldDefinition(17, "sold_by", "id", isOptional: true, note: "another branch"),
                FieldDefinition(18, "paper_code", "bstr .size 4", isOptional: true),
                FieldDefinition(19, "label", "tstr", isOptional: true),
                FieldDefinition(20, "origins", "[* [line: uint, sold: uint]]", isOptional: true),
                reasonField,
            ],
            sample: SaleReturned(
                sampleTicket,
                sale: ChangeID(replica: ReplicaNumber(7), sequence: 5),
                soldBy: 4,
                paperCode: [1, 2, 3, 4],
                origins: sampleTicket.lines.indices.map {
                    ReturnedLine(line: Int64($0), sold: Quantity(2_000))
                },
                reason: "尺码不合"
            ).encoded()
        )
    }

    private static var voided: KindDefinition {
        KindDefinition(
            saleVoided,
            "sale.voided",
            LocalText("作废", "A ticket was undone before the seal"),
            authority: .ownBranch,
            fields: ticketFields + [FieldDefinition(16, "sale", "id"), reasonField],
            sample: SaleVoided(
                sampleTicket,
                sale: ChangeID(replica: ReplicaNumber(7), sequence: 5),
                reason: "输错"
            ).encoded()
        )
    }

    private static let payment = KindDefinition(
        paymentChanged,
        "payment.changed",
        LocalText("支付状态", "What became of an electronic payment"),
        authority: .ownBranch,
        fields: [
            FieldDefinition(1, "document", "id", note: "the sale or return"),
            FieldDefinition(2, "payment", "uint", note: "its index"),
            FieldDefinition(
                3,
                "state",
                "uint",
                note: "0 settled, 1 manual, 2 requested, 3 unknown, 4 failed, 5 reversed"
            ),
            FieldDefinition(4, "reference", "tstr", isOptional: true),
        ],
        sample: PaymentChanged(
            document: ChangeID(replica: ReplicaNumber(7), sequence: 5),
            payment: 0,
            state: .settled,
            reference: "4200001"
        ).encoded()
    )

    private static let waived = KindDefinition(
        dayWaived,
        "day.waived",
        LocalText("免封", "Headquarters treats a day as complete"),
        authority: .headquarters,
        fields: [
            FieldDefinition(2, "branch", "id"),
            FieldDefinition(3, "till", "id", isOptional: true, note: "absent: all tills"),
            dateField,
            FieldDefinition(21, "reason", "tstr"),
        ],
        sample: DayWaived(branch: 2, date: CivilDate(dayNumber: 20_780), reason: "断电").encoded()
    )

    private static var sampleTicket: Ticket {
        let line = try? TicketLine(
            product: 11,
            priceVersion: 21,
            unitPrice: UnitPrice(128_000),
            rate: Rate(130_000),
            category: 31,
            unitCost: UnitCost(7_500_000),
            quantity: Quantity(2_000),
            discount: Fen(60)
        )
        return Ticket(
            entity: 1,
            branch: 2,
            till: 3,
            date: CivilDate(dayNumber: 20_780),
            sequence: 17,
            lifetime: 4_711,
            lines: line.map { [$0] } ?? [],
            payments: [
                TicketPayment(
                    tender: 9,
                    role: .cashOnHand,
                    amount: Fen(2_500),
                    tendered: Fen(3_000)
                )
            ]
        )
    }
}
