// Every error in words for the person at the terminal, with a next step and an exit code.

import Kernel
import Module
import Node
import Replication
import SQLite
import Wire

import struct HTTP.SocketFault

/// Explains errors.
enum ErrorText {
    static func explain(_ error: any Error, _ console: Console) -> (ExitCode, String) {
        switch error {
        case let fault as NodeFault: (fault.exit, fault.text(console.language))
        case let fault as UsageFault: (.usage, fault.text(console.language))
        case NodeRefusal.diskFull:
            (.busy, console.text(NodeRefusal.diskFull.chinese, NodeRefusal.diskFull.english))
        case let refusal as any Refusal:
            (
                .refused,
                console.text(refusal.chinese, refusal.english) + " [\(refusal.code)]"
            )
        case let fault as ReportFault: (.usage, report(fault, console))
        case let fault as StorageFault: storage(fault, console)
        case let fault as CommitUndecided where NodeEngine.isFull(fault): full(console)
        case let fault as CommitUndecided:
            (
                .busy,
                "\(fault)\n  → "
                    + console.text(
                        "磁盘没有确认写入：再运行一次同样的命令，已写入的不会重复。",
                        "the disk did not confirm: run the same command again; nothing is doubled"
                    )
            )
        case let fault as SocketFault where fault.operation.hasPrefix("listen"):
            (
                .busy,
                console.text("无法监听（\(fault)）", "cannot serve there (\(fault))") + "\n  → "
                    + console.text(
                        "用 --listen 换一个地址或端口；端口 0 由系统选择",
                        "choose another --listen; port 0 picks a free one"
                    )
            )
        case let fault as Files.Fault where fault.isOfReadOnlyDirectory: readOnly(fault, console)
        case let fault as Files.Fault: (fault.isFull ? .busy : .usage, "\(fault)")
        case let fault as LogFault: log(fault, console)
        case is WireFault: (.checkFailed, damaged(console.text("一条记录", "a record"), console))
        default: (.refused, "\(error)")
        }
    }

    private static func report(_ fault: ReportFault, _ console: Console) -> String {
        switch fault {
        case .badOption(let name, let value, let expected):
            console.text("--\(name) \(value) 不能用在这里", "--\(name) \(value) cannot be used here")
                + "\n  → " + console.text(expected.chinese, expected.english)
        }
    }

    /// Even who only reads needs to write: the lock, and what SQLite keeps beside its files.
    private static func readOnly(_ fault: Files.Fault, _ console: Console) -> (ExitCode, String) {
        let text = console.text(
            "没有写入权限：\(fault.path)\n"
                + "  → 只读的数据目录也须先复制到可写的磁盘（cp -r），再对副本运行；"
                + "或核对文件属主。",
            "\(fault)\n"
                + "  → a directory is opened where it can be written, even to read it: copy it to "
                + "a disk that can be (cp -r) and name the copy; or see whose the files are"
        )
        return (.refused, text)
    }

    private static func full(_ console: Console) -> (ExitCode, String) {
        let text = console.text(
            "磁盘已满：没有写入任何内容。\n  → 请清理磁盘空间后重试。",
            "the disk is full: nothing was written\n  → free some space, then try again"
        )
        return (.busy, text)
    }

    private static func storage(_ fault: StorageFault, _ console: Console) -> (ExitCode, String) {
        if NodeEngine.isFull(fault) { return full(console) }
        if fault.isCut {
            let text = console.text(
                "读取超过 5 秒，已中止，以免影响收银和同步。\n  → 请缩短日期范围，或只查一家门店。",
                "it took more than 5 s to read and was cut, so that sales and sync go on\n"
                    + "  → ask for fewer days, or for one store"
            )
            return (.busy, text)
        }
        if fault.isBusy {
            let text = console.text(
                "另一个程序打开了该文件，请关闭它。",
                "another program has the file open; close it"
            )
            return (.busy, "\(fault)\n  → \(text)")
        }
        if fault.isCorrupt {
            let text = console.text(
                "文件已损坏。\n  → 运行 `tributary rebuild` 由日志重建视图，再运行 `tributary verify`；"
                    + "日志本身损坏时用备份恢复。",
                "a file is damaged\n  → `tributary rebuild` derives the views anew from the log; "
                    + "then `tributary verify`; a damaged log is restored from its backup"
            )
            return (.checkFailed, "\(fault)\n\(text)")
        }
        let text = console.text(
            "在此目录的副本上运行 `tributary verify`。",
            "run `tributary verify` on a copy of the directory"
        )
        return (.checkFailed, "\(fault)\n  → \(text)")
    }

    private static func log(_ fault: LogFault, _ console: Console) -> (ExitCode, String) {
        switch fault {
        case .newerFormat:
            let text = console.text(
                "此目录由更新的程序写成。\n  → 请升级本程序。",
                "the directory was written by a newer program\n  → upgrade this one"
            )
            return (.refused, text)
        case .notALog(let path):
            let text = console.text(
                "\(path) 不是节点的日志。\n  → 请核对 --data。",
                "\(path) is not a node's log\n  → check --data"
            )
            return (.usage, text)
        case .retired:
            let text = console.text(
                "本节点没有可用的编号。\n  → 运行 `tributary sync`，或重新注册。",
                "this node has no number to write under\n  → run `tributary sync`, or enrol again"
            )
            return (.refused, text)
        case .damaged(let id), .envelope(let id?, _):
            return (.checkFailed, damaged(console.text("提交 \(id)", "commit \(id)"), console))
        case .envelope(nil, _):
            return (.checkFailed, damaged(console.text("一条提交", "a commit"), console))
        default: return (.refused, "\(fault)")
        }
    }

    /// That something in the log cannot be read, and what to do: the log has no copy of itself.
    static func damaged(_ what: String, _ console: Console) -> String {
        console.text(
            "日志 log.sqlite 中的\(what)已损坏，无法读取。\n"
                + "  → `tributary verify` 列出所有损坏；总部用备份恢复；"
                + "门店保留此目录，用新的注册码在空目录重新加入，已同步的记录会重新下载。",
            "\(what) in log.sqlite is damaged and cannot be read\n"
                + "  → `tributary verify` names all damage; headquarters is restored from its "
                + "backup; a store keeps this directory, and enrols an empty one with a new code: "
                + "what was synced is fetched again"
        )
    }
}
