// What a sync found, in words for people. Must not decide anything of it.

import Kernel
import Node
import Sync

/// The events of a round, the alerts of headquarters and its refusals, in two languages.
enum SyncText {
    /// What happened at a node in a round.
    static func event(_ event: SyncEvent, _ console: Console) -> String {
        switch event {
        case .restored(let number):
            console.text(
                "本机由备份恢复，改用编号 \(number)",
                "this node came back from a backup and goes on under number \(number)"
            )
        case .forked(let old, let new):
            console.text(
                "编号 \(old) 另有一段历史（磁盘被复制或恢复过），本机未确认的数据改用编号 \(new)",
                "number \(old) has another history (a disk was copied or restored): what was "
                    + "unsent here goes on under number \(new)"
            )
        case .twin(let number):
            console.text(
                "另有一台本机的副本在工作，本机改用编号 \(number)",
                "a copy of this node is at work: this one goes on under number \(number)"
            )
        case .review(let number):
            console.text(
                "编号 \(number) 正在核实，总部决定之前不下发数据（总部：tributary rule list）",
                "number \(number) is under review: nothing is handed out until headquarters "
                    + "decides (there: tributary rule list)"
            )
        case .headquartersRestored:
            console.text(
                "总部由备份恢复，它缺少的数据正在重新发送",
                "headquarters was restored; what it lacks is sent again"
            )
        case .wiped(let count):
            console.text(
                "已删除本机不再可见的 \(count) 次提交",
                "\(count) commits were deleted that this node may no longer see"
            )
        case .clockOff(let ahead):
            console.text(
                "本机时钟比总部\(span(ahead, console))，请校准",
                "this clock is \(span(ahead, console)) headquarters'; set it right"
            )
        case .orderChanged:
            console.text(
                "总部的记录顺序与之前不同，请告知总部",
                "headquarters' order is not what it was; tell headquarters"
            )
        case .batchRefused(let number, let outcome):
            console.text(
                "编号 \(number) 的一批数据被拒绝（\(outcome)），请运行 tributary verify",
                "a batch of number \(number) was refused (\(outcome)); run tributary verify"
            )
        case .mended, .unmatched, .placeLost: difference(event, console)
        }
    }

    /// What a comparison with headquarters found.
    private static func difference(_ event: SyncEvent, _ console: Console) -> String {
        switch event {
        case .mended(let commit):
            console.text(
                "提交 \(commit) 在本机丢失或损坏，已从总部重新取回；请检查磁盘",
                "commit \(commit) was lost or damaged here and was fetched again; check the disk"
            )
        case .unmatched(let audience, let commit):
            console.text(
                "提交 \(commit)（\(audience)）总部没有下发过，请告知总部",
                "commit \(commit) (\(audience)) is none that headquarters delivered; tell it"
            )
        case .placeLost:
            console.text(
                "本机记下的总部位置不对（可能是磁盘损坏），已退回并重新收发",
                "what this node had kept of headquarters' order is not so (a damaged disk?): it "
                    + "went back, and fetches and sends again"
            )
        default: "\(event)"
        }
    }

    /// What headquarters found at a device.
    static func alert(_ alert: SyncAlert, _ console: Console) -> String {
        switch alert {
        case .twin(let device, let number):
            console.text(
                "设备 \(device)：编号 \(number) 有两台机器在用（磁盘被复制）",
                "device \(device): two machines use number \(number) (a copied disk)"
            )
        case .fork(let device, let number):
            console.text(
                "设备 \(device)：编号 \(number) 有两段历史，其未确认的数据将改用新编号",
                "device \(device): number \(number) has two histories; what is unsent there goes "
                    + "on under a new number"
            )
        case .nodeRestored(let device, let number):
            console.text(
                "设备 \(device)（编号 \(number)）由备份恢复",
                "device \(device) (number \(number)) came back from a backup"
            )
        case .headquartersRestored(let device):
            console.text(
                "设备 \(device) 表明总部回到了旧副本：只接收，不下发，核对后运行 tributary confirm",
                "device \(device) shows that headquarters went back to an older copy: it only "
                    + "receives until `tributary confirm`"
            )
        case .review(let device, let number):
            console.text(
                "设备 \(device) 以不属于它或已停用的编号 \(number) 上传，等待核实",
                "device \(device) sends under number \(number), which is not its own or ended; "
                    + "it waits for review"
            )
        case .revoked(let device):
            console.text("已吊销的设备 \(device) 试图连接", "the revoked device \(device) knocked")
        case .forbidden(let device, let count):
            console.text(
                "设备 \(device)：\(count) 项更改超出权限，已裁定禁止",
                "device \(device): \(count) changes beyond its rights were ruled forbidden"
            )
        case .held(let device, let count):
            console.text(
                "设备 \(device)：\(count) 次提交超出权限，等待决定（tributary rule list）",
                "device \(device): \(count) commits beyond its rights wait (tributary rule list)"
            )
        case .clock(let device, let ahead):
            console.text(
                "设备 \(device) 的时钟比总部\(span(ahead, console))",
                "the clock of device \(device) is \(span(ahead, console)) headquarters'"
            )
        case .forged(let device, let number):
            console.text(
                "设备 \(device)：编号 \(number) 的一批数据签名不符，未接收",
                "device \(device): a batch of number \(number) bears a wrong signature, not taken"
            )
        case .wiped, .mended, .unproven: disk(alert, console)
        }
    }

