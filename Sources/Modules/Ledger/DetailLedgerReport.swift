// Ledger: the detail ledger (明细账), every line of an account with its running balance, and the
// list of vouchers (凭证).

import Kernel
package import Module

/// Every line of the accounts asked for, with the balance after it.
package struct DetailLedgerReport: Report {
    package init() {}

    package var name: String { "detail-ledger" }
    package var title: LocalText { LocalText("明细账", "Detail ledger") }
    package var options: [String] { ["account", "view"] }

    private struct Key: Hashable, Comparable {
        let entity: Int64
        let account: String

        static func < (left: Key, right: Key) -> Bool {
            (left.entity, left.account) < (right.entity, right.account)
        }
    }

    private struct Account {
        var opening: Int128 = 0
        var lines: [BookLine] = []
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
            let key = Key(entity: line.entity, account: line.account)
            if line.date < scope.from {
                accounts[key, default: Account()].opening += line.signed
            } else {
                accounts[key, default: Account()].lines.append(line)
                if line.voucher == nil { isProvisional = true }
            }
        }
        var rows: [[ReportCell]] = []
        for (key, account) in accounts.sorted(by: { $0.key < $1.key }) {
            if account.opening == 0, account.lines.isEmpty { continue }
            let (chinese, english) = try books.accountNames(key.account, key.entity)
            let head: [ReportCell] = [
                .text(try books.names.entityCode(key.entity)), .text(key.account),
                .words(LocalText(chinese, english)),
            ]
            var balance = account.opening
            rows.append(
                head + [
                    .date(scope.from), .empty, .words(LocalText("期初余额", "Opening balance")), .empty,
                    .empty, .empty,
                ]
                    + (try Self.balance(balance)) + [.empty]
            )
            // Posted lines come first as they were numbered, provisional ones after them; a
            // sort by date that keeps that order within a day.
            let sorted = account.lines.enumerated().sorted {
                ($0.element.date, $0.offset) < ($1.element.date, $1.offset)
            }
            for (_, line) in sorted {
                balance += line.signed
                rows.append(
                    head + (try Self.cells(line, &books)) + (try Self.balance(balance)) + [
                        .words(Self.status(line))
                    ]
                )
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

    private static func cells(
        _ line: BookLine,
        _ books: inout LedgerBooks
    ) throws -> [ReportCell] {
        return [
            .date(line.date), line.voucher.map { .text($0.label) } ?? .empty, .words(line.summary),
            .text(try books.names.branchCode(line.branch)),
            line.side == .debit ? try .wide(line.amount) : .empty,
            line.side == .credit ? try .wide(line.amount) : .empty,
        ]
    }

    private static func status(_ line: BookLine) -> LocalText {
        line.voucher == nil ? LocalText("未记账", "provisional") : LocalText("已记账", "posted")
    }

    private static func balance(_ signed: Int128) throws -> [ReportCell] {
        let side =
            signed > 0
            ? LocalText("借", "Dr") : signed < 0 ? LocalText("贷", "Cr") : LocalText("平", "–")
        return [.words(side), try .wide(signed < 0 ? -signed : signed)]
    }

    private static let columns = [
        ReportColumn("entity", "账套", "Books", .text),
        ReportColumn("account", "科目编码", "Account", .text),
        ReportColumn("account_name", "科目名称", "Account name", .text),
        ReportColumn("date", "日期", "Date", .date),
        ReportColumn("voucher", "凭证号", "Voucher", .text),
        ReportColumn("summary", "摘要", "Summary", .text),
        ReportColumn("branch", "门店", "Branch", .text),
        ReportColumn("debit", "借方", "Debit", .fen),
        ReportColumn("credit", "贷方", "Credit", .fen),
        ReportColumn("balance_side", "方向", "Side", .text),
        ReportColumn("balance", "余额", "Balance", .fen),
        ReportColumn("status", "状态", "Status", .text),
    ]
}

/// Every line of every posted voucher.
package struct VouchersReport: Report {
    package init() {}

    package var name: String { "vouchers" }
    package var title: LocalText { LocalText("记账凭证", "Vouchers") }
    package var options: [String] { ["account"] }

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        var scope = try BooksScope(request, context)
        scope.isPostedOnly = true
        var lines: [BookLine] = []
        var books = LedgerBooks(context)
        try books.forEach(scope) { line in
            if line.date >= scope.from { lines.append(line) }
        }
        var debit: Int128 = 0
        var credit: Int128 = 0
        var rows: [(key: Order, cells: [ReportCell])] = []
        for (index, line) in lines.enumerated() {
            guard let voucher = line.voucher else { continue }
            let (chinese, english) = try books.accountNames(line.account, line.entity)
            if line.side == .debit { debit += line.amount } else { credit += line.amount }
            let cells: [ReportCell] = [
                .text(try books.names.entityCode(line.entity)),
                .text(voucher.period.description), .text(voucher.label), .date(line.date),
                .date(line.businessDate), .text(try books.names.branchCode(line.branch)),
                .words(line.summary), .text(line.account), .text(chinese), .text(english),
                line.side == .debit ? try .wide(line.amount) : .empty,
                line.side == .credit ? try .wide(line.amount) : .empty,
            ]
            rows.append((Order(line, voucher, index), cells))
        }
        rows.sort { $0.key < $1.key }
        var totals = [ReportCell](repeating: .empty, count: 10)
        totals[0] = .words(LocalText("合计", "Total"))
        totals += [try .wide(debit), try .wide(credit)]
        return ReportTable(
            title: title,
            period: scope.period,
            columns: Self.columns,
            rows: rows.map(\.cells),
            totals: totals
        )
    }

    /// By books, period, series and number, then as the lines were posted.
    private struct Order: Comparable {
        let entity: Int64
        let voucher: BookVoucher
        let index: Int

        init(_ line: BookLine, _ voucher: BookVoucher, _ index: Int) {
            entity = line.entity
            self.voucher = voucher
            self.index = index
        }

        static func < (left: Order, right: Order) -> Bool {
            (left.entity, left.voucher.period, left.voucher.series, left.voucher.number, left.index)
                < (
                    right.entity, right.voucher.period, right.voucher.series,
                    right.voucher.number, right.index
                )
        }
    }

    private static let columns = [
        ReportColumn("entity", "账套", "Books", .text),
        ReportColumn("period", "期间", "Period", .text),
        ReportColumn("voucher", "凭证号", "Voucher", .text),
        ReportColumn("date", "日期", "Date", .date),
        ReportColumn("business_date", "业务日期", "Business date", .date),
        ReportColumn("branch", "门店", "Branch", .text),
        ReportColumn("summary", "摘要", "Summary", .text),
        ReportColumn("account", "科目编码", "Account", .text),
        ReportColumn("account_name", "科目名称", "Account name", .text, for: .chinese),
        ReportColumn("account_name_en", "科目英文名", "Account name", .text, for: .english),
        ReportColumn("debit", "借方", "Debit", .fen),
        ReportColumn("credit", "贷方", "Credit", .fen),
    ]
}
