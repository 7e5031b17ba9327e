// Sales: its projecting half. Takes each fact once, in any order, adds it to sums and rows keyed by
// id, and tells stock and books. It must not look at the clock, or at another change.

import Kernel
import Module
package import Replication
package import SQLite

/// The projecting half of Sales for one views file.
package final class SalesView: Projection {
    private let router: EffectRouter
    /// The ticket in hand: one for all, so that its arrays are made once.
    private(set) var ticket = Ticket.empty
    private var figures = SalesFigures()
    private let tickets = RowBatch("sales_ticket", width: 9)
    private let days = SumTable<BranchDay>(
        "sales_day",
        keys: ["branch", "business_date"],
        values: SumColumn.Day.all
    )
    private let products = PackedSums(
        "sales_product",
        keys: ["branch", "business_date"],
        rules: SumColumn.Product.all
    )
    private let payments = SumTable<BranchDayItem>(
        "sales_payment",
        keys: ["branch", "business_date", "tender"],
        values: SumColumn.Payment.all
    )
    private let series = SumTable<SeriesDay>(
        "sales_series",
        keys: ["branch", "business_date", "till", "series"],
        values: SumColumn.Series.all
    )
    private let seriesTenders = SumTable<SeriesDay>(
        "sales_series_tender",
        keys: ["branch", "business_date", "till", "series", "tender"],
        values: [("amount", .sum)]
    )
    private let tills = SumTable<TillKey>(
        "sales_till",
        keys: ["till"],
        values: SumColumn.Till.all
    )
    private let returned = SumTable<SaleLineKey>(
        "sales_returned",
        keys: ["sale", "line"],
        values: SumColumn.Returned.all
    )

    /// A projection that sends its effects to `router`.
    init(_ router: EffectRouter) { self.router = router }

    package var moduleNumber: UInt8 { SalesKind.module }

    package var schema: ViewSchema { SalesView.tables }

    package func open(_ views: Database) throws(StorageFault) {}

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        switch change.kind {
        case SalesKind.saleClosed: try takeSale(change, world)
        case SalesKind.saleReturned: try takeReturn(change, world)
        case SalesKind.saleVoided: try takeVoid(change, world)
        case SalesKind.dayOpened: try take(try DayOpened(decoding: change.body), change.id, world)
        case SalesKind.dayClosed: try take(try DayClosed(decoding: change.body), change.id, world)
        case SalesKind.daySealed: try take(try DaySealed(decoding: change.body), change.id, world)
        case SalesKind.dayWaived: try take(try DayWaived(decoding: change.body), change.id, world)
        case SalesKind.paymentChanged:
            try take(try PaymentChanged(decoding: change.body), change, world)
        default: throw ProjectionFault.unknownKind(change.kind)
        }
    }

    // MARK: - Tickets

    private func takeSale(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        try ticket.readSale(change.body)
        try figures.compute(ticket)
        insertTicket(change.id, .sale)
        addNumbers()
        addFigures(.sale)
        addPayments(.sale)
        try keepOpenPayments(change.id, world)
        try figures.sendEffects(ticket, .sale, id: change.id, to: router, world)
    }

    private func takeReturn(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let change = (id: change.id, value: try SaleReturned(decoding: change.body))
        ticket = change.value.ticket
        try figures.compute(ticket)
        insertTicket(change.id, .goodsReturned)
        addNumbers()
        addFigures(.goodsReturned)
        addPayments(.goodsReturned)
        try keepOpenPayments(change.id, world)
        if let label = change.value.label { try keepLabel(label, change.id, world) }
        if let sale = change.value.sale {
            try insert(
                "INSERT INTO sales_return VALUES(?1, ?2, ?3, ?4, ?5)",
                sale: sale,
                change.id,
                world
            )
            for (index, origin) in change.value.origins.enumerated() {
                let line = ticket.lines[index]
                returned.add(SaleLineKey(sale: sale.rawValue, line: origin.line)) { row in
                    row[SumColumn.Returned.returned] += Int128(line.quantity.rawValue)
                    row[SumColumn.Returned.refunded] += Int128(line.amount.rawValue)
                    row[SumColumn.Returned.times] += 1
                    row[SumColumn.Returned.sold] = max(
                        row[SumColumn.Returned.sold],
                        Int128(origin.sold.rawValue)
                    )
                }
            }
        }
        try figures.sendEffects(ticket, .goodsReturned, id: change.id, to: router, world)
    }

    private func takeVoid(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let voided = try SaleVoided(decoding: change.body)
        ticket = voided.ticket
        try figures.compute(ticket)
        try insert(
            "INSERT INTO sales_void VALUES(?1, ?2, ?3, ?4, ?5)",
            sale: voided.sale,
            change.id,
            world
        )
        addFigures(.voided)
        addPayments(.voided)
        try figures.sendEffects(ticket, .voided, id: change.id, to: router, world)
    }

    /// Keeps what refers to a sale, by the sale and its own id.
    private func insert(
        _ sql: StaticString,
        sale: ChangeID,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let insert = try world.views.statement(sql)
            insert.bind(1, sale.rawValue)
            insert.bind(2, id.rawValue)
            insert.bind(3, ticket.branch)
            insert.bind(4, Int64(ticket.date.dayNumber))
            insert.bind(5, Int64(truncatingIfNeeded: figures.total))
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    private func insertTicket(_ id: ChangeID, _ sense: TicketSense) {
        tickets.append(ticket.till)
        tickets.append(Int64(ticket.date.dayNumber))
        tickets.append(ticket.series)
        tickets.append(ticket.sequence)
        tickets.append(id.rawValue)
        tickets.append(sense == .sale ? TicketRow.sale : TicketRow.goodsReturned)
        tickets.append(ticket.lifetime)
        tickets.append(sense.sign * Int64(clamping: figures.items))
        tickets.append(sense.sign * Int64(truncatingIfNeeded: figures.total))
    }

    // MARK: - Sums

    /// Counts the ticket's numbers in its series and in the life of its till.
    private func addNumbers() {
        let sequence = Int128(ticket.sequence)
        let lifetime = Int128(ticket.lifetime)
        series.add(seriesKey(tender: nil)) { row in
            row[SumColumn.Series.tickets] += 1
            row[SumColumn.Series.sequenceSum] += sequence
            row[SumColumn.Series.sequenceFirst] = min(
                row[SumColumn.Series.sequenceFirst],
                sequence
            )
            row[SumColumn.Series.sequenceLast] = max(row[SumColumn.Series.sequenceLast], sequence)
            row[SumColumn.Series.lifetimeFirst] = min(
                row[SumColumn.Series.lifetimeFirst],
                lifetime
            )
            row[SumColumn.Series.lifetimeLast] = max(row[SumColumn.Series.lifetimeLast], lifetime)
        }
        tills.add(TillKey(till: ticket.till)) { row in
            row[SumColumn.Till.tickets] += 1
            row[SumColumn.Till.lifetimeFirst] = min(row[SumColumn.Till.lifetimeFirst], lifetime)
            row[SumColumn.Till.lifetimeLast] = max(row[SumColumn.Till.lifetimeLast], lifetime)
        }
    }

    private func seriesKey(tender: Int64?) -> SeriesDay {
        SeriesDay(
            branch: ticket.branch,
            date: ticket.date.dayNumber,
            till: ticket.till,
            series: ticket.series,
            tender: tender
        )
    }

    /// Adds what the ticket is worth to its branch's day and to its products.
    private func addFigures(_ sense: TicketSense) {
        let sign = Int128(sense.sign)
        let rounding = Int128(ticket.roundingOff.rawValue)
        let date = ticket.date.dayNumber
        days.add(BranchDay(branch: ticket.branch, date: date)) { row in
            if sense == .goodsReturned {
                row[SumColumn.Day.returnTickets] += 1
                row[SumColumn.Day.returnItems] += figures.items
                row[SumColumn.Day.returns] += figures.total
            } else {
                row[SumColumn.Day.tickets] += sign
                row[SumColumn.Day.items] += sign * figures.items
                row[SumColumn.Day.gross] += sign * figures.gross
                row[SumColumn.Day.discounts] += sign * (figures.gross - figures.total - rounding)
                row[SumColumn.Day.rounding] += sign * rounding
            }
            if sense == .voided {
                row[SumColumn.Day.voidTickets] += 1
                row[SumColumn.Day.voids] += figures.total
            }
            row[SumColumn.Day.tax] += sign * figures.tax
            row[SumColumn.Day.cost] += sign * figures.cost
            row[SumColumn.Day.uncosted] += sign * figures.uncosted
        }
        for (index, line) in ticket.lines.enumerated() {
            let net = Int128(figures.lineNets[index])
            let quantity = Int128(line.quantity.rawValue)
            products.add(ticket.branch, Int64(date), item: line.product) { row in
                row[SumColumn.Product.quantity] += sign * quantity
                if sense == .goodsReturned { row[SumColumn.Product.returned] += quantity }
                row[SumColumn.Product.net] += sign * net
                row[SumColumn.Product.tax] += sign * Int128(figures.lineTaxes[index])
                if line.unitCost == nil {
                    row[SumColumn.Product.uncosted] += sign * net
                } else {
                    row[SumColumn.Product.cost] += sign * Int128(figures.lineCosts[index])
                }
            }
        }
    }

    /// Adds the payments to the branch's day and to the till's series.
    private func addPayments(_ sense: TicketSense) {
        let sign = Int128(sense.sign)
        for payment in ticket.payments {
            let amount = Int128(payment.amount.rawValue)
            let key = BranchDayItem(
                branch: ticket.branch,
                date: ticket.date.dayNumber,
                item: payment.tender
            )
            payments.add(key) { row in
                if sense == .goodsReturned {
                    row[SumColumn.Payment.refundCount] += 1
                    row[SumColumn.Payment.refunds] += amount
                } else {
                    row[SumColumn.Payment.count] += sign
                    row[SumColumn.Payment.amount] += sign * amount
                }
                if payment.state == .manual, sense != .goodsReturned {
                    row[SumColumn.Payment.manualCount] += sign
                    row[SumColumn.Payment.manual] += sign * amount
                }
            }
            seriesTenders.add(seriesKey(tender: payment.tender)) { $0[0] += sign * amount }
        }
    }

    // MARK: - Batches

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        throw ProjectionFault.unknownKind(write.kind)
    }

    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}

    package func flush(_ world: ProjectionWorld) throws(ProjectionFault) {
        do throws(StorageFault) {
            try tickets.flush(world.views)
            try days.flush(world.views)
            try products.flush(world.views)
            try payments.flush(world.views)
            try series.flush(world.views)
            try seriesTenders.flush(world.views)
            try tills.flush(world.views)
            try returned.flush(world.views)
        } catch { throw ProjectionFault.storage(error) }
    }

    /// The numbers of tickets, by which the next one is numbered.
    package func flushNumbers(_ world: ProjectionWorld) throws(ProjectionFault) {
        do throws(StorageFault) {
            try tickets.flush(world.views)
            try tills.flush(world.views)
        } catch { throw ProjectionFault.storage(error) }
    }

    package func discard() {
        tickets.removeAll()
        days.removeAll()
        products.removeAll()
        payments.removeAll()
        series.removeAll()
        seriesTenders.removeAll()
        tills.removeAll()
        returned.removeAll()
    }

    /// Sends what a count of the cash found to the books.
    func send(
        _ effect: LedgerEffect,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        try router.send(effect, world)
    }
}

/// What a row of tickets is.
enum TicketRow {
    static let sale: Int64 = 1
    static let goodsReturned: Int64 = 2
}
