// Ledger: the general ledger (总账), first-level accounts by month.

import Kernel
package import Module

/// Each first-level account, month by month.
package struct GeneralLedgerReport: Report {
    package init() {}

    package var name: String { "general-ledger" }
    package var title: LocalText { LocalText("总账", "General ledger") }
    package var options: [String] { ["view", "account"] }

    private struct Key: Hashable, Comparable {
        let entity: Int64
        let account: String

        static func < (left: Key, right: Key) -> Bool {
            (left.entity, left.account) < (right.entity, right.account)
        }
    }

    private struct Account {
        var opening: Int128 = 0
        var lines: [AccountingPeriod: (debit: Int128, credit: Int128)] = [:]
    }

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        let scope = try BooksScope(request, context)
        var books = LedgerBooks(context)
        var accounts: [Key: Account] = [:]
        var isProvisional = false
        try books.forEach(scope) { line in
            let key = Key(entity: line.entity, account: String(line.account.prefix(4)))
            if line.voucher == nil { isProvisional = true }
            if line.date < scope.from {
                accounts[key, default: Account()].opening += line.signed
                return
            }
            let period = line.date.period
            if line.side == .debit {
                accounts[key, default: Account()].lines[period, default: (0, 0)].debit +=
                    line.amount
            } else {
                accounts[key, default: Account()].lines[period, default: (0, 0)].credit +=
                    line.amount
            }
        }
        var rows: [[ReportCell]] = []
        for (key, account) in accounts.sorted(by: { $0.key < $1.key }) {
            let (chinese, english) = try books.accountNames(key.account, key.entity)
            let head: [ReportCell] = [
                .text(try books.names.entityCode(key.entity)), .text(key.account),
                .text(chinese), .text(english),
            ]
            var opening = account.opening
            var period = scope.from.period
            while period <= scope.to.period {
                let (debit, credit) = account.lines[period] ?? (0, 0)
                let movement = Movement(opening: opening, debit: debit, credit: credit)
                if opening != 0 || account.lines[period] != nil {
                    rows.append(
                        head + [.text(period.description)]
                            + (try Movement.Cells(movement).report())
                    )
                }
                opening = movement.closing
                period = period.next
            }
        }
        return ReportTable(
            title: title,
            period: scope.period,
            columns: Self.columns,
            rows: rows,
            notes: LedgerNotes.of(scope, books, isProvisional: isProvisional)
        )
    }

    private static let columns =
        [
            ReportColumn("entity", "账套", "Books", .text),
            ReportColumn("account", "科目编码", "Account", .text),
            ReportColumn("account_name", "科目名称", "Account name", .text, for: .chinese),
            ReportColumn("account_name_en", "科目英文名", "Account name", .text, for: .english),
            ReportColumn("period", "期间", "Period", .text),
        ] + Movement.columns
}
