// The foreground first: a report that takes long, and a round of sync whose line is slow, hold up
// neither a sale nor a push. Each is held open by hand while the other goes through.

import Catalog
import Dispatch
import Foundation
import HTTP
import Kernel
import Module
import Node
import Page
import Replication
import SQLite
import Sales
import Support
import Sync
import Synchronization
import Testing

/// A line that answers only when it is let.
struct SlowLine: Transport {
    let headquarters: ServedHeadquarters
    let hasAsked = DispatchSemaphore(value: 0)
    let mayAnswer = DispatchSemaphore(value: 0)

    func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        hasAsked.signal()
        mayAnswer.wait()
        let answer = try headquarters.ask(request)
        let fields = answer.headers.fields.map { (name: $0.name, value: $0.value) }
        return TransportAnswer(status: answer.status, headers: fields, body: answer.body)
    }
}

/// A store's node on its way to threads.
///
/// Why `@unchecked Sendable`: only the worker touches it.
struct SharedStore: @unchecked Sendable {
    let node: NodeSync
    let chain: SmallChain
    let till: Int64

    func sell() throws {
        try chain.sell(node, till: till, 1)
    }
}

@Suite("The foreground first")
struct ForegroundTests {
    private static func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/foreground-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func tickets(_ engine: NodeEngine) throws -> ReportCell {
        let report = try engine.report("branches", ReportRequest())
        let place = report.table.columns.firstIndex { $0.key == "tickets" }
        return place.flatMap { report.table.totals?[$0] } ?? .empty
    }

