// What waits for a decision at headquarters, and the decisions of a person.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sales

extension DirectoryCommands {
    /// Shows what waits, or decides it.
    func rule() throws -> ExitCode {
        switch arguments.positional[0] {
        case "list":
            try list()
            return .done
        case "admit":
            try requireHeadquarters()
            try engine.admit(commitID())
            console.say(console.text("已放行", "let in"))
            return .done
        case "release":
            try requireHeadquarters()
            try engine.release(commitID())
            console.say(console.text("已解除搁置", "no longer set aside"))
            return .done
        case "accept": return try accept()
        case "lost": return try giveUp()
        case "waive": return try waive()
        default:
            throw UsageFault(
                "rule 只有 list、admit、release、accept、lost 和 waive",
                "rule takes list, admit, release, accept, lost or waive",
                "rule"
            )
        }
    }

    private func commitID() throws -> ChangeID {
        guard arguments.positional.count > 1, let raw = Int64(arguments.positional[1]), raw > 0,
            ChangeID(raw).isValid
        else { throw UsageFault("缺少记录编号", "the id of a record is missing", "rule") }
        return ChangeID(raw)
    }

    private func replicaNumber() throws -> ReplicaNumber {
        guard arguments.positional.count > 1, let raw = UInt32(arguments.positional[1]),
            raw < 1 << 21
        else { throw UsageFault("缺少链的编号", "the number of a chain is missing", "rule") }
        return ReplicaNumber(raw)
    }

    private func accept() throws -> ExitCode {
        try requireHeadquarters()
        let count = try engine.accept(replicaNumber())
        console.say(
            arguments.has("json")
                ? "{\"commits\":\(count)}"
                : console.text("已放行 \(count) 次提交", "let \(count) commits in")
        )
        return .done
    }

    private func giveUp() throws -> ExitCode {
        try requireHeadquarters()
        let number = try replicaNumber()
        let count = try engine.giveUp(number, reason: arguments.required("reason"))
        console.say(
            arguments.has("json")
                ? "{\"commits\":\(count)}"
                : console.text(
                    "已认定丢失，其后的 \(count) 次提交已计入",
                    "named as lost; the \(count) commits behind it are counted in"
                )
        )
        return .done
    }

    private func requireHeadquarters() throws {
        if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
    }

    private func list() throws {
        let waiting = try engine.projector.quarantined()
        if arguments.has("json") {
            let items = waiting.map { item in
                "{\"id\":\(item.id.rawValue),\"reason\":\"\(item.reason)\""
                    + ",\"detail\":\(JSONText.quoted(item.detail))}"
            }
            let chains = try chainsToDecide().map { chain in
                "{\"number\":\(chain.number),\"reason\":\"\(chain.reason)\""
                    + ",\"commits\":\(chain.commits)}"
            }
            console.say("[" + (items + chains).joined(separator: ",") + "]")
            return
        }
        for item in waiting {
            let (reason, proposal) = item.words
            let detail = item.detail.isEmpty ? "" : " (\(item.detail))"
            console.say(
                "\(item.id.rawValue)  "
                    + console.text(reason.chinese, reason.english) + detail
            )
            console.say("  → " + console.text(proposal.chinese, proposal.english))
        }
        let chains = try chainsToDecide()
        for chain in chains {
            console.say(
                "\(chain.number)  \(console.text(chain.words.chinese, chain.words.english))"
            )
            console.say("  → tributary rule \(chain.verb) \(chain.number)")
        }
        if waiting.isEmpty, chains.isEmpty {
            console.say(console.text("没有待处理的记录", "nothing waits"))
        }
    }

    private struct ChainToDecide {
        let number: UInt32
        let reason: String
        let commits: Int
        let words: LocalText
        let verb: String
    }

    /// Whole chains that wait for a person: numbers in review, and holes.
    private func chainsToDecide() throws -> [ChainToDecide] {
        let reviews = try engine.numbersInReview().map { review in
            ChainToDecide(
                number: review.number.rawValue,
                reason: "review",
                commits: review.waiting,
                words: LocalText(
                    "编号待核实（设备 \(review.device)，\(review.waiting) 次提交）",
                    "a number in review (device \(review.device), \(review.waiting) commits)"
                ),
                verb: "accept"
            )
        }
        let holes = try engine.holes().map { hole in
            ChainToDecide(
                number: hole.number.rawValue,
                reason: "hole",
                commits: hole.waiting,
                words: LocalText(
                    "第 \(hole.after) 条之后有缺口，其后 \(hole.waiting) 次提交等待补齐",
                    "a hole after \(hole.after), behind which \(hole.waiting) commits wait"
                ),
                verb: "lost"
            )
        }
        return reviews + holes
    }

    private func waive() throws -> ExitCode {
        let date = try arguments.date("date")
        let code = try arguments.required("branch")
        let reason = try arguments.required("reason")
        guard let date else { throw UsageFault("缺少 --date", "--date is missing", "rule") }
        let catalog = engine.modules.questions.catalog
        guard let branch = try catalog.branch(code: code, on: date, engine.views) else {
            throw try unknownBranch(code, on: date)
        }
        _ = try engine.perform(WaiveDay(branch: branch.id, date: date, reason: reason))
        console.say(console.text("已裁定", "ruled"))
        return .done
    }

    // MARK: persons

    /// Erases a person's personal data.
    func erase() throws -> ExitCode {
        try requireHeadquarters()
        let code = arguments.positional[0]
        let people = engine.modules.questions.people
        guard let person = try people.person(code: code, engine.views) else {
            throw NodeFault(
                .refused,
                console.text("没有工号 \(code)", "there is no person \(code)"),
                nextStep: console.text("请核对工号", "check the person's code")
            )
        }
        let values = try engine.personalValues(of: person.id)
        guard arguments.has("yes") else {
            throw NodeFault(
                .refused,
                console.text(
                    "将永久删除 \(code) 的 \(values) 项个人信息，各门店同步后一并删除，无法恢复",
                    "\(values) personal values of \(code) would be erased here and everywhere, "
                        + "for good"
                ),
                nextStep: console.text("确认删除请加 --yes", "add --yes to do it")
            )
        }
        let isNew = try engine.erase(person: person.id)
        if arguments.has("json") {
            console.say("{\"erased\":\(JSONText.quoted(code)),\"values\":\(values)}")
        } else if isNew {
            console.say(
                console.text(
                    "已删除 \(code) 的 \(values) 项个人信息；各门店在下次同步时删除",
                    "erased \(values) personal values of \(code); every branch follows when it "
                        + "syncs"
                )
            )
        } else {
            console.say(console.text("\(code) 的个人信息早已删除", "\(code) was erased before"))
        }
        return .done
    }
}
