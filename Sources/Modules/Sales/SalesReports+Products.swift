// Sales: the reports by product and by tender.

import Kernel
package import Module
import SQLite

/// Sales by product (商品销售), by net, with ABC classes.
package struct ProductsReport: Report {
    package init() {}

    package var name: String { "products" }
    package var title: LocalText { LocalText("商品销售", "Products") }
    package var options: [String] { ["category"] }

    private struct Group {
        let id: Int64
        let product: ProductAnswer?
        var quantity: Int128 = 0
        var returned: Int128 = 0
        var net: Int128 = 0
        var tax: Int128 = 0
        var cost: Int128 = 0
        var uncosted: Int128 = 0
        /// The quantity of the same dates a week earlier; nil where the product has none.
        var lastWeek: Int128?
        /// True where the product has figures in the period itself.
        var isOfPeriod = false

        var netWithoutTax: Int128 { net - tax }
        var margin: Int128 { net - tax - cost }

        mutating func add(_ other: Group) {
            quantity += other.quantity
            returned += other.returned
            net += other.net
            tax += other.tax
            cost += other.cost
            uncosted += other.uncosted
            isOfPeriod = isOfPeriod || other.isOfPeriod
            if let week = other.lastWeek { lastWeek = (lastWeek ?? 0) + week }
        }
    }

    package func run(_ request: ReportRequest, _ context: ReportContext) throws -> ReportTable {
        let category = try category(request, context)
        let scope = try SalesScope(request, context)
        var groups: [Group] = []
        for (id, sum) in try sums(scope, context) where sum.isOfPeriod {
            var group = Group(
                id: id,
                product: try context.questions.catalog.product(id, context.views)
            )
            if let category, group.product?.category != category { continue }
            group.add(sum)
            groups.append(group)
        }
        groups.sort { $0.net == $1.net ? $0.id < $1.id : $0.net > $1.net }
        return try table(groups, scope, context)
    }

    /// The sums by product.
    ///
    /// Why: the week before is read with the days themselves, for a day may be both of the period
    /// and a week before another. A day to come has nothing to be compared with.
    private func sums(_ scope: SalesScope, _ context: ReportContext) throws -> [Int64: Group] {
        let from = scope.period.from
        let lastOfWeek = min(scope.period.to, context.today).adding(days: -7)
        var sums: [Int64: Group] = [:]
        try scope.forEach(
            """
            SELECT bucket, entries, business_date FROM sales_product
            WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
            """,
            context.views,
            over: ReportPeriod(from: from.adding(days: -7), to: scope.period.to)
        ) { _, row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(2)))
            try SalesQueries.forEachProduct(row, bucket: 0, entries: 1) { id, values in
                var group = Group(id: id, product: nil)
                if date <= lastOfWeek { group.lastWeek = values[SumColumn.Product.quantity] }
                if date >= from {
                    group.isOfPeriod = true
                    group.quantity = values[SumColumn.Product.quantity]
                    group.returned = values[SumColumn.Product.returned]
                    group.net = values[SumColumn.Product.net]
                    group.tax = values[SumColumn.Product.tax]
                    group.cost = values[SumColumn.Product.cost]
                    group.uncosted = values[SumColumn.Product.uncosted]
                }
                sums[id, default: Group(id: id, product: nil)].add(group)
            }
        }
        return sums
    }

    /// The category asked for, by its code or name.
    private func category(_ request: ReportRequest, _ context: ReportContext) throws -> Int64? {
        guard let text = request.options["category"] else { return nil }
        let found = try context.questions.catalog.category(text, context.views)
        guard let found else {
            throw ReportFault.badOption(
                name: "category",
                value: text,
                expected: LocalText("类别的编码或名称", "a category's code or name")
            )
        }
        return found
    }

    private func table(
        _ groups: [Group],
        _ scope: SalesScope,
        _ context: ReportContext
    ) throws -> ReportTable {
        var total = Group(id: 0, product: nil)
        for group in groups { total.add(group) }
        var names: [Int64: String] = [:]
        var rows: [[ReportCell]] = []
        var upTo: Int128 = 0
        var ofWeek = Compared()
        for group in groups {
            let category = group.product?.category ?? 0
            if names[category] == nil {
                names[category] =
                    try context.questions.catalog.categoryName(category, context.views) ?? ""
            }
            let before = upTo
            upTo += group.net
            ofWeek.add(group.quantity, group.lastWeek)
            rows.append(
                [
                    .text(group.product?.code ?? "#\(group.id)"), .text(group.product?.name ?? ""),
                    .text(names[category] ?? ""),
                ] + ProductsReport.cells(group, upTo: upTo, before: before, of: total)
                    + ProductsReport.weekCells(
                        group.lastWeek,
                        Compared(group.quantity, group.lastWeek)
                    )
            )
        }
        return ReportTable(
            title: title,
            period: scope.period,
            columns: ProductsReport.columns,
            rows: rows,
            totals: [.words(LocalText("合计", "Total")), .empty, .empty]
                + ProductsReport.cells(total, upTo: total.net, before: 0, of: total).dropLast()
                + [.empty] + ProductsReport.weekCells(total.lastWeek, ofWeek),
            notes: SalesNote.cost(uncosted: total.uncosted) + ofWeek.note()
        )
    }

    private static let columns = [
        ReportColumn("product", "商品编码", "Product", .text),
        ReportColumn("product_name", "商品", "Product name", .text),
        ReportColumn("category", "类别", "Category", .text),
        ReportColumn("quantity", "净销量", "Net quantity", .quantity),
        ReportColumn("returned", "退货量", "Returned", .quantity),
        ReportColumn("net", "净销售额", "Net", .fen),
        ReportColumn("tax", "税额", "Tax", .fen),
        ReportColumn("net_without_tax", "不含税净额", "Net without tax", .fen),
        ReportColumn("cost", "成本(暂估)", "Cost (provisional)", .fen),
        ReportColumn("margin", "毛利", "Margin", .fen),
        ReportColumn("margin_rate", "毛利率", "Margin rate", .rate),
        ReportColumn("share", "占比", "Share", .rate),
        ReportColumn("cumulative_share", "累计占比", "Cumulative share", .rate),
        ReportColumn("class", "ABC", "ABC class", .text),
        ReportColumn("quantity_last_week", "上周同期销量", "Quantity last week", .quantity),
        ReportColumn("quantity_change", "销量周同比", "Quantity vs last week", .rate),
    ]

    private static func weekCells(_ lastWeek: Int128?, _ change: Compared) -> [ReportCell] {
        [lastWeek.map { SalesCell.quantity($0) } ?? .empty, change.cell]
    }

    private static func cells(
        _ group: Group,
        upTo: Int128,
        before: Int128,
        of total: Group
    ) -> [ReportCell] {
        [
            SalesCell.quantity(group.quantity), SalesCell.quantity(group.returned),
            SalesCell.fen(group.net), SalesCell.fen(group.tax),
            SalesCell.fen(group.netWithoutTax), SalesCell.fen(group.cost),
            SalesCell.fen(group.margin), SalesCell.rate(group.margin, of: group.netWithoutTax),
            SalesCell.rate(group.net, of: total.net), SalesCell.rate(upTo, of: total.net),
            .text(abc(before: before, of: total.net)),
        ]
    }

    /// A for the products that make the first 80 % of sales, B to 95 %, C the rest.
    ///
    /// Source: the usual limits of an ABC analysis.
    private static func abc(before: Int128, of total: Int128) -> String {
        let share = before * 100
        return share < total * 80 ? "A" : share < total * 95 ? "B" : "C"
    }
}

