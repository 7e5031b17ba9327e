// Sales: the commands of a till's day: open, close with a blind count, seal, roll over, waive.

package import Kernel
package import Module
package import Replication

/// What became of a till's day.
package struct DayOutcome: Hashable, Sendable {
    /// The change that opened the day which the till stands in now, or stood in last.
    package let day: ChangeID
    package let date: CivilDate
    /// The seal, where one was written.
    package let seal: ChangeID?
    /// Counted less expected, where cash was counted.
    package let overShort: Fen?
}

/// Opens a business day at a till (开班).
package struct OpenDay: Command {
    package var till: Int64
    /// The business date; without one the clock proposes it, but never one before the last.
    package var date: CivilDate?
    package var openingFloat: Fen

    package init(till: Int64, date: CivilDate? = nil, openingFloat: Fen = .zero) {
        self.till = till
        self.date = date
        self.openingFloat = openingFloat
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> DayOutcome {
        let till = try SalesDesk.till(till, context)
        guard till.isActive || context.author == 0 else {
            throw SalesRefusal.tillInactive(till.code)
        }
        try context.require(.sell, branch: till.branch)
        if let open = try SalesQueries.openDay(till: till.id, context.views) {
            throw SalesRefusal.dayAlreadyOpen(open.date)
        }
        guard openingFloat >= .zero else { throw SalesRefusal.negativeAmount }
        guard openingFloat.isWithinLimit else { throw SalesRefusal.amountTooLarge }
        let proposed = try SalesDesk.proposedDate(till: till.id, context)
        let date = date ?? proposed
        try check(date, today: proposed, branch: till.branch, context)
        act.begin([.branch(till.branch)])
        let desk = try SalesDesk.opening(
            till: till,
            date: date,
            openingFloat: openingFloat,
            previousSeal: try SalesQueries.lastSeal(till: till.id, context.views),
            context,
            &act
        )
        return DayOutcome(day: desk.day.id, date: date, seal: nil, overShort: nil)
    }

    /// Refuses a date ahead of tomorrow, and one before the last day unless a manager asks.
    private func check(
        _ date: CivilDate,
        today: CivilDate,
        branch: Int64,
        _ context: DecideContext
    ) throws {
        if context.author == 0 { return }
        if date > today.adding(days: 1) { throw SalesRefusal.dateAhead(date) }
        guard let last = try SalesQueries.lastDay(till: till, context.views), date < last.date
        else { return }
        let mayGoBack = try context.questions.people.may(
            context.author,
            .closeDay,
            branch: branch,
            at: context.now,
            context.views
        )
        if !mayGoBack { throw SalesRefusal.dateGoesBack(last: last.date) }
    }
}

/// Closes the open day of a till with what was counted, blind; and seals it in the same act
/// unless told otherwise.
package struct CloseDay: Command {
    package var till: Int64
    /// The cash in the drawer, the float included; nil where nobody counted.
    package var counted: Fen?
    package var seals: Bool

    package init(till: Int64, counted: Fen?, seals: Bool = true) {
        self.till = till
        self.counted = counted
        self.seals = seals
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> DayOutcome {
        let till = try SalesDesk.till(till, context)
        try context.require(.closeDay, branch: till.branch)
        guard let day = try SalesQueries.openDay(till: till.id, context.views) else {
            throw SalesRefusal.noOpenDay
        }
        if let counted {
            guard counted >= .zero else { throw SalesRefusal.negativeAmount }
            guard counted.isWithinLimit else { throw SalesRefusal.amountTooLarge }
        }
        let branch = try SalesDesk.branch(of: till, on: day.date, context)
        let desk = SalesDesk(till: till, branch: branch, day: day)
        act.begin([.branch(day.branch)])
        let closed = try desk.close(counted: counted, context, &act)
        let seal = seals ? try desk.seal(context, &act).id : nil
        return DayOutcome(
            day: day.id,
            date: day.date,
            seal: seal,
            overShort: counted == nil ? nil : closed.overShort
        )
    }
}

/// Seals a closed day (日结封存).
package struct SealDay: Command {
    /// The change that opened the day.
    package var day: ChangeID

    package init(day: ChangeID) { self.day = day }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> DayOutcome {
        guard let day = try SalesQueries.day(day, context.views) else {
            throw SalesRefusal.noOpenDay
        }
        let till = try SalesDesk.till(day.till, context)
        try context.require(.closeDay, branch: till.branch)
        guard try SalesQueries.isClosed(day.id, context.views) else {
            throw SalesRefusal.dayNotClosed
        }
        let seals = try SalesQueries.seals(branch: day.branch, date: day.date, context.views)
        if seals.contains(where: { $0.day == day.id }) { throw SalesRefusal.dayAlreadySealed }
        let branch = try SalesDesk.branch(of: till, on: day.date, context)
        act.begin([.branch(day.branch)])
        let seal = try SalesDesk(till: till, branch: branch, day: day).seal(context, &act)
        return DayOutcome(day: day.id, date: day.date, seal: seal.id, overShort: nil)
    }
}

/// Closes and seals the open day and opens the next in one act, uncounted: for a store that never
/// stops.
package struct RollOver: Command {
    package var till: Int64
    /// The next business date; without one the clock proposes it, after the cut-over hour.
    package var date: CivilDate?
    /// Without one the cash that is expected stays in the drawer.
    package var openingFloat: Fen?
    package var cutOverHour: Int

    package init(
        till: Int64,
        date: CivilDate? = nil,
        openingFloat: Fen? = nil,
        cutOverHour: Int = SalesRules.cutOverHour
    ) {
        self.till = till
        self.date = date
        self.openingFloat = openingFloat
        self.cutOverHour = cutOverHour
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> DayOutcome {
        let till = try SalesDesk.till(till, context)
        guard let day = try SalesQueries.openDay(till: till.id, context.views) else {
            throw SalesRefusal.noOpenDay
        }
        if let openingFloat {
            guard openingFloat >= .zero else { throw SalesRefusal.negativeAmount }
            guard openingFloat.isWithinLimit else { throw SalesRefusal.amountTooLarge }
        }
        let today = SalesRules.businessDate(at: context.now, cutOverHour: cutOverHour)
        let isDue = today > day.date || day.replica != context.node.replica
        // What the hour does by itself needs no more than the right to sell.
        try context.require(isDue && date == nil ? .sell : .closeDay, branch: till.branch)
        if date == nil, !isDue { throw SalesRefusal.rollOverNotDue(day.date) }
        let next = date ?? max(today, day.date)
        let latest = max(today, day.date).adding(days: 1)
        if context.author != 0, next > latest { throw SalesRefusal.dateAhead(next) }
        let branch = try SalesDesk.branch(of: till, on: day.date, context)
        let desk = try SalesDesk(till: till, branch: branch, day: day)
            .rollOver(to: next, openingFloat: openingFloat, context, &act)
        return DayOutcome(
            day: desk.day.id,
            date: next,
            seal: desk.day.previousSeal,
            overShort: nil
        )
    }
}

/// Treats a day as complete although a till has not sealed it (免封): headquarters only.
package struct WaiveDay: Command {
    package var branch: Int64
    package var till: Int64?
    package var date: CivilDate
    package var reason: String

    package init(branch: Int64, till: Int64? = nil, date: CivilDate, reason: String) {
        self.branch = branch
        self.till = till
        self.date = date
        self.reason = reason
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.postVouchers, branch: 0)
        guard !Text.isBlank(reason) else { throw SalesRefusal.reasonMissing }
        let known = try context.questions.catalog.branch(branch, on: date, context.views)
        guard known != nil else { throw CommonRefusal.unknownBranch("\(branch)") }
        act.begin([.branch(branch)])
        let waived = DayWaived(
            branch: branch,
            till: till,
            date: date,
            reason: SalesText.limited(reason, bytes: SalesLimits.reasonBytesMax)
        )
        return act.add(SalesKind.dayWaived, waived.encoded())
    }
}
