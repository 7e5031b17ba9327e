// Tests of the plan of a demonstration: repeatable, lifelike, and adding up.

import Demo
import Kernel
import People
import Testing
import Wire

@Suite("The plan of a demonstration's chain")
struct DemoPlanTests {
    private static let plan = ChainPlan(seed: 1)

    @Test("the same seed gives the same plan, another seed another")
    func sameSeedSamePlan() {
        let first = ChainPlan(seed: 7, days: 3, products: 300, ticketsPerDay: 60).digest()
        #expect(first == ChainPlan(seed: 7, days: 3, products: 300, ticketsPerDay: 60).digest())
        #expect(first != ChainPlan(seed: 8, days: 3, products: 300, ticketsPerDay: 60).digest())
    }

    @Test("a day does not depend on how many days the plan has")
    func daysStandAlone() {
        let short = ChainPlan(seed: 7, days: 2, products: 300, ticketsPerDay: 60)
        let long = ChainPlan(seed: 7, days: 9, products: 300, ticketsPerDay: 60)
        #expect(short.totals(branch: 3, day: 1) == long.totals(branch: 3, day: 1))
        #expect(short.totals(branch: 0, day: 5) == long.totals(branch: 0, day: 5))
    }

    @Test("2,000 products have names, codes and barcodes of their own, and every barcode is valid")
    func productsAreDistinct() {
        let products = Self.plan.products
        #expect(products.count == 2_000)
        #expect(Set(products.map(\.name)).count == products.count)
        #expect(Set(products.map(\.code)).count == products.count)
        #expect(Set(products.map(\.barcode)).count == products.count)
        #expect(products.allSatisfy { BarcodeEAN13.isValid($0.barcode) })
        for product in products {
            let net = product.price.rawValue * 100
            #expect(product.price.rawValue > 0, "\(product.name)")
            #expect(product.cost.rawValue > 0 && product.cost.rawValue < net, "\(product.name)")
        }
        let rates = Set(Self.plan.categories.map(\.rate.rawValue))
        #expect(rates == [60_000, 90_000, 130_000])
    }

    @Test("forty people have names, codes and PINs of their own")
    func staffIsDistinct() {
        let staff = Self.plan.staff
        #expect(staff.count == 40)
        #expect(Set(staff.map(\.name)).count == 40)
        #expect(Set(staff.map(\.code)).count == 40)
        #expect(Set(staff.map(\.pin)).count == 40)
        #expect(staff.allSatisfy { $0.pin.utf8.count == 6 })
    }

    @Test("every store sells on every day, between its hours and in the order of time")
    func everyDaySells() {
        let plan = Self.plan
        for branch in plan.branches where branch.isStore {
            for day in 0..<plan.days {
                let midnight = WallTime.midnight(plan.date(day))
                var last: WallTime?
                var sales = 0
                for event in plan.events(branch: branch.index, day: day) {
                    if let last { #expect(last <= event.at, "\(branch.code) day \(day)") }
                    last = event.at
                    guard case .sale(let sale) = event.act else { continue }
                    sales += 1
                    let minute = Int((sale.at.milliseconds - midnight) / 60_000)
                    #expect(branch.hours.contains(minute), "\(branch.code) at \(sale.at)")
                    #expect(sale == plan.sale(branch: branch.index, day: day, number: sale.number))
                    #expect((1...12).contains(sale.lines.count))
                    #expect(sale.nets().reduce(.zero) { $0 + $1 } == sale.total)
                    if let tendered = sale.tendered { #expect(tendered > sale.total) }
                }
                #expect(sales > 100, "\(branch.code) on \(plan.date(day))")
            }
        }
    }

    @Test("85 in 100 tickets are paid by phone, 10 in cash and 5 by card")
    func sharesOfTenders() {
        var counts: [PlanTender: Int] = [:]
        var all = 0
        for branch in 0..<4 {
            for day in 0..<14 {
                for number in 0..<Self.plan.ticketCount(branch: branch, day: day) {
                    let sale = Self.plan.sale(branch: branch, day: day, number: number)
                    counts[sale.tender, default: 0] += 1
                    all += 1
                }
            }
        }
        #expect((14_000...20_000).contains(all))
        func perMille(_ tenders: PlanTender...) -> Int {
            tenders.reduce(0) { $0 + (counts[$1] ?? 0) } * 1_000 / all
        }
        #expect((840...860).contains(perMille(.wechat, .alipay)))
        #expect((92...108).contains(perMille(.cash)))
        #expect((44...56).contains(perMille(.card)))
    }

    @Test("goods come back once each, some to another branch, and never from a ticket undone")
    func returnsAreOfSales() {
        let plan = Self.plan
        var seen: Set<[Int]> = []
        var elsewhere = 0
        var voids = 0
        for branch in 0..<4 {
            for day in 0..<14 {
                for event in plan.events(branch: branch, day: day) {
                    if case .void(let sale, _) = event.act {
                        voids += 1
                        #expect(event.at > sale.at && event.date == plan.date(day))
                    }
                    guard case .goodsBack(let back) = event.act else { continue }
                    #expect(back.sale.at < back.at)
                    #expect(!plan.isVoided(back.sale) && plan.isReturned(back.sale))
                    let key = [back.sale.branch, back.sale.day, back.sale.number]
                    #expect(seen.insert(key).inserted)
                    if back.sale.branch != branch { elsewhere += 1 }
                }
            }
        }
        #expect(seen.count > 100 && elsewhere > 10 && voids > 30)
    }

    @Test("a night shift runs over midnight, and somebody is late and somebody forgets to punch")
    func punchesAreLifelike() {
        let plan = Self.plan
        var ins = 0
        var outs = 0
        var overMidnight = 0
        for branch in 0..<5 {
            for day in 0..<14 {
                for event in plan.events(branch: branch, day: day) {
                    guard case .punch(let kind) = event.act else { continue }
                    if kind == .in { ins += 1 }
                    if kind == .out { outs += 1 }
                    if kind == .out, event.at.date() > event.date { overMidnight += 1 }
                }
            }
        }
        #expect(ins > 400 && outs < ins && outs > ins * 9 / 10)
        #expect(overMidnight >= 20)
    }

    @Test("two branches are cut off, one of them to the end")
    func outages() throws {
        let plan = Self.plan
        #expect(Set(plan.outages.map(\.branch)).count == 2)
        let lost = try #require(plan.outages.first { $0.to == nil })
        #expect(plan.branches[lost.branch].name == "城东店")
        #expect(lost.from.date() == plan.end && lost.from.timeText() == "14:05")
        #expect(!plan.isOnline(branch: lost.branch, at: plan.finish))
        #expect(plan.isOnline(branch: 1, at: plan.finish))
    }
}

extension WallTime {
    /// Midnight in China, in milliseconds.
    fileprivate static func midnight(_ date: CivilDate) -> Int64 {
        (Int64(date.dayNumber) * 1_440 - 480) * 60_000
    }
}
