// A directory made from a backup, and what the person who restores must know now.

import Kernel
import Node
import Replication

/// `tributary restore`.
struct RestoreCommand {
    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = try arguments.required("data")
        if arguments.has("new-keys"), arguments.has("keys") {
            throw UsageFault(
                "--keys 和 --new-keys 只能给一个",
                "--keys or --new-keys, not both",
                "restore"
            )
        }
        var restore = Restore(
            RestoreWish(
                backup: arguments.positional[0],
                folder: folder,
                anchor: arguments.value("anchor"),
                keys: arguments.value("keys"),
                replaces: arguments.has("replace"),
                makesKeys: arguments.has("new-keys")
            ),
            modules: .standard,
            clock: SystemClock(),
            random: SystemRandom()
        )
        let outcome = try restore.run { done, all in
            console.progress(console.text("恢复", "restoring") + " \(done)/\(all)")
        }
        console.endProgress()
        if arguments.has("json") {
            console.say(json(outcome))
        } else {
            console.say(
                console.text(
                    "已恢复 \(outcome.commits) 次提交到 \(folder)",
                    "restored \(outcome.commits) commits to \(folder)"
                )
            )
            console.say(nextStep(outcome.goingOn, folder, console))
        }
        for line in remarks(outcome, folder, console) { console.tell("! \(line)") }
        return .done
    }

    private func json(_ outcome: RestoreOutcome) -> String {
        let state: String
        var number = "null"
        switch outcome.goingOn {
        case .careful(let replica):
            state = "careful"
            number = "\(replica)"
        case .underSpare(let replica):
            state = "spare"
            number = "\(replica)"
        case .waitsForNumber: state = "waits"
        }
        let aside = outcome.keptAside.map(JSONText.quoted) ?? "null"
        return "{\"commits\":\(outcome.commits),\"state\":\"\(state)\",\"number\":\(number)"
            + ",\"erased\":\(outcome.erased),\"kept\":\(aside)"
            + ",\"lacksKeys\":\(outcome.lacksKeys)"
            + ",\"keyless\":[\(outcome.keyless.map { "\($0)" }.joined(separator: ","))]}"
    }

    private func nextStep(_ goingOn: GoingOn, _ folder: String, _ console: Console) -> String {
        switch goingOn {
        case .careful(let number):
            console.text(
                "总部改用编号 \(number)，处于谨慎状态：只接收，不下发。"
                    + "启动后核对设备（tributary device list），再运行 tributary confirm --data \(folder)",
                "headquarters goes on under number \(number) and is careful: it only receives. "
                    + "Serve it, look at `tributary device list`, then "
                    + "`tributary confirm --data \(folder)`"
            )
        case .underSpare(let number):
            console.text(
                "本机改用备用编号 \(number)，可以继续营业；下次同步取回备份之后的记录",
                "the node goes on under its spare number \(number); "
                    + "the next sync fetches what it wrote after the backup"
            )
        case .waitsForNumber:
            console.text(
                "没有备用编号：先运行 tributary sync --data \(folder)，之后才能录入",
                "no spare number is left: run `tributary sync --data \(folder)` before anything "
                    + "can be written"
            )
        }
    }

    private func remarks(
        _ outcome: RestoreOutcome,
        _ folder: String,
        _ console: Console
    ) -> [String] {
        var lines: [String] = []
        if outcome.lacksKeys {
            lines.append(
                console.text(
                    "备份不含密钥：把另存的密钥副本放到 \(folder)/keys 之后才能为设备服务",
                    "a backup holds no keys: put the copy that is kept apart to \(folder)/keys; "
                        + "before that no device is served"
                )
            )
        }
        if let aside = outcome.keptAside {
            lines.append(
                console.text("原目录保留在 \(aside)", "the old directory is kept as \(aside)")
            )
        }
        if outcome.beyondBackup > 0 {
            lines.append(
                console.text(
                    "原目录比备份多 \(outcome.beyondBackup) 次提交：各节点会重新送来它们所有的",
                    "the old directory held \(outcome.beyondBackup) commits more than the backup; "
                        + "nodes send again what they have of them"
                )
            )
        }
        if outcome.erased > 0 {
            lines.append(
                console.text(
                    "备份之后删除的 \(outcome.erased) 人，其个人信息已再次删除",
                    "\(outcome.erased) persons were erased after the backup; erased again"
                )
            )
        }
        if !outcome.keyless.isEmpty {
            let list = outcome.keyless.map { "\($0)" }.joined(separator: " ")
            lines.append(
                console.text(
                    "没有设备 \(list) 的密钥：须重新注册",
                    "there are no keys of devices \(list): enrol them again"
                )
            )
        }
        for what in outcome.unread {
            lines.append(
                console.text("原目录无法读取 \(what)", "the old directory could not be read: \(what)")
            )
        }
        return lines
    }
}
