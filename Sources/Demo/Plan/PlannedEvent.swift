// Demo, the plan: what happens at a branch, one thing at a time.

package import Kernel
package import People

/// Goods as they are delivered by one supplier.
package struct PlannedDelivery: Hashable, Sendable {
    /// One line of it.
    package struct Line: Hashable, Sendable {
        /// Where the product stands in `ChainPlan.products`.
        package let product: Int
        package let quantity: Quantity
        package let unitCost: UnitCost
    }

    package let supplierName: String
    /// The supplier's number of the delivery (送货单号).
    package let note: String
    package let lines: [Line]
}

/// Goods that are thrown away.
package struct PlannedWaste: Hashable, Sendable {
    /// Where the product stands in `ChainPlan.products`.
    package let product: Int
    package let quantity: Quantity
}

/// What somebody does at a branch.
package enum PlannedAct: Hashable, Sendable {
    /// A till's day begins with so much cash in the drawer.
    case openDay(till: Int, openingFloat: Fen)
    /// A till that never closes goes over to the day's date, by itself.
    case rollOver(till: Int)
    /// A till's day ends with so much cash counted, blind.
    case closeDay(till: Int, counted: Fen)
    case sale(PlannedSale)
    /// A ticket of the day is undone.
    case void(PlannedSale, reason: String)
    case goodsBack(PlannedReturn)
    case delivery(PlannedDelivery)
    /// Spoiled goods, written off.
    case waste([PlannedWaste], note: String)
    case punch(PunchKind)
    /// The power fails while a ticket is being paid; the node starts again.
    case powerCut
}

/// What happens at a branch at an instant.
package struct PlannedEvent: Hashable, Sendable {
    package let at: WallTime
    /// Where the branch stands in `ChainPlan.branches`.
    package let branch: Int
    /// The business date.
    package let date: CivilDate
    /// Where the person stands in `ChainPlan.staff`.
    package let actor: Int
    package let act: PlannedAct
}
