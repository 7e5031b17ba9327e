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
            throw taken(out)
        }
        let keys = arguments.value("keys").map { path($0) }
        if let keys {
            if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
            if Files.exists(keys) {
                throw taken(keys)
            }
            // The file is made when headquarters is first wired.
            _ = try headquarters ?? Headquarters(engine: engine)
            try Files.copy(directory.folder + "/keys", to: keys)
            try Files.syncFolder(Files.parent(of: keys))
        }
        let backup =
            try thread.map { try engine.backupBeside($0, to: out) } ?? engine.backup(to: out)
        if arguments.has("json") {
            let name = keys.map(JSONText.quoted) ?? "null"
            console.say("{\"position\":\(backup.position),\"keys\":\(name)}")
            return .done
        }
        sayBackup(backup, keys)
        return .done
    }

    private func taken(_ file: String) -> NodeFault {
        NodeFault(
            .refused,
            LocalText("\(file) 已存在", "\(file) exists"),
            nextStep: LocalText("请换一个名称", "choose another name")
        )
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
}
