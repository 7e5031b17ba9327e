// Sales: payments as a cashier wishes them, made into payments that add up; and the adapter through
// which an electronic tender is asked before the ticket is closed. Deciding asks no network.

package import Kernel
package import Module
package import Replication

/// A tender by id or by code.
package enum TenderReference: Hashable, Sendable {
    case id(Int64)
    case code(String)

    /// The tender.
    func resolve(_ context: DecideContext) throws -> TenderAnswer {
        let catalog = context.questions.catalog
        switch self {
        case .id(let id):
            guard let tender = try catalog.tender(id, context.views) else {
                throw SalesRefusal.unknownTender("\(id)")
            }
            return tender
        case .code(let code):
            guard let tender = try catalog.tender(code: code, context.views) else {
                throw SalesRefusal.unknownTender(code)
            }
            return tender
        }
    }
}

/// A payment as the cashier wishes it.
package struct PaymentWish: Hashable, Sendable {
    package var tender: TenderReference
    /// What it pays; nil is the rest, and at most one payment may say so.
    package var amount: Fen?
    /// The cash handed over.
    package var tendered: Fen?
    package var state: PaymentState
    package var reference: String

    package init(
        _ tender: TenderReference,
        amount: Fen? = nil,
        tendered: Fen? = nil,
        state: PaymentState = .settled,
        reference: String = ""
    ) {
        self.tender = tender
        self.amount = amount
        self.tendered = tendered
        self.state = state
        self.reference = reference
    }

    /// An electronic payment that the cashier saw on the payer's page.
    package static func manual(
        _ tender: TenderReference,
        amount: Fen? = nil,
        lastDigits: String
    ) -> PaymentWish {
        PaymentWish(tender, amount: amount, state: .manual, reference: lastDigits)
    }

    /// An electronic payment as its provider answered.
    package static func answered(
        _ tender: TenderReference,
        amount: Fen,
        _ answer: TenderOutcome
    ) -> PaymentWish {
        PaymentWish(tender, amount: amount, state: answer.state, reference: answer.reference)
    }
}

/// What is asked of a provider.
package struct TenderCharge: Hashable, Sendable {
    package let tender: TenderAnswer
    package let till: Int64
    package let amount: Fen
    /// Our own number for the charge: the same number is charged once, however often it is sent.
    package let number: String

    package init(tender: TenderAnswer, till: Int64, amount: Fen, number: String) {
        self.tender = tender
        self.till = till
        self.amount = amount
        self.number = number
    }
}

/// What a provider answered.
package struct TenderOutcome: Hashable, Sendable {
    package let state: PaymentState
    /// The provider's number; ours where it gave none.
    package let reference: String

    package init(state: PaymentState, reference: String) {
        self.state = state
        self.reference = reference
    }
}

/// The door to a provider of electronic payments; called by the page before `CloseSale`, never
/// while a command is decided.
package protocol TenderAdapter: Sendable {
    /// The tenders it serves.
    func serves(_ tender: TenderAnswer) -> Bool
    /// Takes the money; `unknown` where the answer did not come.
    func charge(_ charge: TenderCharge) -> TenderOutcome
    /// What became of a charge.
    func outcome(of number: String, tender: TenderAnswer) -> TenderOutcome
    /// Gives money back.
    func refund(_ charge: TenderCharge, of reference: String) -> TenderOutcome
}

/// Which way money goes.
enum PaymentDirection {
    case taken
    case refunded
}

extension PaymentWish {
    /// Makes wishes into payments that add up to `total`.
    static func settle(
        _ wishes: [PaymentWish],
        total: Fen,
        _ direction: PaymentDirection,
        _ context: DecideContext
    ) throws -> [TicketPayment] {
        var given: Int128 = 0
        var open: Int?
        for (index, wish) in wishes.enumerated() {
            guard let amount = wish.amount else {
                guard open == nil else {
                    throw SalesRefusal.paymentsDiffer(due: total, paid: .zero)
                }
                open = index
                continue
            }
            guard amount >= .zero else { throw SalesRefusal.negativeAmount }
            guard amount.isWithinLimit else { throw SalesRefusal.amountTooLarge }
            given += Int128(amount.rawValue)
        }
        let rest = Int128(total.rawValue) - given
        guard open == nil ? rest == 0 : rest >= 0 else {
            throw SalesRefusal.paymentsDiffer(due: total, paid: Fen(Int64(clamping: given)))
        }
        var payments: [TicketPayment] = []
        for (index, wish) in wishes.enumerated() {
            let amount = index == open ? Fen(Int64(clamping: rest)) : wish.amount ?? .zero
            if amount.isZero { continue }
            payments.append(try wish.payment(amount, direction, context))
        }
        return payments
    }

