// The measurement of an idle node, small: that it serves, weighs and kills what it should.

import Bench
import Foundation
import Testing

@Suite struct IdleBenchTests {
    static let program = ProcessInfo.processInfo.environment["TRIBUTARY_PROGRAM"]

    // Left out where no built program is at hand: it serves the branch.
    @Test(
        "An idle node is measured in each of its states, in a process of its own",
        .enabled(if: program != nil, "TRIBUTARY_PROGRAM names no built program")
    )
    func idle() throws {
        let program = try #require(IdleBenchTests.program)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tributary-idle-\(ProcessInfo.processInfo.processIdentifier)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var said: [String] = []
        let figures = try IdleBench.measure(
            program: program,
            changes: 3_000,
            rounds: 1,
            restSeconds: 1,
            folder: folder
        ) { said.append($0) }
        #expect(said.count == 1)
        #expect(figures.memory.count == 3)
        #expect(figures.starts.count == 3)
        let megabytes = try #require(figures.megabytes)
        #expect((5...500).contains(megabytes), "\(figures.memory)")
        for entry in figures.memory {
            #expect(entry.value.proportional <= entry.value.resident)
            #expect(entry.value.proportional > 0)
        }
        let start = try #require(figures.startMs)
        #expect((1...30_000).contains(start), "\(figures.starts)")
    }
}
