// Sales: goods that come back, and tickets undone. A return is priced by the ticket that sold; it
// is checked against what this node has seen, and what two nodes do apart becomes a finding.

package import Kernel
package import Module
package import Replication
import SQLite

/// Where returned goods were sold.
package enum ReturnOrigin: Hashable, Sendable {
    /// A sale that is here, with the code on its paper where it was scanned from paper.
    case sale(ChangeID, paperCode: [UInt8]? = nil)
    /// The label on paper; the sale may be here or not.
    case label(ReceiptLabel, paperCode: [UInt8]? = nil)
    /// No receipt.
    case none
}

/// One line of what comes back.
package struct ReturnItem: Hashable, Sendable {
    /// The index of the line in the sale.
    package var line: Int?
    /// The product, where the sale is not here.
    package var product: ProductReference?
    package var quantity: Quantity
    /// The price, where the sale is not here; without one the price of today.
    package var unitPrice: UnitPrice?
    /// What is refunded, where the sale is not here and the price alone does not say.
    package var amount: Fen?

    /// A line of a known sale.
    package init(line: Int, quantity: Quantity = .one) {
        self.line = line
        self.quantity = quantity
    }

    /// Goods whose sale is not here.
    package init(
        _ product: ProductReference,
        quantity: Quantity = .one,
        unitPrice: UnitPrice? = nil,
        amount: Fen? = nil
    ) {
        self.product = product
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.amount = amount
    }
}

