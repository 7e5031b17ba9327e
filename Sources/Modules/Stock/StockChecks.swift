// Stock: what the merged whole shows, and the invariant that must hold at every position.

import Kernel
import Module
import SQLite

enum StockChecks {
    /// Products of which a branch sold or gave more than it ever had, with the probable cause.
    static func negative(_ context: ReportContext) throws -> [Finding] {
        var names = StockNames(context)
        var findings: [Finding] = []
        for row in try StockQueries.onHand(branch: context.wholeBranch, context.views)
        where row.quantity < 0 {
            let product = try names.product(row.product)
            let branch = try names.branch(row.branch)
            let cause = cause(of: row)
            let branchName = branch.map { "\($0.code) \($0.name)" } ?? "\(row.branch)"
            let productName = product.map { "\($0.code) \($0.name)" } ?? "\(row.product)"
            findings.append(
                Finding(
                    check: "stock.negative",
                    subject: "\(branchName) · \(productName)",
                    evidence: cause.evidence,
                    proposal: cause.proposal
                )
            )
        }
        return findings
    }

    private static func cause(
        of row: OnHand
    ) -> (evidence: LocalText, proposal: LocalText) {
        let sums = row.moved.map { sum in
            let figure = (sum.net > 0 ? " +" : " ") + text(sum.net)
            return LocalText(sum.reason.words.chinese + figure, sum.reason.words.english + figure)
        }
        let evidence = LocalText(
            "结存 \(text(row.quantity))：" + sums.map(\.chinese).joined(separator: "，"),
            "on hand \(text(row.quantity)): " + sums.map(\.english).joined(separator: ", ")
        )
        if row.lastReceived == nil {
            return (
                evidence,
                LocalText(
                    "从未收货：补录收货单，或检查是否按另一编码收货。",
                    "Never received here: record the goods receipt, or look for one under "
                        + "another code."
                )
            )
        }
        if let received = row.lastReceived, let sold = row.lastSold, received > sold {
            return (
                evidence,
                LocalText(
                    "最近一次收货之后没有销售：核对该收货单的数量与单位，然后盘点。",
                    "Nothing was sold after the last receipt: check its quantity and unit, then "
                        + "count."
                )
            )
        }
        return (
            evidence,
            LocalText(
                "最近一次收货之后又有销售：可能有收货单未录或调拨未到，补录或盘点调整。",
                "Sold after the last receipt: a receipt or transfer is probably missing; record "
                    + "it, or count and adjust."
            )
        )
    }

    private static func text(_ thousandths: Int128) -> String {
        Int64(exactly: thousandths).map { Quantity($0).description } ?? "\(thousandths)/1000"
    }

    /// The products whose quantities over all places do not add up to zero.
    static func zeroSum(_ context: ReportContext) throws -> [String] {
        let statement = try context.views.statement("SELECT bucket, entries FROM stock_on_hand")
        var sums: [Int64: Int128] = [:]
        try statement.forEach { row in
            try StockQueries.forEachProduct(row.borrowedBytes(1), row.integer(0)) {
                sums[$0, default: 0] += StockSums($1).quantity
            }
        }
        return sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
            "stock: product \($0.key) over all places is \($0.value), not zero"
        }
    }
}

extension StockReason {
    /// The reason for people.
    fileprivate var words: LocalText {
        switch self {
        case .goodsReceipt: LocalText("收货", "received")
        case .sale: LocalText("销售", "sold")
        case .salesReturn: LocalText("顾客退货", "returned by customers")
        case .saleVoided: LocalText("作废", "voided")
        case .goodsReturn: LocalText("退供应商", "returned to suppliers")
        case .transferDispatch: LocalText("调出", "sent to branches")
        case .transferReceipt: LocalText("调入", "came from branches")
        case .count: LocalText("盘点", "counted")
        case .waste: LocalText("报损", "waste")
        case .adjustment: LocalText("调整", "adjusted")
        }
    }
}
