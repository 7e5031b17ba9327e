// Sales: what the commands of a till share: which day it stands in, how it rolls over by itself,
// which number comes next. Decides only; the node writes what was decided.

package import Kernel
import Module
import Replication
import Wire

/// Rules of the till that no register sets.
package enum SalesRules {
    /// The hour at which a business day gives way to the next.
    package static let cutOverHour = 5
    /// Rounding off below this needs no right to discount: the coins that nobody has.
    package static let freeRoundingOff = Fen(100)
    /// The digits that a cashier types from the payer's page, at least.
    package static let manualDigitsMin = 4

    /// The business date at an instant.
    package static func businessDate(at time: WallTime, cutOverHour: Int = cutOverHour) -> CivilDate
    {
        time.adding(milliseconds: -Int64(cutOverHour) * 3_600_000).date()
    }
}

/// The till and the day in which a command acts.
struct SalesDesk {
    let till: TillAnswer
    let branch: BranchAnswer
    var day: TillDay
    /// Whether the day was opened by this very act.
    var hasRolledOver = false

    /// The till, on this node's own ground.
    static func till(_ id: Int64, _ context: DecideContext) throws -> TillAnswer {
        guard let till = try context.questions.catalog.till(id, context.views) else {
            throw SalesRefusal.unknownTill
        }
        try context.requireOwn(branch: till.branch)
        return till
    }

    /// The branch of a till on a date.
    static func branch(
        of till: TillAnswer,
        on date: CivilDate,
        _ context: DecideContext
    ) throws -> BranchAnswer {
        let branch = try context.questions.catalog.branch(till.branch, on: date, context.views)
        guard let branch else { throw CommonRefusal.unknownBranch("\(till.branch)") }
        return branch
    }

    /// The open day of a till, rolled over where the cut-over hour has passed or the till writes
    /// under another number by now; a historic date must be the open one.
    static func open(
        till id: Int64,
        date: CivilDate?,
        isHistoric: Bool,
        _ context: DecideContext,
        _ act: inout Act
    ) throws -> SalesDesk {
        let till = try SalesDesk.till(id, context)
        guard let day = try SalesQueries.openDay(till: id, context.views) else {
            throw SalesRefusal.noOpenDay
        }
        if let date, date != day.date { throw SalesRefusal.dateDiffers(open: day.date) }
        let branch = try SalesDesk.branch(of: till, on: day.date, context)
        var desk = SalesDesk(till: till, branch: branch, day: day)
        let today = SalesRules.businessDate(at: context.now)
        let isOver = !isHistoric && date == nil && today > day.date
        if isOver || day.replica != context.node.replica {
            let next = isOver ? today : day.date
            desk = try desk.rollOver(to: next, openingFloat: nil, context, &act)
        }
        return desk
    }

    /// The price of a product now.
    ///
    /// A clock that went back stops no sale: where no price was in force by it yet, that of the
    /// time which this node knows to have come is taken.
    func price(of product: Int64, at past: WallTime?, _ context: DecideContext) throws
        -> PriceAnswer?
    {
        func price(at time: WallTime) throws -> PriceAnswer? {
            try context.questions.catalog.price(
                of: product,
                branch: day.branch,
                at: time,
                context.views
            )
        }
        if let past { return try price(at: past) }
        if let price = try price(at: context.now) { return price }
        return context.isClockBehind ? try price(at: context.seen) : nil
    }

    /// The business date that a till opens for unless told otherwise: the clock's, but never
    /// before the till's last, nor, for its first, before what this node knows to have come.
    static func proposedDate(till: Int64, _ context: DecideContext) throws -> CivilDate {
        let today = SalesRules.businessDate(at: context.now)
        if let last = try SalesQueries.lastDay(till: till, context.views) {
            return max(today, last.date)
        }
        return SalesRules.businessDate(at: context.seen)
    }

    // MARK: - Days

    /// Opens a day; the commit is begun by the caller.
    static func opening(
        till: TillAnswer,
        date: CivilDate,
        openingFloat: Fen,
        previousSeal: ChangeID?,
        _ context: DecideContext,
        _ act: inout Act
    ) throws -> SalesDesk {
        let branch = try SalesDesk.branch(of: till, on: date, context)
        let taxpayer = try context.questions.catalog.taxpayer(
            ofEntity: branch.entity,
            on: date,
            context.views
        )
        guard let taxpayer else { throw SalesRefusal.noTaxpayer }
        let last = try SalesQueries.lastSeries(till: till.id, context.views)
        let series = last.map { $0.replica == context.node.replica ? $0.series : $0.series + 1 }
        let opened = DayOpened(
            entity: branch.entity,
            branch: branch.id,
            till: till.id,
            taxpayer: taxpayer.kind,
            date: date,
            series: series ?? 0,
            replica: context.node.replica,
            openingFloat: openingFloat,
            previousSeal: previousSeal
        )
        let id = act.add(SalesKind.dayOpened, opened.encoded())
        return SalesDesk(till: till, branch: branch, day: TillDay(id: id, opened))
    }

