// Demo, the plan: what becomes of tickets. A ticket's fate is drawn from its own numbers: a day of
// a branch finds the goods that come back to it by asking the tickets of the days before.

import Kernel

extension ChainPlan {
    /// The most days after which goods come back.
    static let returnDaysMax = 6

    /// What becomes of a ticket.
    func fate(branch: Int, day: Int, number: Int, of count: Int) -> SaleFate {
        let word = PlanDraw.word(seed, .fate, branch, day, number)
        let draw = Int(word % 10_000)
        if draw < 40 {
            let second = self.second(branch: branch, day: day, number: number, of: count)
            // Late enough before the till closes, for whoever may void it.
            let end = branches[branch].hours.upperBound * 60
            return second < end - 900 ? .voided : .kept
        }
        guard draw < 190 else { return .kept }
        var random = SeededRandom(seed: word)
        let goesElsewhere = random.bool(chance: 180)
        let stores = branches.filter(\.isStore)
        let other = stores[(branch + random.int(in: 1..<stores.count)) % stores.count].index
        return .returned(
            branch: goesElsewhere ? other : branch,
            daysLater: random.int(in: 1...ChainPlan.returnDaysMax),
            second: random.int(in: 34_200..<72_000),
            isWhole: random.bool(chance: 250)
        )
    }

    /// Whether a ticket is undone on its own day.
    package func isVoided(_ sale: PlannedSale) -> Bool {
        let count = ticketCount(branch: sale.branch, day: sale.day)
        if case .voided = fate(
            branch: sale.branch,
            day: sale.day,
            number: sale.number,
            of: count
        ) {
            return true
        }
        return false
    }

    /// Whether a ticket's goods come back on some later day: who runs the plan keeps its label.
    package func isReturned(_ sale: PlannedSale) -> Bool {
        let count = ticketCount(branch: sale.branch, day: sale.day)
        if case .returned = fate(
            branch: sale.branch,
            day: sale.day,
            number: sale.number,
            of: count
        ) {
            return true
        }
        return false
    }

    /// What comes back to a branch on a day, in the order of time.
    func returns(branch: Int, day: Int) -> [PlannedReturn] {
        var found: [PlannedReturn] = []
        for soldBy in branches.indices where branches[soldBy].isStore {
            for soldOn in max(0, day - ChainPlan.returnDaysMax)..<max(0, day) {
                let count = ticketCount(branch: soldBy, day: soldOn)
                for number in 0..<count {
                    let fate = fate(branch: soldBy, day: soldOn, number: number, of: count)
                    guard case .returned(branch, day - soldOn, let second, let isWhole) = fate
                    else { continue }
                    let sale = sale(branch: soldBy, day: soldOn, number: number, of: count)
                    found.append(
                        planned(sale, branch: branch, day: day, second: second, isWhole: isWhole)
                    )
                }
            }
        }
        return found.sorted { first, second in
            let left = (first.at.milliseconds, first.sale.branch, first.sale.at.milliseconds)
            return left
                < (second.at.milliseconds, second.sale.branch, second.sale.at.milliseconds)
        }
    }

    private func planned(
        _ sale: PlannedSale,
        branch: Int,
        day: Int,
        second: Int,
        isWhole: Bool
    ) -> PlannedReturn {
        let nets = sale.nets()
        var random = PlanDraw.generator(seed, .fate, sale.branch, sale.day, -1 - sale.number)
        let chosen = isWhole ? Array(sale.lines.indices) : [random.pick(Array(sale.lines.indices))]
        let items = chosen.map { index in
            let line = sale.lines[index]
            // Of several pieces one may come back; the rest stays sold.
            let isPart = line.quantity > .one && line.quantity.isWhole && !isWhole
            let quantity = isPart ? Quantity.one : line.quantity
            let amount = PlanDraw.certain("a part is no more than its line") {
                try Rounding.halfAwayFromZero(
                    Int128(nets[index].rawValue) * Int128(quantity.rawValue),
                    Int128(line.quantity.rawValue)
                )
            }
            return PlannedReturnItem(
                line: index,
                product: line.product,
                quantity: quantity,
                unitPrice: line.unitPrice,
                amount: Fen(amount)
            )
        }
        return PlannedReturn(
            sale: sale,
            branch: branch,
            at: date(day).instant(second: second),
            till: 0,
            items: items,
            total: items.reduce(.zero) { $0 + $1.amount },
            reason: random.pick(PlanWords.returnReasons)
        )
    }
}
