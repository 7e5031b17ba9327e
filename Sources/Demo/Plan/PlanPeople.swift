// Demo, the plan: who works where, in which role, and who is at a till at what time.

import Kernel
package import Module

/// A role of the plan.
package struct RolePlan: Sendable {
    /// Where it stands in `ChainPlan.roles`.
    package let index: Int
    package let name: String
    package let rights: [Right]

    static let all: [RolePlan] = [
        RolePlan(
            index: 0,
            name: "总部管理员",
            rights: [
                .manageCatalog, .managePeople, .managePrices, .viewReports, .viewAllBranches,
                .manageDevices, .ruleQuarantine,
            ]
        ),
        RolePlan(
            index: 1,
            name: "会计",
            rights: [.postVouchers, .closePeriods, .viewReports, .viewAllBranches]
        ),
        RolePlan(
            index: 2,
            name: "店长",
            rights: [
                .sell, .returnGoods, .returnWithoutReceipt, .voidSale, .overridePrice, .discount,
                .closeDay, .receiveGoods, .adjustStock, .punchForOthers, .viewReports,
            ]
        ),
        RolePlan(index: 3, name: "收银员", rights: [.sell, .returnGoods, .discount, .closeDay]),
        RolePlan(index: 4, name: "理货员", rights: [.receiveGoods]),
        RolePlan(
            index: 5,
            name: "仓库主管",
            rights: [.receiveGoods, .adjustStock, .punchForOthers, .viewReports]
        ),
    ]
}

/// A person of the plan; the name is made of word lists.
package struct PersonPlan: Sendable {
    /// Where the person stands in `ChainPlan.staff`.
    package let index: Int
    package let code: String
    package let name: String
    /// Six digits, different within a branch.
    package let pin: String
    /// Where the branch stands in `ChainPlan.branches`; nil is headquarters.
    package let branch: Int?
    /// Where the role stands in `ChainPlan.roles`.
    package let role: Int
}

/// Who works where.
struct PlanStaff {
    let staff: [PersonPlan]
    /// By branch: managers, cashiers, stockers.
    let managers: [[Int]]
    let cashiers: [[Int]]
    let stockers: [[Int]]

    /// Managers, cashiers and stockers of each branch.
    private static let posts: [[Int]] = [
        [2, 4, 2], [2, 4, 2], [2, 4, 2], [3, 6, 2], [1, 0, 2],
    ]

    init(seed: UInt64) {
        var random = PlanDraw.generator(seed, .people)
        let names = PlanStaff.names(&random)
        var people: [PersonPlan] = []
        var pins: Set<String> = []
        func hire(_ branch: Int?, _ role: Int) -> Int {
            var pin = ""
            repeat {
                pin = PlanDigits.padded(random.int(in: 0..<1_000_000), 6)
            } while !pins.insert(pin).inserted
            let index = people.count
            people.append(
                PersonPlan(
                    index: index,
                    code: "E" + PlanDigits.padded(index + 1, 4),
                    name: names[index],
                    pin: pin,
                    branch: branch,
                    role: role
                )
            )
            return index
        }
        _ = hire(nil, 0)
        _ = hire(nil, 1)
        var byPost: [[[Int]]] = []
        for (branch, counts) in PlanStaff.posts.enumerated() {
            let roles = branch == 4 ? [5, 3, 4] : [2, 3, 4]
            byPost.append(
                zip(counts, roles).map { count, role in (0..<count).map { _ in hire(branch, role) }
                }
            )
        }
        staff = people
        managers = byPost.map { $0[0] }
        cashiers = byPost.map { $0[1] }
        stockers = byPost.map { $0[2] }
    }

    /// A name each, none twice.
    private static func names(_ random: inout SeededRandom) -> [String] {
        let surnames = random.shuffled(PlanWords.surnames)
        let given = random.shuffled(PlanWords.givenNames)
        return (0..<40).map { index in
            surnames[index % surnames.count] + given[index % given.count]
        }
    }
}

/// A person's shift.
struct ShiftPlan {
    let person: Int
    /// Minutes from midnight of the day on which it begins.
    let minutes: Range<Int>
}

extension PlanStaff {
    private static let early = 450..<930
    private static let late = 885..<1_340
    private static let middle = 650..<1_215
    /// Of a store that never closes: early, middle, late, night; the rest of the ring is off.
    private static let ring: [Range<Int>] = [360..<840, 650..<1_215, 840..<1_320, 1_320..<1_800]

    /// The shifts that begin at a branch on a day.
    func shifts(_ branch: BranchPlan, day: Int) -> [ShiftPlan] {
        let index = branch.index
        guard branch.isStore else {
            return (managers[index] + stockers[index]).map {
                ShiftPlan(person: $0, minutes: 510..<1_050)
            }
        }
        var shifts: [ShiftPlan] = []
        let cashierShifts =
            branch.isRoundTheClock
            ? PlanStaff.ring : [PlanStaff.early, PlanStaff.middle, PlanStaff.late]
        for (place, minutes) in cashierShifts.enumerated() {
            shifts.append(
                ShiftPlan(person: cashier(index, place: place, day: day), minutes: minutes)
            )
        }
        let managerShifts =
            branch.isRoundTheClock
            ? [390..<870, 840..<1_320, 1_320..<1_800] : [450..<930, 870..<1_350]
        for (place, minutes) in managerShifts.enumerated() {
            shifts.append(ShiftPlan(person: manager(branch, place, day: day), minutes: minutes))
        }
        for (place, person) in stockers[index].enumerated() {
            shifts.append(
                ShiftPlan(person: person, minutes: place == 0 ? 390..<870 : 780..<1_260)
            )
        }
        return shifts
    }

    /// The cashier at a place of the day's ring.
    private func cashier(_ branch: Int, place: Int, day: Int) -> Int {
        let ring = cashiers[branch]
        return ring[((place - day) % ring.count + ring.count) % ring.count]
    }

    private func manager(_ branch: BranchPlan, _ place: Int, day: Int) -> Int {
        let list = managers[branch.index]
        return branch.isRoundTheClock ? list[place] : list[(place + day) % list.count]
    }

    /// Who sits at a till at a second of a business day.
    func cashier(_ branch: BranchPlan, till: Int, day: Int, second: Int) -> Int {
        let minute = second / 60
        if till == 1 { return cashier(branch.index, place: 1, day: day) }
        guard branch.isRoundTheClock else {
            return cashier(branch.index, place: minute < 900 ? 0 : 2, day: day)
        }
        switch minute {
        case ..<360: return cashier(branch.index, place: 3, day: day - 1)
        case ..<840: return cashier(branch.index, place: 0, day: day)
        case ..<1_320: return cashier(branch.index, place: 2, day: day)
        default: return cashier(branch.index, place: 3, day: day)
        }
    }

    /// The manager on duty at a second of a business day.
    func manager(_ branch: BranchPlan, day: Int, second: Int) -> Int {
        let minute = second / 60
        guard branch.isRoundTheClock else {
            return manager(branch, minute < 900 ? 0 : 1, day: day)
        }
        return manager(
            branch,
            minute < 390 ? 2 : minute < 855 ? 0 : minute < 1_320 ? 1 : 2,
            day: day
        )
    }
}