/// Takes goods back and refunds them (退货).
package struct ReturnGoods: Command {
    package var till: Int64
    package var origin: ReturnOrigin
    package var items: [ReturnItem]
    /// The refunds; none is the sale's own tender where it had one.
    package var refunds: [PaymentWish]
    package var reason: String
    package var date: CivilDate?
    package var occurred: WallTime?

    package init(
        till: Int64,
        origin: ReturnOrigin,
        items: [ReturnItem],
        refunds: [PaymentWish] = [],
        reason: String = "",
        date: CivilDate? = nil,
        occurred: WallTime? = nil
    ) {
        self.till = till
        self.origin = origin
        self.items = items
        self.refunds = refunds
        self.reason = reason
        self.date = date
        self.occurred = occurred
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> TicketOutcome {
        guard !items.isEmpty else { throw SalesRefusal.emptyTicket }
        let desk = try SalesDesk.open(
            till: till,
            date: date,
            isHistoric: occurred != nil,
            context,
            &act
        )
        try context.require(.returnGoods, branch: desk.day.branch)
        do {
            let sold = try findSale(context)
            if sold == nil {
                try context.require(.returnWithoutReceipt, branch: desk.day.branch)
                if origin == .none, Text.isBlank(reason) { throw SalesRefusal.reasonMissing }
            }
            return try close(sold, desk, context, &act)
        } catch is NumberFault {
            throw SalesRefusal.amountTooLarge
        }
    }

    // MARK: - The sale

    /// The sale, nil where it is not here and need not be.
    private func findSale(_ context: DecideContext) throws -> TicketDocument? {
        let sold: TicketDocument?
        let code: [UInt8]?
        switch origin {
        case .none: return nil
        case .sale(let id, let paperCode):
            sold = try SalesQueries.document(id, context.views, context.log)
            code = paperCode
            if sold == nil { throw SalesRefusal.unknownSale }
        case .label(let label, let paperCode):
            sold = try SalesQueries.sale(
                label,
                paperCode: paperCode,
                context.questions.catalog,
                context.views,
                context.log
            )
            code = paperCode
        }
        guard let sold else { return nil }
        guard !sold.isReturn else { throw SalesRefusal.unknownSale }
        if let code, code != sold.paperCode, code != sold.formerPaperCode {
            throw SalesRefusal.paperCodeWrong
        }
        if try SalesQueries.isVoided(sold.id, context.views) { throw SalesRefusal.saleVoided }
        return sold
    }

    // MARK: - The ticket

    private func close(
        _ sold: TicketDocument?,
        _ desk: SalesDesk,
        _ context: DecideContext,
        _ act: inout Act
    ) throws -> TicketOutcome {
        var origins: [ReturnedLine] = []
        let lines: [TicketLine]
        if let sold {
            lines = try linesOf(sold, &origins, context)
        } else {
            lines = try items.map { try strayLine($0, desk, context) }
        }
        let numbers = try desk.nextNumbers(context)
        var ticket = Ticket(
            entity: desk.day.entity,
            branch: desk.day.branch,
            till: desk.day.till,
            taxpayer: sold?.ticket.taxpayer ?? desk.day.taxpayer,
            date: desk.day.date,
            series: desk.day.series,
            sequence: numbers.sequence,
            lifetime: numbers.lifetime,
            lines: lines,
            payments: [],
            customer: sold?.ticket.customer,
            occurred: occurred
        )
        let total = try Fen(checked: ticket.total)
        guard total.isWithinLimit else { throw SalesRefusal.amountTooLarge }
        ticket.payments = try PaymentWish.settle(
            refundWishes(sold),
            total: total,
            .refunded,
            context
        )
        var returned = SaleReturned(ticket, sale: sold?.id, origins: origins)
        returned.reason = SalesText.limited(reason, bytes: SalesLimits.reasonBytesMax)
        if let sold, sold.ticket.branch != ticket.branch { returned.soldBy = sold.ticket.branch }
        switch origin {
        case .none: break
        case .sale(_, let code): returned.paperCode = code
        case .label(let label, let code):
            returned.paperCode = code
            if sold == nil { returned.label = label.description }
        }
        act.begin([.neighbours(of: ticket.branch)])
        let id = act.add(SalesKind.saleReturned, returned.encoded())
        return desk.outcome(id, ticket, total: total, context)
    }

    /// The refunds wished, or the tender that paid.
    private func refundWishes(_ sold: TicketDocument?) -> [PaymentWish] {
        guard refunds.isEmpty, let sold, sold.ticket.payments.count == 1 else { return refunds }
        let paid = sold.ticket.payments[0]
        return [PaymentWish(.id(paid.tender))]
    }

    /// Lines priced by the sale: what was returned before and now never adds up to more or less
    /// than the sale's line came to.
    private func linesOf(
        _ sold: TicketDocument,
        _ origins: inout [ReturnedLine],
        _ context: DecideContext
    ) throws -> [TicketLine] {
        var done = try SalesQueries.returned(sold.id, context.views)
        let nets = try ReturnShare.nets(of: sold.ticket)
        var lines: [TicketLine] = []
        for item in items {
            guard let index = item.line, sold.ticket.lines.indices.contains(index) else {
                throw SalesRefusal.unknownLine(item.line ?? -1)
            }
            let line = sold.ticket.lines[index]
            let before = done[Int64(index)] ?? .zero
            guard item.quantity > .zero else {
                throw SalesRefusal.quantityInvalid("\(line.product)")
            }
            let left = Quantity(max(line.quantity.rawValue - before.rawValue, 0))
            guard item.quantity <= left else {
                throw SalesRefusal.nothingLeft(line: index, left: left)
            }
            let after = before + item.quantity
            done[Int64(index)] = after
            let share = ReturnShare(sold: line.quantity, before: before, after: after)
            lines.append(
                try TicketLine(
                    product: line.product,
                    priceVersion: line.priceVersion,
                    unitPrice: line.unitPrice,
                    rate: line.rate,
                    category: line.category,
                    unitCost: line.unitCost,
                    quantity: item.quantity,
                    discount: try share.of(line.discount),
                    amount: try share.of(nets[index])
                )
            )
            origins.append(ReturnedLine(line: Int64(index), sold: line.quantity))
        }
        return lines
    }

    /// A line whose sale is not here: the price given, or that of today.
    private func strayLine(
        _ item: ReturnItem,
        _ desk: SalesDesk,
        _ context: DecideContext
    ) throws -> TicketLine {
        guard let reference = item.product else { throw SalesRefusal.unknownLine(item.line ?? -1) }
        let product = try reference.resolve(context)
        guard item.quantity > .zero else { throw SalesRefusal.quantityInvalid(product.code) }
        let catalog = context.questions.catalog
        let price =
            try item.unitPrice.map { PriceAnswer(version: 0, price: $0) }
            ?? desk.price(of: product.id, at: occurred, context)
        guard let price else { throw SalesRefusal.noPrice(product.code) }
        let line = try TicketLine(
            product: product.id,
            priceVersion: price.version,
            unitPrice: price.price,
            rate: catalog.taxRate(
                of: product.id,
                taxpayer: desk.day.taxpayer,
                on: desk.day.date,
                context.views
            ),
            category: product.category,
            unitCost: product.standardCost,
            quantity: item.quantity,
            amount: item.amount
        )
        guard price.price >= .zero, line.amount >= .zero else { throw SalesRefusal.negativeAmount }
        guard line.isWithinLimits else { throw SalesRefusal.amountTooLarge }
        return line
    }
}

/// The part of a line that comes back, so that all parts add up to the line.
package struct ReturnShare {
    let sold: Quantity
    let before: Quantity
    let after: Quantity

    /// What was sold, and what of it had come back before and has come back now.
    package init(sold: Quantity, before: Quantity, after: Quantity) {
        self.sold = sold
        self.before = before
        self.after = after
    }

    /// round(amount × after ÷ sold) − round(amount × before ÷ sold).
    package func of(_ amount: Fen) throws(NumberFault) -> Fen {
        let whole = Int128(amount.rawValue)
        let upTo = try Rounding.halfAwayFromZero(
            whole * Int128(after.rawValue),
            Int128(sold.rawValue)
        )
        let already = try Rounding.halfAwayFromZero(
            whole * Int128(before.rawValue),
            Int128(sold.rawValue)
        )
        return Fen(upTo - already)
    }

    /// What each line of a sale came to after its share of the rounding off.
    package static func nets(of ticket: Ticket) throws(NumberFault) -> [Fen] {
        let shares = try split(ticket.roundingOff, by: ticket.lines.map(\.amount.rawValue))
        return zip(ticket.lines, shares).map { $0.amount - $1 }
    }
}

extension SalesQueries {
    /// The sale with a printed label, nil where it is not here; of several, the one with the code.
    static func sale(
        _ label: ReceiptLabel,
        paperCode: [UInt8]?,
        _ catalog: any CatalogQuestions,
        _ views: Database,
        _ log: LogReader
    ) throws -> TicketDocument? {
        let branch = try catalog.branch(code: label.branch, on: label.date, views)
        guard let branch,
            let till = try catalog.till(branch: branch.id, code: label.till, views)
        else { return nil }
        var series: Int64 = 0
        while try ReceiptLabel.series(Int(series)) != label.series, series < 256 { series += 1 }
        let listed = try tickets(
            till: till.id,
            date: label.date,
            series: series,
            sequence: Int64(label.sequence),
            views
        )
        var found: TicketDocument?
        for ticket in listed where !ticket.isReturn {
            let document = try document(ticket.id, views, log)
            if found == nil || (paperCode != nil && document?.paperCode == paperCode) {
                found = document ?? found
            }
        }
        return found
    }
}

/// Undoes a ticket on its own business day, before the till is closed (作废).
package struct VoidSale: Command {
    package var sale: ChangeID
    package var reason: String

    package init(sale: ChangeID, reason: String) {
        self.sale = sale
        self.reason = reason
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        let found = try SalesQueries.document(sale, context.views, context.log)
        guard let found, !found.isReturn else { throw SalesRefusal.unknownSale }
        let ticket = found.ticket
        try context.requireOwn(branch: ticket.branch)
        try context.require(.voidSale, branch: ticket.branch)
        guard !Text.isBlank(reason) else { throw SalesRefusal.reasonMissing }
        if try SalesQueries.isVoided(sale, context.views) { throw SalesRefusal.saleVoided }
        if try !SalesQueries.returned(sale, context.views).isEmpty {
            throw SalesRefusal.saleHasReturns
        }
        let open = try SalesQueries.openDay(till: ticket.till, context.views)
        guard let open, open.date == ticket.date, open.series == ticket.series,
            let unsealed = try SalesQueries.unsealed(open, context.views).sequences,
            unsealed.contains(ticket.sequence)
        else { throw SalesRefusal.voidTooLate }
        act.begin([.neighbours(of: ticket.branch)])
        let voided = SaleVoided(
            ticket,
            sale: sale,
            reason: SalesText.limited(reason, bytes: SalesLimits.reasonBytesMax)
        )
        return act.add(SalesKind.saleVoided, voided.encoded())
    }
}
