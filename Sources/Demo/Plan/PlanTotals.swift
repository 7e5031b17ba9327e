// Demo, the plan: what the plan comes to, so that reports can be compared with it, and its digest,
// so that two machines can be compared with each other.

package import Kernel
import People
package import Wire

/// What a branch's business date comes to.
package struct PlanTotals: Hashable, Sendable {
    /// Tickets that stand: those undone are not counted.
    package var sales = 0
    package var returns = 0
    package var voids = 0
    /// What was paid for the tickets that stand.
    package var sold = Fen.zero
    /// What was refunded.
    package var refunded = Fen.zero
    /// Paid less refunded, by tender.
    package var tenders: [PlanTender: Fen] = [:]

    package init() {}

    /// What is left: paid less refunded.
    package var net: Fen { sold - refunded }

    /// Adds one thing that happened.
    package mutating func add(_ act: PlannedAct) {
        switch act {
        case .sale(let sale):
            sales += 1
            sold += sale.total
            tenders[sale.tender, default: .zero] += sale.total
        case .void(let sale, _):
            sales -= 1
            voids += 1
            sold -= sale.total
            tenders[sale.tender, default: .zero] -= sale.total
        case .goodsBack(let back):
            returns += 1
            refunded += back.total
            tenders[back.sale.tender, default: .zero] -= back.total
        default: break
        }
    }

    /// Adds another date or branch.
    package mutating func add(_ other: PlanTotals) {
        sales += other.sales
        returns += other.returns
        voids += other.voids
        sold += other.sold
        refunded += other.refunded
        for tender in PlanTender.allCases {
            if let amount = other.tenders[tender] { tenders[tender, default: .zero] += amount }
        }
    }
}

extension ChainPlan {
    /// What a branch's business date comes to.
    package func totals(branch: Int, day: Int) -> PlanTotals {
        var totals = PlanTotals()
        for event in events(branch: branch, day: day) { totals.add(event.act) }
        return totals
    }

    /// A digest of everything in the plan, by streaming through it.
    package func digest() -> Digest32 {
        var hasher = SHA256.Hasher()
        func add(_ text: String) {
            hasher.update(Array((text + "\n").utf8))
        }
        for product in products {
            add("\(product.code) \(product.name) \(product.barcode)")
            add("\(product.price) \(product.cost) \(product.popularity)")
        }
        for person in staff { add("\(person.code) \(person.name) \(person.pin) \(person.role)") }
        for branch in branches.indices {
            for event in openings(branch: branch) { add(event.text) }
            for day in 0..<days {
                for event in events(branch: branch, day: day) { add(event.text) }
            }
        }
        return hasher.finalize()
    }
}

extension PlannedEvent {
    /// The event as a line, the same on every machine.
    var text: String {
        let detail: String
        switch act {
        case .openDay(let till, let float): detail = "open \(till) \(float)"
        case .rollOver(let till): detail = "roll \(till)"
        case .closeDay(let till, let counted): detail = "close \(till) \(counted)"
        case .sale(let sale):
            let lines = sale.lines.map {
                "\($0.product)×\($0.quantity)@\($0.unitPrice)-\($0.discount)"
            }
            detail =
                "sale \(sale.number) \(sale.till) \(lines.joined(separator: ",")) "
                + "\(sale.ticketDiscount) \(sale.roundingOff) \(sale.total) "
                + "\(sale.tender.rawValue) \(sale.tendered?.description ?? "-") \(sale.reference)"
        case .void(let sale, let reason): detail = "void \(sale.number) \(reason)"
        case .goodsBack(let back):
            let items = back.items.map { "\($0.line)×\($0.quantity)=\($0.amount)" }
            detail =
                "back \(back.sale.branch) \(back.sale.day) \(back.sale.number) "
                + "\(items.joined(separator: ",")) \(back.reason)"
        case .delivery(let delivery):
            let lines = delivery.lines.map { "\($0.product)×\($0.quantity)" }
            detail = "goods \(delivery.note) \(lines.joined(separator: ","))"
        case .waste(let wasted, _):
            detail = "waste " + wasted.map { "\($0.product)×\($0.quantity)" }.joined(separator: ",")
        case .punch(let kind): detail = "punch \(kind.rawValue)"
        case .powerCut: detail = "power"
        }
        return "\(at.milliseconds) \(branch) \(date) \(actor) \(detail)"
    }
}