/// Takings by tender (收款汇总), by branch and day or month.
package struct PaymentsReport: Report {
    package init() {}

    package var name: String { "payments" }
    package var title: LocalText { LocalText("收款汇总", "Payments") }
    package var options: [String] { ["by"] }

    private struct Group {
        let start: CivilDate
        let branch: BranchAnswer
        let tender: Int64
        var values = [Int128](repeating: 0, count: SumColumn.Payment.all.count)
    }

    package func run(_ request: ReportRequest, _ context: ReportContext) throws -> ReportTable {
        let step = try ReportStep.read(request)
        let scope = try SalesScope(request, context)
        var places: [[Int64]: Int] = [:]
        var groups: [Group] = []
        try scope.forEach(
            """
            SELECT business_date, tender, count, amount, refund_count, refunds, manual_count,
              manual
            FROM sales_payment WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
            ORDER BY business_date, tender
            """,
            context.views
        ) { branch, row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(0)))
            let start = step.start(of: date)
            let key = [branch.id, Int64(start.dayNumber), row.integer(1)]
            let place = places[key] ?? groups.count
            if place == groups.count {
                places[key] = place
                groups.append(Group(start: start, branch: branch, tender: row.integer(1)))
            }
            for index in groups[place].values.indices {
                groups[place].values[index] += row.wide(Int32(index) + 2)
            }
        }
        groups.sort {
            ($0.start, $0.branch.code, $0.tender) < ($1.start, $1.branch.code, $1.tender)
        }
        var rows: [[ReportCell]] = []
        var total = [Int128](repeating: 0, count: SumColumn.Payment.all.count)
        for group in groups {
            let tender = try context.questions.catalog.tender(group.tender, context.views)
            rows.append(
                [
                    step.cell(group.start), .text(group.branch.code), .text(group.branch.name),
                    .text(tender?.code ?? "#\(group.tender)"), .text(tender?.name ?? ""),
                ] + PaymentsReport.cells(group.values)
            )
            for index in total.indices { total[index] += group.values[index] }
        }
        return ReportTable(
            title: title,
            period: scope.period,
            columns: [step.column] + SalesReport.branchColumns + PaymentsReport.columns,
            rows: rows,
            totals: [.words(LocalText("合计", "Total")), .empty, .empty, .empty, .empty]
                + PaymentsReport.cells(total)
        )
    }

    private static let columns = [
        ReportColumn("tender", "支付方式编码", "Tender", .text),
        ReportColumn("tender_name", "支付方式", "Tender name", .text),
        ReportColumn("count", "笔数", "Payments", .integer),
        ReportColumn("amount", "收款", "Taken", .fen),
        ReportColumn("refund_count", "退款笔数", "Refunds", .integer),
        ReportColumn("refunds", "退款", "Refunded", .fen),
        ReportColumn("net", "净收款", "Net", .fen),
        ReportColumn("manual_count", "人工确认笔数", "Confirmed by hand", .integer),
        ReportColumn("manual", "人工确认金额", "Amount confirmed by hand", .fen),
    ]

    private static func cells(_ values: [Int128]) -> [ReportCell] {
        [
            SalesCell.count(values[SumColumn.Payment.count]),
            SalesCell.fen(values[SumColumn.Payment.amount]),
            SalesCell.count(values[SumColumn.Payment.refundCount]),
            SalesCell.fen(values[SumColumn.Payment.refunds]),
            SalesCell.fen(
                values[SumColumn.Payment.amount] - values[SumColumn.Payment.refunds]
            ),
            SalesCell.count(values[SumColumn.Payment.manualCount]),
            SalesCell.fen(values[SumColumn.Payment.manual]),
        ]
    }
}
