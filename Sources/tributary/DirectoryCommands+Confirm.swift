// What a person at headquarters decides after a restore: which devices and numbers are right, and
// when data is handed out again.

import Kernel
import Module
import Node
import Replication

extension DirectoryCommands {
    /// Ends the careful state, once nothing speaks against it or the person says so.
    func confirm() throws -> ExitCode {
        if !engine.log.isHeadquarters { throw CommonRefusal.headquartersOnly }
        let doubts = try engine.restoreDoubts()
        if try !engine.log.isCareful, doubts.isEmpty {
            console.say(console.text("无需确认", "nothing to confirm"))
            return .done
        }
        if !doubts.isEmpty, !arguments.has("anyway") {
            tell(doubts)
            return .checkFailed
        }
        tell(try engine.confirmRestored())
        console.say(console.text("已确认，恢复下发数据", "confirmed; data is handed out again"))
        return .done
    }

    private func tell(_ doubts: RestoreDoubts) {
        for device in doubts.unheard {
            console.say(
                console.text(
                    "恢复后尚未联系：设备 \(device.id) \(device.name)，它可能还有总部缺少的数据",
                    "not heard since the restore: device \(device.id) \(device.name); "
                        + "it may hold what headquarters lacks"
                )
            )
        }
        for (replica, commits) in doubts.waiting {
            console.say(
                console.text(
                    "编号 \(replica) 有 \(commits) 次提交在链外等待",
                    "\(commits) commits of number \(replica) wait beside the chain"
                )
            )
        }
        console.tell(
            console.text(
                "先让这些设备同步；再也联系不上时，用 `tributary confirm --anyway` 放弃等待",
                "let these devices sync first; where they never will, give them up with "
                    + "`tributary confirm --anyway`"
            )
        )
    }

    private func tell(_ settlement: Settlement) {
        for (replica, after) in settlement.lost {
            console.say(
                console.text(
                    "编号 \(replica) 在 \(after) 之后有缺失，已记为丢失",
                    "of number \(replica) something after \(after) is lost, and named so"
                )
            )
        }
        for (replica, number, commits) in settlement.recommitted {
            console.say(
                console.text(
                    "编号 \(replica) 的另一段历史（\(commits) 次提交）改用编号 \(number) 重新提交",
                    "\(commits) commits of another history of number \(replica) are committed "
                        + "again under \(number)"
                )
            )
        }
        for (replica, device) in settlement.accepted {
            console.say(
                console.text(
                    "设备 \(device) 的编号 \(replica) 已接受",
                    "number \(replica) of device \(device) is accepted"
                )
            )
        }
        if settlement.waiting > 0 {
            console.say(
                console.text(
                    "\(settlement.waiting) 次提交仍在等待更新的程序",
                    "\(settlement.waiting) commits still wait for newer code"
                )
            )
        }
    }
}
