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
        var groups = try SalesReport.groups(step, scope, context.views)
        groups.sort { ($0.start, $0.branch.code) < ($1.start, $1.branch.code) }
        let year = try YearEarlier(step, scope, context)
        var total = DaySums()
        var (ofWeek, ofYear) = (Compared(), Compared())
        var rows: [[ReportCell]] = []
        rows.reserveCapacity(groups.count)
        for group in groups {
            let net = group.sums.net
            let lastYear = year.net(group.branch.id, group.start)
            total.add(group.sums)
            ofWeek.add(net, group.lastWeek)
            ofYear.add(net, lastYear)
            rows.append(
                [step.cell(group.start), .text(group.branch.code), .text(group.branch.name)]
                    + SalesReport.cells(group.sums)
                    + [Compared(net, group.lastWeek).cell, Compared(net, lastYear).cell]
            )
        }
        let notes = ofWeek.note().isEmpty ? ofYear.note() : ofWeek.note()
        return ReportTable(
            title: title,
            period: scope.period,
            columns: [step.column] + SalesReport.branchColumns + SalesReport.columns,
            rows: rows,
            totals: [.words(LocalText("合计", "Total")), .empty, .empty]
                + SalesReport.cells(total) + [ofWeek.cell, ofYear.cell],
            notes: SalesNote.cost(uncosted: total[SumColumn.Day.uncosted]) + notes
        )
    }

    private struct Group {
        let start: CivilDate
        let branch: BranchAnswer
        var sums = DaySums()
        /// The net of the branch seven days earlier; nil where it has no such day, and of months.
        var lastWeek: Int128?
    }

    /// The rows by branch and start.
    ///
    /// Why: the week before is read with the days themselves, for most of the days that they are
    /// compared with are the report's own.
    private static func groups(
        _ step: ReportStep,
        _ scope: SalesScope,
        _ views: Database
    ) throws -> [Group] {
        let (from, to) = (scope.period.from, scope.period.to)
        let dates = ReportPeriod(from: step == .day ? from.adding(days: -7) : from, to: to)
        var groups: [Group] = []
        try scope.forEach(DaySums.sql, views, over: dates) { branch, row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(0)))
            let start = step.start(of: date)
            if groups.last?.start != start || groups.last?.branch.id != branch.id {
                groups.append(Group(start: start, branch: branch))
            }
            groups[groups.count - 1].sums.add(row)
        }
        if step == .month { return groups }
        for place in groups.indices where groups[place].start >= from {
            let (branch, then) = (groups[place].branch.id, groups[place].start.adding(days: -7))
            var back = place - 1
            while back >= 0, groups[back].branch.id == branch, groups[back].start > then {
                back -= 1
            }
            if back >= 0, groups[back].branch.id == branch, groups[back].start == then {
                groups[place].lastWeek = groups[back].sums.net
            }
        }
        groups.removeAll { $0.start < from }
        return groups
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
        ReportColumn("versus_last_week", "周同比", "vs last week", .rate),
        ReportColumn("versus_last_year", "年同比", "vs last year", .rate),
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
        var groups: [Group] = []
        try scope.forEach(DaySums.sql, context.views) { branch, row in
            if groups.last?.branch.id != branch.id { groups.append(Group(branch: branch)) }
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(0)))
            groups[groups.count - 1].dates.append(date)
            groups[groups.count - 1].sums.add(row)
        }
        groups.sort { left, right in
            left.sums.net == right.sums.net
                ? left.branch.code < right.branch.code : left.sums.net > right.sums.net
        }
        var total = DaySums()
        for group in groups { total.add(group.sums) }
        var staffed: (net: Int128, minutes: Int128, branches: Int) = (0, 0, 0)
        var rows: [[ReportCell]] = []
        for (index, group) in groups.enumerated() {
            let minutes = try BranchesReport.minutes(group, scope.period, context)
            if let minutes {
                staffed.net += group.sums.net
                staffed.minutes += minutes
                staffed.branches += 1
            }
            rows.append(
                [.integer(Int64(index + 1)), .text(group.branch.code), .text(group.branch.name)]
                    + BranchesReport.cells(group.sums, of: total)
                    + [SalesCell.average(group.sums.net * 60, over: minutes ?? 0)]
            )
        }
        let areSome = staffed.branches > 0 && staffed.branches < groups.count
        return ReportTable(
            title: title,
            period: scope.period,
            columns: BranchesReport.columns,
            rows: rows,
            totals: [.words(LocalText("合计", "Total")), .empty, .empty]
                + BranchesReport.cells(total, of: total)
                + [SalesCell.average(staffed.net * 60, over: staffed.minutes)],
            notes: SalesNote.cost(uncosted: total[SumColumn.Day.uncosted])
                + (areSome ? [BranchesReport.staffNote] : [])
        )
    }

    private struct Group {
        let branch: BranchAnswer
        var sums = DaySums()
        /// The dates with sales.
        var dates: [CivilDate] = []
    }

    private static let staffNote = LocalText(
        "合计行的人效只含工时已知的门店：各营业日都有打卡，且没有待同步的考勤。",
        "Net per staff hour in the total is of the branches whose hours are known: punches on "
            + "each day of sales, and none still to come."
    )

    /// The minutes worked; nil where they are not known, or somebody sold and nobody punched.
    private static func minutes(
        _ group: Group,
        _ period: ReportPeriod,
        _ context: ReportContext
    ) throws -> Int128? {
        let people = context.questions.people
        guard let days = try people.workedMinutes(branch: group.branch.id, period, context),
            group.dates.allSatisfy({ days[$0, default: 0] > 0 })
        else { return nil }
        return days.values.reduce(0) { $0 + Int128($1) }
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
            ReportColumn("net_per_staff_hour", "人效(每工时)", "Net per staff hour", .fen),
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
