// Ledger: the trial balance (科目余额表), by books, by branch or in total.

import Kernel
package import Module

/// Opening, movement and closing of every account.
package struct TrialBalanceReport: Report {
    package init() {}

    package var name: String { "trial-balance" }
    package var title: LocalText { LocalText("科目余额表", "Trial balance") }
    package var options: [String] { ["view", "by", "level", "account"] }

    private enum Grouping: String {
        case entity
        case branch
        case total
    }

    private struct Key: Hashable, Comparable {
        let entity: Int64
        let branch: Int64
        let account: String

        static func < (left: Key, right: Key) -> Bool {
            (left.entity, left.branch, left.account) < (right.entity, right.branch, right.account)
        }
    }

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        let scope = try BooksScope(request, context)
        let text = request.options["by"] ?? "entity"
        guard let grouping = Grouping(rawValue: text) else {
            throw ReportFault.badOption(
                name: "by",
                value: text,
                expected: LocalText(both: "entity, branch, total")
            )
        }
        let isFirstLevel = try Self.isFirstLevel(request)
        var books = LedgerBooks(context)
        var sums: [Key: Movement] = [:]
        var names: [Key: Int64] = [:]
        var isProvisional = false
        try books.forEach(scope) { line in
            let key = Key(
                entity: grouping == .total ? 0 : line.entity,
                branch: grouping == .branch ? line.branch : 0,
                account: isFirstLevel ? String(line.account.prefix(4)) : line.account
            )
            sums[key, default: Movement()].add(line, from: scope.from)
            names[key] = min(names[key] ?? line.entity, line.entity)
            if line.voucher == nil { isProvisional = true }
        }
        var total = Movement.Cells()
        var rows: [[ReportCell]] = []
        for (key, movement) in sums.sorted(by: { $0.key < $1.key }) where !movement.isNothing {
            let (chinese, english) = try books.accountNames(key.account, names[key] ?? key.entity)
            let cells = Movement.Cells(movement)
            total.add(cells)
            rows.append(
                [
                    key.entity == 0 ? .empty : .text(try books.names.entityCode(key.entity)),
                    key.branch == 0 ? .empty : .text(try books.names.branchCode(key.branch)),
                    .text(key.account), .text(chinese), .text(english),
                ] + (try cells.report())
            )
        }
        var blank = [ReportCell](repeating: .empty, count: 5)
        blank[0] = .words(LocalText("合计", "Total"))
        return ReportTable(
            title: title,
            period: scope.period,
            columns: Self.columns,
            rows: rows,
            totals: blank + (try total.report()),
            notes: LedgerNotes.of(scope, books, isProvisional: isProvisional)
                + LedgerNotes.goods(sums.keys.map(\.account))
        )
    }

    private static func isFirstLevel(_ request: ReportRequest) throws -> Bool {
        switch request.options["level"] {
        case nil, "leaf": return false
        case "1": return true
        case let value?:
            throw ReportFault.badOption(
                name: "level",
                value: value,
                expected: LocalText(both: "1, leaf")
            )
        }
    }

    private static let columns =
        [
            ReportColumn("entity", "账套", "Books", .text),
            ReportColumn("branch", "门店", "Branch", .text),
            ReportColumn("account", "科目编码", "Account", .text),
            ReportColumn("account_name", "科目名称", "Account name", .text, for: .chinese),
            ReportColumn("account_name_en", "科目英文名", "Account name", .text, for: .english),
        ] + Movement.columns
}

/// Opening, movement and closing of an account.
struct Movement {
    private(set) var opening: Int128 = 0
    private(set) var debit: Int128 = 0
    private(set) var credit: Int128 = 0
    private var isTouched = false

    var closing: Int128 { opening + debit - credit }

    /// True where nothing ever stood on the account in the scope.
    var isNothing: Bool { !isTouched && opening == 0 }

    /// Counts a line as opening where it lies before `from`, else as movement.
    mutating func add(_ line: BookLine, from: CivilDate) {
        if line.date < from {
            opening += line.signed
            return
        }
        isTouched = true
        if line.side == .debit { debit += line.amount } else { credit += line.amount }
    }

    init(opening: Int128 = 0, debit: Int128 = 0, credit: Int128 = 0) {
        self.opening = opening
        self.debit = debit
        self.credit = credit
    }

    /// The six amounts of a row; a balance stands on one side.
    struct Cells {
        private var amounts = [Int128](repeating: 0, count: 6)

        init() {}

        init(_ movement: Movement) {
            amounts = [
                max(movement.opening, 0), max(-movement.opening, 0), movement.debit,
                movement.credit, max(movement.closing, 0), max(-movement.closing, 0),
            ]
        }

        mutating func add(_ other: Cells) {
            for index in amounts.indices { amounts[index] += other.amounts[index] }
        }

        func report() throws -> [ReportCell] { try amounts.map { try .wide($0) } }
    }

    static let columns = [
        ReportColumn("opening_debit", "期初借方", "Opening debit", .fen),
        ReportColumn("opening_credit", "期初贷方", "Opening credit", .fen),
        ReportColumn("debit", "本期借方", "Debit", .fen),
        ReportColumn("credit", "本期贷方", "Credit", .fen),
        ReportColumn("closing_debit", "期末借方", "Closing debit", .fen),
        ReportColumn("closing_credit", "期末贷方", "Closing credit", .fen),
    ]
}

/// What stands below the reports of the books.
enum LedgerNotes {
    /// That the goods sold are still among the goods, where there are any.
    static func goods(_ accounts: [String]) -> [LocalText] {
        guard accounts.contains(where: { $0.hasPrefix("1405") }) else { return [] }
        return [
            LocalText(
                "销售成本尚未结转：库存商品为收货总额，销售收入没有对应成本，不能直接看利润。",
                "Cost of sales is not posted: goods stand at all that was received, and no profit "
                    + "can be read from this."
            )
        ]
    }

    static func of(
        _ scope: BooksScope,
        _ books: LedgerBooks,
        isProvisional: Bool
    ) -> [LocalText] {
        if scope.isPostedOnly { return [LocalText("仅已记账凭证。", "Posted vouchers only.")] }
        if !isProvisional { return [] }
        let notes = [
            LocalText(
                "含尚未记账的业务（暂列，无凭证号）；--view posted 只看已记账。",
                "Includes business that is not posted yet (provisional, without a number); "
                    + "--view posted shows posted vouchers only."
            )
        ]
        if !books.hasEstimatesAhead { return notes }
        return notes + [
            LocalText(
                "月初已红字冲回的收货暂估，发票未到，仍暂列于截止日；月末再暂估入账。",
                "Estimates of goods received that were taken back on the first of the month stand "
                    + "provisional at the last day shown; the month's end estimates them again."
            )
        ]
    }
}
