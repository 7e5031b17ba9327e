// Receiving, projecting and rebuilding against Raw, round by round, and how they grow.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sales

/// What the rounds gave, in seconds.
struct MergeTimes {
    var raw: [Double] = []
    var receive: [Double] = []
    var project: [Double] = []
    var rebuild: [Double] = []
}

/// A row of the table of growth.
struct GrowthRow {
    let scale: Int
    let sales: Int
    let rawRate: Double
    let mergeRate: Double
    let rebuildRate: Double
    let queryMs: Double
    let openMs: Double
    let diskBytesPerSale: Double
    let residentMiB: Double
    /// What a sale costs of a core's time.
    ///
    /// Unit: microseconds.
    let core: (raw: Double, merge: Double, rebuild: Double)
    /// What the report costs of it.
    ///
    /// Unit: milliseconds.
    let queryCoreMs: Double
}

/// A measurement that would say something false.
struct MeasurementFault: Error, CustomStringConvertible {
    let description: String
}

/// The measurements on W1.
enum MergeBench {
    /// Rounds of Raw, receive, receive and project, rebuild, one after the other.
    static func rounds(
        _ batches: [PushedBatch],
        count: Int,
        folder: String,
        _ say: (String) -> Void
    ) throws -> (times: MergeTimes, disk: (log: Int64, views: Int64)) {
        var times = MergeTimes()
        var disk: (log: Int64, views: Int64) = (0, 0)
        let sales = batches.reduce(0) { $0 + $1.sales.count }
        for round in 1...count {
            let place = "\(folder)/round-\(round)"
            try Files.makeFolder(place)
            let raw = try RawTables(path: place + "/raw.sqlite")
            times.raw.append(try Machine.seconds { for one in batches { try raw.take(one.sales) } })
            let receiver = try Headquarters(folder: place + "/receive")
            times.receive.append(
                try Machine.seconds {
                    for one in batches { try receiver.take(one, isProjecting: false) }
                }
            )
            try receiver.close()
            let merger = try Headquarters(folder: place + "/merge")
            times.project.append(
                try Machine.seconds {
                    for one in batches { try merger.take(one, isProjecting: true) }
                }
            )
            try checkWhole(merger, sales)
            disk = try merger.diskBytes()
            times.rebuild.append(try Machine.seconds { try merger.engine.rebuild() })
            try checkWhole(merger, sales)
            try merger.close()
            try Files.removeFolder(place)
            say("round \(round) of \(count): " + summary(times, sales))
        }
        return (times, disk)
    }

    private static func summary(_ times: MergeTimes, _ sales: Int) -> String {
        let parts = [
            ("raw", times.raw), ("receive", times.receive), ("project", times.project),
            ("rebuild", times.rebuild),
        ]
        return parts.map { name, seconds in
            "\(name) \(NumberText.of(Double(sales) / (seconds.last ?? 1), places: 0))/s"
        }.joined(separator: ", ")
    }

    private static func checkWhole(_ node: Headquarters, _ sales: Int) throws {
        let held = try node.ticketCount()
        let aside = try node.setAsideCount()
        if held != Int64(sales) || aside != 0 {
            throw MeasurementFault(
                description: "\(sales) sales were sent, \(held) projected, \(aside) set aside"
            )
        }
    }

    /// Takes slice after slice, and measures at each of `scales`.
    ///
    /// `atMillion` is called with the node when it holds 1,000,000 sales or the largest scale.
    static func growth(
        scales: [Int],
        salesPerBranch: Int,
        folder: String,
        _ say: (String) -> Void
    ) throws -> (rows: [GrowthRow], query: (ms: Double, sales: Int)) {
        var workload = Workload(salesPerBranch: salesPerBranch)
        let node = try Headquarters(folder: folder + "/growth")
        let raw = try RawTables(path: folder + "/growth.sqlite")
        var rows: [GrowthRow] = []
        var asked: (ms: Double, sales: Int) = (0, 0)
        var sales = 0
        let last = max(scales.max() ?? 1, 5)
        for scale in 1...last {
            let batches = try workload.nextSlice()
            let count = batches.reduce(0) { $0 + $1.sales.count }
            let rawTime = try Machine.timed {
                for batch in batches { try raw.take(batch.sales) }
            }
            let time = try Machine.timed {
                for batch in batches { try node.take(batch, isProjecting: true) }
            }
            sales += count
            if scale == 5 { asked = (try query(node, workload.dates.last).ms, sales) }
            if !scales.contains(scale) { continue }
            let disk = try node.diskBytes()
            let rebuild = try Machine.timed { try node.engine.rebuild() }
            let report = try query(node, workload.dates.last)
            let row = GrowthRow(
                scale: scale,
                sales: sales,
                rawRate: Double(count) / rawTime.seconds,
                mergeRate: Double(count) / time.seconds,
                rebuildRate: Double(sales) / rebuild.seconds,
                queryMs: report.ms,
                openMs: try node.reopen() * 1_000,
                diskBytesPerSale: Double(disk.log + disk.views) / Double(sales),
                residentMiB: Double(Machine.residentBytes()) / 1_048_576,
                core: (
                    raw: rawTime.core * 1e6 / Double(count),
                    merge: time.core * 1e6 / Double(count),
                    rebuild: rebuild.core * 1e6 / Double(sales)
                ),
                queryCoreMs: report.coreMs
            )
            rows.append(row)
            say("\(scale)x: \(sales) sales")
        }
        try node.close()
        return (rows, asked)
    }

    /// Milliseconds of the report of sales by branch and day over 90 days.
    private static func query(
        _ node: Headquarters,
        _ last: CivilDate
    ) throws -> (ms: Double, coreMs: Double) {
        let context = ReportContext(
            views: node.engine.views,
            log: node.engine.log.reader,
            questions: BenchNode.modules.questions,
            today: last,
            completeness: []
        )
        let request = ReportRequest(from: last.adding(days: -89), to: last)
        var samples: [Double] = []
        var core: [Double] = []
        for _ in 0..<5 {
            var rows = 0
            let time = try Machine.timed {
                rows = try SalesReport().run(request, context).rows.count
            }
            if rows == 0 { throw MeasurementFault(description: "the report has no rows") }
            samples.append(time.seconds * 1_000)
            core.append(time.core * 1_000)
        }
        return (Samples.median(samples) ?? 0, Samples.median(core) ?? 0)
    }
}
