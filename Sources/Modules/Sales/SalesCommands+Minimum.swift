// Sales: the lowest price at which headquarters lets a product go, held at the till.
// Must not ask for more rights: nobody at a till sells below it.

import Kernel
import Module

extension CloseSale {
    /// Refuses lines that come to less than the product's lowest price, discounts included.
    ///
    /// What was sold in the past is a fact and is taken as it was. Rounding off (抹零) is the
    /// ticket's, has its own bound, and does not count.
    func requireMinimum(
        _ lines: [TicketLine],
        _ desk: SalesDesk,
        _ context: DecideContext
    ) throws {
        if occurred != nil { return }
        let catalog = context.questions.catalog
        for (line, item) in zip(lines, items) {
            let isAsPriced =
                item.unitPrice == nil && item.amount == nil && item.discount.isZero
                && ticketDiscount.isZero
            if isAsPriced { continue }
            let offered = try desk.price(of: line.product, at: nil, context)
            guard let minimum = offered?.minimum else { continue }
            if line.amount < (try minimum.amount(of: line.quantity)) {
                let code = try catalog.product(line.product, context.views)?.code
                throw SalesRefusal.belowMinimum(code ?? "\(line.product)", minimum)
            }
        }
    }
}
