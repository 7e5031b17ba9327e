// Demo, the plan: a lifelike chain of stores as plain values, all from one seed, the same on every
// machine. It streams: a day of a branch is made when it is asked for, ticket by ticket.
// It runs nothing and knows no node.

package import Kernel

/// A chain of stores, its goods and people, and what happens in it on each day.
package struct ChainPlan: Sendable {
    /// The dates of a demonstration that is to be repeated: 14 days from Monday 2026-11-09.
    package static let defaultStart = CivilDate(dayNumber: 20_766)
    /// How many days a demonstration has unless told otherwise.
    package static let defaultDays = 14
    /// Tickets a day in an average store unless told otherwise.
    package static let defaultTicketsPerDay = 300
    /// Products unless told otherwise.
    package static let defaultProducts = 2_000

    package let seed: UInt64
    /// How many business days there are; later ones can be asked for all the same.
    package let days: Int
    /// The first business day.
    package let start: CivilDate
    package let company = "百川超市"
    package let entity = "百川超市有限公司"
    package let branches = BranchPlan.all
    package let roles = RolePlan.all
    package let categories: [CategoryPlan]
    package let products: [ProductPlan]
    package let staff: [PersonPlan]
    /// The times without network.
    package let outages: [OutagePlan]
    /// When the power fails, and at which branch.
    package let powerCut: (branch: Int, at: WallTime)

    let ticketsPerDay: Int
    let roster: PlanStaff
    let popularity: WeightTable
    let basket = WeightTable([28, 22, 15, 10, 7, 5, 4, 3, 2, 2, 1, 1])
    let curves: [TimeCurve?]

    package init(
        seed: UInt64,
        days: Int = ChainPlan.defaultDays,
        start: CivilDate = ChainPlan.defaultStart,
        products count: Int = ChainPlan.defaultProducts,
        ticketsPerDay: Int = ChainPlan.defaultTicketsPerDay
    ) {
        precondition(days > 0 && ticketsPerDay > 0, "a plan has days and tickets")
        self.seed = seed
        self.days = days
        self.start = start
        self.ticketsPerDay = ticketsPerDay
        let catalogue = PlanCatalogue(seed: seed, count: count)
        categories = catalogue.categories
        products = catalogue.products
        popularity = catalogue.popularity
        roster = PlanStaff(seed: seed)
        staff = roster.staff
        curves = branches.map { $0.isStore ? $0.timeCurve() : nil }
        outages = ChainPlan.outages(start: start, days: days)
        let day = min(days - 1, 4)
        powerCut = (1, start.adding(days: day).instant(second: 17 * 3_600 + 42 * 60))
    }

    /// The date of a business day, from 0.
    package func date(_ day: Int) -> CivilDate { start.adding(days: day) }

    /// The last business day.
    package var end: CivilDate { date(days - 1) }

    /// When the demonstration looks at the chain: the morning after the last business day.
    package var finish: WallTime { end.adding(days: 1).instant(second: 7 * 3_600) }

    /// The sum of all products' popularity.
    package var popularityTotal: Int { popularity.total }

    /// Whether a branch reaches headquarters at an instant.
    package func isOnline(branch: Int, at time: WallTime) -> Bool {
        !outages.contains { $0.branch == branch && $0.holds(time) }
    }

    /// 大学城店 is cut off for three days where the plan is long enough; 城东店 has not been heard
    /// of since 14:05 on the last day.
    private static func outages(start: CivilDate, days: Int) -> [OutagePlan] {
        var outages: [OutagePlan] = []
        if days >= 7 {
            let from = start.adding(days: 2).instant(second: 9 * 3_600 + 20 * 60)
            outages.append(
                OutagePlan(branch: 2, from: from, to: from.adding(milliseconds: 3 * 86_400_000))
            )
        }
        let lost = start.adding(days: days - 1).instant(second: 14 * 3_600 + 5 * 60)
        outages.append(OutagePlan(branch: 0, from: lost, to: nil))
        return outages
    }
}
