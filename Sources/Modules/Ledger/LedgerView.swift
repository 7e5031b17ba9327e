// Ledger: the projecting half. Keeps effects that no posting covers, one narrow row each, and
// their sums; what a posting covers moves aside. Numbers and posts nothing by itself.

package import Kernel
package import Module
package import Replication
package import SQLite
import Wire

/// Derives the tables of Ledger.
package final class LedgerProjection: Projection, LedgerReceiver {
    /// Effects of the batch that are not written yet.
    private var pending: [BatchedEffect] = []
    /// Their lines, those of one effect behind one another.
    private var pendingLines: [LedgerLine] = []
    var free = EffectStore("ledger_effect")
    var covered = EffectStore("ledger_settled")
    var provisional = SumBook<DayKey>()
    var settled = SumBook<SettledKey>()
    /// The last id that any posting covers, by entity and replica; nil when it must be read.
    private var coverEnds: [CoverKey: ChangeID]?

    private let provisionalRows = SumRows(
        "ledger_provisional",
        keys: [
            "entity", "branch", "date", "grp", "role", "side", "rate", "tender", "party",
        ],
        values: [("amount", .sum), ("count", .sum)]
    )
    private let settledRows = SumRows(
        "ledger_settled_sum",
        keys: ["posting", "branch", "grp", "role", "side", "rate", "tender", "party"],
        values: [("amount", .sum), ("count", .sum)]
    )

    package init() {}

    package var moduleNumber: UInt8 { LedgerKind.module }
    package var schema: ViewSchema { LedgerSchema.schema }

    package func open(_ views: Database) throws(StorageFault) {
        coverEnds = nil
    }

    // MARK: effects

    package func receive(
        _ effect: LedgerEffect,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        if effect.lines.isEmpty { return }
        guard effect.businessDate.dayNumber >= 0 else {
            throw ProjectionFault.outOfRange("business date \(effect.businessDate)")
        }
        let day = DayKey(
            entity: effect.entity,
            branch: effect.branch,
            date: effect.businessDate,
            group: effect.group
        )
        let posting: ChangeID?
        do throws(StorageFault) {
            posting = try covering(effect.change, effect.entity, world.views)
        } catch {
            throw .storage(error)
        }
        if let posting {
            let key = SettledKey(posting: posting, branch: effect.branch, group: effect.group)
            settled.add(effect.lines, key, sign: 1)
        } else {
            provisional.add(effect.lines, day, sign: 1)
        }
        try keep(effect, day, posting)
    }

    /// Keeps a row for the flush; a change that speaks twice of one group has one row.
    private func keep(
        _ effect: LedgerEffect,
        _ day: DayKey,
        _ posting: ChangeID?
    ) throws(ProjectionFault) {
        let start = pendingLines.count
        var place = pending.count - 1
        while place >= 0, pending[place].id == effect.change {
            let known = pending[place].day
            if known.entity == day.entity, known.group == day.group {
                guard known == day else {
                    throw .violation("one change posts one group to two branches or dates")
                }
                pendingLines += Array(pendingLines[pending[place].lines])
                pendingLines += effect.lines
                pending[place].lines = start..<pendingLines.count
                return
            }
            place -= 1
        }
        pendingLines += effect.lines
        pending.append(
            BatchedEffect(
                id: effect.change,
                day: day,
                posting: posting,
                lines: start..<pendingLines.count
            )
        )
    }

    /// The posting that covers a change, nil where none does.
    private func covering(
        _ id: ChangeID,
        _ entity: Int64,
        _ views: Database
    ) throws(StorageFault) -> ChangeID? {
        let ends: [CoverKey: ChangeID]
        if let coverEnds { ends = coverEnds } else { ends = try readCoverEnds(views) }
        guard let end = ends[CoverKey(entity: entity, replica: id.replica)], id <= end else {
            return nil
        }
        return try LedgerCover.posting(of: id, entity, views)
    }

    private func readCoverEnds(_ views: Database) throws(StorageFault) -> [CoverKey: ChangeID] {
        var ends: [CoverKey: ChangeID] = [:]
        let statement = try views.statement(
            "SELECT entity, last FROM ledger_cover ORDER BY entity, first"
        )
        while try statement.step() {
            let last = ChangeID(statement.integer(1))
            ends[CoverKey(entity: statement.integer(0), replica: last.replica)] = last
        }
        coverEnds = ends
        return ends
    }

    /// Forgets where cover ends: a posting came to hold, or ceased to.
    func coverChanged() { coverEnds = nil }

    // MARK: rulings

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do {
            switch change.kind {
            case LedgerKind.voucherPosted:
                try apply(try VoucherPosted(change.body), change, world.views)
            case LedgerKind.periodClosed:
                try apply(try PeriodClosed(change.body), change, world.views)
            case LedgerKind.periodReopened:
                try apply(try PeriodReopened(change.body), change, world.views)
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        } catch let fault as ProjectionFault {
            throw fault
        } catch let fault as WireFault {
            throw ProjectionFault.malformed(fault)
        } catch let fault as StorageFault {
            throw ProjectionFault.storage(fault)
        } catch {
            throw ProjectionFault.violation("\(error)")
        }
    }

    private func apply(
        _ closed: PeriodClosed,
        _ change: ChangeInHand,
        _ views: Database
    ) throws {
        let statement = try views.statement(
            "INSERT INTO ledger_closing(id, entity, period, body) VALUES(?1, ?2, ?3, ?4)"
        )
        statement.bind(1, change.id.rawValue)
        statement.bind(2, closed.entity)
        statement.bind(3, Int64(closed.period.rawValue))
        statement.bind(4, change.body)
        try statement.run()
    }

    private func apply(
        _ reopened: PeriodReopened,
        _ change: ChangeInHand,
        _ views: Database
    ) throws {
        let statement = try views.statement(
            "INSERT INTO ledger_reopening(id, closing, reason) VALUES(?1, ?2, ?3)"
        )
        statement.bind(1, change.id.rawValue)
        statement.bind(2, reopened.closing.rawValue)
        statement.bind(3, reopened.reason)
        try statement.run()
    }

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        throw ProjectionFault.unknownKind(write.kind)
    }

    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}

    /// Nothing here depends on effective time.
    package func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}

    // MARK: writing

    package func flush(_ world: ProjectionWorld) throws(ProjectionFault) {
        do {
            try flushEffects(world.views)
            try flushProvisional(world.views)
            try flushSettled(world.views)
        } catch let fault as StorageFault {
            throw .storage(fault)
        } catch {
            throw .storage(StorageFault.damaged("read effects", "\(error)"))
        }
    }

    /// Writes the effects of the batch, so that a posting finds them.
    func flushEffects(_ views: Database) throws {
        if pending.isEmpty { return }
        pending.sort { $0.isBefore($1) }
        if pending.allSatisfy({ $0.posting == nil }) {
            try free.insert(pending, of: pendingLines, views)
        } else {
            try free.insert(pending.filter { $0.posting == nil }, of: pendingLines, views)
            try covered.insert(pending.filter { $0.posting != nil }, of: pendingLines, views)
        }
        pending.removeAll(keepingCapacity: true)
        pendingLines.removeAll(keepingCapacity: true)
    }

    private func flushProvisional(_ views: Database) throws(StorageFault) {
        let rows = provisional.sorted()
        try provisionalRows.add(views, count: rows.count) { index, key, values in
            let row = rows[index]
            row.key.lay(into: &key)
            row.line.lay(into: &key, from: 4)
            values[0] = row.sum.amount
            values[1] = row.sum.count
        }
        let statement = try views.statement(
            """
            DELETE FROM ledger_provisional WHERE entity = ?1 AND branch = ?2 AND date = ?3
              AND grp = ?4 AND role = ?5 AND side = ?6 AND rate = ?7 AND tender = ?8
              AND party = ?9 AND count = 0
            """
        )
        var key = [Int64](repeating: 0, count: 9)
        for row in rows where row.sum.count < 0 {
            row.key.lay(into: &key)
            row.line.lay(into: &key, from: 4)
            for index in key.indices {
                statement.bind(1 + Int32(truncatingIfNeeded: index), key[index])
            }
            try statement.run()
        }
        provisional.removeAll()
    }

    func flushSettled(_ views: Database) throws(StorageFault) {
        let rows = settled.sorted()
        try settledRows.add(views, count: rows.count) { index, key, values in
            let row = rows[index]
            key[0] = row.key.posting.rawValue
            key[1] = row.key.branch
            key[2] = row.key.group.rawValue
            row.line.lay(into: &key, from: 3)
            values[0] = row.sum.amount
            values[1] = row.sum.count
        }
        settled.removeAll()
    }

    /// Nothing: nothing of the books is asked before a sale.
    package func flushNumbers(_ world: ProjectionWorld) throws(ProjectionFault) {}

    package func discard() {
        pending.removeAll(keepingCapacity: true)
        pendingLines.removeAll(keepingCapacity: true)
        provisional.removeAll()
        settled.removeAll()
        coverEnds = nil
    }
}

/// A replica as the books of an entity know it.
struct CoverKey: Hashable {
    let entity: Int64
    let replica: ReplicaNumber
}

extension DayKey {
    /// Lays entity, branch, date and group into the first four places of a key.
    func lay(into key: inout [Int64]) {
        key[0] = entity
        key[1] = branch
        key[2] = Int64(date.dayNumber)
        key[3] = group.rawValue
    }
}
