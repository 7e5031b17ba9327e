// Codes, rounds of sync, devices, and the end of a restored headquarters' careful state.

import Kernel
import Module
import Node
import Replication
import Sync

extension DirectoryCommands {
    private func served() throws -> Headquarters {
        if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
        return try headquarters ?? Headquarters(engine: engine)
    }

    /// Gives out a single-use code.
    func code() throws -> ExitCode {
        let hq = try served()
        let now = engine.clock.now()
        let branchCode = try arguments.required("branch")
        let kinds = ["branch": Int64(1), "till": 2, "field": 3]
        let kindName = arguments.value("kind") ?? "branch"
        guard let kind = kinds[kindName] else {
            throw UsageFault(
                "--kind 只能是 branch、till 或 field",
                "--kind is branch, till or field",
                "code"
            )
        }
        let questions = engine.modules.questions
        guard
            let branch = try questions.catalog.branch(
                code: branchCode,
                on: now.date(),
                engine.views
            )
        else { throw try unknownBranch(branchCode, on: engine.clock.now().date()) }
        var person: Int64 = 0
        if let personCode = arguments.value("person") {
            guard let known = try questions.people.person(code: personCode, engine.views) else {
                throw NodeFault(
                    .refused,
                    LocalText("没有工号 \(personCode)", "there is no person \(personCode)"),
                    nextStep: LocalText("请核对工号", "check the code of the person")
                )
            }
            person = known.id
        }
        let code = try hq.server.issueCode(
            kind: kind,
            branch: branch.id,
            person: person,
            label: "\(branchCode) \(kindName)",
            now: now
        )
        if let out = arguments.value("out") {
            try Files.write(Array((code.text + "\n").utf8), to: path(out))
        } else if arguments.has("json") {
            console.say("{\"code\":\(JSONText.quoted(code.text)),\"minutes\":10}")
        } else {
            console.say(code.text)
            console.tell(
                console.text("一次有效，十分钟内使用。", "Single use, within ten minutes.")
            )
        }
        return .done
    }

    /// One round with headquarters.
    func sync() throws -> ExitCode {
        if engine.log.isHeadquarters {
            throw NodeFault(
                .usage,
                LocalText("总部不用同步：由门店连接总部", "headquarters does not sync: its nodes come to it"),
                nextStep: LocalText(
                    "先运行 tributary hq，再在门店运行 tributary sync",
                    "run `tributary hq`, then `tributary sync` on a branch"
                )
            )
        }
        let address = try address()
        let sync = try NodeSync(engine: engine)
        let line = HTTPTransport(address)
        if arguments.has("check") { sync.client.mustCheck() }
        let outcome = try sync.round(line) { outcome in
            console.progress(
                console.text("已发送", "sent") + " \(outcome.pushed) · "
                    + console.text("已接收", "received") + " \(outcome.pulled)"
            )
        }
        console.endProgress()
        let unsent = try engine.log.unsentCount()
        tell(outcome.events)
        if arguments.has("json") {
            console.say(
                "{\"sent\":\(outcome.pushed),\"received\":\(outcome.pulled),\"unsent\":\(unsent)"
                    + ",\"complete\":\(outcome.isComplete && unsent == 0)}"
            )
        } else {
            console.say(
                console.text(
                    "已发送 \(outcome.pushed)，已接收 \(outcome.pulled)，待发送 \(unsent)",
                    "sent \(outcome.pushed), received \(outcome.pulled), left \(unsent)"
                )
            )
        }
        return exit(outcome, unsent, line.lastFault)
    }

    private func address() throws -> HeadquartersAddress {
        if let text = arguments.value("hq") {
            let address = try HeadquartersAddress(text)
            try engine.log.write {
                try engine.log.reader.setMeta("hq_url", bytes: Array(address.text.utf8))
            }
            return address
        }
        let kept = try engine.log.reader.metaBytes("hq_url") ?? []
        return try HeadquartersAddress(String(decoding: kept, as: UTF8.self))
    }

    private func tell(_ events: [SyncEvent]) {
        for event in events { console.tell("! \(SyncText.event(event, console))") }
    }

    private func exit(
        _ outcome: RoundOutcome,
        _ unsent: Int,
        _ fault: NodeFault?
    ) -> ExitCode {
        switch outcome.stop {
        case nil: return unsent == 0 ? .done : .checkFailed
        case .noAnswer(let why):
            if let fault {
                console.tell(fault.text(console.language))
                return fault.exit
            }
            console.tell(
                console.text(
                    "总部没有应答（\(why)）。数据都在本机，稍后再同步。",
                    "headquarters does not answer (\(why)); nothing is lost, sync again later"
                )
            )
            return .unreachable
        case .refused(let refusal):
            console.tell(SyncText.refusal(refusal, console))
            return .refused
        case .brokenAnswer(let why):
            console.tell("\(why)")
            return .unreachable
        case .circling:
            console.tell("the round does not end; run `tributary verify`")
            return .checkFailed
        }
    }

    /// Lists devices, or revokes one.
    func device() throws -> ExitCode {
        if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
        switch arguments.positional[0] {
        case "list":
            try listDevices()
            return .done
        case "revoke":
            guard arguments.positional.count > 1, let id = Int64(arguments.positional[1]),
                try engine.log.device(id) != nil
            else {
                throw UsageFault(
                    "没有指明设备，或没有这台设备：见 tributary device list",
                    "which device? see `tributary device list`",
                    "device"
                )
            }
            let reason = arguments.value("reason") ?? ""
            try engine.revoke(device: id, reason: reason)
            console.say(console.text("已吊销", "revoked"))
            return .done
        default:
            throw UsageFault("device 只有 list 和 revoke", "device takes list or revoke", "device")
        }
    }

    private func listDevices() throws {
        let devices = try engine.log.devices()
        let branches = try engine.modules.questions.catalog.branches(
            on: engine.clock.now().date(),
            engine.views
        )
        let rows = devices.map { device in
            (device, branches.first { $0.id == device.branch }?.code ?? "")
        }
        if arguments.has("json") {
            let items = rows.map { device, branch in
                "{\"device\":\(device.id),\"branch\":\(JSONText.quoted(branch))"
                    + ",\"name\":\(JSONText.quoted(device.name))"
                    + ",\"revoked\":\(device.isRevoked)}"
            }
            console.say("[\(items.joined(separator: ","))]")
            return
        }
        if devices.isEmpty {
            console.say(
                console.text(
                    "还没有设备：tributary code 给出注册代码",
                    "no devices yet: `tributary code` makes a code for one"
                )
            )
            return
        }
        console.say(console.text("设备  门店  名称", "device  branch  name"))
        for (device, branch) in rows {
            let state = device.isRevoked ? console.text("  已吊销", "  revoked") : ""
            console.say("\(device.id)  \(branch)  \(device.name)\(state)")
        }
    }
}
