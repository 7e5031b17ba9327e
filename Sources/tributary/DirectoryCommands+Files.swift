// Commit files on the command line: a node's unsent commits on a stick, and headquarters' answer.

import Kernel
import Module
import Node
import Replication
import Sync

extension DirectoryCommands {
    /// `export log`: at a node what headquarters has not acknowledged, at headquarters the answer.
    func exportLog() throws -> ExitCode {
        let bytes: [UInt8]
        let count: Int
        if engine.log.isHeadquarters {
            guard let text = arguments.value("for"), let device = Int64(text) else {
                throw NodeFault(
                    .usage,
                    "headquarters writes a commit file for one device: --for DEVICE",
                    nextStep: "the devices are in `tributary device list`"
                )
            }
            if arguments.has("hand-back") {
                throw UsageFault("--hand-back 只用于门店设备", "--hand-back is for a node", "export")
            }
            guard let known = try engine.log.device(device), !known.isRevoked else {
                throw NodeFault(
                    .refused,
                    "there is no device \(device), or it is revoked",
                    nextStep: "the devices are in `tributary device list`"
                )
            }
            bytes = try (headquarters ?? Headquarters(engine: engine)).exportFile(for: device)
            count = 0
        } else {
            if arguments.has("for") {
                throw UsageFault("--for 只用于总部", "--for is for headquarters", "export")
            }
            count = try engine.log.unsentCount()
            let sync = try NodeSync(engine: engine)
            bytes = try sync.exportFile(handBack: arguments.has("hand-back"))
        }
        try writeBytes(bytes)
        tellExported(count, bytes.count)
        return .done
    }

    private func writeBytes(_ bytes: [UInt8]) throws {
        if let out = arguments.value("out") {
            try Files.write(bytes, to: path(out))
        } else if !console.writeBytes(bytes) {
            throw NodeFault(
                .usage,
                "the directory is served: a commit file cannot be printed from there",
                nextStep: "give --out FILE"
            )
        }
    }

    private func tellExported(_ count: Int, _ size: Int) {
        guard arguments.has("out") else { return }
        if arguments.has("json") {
            console.say("{\"commits\":\(count),\"bytes\":\(size)}")
        } else if engine.log.isHeadquarters {
            console.say(
                console.text(
                    "应答文件已写好（\(size) 字节）。在该设备上运行 tributary import commits",
                    "the answer is written (\(size) bytes); take it with "
                        + "`tributary import commits` on the device"
                )
            )
        } else {
            console.say(
                console.text(
                    "已写出 \(count) 次未确认的提交。在总部运行 tributary import commits；"
                        + "收到应答文件之前仍算未发送",
                    "wrote \(count) unacknowledged commits; take the file to headquarters "
                        + "(tributary import commits); they count as unsent until its answer comes"
                )
            )
        }
    }

    /// `import commits`: at headquarters a node's file, at a node headquarters' answer.
    func importCommits() throws -> ExitCode {
        let bytes = try Files.read(path(arguments.positional[1]))
        do {
            return engine.log.isHeadquarters ? try takeFile(bytes) : try takeAnswer(bytes)
        } catch let fault as FileFault {
            throw NodeFault(
                .refused,
                FileFaultText.message(fault, console),
                nextStep: console.text("没有写入任何内容", "nothing was changed")
            )
        }
    }

    private func takeFile(_ bytes: [UInt8]) throws -> ExitCode {
        let hq = try headquarters ?? Headquarters(engine: engine)
        let outcome = try hq.importFile(bytes)
        for alert in hq.server.takeAlerts() { console.tell("! \(SyncText.alert(alert, console))") }
        if let out = arguments.value("answer") {
            try Files.write(try hq.exportFile(for: outcome.header.device), to: path(out))
        }
        let refused = outcome.results.filter { $0.outcome != .taken && $0.outcome != .known }
        if arguments.has("json") {
            console.say(
                "{\"device\":\(outcome.header.device),\"taken\":\(outcome.taken)"
                    + ",\"complete\":\(refused.isEmpty && !outcome.isCut)}"
            )
        } else {
            console.say(
                console.text(
                    "设备 \(outcome.header.device)：新收到 \(outcome.taken) 次提交",
                    "device \(outcome.header.device): \(outcome.taken) commits were new"
                )
            )
        }
        for result in refused {
            console.tell(FileFaultText.message(result.replica, result.outcome, console))
        }
        if outcome.isCareful {
            console.tell(
                console.text(
                    "总部处于恢复后的谨慎状态：请用 export log --hand-back 再导出一次，"
                        + "核对后运行 tributary confirm",
                    "headquarters is careful after a restore: export once more with --hand-back, "
                        + "then, after looking, run `tributary confirm`"
                )
            )
        }
        return finish(outcome, isGood: refused.isEmpty)
    }

    private func takeAnswer(_ bytes: [UInt8]) throws -> ExitCode {
        let outcome = try NodeSync(engine: engine).importFile(bytes)
        let unsent = try engine.log.unsentCount()
        if arguments.has("json") {
            console.say(
                "{\"received\":\(outcome.taken),\"unsent\":\(unsent)"
                    + ",\"complete\":\(!outcome.isCut && !outcome.isOutOfPlace)}"
            )
        } else {
            console.say(
                console.text(
                    "已接收 \(outcome.taken)，待发送 \(unsent)",
                    "received \(outcome.taken), left \(unsent)"
                )
            )
        }
        if outcome.isOutOfPlace {
            console.tell(
                console.text(
                    "此文件不接在本机所处的位置之后：请重新 export log，带到总部取得新的应答",
                    "the file does not follow from where this node stands: export the log again, "
                        + "and take headquarters' answer to that"
                )
            )
        }
        return finish(outcome, isGood: !outcome.isOutOfPlace)
    }

    private func finish(_ outcome: FileOutcome, isGood: Bool) -> ExitCode {
        if outcome.isCut {
            console.tell(
                console.text(
                    "文件在中途截断或损坏：之前的部分已收下，请重新导出",
                    "the file is cut or damaged on the way: what came before was taken; "
                        + "export it again"
                )
            )
        }
        return isGood && !outcome.isCut ? .done : .checkFailed
    }
}

/// What is wrong with a commit file, in words.
enum FileFaultText {
    static func message(_ fault: FileFault, _ console: Console) -> String {
        switch fault {
        case .notAFile: console.text("这不是提交文件", "this is no commit file")
        case .foreign:
            console.text(
                "此文件属于另一家公司或另一台设备，或者方向相反",
                "the file is of another company or device, or goes the other way"
            )
        case .unsealed:
            console.text("文件的签名不是该设备的", "the file's seal is not that of its device")
        case .damaged:
            console.text(
                "文件中有提交与签名不符",
                "a commit in the file is not the one that was signed"
            )
        }
    }

    static func message(
        _ replica: ReplicaNumber,
        _ outcome: BatchOutcome,
        _ console: Console
    ) -> String {
        switch outcome {
        case .gap:
            console.text(
                "编号 \(replica)：之前的提交还没有到，请先导入较早的文件",
                "number \(replica): what comes before is missing; import the earlier file first"
            )
        case .fork, .otherIncarnation:
            console.text(
                "编号 \(replica) 下有两段历史：该设备须联网同步一次",
                "two histories stand under number \(replica): let the device sync over the line"
            )
        case .broken, .unsigned, .taken, .known: "number \(replica): \(outcome)"
        }
    }
}