    /// One payment, its cash and confirmation checked.
    private func payment(
        _ amount: Fen,
        _ direction: PaymentDirection,
        _ context: DecideContext
    ) throws -> TicketPayment {
        let tender = try tender.resolve(context)
        var handed = tendered
        if let tendered {
            guard tender.isCash, direction == .taken else {
                throw SalesRefusal.changeOnlyFromCash(tender.code)
            }
            guard tendered >= amount else {
                throw SalesRefusal.paymentsDiffer(due: amount, paid: tendered)
            }
            guard tendered.isWithinLimit else { throw SalesRefusal.amountTooLarge }
            if tendered == amount { handed = nil }
        }
        var state = state
        if tender.isElectronic, context.author != 0 {
            state = try confirmed(tender, direction)
        }
        return TicketPayment(
            tender: tender.id,
            role: tender.role,
            amount: amount,
            tendered: handed,
            state: state,
            reference: SalesText.limited(reference, bytes: SalesLimits.referenceBytesMax)
        )
    }

    /// The state of an electronic payment: taken money must be seen, refunds may be asked for.
    private func confirmed(
        _ tender: TenderAnswer,
        _ direction: PaymentDirection
    ) throws -> PaymentState {
        switch (state, direction) {
        case (.settled, .taken) where !reference.isEmpty: return .settled
        case (.manual, .taken) where reference.utf8.count >= SalesRules.manualDigitsMin:
            return .manual
        case (.settled, .refunded): return reference.isEmpty ? .requested : .settled
        case (.manual, .refunded), (.requested, .refunded): return state
        default: throw SalesRefusal.paymentUnconfirmed(tender.code)
        }
    }
}

/// Says what became of an electronic payment of a ticket.
package struct ChangePayment: Command {
    /// The sale or return.
    package var document: ChangeID
    /// The index of the payment in it.
    package var payment: Int
    package var state: PaymentState
    package var reference: String

    package init(
        document: ChangeID,
        payment: Int,
        state: PaymentState,
        reference: String = ""
    ) {
        self.document = document
        self.payment = payment
        self.state = state
        self.reference = reference
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        let found = try SalesQueries.document(document, context.views, context.log)
        guard let found else { throw SalesRefusal.unknownSale }
        try context.requireOwn(branch: found.ticket.branch)
        try context.require(.sell, branch: found.ticket.branch)
        guard found.ticket.payments.indices.contains(payment) else {
            throw SalesRefusal.unknownLine(payment)
        }
        let tender = try TenderReference.id(found.ticket.payments[payment].tender).resolve(context)
        guard tender.isElectronic else { throw SalesRefusal.notElectronic(tender.code) }
        act.begin([.neighbours(of: found.ticket.branch)])
        let changed = PaymentChanged(
            document: document,
            payment: Int64(payment),
            state: state,
            reference: SalesText.limited(reference, bytes: SalesLimits.referenceBytesMax)
        )
        return act.add(SalesKind.paymentChanged, changed.encoded())
    }
}

/// Texts brought within the limits of the bodies.
enum SalesText {
    /// The longest beginning that has so many bytes of UTF-8.
    static func limited(_ text: String, bytes: Int) -> String {
        if text.utf8.count <= bytes { return text }
        var end = text.startIndex
        var size = 0
        while end < text.endIndex {
            let next = text.index(after: end)
            size += text[end..<next].utf8.count
            if size > bytes { break }
            end = next
        }
        return String(text[..<end])
    }
}
