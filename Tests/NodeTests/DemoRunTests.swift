// Tests of a demonstration: real nodes, real HTTP, and the same figures on both sides, to the fen.

import Demo
import Foundation
import Kernel
import Module
import Node
import Testing

@Suite("A demonstration", .serialized)
struct DemoRunTests {
    /// A folder for one test, gone when the test is.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/demo-run-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func options(_ folder: Folder, days: Int = 7) -> DemoOptions {
        DemoOptions(folder: folder.path, seed: 5, days: days, products: 250, ticketsPerDay: 40)
    }

    private func run(_ options: DemoOptions, _ collected: CollectedConsole) throws -> DemoRun {
        try DemoRun(options, console: collected.console)
    }

    private func total(_ key: String, _ result: ReportResult) -> ReportCell? {
        guard let place = result.table.columns.firstIndex(where: { $0.key == key }) else {
            return nil
        }
        return result.table.totals?[place]
    }

    @Test("what headquarters shows is what the branches sent, and then what the plan comes to")
    func figuresAgree() throws {
        let folder = Folder()
        let collected = CollectedConsole(language: .chinese)
        let run = try run(options(folder), collected)
        try run.play()
        try run.show()
        let plan = ChainPlan(seed: 5, days: 7, products: 250, ticketsPerDay: 40)
        let period = ReportRequest(from: plan.start, to: plan.end)

        // 城东店 has been out of reach since 14:05: its line says so, and its tickets wait.
        let sent = run.sent.reduce(into: PlanTotals()) { $0.add($1) }
        let before = try run.report("branches", period)
        #expect(total("net", before) == .fen(sent.net))
        #expect(run.unsent[0].sales > 0)
        #expect(run.unsent.dropFirst().allSatisfy { $0 == PlanTotals() })
        let lost = try #require(before.completeness.first { $0.code == "S001" })
        #expect(!lost.isComplete && lost.lastContact?.timeText() == "14:05")
        #expect(before.completeness.filter(\.isComplete).count == 3)
        #expect(collected.output.contains("已到齐 3/4 店"))
        #expect(collected.output.contains("14:05 起失联"))
        #expect(collected.output.contains("分文不差"))

        try run.reconnect()
        var all = PlanTotals()
        for branch in plan.branches {
            for day in 0..<plan.days { all.add(plan.totals(branch: branch.index, day: day)) }
        }
        let after = try run.report("sales", period)
        #expect(total("net", after) == .fen(all.net))
        #expect(total("tickets", after) == .integer(Int64(all.sales)))
        #expect(after.completeness.allSatisfy { $0.isComplete })
        try expectTenders(all, try run.report("payments", period))
        try run.close()
    }

    private func expectTenders(_ all: PlanTotals, _ payments: ReportResult) throws {
        let columns = payments.table.columns
        let tender = try #require(columns.firstIndex { $0.key == "tender" })
        let net = try #require(columns.firstIndex { $0.key == "net" })
        var sums: [String: Fen] = [:]
        for row in payments.table.rows {
            guard case .text(let code) = row[tender], case .fen(let amount) = row[net] else {
                Issue.record("a row of payments without tender and amount")
                continue
            }
            sums[code, default: .zero] += amount
        }
        for tender in PlanTender.allCases {
            #expect(sums[tender.rawValue] == all.tenders[tender])
        }
    }

    @Test("each node is whole afterwards, and its own directory opens as any other")
    func nodesAreWhole() throws {
        let folder = Folder()
        let run = try run(options(folder, days: 2), CollectedConsole(language: .english))
        try run.play()
        try run.close()
        for name in ["hq", "s001", "s002", "s003", "s004", "d001"] {
            let opened = try NodeDirectory.open(
                folder.path + "/" + name,
                modules: .standard,
                clock: SystemClock(),
                random: SystemRandom()
            )
            guard case .here(let directory) = opened else {
                Issue.record("\(name) is held by another process")
                continue
            }
            #expect(directory.proof == .proven)
            let result = try directory.engine.verify()
            #expect(result.problems == [], "\(name)")
            #expect(result.quarantined == 0, "\(name)")
            try directory.close()
        }
    }

    @Test("a folder that no demonstration made is left alone, its own is replaced")
    func foldersAreSafe() throws {
        let folder = Folder()
        let collected = CollectedConsole(language: .english)
        try FileManager.default.createDirectory(
            atPath: folder.path,
            withIntermediateDirectories: true
        )
        let mine = folder.path + "/thesis.txt"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: mine))
        let fault = #expect(throws: NodeFault.self) {
            _ = try run(options(folder, days: 1), collected)
        }
        #expect(fault?.exit == .refused)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == ["thesis.txt"])

        try FileManager.default.removeItem(atPath: mine)
        try run(options(folder, days: 1), collected).close()
        #expect(!collected.error.contains("replaced"))
        try run(options(folder, days: 1), collected).close()
        #expect(collected.error.contains("replaced"))

        // A file that came to lie beside the nodes is not swept away with them.
        try Data("mine".utf8).write(to: URL(fileURLWithPath: mine))
        #expect(throws: NodeFault.self) { _ = try run(options(folder, days: 1), collected) }
        #expect(FileManager.default.fileExists(atPath: mine))
    }
}
