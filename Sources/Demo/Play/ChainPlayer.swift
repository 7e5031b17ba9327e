// Demo, playing: one thing of the plan at a time becomes a command at a node. What the node answers
// is compared with what the plan says, so that a difference is seen where it begins.

import Kernel
import Module
package import Node
import People
import Replication
package import Sales
import Stock

/// Plays the plan's events at nodes.
package final class ChainPlayer {
    /// A ticket of the plan.
    private struct Ticket: Hashable {
        let branch: Int
        let day: Int
        let number: Int

        init(_ sale: PlannedSale) {
            branch = sale.branch
            day = sale.day
            number = sale.number
        }
    }

    package let plan: ChainPlan
    package let ids: ChainIDs
    /// The receipts of tickets that will be undone or come back: what customers hold.
    private var receipts: [Ticket: TicketOutcome] = [:]
    /// Returns of tickets that the node had not heard of, taken by the label on paper.
    package private(set) var blindReturns = 0
    private var settledRefunds = 0

    package init(plan: ChainPlan, ids: ChainIDs) {
        self.plan = plan
        self.ids = ids
    }

    /// Plays an event at the node of its branch, whose clock shows the event's time.
    package func play(_ event: PlannedEvent, at engine: NodeEngine) throws {
        let author = ids.staff[event.actor]
        let branch = ids.branches[event.branch]
        func till(_ index: Int) -> Int64 { ids.tills[event.branch][index] }
        switch event.act {
        case .openDay(let index, let float):
            let command = OpenDay(till: till(index), date: event.date, openingFloat: float)
            _ = try engine.perform(command, author: author)
        case .rollOver(let index):
            // A till rolls over by itself: nobody asks for it.
            let outcome = try engine.perform(RollOver(till: till(index)))
            try expect(outcome.date == event.date, event, "the till went to \(outcome.date)")
        case .closeDay(let index, let counted):
            _ = try engine.perform(CloseDay(till: till(index), counted: counted), author: author)
        case .sale(let sale):
            let outcome = try engine.perform(command(for: sale), author: author)
            try keep(outcome, of: sale, event)
        case .void(let sale, let reason):
            guard let receipt = receipts.removeValue(forKey: Ticket(sale)) else {
                throw DemoFault("\(event.text): the ticket was not sold")
            }
            _ = try engine.perform(VoidSale(sale: receipt.id, reason: reason), author: author)
        case .goodsBack(let back):
            try takeBack(back, event, engine)
        case .delivery(let delivery):
            let command = ReceiveGoods(
                branch: branch,
                date: event.date,
                lines: delivery.lines.map { line in
                    ReceiveGoods.Line(
                        product: ids.products[line.product],
                        quantity: line.quantity,
                        unitCost: line.unitCost
                    )
                },
                supplierName: delivery.supplierName,
                deliveryNote: delivery.note
            )
            _ = try engine.perform(command, author: author)
        case .waste(let wasted, let note):
            try writeOff(wasted, note, branch, event, engine)
        case .punch(let kind):
            let command = Punch(person: author, branch: branch, kind: kind, method: .pin)
            _ = try engine.perform(command, author: author)
        case .powerCut:
            break
        }
    }

    /// The command that closes a planned ticket.
    package func command(for sale: PlannedSale) -> CloseSale {
        CloseSale(
            till: ids.tills[sale.branch][sale.till],
            items: sale.lines.map { line in
                SaleItem(
                    .id(ids.products[line.product]),
                    quantity: line.quantity,
                    discount: line.discount
                )
            },
            payments: [
                PaymentWish(
                    .code(sale.tender.rawValue),
                    tendered: sale.tendered,
                    reference: sale.reference
                )
            ],
            ticketDiscount: sale.ticketDiscount,
            roundingOff: sale.roundingOff
        )
    }

    /// Checks what a till answered, and keeps the receipt where it is needed again.
    package func keep(
        _ outcome: TicketOutcome,
        of sale: PlannedSale,
        _ event: PlannedEvent
    ) throws {
        try expect(outcome.total == sale.total, event, "the till asked for \(outcome.total)")
        try expect(outcome.date == event.date, event, "it counts on \(outcome.date)")
        if plan.isReturned(sale) || plan.isVoided(sale) { receipts[Ticket(sale)] = outcome }
    }

    private func writeOff(
        _ wasted: [PlannedWaste],
        _ note: String,
        _ branch: Int64,
        _ event: PlannedEvent,
        _ engine: NodeEngine
    ) throws {
        let command = AdjustStock(
            branch: branch,
            date: event.date,
            cause: .wasted,
            lines: wasted.map { item in
                AdjustStock.Line(product: ids.products[item.product], quantity: item.quantity)
            },
            note: note
        )
        _ = try engine.perform(command, author: ids.staff[event.actor])
    }

    /// Goods come back with their receipt: the node knows the ticket, or has the label only.
    private func takeBack(
        _ back: PlannedReturn,
        _ event: PlannedEvent,
        _ engine: NodeEngine
    ) throws {
        guard let receipt = receipts.removeValue(forKey: Ticket(back.sale)),
            let label = receipt.label
        else { throw DemoFault("\(event.text): nobody holds a receipt") }
        let known = try SalesQueries.document(receipt.id, engine.views, engine.log.reader) != nil
        if !known { blindReturns += 1 }
        let items = back.items.map { item in
            known
                ? ReturnItem(line: item.line, quantity: item.quantity)
                : ReturnItem(
                    .id(ids.products[item.product]),
                    quantity: item.quantity,
                    unitPrice: item.unitPrice,
                    amount: item.amount
                )
        }
        let command = ReturnGoods(
            till: ids.tills[event.branch][back.till],
            origin: .label(label),
            items: items,
            refunds: [PaymentWish(.code(back.sale.tender.rawValue))],
            reason: back.reason
        )
        let outcome = try engine.perform(command, author: ids.staff[event.actor])
        try expect(outcome.total == back.total, event, "the till refunded \(outcome.total)")
        try settle(outcome.id, event, engine)
    }

    /// The provider says that the money went back; of one refund in forty it never says so.
    private func settle(
        _ id: ChangeID,
        _ event: PlannedEvent,
        _ engine: NodeEngine
    ) throws {
        settledRefunds += 1
        if settledRefunds % 40 == 0 { return }
        let document = try SalesQueries.document(id, engine.views, engine.log.reader)
        for (index, payment) in (document?.ticket.payments ?? []).enumerated()
        where payment.state != .settled {
            let change = ChangePayment(document: id, payment: index, state: .settled)
            _ = try engine.perform(change, author: ids.staff[event.actor])
        }
    }

    private func expect(_ isAsPlanned: Bool, _ event: PlannedEvent, _ found: String) throws {
        if !isAsPlanned { throw DemoFault("\(event.text): \(found)") }
    }
}
