// Demo, the run: what is said about a demonstration, on the screen and in its folder.

import Kernel
import Node

/// Texts about a demonstration.
enum DemoText {
    /// The file in the folder: what it is, and who can sign in at which till.
    static func about(_ plan: ChainPlan, _ options: DemoOptions) -> String {
        var lines = [
            "百川超市 演示数据 · demonstration data",
            "seed \(plan.seed), days \(plan.days) from \(plan.start) to \(plan.end)",
            "",
            "hq  总部 headquarters",
        ]
        lines += plan.branches.map { "\($0.code.lowercased())  \($0.name)" }
        lines += ["", "工号 姓名 岗位 门店 PIN"]
        for person in plan.staff {
            let place = person.branch.map { plan.branches[$0].name } ?? "总部"
            lines.append(
                "\(person.code) \(person.name) \(plan.roles[person.role].name) \(place) "
                    + (person.branch == nil ? "-" : person.pin)
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Three commands to try.
    static func nextSteps(_ run: DemoRun) -> [String] {
        let plan = run.plan
        let hq = run.folder.node(DemoFolder.headquarters)
        let store = run.folder.node(plan.branches[0])
        let period = "--from \(plan.start) --to \(plan.end)"
        return [
            "tributary report products --data \(hq) \(period)",
            "tributary report sales --data \(store) \(period)",
            "tributary verify --data \(hq)",
        ]
    }
}
