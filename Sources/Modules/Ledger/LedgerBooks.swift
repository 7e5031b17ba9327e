// Ledger: the lines of the books, posted and provisional alike, as reports read them.
// Provisional lines stand under the account that their role has in the chart of today.

import Kernel
import Module
import SQLite

/// What a report reads of the books.
struct BooksScope {
    /// The first day whose movement is asked for; what lies before is the opening.
    var from: CivilDate
    var to: CivilDate
    var entity: Int64?
    var branch: Int64?
    /// A code, of which all accounts below are meant; nil is all.
    var account: String?
    var isPostedOnly: Bool
    var period: ReportPeriod { ReportPeriod(from: from, to: to) }

    /// Reads the period, the filters and `view` of a request; a month where no period is given.
    init(_ request: ReportRequest, _ context: ReportContext) throws {
        let period = ReportPeriod(request, today: context.today)
        from = period.from
        to = period.to
        entity = request.entity
        branch = request.branch
        account = request.options["account"]
        switch request.options["view"] {
        case nil, "all": isPostedOnly = false
        case "posted": isPostedOnly = true
        case let value?:
            throw ReportFault.badOption(
                name: "view",
                value: value,
                expected: LocalText(both: "posted, all")
            )
        }
        if let account, try !Self.isKnown(account, context) {
            throw ReportFault.badOption(
                name: "account",
                value: account,
                expected: LocalText(
                    "科目表里的科目编码，如 1001",
                    "the code of an account of the chart, such as 1001"
                )
            )
        }
    }

    /// True where some chart in use has accounts at or below a code.
    private static func isKnown(_ code: String, _ context: ReportContext) throws -> Bool {
        var names = LedgerNames(context)
        for entity in try context.questions.catalog.entities(context.views) {
            let chart = try names.chart(entity.id)
            if chart.accounts.contains(where: { $0.code.hasPrefix(code) }) { return true }
        }
        return false
    }
}

/// A line of the books.
struct BookLine {
    let entity: Int64
    let branch: Int64
    let account: String
    /// The date in the books.
    let date: CivilDate
    let businessDate: CivilDate
    let group: VoucherGroup
    let side: LedgerLine.Side
    /// On its side; negative is red.
    let amount: Int128
    /// The voucher; nil where the line is provisional.
    let voucher: BookVoucher?

    /// The summary (摘要): the voucher's own, which is Chinese as the books are, and in English.
    var summary: LocalText {
        let usual = "\(businessDate) \(group.summary)"
        let text = voucher?.text ?? usual
        guard text.hasPrefix(usual) else { return LocalText(both: text) }
        var english = "\(businessDate) \(group.englishSummary)"
        if text.contains("补记") { english += " (later entry)" }
        if text.contains("跨期补录") { english += " (of an earlier period)" }
        return LocalText(text, english)
    }

    /// Debit positive, credit negative.
    var signed: Int128 { side == .debit ? amount : -amount }
}

/// A voucher as its lines name it.
struct BookVoucher: Hashable {
    let series: String
    let period: AccountingPeriod
    let number: Int64
    let text: String

    var label: String { Voucher.label(series, number) }
}

/// Reads the lines of the books.
struct LedgerBooks {
    private let context: ReportContext
    var names: LedgerNames
    /// True where what was read holds estimates that a month's end has still to make again.
    private(set) var hasEstimatesAhead = false
    private var bookDates: [Int64: [CivilDate: CivilDate]] = [:]
    private var roles: [Int64: [LedgerRole: String]] = [:]

    init(_ context: ReportContext) {
        self.context = context
        names = LedgerNames(context)
    }

    /// Calls `body` with each line up to the end of the scope: the posted ones by date and
    /// voucher, then the provisional ones by branch and date, then the estimates ahead.
    mutating func forEach(_ scope: BooksScope, _ body: (BookLine) throws -> Void) throws {
        var ahead = EstimatesAhead()
        try forEachPosted(scope) { line in
            if line.group.isOfPoster { ahead.follow(line) }
            try body(line)
        }
        if scope.isPostedOnly { return }
        try forEachProvisional(scope, body)
        let lines = ahead.lines(to: scope.to)
        hasEstimatesAhead = !lines.isEmpty
        try lines.forEach(body)
    }

