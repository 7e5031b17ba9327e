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
        }
    }
}