    private static func twin(_ storage: FolderStorage, _ chain: SmallChain) throws -> NodeEngine {
        try #require(
            try NodeEngine.reading(
                storage,
                modules: .standard,
                clock: chain.clock,
                random: SeededSource(seed: 2)
            )
        )
    }

    @Test("while a report is open a push is taken and projected; the report stays at its moment")
    func longReport() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = FolderStorage(folder: folder)
        let headquarters = try ServedHeadquarters(storage: storage)
        let chain = headquarters.chain
        let place = try chain.addStore("S001")
        let store = try chain.enrol(place.branch, seed: 40)
        _ = try store.engine.perform(OpenDay(till: place.tills[0]))
        try chain.sell(store, till: place.tills[0], 3)
        _ = try store.round(Line(headquarters: chain.headquarters))
        try chain.sell(store, till: place.tills[0], 4)
        let push = try Siege.next(store, chain.clock.now())
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let readers = Readers()
        readers.start()
        defer { readers.stop() }
        let token = "a token of this test"
        let shared = SharedChain(chain: chain)
        let commands = Self.commands(token) {
            let twin = try Self.twin(storage, shared.chain)
            let before = try Self.tickets(twin)
            hasBegun.signal()
            mayEnd.wait()
            let after = try Self.tickets(twin)
            try twin.closeReading()
            return "\(before) \(after)"
        }
        try headquarters.start(readers: readers, commands: commands)
        let (answered, hasEnded) = Self.ask(headquarters.port, token)
        #expect(hasBegun.wait(timeout: .now() + 20) == .success)
        // The report stands open; the push is durable and in the views all the same.
        let answer = try headquarters.ask(push)
        #expect(answer.status == 200)
        let seen = try headquarters.run { chain in
            try chain.headquarters.engine.catchUp()
            return try Self.tickets(chain.headquarters.engine)
        }
        #expect(seen == .integer(7))
        #expect(answered.value == nil, "the report is still open")
        mayEnd.signal()
        #expect(hasEnded.wait(timeout: .now() + 20) == .success)
        let moment = "\(ReportCell.integer(3))"
        #expect(answered.value?.output == "\(moment) \(moment)")
        // What is opened now stands at the new moment.
        let later = try Self.twin(storage, chain)
        #expect(try Self.tickets(later) == .integer(7))
        try later.closeReading()
    }

    /// What came back, once it has.
    private final class Answered: Sendable {
        private let answer = Mutex<CommandAnswer?>(nil)

        var value: CommandAnswer? { answer.withLock { $0 } }

        func set(_ answer: CommandAnswer?) {
            self.answer.withLock { $0 = answer }
        }
    }

    /// Asks for a report from another thread, as another process does.
    private static func ask(_ port: Int, _ token: String) -> (Answered, DispatchSemaphore) {
        let answered = Answered()
        let hasEnded = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let answer = try? CommandChannel.send(
                ["report", "branches"],
                language: .english,
                folder: "/",
                to: DirectoryLock.Holder(address: "127.0.0.1:\(port)", token: token)
            )
            answered.set(answer)
            hasEnded.signal()
        }
        return (answered, hasEnded)
    }

    /// Commands of which reports are the readers' and nothing else is taken.
    private static func commands(
        _ token: String,
        _ report: @escaping @Sendable () throws -> String
    ) -> Door.Commands {
        Door.Commands(
            token: token,
            write: { _ in CommandAnswer(exit: 1, output: "", error: "the worker was asked") },
            isReading: { $0.words.first == "report" },
            read: { _ in
                do {
                    return CommandAnswer(exit: 0, output: try report(), error: "")
                } catch {
                    return CommandAnswer(exit: 1, output: "", error: "\(error)")
                }
            }
        )
    }

    /// Headquarters on its way to a reader's thread.
    ///
    /// Why `@unchecked Sendable`: the reader takes the clock alone.
    private struct SharedChain: @unchecked Sendable {
        let chain: SmallChain
    }

    @Test("a twin cannot write, and none is had of views that are being derived anew")
    func onlyReads() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = FolderStorage(folder: folder)
        let chain = try SmallChain(storage: storage)
        let twin = try Self.twin(storage, chain)
        #expect(throws: (any Error).self) {
            try twin.views.execute("DELETE FROM view_meta")
        }
        #expect(throws: (any Error).self) {
            try twin.log.database.execute("DELETE FROM commits")
        }
        // A rebuild takes the file away under the twin, which goes on reading what it had.
        let before = try twin.projector.digests().map(\.digest)
        try chain.headquarters.engine.rebuild()
        #expect(try twin.projector.digests().map(\.digest) == before)
        try twin.closeReading()
        let next = try Self.twin(storage, chain)
        #expect(try next.projector.digests().map(\.digest) == before)
        try next.closeReading()
        try chain.headquarters.engine.views.execute(
            "INSERT INTO view_meta(key, value) VALUES('rebuild', 1)"
        )
        let none = try NodeEngine.reading(
            storage,
            modules: .standard,
            clock: chain.clock,
            random: SeededSource(seed: 3)
        )
        #expect(none == nil)
    }

    @Test("a report whose views lag says how many commits it lacks; later it lacks none")
    func lagging() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = FolderStorage(folder: folder)
        let chain = try SmallChain(storage: storage)
        _ = try chain.addStore("S001")
        let engine = chain.headquarters.engine
        for _ in 0..<2 {
            var act = Act(first: try engine.log.nextID(), author: 0)
            act.begin([.everyone])
            act.add(Kind(module: 99, 1), [0xa0])
            try engine.log.append(act, at: chain.clock.now())
        }
        func lines() throws -> [String] {
            let twin = try #require(
                try NodeEngine.reading(
                    storage,
                    modules: .standard,
                    clock: chain.clock,
                    random: SeededSource(seed: 2),
                    waitMs: 0
                )
            )
            let result = try twin.report("branches", ReportRequest())
            try twin.closeReading()
            let json = ReportText.json(result, .english)
            return [result.completenessLine(.english), result.completenessLine(.chinese), json]
        }
        let lagging = try lines()
        #expect(lagging[0].hasSuffix(" · 2 commits not yet counted, ask again"))
        #expect(lagging[1].hasSuffix(" · 另有 2 次提交尚未计入，请稍后再查"))
        #expect(lagging[2].contains("\"behind\":2"))
        try engine.catchUp()
        #expect(try lines().allSatisfy { !$0.contains("not yet") && !$0.contains("behind") })
    }

    @Test("a report that reads for too long is cut, and holds no WAL back")
    func tooLong() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = FolderStorage(folder: folder)
        let chain = try SmallChain(storage: storage)
        let twin = try #require(
            try NodeEngine.reading(
                storage,
                modules: .standard,
                clock: chain.clock,
                random: SeededSource(seed: 2),
                cutAfterMs: 50
            )
        )
        let endless: StaticString =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        for database in [twin.views, twin.log.database] {
            let cut = #expect(throws: StorageFault.self) { try database.integer(endless) }
            #expect(cut?.isCut == true)
        }
        try twin.closeReading()
        let engine = chain.headquarters.engine
        _ = try chain.addStore("S001")
        #expect(try engine.views.checkpoint(.truncate).isComplete)
        #expect(try engine.log.database.checkpoint(.truncate).isComplete)
    }

    @Test("while a round waits for its line, sales are closed, and all of them arrive")
    func slowRound() throws {
        let headquarters = try ServedHeadquarters()
        let chain = headquarters.chain
        let place = try chain.addStore("S001")
        let node = try chain.enrol(place.branch, seed: 41)
        _ = try node.engine.perform(OpenDay(till: place.tills[0]))
        try headquarters.start()
        let store = SharedStore(node: node, chain: chain, till: place.tills[0])
        let worker = Worker { false }
        worker.start()
        defer { worker.stop() }
        let line = SlowLine(headquarters: headquarters)
        let outcome = Mutex<RoundOutcome?>(nil)
        let hasEnded = DispatchSemaphore(value: 0)
        let round = WorkerRound(worker: worker, sync: node)
        let problems = Mutex<[String]>([])
        Thread.detachNewThread {
            let result = round.run(
                line,
                failed: { event, error in problems.withLock { $0.append("\(event) \(error)") } }
            )
            outcome.withLock { $0 = result }
            hasEnded.signal()
        }
        var sold = 0
        while hasEnded.wait(timeout: .now()) == .timedOut, sold < 50 {
            guard line.hasAsked.wait(timeout: .now() + 0.2) == .success else { continue }
            // The request is on its way; the till does not notice.
            if sold < 3 {
                let isSold = worker.run { (try? store.sell()) != nil }
                #expect(isSold)
                sold += 1
            }
            line.mayAnswer.signal()
        }
        #expect(problems.withLock { $0 } == [])
        #expect(outcome.withLock { $0?.isComplete } == true)
        #expect(sold == 3)
        for _ in 0..<20 { line.mayAnswer.signal() }
        _ = round.run(line, failed: { _, _ in })
        #expect(worker.run { (try? store.node.engine.log.unsentCount()) == 0 })
        let seen = try headquarters.run { chain in
            try chain.headquarters.engine.catchUp()
            return try Self.tickets(chain.headquarters.engine)
        }
        #expect(seen == .integer(3))
    }
}
