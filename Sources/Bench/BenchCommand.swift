// The door of the room: which figures there are, in which order they are measured, and the folder.
// A figure that cannot be measured says so; none is ever made up.

import Glibc
import Kernel
import Node

/// `tributary bench`.
package enum BenchCommand {
    private static let rounds = 5

    /// Measures, writes what it found, and answers whether no must was missed.
    ///
    /// `only` names one figure; `data` is the folder for the files, which are removed afterwards.
    package static func run(
        check: Bool,
        full: Bool,
        only: String?,
        json: Bool,
        data: String?,
        write: (String) -> Void
    ) throws -> Bool {
        var figures = BenchFigures.all
        if let only {
            figures = figures.filter { $0.name == only }
            if figures.isEmpty {
                let names = BenchFigures.all.map(\.name).joined(separator: ", ")
                throw MeasurementFault(description: "no figure \(only); there are: \(names)")
            }
        }
        let parent = data ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let folder = "\(parent)/tributary-bench-\(getpid())"
        try Files.makeFolder(folder)
        defer { try? Files.removeFolder(folder) }
        let isPinned = Machine.pinToOneCore()
        func say(_ text: String) { if !json { write(text) } }
        var report = BenchReport(
            machine: Machine.describe(),
            isPinned: isPinned,
            sales: Int(Workload.branches) * Workload.salesOfBranch
        )
        if !Machine.isOptimised { say("a debug build: the figures say nothing") }
        report.figures = figures
        try measure(&report, isWhole: only == nil, full: full, folder, say)
        write(json ? report.json : report.text(check: check))
        return report.isGood
    }

    private static func measure(
        _ report: inout BenchReport,
        isWhole: Bool,
        full: Bool,
        _ folder: String,
        _ say: (String) -> Void
    ) throws {
        let wanted = Set(report.figures.map(\.name))
        var workload = Workload()
        let batches = try workload.nextSlice()
        let sales = batches.first?.sales ?? []
        var found: [String: (Double?, String)] = [:]
        if wanted.contains("codec") {
            let codec = try CodecBench.ratio(sales, rounds: rounds)
            found["codec"] = (codec.ratio, codec.note)
        }
        if wanted.contains("local-sale") {
            let local = try LocalSaleBench.ratio(
                sales,
                rounds: rounds,
                count: 300,
                folder: folder
            )
            found["local-sale"] = (local.ratio, local.note)
        }
        if wanted.contains("wire") {
            let bytes = batches.reduce(0) { $0 + $1.wire.count }
            let count = batches.reduce(0) { $0 + $1.sales.count }
            found["wire"] = (Double(bytes) / Double(count), "deflated, not packed")
        }
        if !wanted.isDisjoint(with: ["receive", "merge", "rebuild", "disk"]) {
            try merge(batches, folder, &found, say)
        }
        if isWhole || wanted.contains("query") {
            let grown = try MergeBench.growth(
                scales: isWhole ? (full ? [1, 4, 16] : [1, 4]) : [],
                salesPerBranch: Workload.salesOfBranch,
                folder: folder,
                say
            )
            report.growth = grown.rows
            found["query"] = (grown.query.ms, "\(grown.query.sales) sales")
        }
        if !wanted.isDisjoint(with: ["idle-memory", "start"]) {
            try idle(report.isPinned, folder, &found, say)
        }
        for index in report.figures.indices {
            guard let (value, note) = found[report.figures[index].name] else { continue }
            report.figures[index].value = value
            report.figures[index].note = note
        }
    }

    private static func idle(
        _ isPinned: Bool,
        _ folder: String,
        _ found: inout [String: (Double?, String)],
        _ say: (String) -> Void
    ) throws {
        guard let program = Machine.ownPath() else {
            throw MeasurementFault(description: "/proc does not say where this program is")
        }
        let figures = try Machine.onAllCores(isPinned) {
            try IdleBench.measure(
                program: program,
                changes: 1_000_000,
                rounds: rounds,
                folder: folder + "/idle",
                say
            )
        }
        found["idle-memory"] = (figures.megabytes, figures.memoryNote)
        found["start"] = (figures.startMs, figures.startNote)
    }

    private static func merge(
        _ batches: [PushedBatch],
        _ folder: String,
        _ found: inout [String: (Double?, String)],
        _ say: (String) -> Void
    ) throws {
        let merged = try MergeBench.rounds(batches, count: rounds, folder: folder, say)
        let count = Double(batches.reduce(0) { $0 + $1.sales.count })
        let times = merged.times
        let rate = { (seconds: [Double]) in
            "\(NumberText.of(count / (Samples.median(seconds) ?? 1), places: 0)) sales/s, "
                + "Raw \(NumberText.of(count / (Samples.median(times.raw) ?? 1), places: 0))"
        }
        let own = [
            ("receive", times.receive), ("merge", times.project), ("rebuild", times.rebuild),
        ]
        for (name, seconds) in own {
            found[name] = (Samples.speedRatio(base: times.raw, own: seconds), rate(seconds))
        }
        let log = Double(merged.disk.log) / count
        let views = Double(merged.disk.views) / count
        found["disk"] = (
            log + views,
            "log \(NumberText.of(log, places: 0)), views \(NumberText.of(views, places: 0))"
        )
    }
}
