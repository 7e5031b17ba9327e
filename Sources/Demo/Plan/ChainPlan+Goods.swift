// Demo, the plan: deliveries and waste. A shelf is filled for what is likely to be sold until the
// next delivery, so that stock stays near what a store would hold.

import Kernel

extension ChainPlan {
    /// The stock with which a branch begins: a delivery of each supplier, the day before the first.
    package func openings(branch: Int) -> [PlannedEvent] {
        let date = start.adding(days: -1)
        var events: [PlannedEvent] = []
        for (number, supplier) in PlanWords.suppliers.enumerated() {
            var random = PlanDraw.generator(seed, .delivery, branch, -1, number)
            var lines: [PlannedDelivery.Line] = []
            for product in products where categories[product.category].supplierName == supplier {
                let days = categories[product.category].isFresh ? 1 : 10
                lines.append(line(product, branch: branch, days: days, &random))
            }
            guard !lines.isEmpty else { continue }
            events.append(
                delivery(lines, supplier, branch: branch, day: -1, number: number, date: date)
            )
        }
        return events
    }

    /// What is delivered to a store on a day: fresh goods daily, every other category once a week.
    func deliveries(branch: Int, day: Int) -> [PlannedEvent] {
        guard branches[branch].isStore else { return [] }
        var events: [PlannedEvent] = []
        for (number, supplier) in PlanWords.suppliers.enumerated() {
            var random = PlanDraw.generator(seed, .delivery, branch, day, number)
            var lines: [PlannedDelivery.Line] = []
            for product in products where categories[product.category].supplierName == supplier {
                let category = categories[product.category]
                guard category.isFresh || (day + category.index) % 7 == 6 else { continue }
                let days = category.isFresh ? 1 : 7
                lines.append(line(product, branch: branch, days: days, &random))
            }
            guard !lines.isEmpty else { continue }
            events.append(
                delivery(
                    lines,
                    supplier,
                    branch: branch,
                    day: day,
                    number: number,
                    date: date(day)
                )
            )
        }
        return events
    }

    /// What is thrown away in the evening.
    func waste(branch: Int, day: Int) -> PlannedEvent? {
        let fresh = products.filter { categories[$0.category].isFresh }
        guard branches[branch].isStore, !fresh.isEmpty else { return nil }
        var random = PlanDraw.generator(seed, .day, branch, day, 1)
        var wasted: [PlannedWaste] = []
        for _ in 0..<random.int(in: 1...4) {
            let product = random.pick(fresh)
            guard !wasted.contains(where: { $0.product == product.index }) else { continue }
            let quantity =
                product.isWeighed
                ? Quantity(Int64(random.int(in: 20...300)) * 5)
                : Quantity(Int64(random.int(in: 1...4)) * 1_000)
            wasted.append(PlannedWaste(product: product.index, quantity: quantity))
        }
        let second = 20 * 3_600 + random.int(in: 0..<2_400)
        return PlannedEvent(
            at: date(day).instant(second: second),
            branch: branch,
            date: date(day),
            actor: roster.manager(branches[branch], day: day, second: second),
            act: .waste(wasted, note: "变质报损")
        )
    }

    /// A line for what so many days are likely to sell; a distribution centre keeps some for all.
    private func line(
        _ product: ProductPlan,
        branch: Int,
        days: Int,
        _ random: inout SeededRandom
    ) -> PlannedDelivery.Line {
        let stores = branches.filter(\.isStore)
        let percent =
            branches[branch].isStore
            ? branches[branch].volumePercent : stores.reduce(0) { $0 + $1.volumePercent }
        // 3.4 lines a ticket; a line of pieces has 1.4 of them, one by weight a kilogram.
        let lines = ticketsPerDay * percent * days * 34 * product.popularity
        let perLine = product.isWeighed ? 1_010 : 1_400
        let expected = lines / popularity.total * perLine / 1_000
        let drawn = expected * random.int(in: 95...130) / 100
        let quantity =
            product.isWeighed
            ? Int64(max(drawn, 500) / 100 * 100) : Int64((max(drawn, 1) + 999) / 1_000 * 1_000)
        return PlannedDelivery.Line(
            product: product.index,
            quantity: Quantity(quantity),
            unitCost: product.cost
        )
    }

    private func delivery(
        _ lines: [PlannedDelivery.Line],
        _ supplier: String,
        branch: Int,
        day: Int,
        number: Int,
        date: CivilDate
    ) -> PlannedEvent {
        let plan = branches[branch]
        let minute = day < 0 ? 840 + number * 6 : 425 + number * 4
        let note =
            "SH" + PlanDigits.padded(date.month * 100 + date.day, 4) + plan.code
            + PlanDigits.padded(number + 1, 2)
        return PlannedEvent(
            at: date.instant(second: minute * 60 + 17),
            branch: branch,
            date: date,
            actor: roster.stockers[branch][0],
            act: .delivery(PlannedDelivery(supplierName: supplier, note: note, lines: lines))
        )
    }
}
