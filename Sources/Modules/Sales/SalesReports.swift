// Sales: what its reports share: the period, the branches asked for, sums read in 128 bits, cells.
// Values only; the rim renders them.

import Kernel
import Module
import SQLite

/// How rows are cut over time.
enum ReportStep {
    case day
    case month

    /// The step that `by` asks for.
    static func read(_ request: ReportRequest) throws(ReportFault) -> ReportStep {
        switch request.options["by"] {
        case nil, "day": return .day
        case "month": return .month
        case .some(let other):
            throw ReportFault.badOption(
                name: "by",
                value: other,
                expected: LocalText(both: "day, month")
            )
        }
    }

    /// The first date of the step in which a date lies.
    func start(of date: CivilDate) -> CivilDate { self == .day ? date : date.startOfMonth }

    /// The step for a row.
    func cell(_ date: CivilDate) -> ReportCell {
        self == .day ? .date(date) : .text(date.period.description)
    }

    /// The column of the step.
    var column: ReportColumn {
        self == .day
            ? ReportColumn("date", "营业日", "Business date", .date)
            : ReportColumn("month", "月份", "Month", .text)
    }
}

/// What a report of Sales is asked for, with defaults filled in.
struct SalesScope {
    let period: ReportPeriod
    /// Ascending ids.
    let branches: [BranchAnswer]

    /// The branches with sales that fit branch and entity; without a period, the month so far.
    init(_ request: ReportRequest, _ context: ReportContext) throws {
        period = ReportPeriod(request, today: context.today)
        var branches: [BranchAnswer] = []
        for id in try SalesScope.branchIDs(context.views) {
            if let only = request.branch, only != id { continue }
            let known = try context.questions.catalog.branch(id, on: period.to, context.views)
            if let entity = request.entity, known?.entity != entity { continue }
            branches.append(known ?? SalesScope.unnamed(id))
        }
        self.branches = branches
    }

    /// The branches that have a day of sales, by id.
    static func branchIDs(_ views: Database) throws -> [Int64] {
        let statement = try views.statement(
            "SELECT min(branch) FROM sales_day WHERE branch > ?1"
        )
        var ids: [Int64] = []
        var last: Int64 = -1
        while true {
            statement.bind(1, last)
            guard let next = try statement.firstInteger() else { return ids }
            ids.append(next)
            last = next
        }
    }

    /// A branch that the catalogue does not know.
    private static func unnamed(_ id: Int64) -> BranchAnswer {
        BranchAnswer(
            id: id,
            code: "#\(id)",
            name: "",
            kind: .store,
            ownership: .direct,
            entity: 0
        )
    }

    /// Calls `body` with each row of a query over (branch, from, to), branch by branch; the dates
    /// are those asked for, unless others are given.
    func forEach(
        _ sql: StaticString,
        _ views: Database,
        over dates: ReportPeriod? = nil,
        _ body: (BranchAnswer, Statement) throws -> Void
    ) throws {
        let statement = try views.statement(sql)
        let dates = dates ?? period
        for branch in branches {
            statement.bind(1, branch.id)
            statement.bind(2, Int64(dates.from.dayNumber))
            statement.bind(3, Int64(dates.to.dayNumber))
            try statement.forEach { try body(branch, $0) }
        }
    }
}

/// Cells of figures that may be beyond 64 bits, and of quotients of them.
enum SalesCell {
    /// An amount.
    static func fen(_ value: Int128) -> ReportCell {
        Int64(exactly: value).map { .fen(Fen($0)) } ?? .text(String(value))
    }

    /// A quantity.
    static func quantity(_ value: Int128) -> ReportCell {
        Int64(exactly: value).map { .quantity(Quantity($0)) } ?? .text(String(value))
    }

    /// A count.
    static func count(_ value: Int128) -> ReportCell {
        Int64(exactly: value).map { .integer($0) } ?? .text(String(value))
    }

    /// `part` ÷ `whole` as a rate; empty for no whole.
    static func rate(_ part: Int128, of whole: Int128) -> ReportCell {
        guard let value = quotient(part, 1_000_000, whole) else { return .empty }
        return .rate(Rate(value))
    }

    /// `amount` ÷ `count` in fen; empty for no count.
    static func average(_ amount: Int128, over count: Int128) -> ReportCell {
        guard let value = quotient(amount, 1, count) else { return .empty }
        return .fen(Fen(value))
    }

    /// `quantity` ÷ `count`; empty for no count.
    static func quantity(_ quantity: Int128, over count: Int128) -> ReportCell {
        guard let value = quotient(quantity, 1, count) else { return .empty }
        return .quantity(Quantity(value))
    }

    private static func quotient(_ part: Int128, _ scale: Int128, _ whole: Int128) -> Int64? {
        let (product, isOver) = part.multipliedReportingOverflow(by: scale)
        if whole == 0 || isOver { return nil }
        return try? Rounding.halfAwayFromZero(product, whole)
    }
}

/// The sums of a branch's days, in the columns of `sales_day`.
struct DaySums {
    private(set) var values = [Int128](repeating: 0, count: SumColumn.Day.all.count)

    /// The columns of `sales_day` in their order, for a query of (branch, from, to).
    static let sql: StaticString = """
        SELECT business_date, tickets, items, gross, discounts, rounding, return_tickets,
          return_items, returns, void_tickets, voids, tax, cost, uncosted
        FROM sales_day WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
        ORDER BY business_date
        """

    /// Adds a row of the query.
    mutating func add(_ row: Statement) {
        for index in values.indices { values[index] += row.wide(Int32(index) + 1) }
    }

    /// Adds other sums.
    mutating func add(_ other: DaySums) {
        for index in values.indices { values[index] += other.values[index] }
    }

    subscript(_ column: Int) -> Int128 { values[column] }

    /// What customers paid, with tax, returns off.
    var net: Int128 {
        self[SumColumn.Day.gross] - self[SumColumn.Day.discounts] - self[SumColumn.Day.rounding]
            - self[SumColumn.Day.returns]
    }

    /// Net without tax.
    var netWithoutTax: Int128 { net - self[SumColumn.Day.tax] }

    /// Net without tax less cost, which is provisional.
    var margin: Int128 { netWithoutTax - self[SumColumn.Day.cost] }

    /// Items sold less items returned.
    var netItems: Int128 { self[SumColumn.Day.items] - self[SumColumn.Day.returnItems] }
}

/// The remarks below reports that show a cost.
enum SalesNote {
    /// What the cost is, and for how much of the sales it is not known.
    static func cost(uncosted: Int128) -> [LocalText] {
        var notes = [
            LocalText(
                "成本为暂估：销售时已发布的标准成本，不是月末加权平均。",
                "Cost is provisional: the standard cost published at the time of sale, not the "
                    + "month's average."
            )
        ]
        if uncosted != 0 {
            let amount = Fen(Int64(clamping: uncosted)).formatted()
            notes.append(
                LocalText(
                    "其中 \(amount) 的销售没有成本，毛利偏高。",
                    "Sales of \(amount) have no cost: the margin is too high by it."
                )
            )
        }
        return notes
    }
}
