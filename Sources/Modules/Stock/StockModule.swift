// Stock (库存): the door. What can happen, who may say so, and what the view answers.

import Kernel
package import Module
package import Replication

/// The module of goods: where they are, how they got there, what they last cost.
package struct StockModule: BusinessModule {
    package init() {}

    package var number: UInt8 { StockKind.module }
    package var name: String { "Stock" }

    package var kinds: [KindDefinition] { [Self.goodsReceived, Self.stockAdjusted] }

    package var reports: [any Report] { [StockReport()] }

    package func projection(_ router: EffectRouter) -> any Projection { StockProjection(router) }

    package func findings(_ context: ReportContext) throws -> [Finding] {
        try StockChecks.negative(context)
    }

    package func violations(_ context: ReportContext) throws -> [String] {
        try StockChecks.zeroSum(context)
    }

    private static let head = [
        FieldDefinition(1, "branch", "id"),
        FieldDefinition(2, "entity", "id", note: "the books on the business date"),
        FieldDefinition(3, "business_date", "uint", unit: "days since 1970-01-01"),
    ]

    private static let goodsReceived = KindDefinition(
        StockKind.goodsReceived,
        "goods.received",
        LocalText("收货", "Goods came from a supplier"),
        authority: .ownBranch,
        fields: head + [
            FieldDefinition(4, "place", "uint", note: "1 store, 2 warehouse"),
            FieldDefinition(
                5,
                "lines",
                "[+ [product: id, quantity: uint, unit_cost: uint]]",
                unit: "thousandths, millionths of a yuan",
                note: "cost without deductible tax"
            ),
            FieldDefinition(6, "is_estimate", "bool", isOptional: true),
            FieldDefinition(7, "supplier", "id", isOptional: true),
            FieldDefinition(8, "supplier_name", "tstr", isOptional: true),
            FieldDefinition(9, "delivery_note", "tstr", isOptional: true),
            FieldDefinition(10, "source", "tstr", isOptional: true, note: "of an imported row"),
        ],
        sample: GoodsReceived(
            branch: 4_294_967_297,
            entity: 2,
            date: CivilDate(dayNumber: 20_780),
            place: .store,
            lines: [
                GoodsReceived.Line(
                    product: 77,
                    quantity: Quantity(12_500),
                    unitCost: UnitCost(8_849_558)
                )
            ],
            isEstimate: true,
            supplierName: "江南食品",
            deliveryNote: "SH-20261123-7"
        ).body
    )

    private static let stockAdjusted = KindDefinition(
        StockKind.stockAdjusted,
        "stock.adjusted",
        LocalText("库存调整", "Goods were found, missed or wasted"),
        authority: .ownBranch,
        fields: head + [
            FieldDefinition(4, "cause", "uint", note: "1 found, 2 missing, 3 wasted"),
            FieldDefinition(
                5,
                "lines",
                "[+ [product: id, quantity: uint, unit_cost: int]]",
                unit: "thousandths, millionths of a yuan",
                note: "cost −1 where it is not known"
            ),
            FieldDefinition(6, "note", "tstr"),
        ],
        sample: StockAdjusted(
            branch: 4_294_967_297,
            entity: 2,
            date: CivilDate(dayNumber: 20_780),
            cause: .wasted,
            lines: [StockAdjusted.Line(product: 77, quantity: Quantity(500))],
            note: "包装破损"
        ).body
    )
}