    private func forEachPosted(_ scope: BooksScope, _ body: (BookLine) throws -> Void) throws {
        let statement = try context.views.statement(
            """
            SELECT l.entity, l.branch, l.account, l.date, v.business_date, v.grp, l.side, l.amount,
              v.series, v.period, v.number, v.text
            FROM ledger_line l JOIN ledger_voucher v ON v.posting = l.posting AND v.place = l.place
            WHERE l.date <= ?1 AND (?2 IS NULL OR l.entity = ?2) AND (?3 IS NULL OR l.branch = ?3)
            ORDER BY l.entity, l.date, v.series, v.number, l.line
            """
        )
        statement.bind(1, Int64(scope.to.dayNumber))
        statement.bind(2, scope.entity)
        statement.bind(3, scope.branch)
        try statement.forEach { row in
            let account = row.text(2)
            if let prefix = scope.account, !account.hasPrefix(prefix) { return }
            guard let group = VoucherGroup(rawValue: row.integer(5)),
                let side = LedgerLine.Side(rawValue: row.integer(6))
            else { return }
            let voucher = BookVoucher(
                series: row.text(8),
                period: AccountingPeriod(rawValue: Int32(truncatingIfNeeded: row.integer(9))),
                number: row.integer(10),
                text: row.text(11)
            )
            let line = BookLine(
                entity: row.integer(0),
                branch: row.integer(1),
                account: account,
                date: row.date(3),
                businessDate: row.date(4),
                group: group,
                side: side,
                amount: Int128(row.integer(7)),
                voucher: voucher
            )
            try body(line)
        }
    }

    private mutating func forEachProvisional(
        _ scope: BooksScope,
        _ body: (BookLine) throws -> Void
    ) throws {
        let statement = try context.views.statement(
            """
            SELECT entity, branch, date, grp, role, side, amount FROM ledger_provisional
            WHERE (?1 IS NULL OR entity = ?1) AND (?2 IS NULL OR branch = ?2) AND date <= ?3
            ORDER BY entity, branch, date, grp, side, role, rate, tender, party
            """
        )
        statement.bind(1, scope.entity)
        statement.bind(2, scope.branch)
        statement.bind(3, Int64(scope.to.dayNumber))
        try statement.forEach { row in
            guard let day = row.dayKey, let role = LedgerRole(rawValue: row.integer(4)),
                let side = LedgerLine.Side(rawValue: row.integer(5))
            else { return }
            let date = try bookDate(day.entity, day.date)
            if date > scope.to { return }
            let account = try account(of: role, day.entity)
            if let prefix = scope.account, !account.hasPrefix(prefix) { return }
            let line = BookLine(
                entity: day.entity,
                branch: day.branch,
                account: account,
                date: date,
                businessDate: day.date,
                group: day.group,
                side: side,
                amount: row.wide(6),
                voucher: nil
            )
            try body(line)
        }
    }

    /// Closed figures never change: what came later stands in the first open period.
    private mutating func bookDate(_ entity: Int64, _ date: CivilDate) throws -> CivilDate {
        if let known = bookDates[entity]?[date] { return known }
        let found = try LedgerPeriods.bookDate(entity, date, context.views)
        bookDates[entity, default: [:]][date] = found
        return found
    }

    private mutating func account(of role: LedgerRole, _ entity: Int64) throws -> String {
        if let known = roles[entity]?[role] { return known }
        let code = try names.chart(entity).account(of: role)?.code ?? role.name
        roles[entity, default: [:]][role] = code
        return code
    }

    /// The Chinese and English name of an account in the books of an entity.
    mutating func accountNames(_ code: String, _ entity: Int64) throws -> (String, String) {
        let account = try names.chart(entity).account(code)
        return (account?.chinese ?? "", account?.english ?? "")
    }
}

extension ReportCell {
    /// An amount of any size.
    static func wide(_ fen: Int128) throws -> ReportCell { .fen(try Fen(checked: fen)) }

    /// An amount, or nothing where it is zero.
    static func wideOrEmpty(_ fen: Int128) throws -> ReportCell {
        fen == 0 ? .empty : try wide(fen)
    }
}
