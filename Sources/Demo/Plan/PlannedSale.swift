// Demo, the plan: one ticket and one return as the shop will see them, with what they come to.

package import Kernel

/// How a ticket is paid; the raw value is the tender's code.
package enum PlanTender: String, Sendable, CaseIterable {
    case cash, wechat, alipay, card
}

/// A line of a planned ticket.
package struct PlannedLine: Hashable, Sendable {
    /// Where the product stands in `ChainPlan.products`.
    package let product: Int
    package let quantity: Quantity
    package let unitPrice: UnitPrice
    /// What is taken off this line.
    package let discount: Fen
    /// Price × quantity less the discount, before the ticket's.
    package let amount: Fen
}

/// A planned ticket.
package struct PlannedSale: Hashable, Sendable {
    /// Where the branch stands in `ChainPlan.branches`.
    package let branch: Int
    /// The business day, from 0.
    package let day: Int
    /// The ticket of that branch and day, from 0.
    package let number: Int
    package let at: WallTime
    /// Where the till stands in `BranchPlan.tills`.
    package let till: Int
    /// Where the cashier stands in `ChainPlan.staff`.
    package let cashier: Int
    package let lines: [PlannedLine]
    package let ticketDiscount: Fen
    /// What is waived of the sum (抹零).
    package let roundingOff: Fen
    /// What is paid.
    package let total: Fen
    package let tender: PlanTender
    /// The cash handed over, where it is more than the total.
    package let tendered: Fen?
    /// The provider's number of an electronic payment.
    package let reference: String

    /// What each line came to after its shares of the ticket's discount and of the rounding off:
    /// what is refunded when it comes back.
    package func nets() -> [Fen] {
        PlanDraw.certain("a ticket's discounts are no more than its lines") {
            let gross = lines.map(\.amount)
            let off = try split(ticketDiscount, by: gross.map(\.rawValue))
            let amounts = zip(gross, off).map { $0 - $1 }
            let rounding = try split(roundingOff, by: amounts.map(\.rawValue))
            return zip(amounts, rounding).map { $0 - $1 }
        }
    }
}

/// A line that comes back.
package struct PlannedReturnItem: Hashable, Sendable {
    /// The index of the line in the sale.
    package let line: Int
    /// Where the product stands in `ChainPlan.products`.
    package let product: Int
    package let quantity: Quantity
    package let unitPrice: UnitPrice
    /// What is refunded for it.
    package let amount: Fen
}

/// Goods brought back with their receipt, some to another branch.
package struct PlannedReturn: Hashable, Sendable {
    /// The ticket that sold them.
    package let sale: PlannedSale
    /// Where the branch that takes them stands in `ChainPlan.branches`.
    package let branch: Int
    package let at: WallTime
    package let till: Int
    package let items: [PlannedReturnItem]
    package let total: Fen
    package let reason: String
}

/// What becomes of a ticket.
enum SaleFate {
    case kept
    case voided
    /// Brought back to a branch so many days later, at a second of that day.
    case returned(branch: Int, daysLater: Int, second: Int, isWhole: Bool)
}
