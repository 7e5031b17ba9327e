// Sales: the reports by branch: sales over time, and the branches against each other.

import Kernel
package import Module
import SQLite

/// Sales by branch and day or month (营业日报).
package struct SalesReport: Report {
    package init() {}

    package var name: String { "sales" }
    package var title: LocalText { LocalText("营业报表", "Sales") }
    package var options: [String] { ["by"] }

    package func run(_ request: ReportRequest, _ context: ReportContext) throws -> ReportTable {
        let step = try ReportStep.read(request)
        let scope = try SalesScope(request, context)
        var groups: [(start: CivilDate, branch: BranchAnswer, sums: DaySums)] = []
        try scope.forEach(DaySums.sql, context.views) { branch, row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(0)))
            let start = step.start(of: date)
            if groups.last?.start != start || groups.last?.branch.id != branch.id {
                groups.append((start, branch, DaySums()))
            }
            groups[groups.count - 1].sums.add(row)
        }
        groups.sort { ($0.start, $0.branch.code) < ($1.start, $1.branch.code) }
        var total = DaySums()
        for group in groups { total.add(group.sums) }
        return ReportTable(
            title: title,
            period: scope.period,
            columns: [step.column] + SalesReport.branchColumns + SalesReport.columns,
            rows: groups.map { group in
                [step.cell(group.start), .text(group.branch.code), .text(group.branch.name)]
                    + SalesReport.cells(group.sums)
            },
            totals: [.words(LocalText("合计", "Total")), .empty, .empty] + SalesReport.cells(total),
            notes: SalesNote.cost(uncosted: total[SumColumn.Day.uncosted])
        )
    }

    static let branchColumns = [
        ReportColumn("branch", "门店编码", "Branch", .text),
        ReportColumn("branch_name", "门店", "Branch name", .text),
    ]

    private static let columns = [
        ReportColumn("tickets", "小票数", "Tickets", .integer),
        ReportColumn("items", "销售件数", "Items", .quantity),
        ReportColumn("gross", "原价金额", "Gross", .fen),
        ReportColumn("discounts", "优惠", "Discounts", .fen),
        ReportColumn("rounding", "抹零", "Rounding off", .fen),
        ReportColumn("return_tickets", "退货单数", "Returns", .integer),
        ReportColumn("returns", "退货金额", "Returned", .fen),
        ReportColumn("void_tickets", "作废单数", "Voids", .integer),
        ReportColumn("net", "净销售额", "Net", .fen),
        ReportColumn("tax", "税额", "Tax", .fen),
        ReportColumn("net_without_tax", "不含税净额", "Net without tax", .fen),
        ReportColumn("cost", "成本(暂估)", "Cost (provisional)", .fen),
        ReportColumn("margin", "毛利", "Margin", .fen),
        ReportColumn("margin_rate", "毛利率", "Margin rate", .rate),
        ReportColumn("average_ticket", "客单价", "Average ticket", .fen),
        ReportColumn("items_per_ticket", "连带率", "Items per ticket", .quantity),
    ]

    private static func cells(_ sums: DaySums) -> [ReportCell] {
        let tickets = sums[SumColumn.Day.tickets]
        return [
            SalesCell.count(tickets), SalesCell.quantity(sums[SumColumn.Day.items]),
            SalesCell.fen(sums[SumColumn.Day.gross]),
            SalesCell.fen(sums[SumColumn.Day.discounts]),
            SalesCell.fen(sums[SumColumn.Day.rounding]),
            SalesCell.count(sums[SumColumn.Day.returnTickets]),
            SalesCell.fen(sums[SumColumn.Day.returns]),
            SalesCell.count(sums[SumColumn.Day.voidTickets]), SalesCell.fen(sums.net),
            SalesCell.fen(sums[SumColumn.Day.tax]), SalesCell.fen(sums.netWithoutTax),
            SalesCell.fen(sums[SumColumn.Day.cost]), SalesCell.fen(sums.margin),
            SalesCell.rate(sums.margin, of: sums.netWithoutTax),
            SalesCell.average(sums.net, over: tickets),
            SalesCell.quantity(sums[SumColumn.Day.items], over: tickets),
        ]
    }
}

/// The branches against each other (门店对比), by net.
package struct BranchesReport: Report {
    package init() {}

    package var name: String { "branches" }
    package var title: LocalText { LocalText("门店对比", "Branches compared") }
    package var options: [String] { [] }

    package func run(_ request: ReportRequest, _ context: ReportContext) throws -> ReportTable {
        let scope = try SalesScope(request, context)
        var groups: [(branch: BranchAnswer, sums: DaySums)] = []
        try scope.forEach(DaySums.sql, context.views) { branch, row in
            if groups.last?.branch.id != branch.id { groups.append((branch, DaySums())) }
            groups[groups.count - 1].sums.add(row)
        }
        groups.sort { left, right in
            left.sums.net == right.sums.net
                ? left.branch.code < right.branch.code : left.sums.net > right.sums.net
        }
        var total = DaySums()
        for group in groups { total.add(group.sums) }
        let rows = groups.enumerated().map { index, group in
            [.integer(Int64(index + 1)), .text(group.branch.code), .text(group.branch.name)]
                + BranchesReport.cells(group.sums, of: total)
        }
        return ReportTable(
            title: title,
            period: scope.period,
            columns: BranchesReport.columns,
            rows: rows,
            totals: [.words(LocalText("合计", "Total")), .empty, .empty]
                + BranchesReport.cells(total, of: total),
            notes: SalesNote.cost(uncosted: total[SumColumn.Day.uncosted])
        )
    }

    private static let columns =
        [ReportColumn("rank", "名次", "Rank", .integer)] + SalesReport.branchColumns + [
            ReportColumn("tickets", "小票数", "Tickets", .integer),
            ReportColumn("net", "净销售额", "Net", .fen),
            ReportColumn("share", "占比", "Share", .rate),
            ReportColumn("net_without_tax", "不含税净额", "Net without tax", .fen),
            ReportColumn("margin", "毛利", "Margin", .fen),
            ReportColumn("margin_rate", "毛利率", "Margin rate", .rate),
            ReportColumn("average_ticket", "客单价", "Average ticket", .fen),
            ReportColumn("items_per_ticket", "连带率", "Items per ticket", .quantity),
            ReportColumn("discount_rate", "折扣率", "Discount rate", .rate),
            ReportColumn("return_rate", "退货率", "Return rate", .rate),
        ]

    private static func cells(_ sums: DaySums, of total: DaySums) -> [ReportCell] {
        let tickets = sums[SumColumn.Day.tickets]
        let gross = sums[SumColumn.Day.gross]
        return [
            SalesCell.count(tickets), SalesCell.fen(sums.net),
            SalesCell.rate(sums.net, of: total.net), SalesCell.fen(sums.netWithoutTax),
            SalesCell.fen(sums.margin), SalesCell.rate(sums.margin, of: sums.netWithoutTax),
            SalesCell.average(sums.net, over: tickets),
            SalesCell.quantity(sums[SumColumn.Day.items], over: tickets),
            SalesCell.rate(sums[SumColumn.Day.discounts], of: gross),
            SalesCell.rate(sums[SumColumn.Day.returns], of: gross),
        ]
    }
}
