// Sales: closing a ticket. Prices, rates, cost and discounts are settled here, once, and recorded:
// nothing afterwards asks again. Stock never stops a sale.

package import Kernel
package import Module
package import Replication

/// A product by id, code or barcode.
package enum ProductReference: Hashable, Sendable {
    case id(Int64)
    case code(String)
    case barcode(String)

    /// The product.
    func resolve(_ context: DecideContext) throws -> ProductAnswer {
        let catalog = context.questions.catalog
        let found: ProductAnswer?
        let text: String
        switch self {
        case .id(let id):
            (found, text) = (try catalog.product(id, context.views), "\(id)")
        case .code(let code):
            (found, text) = (try catalog.product(code: code, context.views), code)
        case .barcode(let barcode):
            (found, text) = (try catalog.product(barcode: barcode, context.views), barcode)
        }
        guard let found else { throw SalesRefusal.unknownProduct(text) }
        return found
    }
}

/// A line as the cashier wishes it; what is left out the catalogue decides.
package struct SaleItem: Hashable, Sendable {
    package var product: ProductReference
    package var quantity: Quantity
    /// A price set by hand, or that of a historic sale.
    package var unitPrice: UnitPrice?
    /// What is taken off this line.
    package var discount: Fen
    /// What the line came to, before its share of the ticket's discount: for historic sales whose
    /// prices were rounded.
    package var amount: Fen?
    /// The rate of a historic sale.
    package var rate: Rate?
    /// The cost of a historic sale.
    package var unitCost: UnitCost?

    package init(
        _ product: ProductReference,
        quantity: Quantity = .one,
        unitPrice: UnitPrice? = nil,
        discount: Fen = .zero,
        amount: Fen? = nil,
        rate: Rate? = nil,
        unitCost: UnitCost? = nil
    ) {
        self.product = product
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.discount = discount
        self.amount = amount
        self.rate = rate
        self.unitCost = unitCost
    }
}

/// What the till prints and gives.
package struct TicketOutcome: Hashable, Sendable {
    package let id: ChangeID
    /// The printed number; nil where the codes or the date have no place on a label.
    package let label: ReceiptLabel?
    package let date: CivilDate
    package let series: Int64
    package let sequence: Int64
    package let lifetime: Int64
    /// What was paid or refunded.
    package let total: Fen
    /// The cash handed back.
    package let change: Fen
    /// Whether the till rolled over to another business date in the same act.
    package let hasRolledOver: Bool
    /// Whether the clock went back: the cashier is told to have it set, and sells on.
    package let isClockBehind: Bool
}

