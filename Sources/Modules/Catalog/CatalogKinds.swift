// The kinds of Catalog, numbered for ever. Only headquarters writes them.

import Kernel
package import Module
package import Replication
import Wire

/// The kinds of module 1.
package enum CatalogKind {
    package static let branchAssigned = Kind(module: 1, 1)
    package static let taxpayerDeclared = Kind(module: 1, 2)
    package static let taxRateSet = Kind(module: 1, 3)
    package static let pricesSet = Kind(module: 1, 4)

    package static let company = Kind(module: 1, 128)
    package static let entity = Kind(module: 1, 129)
    package static let branch = Kind(module: 1, 130)
    package static let till = Kind(module: 1, 131)
    package static let tender = Kind(module: 1, 132)
    package static let unit = Kind(module: 1, 133)
    package static let category = Kind(module: 1, 134)
    package static let product = Kind(module: 1, 135)
    package static let productCost = Kind(module: 1, 136)
    package static let barcode = Kind(module: 1, 137)
    package static let priceList = Kind(module: 1, 138)

    /// All kinds with their fields, for the catalogue and the judging at headquarters.
    package static let definitions: [KindDefinition] = facts + registers

    private static let facts: [KindDefinition] = [
        KindDefinition(
            branchAssigned,
            "branch.assigned",
            LocalText("门店归属账套", "A branch belongs to an entity from a date on"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "branch", "id"),
                FieldDefinition(2, "entity", "id"),
                FieldDefinition(3, "from", "int", unit: "days since 1970-01-01"),
            ],
            sample: BranchAssigned(branch: 4_294_967_300, entity: 2, from: 20_000).body
        ),
        KindDefinition(
            taxpayerDeclared,
            "taxpayer.declared",
            LocalText("纳税人身份", "The kind of taxpayer an entity is from a date on"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "entity", "id"),
                FieldDefinition(2, "kind", "uint", note: "1 general, 2 small-scale"),
                FieldDefinition(3, "from", "int", unit: "days since 1970-01-01"),
                FieldDefinition(4, "number", "tstr", isOptional: true, note: "纳税人识别号"),
            ],
            sample: TaxpayerDeclared(entity: 2, kind: .general, from: 20_000, number: nil).body
        ),
        KindDefinition(
            taxRateSet,
            "tax_rate.set",
            LocalText("税率", "A rate for a kind of taxpayer, a category or a product, dated"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "taxpayer", "uint", note: "1 general, 2 small-scale"),
                FieldDefinition(2, "category", "id", isOptional: true),
                FieldDefinition(3, "product", "id", isOptional: true),
                FieldDefinition(4, "rate", "uint", unit: "parts per million"),
                FieldDefinition(5, "from", "int", unit: "days since 1970-01-01"),
                FieldDefinition(6, "to", "int", unit: "last day", isOptional: true),
            ],
            sample: TaxRateSet(
                taxpayer: .general,
                category: 0,
                product: 0,
                rate: Rate(130_000),
                from: 20_000,
                to: nil
            ).body
        ),
        KindDefinition(
            pricesSet,
            "prices.set",
            LocalText("调价", "Prices of a list from a moment on; a version, never changed"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "list", "id", isOptional: true, note: "absent: the company's"),
                FieldDefinition(2, "from", "int", unit: "ms since 1970"),
                FieldDefinition(
                    3,
                    "prices",
                    "[+ [product: id, price: uint, ? minimum: uint]]",
                    unit: "0.0001 CNY"
                ),
            ],
            sample: PricesSet(
                list: 0,
                from: WallTime(milliseconds: 1_795_000_000_000),
                prices: [
                    PriceLine(product: 77, price: UnitPrice(35_000)),
                    PriceLine(
                        product: 78,
                        price: UnitPrice(60_000),
                        minimum: UnitPrice(50_000)
                    ),
                ]
            ).body
        ),
    ]

    private static func register(
        _ kind: Kind,
        _ name: String,
        _ chinese: String,
        _ english: String,
        _ fields: [FieldDefinition],
        sample: [(Int, CBORValue)]
    ) -> KindDefinition {
        KindDefinition(
            kind,
            name,
            LocalText(chinese, english),
            authority: .headquarters,
            fields: [FieldDefinition(0, "entity", "id", isOptional: true)] + fields,
            sample: Body.map(sample)
        )
    }

    private static let registers: [KindDefinition] = [
        register(
            company,
            "company",
            "公司",
            "The company",
            [FieldDefinition(1, "name", "tstr")],
            sample: [(1, .text("百川超市"))]
        ),
        register(
            entity,
            "entity",
            "账套",
            "A set of books",
            [
                FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "standard", "uint", note: "1 小企业会计准则, 2 企业会计准则"),
            ],
            sample: [(1, .text("01")), (2, .text("百川商贸有限公司")), (3, .integer(1))]
        ),
        register(
            branch,
            "branch",
            "门店",
            "A branch",
            [
                FieldDefinition(1, "code", "tstr", note: "a letter or digit and three digits"),
                FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "kind", "uint", note: "1 store, 2 centre, 3 office, 4 van"),
                FieldDefinition(4, "ownership", "uint", note: "1 direct, 2 franchise"),
                FieldDefinition(5, "price_list", "id", isOptional: true),
            ],
            sample: [
                (1, .text("S001")), (2, .text("城东店")), (3, .integer(1)), (4, .integer(1)),
            ]
        ),
        register(
            till,
            "till",
            "收银台",
            "A till of a branch",
            [
                FieldDefinition(1, "branch", "id"),
                FieldDefinition(2, "code", "tstr", note: "two digits"),
                FieldDefinition(3, "active", "bool"),
            ],
            sample: [(1, .integer(9)), (2, .text("01")), (3, .bool(true))]
        ),
        register(
            tender,
            "tender",
            "支付方式",
            "A payment method",
            [
                FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "role", "uint", note: "posting role"),
                FieldDefinition(4, "cash", "bool"), FieldDefinition(5, "electronic", "bool"),
                FieldDefinition(6, "sort", "uint"),
            ],
            sample: [
                (1, .text("cash")), (2, .text("现金")), (3, .integer(1)), (4, .bool(true)),
                (5, .bool(false)), (6, .integer(1)),
            ]
        ),
        register(
            unit,
            "unit",
            "计量单位",
            "A unit of quantity",
            [
                FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "decimals", "uint"),
            ],
            sample: [(1, .text("pc")), (2, .text("件")), (3, .integer(0))]
        ),
        register(
            category,
            "category",
            "商品分类",
            "A category of products",
            [
                FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "parent", "id", isOptional: true),
                FieldDefinition(4, "tax_class", "tstr", isOptional: true, note: "税收分类编码"),
            ],
            sample: [(1, .text("10")), (2, .text("饮料"))]
        ),
        register(
            product,
            "product",
            "商品",
            "A product",
            [
                FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "unit", "tstr"), FieldDefinition(4, "category", "id"),
                FieldDefinition(5, "brand", "tstr", isOptional: true),
                FieldDefinition(6, "shelf_life", "uint", unit: "days", isOptional: true),
                FieldDefinition(7, "weighed", "bool", isOptional: true),
                FieldDefinition(8, "active", "bool"),
            ],
            sample: [
                (1, .text("1001")), (2, .text("可口可乐 330ml")), (3, .text("听")),
                (4, .integer(7)), (8, .bool(true)),
            ]
        ),
        register(
            productCost,
            "product.cost",
            "参考成本",
            "The cost that headquarters publishes",
            [FieldDefinition(1, "cost", "uint", unit: "0.000001 CNY")],
            sample: [(0, .integer(7)), (1, .integer(1_750_000))]
        ),
        register(
            barcode,
            "product.barcode",
            "条码",
            "A barcode of a product",
            [
                FieldDefinition(1, "product", "id"), FieldDefinition(2, "barcode", "tstr"),
                FieldDefinition(3, "active", "bool"),
            ],
            sample: [(1, .integer(7)), (2, .text("6901234567892")), (3, .bool(true))]
        ),
        register(
            priceList,
            "price_list",
            "价格表",
            "A list of prices",
            [FieldDefinition(1, "code", "tstr"), FieldDefinition(2, "name", "tstr")],
            sample: [(1, .text("city")), (2, .text("市区价"))]
        ),
    ]
}

/// Bodies of changes from a few fields.
enum Body {
    /// A map with unsigned keys, ascending.
    static func map(_ fields: [(Int, CBORValue)]) -> [UInt8] {
        let entries = fields.sorted { $0.0 < $1.0 }.map { CBORValue.Entry(Int64($0.0), $0.1) }
        guard let bytes = try? CBORValue.map(entries).encoded() else {
            preconditionFailure("a body of plain fields can be encoded")
        }
        return bytes
    }
}
