// Stock: its reports. Values only; the rim renders them.

import Kernel
package import Module

/// Stock on hand (库存余额): R9 of the catalogue.
package struct StockReport: Report {
    package init() {}

    package var name: String { "stock" }
    package var title: LocalText { LocalText("库存余额", "Stock on hand") }
    package var options: [String] { ["product", "negative", "zero"] }

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        try Self.refusePeriod(request)
        let isNegativeOnly = try Self.flag("negative", request)
        let isZeroShown = try Self.flag("zero", request)
        let only = try Self.products(request, context)
        var names = StockNames(context)
        var pace = SellingPace(context)
        var rows: [(key: (String, String), cells: [ReportCell])] = []
        var totalQuantity: Int128 = 0
        var totalValue: Int128 = 0
        for row in try StockQueries.onHand(branch: request.branch, context.views) {
            if row.quantity == 0, !isZeroShown { continue }
            if row.quantity >= 0, isNegativeOnly { continue }
            if let only, !only.contains(row.product) { continue }
            let product = try names.product(row.product)
            let branch = try names.branch(row.branch)
            if let entity = request.entity, branch?.entity != entity { continue }
            let quantity = try Quantity(checked: row.quantity)
            let cost = try names.cost(product: row.product, branch: row.branch)
            let value = try cost?.amount(of: quantity)
            totalQuantity += row.quantity
            totalValue += Int128(value?.rawValue ?? 0)
            let branchCode = branch?.code ?? "\(row.branch)"
            let productCode = product?.code ?? "\(row.product)"
            let cells: [ReportCell] = [
                .text(branchCode), .text(branch?.name ?? ""), .text(productCode),
                .text(product?.name ?? ""), .text(try names.unit(product?.unit ?? "")),
                .quantity(quantity),
                cost.map { .unitCost($0) } ?? .empty, value.map { .fen($0) } ?? .empty,
                try pace.daysOfCover(row).map(ReportCell.integer) ?? .empty,
                row.lastReceived.map { .date($0) } ?? .empty,
                row.lastSold.map { .date($0) } ?? .empty,
                row.quantity < 0 ? .words(LocalText("是", "yes")) : .empty,
            ]
            rows.append(((branchCode, productCode), cells))
        }
        rows.sort { $0.key < $1.key }
        var totals = [ReportCell](repeating: .empty, count: Self.columns.count)
        totals[0] = .words(LocalText("合计", "Total"))
        totals[5] = .quantity(try Quantity(checked: totalQuantity))
        totals[7] = .fen(try Fen(checked: totalValue))
        return ReportTable(
            title: title,
            columns: Self.columns,
            rows: rows.map(\.cells),
            totals: totals,
            notes: [Self.note]
        )
    }

    private static let note = LocalText(
        "数量为已到达本机的全部记录之和；成本为最近收货成本，不是月末加权平均；"
            + "可销天数按昨日止 28 天(新店按开业以来)的日均净销量计算。",
        "Quantities are sums of all records that have arrived here; the cost is that of the last "
            + "goods receipt, not the month's average; days of cover go by the average net sales "
            + "of the 28 days up to yesterday, of a new branch since its first."
    )

    private static let columns = [
        ReportColumn("branch", "门店编码", "Branch", .text),
        ReportColumn("branch_name", "门店", "Branch name", .text),
        ReportColumn("product", "商品编码", "Product", .text),
        ReportColumn("product_name", "商品", "Product name", .text),
        ReportColumn("unit", "单位", "Unit", .text),
        ReportColumn("on_hand", "账面数量", "On hand", .quantity),
        ReportColumn("unit_cost", "单位成本", "Unit cost", .unitCost),
        ReportColumn("value", "金额", "Value", .fen),
        ReportColumn("days_of_cover", "可销天数", "Days of cover", .integer),
        ReportColumn("last_received", "最近收货", "Last received", .date),
        ReportColumn("last_sold", "最近销售", "Last sold", .date),
        ReportColumn("negative", "负库存", "Negative", .text),
    ]

    /// Why: what was on hand on another day cannot be told from the sums that are kept.
    private static func refusePeriod(_ request: ReportRequest) throws(ReportFault) {
        guard request.from != nil || request.to != nil else { return }
        throw ReportFault.badOption(
            name: request.from == nil ? "to" : "from",
            value: "\(request.from ?? request.to ?? .first)",
            expected: LocalText("库存余额是现在的数量", "stock on hand is as it stands now")
        )
    }

    /// The products asked for: the one of a code or barcode, else all that the words name.
    private static func products(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> Set<Int64>? {
        guard let wish = request.options["product"] else { return nil }
        let catalog = context.questions.catalog
        let exact =
            try catalog.product(code: wish, context.views)
            ?? catalog.product(barcode: wish, context.views)
        if let exact { return [exact.id] }
        let found = try catalog.search(wish, limit: 1_000, context.views)
        if found.isEmpty {
            throw ReportFault.badOption(
                name: "product",
                value: wish,
                expected: LocalText(
                    "商品编码、条码、名称或拼音首字母",
                    "a product's code, barcode, name or pinyin initials"
                )
            )
        }
        return Set(found.map(\.id))
    }

    private static func flag(_ name: String, _ request: ReportRequest) throws -> Bool {
        switch request.options[name] {
        case nil, "no": return false
        case "yes": return true
        case let value?:
            throw ReportFault.badOption(
                name: name,
                value: value,
                expected: LocalText(both: "yes, no")
            )
        }
    }
}