/// Closes a ticket (收款).
package struct CloseSale: Command {
    package var till: Int64
    package var items: [SaleItem]
    package var payments: [PaymentWish]
    /// What is taken off the ticket as a whole.
    package var ticketDiscount: Fen
    /// What is waived of the sum (抹零).
    package var roundingOff: Fen
    package var customer: Int64?
    /// The business date of a historic sale: the day that `OpenDay` opened for it.
    package var date: CivilDate?
    /// When a historic sale happened: prices are asked as of then.
    package var occurred: WallTime?

    package init(
        till: Int64,
        items: [SaleItem],
        payments: [PaymentWish],
        ticketDiscount: Fen = .zero,
        roundingOff: Fen = .zero,
        customer: Int64? = nil,
        date: CivilDate? = nil,
        occurred: WallTime? = nil
    ) {
        self.till = till
        self.items = items
        self.payments = payments
        self.ticketDiscount = ticketDiscount
        self.roundingOff = roundingOff
        self.customer = customer
        self.date = date
        self.occurred = occurred
    }

    /// False: who rolls the day over in the same act has them written first.
    package var asksSums: Bool { false }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> TicketOutcome {
        guard !items.isEmpty else { throw SalesRefusal.emptyTicket }
        let desk = try SalesDesk.open(
            till: till,
            date: date,
            isHistoric: occurred != nil,
            context,
            &act
        )
        try context.require(.sell, branch: desk.day.branch)
        do {
            let lines = try lines(desk, context)
            try requireMinimum(lines, desk, context)
            return try close(lines, desk, context, &act)
        } catch is NumberFault {
            throw SalesRefusal.amountTooLarge
        }
    }

    private func close(
        _ lines: [TicketLine],
        _ desk: SalesDesk,
        _ context: DecideContext,
        _ act: inout Act
    ) throws -> TicketOutcome {
        let numbers = try desk.nextNumbers(context)
        var ticket = Ticket(
            entity: desk.day.entity,
            branch: desk.day.branch,
            till: desk.day.till,
            taxpayer: desk.day.taxpayer,
            date: desk.day.date,
            series: desk.day.series,
            sequence: numbers.sequence,
            lifetime: numbers.lifetime,
            lines: lines,
            payments: [],
            ticketDiscount: ticketDiscount,
            roundingOff: roundingOff,
            customer: customer,
            occurred: occurred
        )
        try checkRoundingOff(ticket, desk, context)
        let total = try Fen(checked: ticket.total)
        guard total.isWithinLimit else { throw SalesRefusal.amountTooLarge }
        ticket.payments = try PaymentWish.settle(payments, total: total, .taken, context)
        act.begin([.neighbours(of: ticket.branch)])
        let id = act.add(SalesKind.saleClosed, SaleClosed(ticket).encoded())
        return desk.outcome(id, ticket, total: total, context)
    }

    private func checkRoundingOff(
        _ ticket: Ticket,
        _ desk: SalesDesk,
        _ context: DecideContext
    ) throws {
        guard roundingOff >= .zero else { throw SalesRefusal.negativeAmount }
        guard Int128(roundingOff.rawValue) <= ticket.amounts else {
            throw SalesRefusal.roundingTooLarge
        }
        if roundingOff >= SalesRules.freeRoundingOff {
            try context.require(.discount, branch: desk.day.branch)
        }
    }

    /// The lines with everything that is to be recorded.
    private func lines(_ desk: SalesDesk, _ context: DecideContext) throws -> [TicketLine] {
        guard ticketDiscount >= .zero else { throw SalesRefusal.negativeAmount }
        var lines: [TicketLine] = []
        lines.reserveCapacity(items.count)
        for item in items { lines.append(try line(item, desk, context)) }
        if ticketDiscount.isZero { return lines }
        try context.require(.discount, branch: desk.day.branch)
        let weights = lines.map(\.amount.rawValue)
        let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
        guard Int128(ticketDiscount.rawValue) <= whole else { throw SalesRefusal.discountTooLarge }
        let shares = try split(ticketDiscount, by: weights)
        for index in lines.indices { lines[index].amount = lines[index].amount - shares[index] }
        return lines
    }

    private func line(
        _ item: SaleItem,
        _ desk: SalesDesk,
        _ context: DecideContext
    ) throws -> TicketLine {
        let product = try item.product.resolve(context)
        let catalog = context.questions.catalog
        guard item.quantity > .zero,
            product.isWeighed || item.quantity.isWhole || context.author == 0
        else { throw SalesRefusal.quantityInvalid(product.code) }
        let offered =
            try item.unitPrice.map { PriceAnswer(version: 0, price: $0) }
            ?? desk.price(of: product.id, at: occurred, context)
        guard let offered else { throw SalesRefusal.noPrice(product.code) }
        if item.unitPrice != nil || item.amount != nil || item.rate != nil || item.unitCost != nil {
            try context.require(.overridePrice, branch: desk.day.branch)
        }
        if !item.discount.isZero { try context.require(.discount, branch: desk.day.branch) }
        let rate =
            try item.rate
            ?? catalog.taxRate(
                of: product.id,
                taxpayer: desk.day.taxpayer,
                on: desk.day.date,
                context.views
            )
        let line = try TicketLine(
            product: product.id,
            priceVersion: offered.version,
            unitPrice: offered.price,
            rate: rate,
            category: product.category,
            unitCost: item.unitCost ?? product.standardCost,
            quantity: item.quantity,
            discount: item.discount,
            amount: item.amount
        )
        guard offered.price >= .zero, item.discount >= .zero, item.amount ?? .zero >= .zero else {
            throw SalesRefusal.negativeAmount
        }
        guard line.amount >= .zero else { throw SalesRefusal.discountTooLarge }
        guard line.isWithinLimits else { throw SalesRefusal.amountTooLarge }
        return line
    }
}

extension SalesDesk {
    /// What the till prints and gives for a ticket.
    func outcome(_ id: ChangeID, _ ticket: Ticket, total: Fen, _ context: DecideContext)
        -> TicketOutcome
    {
        TicketOutcome(
            id: id,
            label: label(sequence: ticket.sequence),
            date: ticket.date,
            series: ticket.series,
            sequence: ticket.sequence,
            lifetime: ticket.lifetime,
            total: total,
            change: ticket.change,
            hasRolledOver: hasRolledOver,
            isClockBehind: context.isClockBehind
        )
    }
}
