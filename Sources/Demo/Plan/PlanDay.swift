// Demo, the plan: a branch's day in the order of time. The few things that are fixed are sorted
// ahead; tickets are made one at a time between them.

import Kernel

extension ChainPlan {
    /// What happens at a branch from the beginning of a business day to that of the next; one that
    /// never closes passes over at 05:00, others at midnight.
    package func events(branch: Int, day: Int) -> PlanDay {
        PlanDay(self, branch: branch, day: day)
    }
}

/// The events of a branch's day, in the order of time; each is made when it is asked for.
package struct PlanDay: Sequence, IteratorProtocol {
    private let plan: ChainPlan
    private let branch: Int
    private let day: Int
    private let ticketCount: Int
    private let fixed: [PlannedEvent]
    private var nextFixed = 0
    private var nextTicket = 0
    private var sale: PlannedSale?
    private var voids: [PlannedEvent] = []
    /// Cash in the drawer by till.
    private var cash: [Int: Fen] = [:]

    /// The cash with which a till begins its day.
    static let openingFloat = Fen(50_000)

    init(_ plan: ChainPlan, branch: Int, day: Int) {
        self.plan = plan
        self.branch = branch
        self.day = day
        ticketCount = plan.ticketCount(branch: branch, day: day)
        fixed = PlanDay.fixed(plan, branch: branch, day: day)
        sale =
            ticketCount > 0
            ? plan.sale(branch: branch, day: day, number: 0, of: ticketCount) : nil
    }

    /// The next thing that happens.
    package mutating func next() -> PlannedEvent? {
        let fixedAt = nextFixed < fixed.count ? fixed[nextFixed].at : nil
        let saleAt = sale?.at
        if let void = voids.first, isFirst(void.at, fixedAt, saleAt) {
            voids.removeFirst()
            if case .void(let sale, _) = void.act { count(sale, -1) }
            return void
        }
        if let fixedAt, saleAt.map({ fixedAt <= $0 }) ?? true {
            nextFixed += 1
            return counted(fixed[nextFixed - 1])
        }
        return nextSale()
    }

    private func isFirst(_ time: WallTime, _ others: WallTime?...) -> Bool {
        others.allSatisfy { $0.map { time < $0 } ?? true }
    }

    private mutating func nextSale() -> PlannedEvent? {
        guard let sale else { return nil }
        count(sale, 1)
        let fate = plan.fate(branch: branch, day: day, number: nextTicket, of: ticketCount)
        if case .voided = fate { voids.append(void(sale)) }
        nextTicket += 1
        self.sale =
            nextTicket < ticketCount
            ? plan.sale(branch: branch, day: day, number: nextTicket, of: ticketCount) : nil
        return PlannedEvent(
            at: sale.at,
            branch: branch,
            date: plan.date(day),
            actor: sale.cashier,
            act: .sale(sale)
        )
    }

    private func void(_ sale: PlannedSale) -> PlannedEvent {
        var random = PlanDraw.generator(plan.seed, .fate, branch, day, sale.number)
        let at = sale.at.adding(milliseconds: Int64(random.int(in: 25..<110)) * 1_000)
        let second = Int((at.milliseconds - plan.date(day).instant(second: 0).milliseconds) / 1_000)
        return PlannedEvent(
            at: at,
            branch: branch,
            date: plan.date(day),
            actor: plan.roster.manager(plan.branches[branch], day: day, second: second),
            act: .void(sale, reason: random.pick(PlanWords.voidReasons))
        )
    }

    // MARK: - Cash

    private mutating func count(_ sale: PlannedSale, _ sign: Int64) {
        guard sale.tender == .cash else { return }
        cash[sale.till, default: .zero] += Fen(sale.total.rawValue * sign)
    }

    /// The event with the cash that this day has brought to its till.
    private mutating func counted(_ event: PlannedEvent) -> PlannedEvent {
        switch event.act {
        case .openDay(let till, let openingFloat):
            cash[till] = openingFloat
        case .goodsBack(let back) where back.sale.tender == .cash:
            cash[back.till, default: .zero] -= back.total
        case .closeDay(let till, let difference):
            let counted = (cash[till] ?? .zero) + difference
            return PlannedEvent(
                at: event.at,
                branch: event.branch,
                date: event.date,
                actor: event.actor,
                act: .closeDay(till: till, counted: counted < .zero ? .zero : counted)
            )
        default: break
        }
        return event
    }
}

extension PlanDay {
    /// All but the tickets, sorted.
    private static func fixed(_ plan: ChainPlan, branch: Int, day: Int) -> [PlannedEvent] {
        let hours = plan.branches[branch]
        let begins = plan.date(day).instant(
            second: hours.isRoundTheClock ? hours.hours.lowerBound * 60 : 0
        )
        let ends = begins.adding(milliseconds: 86_400_000)
        var events = tills(plan, branch: branch, day: day)
        events += plan.deliveries(branch: branch, day: day)
        if let waste = plan.waste(branch: branch, day: day) { events.append(waste) }
        for goods in plan.returns(branch: branch, day: day) {
            let second = (goods.at.milliseconds - plan.date(day).instant(second: 0).milliseconds)
            events.append(
                PlannedEvent(
                    at: goods.at,
                    branch: branch,
                    date: plan.date(day),
                    actor: plan.roster.manager(hours, day: day, second: Int(second / 1_000)),
                    act: .goodsBack(goods)
                )
            )
        }
        for shiftDay in [day - 1, day] {
            events += plan.punches(branch: branch, day: shiftDay)
                .filter { $0.at >= begins && $0.at < ends }
        }
        if plan.powerCut.branch == branch, plan.powerCut.at >= begins, plan.powerCut.at < ends {
            events.append(
                PlannedEvent(
                    at: plan.powerCut.at,
                    branch: branch,
                    date: plan.date(day),
                    actor: plan.roster.cashiers[branch][0],
                    act: .powerCut
                )
            )
        }
        // A stable order: of two things at one instant the one added first.
        return events.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    /// When tills open and close; a close carries the difference that the count will show.
    private static func tills(_ plan: ChainPlan, branch: Int, day: Int) -> [PlannedEvent] {
        let hours = plan.branches[branch]
        guard hours.isStore else { return [] }
        var random = PlanDraw.generator(plan.seed, .day, branch, day, 2)
        var events: [PlannedEvent] = []
        func add(_ second: Int, till: Int, _ act: PlannedAct) {
            events.append(
                PlannedEvent(
                    at: plan.date(day).instant(second: second),
                    branch: branch,
                    date: plan.date(day),
                    actor: plan.roster.cashier(hours, till: till, day: day, second: second),
                    act: act
                )
            )
        }
        func difference() -> Fen {
            random.bool(chance: 800) ? .zero : Fen(Int64(random.int(in: -8...6)) * 50)
        }
        let opens = hours.hours.lowerBound * 60
        if !hours.isRoundTheClock {
            add(opens - 720, till: 0, .openDay(till: 0, openingFloat: openingFloat))
            let closes = hours.hours.upperBound * 60 + 840
            add(closes, till: 0, .closeDay(till: 0, counted: difference()))
        } else if day == 0 {
            add(opens, till: 0, .openDay(till: 0, openingFloat: openingFloat))
        } else {
            add(opens, till: 0, .rollOver(till: 0))
        }
        let second = BranchPlan.secondTill
        add(
            second.lowerBound * 60 - 300,
            till: 1,
            .openDay(till: 1, openingFloat: openingFloat)
        )
        add(
            second.upperBound * 60 + 600,
            till: 1,
            .closeDay(till: 1, counted: difference())
        )
        return events
    }
}
