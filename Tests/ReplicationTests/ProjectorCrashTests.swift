// What the death of the process leaves behind, and what the next one makes of it.
// A death is what a kill leaves: a copy of the views file and its WAL taken in the midst.

import Foundation
import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("A commit that kills the program")
struct ProjectorCrashTests {
    private struct Killed: Error {}

    /// A place for the views file of each process.
    private let root = FileManager.default.temporaryDirectory
        .appendingPathComponent("tributary-crash-\(UInt64.random(in: 0...(.max)))")

    private func views(_ process: Int) throws -> Database {
        let folder = root.appendingPathComponent("\(process)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try Database(path: folder.appendingPathComponent("views.sqlite").path)
    }

    /// Copies what a kill would leave of one process to where the next begins.
    private func kill(_ process: Int) {
        let from = root.appendingPathComponent("\(process)")
        let to = root.appendingPathComponent("\(process + 1)")
        let files = FileManager.default
        do {
            try files.createDirectory(at: to, withIntermediateDirectories: true)
            for name in ["views.sqlite", "views.sqlite-wal"] {
                let old = from.appendingPathComponent(name)
                if files.fileExists(atPath: old.path) {
                    try files.copyItem(at: old, to: to.appendingPathComponent(name))
                }
            }
        } catch {
            Issue.record("the files could not be copied: \(error)")
        }
    }

    /// Runs processes until one lives; answers it and how many died.
    private func live(
        _ log: Fixture,
        from first: Int = 0,
        lethal: Set<ChangeID>,
        limit: Int = 100,
        between: () throws -> Void = {}
    ) throws -> (projector: Projector, deaths: Int) {
        for process in first..<first + 20 {
            let module = TestProjection()
            module.beforeFact = { (id) throws(ProjectionFault) in
                guard lethal.contains(id) else { return }
                self.kill(process)
                // No more than a way out of the dead process: nothing of it is looked at again.
                let fault = StorageFault(operation: "killed", code: 10, message: "killed")
                throw .storage(fault)
            }
            let projector = try Projector(
                reader: log.log.reader,
                views: views(process),
                projections: [module]
            )
            do {
                while try projector.catchUp(limit: limit) > 0 {}
                return (projector, process - first)
            } catch let fault as StorageFault where fault.operation == "killed" {
                try between()
            }
        }
        throw Killed()
    }

    private func facts(_ count: Int) throws -> (ghost: Ghost, ids: [ChangeID]) {
        var ghost = Ghost(1)
        let ids = (1...count).map { ghost.write(.init(changes: [TestBody.fact("a", Int64($0))])) }
        return (ghost, ids)
    }

    @Test("is found by itself and set aside after two deaths alone; everything else flows")
    func found() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (ghost, ids) = try facts(30)
        let log = try Fixture(replica: 9) { [TestProjection()] }
        try ghost.sendAll(to: log)
        let (projector, deaths) = try live(log, lethal: [ids[6]])
        #expect(deaths == 4, "twice in the batch, twice alone")
        #expect(try projector.deadly() == [ids[6]])
        #expect(projector.position == 30)
        let sum = try projector.views.integer("SELECT sum(sum) FROM test_sums")
        #expect(sum == 458, "all of 1 … 30 but 7")
    }

    @Test("is found although the log grows between the deaths, and though there are two of them")
    func grows() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        var (ghost, ids) = try facts(20)
        let log = try Fixture(replica: 9) { [TestProjection()] }
        try ghost.sendAll(to: log)
        let (projector, deaths) = try live(log, lethal: [ids[3], ids[15]]) {
            ghost.write(.init(changes: [TestBody.fact("a", 0)]))
            try ghost.sendAll(to: log)
        }
        #expect(deaths == 6, "twice in the batch, then twice over each")
        #expect(try projector.deadly() == [ids[3], ids[15]])
        #expect(try projector.views.integer("SELECT sum(sum) FROM test_sums") == 210 - 4 - 16)
    }

    @Test("is ruled unread, stays away through a rebuild, and comes back when it is released")
    func ruled() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (ghost, ids) = try facts(10)
        let log = try Fixture(replica: 9) { [TestProjection()] }
        try ghost.sendAll(to: log)
        let (projector, deaths) = try live(log, lethal: [ids[4]])
        var hq = Ghost(0)
        let ruling = hq.write(
            .init(changes: [DraftChange(kind: LogKind.commitUnread, body: RulingBody.ids([ids[4]]))]
            )
        )
        try hq.sendAll(to: log)
        try projector.catchUpWholly()
        #expect(try projector.quarantined().map(\.reason) == [.unread])
        #expect(try log.rebuiltDigests() == projector.digests())
        #expect(try log.views.integer("SELECT count(*) FROM test_sums") == 0, "not caught up yet")
        let body = RulingBody.released([ids[4]], from: ruling)
        hq.write(.init(changes: [DraftChange(kind: LogKind.commitReleased, body: body)]))
        try hq.sendAll(to: log)
        try projector.views.close()
        let (healed, more) = try live(log, from: deaths, lethal: [])
        #expect(more == 0)
        #expect(try healed.quarantined().isEmpty)
        #expect(try healed.views.integer("SELECT sum(sum) FROM test_sums") == 55)
        #expect(try log.rebuiltDigests() == healed.digests())
    }

    @Test("is not suspected for an error of the disk that the process survives")
    func diskError() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let (ghost, ids) = try facts(5)
        let log = try Fixture(replica: 9) { [TestProjection()] }
        try ghost.sendAll(to: log)
        for _ in 0..<5 {
            let module = TestProjection()
            module.beforeFact = { (id) throws(ProjectionFault) in
                if id == ids[2] {
                    let fault = StorageFault(operation: "write", code: 10, message: "disk I/O")
                    throw .storage(fault)
                }
            }
            let projector = try Projector(
                reader: log.log.reader,
                views: views(0),
                projections: [module]
            )
            #expect(throws: StorageFault.self) { try projector.catchUp() }
            #expect(projector.position == 0)
            try projector.views.close()
        }
        let (projector, deaths) = try live(log, lethal: [])
        #expect(deaths == 0)
        #expect(try projector.quarantined().isEmpty)
        #expect(try projector.views.integer("SELECT sum(sum) FROM test_sums") == 15)
    }
}