    /// What a device's disk no longer holds, or had lost.
    private static func disk(_ alert: SyncAlert, _ console: Console) -> String {
        switch alert {
        case .wiped(let device, _):
            console.text(
                "设备 \(device) 已删除它不再可见的数据",
                "device \(device) deleted what it may no longer see"
            )
        case .mended(let device, let commit):
            console.text(
                "设备 \(device) 曾丢失或损坏提交 \(commit)，已重新取回：请检查它的磁盘",
                "device \(device) had lost or damaged commit \(commit) and fetched it again: "
                    + "check its disk"
            )
        case .unproven(let device):
            console.text(
                "设备 \(device) 声称总部给过它的记录，总部没有，也无总部的印记：已要求它重新收发；请检查该设备",
                "device \(device) claims to have been told what headquarters does not have, "
                    + "without its seal: it is told to fetch and send again; look at the device"
            )
        default: "\(alert)"
        }
    }

    /// Why headquarters refused, with what to do about it.
    static func refusal(_ refusal: SyncRefusal, _ console: Console) -> String {
        switch refusal {
        case .unauthenticated:
            console.text(
                "总部不认识这台设备，或密钥不符：请核对总部地址",
                "headquarters does not know this device or its key: check headquarters' address"
            )
        case .revoked:
            console.text(
                "这台设备已被总部吊销；数据仍在本机，可用 tributary export log 取出",
                "headquarters has revoked this device; its data is still here, "
                    + "`tributary export log` takes it out"
            )
        case .careful:
            console.text(
                "总部刚由备份恢复，等待核对（总部运行 tributary confirm）；已发送的数据已收到",
                "headquarters was restored and waits for its people (`tributary confirm` there); "
                    + "what was sent has arrived"
            )
        case .lagging:
            console.text("总部正忙，请稍后再试", "headquarters is busy; try again soon")
        case .review:
            console.text(
                "此编号正在总部核实（tributary rule list）",
                "this number is under review at headquarters (tributary rule list)"
            )
        case .version:
            console.text(
                "总部的程序版本不同，请先升级总部",
                "headquarters speaks another version: upgrade headquarters first"
            )
        case .code:
            console.text("注册码未知、已用过或过期", "the code is unknown, used up or over")
        case .malformed, .staleSession, .tooLarge, .notFound, .notServed, .notForked:
            console.text(
                "总部不接受这条消息（\(refusal)），请再试一次",
                "headquarters does not accept the message (\(refusal)); try again"
            )
        }
    }

    /// A time ahead of or behind another, in the largest unit that shows it.
    private static func span(_ aheadMs: Int64, _ console: Console) -> String {
        let seconds = Int64(aheadMs.magnitude / 1_000)
        let (count, chinese, english): (Int64, String, String) =
            switch seconds {
            case 172_800...: (seconds / 86_400, "天", "days")
            case 7_200...: (seconds / 3_600, "小时", "hours")
            case 120...: (seconds / 60, "分钟", "minutes")
            default: (seconds, "秒", "seconds")
            }
        return console.text(
            "\(aheadMs >= 0 ? "快" : "慢") \(count) \(chinese)",
            "\(count) \(english) \(aheadMs >= 0 ? "ahead of" : "behind")"
        )
    }
}
