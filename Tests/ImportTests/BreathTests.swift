// An import at a node that serves: between its transactions others get their turn.

import Import
import Kernel
import Module
import Node
import Replication
import Sync
import Testing

@Suite("An import lets others pass")
struct BreathTests {
    @Test("a node syncs in the midst of its import, and nothing is lost or taken twice")
    func syncsMeanwhile() throws {
        let chain = try TableImportTests().chain()
        let node = try chain.enrol("S001", seed: 5)
        var rows = "ticket,date,product,amount\n"
        for ticket in 0..<1_000 { rows += "T\(ticket),2026-11-0\(1 + ticket / 250),1001,3.50\n" }
        let path = try chain.file("sales.csv", rows)
        var sent: [Int64] = []
        node.engine.breathe = {
            do {
                try chain.round(node)
                sent.append(chain.engine.log.end)
            } catch {
                Issue.record("a round fails in the midst of an import: \(error)")
            }
        }
        let request = ImportRequest(format: .sales, path: path)
        let summary = try imported(request, node.engine)
        #expect(summary.takenRows == 1_000 && summary.refusedRows == 0, "\(summary.shown)")
        // One breath at least before the last transaction, which brought what came before it.
        #expect(Set(sent).count > 1, "\(sent)")
        try chain.round(node)
        let months = try chain.engine.report(
            "sales",
            ReportRequest(
                from: CivilDate(parsing: "2026-11-01"),
                to: CivilDate(parsing: "2026-11-30")
            )
        ).table
        let net = try #require(months.columns.firstIndex { $0.key == "net" })
        #expect(months.totals?[net] == .fen(Fen(350_000)))
        #expect(try imported(request, node.engine).takenRows == 0)
        for engine in [chain.engine, node.engine] { #expect(try engine.verify().problems == []) }
    }
}
