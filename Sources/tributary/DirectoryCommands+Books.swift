// Posting, backups, and what waits for a decision.

import Kernel
import Ledger
import Module
import Node
import Replication
import SQLite
import Sales

extension DirectoryCommands {
    /// Posts every voucher that is due.
    func post() throws -> ExitCode {
        let through = try arguments.date("to")
        var vouchers = 0
        while true {
            let outcome = try engine.perform(PostVouchers(through: through))
            vouchers += outcome.vouchers
            console.progress(console.text("已记账", "posted") + " \(vouchers)")
            if !outcome.hasMore { break }
        }
        console.endProgress()
        console.say(
            arguments.has("json")
                ? "{\"vouchers\":\(vouchers)}"
                : console.text("已记账 \(vouchers) 张凭证", "posted \(vouchers) vouchers")
        )
        return .done
    }

    /// Writes a verified copy of the log to one file.
    func backup() throws -> ExitCode {
        let out = path(try arguments.required("out"))
        if Files.exists(out) {
            throw NodeFault(.refused, "\(out) exists", nextStep: "choose another name")
        }
        let keys = arguments.value("keys").map { path($0) }
        if let keys {
            if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
            if Files.exists(keys) {
                throw NodeFault(.refused, "\(keys) exists", nextStep: "choose another name")
            }
            // The file is made when headquarters is first wired.
            _ = try headquarters ?? Headquarters(engine: engine)
            try Files.copy(directory.folder + "/keys", to: keys)
            try Files.syncFolder(Files.parent(of: keys))
        }
        let backup = try engine.backup(to: out)
        if arguments.has("json") {
            let name = keys.map(JSONText.quoted) ?? "null"
            console.say("{\"position\":\(backup.position),\"keys\":\(name)}")
            return .done
        }
        sayBackup(backup, keys)
        return .done
    }

    private func sayBackup(_ backup: BackupOutcome, _ keys: String?) {
        let position = backup.position
        if backup.holdsDeviceKey {
            console.say(
                console.text(
                    "备份完成：\(position) 次提交，含本设备的密钥，请妥善保管",
                    "backed up \(position) commits, with the key of this device: keep it safe"
                )
            )
            return
        }
        console.say(
            console.text(
                "备份完成：\(position) 次提交，不含设备密钥",
                "backed up \(position) commits, without device keys"
            )
        )
        if !engine.log.isHeadquarters { return }
        let file = keys ?? directory.folder + "/keys"
        console.tell(
            keys == nil
                ? console.text(
                    "密钥在 \(file)：请另存一份，不要与备份放在一起（--keys FILE）；没有它，恢复后无法为设备服务",
                    "the keys are in \(file): keep a copy apart from the backup (--keys FILE); "
                        + "without it a restored headquarters serves no device"
                )
                : console.text(
                    "密钥另存于 \(file)：不要与备份放在一起",
                    "the keys are copied to \(file): keep them apart from the backup"
                )
        )
    }

    /// Shows what waits, or decides it.
    func rule() throws -> ExitCode {
        switch arguments.positional[0] {
        case "list":
            let waiting = try engine.projector.quarantined()
            for item in waiting {
                console.say("\(item.id.rawValue)  \(item.reason)  \(item.detail)")
            }
            if waiting.isEmpty { console.say(console.text("没有待处理的记录", "nothing waits")) }
            return .done
        case "admit":
            let id = try commitID()
            try requireHeadquarters()
            try ruling(LogKind.factAdmitted, RulingBody.ids([id]))
            return .done
        case "waive": return try waive()
        default:
            throw UsageFault(message: "rule takes list, admit or waive", command: "rule")
        }
    }

    private func commitID() throws -> ChangeID {
        guard arguments.positional.count > 1, let raw = Int64(arguments.positional[1]), raw > 0,
            ChangeID(raw).isValid
        else { throw UsageFault(message: "the id of a record is missing", command: "rule") }
        return ChangeID(raw)
    }

    private func requireHeadquarters() throws {
        if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
    }

    private func ruling(_ kind: Kind, _ body: [UInt8]) throws {
        _ = try engine.perform(RulingCommand(kind: kind, body: body))
        console.say(console.text("已裁定", "ruled"))
    }

    private func waive() throws -> ExitCode {
        let date = try arguments.date("date")
        let code = try arguments.required("branch")
        let reason = try arguments.required("reason")
        guard let date else { throw UsageFault(message: "--date is missing", command: "rule") }
        let catalog = engine.modules.questions.catalog
        guard let branch = try catalog.branch(code: code, on: date, engine.views) else {
            throw CommonRefusal.unknownBranch(code)
        }
        _ = try engine.perform(WaiveDay(branch: branch.id, date: date, reason: reason))
        console.say(console.text("已裁定", "ruled"))
        return .done
    }
}
