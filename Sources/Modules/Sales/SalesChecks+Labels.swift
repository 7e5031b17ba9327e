// Sales: goods that came back by a printed label, where the sale was not known: what the merged
// whole shows of them.

import Kernel
import Module
import Replication
import SQLite

extension SalesChecks {
    /// By label more came back than was sold, or nobody knows the ticket.
    ///
    /// A branch does not hold the tickets of all others: only headquarters misses one.
    static func labelledReturns(_ context: ReportContext) throws -> [Finding] {
        var labels: [(text: String, returns: [ChangeID])] = []
        let statement = try context.views.statement(
            "SELECT label, id FROM sales_return_label ORDER BY label, id"
        )
        try statement.forEach { row in
            let (text, id) = (row.text(0), ChangeID(row.integer(1)))
            if labels.last?.text == text {
                labels[labels.count - 1].returns.append(id)
            } else {
                labels.append((text, [id]))
            }
        }
        if labels.isEmpty { return [] }
        let isHeadquarters = try context.log.metaInteger("headquarters") == 1
        var findings: [Finding] = []
        for label in labels {
            if let sale = try sale(label.text, context) {
                let returns = try label.returns + returnsNaming(sale.id, context.views)
                if let finding = try excess(label.text, sale, returns, context) {
                    findings.append(finding)
                }
            } else if isHeadquarters {
                findings.append(try unknown(label.text, label.returns, context))
            }
        }
        return findings
    }

    private static func sale(
        _ text: String,
        _ context: ReportContext
    ) throws -> TicketDocument? {
        guard let label = try? ReceiptLabel(parsing: text) else { return nil }
        return try SalesQueries.sale(
            label,
            paperCode: nil,
            context.questions.catalog,
            context.views,
            context.log
        )
    }

    private static func returnsNaming(_ sale: ChangeID, _ views: Database) throws -> [ChangeID] {
        let statement = try views.statement(
            "SELECT id FROM sales_return WHERE sale = ?1 ORDER BY id"
        )
        statement.bind(1, sale.rawValue)
        var ids: [ChangeID] = []
        try statement.forEach { ids.append(ChangeID($0.integer(0))) }
        return ids
    }

    /// The finding where more of a product came back than the sale had.
    private static func excess(
        _ label: String,
        _ sale: TicketDocument,
        _ returns: [ChangeID],
        _ context: ReportContext
    ) throws -> Finding? {
        var left: [Int64: Int128] = [:]
        if try !SalesQueries.isVoided(sale.id, context.views) {
            for line in sale.ticket.lines {
                left[line.product, default: 0] += Int128(line.quantity.rawValue)
            }
        }
        for document in try documents(returns, context) {
            for line in document.ticket.lines {
                left[line.product, default: 0] -= Int128(line.quantity.rawValue)
            }
        }
        let over = left.filter { $0.value < 0 }.sorted { $0.key < $1.key }
        if over.isEmpty { return nil }
        let catalog = context.questions.catalog
        let goods = try over.map { product, quantity in
            let code = try catalog.product(product, context.views)?.code ?? "\(product)"
            return "\(code) × \(Quantity(Int64(clamping: -quantity)))"
        }
        let places = try placesOf(returns, context)
        return Finding(
            check: "sales.return.duplicate",
            subject: label,
            evidence: LocalText(
                "多退 " + goods.joined(separator: "、") + "；退货："
                    + places.joined(separator: "、"),
                "returned beyond what was sold: " + goods.joined(separator: ", ") + "; returns: "
                    + places.joined(separator: ", ")
            ),
            proposal: LocalText(
                "重复退货：核对各张退货单，由后退货的门店承担。",
                "Returned twice: compare the returns; the later branch bears the refund."
            )
        )
    }

    private static func unknown(
        _ label: String,
        _ returns: [ChangeID],
        _ context: ReportContext
    ) throws -> Finding {
        let places = try placesOf(returns, context).joined(separator: ", ")
        return Finding(
            check: "sales.return.unknown",
            subject: label,
            evidence: LocalText("没有这张小票；退货：\(places)", "no such ticket; returns: \(places)"),
            proposal: LocalText(
                "等待该收银台同步；仍无此小票则核实退款。",
                "Wait for its till to sync; if there is no such ticket, look into the refund."
            )
        )
    }

    private static func documents(
        _ ids: [ChangeID],
        _ context: ReportContext
    ) throws -> [TicketDocument] {
        try ids.compactMap { try SalesQueries.document($0, context.views, context.log) }
    }

    /// Where and when the goods came back.
    private static func placesOf(_ ids: [ChangeID], _ context: ReportContext) throws -> [String] {
        let names = SalesNames(context)
        return try documents(ids, context).prefix(20).map {
            "\(try names.branch($0.ticket.branch)) \($0.ticket.date)"
        }
    }
}
