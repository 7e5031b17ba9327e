// Sales: what the projecting half keeps of days, seals, waivers and payment states: rows by id.

package import Kernel
import Module
package import Replication
import SQLite
import Wire

extension SalesView {
    /// Keeps the opening of a day.
    func take(
        _ day: DayOpened,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let insert = try world.views.statement(
                "INSERT INTO sales_session VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            )
            insert.bind(1, id.rawValue)
            insert.bind(2, day.branch)
            insert.bind(3, Int64(day.date.dayNumber))
            insert.bind(4, day.till)
            insert.bind(5, day.series)
            insert.bind(6, day.entity)
            insert.bind(7, day.taxpayer.rawValue)
            insert.bind(8, Int64(day.replica.rawValue))
            insert.bind(9, day.openingFloat.rawValue)
            insert.bind(10, day.previousSeal?.rawValue)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Keeps the closing of a day, and tells the books what the count found.
    func take(
        _ closing: DayClosed,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let insert = try world.views.statement(
                "INSERT INTO sales_closing VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            )
            insert.bind(1, id.rawValue)
            insert.bind(2, closing.day.rawValue)
            insert.bind(3, closing.branch)
            insert.bind(4, Int64(closing.date.dayNumber))
            insert.bind(5, closing.till)
            insert.bind(6, closing.expected.rawValue)
            insert.bind(7, closing.counted?.rawValue)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
        let lines = closing.ledgerLines()
        if lines.isEmpty { return }
        let effect = LedgerEffect(
            change: id,
            entity: closing.entity,
            branch: closing.branch,
            businessDate: closing.date,
            group: .cashDifference,
            lines: lines
        )
        try send(effect, world)
    }

    /// Keeps a seal.
    func take(
        _ seal: DaySealed,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        var totals = CBORWriter()
        DaySealed.write(seal.totals, to: &totals)
        do throws(StorageFault) {
            let insert = try world.views.statement(
                """
                INSERT INTO sales_seal
                VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                """
            )
            insert.bind(1, id.rawValue)
            insert.bind(2, seal.day.rawValue)
            insert.bind(3, seal.branch)
            insert.bind(4, Int64(seal.date.dayNumber))
            insert.bind(5, seal.till)
            insert.bind(6, seal.series)
            insert.bind(7, seal.sequences?.lowerBound)
            insert.bind(8, seal.sequences?.upperBound)
            insert.bind(9, seal.lifetimes?.lowerBound)
            insert.bind(10, seal.lifetimes?.upperBound)
            insert.bind(11, seal.count)
            insert.bind(12, totals.bytes)
            insert.bind(13, seal.head.bytes)
            insert.bind(14, seal.previous?.rawValue)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Keeps a waiver.
    func take(
        _ waiver: DayWaived,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let insert = try world.views.statement(
                "INSERT INTO sales_waiver VALUES(?1, ?2, ?3, ?4, ?5)"
            )
            insert.bind(1, id.rawValue)
            insert.bind(2, waiver.branch)
            insert.bind(3, Int64(waiver.date.dayNumber))
            insert.bind(4, waiver.till)
            insert.bind(5, waiver.reason)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Keeps the label of a sale that was not known where its goods came back.
    func keepLabel(
        _ label: String,
        _ id: ChangeID,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let insert = try world.views.statement("INSERT INTO sales_return_label VALUES(?1, ?2)")
            insert.bind(1, label)
            insert.bind(2, id.rawValue)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Keeps the payments of a ticket of which the outcome was not known when it was closed.
    func keepOpenPayments(_ id: ChangeID, _ world: ProjectionWorld) throws(ProjectionFault) {
        for (index, payment) in ticket.payments.enumerated() {
            if payment.state == .settled || payment.state == .manual { continue }
            do throws(StorageFault) {
                let insert = try world.views.statement(
                    "INSERT INTO sales_payment_open VALUES(?1, ?2, ?3, ?4, ?5)"
                )
                insert.bind(1, id.rawValue)
                insert.bind(2, Int64(index))
                insert.bind(3, Int64(ticket.date.dayNumber))
                insert.bind(4, payment.state.rawValue)
                insert.bind(5, payment.reference)
                try insert.run()
            } catch { throw ProjectionFault.storage(error) }
        }
    }

    /// Keeps what became of a payment; the latest by effective time and id holds.
    func take(
        _ payment: PaymentChanged,
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let effective = world.effectiveTime(of: change.id, clock: change.clock)
        do throws(StorageFault) {
            let insert = try world.views.statement(
                "INSERT INTO sales_payment_state VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            )
            insert.bind(1, change.id.rawValue)
            insert.bind(2, payment.document.rawValue)
            insert.bind(3, payment.payment)
            insert.bind(4, payment.state.rawValue)
            insert.bind(5, payment.reference)
            insert.bind(6, change.clock.rawValue)
            insert.bind(7, effective.rawValue)
            try insert.run()
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Gives the payment states in a range their effective time anew.
    package func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            var rows: [(id: ChangeID, clock: ClockStamp)] = []
            let select = try world.views.statement(
                "SELECT id, clock FROM sales_payment_state WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
            )
            select.bind(1, range.lowerBound.rawValue)
            select.bind(2, range.upperBound.rawValue)
            while try select.step() {
                rows.append((ChangeID(select.integer(0)), ClockStamp(select.integer(1))))
            }
            let update = try world.views.statement(
                "UPDATE sales_payment_state SET effective = ?2 WHERE id = ?1"
            )
            for row in rows {
                let effective = world.effectiveTime(of: row.id, clock: row.clock)
                update.bind(1, row.id.rawValue)
                update.bind(2, effective.rawValue)
                try update.run()
            }
        } catch { throw ProjectionFault.storage(error) }
    }

    /// Takes back waivers that headquarters did not give.
    package func forbidden(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let delete = try world.views.statement(
                "DELETE FROM sales_waiver WHERE id BETWEEN ?1 AND ?2"
            )
            delete.bind(1, range.lowerBound.rawValue)
            delete.bind(2, range.upperBound.rawValue)
            try delete.run()
        } catch { throw ProjectionFault.storage(error) }
    }
}
