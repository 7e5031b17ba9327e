// Stock: why a command is refused, numbered for ever.

import Module

/// The refusals of Stock: 3001 and on.
package enum StockRefusal: Refusal {
    case unknownProduct(Int64)
    case noLines
    case tooManyLines
    case badQuantity(product: String)
    case notWeighed(product: String)
    case unknownCost(product: String)
    case badCost(product: String)
    case amountTooLarge
    case futureDate
    case noteTooLong
    case noteMissing

    package var code: Int {
        switch self {
        case .unknownProduct: 3001
        case .noLines: 3002
        case .tooManyLines: 3003
        case .badQuantity: 3004
        case .notWeighed: 3005
        case .unknownCost: 3006
        case .badCost: 3007
        case .amountTooLarge: 3008
        case .futureDate: 3009
        case .noteTooLong: 3010
        case .noteMissing: 3011
        }
    }

    package var chinese: String {
        switch self {
        case .unknownProduct(let id): "没有编号为 \(id) 的商品。"
        case .noLines: "没有商品行。"
        case .tooManyLines: "一张单据最多 \(StockLimits.linesMax) 行。"
        case .badQuantity(let product): "商品 \(product) 的数量必须大于零且不超过上限。"
        case .notWeighed(let product): "商品 \(product) 不按重量计，数量必须为整数。"
        case .unknownCost(let product): "商品 \(product) 没有已知成本，请填写单位成本。"
        case .badCost(let product): "商品 \(product) 的单位成本不能为负或超过上限。"
        case .amountTooLarge: "金额超过上限。"
        case .futureDate: "营业日期不能晚于今天。"
        case .noteTooLong: "文字过长。"
        case .noteMissing: "请填写原因。"
        }
    }

    package var english: String {
        switch self {
        case .unknownProduct(let id): "There is no product with the id \(id)."
        case .noLines: "There is no line."
        case .tooManyLines: "A document holds at most \(StockLimits.linesMax) lines."
        case .badQuantity(let product):
            "The quantity of \(product) must be above zero and within the limit."
        case .notWeighed(let product):
            "\(product) is not sold by weight: its quantity is a whole number."
        case .unknownCost(let product): "No cost of \(product) is known: enter the unit cost."
        case .badCost(let product):
            "The unit cost of \(product) must not be negative or above the limit."
        case .amountTooLarge: "The amount is above the limit."
        case .futureDate: "The business date must not be after today."
        case .noteTooLong: "The text is too long."
        case .noteMissing: "Enter the reason."
        }
    }
}
