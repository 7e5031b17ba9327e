// Ledger: closing a month of the books and opening it again. Both are rulings of headquarters.

package import Kernel
package import Module
package import Replication
import SQLite

/// Close a month of the books (结账).
package struct ClosePeriod: Command {
    package var entity: Int64
    package var period: AccountingPeriod
    /// Branches for whose missing days the close does not wait.
    package var waived: [Int64]
    package var reason: String

    package init(
        entity: Int64,
        period: AccountingPeriod,
        waived: [Int64] = [],
        reason: String = ""
    ) {
        self.entity = entity
        self.period = period
        self.waived = waived
        self.reason = reason
    }

    /// The ruling.
    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.closePeriods, branch: 0)
        let views = context.views
        guard try context.questions.catalog.entity(entity, views) != nil else {
            throw LedgerRefusal.unknownEntity(entity)
        }
        if period.lastDay >= context.today { throw LedgerRefusal.periodNotOver(period) }
        let lastClosed = try LedgerPeriods.lastClosed(entity, views)
        if let lastClosed, lastClosed >= period { throw LedgerRefusal.periodClosed(period) }
        if !waived.isEmpty, Text.isBlank(reason) { throw LedgerRefusal.reasonMissing }
        if let first = try LedgerPeriods.first(entity, views), first < period {
            let open = lastClosed.map { max(first, $0.next) } ?? first
            if open < period { throw LedgerRefusal.earlierPeriodOpen(open) }
        }
        try requirePosted(context)
        try requireComplete(context)
        let heads = try context.log.heads().filter { $0.last > 0 }
        let closed = PeriodClosed(
            entity: entity,
            period: period,
            lastNumbers: try LedgerPeriods.lastNumbers(entity, period, views),
            frontier: heads.map { ChangeID(replica: $0.replica, sequence: $0.last) },
            trialBalance: try LedgerPeriods.trialBalanceHash(entity, period, views),
            waived: waived.sorted(),
            reason: reason
        )
        act.begin([.everyone])
        return act.add(LedgerKind.periodClosed, closed.body)
    }

    /// Nothing that is known of the period may be unposted.
    private func requirePosted(_ context: DecideContext) throws {
        let statement = try context.views.statement(
            """
            SELECT branch, date FROM ledger_provisional
            WHERE entity = ?1 AND date <= ?2 ORDER BY date, branch
            """
        )
        statement.bind(1, entity)
        statement.bind(2, Int64(period.lastDay.dayNumber))
        var found: (branch: Int64, date: CivilDate)?
        try statement.forEach { row in
            if found == nil, !waived.contains(row.integer(0)) {
                let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(1)))
                found = (row.integer(0), date)
            }
        }
        // The turn of a month is headquarters' own and waits for no branch, so none is waived.
        let turns = try EstimateBook.read(entity, context.views).turns(
            from: LedgerPeriods.lastClosed(entity, context.views)?.next,
            today: context.today,
            isLive: LedgerPeriods.liveMonths(entity, context.views)
        ) { $0 <= period.lastDay }
        if found == nil { found = turns.first.map { ($0.branch, $0.date) } }
        guard let found else { return }
        let code = try context.questions.catalog.branch(
            found.branch,
            on: found.date,
            context.views
        )?.code
        throw LedgerRefusal.notPosted(branch: code ?? "\(found.branch)", date: found.date)
    }

    /// No store of the entity may have an open day, or not have been heard of since the end.
    private func requireComplete(_ context: DecideContext) throws {
        let branches = try context.questions.catalog.branches(on: period.lastDay, context.views)
        for branch in branches
        where branch.entity == entity && branch.kind == .store && !waived.contains(branch.id) {
            var lastKnown: CivilDate?
            var date = period.firstDay
            while date <= context.today {
                if date > period.lastDay, let lastKnown, lastKnown >= period.lastDay { break }
                let state = try context.questions.sales.dayState(
                    branch: branch.id,
                    date: date,
                    context.views
                )
                let isMissing = [.open, .disagreeing, .pending].contains(state)
                if date <= period.lastDay, isMissing {
                    throw LedgerRefusal.branchIncomplete(branch: branch.code, date: date)
                }
                if state != .unknown { lastKnown = date }
                date = date.adding(days: 1)
            }
            guard let lastKnown, lastKnown >= period.lastDay else {
                let missing = lastKnown?.adding(days: 1) ?? period.firstDay
                throw LedgerRefusal.branchIncomplete(branch: branch.code, date: missing)
            }
        }
    }
}

/// Open the last closed month again (反结账).
package struct ReopenPeriod: Command {
    package var entity: Int64
    package var period: AccountingPeriod
    package var reason: String

    package init(entity: Int64, period: AccountingPeriod, reason: String) {
        self.entity = entity
        self.period = period
        self.reason = reason
    }

    /// The ruling.
    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.closePeriods, branch: 0)
        guard let closing = try LedgerPeriods.closing(entity, period, context.views) else {
            throw LedgerRefusal.periodNotClosed(period)
        }
        if try LedgerPeriods.closing(entity, period.next, context.views) != nil {
            throw LedgerRefusal.laterPeriodClosed(period.next)
        }
        if Text.isBlank(reason) { throw LedgerRefusal.reasonMissing }
        act.begin([.everyone])
        return act.add(
            LedgerKind.periodReopened,
            PeriodReopened(closing: closing.id, reason: reason).body
        )
    }
}