/// Names of branches and products, each asked for once.
struct StockNames {
    private let context: ReportContext
    private var products: [Int64: ProductAnswer?] = [:]
    private var branches: [Int64: BranchAnswer?] = [:]
    private var units: [String: String] = [:]

    init(_ context: ReportContext) {
        self.context = context
    }

    /// A unit of quantity by its name.
    mutating func unit(_ code: String) throws -> String {
        if let known = units[code] { return known }
        let name = try context.questions.catalog.unitName(code, context.views) ?? code
        units[code] = name
        return name
    }

    mutating func product(_ id: Int64) throws -> ProductAnswer? {
        if let known = products[id] { return known }
        let answer = try context.questions.catalog.product(id, context.views)
        products[id] = .some(answer)
        return answer
    }

    mutating func branch(_ id: Int64) throws -> BranchAnswer? {
        if let known = branches[id] { return known }
        let answer = try context.questions.catalog.branch(id, on: context.today, context.views)
        branches[id] = .some(answer)
        return answer
    }

    /// The last cost at the branch, else the one that headquarters published.
    mutating func cost(product: Int64, branch: Int64) throws -> UnitCost? {
        let last = try StockAnswers().lastCost(product: product, branch: branch, context.views)
        return try last ?? self.product(product)?.standardCost
    }
}

/// How fast a branch has sold a product of late.
private struct SellingPace {
    /// Unit: days.
    private static let window = 28
    private let context: ReportContext
    private var sold: [Int64: SoldAnswer] = [:]

    init(_ context: ReportContext) { self.context = context }

    /// How many days what is on hand lasts; nil where nothing is there, or nothing was sold.
    mutating func daysOfCover(_ row: OnHand) throws -> Int64? {
        if row.quantity <= 0 { return nil }
        let sales = try sold[row.branch] ?? read(row.branch)
        guard let quantity = sales.quantities[row.product]?.rawValue, quantity > 0,
            let first = sales.first
        else { return nil }
        // A branch that has sold for fewer days is measured by those.
        let days = Int128(context.today.dayNumber - first.dayNumber)
        return Int64(clamping: row.quantity * days / Int128(quantity))
    }

    private mutating func read(_ branch: Int64) throws -> SoldAnswer {
        let found = try context.questions.sales.sold(
            branch: branch,
            from: context.today.adding(days: -SellingPace.window),
            to: context.today.adding(days: -1),
            context.views
        )
        sold[branch] = found
        return found
    }
}
