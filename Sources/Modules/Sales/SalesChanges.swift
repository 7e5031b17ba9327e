// Sales: the body that sales, returns and voids share: a numbered ticket, its lines, its payments.
// The hot record of the log. It must stay small and be read without allocation, and everything
// that stock and ledger need stands in it: nothing is looked up when it is projected.

package import Kernel
package import Module

/// One line of a ticket.
///
/// Shape: `[product, price version, unit price, rate, category, unit cost, quantity?, discount?,
/// amount?]`. What the product decides stands first and together, so that a batch deflates well.
/// A quantity of one, no discount, and an amount of gross − discount are left out from the end.
package struct TicketLine: Hashable, Sendable {
    package var product: Int64
    /// The change that set the price; 0 where it was set by hand or is not known.
    package var priceVersion: Int64
    package var unitPrice: UnitPrice
    package var rate: Rate
    /// The category of the product when it was sold; 0 is none.
    package var category: Int64
    /// The cost known at the till; on the wire −1 where it is not known.
    package var unitCost: UnitCost?
    package var quantity: Quantity
    /// What was taken off this line alone.
    package var discount: Fen
    /// What the line costs after its discount and its share of the ticket's discount, with tax.
    package var amount: Fen
    /// Unit price × quantity.
    package private(set) var gross: Fen

    /// A line; without an amount it is gross − discount.
    ///
    /// Throws: `NumberFault` where price × quantity does not fit.
    package init(
        product: Int64,
        priceVersion: Int64 = 0,
        unitPrice: UnitPrice,
        rate: Rate,
        category: Int64 = 0,
        unitCost: UnitCost? = nil,
        quantity: Quantity = .one,
        discount: Fen = .zero,
        amount: Fen? = nil
    ) throws(NumberFault) {
        self.product = product
        self.priceVersion = priceVersion
        self.unitPrice = unitPrice
        self.rate = rate
        self.category = category
        self.unitCost = unitCost
        self.quantity = quantity
        self.discount = discount
        gross = try unitPrice.amount(of: quantity)
        if let amount {
            self.amount = amount
        } else {
            self.amount = try Fen(checked: Int128(gross.rawValue) - Int128(discount.rawValue))
        }
    }
}

/// What became of a payment; the numbers are for ever.
package enum PaymentState: Int64, Sendable, CaseIterable {
    /// Cash in the drawer, or confirmed by the provider.
    case settled = 0
    /// The cashier saw the payer's success page.
    case manual = 1
    case requested = 2
    case unknown = 3
    case failed = 4
    case reversed = 5
}

/// One payment of a ticket, or one refund of a return.
///
/// Shape: `[tender, role, amount?, tendered?, state?, reference?]`; the amount is left out where
/// there is one payment of the whole ticket.
package struct TicketPayment: Hashable, Sendable {
    package var tender: Int64
    /// The role that the tender had in the books then.
    package var role: LedgerRole
    /// What it pays of the ticket.
    package var amount: Fen
    /// The cash handed over, where it was more; the change is the difference.
    package var tendered: Fen?
    package var state: PaymentState
    /// The provider's number, or the last digits that the cashier typed; empty where there is none.
    package var reference: String

    package init(
        tender: Int64,
        role: LedgerRole,
        amount: Fen,
        tendered: Fen? = nil,
        state: PaymentState = .settled,
        reference: String = ""
    ) {
        self.tender = tender
        self.role = role
        self.amount = amount
        self.tendered = tendered
        self.state = state
        self.reference = reference
    }
}

/// A numbered ticket of a till: what a sale, a return and a void have in common.
package struct Ticket: Hashable, Sendable {
    package var entity: Int64
    package var branch: Int64
    package var till: Int64
    package var taxpayer: TaxpayerKind
    /// The business date of the till's open day, never of the clock.
    package var date: CivilDate
    /// How many replica numbers the till had used before.
    package var series: Int64
    /// From 1 in each (till, series, business date).
    package var sequence: Int64
    /// From 1 in the life of the till.
    package var lifetime: Int64
    package var lines: [TicketLine]
    package var payments: [TicketPayment]
    /// What was taken off the ticket as a whole; the lines carry their shares of it.
    package var ticketDiscount: Fen
    /// What was waived of the sum to be paid (抹零); not in the lines' amounts.
    package var roundingOff: Fen
    package var customer: Int64?
    /// When it happened, where it was written down later.
    package var occurred: WallTime?

    package init(
        entity: Int64,
        branch: Int64,
        till: Int64,
        taxpayer: TaxpayerKind = .general,
        date: CivilDate,
        series: Int64 = 0,
        sequence: Int64,
        lifetime: Int64,
        lines: [TicketLine],
        payments: [TicketPayment],
        ticketDiscount: Fen = .zero,
        roundingOff: Fen = .zero,
        customer: Int64? = nil,
        occurred: WallTime? = nil
    ) {
        self.entity = entity
        self.branch = branch
        self.till = till
        self.taxpayer = taxpayer
        self.date = date
        self.series = series
        self.sequence = sequence
        self.lifetime = lifetime
        self.lines = lines
        self.payments = payments
        self.ticketDiscount = ticketDiscount
        self.roundingOff = roundingOff
        self.customer = customer
        self.occurred = occurred
    }

    /// A ticket of nothing, to be read into again and again.
    static var empty: Ticket {
        Ticket(
            entity: 0,
            branch: 0,
            till: 0,
            date: .first,
            sequence: 0,
            lifetime: 0,
            lines: [],
            payments: []
        )
    }

    /// What the lines add up to, before rounding off.
    package var amounts: Int128 {
        var sum: Int128 = 0
        for line in lines { sum += Int128(line.amount.rawValue) }
        return sum
    }

    /// What is to be paid: the lines' amounts less what was rounded off.
    package var total: Int128 { amounts - Int128(roundingOff.rawValue) }

    /// The cash handed back.
    package var change: Fen {
        var sum: Int128 = 0
        for payment in payments {
            guard let tendered = payment.tendered else { continue }
            sum += Int128(tendered.rawValue) - Int128(payment.amount.rawValue)
        }
        return Fen(Int64(clamping: sum))
    }
}
