// A headquarters and branches of it in memory, for imports.

import Catalog
import Foundation
import Import
import Kernel
import Module
import Node
import Replication
import SQLite
import Support
import Sync
import Tabular
import Testing

/// Files of a node in memory.
final class MemoryStorage: NodeStorage, @unchecked Sendable {
    // Why: a test uses it on one thread.
    private var files: [String: [UInt8]] = [:]

    func database(_ name: String, _ options: Database.Options) throws -> Database {
        try Database(path: ":memory:", options: options)
    }

    func names() throws -> [String] { files.keys.sorted() }
    func remove(_ name: String) throws { files[name] = nil }
    func read(_ name: String) throws -> [UInt8]? { files[name] }

    func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        files[name] = content
    }
}

/// A clock that goes on by a millisecond each time it is asked.
final class SteppingClock: Clock, @unchecked Sendable {
    // Why: a test uses it on one thread.
    private var time: WallTime

    init(_ time: WallTime) {
        self.time = time
    }

    func now() -> WallTime {
        time = time.adding(milliseconds: 1)
        return time
    }

    func monotonicMs() -> Int64 { time.milliseconds }
}

/// A line to headquarters in the same process.
struct Line: Transport {
    let headquarters: Headquarters

    func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        let answer = try headquarters.answer(
            method: request.method,
            target: request.target,
            headers: request.headers,
            body: request.body
        )
        try headquarters.engine.catchUp()
        return TransportAnswer(
            status: answer.status,
            headers: answer.headers,
            body: answer.body
        )
    }
}

/// A company of this year, to which files are imported.
final class ImportChain {
    let clock: SteppingClock
    let headquarters: Headquarters
    /// A folder for files, removed at the end.
    let folder: String

    /// `from` is the day from which the kind of taxpayer holds.
    init(from: CivilDate = FoundingWish.fromTheBeginning) throws {
        clock = SteppingClock(try WallTime(parsing: "2026-11-20T09:00:00+08:00"))
        headquarters = try Headquarters(
            engine: NodeEngine.found(
                FoundingWish(
                    company: "百川",
                    standard: 1,
                    taxpayer: .general,
                    from: from
                ),
                storage: MemoryStorage(),
                modules: .standard,
                clock: clock,
                random: SeededSource(seed: 1)
            )
        )
        folder = NSTemporaryDirectory() + "import-\(UUID().uuidString)"
        try Files.makeFolder(folder)
    }

    deinit {
        try? Files.removeFolder(folder)
    }

    var engine: NodeEngine { headquarters.engine }

    /// Writes a file and answers its path.
    func file(_ name: String, _ text: String) throws -> String {
        try file(name, Array(text.utf8))
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Files.write(bytes, to: folder + "/" + name)
        return folder + "/" + name
    }

    /// Enrols a node for a branch and fetches what it needs.
    func enrol(_ code: String, seed: UInt64) throws -> NodeSync {
        let today = clock.now().date()
        let catalog = engine.modules.questions.catalog
        let branch = try #require(try catalog.branch(code: code, on: today, engine.views))
        let random = SeededSource(seed: seed)
        let secret = try headquarters.server.issueCode(
            kind: 1,
            branch: branch.id,
            label: code,
            now: clock.now()
        )
        let enrolment = try Enrolment(
            code: secret.text,
            deviceNonce: random.bytes(16),
            machine: "test",
            random: random
        )
        let reply = try Line(headquarters: headquarters).exchange(enrolment.request)
        let answer = try enrolment.answer(
            status: reply.status,
            headers: reply.headers,
            body: reply.body
        )
        let log = try enrolment.found(answer, database: Database(path: ":memory:"), random: random)
        let engine = try NodeEngine(
            storage: MemoryStorage(),
            log: log,
            modules: .standard,
            clock: clock,
            random: random
        )
        let sync = try NodeSync(engine: engine)
        try round(sync)
        return sync
    }

    /// Sends and fetches until nothing is left.
    func round(_ node: NodeSync) throws {
        let outcome = try node.round(Line(headquarters: headquarters))
        #expect(outcome.isComplete, "\(outcome)")
    }
}

/// Imports at a node; what is printed is not looked at.
func imported(_ request: ImportRequest, _ engine: NodeEngine) throws -> ImportSummary {
    let console = CollectedConsole(language: .english).console
    return try Importer(engine: engine, console: console).run(request)
}

/// The fault that refuses a file whole.
func refusal(_ request: ImportRequest, _ engine: NodeEngine) -> NodeFault? {
    do {
        _ = try imported(request, engine)
        return nil
    } catch {
        return error as? NodeFault
    }
}
