// An idle branch node with a long history, as a process of its own: how much memory it holds, and
// how soon it serves after an end in order, after kill -9, and with its files out of the cache.

import Glibc
import Kernel
import Node

/// What was found of an idle node.
package struct IdleFigures {
    /// Unit: bytes.
    package var memory: [(state: String, value: ServedNode.Memory)] = []
    /// Unit: seconds.
    package var starts: [(after: String, seconds: Double)] = []

    /// The largest that it held while idle, in MB.
    package var megabytes: Double? { memory.map { $0.value.resident / 1e6 }.max() }

    /// The slowest start with the files in the cache, in milliseconds.
    package var startMs: Double? {
        starts.filter { $0.after != IdleBench.coldFiles }.map { $0.seconds * 1_000 }.max()
    }

    /// What lies behind the memory.
    var memoryNote: String {
        let parts = memory.map { entry in
            "\(entry.state) \(NumberText.of(entry.value.resident / 1e6, places: 1)) MB, "
                + "Pss \(NumberText.of(entry.value.proportional / 1e6, places: 1))"
        }
        return parts.joined(separator: "; ")
    }

    /// What lies behind the start.
    var startNote: String {
        let parts = starts.map { "\($0.after) \(NumberText.of($0.seconds * 1_000, places: 0)) ms" }
        return parts.joined(separator: "; ")
    }
}

/// The measurements of an idle node.
package enum IdleBench {
    static let coldFiles = "files out of the cache"
    private static let imported = 20_000

    /// Fills a branch with `changes` and serves it.
    ///
    /// `restSeconds` is longer than a serving node waits before it gives memory back.
    package static func measure(
        program: String,
        changes: Int,
        rounds: Int,
        restSeconds: UInt32 = 15,
        folder: String,
        _ say: (String) -> Void
    ) throws -> IdleFigures {
        let branch = try GrownBranch(in: folder, changes: changes, say)
        var figures = IdleFigures()
        var after: [Double] = []
        for round in 1...rounds {
            let node = try ServedNode(program: program, folder: branch.folder)
            after.append(node.startSeconds)
            if round == rounds {
                figures.memory = try weigh(node, program, branch, folder, restSeconds)
            }
            try node.end(inOrder: true)
        }
        note(&figures, "after an end in order", after)
        after = []
        for round in 1...rounds {
            let served = try ServedNode(program: program, folder: branch.folder)
            let writing = try ServedNode.start(
                program,
                ["import", "sales", try sales(folder, round), "--data", branch.folder]
            )
            usleep(700_000)
            try served.end(inOrder: false)
            ServedNode.wait(for: writing)
            let again = try ServedNode(program: program, folder: branch.folder)
            after.append(again.startSeconds)
            try again.end(inOrder: true)
        }
        note(&figures, "after kill -9 while writing", after)
        after = []
        for _ in 1...rounds {
            try forget(branch.folder)
            let node = try ServedNode(program: program, folder: branch.folder)
            after.append(node.startSeconds)
            try node.end(inOrder: true)
        }
        note(&figures, coldFiles, after)
        return figures
    }

    private static func note(_ figures: inout IdleFigures, _ what: String, _ seconds: [Double]) {
        figures.starts.append((what, Samples.median(seconds) ?? 0))
    }

    /// The memory of a node that has done nothing, of one whose views were read through, and of one
    /// that took many sales; each some seconds afterwards.
    private static func weigh(
        _ node: ServedNode,
        _ program: String,
        _ branch: GrownBranch,
        _ folder: String,
        _ restSeconds: UInt32
    ) throws -> [(state: String, value: ServedNode.Memory)] {
        sleep(restSeconds)
        var found = [(state: "fresh", value: try node.memory())]
        let from = "\(SystemClock().now().date().adding(days: -365))"
        for report in ["sales", "products", "payments", "branches", "stock", "sync", "findings"] {
            let isOfPeriod = ["sales", "products", "payments", "branches"].contains(report)
            try done(program, ["report", report] + (isOfPeriod ? ["--from", from] : []), branch)
        }
        sleep(restSeconds)
        found.append(("after seven reports", try node.memory()))
        try done(program, ["import", "sales", try sales(folder, 0)], branch)
        sleep(restSeconds)
        found.append(("after \(imported) sales", try node.memory()))
        return found
    }

    private static func done(
        _ program: String,
        _ words: [String],
        _ branch: GrownBranch
    ) throws {
        let code = try ServedNode.run(program, words + ["--data", branch.folder])
        if code != 0 {
            let line = words.joined(separator: " ")
            throw MeasurementFault(description: "tributary \(line) ends with \(code)")
        }
    }

    /// A table of sales of yesterday, so that the node is killed in the middle of its work.
    private static func sales(_ folder: String, _ round: Int) throws -> String {
        let date = SystemClock().now().date().adding(days: -1)
        var text = "ticket,date,product,price\n"
        for index in 0..<imported {
            let product = 10_000 + index % GrownBranch.products
            text += "\(round)-\(index),\(date),\(product),11.30\n"
        }
        let path = folder + "/sales-\(round).csv"
        try Files.write(Array(text.utf8), to: path)
        return path
    }

    /// Takes the pages of a folder's files out of the system's cache.
    private static func forget(_ folder: String) throws {
        for name in try Files.names(in: folder) where !Files.isFolder(folder + "/" + name) {
            let file = open(folder + "/" + name, O_RDONLY | O_CLOEXEC)
            if file < 0 { continue }
            fsync(file)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            close(file)
        }
    }
}
