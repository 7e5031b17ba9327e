// Sales: electronic payments and refunds of which the money did not come, or nobody knows whether.

import Kernel
import Module
import SQLite

extension SalesChecks {
    /// A payment or refund whose latest word is not that it is settled.
    private struct Unsettled {
        let document: ChangeID
        let payment: Int64
        let state: PaymentState
        let reference: String
    }

    /// Electronic payments whose latest word is that the money did not come, or may not have, and
    /// those of earlier days of which nobody ever said what became of them.
    static func payments(_ context: ReportContext) throws -> [Finding] {
        let statement = try context.views.statement(
            """
            SELECT document, payment, state, reference FROM sales_payment_state AS p
            WHERE state IN (3, 4, 5) AND NOT EXISTS(SELECT 1 FROM sales_payment_state AS q
              WHERE q.document = p.document AND q.payment = p.payment
              AND (q.effective > p.effective OR (q.effective = p.effective AND q.id > p.id)))
            UNION ALL
            SELECT document, payment, state, reference FROM sales_payment_open AS o
            WHERE business_date < ?1 AND NOT EXISTS(SELECT 1 FROM sales_payment_state AS q
              WHERE q.document = o.document AND q.payment = o.payment AND q.state <> 2)
            ORDER BY document, payment
            """
        )
        statement.bind(1, Int64(context.today.dayNumber))
        var rows: [Unsettled] = []
        try statement.forEach { row in
            rows.append(
                Unsettled(
                    document: ChangeID(row.integer(0)),
                    payment: row.integer(1),
                    state: PaymentState(rawValue: row.integer(2)) ?? .unknown,
                    reference: row.text(3)
                )
            )
        }
        let names = SalesNames(context)
        var findings: [Finding] = []
        for row in rows {
            let document = try SalesQueries.document(row.document, context.views, context.log)
            // Of a neighbour's ticket its own branch sees to the money.
            if let own = context.wholeBranch, let branch = document?.ticket.branch, branch != own {
                continue
            }
            findings.append(
                try finding(row, isRefund: document?.isReturn ?? false, names)
            )
        }
        return findings
    }

    private static func finding(
        _ row: Unsettled,
        isRefund: Bool,
        _ names: SalesNames
    ) throws -> Finding {
        let reference = row.reference.isEmpty ? "" : " \(row.reference)"
        let kind = isRefund ? LocalText("退款", "refund") : LocalText("收款", "payment")
        return Finding(
            check: "sales.payment.unsettled",
            subject: "\(try names.ticket(row.document)) #\(row.payment + 1)",
            evidence: LocalText(
                "\(kind.chinese)\(row.state.words.chinese)\(reference)",
                "\(kind.english) \(row.state.words.english)\(reference)"
            ),
            proposal: isRefund
                ? LocalText(
                    "退款可能未到顾客账上：向支付机构查询，必要时用现金退还。",
                    "The customer may not have the money: ask the provider, or refund in cash."
                )
                : LocalText(
                    "款项未到账：向支付机构查询，必要时向顾客追收。",
                    "The money did not come: ask the provider, or collect it from the customer."
                )
        )
    }
}

extension PaymentState {
    /// The state for people.
    var words: LocalText {
        switch self {
        case .settled: LocalText("已到账", "settled")
        case .manual: LocalText("人工确认", "seen by the cashier")
        case .requested: LocalText("已发起", "requested")
        case .unknown: LocalText("结果未知", "not known")
        case .failed: LocalText("失败", "failed")
        case .reversed: LocalText("已撤销", "reversed")
        }
    }
}
