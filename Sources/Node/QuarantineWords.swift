// Why a commit waits, and what a person can do about it, in both languages.

import Kernel
package import Module
package import Replication

extension QuarantinedCommit {
    /// Why it waits, and what to do about it.
    package var words: (reason: LocalText, proposal: LocalText) {
        let id = id.rawValue
        switch reason {
        case .unknownKind, .unknownFlag:
            return (
                LocalText("由更新版本写入", "written by a newer version"),
                LocalText("升级本机程序，之后自动计入。", "Upgrade this program; it is then counted in.")
            )
        case .unmetNeed:
            return (
                LocalText("等待另一条记录", "waits for another record"),
                LocalText("等待同步；长期不到则查该设备。", "Wait for the sync; if long, look into its device.")
            )
        case .held:
            return (
                LocalText("超出设备权限", "beyond the device's rights"),
                LocalText(
                    "核实后放行：tributary rule admit \(id)",
                    "Ask, then let it in: tributary rule admit \(id)"
                )
            )
        case .unread:
            return (
                LocalText("已搁置", "set aside by a ruling"),
                LocalText(
                    "程序修复后解除搁置：tributary rule release \(id)",
                    "When the program is mended: tributary rule release \(id)"
                )
            )
        case .act:
            return (
                LocalText("同一业务的另一部分待处理", "another part of its act waits"),
                LocalText("先处理同一业务的其他部分。", "Resolve the other part; this one follows.")
            )
        case .malformed, .outOfRange, .violation, .notBlinded, .deadly:
            return (
                LocalText("内容无法计入", "cannot be counted in"),
                LocalText(
                    "联系技术支持；原单据由门店核对后重新录入。",
                    "Ask for support; the branch checks the document and enters it again."
                )
            )
        }
    }
}
