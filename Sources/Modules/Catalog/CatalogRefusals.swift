// Why Catalog refuses a command, numbered for ever.

import Module

/// The refusals of Catalog.
package enum CatalogRefusal: Refusal {
    case codeTaken(String)
    case badBranchCode(String)
    case badTillCode(String)
    case unknownEntity
    case unknownProduct(Int64)
    case badBarcode(String)
    case emptyName
    case alreadyFounded
    case emptyCode
    case textTooLong(String)
    case unknownCategory(Int64)
    case unknownList
    case unknownTill
    case unknownBarcode(String)
    case badTaxClass(String)
    case badAmount(Int64)
    case badRate
    case badShelfLife
    case badDecimals
    case nothingGiven
    case tooMany(Int)
    case tooLarge
    case givenTwice(Int64)

    package var code: Int {
        switch self {
        case .codeTaken: 1001
        case .badBranchCode: 1002
        case .badTillCode: 1003
        case .unknownEntity: 1004
        case .unknownProduct: 1005
        case .badBarcode: 1006
        case .emptyName: 1007
        case .alreadyFounded: 1008
        case .emptyCode: 1009
        case .textTooLong: 1010
        case .unknownCategory: 1011
        case .unknownList: 1012
        case .unknownTill: 1013
        case .unknownBarcode: 1014
        case .badTaxClass: 1015
        case .badAmount: 1016
        case .badRate: 1017
        case .badShelfLife: 1018
        case .badDecimals: 1019
        case .nothingGiven: 1020
        case .tooMany: 1021
        case .tooLarge: 1022
        case .givenTwice: 1023
        }
    }

    package var chinese: String {
        switch self {
        case .codeTaken(let code): "编码 \(code) 已被使用，请换一个。"
        case .badBranchCode(let code): "门店编码 \(code) 不合规：一个大写字母或数字，后接三位数字，如 S001。"
        case .badTillCode(let code): "收银台编码 \(code) 不合规：两位数字，如 01。"
        case .unknownEntity: "没有这个账套。"
        case .unknownProduct(let id): "没有商品 \(id)。"
        case .badBarcode(let text): "条码 \(text) 的校验位不对或含有非数字。"
        case .emptyName: "名称不能为空。"
        case .alreadyFounded: "公司已经建立。"
        case .emptyCode: "编码不能为空。"
        case .textTooLong(let text): "“\(text)”太长，请缩短。"
        case .unknownCategory(let id): "没有商品分类 \(id)。"
        case .unknownList: "没有这个价格表。"
        case .unknownTill: "没有这个收银台。"
        case .unknownBarcode(let text): "此商品没有条码 \(text)。"
        case .badTaxClass(let text): "税收分类编码 \(text) 不合规：应为 19 位数字。"
        case .badAmount(let id): "商品 \(id) 的价格或成本不合规：不能为负，最低价不能高于售价。"
        case .badRate: "税率不合规：0 到 100% 之间，止日不早于起日，分类与商品只填一项。"
        case .badShelfLife: "保质期不能为负。"
        case .badDecimals: "单位的小数位为 0 到 3。"
        case .nothingGiven: "没有要保存的内容。"
        case .tooMany(let count): "一次最多 \(count) 项，请分批。"
        case .tooLarge: "一次保存的内容太大，请分批。"
        case .givenTwice(let id): "商品 \(id) 出现两次。"
        }
    }

    package var english: String {
        switch self {
        case .codeTaken(let code): "The code \(code) is taken: choose another."
        case .badBranchCode(let code):
            "\(code) is no branch code: a capital letter or digit and three digits, like S001."
        case .badTillCode(let code): "\(code) is no till code: two digits, like 01."
        case .unknownEntity: "There is no such set of books."
        case .unknownProduct(let id): "There is no product \(id)."
        case .badBarcode(let text): "The barcode \(text) has a wrong check digit or is no number."
        case .emptyName: "A name is needed."
        case .alreadyFounded: "The company is founded already."
        case .emptyCode: "A code is needed."
        case .textTooLong(let text): "\"\(text)\" is too long: shorten it."
        case .unknownCategory(let id): "There is no category \(id)."
        case .unknownList: "There is no such list of prices."
        case .unknownTill: "There is no such till."
        case .unknownBarcode(let text): "The product has no barcode \(text)."
        case .badTaxClass(let text): "\(text) is no tax class: 19 digits are needed."
        case .badAmount(let id):
            "The price or cost of product \(id) is out of range, or its bound is above its price."
        case .badRate:
            "The rate is not from 0 to 100 %, ends before it begins, or names category and product."
        case .badShelfLife: "A shelf life is not negative."
        case .badDecimals: "A unit has 0 to 3 decimals."
        case .nothingGiven: "Nothing was given."
        case .tooMany(let count): "At most \(count) at once: do it in parts."
        case .tooLarge: "Too much at once: do it in parts."
        case .givenTwice(let id): "Product \(id) is given twice."
        }
    }
}
