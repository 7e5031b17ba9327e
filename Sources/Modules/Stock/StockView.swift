// Stock: the projecting half. Sums goods by place and product, and keeps what they last cost.
// Sees a change's own bytes and the effects of other modules; knows no product, clock or branch.

package import Kernel
package import Module
package import Replication
package import SQLite
import Wire

/// Derives the tables of Stock.
package final class StockProjection: Projection, StockReceiver {
    private let router: EffectRouter
    private var costs: [CostRow] = []
    private let places = PackedSums(
        "stock_on_hand",
        keys: ["place"],
        rules: StockSums.rules
    )

    /// A projection that sends its effects to `router`; the node makes it a receiver there.
    package init(_ router: EffectRouter) {
        self.router = router
    }

    package var moduleNumber: UInt8 { StockKind.module }
    package var schema: ViewSchema { StockSchema.schema }

    package func open(_ views: Database) throws(StorageFault) {}

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do {
            switch change.kind {
            case StockKind.goodsReceived:
                try apply(try GoodsReceived(change.body), change, world)
            case StockKind.stockAdjusted:
                try apply(try StockAdjusted(change.body), change, world)
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        } catch let fault as ProjectionFault {
            throw fault
        } catch let fault as WireFault {
            throw ProjectionFault.malformed(fault)
        } catch {
            throw ProjectionFault.outOfRange("\(error)")
        }
    }

    private func apply(
        _ receipt: GoodsReceived,
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws {
        let total = try receipt.total()
        let time = world.effectiveTime(of: change.id, clock: change.clock)
        for (index, line) in receipt.lines.enumerated() {
            let place = Int32(truncatingIfNeeded: index)
            costs.append(
                CostRow(
                    id: change.id,
                    line: place,
                    branch: receipt.branch,
                    product: line.product,
                    clock: change.clock,
                    time: time,
                    cost: line.unitCost
                )
            )
            let effect = StockEffect(
                change: change.id,
                line: place,
                businessDate: receipt.date,
                from: .supplier,
                to: .branch(receipt.branch),
                product: line.product,
                quantity: line.quantity,
                unitCost: line.unitCost,
                reason: .goodsReceipt
            )
            try router.send(effect, world)
        }
        if total.isZero { return }
        let role: LedgerRole = receipt.place == .store ? .stockStore : .stockWarehouse
        let effect = LedgerEffect(
            change: change.id,
            entity: receipt.entity,
            branch: receipt.branch,
            businessDate: receipt.date,
            group: .goodsReceiptEstimate,
            lines: [
                LedgerLine(.debit, role, total),
                LedgerLine(.credit, .accruedPayable, total, party: receipt.supplier),
            ]
        )
        try router.send(effect, world)
    }

    private func apply(
        _ adjustment: StockAdjusted,
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws {
        let branch = StockLocation.branch(adjustment.branch)
        let other: StockLocation = adjustment.cause == .wasted ? .waste : .adjustment
        let isFound = adjustment.cause == .found
        for (index, line) in adjustment.lines.enumerated() {
            let effect = StockEffect(
                change: change.id,
                line: Int32(truncatingIfNeeded: index),
                businessDate: adjustment.date,
                from: isFound ? other : branch,
                to: isFound ? branch : other,
                product: line.product,
                quantity: line.quantity,
                unitCost: line.unitCost,
                reason: adjustment.cause == .wasted ? .waste : .adjustment
            )
            try router.send(effect, world)
        }
    }

    package func receive(
        _ effect: StockEffect,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let day = effect.businessDate.dayNumber
        let quantity = Int128(effect.quantity.rawValue)
        add(-quantity, effect.from, effect, day)
        add(quantity, effect.to, effect, day)
    }

    private func add(_ signed: Int128, _ place: StockLocation, _ effect: StockEffect, _ day: Int32)
    {
        places.add(place.rawValue, item: effect.product) { values in
            StockSums.add(signed, effect.reason, day, to: values)
        }
    }

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        throw ProjectionFault.unknownKind(write.kind)
    }

    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}

    package func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            try flushCosts(world.views)
            let reading = try world.views.statement(
                "SELECT DISTINCT id, clock FROM stock_cost WHERE id BETWEEN ?1 AND ?2"
            )
            reading.bind(1, range.lowerBound.rawValue)
            reading.bind(2, range.upperBound.rawValue)
            var found: [(id: ChangeID, clock: ClockStamp)] = []
            while try reading.step() {
                found.append((ChangeID(reading.integer(0)), ClockStamp(reading.integer(1))))
            }
            let writing = try world.views.statement("UPDATE stock_cost SET time = ?2 WHERE id = ?1")
            for (id, clock) in found {
                writing.bind(1, id.rawValue)
                writing.bind(2, world.effectiveTime(of: id, clock: clock).rawValue)
                try writing.run()
            }
        } catch {
            throw .storage(error)
        }
    }

    package func flush(_ world: ProjectionWorld) throws(ProjectionFault) {
        do throws(StorageFault) {
            try places.flush(world.views)
            try flushCosts(world.views)
        } catch {
            throw .storage(error)
        }
        discard()
    }

    private func flushCosts(_ views: Database) throws(StorageFault) {
        if costs.isEmpty { return }
        let statement = try views.statement(
            """
            INSERT INTO stock_cost(id, line, branch, product, clock, time, cost)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """
        )
        for row in costs {
            statement.bind(1, row.id.rawValue)
            statement.bind(2, Int64(row.line))
            statement.bind(3, row.branch)
            statement.bind(4, row.product)
            statement.bind(5, row.clock.rawValue)
            statement.bind(6, row.time.rawValue)
            statement.bind(7, row.cost.rawValue)
            try statement.run()
        }
        costs.removeAll(keepingCapacity: true)
    }

    /// Nothing: what is where is a sum.
    package func flushNumbers(_ world: ProjectionWorld) throws(ProjectionFault) {}

    package func discard() {
        places.removeAll()
        costs.removeAll(keepingCapacity: true)
    }
}
