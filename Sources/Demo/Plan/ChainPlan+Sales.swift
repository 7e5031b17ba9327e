// Demo, the plan: tickets. Each is a function of the seed, the branch, the day and its number, so
// that a return can name a ticket of last week without keeping last week.

import Kernel

extension ChainPlan {
    /// How many tickets a branch has on a day.
    package func ticketCount(branch: Int, day: Int) -> Int {
        let plan = branches[branch]
        guard plan.isStore else { return 0 }
        var random = PlanDraw.generator(seed, .ticketCount, branch, day)
        let isWeekend = date(day).weekday >= 6
        let percent = plan.volumePercent * (isWeekend ? plan.weekendPercent : 100) / 100
        return max(1, ticketsPerDay * percent * random.int(in: 88...112) / 10_000)
    }

    /// A ticket: number 0 ..< `ticketCount` of a branch and day, in the order of their times.
    package func sale(branch: Int, day: Int, number: Int) -> PlannedSale {
        sale(
            branch: branch,
            day: day,
            number: number,
            of: ticketCount(branch: branch, day: day)
        )
    }

    /// A ticket, where the count of the day is at hand.
    func sale(branch: Int, day: Int, number: Int, of count: Int) -> PlannedSale {
        let plan = branches[branch]
        let second = self.second(branch: branch, day: day, number: number, of: count)
        var random = PlanDraw.generator(seed, .ticket, branch, day, number)
        let hasSecond = BranchPlan.secondTill.contains(second / 60)
        let till = hasSecond && random.bool(chance: 450) ? 1 : 0
        let lines = self.lines(&random)
        let sum = lines.reduce(Fen.zero) { $0 + $1.amount }
        let ticketDiscount =
            sum.rawValue >= 5_000 && random.bool(chance: 60)
            ? Fen(sum.rawValue / 5_000 * 500) : Fen.zero
        let due = sum - ticketDiscount
        let tender = ChainPlan.tender(&random)
        let roundingOff = tender == .cash ? ChainPlan.roundingOff(due, &random) : .zero
        let total = due - roundingOff
        return PlannedSale(
            branch: branch,
            day: day,
            number: number,
            at: date(day).instant(second: second),
            till: till,
            cashier: roster.cashier(plan, till: till, day: day, second: second),
            lines: lines,
            ticketDiscount: ticketDiscount,
            roundingOff: roundingOff,
            total: total,
            tender: tender,
            tendered: tender == .cash ? ChainPlan.tendered(total, &random) : nil,
            reference: tender == .cash ? "" : ChainPlan.reference(tender, &random)
        )
    }

    /// When a ticket is paid, in seconds from midnight of its day: one in each of `count` equal
    /// parts of the day's trade, anywhere within it.
    func second(branch: Int, day: Int, number: Int, of count: Int) -> Int {
        guard let curve = curves[branch] else {
            preconditionFailure("a branch without tills sells nothing")
        }
        let jitter = Int(PlanDraw.word(seed, .ticketTime, branch, day, number) % 1_024)
        let second = curve.second(point: number * 1_024 + jitter, of: count)
        return min(second, branches[branch].hours.upperBound * 60 - 180)
    }

    private func lines(_ random: inout SeededRandom) -> [PlannedLine] {
        let count = basket.draw(&random) + 1
        var lines: [PlannedLine] = []
        lines.reserveCapacity(count)
        for _ in 0..<count {
            let product = products[popularity.draw(&random)]
            let quantity = ChainPlan.quantity(product, &random)
            let gross = PlanDraw.certain("a basket's line is small") {
                try product.price.amount(of: quantity)
            }
            let hasDiscount = random.bool(chance: 40)
            let percent: Int64 = random.bool(chance: 500) ? 10 : 20
            let discount = hasDiscount ? Fen(gross.rawValue * percent / 1_000 * 10) : .zero
            lines.append(
                PlannedLine(
                    product: product.index,
                    quantity: quantity,
                    unitPrice: product.price,
                    discount: discount,
                    amount: gross - discount
                )
            )
        }
        return lines
    }

    private static func quantity(_ product: ProductPlan, _ random: inout SeededRandom) -> Quantity {
        if product.isWeighed { return Quantity(Int64(random.int(in: 45...360)) * 5) }
        let draw = random.int(in: 0..<100)
        let count = draw < 82 ? 1 : draw < 94 ? 2 : random.int(in: 3...6)
        return Quantity(Int64(count) * 1_000)
    }

    /// 85 % mobile, 10 % cash, 5 % card.
    private static func tender(_ random: inout SeededRandom) -> PlanTender {
        switch random.int(in: 0..<100) {
        case 0..<51: .wechat
        case 51..<85: .alipay
        case 85..<95: .cash
        default: .card
        }
    }

    /// Fen are always waived in cash, now and then all below half a yuan.
    private static func roundingOff(_ due: Fen, _ random: inout SeededRandom) -> Fen {
        Fen(due.rawValue % (random.bool(chance: 150) ? 50 : 10))
    }

    /// What is handed over: the sum itself or the next note.
    private static func tendered(_ total: Fen, _ random: inout SeededRandom) -> Fen? {
        let notes: [Int64] = [100, 500, 1_000, 2_000, 5_000, 10_000]
        let note = random.pick(notes)
        let handed = (total.rawValue + note - 1) / note * note
        return handed > total.rawValue ? Fen(handed) : nil
    }

    private static func reference(_ tender: PlanTender, _ random: inout SeededRandom) -> String {
        let prefix =
            switch tender {
            case .wechat: "4200"
            case .alipay: "2026"
            case .card, .cash: "60"
            }
        return prefix + PlanDigits.padded(random.int(in: 0..<1_000_000_000_000), 12)
    }
}
