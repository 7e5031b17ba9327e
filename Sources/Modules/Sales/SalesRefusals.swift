// Sales: why a command is refused. The numbers are for ever; pages show the sentence.

package import Kernel
import Module

/// What Sales refuses, on what this node knows.
package enum SalesRefusal: Refusal, Hashable {
    case noOpenDay
    case dayAlreadyOpen(CivilDate)
    case dateGoesBack(last: CivilDate)
    case dateAhead(CivilDate)
    case unknownTill
    case tillInactive(String)
    case unknownTender(String)
    case noTaxpayer
    case unknownProduct(String)
    case noPrice(String)
    case quantityInvalid(String)
    case emptyTicket
    case amountTooLarge
    case paymentsDiffer(due: Fen, paid: Fen)
    case changeOnlyFromCash(String)
    case paymentUnconfirmed(String)
    case discountTooLarge
    case unknownSale
    case saleVoided
    case nothingLeft(line: Int, left: Quantity)
    case paperCodeWrong
    case voidTooLate
    case saleHasReturns
    case dayNotClosed
    case dayAlreadySealed
    case dateDiffers(open: CivilDate)
    case reasonMissing
    case unknownLine(Int)
    case notElectronic(String)
    case roundingTooLarge
    case negativeAmount
    case rollOverNotDue(CivilDate)
    case belowMinimum(String, UnitPrice)

    package var code: Int {
        switch self {
        case .noOpenDay: 2_001
        case .dayAlreadyOpen: 2_002
        case .dateGoesBack: 2_003
        case .dateAhead: 2_004
        case .unknownTill: 2_005
        case .tillInactive: 2_006
        case .unknownTender: 2_007
        case .noTaxpayer: 2_008
        case .unknownProduct: 2_009
        case .noPrice: 2_010
        case .quantityInvalid: 2_011
        case .emptyTicket: 2_012
        case .amountTooLarge: 2_013
        case .paymentsDiffer: 2_014
        case .changeOnlyFromCash: 2_015
        case .paymentUnconfirmed: 2_016
        case .discountTooLarge: 2_017
        case .unknownSale: 2_018
        case .saleVoided: 2_019
        case .nothingLeft: 2_020
        case .paperCodeWrong: 2_021
        case .voidTooLate: 2_022
        case .saleHasReturns: 2_023
        case .dayNotClosed: 2_024
        case .dayAlreadySealed: 2_025
        case .dateDiffers: 2_026
        case .reasonMissing: 2_027
        case .unknownLine: 2_028
        case .notElectronic: 2_029
        case .roundingTooLarge: 2_030
        case .negativeAmount: 2_031
        case .rollOverNotDue: 2_032
        case .belowMinimum: 2_033
        }
    }

    package var isTransient: Bool {
        switch self {
        case .noOpenDay, .noTaxpayer, .noPrice, .unknownSale, .dayNotClosed, .paymentUnconfirmed,
            .rollOverNotDue:
            true
        default: false
        }
    }

    package var chinese: String {
        switch self {
        case .noOpenDay: "收银台尚未开班。请先开班。"
        case .dayAlreadyOpen(let date): "收银台已开班，营业日 \(date)。"
        case .dateGoesBack(let last): "营业日不能早于上一营业日 \(last)。"
        case .dateAhead(let date): "营业日 \(date) 晚于今天。请检查时钟。"
        case .unknownTill: "没有这个收银台。"
        case .tillInactive(let code): "收银台 \(code) 已停用。"
        case .unknownTender(let code): "没有支付方式 \(code)。"
        case .noTaxpayer: "账套在此日期没有纳税登记。"
        case .unknownProduct(let code): "没有商品 \(code)。"
        case .noPrice(let code): "商品 \(code) 没有售价。"
        case .quantityInvalid(let code): "商品 \(code) 的数量不正确。"
        case .emptyTicket: "小票上没有商品。"
        case .amountTooLarge: "金额或数量过大。"
        case .paymentsDiffer(let due, let paid): "应付 \(due)，已付 \(paid)，不相等。"
        case .changeOnlyFromCash(let code): "只有现金可以找零，\(code) 不能。"
        case .paymentUnconfirmed(let code): "\(code) 付款尚未确认。请核对付款成功页并输入单号末四位。"
        case .discountTooLarge: "优惠超过商品金额。"
        case .unknownSale: "本机没有这张小票。数据可能尚未同步。"
        case .saleVoided: "这张小票已作废。"
        case .nothingLeft(let line, let left): "第 \(line + 1) 行可退数量只有 \(left)。"
        case .paperCodeWrong: "小票验证码不符。"
        case .voidTooLate: "只能在当日日结之前作废。请办理退货。"
        case .saleHasReturns: "这张小票已有退货，不能作废。"
        case .dayNotClosed: "收银台尚未收班，不能日结。"
        case .dayAlreadySealed: "这一天已经日结。"
        case .dateDiffers(let open): "收银台的营业日是 \(open)。"
        case .reasonMissing: "请填写原因。"
        case .unknownLine(let line): "小票上没有第 \(line + 1) 行。"
        case .notElectronic(let code): "\(code) 不是电子支付。"
        case .roundingTooLarge: "抹零超过应付金额。"
        case .negativeAmount: "金额不能为负数。"
        case .rollOverNotDue(let date): "营业日 \(date) 尚未到切换时间。"
        case .belowMinimum(let code, let price):
            "商品 \(code) 低于最低售价 \(price.formatted())。请减少优惠，或由总部调价。"
        }
    }

    package var english: String {
        switch self {
        case .noOpenDay: "The till is not open. Open the day first."
        case .dayAlreadyOpen(let date): "The till is open for \(date)."
        case .dateGoesBack(let last): "The business date cannot be before \(last)."
        case .dateAhead(let date): "The business date \(date) is ahead. Check the clock."
        case .unknownTill: "There is no such till."
        case .tillInactive(let code): "Till \(code) is out of use."
        case .unknownTender(let code): "There is no tender \(code)."
        case .noTaxpayer: "The entity has no tax registration on this date."
        case .unknownProduct(let code): "There is no product \(code)."
        case .noPrice(let code): "Product \(code) has no price."
        case .quantityInvalid(let code): "The quantity of \(code) is not right."
        case .emptyTicket: "The ticket has no lines."
        case .amountTooLarge: "An amount or quantity is too large."
        case .paymentsDiffer(let due, let paid): "\(due) is due, \(paid) is paid."
        case .changeOnlyFromCash(let code): "Change is given from cash only, not from \(code)."
        case .paymentUnconfirmed(let code):
            "The payment by \(code) is not confirmed. Type the last digits of the payer's page."
        case .discountTooLarge: "The discount is more than the goods cost."
        case .unknownSale: "This ticket is not here. It may not have been synced yet."
        case .saleVoided: "This ticket was voided."
        case .nothingLeft(let line, let left): "Line \(line + 1) has only \(left) left to return."
        case .paperCodeWrong: "The code on the paper does not match."
        case .voidTooLate:
            "A ticket is voided on its own day, before the seal. Take a return instead."
        case .saleHasReturns: "Goods of this ticket were returned: it cannot be voided."
        case .dayNotClosed: "The till is not closed: its day cannot be sealed."
        case .dayAlreadySealed: "This day is sealed."
        case .dateDiffers(let open): "The till is open for \(open)."
        case .reasonMissing: "Give a reason."
        case .unknownLine(let line): "The ticket has no line \(line + 1)."
        case .notElectronic(let code): "\(code) is not an electronic tender."
        case .roundingTooLarge: "More is rounded off than is due."
        case .negativeAmount: "An amount cannot be negative."
        case .rollOverNotDue(let date): "It is not yet time to leave the business date \(date)."
        case .belowMinimum(let code, let price):
            "Product \(code) is not sold below \(price.formatted()). Give a smaller discount, or "
                + "have headquarters change the price."
        }
    }
}
