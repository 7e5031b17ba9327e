// Tests of playing the plan: what headquarters' reports say is what the plan says, to the fen.

import Demo
import Foundation
import Kernel
import Module
import Node
import Replication
import Testing

@Suite("Playing the plan of a demonstration's chain")
struct DemoPlayTests {
    /// Plays a whole plan at headquarters, which may act for every branch.
    private static func play(_ plan: ChainPlan, in folder: String) throws -> NodeEngine {
        let clock = DemoClock(ChainFounder.moment(plan))
        let engine = try NodeEngine.found(
            FoundingWish(
                company: plan.company,
                standard: 1,
                taxpayer: .general,
                from: plan.start.startOfYear
            ),
            storage: FolderStorage(folder: folder),
            modules: .standard,
            clock: clock,
            random: SystemRandom()
        )
        let ids = try ChainFounder(plan: plan, engine: engine).setUp()
        let player = ChainPlayer(plan: plan, ids: ids)
        for event in plan.branches.flatMap({ plan.openings(branch: $0.index) }) {
            clock.set(event.at)
            try player.play(event, at: engine)
        }
        for event in plan.timeline() {
            if event.at > plan.finish { break }
            clock.set(event.at)
            try player.play(event, at: engine)
        }
        clock.set(plan.finish)
        return engine
    }

    @Test("reports at headquarters come to what the plan comes to, to the fen")
    func reportsAgree() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/demo-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let plan = ChainPlan(seed: 3, days: 4, products: 250, ticketsPerDay: 40)
        let engine = try Self.play(plan, in: folder)
        var all = PlanTotals()
        for branch in plan.branches where branch.isStore {
            for day in 0..<plan.days { all.add(plan.totals(branch: branch.index, day: day)) }
        }
        let period = ReportRequest(from: plan.start, to: plan.end)
        let sales = try engine.report("sales", period).table
        #expect(sales.total("net") == .fen(all.net))
        #expect(sales.total("tickets") == .integer(Int64(all.sales)))
        #expect(sales.total("returns") == .fen(all.refunded))
        #expect(sales.total("void_tickets") == .integer(Int64(all.voids)))
        #expect(sales.rows.count == 4 * plan.days)
        let result = try engine.verify()
        #expect(result.problems == [])
        try engine.close()
    }
}

extension ReportTable {
    /// The total of a column.
    fileprivate func total(_ key: String) -> ReportCell? {
        guard let place = columns.firstIndex(where: { $0.key == key }) else { return nil }
        return totals?[place]
    }
}