    /// What is expected in the drawer: the float and what cash tenders took in since the last seal.
    func expectedCash(_ context: DecideContext) throws -> (amount: Fen, tender: Int64) {
        let taken = try SalesQueries.unsealed(day, context.views)
        var sum = Int128(day.openingFloat.rawValue)
        var cash: Int64 = 0
        for total in taken.totals {
            let tender = try context.questions.catalog.tender(total.tender, context.views)
            guard let tender, tender.isCash else { continue }
            sum += total.amount
            if cash == 0 { cash = tender.id }
        }
        let bounded = max(min(sum, Int128(Fen.limit)), -Int128(Fen.limit))
        return (Fen(Int64(truncatingIfNeeded: bounded)), cash)
    }

    /// Closes the day; the commit is begun by the caller.
    func close(counted: Fen?, _ context: DecideContext, _ act: inout Act) throws -> DayClosed {
        let expected = try expectedCash(context)
        let closed = DayClosed(
            entity: day.entity,
            branch: day.branch,
            till: day.till,
            date: day.date,
            day: day.id,
            expected: expected.amount,
            counted: counted,
            cashTender: expected.tender
        )
        act.add(SalesKind.dayClosed, closed.encoded())
        return closed
    }

    /// Seals the day; the commit is the first of its act, so that the head is the one before it.
    func seal(_ context: DecideContext, _ act: inout Act) throws -> (id: ChangeID, seal: DaySealed)
    {
        let taken = try SalesQueries.unsealed(day, context.views)
        let seal = DaySealed(
            entity: day.entity,
            branch: day.branch,
            till: day.till,
            date: day.date,
            series: day.series,
            day: day.id,
            sequences: taken.sequences,
            lifetimes: taken.lifetimes,
            count: max(taken.count, 0),
            totals: taken.totals.map {
                TenderTotal(tender: $0.tender, amount: Fen(Int64(clamping: $0.amount)))
            },
            head: try context.log.head(of: context.node.replica)?.hash ?? .zero,
            previous: try SalesQueries.lastSeal(till: day.till, context.views)
        )
        return (act.add(SalesKind.daySealed, seal.encoded()), seal)
    }

    /// Closes and seals the day and opens the next, in one commit; without a float the cash stays
    /// in the drawer.
    func rollOver(
        to date: CivilDate,
        openingFloat: Fen?,
        _ context: DecideContext,
        _ act: inout Act
    ) throws -> SalesDesk {
        // What the day took is added up here; a sale comes without having had it written.
        try context.writeSums()
        act.begin([.branch(day.branch)])
        let closed = try close(counted: nil, context, &act)
        let seal = try seal(context, &act)
        var next = try SalesDesk.opening(
            till: till,
            date: date,
            openingFloat: openingFloat ?? closed.expected,
            previousSeal: seal.id,
            context,
            &act
        )
        next.hasRolledOver = true
        return next
    }

    // MARK: - Numbers

    /// The numbers of the next ticket.
    func nextNumbers(_ context: DecideContext) throws -> (sequence: Int64, lifetime: Int64) {
        let sequence = try SalesQueries.lastSequence(
            till: day.till,
            date: day.date,
            series: day.series,
            context.views
        )
        let lifetime = try SalesQueries.lastLifetime(till: day.till, context.views)
        return (sequence + 1, lifetime + 1)
    }

    /// The label on paper; nil where the codes, the date or the number have no place on it.
    func label(sequence: Int64) -> ReceiptLabel? {
        guard let letter = try? ReceiptLabel.series(Int(day.series)) else { return nil }
        return try? ReceiptLabel(
            branch: branch.code,
            till: till.code,
            series: letter,
            date: day.date,
            sequence: Int(sequence)
        )
    }
}

extension TillDay {
    /// The day that a change opens.
    init(id: ChangeID, _ opened: DayOpened) {
        self.id = id
        branch = opened.branch
        date = opened.date
        till = opened.till
        series = opened.series
        entity = opened.entity
        taxpayer = opened.taxpayer
        replica = opened.replica
        openingFloat = opened.openingFloat
        previousSeal = opened.previousSeal
    }
}
