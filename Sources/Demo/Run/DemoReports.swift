// Demo, the run: the books that headquarters shows at the end, how complete they are, and what the
// plan says they should be.

import Kernel
import Module
import Node

extension DemoRun {
    /// Prints the reports, the comparison with the plan, where everything is, and what to do next.
    package func show() throws {
        let period = ReportRequest(from: plan.start, to: plan.end)
        var monthly = period
        monthly.options["by"] = "month"
        try show("branches", period)
        try show("payments", monthly)
        try show("stock", ReportRequest(), rows: 10, by: "value")
        try show("attendance", ReportRequest(from: plan.end, to: plan.end), rows: 12)
        try show("trial-balance", period)
        try showComparison(period)
        showPlaces()
    }

    private func show(
        _ name: String,
        _ request: ReportRequest,
        rows limit: Int = 40,
        by key: String? = nil
    ) throws {
        var result = try report(name, request)
        let count = result.table.rows.count
        if let key, let place = result.table.columns.firstIndex(where: { $0.key == key }) {
            result.table.rows.sort { $0[place].size > $1[place].size }
        }
        result.table.rows = Array(result.table.rows.prefix(limit))
        console.write(ReportText.table(result, console.language))
        if count > limit {
            let command = "tributary report \(name) --data \(folder.node(DemoFolder.headquarters))"
            console.say(
                console.text(
                    "（另有 \(count - limit) 行：\(command)）",
                    "(\(count - limit) more rows: \(command))"
                )
            )
        }
        console.say("")
    }

    /// Compares headquarters' net with what the plan says has been sent, branch by branch.
    private func showComparison(_ period: ReportRequest) throws {
        let table = try report("branches", period).table
        let wanted = sent.reduce(into: PlanTotals()) { $0.add($1) }
        let place = table.columns.firstIndex { $0.key == "net" }
        let shown = place.flatMap { table.totals?[$0] }
        guard shown == .fen(wanted.net) else {
            throw DemoFault(
                "headquarters shows \(shown.map { "\($0)" } ?? "nothing"), "
                    + "the branches sent \(wanted.net)"
            )
        }
        console.say(
            console.text(
                "核对：各店已上传 \(wanted.sales) 张小票、\(wanted.returns) 张退货单，"
                    + "净额 \(wanted.net.formatted())，与总部报表分文不差。",
                "Checked: the branches sent \(wanted.sales) tickets and \(wanted.returns) returns, "
                    + "net \(wanted.net.formatted()); headquarters shows the same to the fen."
            )
        )
        for node in nodes where node.unsent.sales > 0 {
            console.say(
                console.text(
                    "\(node.plan.name) 还有 \(node.unsent.sales) 张小票"
                        + "（\(node.unsent.net.formatted())）存在本店，联网后自动上传。",
                    "\(node.plan.code) keeps \(node.unsent.sales) tickets "
                        + "(\(node.unsent.net.formatted())) until it is online again."
                )
            )
        }
        if let restart {
            let branch = plan.branches[plan.powerCut.branch]
            let time = plan.powerCut.at.dateTimeText()
            console.say(
                console.text(
                    "\(time) \(branch.name) 断电：节点重启后停在第 \(restart.after) 条记录，一条未丢。",
                    "\(time) power cut at \(branch.code): the node came back at record "
                        + "\(restart.after); nothing was lost."
                )
            )
        }
        console.say("")
    }

    private func showPlaces() {
        let branches = plan.branches.map { $0.code.lowercased() }.joined(separator: " ")
        console.say(
            console.text(
                "数据在 \(folder.path)：hq 是总部，\(branches) 是门店和配送中心；"
                    + "人员和 PIN 见 \(DemoFolder.mark)。用时 \(seconds) 秒。",
                "Everything is in \(folder.path): hq is headquarters, \(branches) the branches; "
                    + "people and PINs are in \(DemoFolder.mark). It took \(seconds) s."
            )
        )
        console.say(console.text("接下来可以试试：", "Try next:"))
        for step in DemoText.nextSteps(self) { console.say("  " + step) }
    }
}

extension ReportCell {
    /// The amount, for sorting; nothing is least.
    fileprivate var size: Int64 {
        if case .fen(let amount) = self { return amount.rawValue }
        return .min
    }
}
