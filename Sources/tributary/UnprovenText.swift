// What is said where a directory may be a copy.

import Kernel
import Node

/// How a node goes on whose history is not proven, in words.
enum UnprovenText {
    static func words(_ goingOn: GoingOn) -> String {
        switch goingOn {
        case .underSpare(let number): "goes on under spare number \(number)"
        case .waitsForNumber: "writes nothing until the next sync gives a number"
        case .careful(let number): "careful, under number \(number)"
        }
    }

    static func message(_ proof: Anchor.Proof, _ goingOn: GoingOn, _ console: Console) -> String {
        let why = reason(proof, console)
        return switch goingOn {
        case .underSpare(let number):
            console.text(
                "此目录可能是副本（\(why)）：改用备用编号 \(number)",
                "the directory may be a copy (\(why)): it goes on under its spare number \(number)"
            )
        case .waitsForNumber:
            console.text(
                "此目录可能是副本（\(why)），没有备用编号：同步一次之后才能录入",
                "the directory may be a copy (\(why)) and no spare number is left: "
                    + "nothing is written until the next sync"
            )
        case .careful(let number):
            console.text(
                "此目录可能是副本（\(why)）：总部改用编号 \(number)，处于谨慎状态，"
                    + "核对后运行 tributary confirm",
                "the directory may be a copy (\(why)): headquarters goes on under number "
                    + "\(number) and is careful until `tributary confirm`"
            )
        }
    }

    /// What is said to who only reads such a directory.
    static func reading(_ proof: Anchor.Proof, _ console: Console) -> String {
        let why = reason(proof, console)
        return console.text(
            "此目录可能是副本（\(why)）：只读取，编号未变；下一条写入的命令会改用新编号",
            "the directory may be a copy (\(why)): it is only read; the next command that writes "
                + "goes on under another number"
        )
    }

    private static func reason(_ proof: Anchor.Proof, _ console: Console) -> String {
        switch proof {
        case .proven: console.text("上次启动时已发现", "found at an earlier start")
        case .missing: console.text("没有锚文件", "its anchor is missing")
        case .ahead: console.text("锚文件比目录新", "its anchor is ahead of it")
        case .otherMachine: console.text("锚文件属于另一台机器", "its anchor is of another machine")
        case .otherHistory:
            console.text("锚文件属于另一段历史", "its anchor is of another history")
        }
    }
}
