// Ledger: why a command is refused, numbered for ever.

package import Kernel
import Module

/// The refusals of Ledger: 5001 and on.
package enum LedgerRefusal: Refusal {
    case unknownEntity(Int64)
    case periodNotOver(AccountingPeriod)
    case periodClosed(AccountingPeriod)
    case earlierPeriodOpen(AccountingPeriod)
    case notPosted(branch: String, date: CivilDate)
    case branchIncomplete(branch: String, date: CivilDate)
    case reasonMissing
    case periodNotClosed(AccountingPeriod)
    case laterPeriodClosed(AccountingPeriod)
    case roleWithoutAccount(String)
    case amountTooLarge(branch: Int64, date: CivilDate)

    package var code: Int {
        switch self {
        case .unknownEntity: 5001
        case .periodNotOver: 5002
        case .periodClosed: 5003
        case .earlierPeriodOpen: 5004
        case .notPosted: 5005
        case .branchIncomplete: 5006
        case .reasonMissing: 5007
        case .periodNotClosed: 5008
        case .laterPeriodClosed: 5009
        case .roleWithoutAccount: 5010
        case .amountTooLarge: 5011
        }
    }

    package var isTransient: Bool {
        switch self {
        case .periodNotOver, .notPosted, .branchIncomplete: true
        default: false
        }
    }

    package var chinese: String {
        switch self {
        case .unknownEntity(let id): "没有编号为 \(id) 的账套。"
        case .periodNotOver(let period): "\(period) 尚未结束，不能结账。"
        case .periodClosed(let period): "\(period) 已结账。"
        case .earlierPeriodOpen(let period): "请先结 \(period) 的账：各期须依次结账。"
        case .notPosted(let branch, let date): "门店 \(branch) \(date) 还有未记账的业务，请先记账。"
        case .branchIncomplete(let branch, let date):
            "门店 \(branch) \(date) 的营业日数据不完整。请等待同步、免封，或写明理由后豁免该门店。"
        case .reasonMissing: "请填写理由。"
        case .periodNotClosed(let period): "\(period) 未结账。"
        case .laterPeriodClosed(let period): "只能反结最后一个已结期间；\(period) 已结账。"
        case .roleWithoutAccount(let role): "本账套的会计科目表中没有用途 \(role) 的科目。"
        case .amountTooLarge(let branch, let date): "门店 \(branch) \(date) 的合计金额超过上限。"
        }
    }

    package var english: String {
        switch self {
        case .unknownEntity(let id): "There are no books with the id \(id)."
        case .periodNotOver(let period): "\(period) is not over yet, so it cannot be closed."
        case .periodClosed(let period): "\(period) is closed."
        case .earlierPeriodOpen(let period):
            "Close \(period) first: periods close one after the other."
        case .notPosted(let branch, let date):
            "Branch \(branch) has business of \(date) that is not posted: post it first."
        case .branchIncomplete(let branch, let date):
            "The business day \(date) of branch \(branch) is not complete. Wait for it, waive the "
                + "day, or waive the branch with a reason."
        case .reasonMissing: "Enter the reason."
        case .periodNotClosed(let period): "\(period) is not closed."
        case .laterPeriodClosed(let period):
            "Only the last closed period can be opened again; \(period) is closed."
        case .roleWithoutAccount(let role):
            "The chart of these books has no account for the role \(role)."
        case .amountTooLarge(let branch, let date):
            "The total of branch \(branch) on \(date) is above the limit."
        }
    }
}
