// verify beside a node that serves: its own thread is asked for moments only, it finds what is
// wrong all the same, and no moment is looked at for long.

import Catalog
import Dispatch
import Foundation
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

@Suite("Verify beside a node that serves")
struct VerifyBesideTests {
    /// Headquarters on a real disk, served, and a store with a day that has sold.
    private struct Served {
        let folder: String
        let storage: FolderStorage
        let headquarters: ServedHeadquarters
        let store: NodeSync
        let till: Int64

        init() throws {
            folder =
                FileManager.default.temporaryDirectory.path + "/verify-beside-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            storage = FolderStorage(folder: folder)
            headquarters = try ServedHeadquarters(storage: storage)
            let chain = headquarters.chain
            let place = try chain.addStore("S001")
            till = place.tills[0]
            store = try chain.enrol(place.branch, seed: 60)
            _ = try store.engine.perform(OpenDay(till: till))
            try chain.sell(store, till: till, 20)
            _ = try store.round(Line(headquarters: chain.headquarters))
            try chain.headquarters.engine.catchUp()
        }

        /// The thread of headquarters; who asks for it passes the gate first.
        func thread(momentMs: Int64 = 60_000, _ gate: Gate? = nil) -> OwnThread {
            let worker = headquarters.worker
            return OwnThread(momentMs: momentMs) { job in
                gate?.pass()
                worker.run(job)
            }
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Stops who passes for the sixth time, until it is let.
    private final class Gate: Sendable {
        private let passed = Mutex(0)
        let isThere = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)

        func pass() {
            let number = passed.withLock { count in
                count += 1
                return count
            }
            guard number == 6 else { return }
            isThere.signal()
            mayGoOn.wait()
        }
    }

    /// The engine on its way to the thread of the check, which reads only what never changes.
    private struct Shared: @unchecked Sendable {
        // Why: `verifyBeside` is there to be called on another thread.
        let engine: NodeEngine
    }

    @Test("while it is at work a push is taken and projected, and nothing is found wrong")
    func serves() throws {
        let served = try Served()
        defer { served.remove() }
        let headquarters = served.headquarters
        try headquarters.start()
        try headquarters.chain.sell(served.store, till: served.till, 5)
        let push = try Siege.next(served.store, headquarters.chain.clock.now())
        let gate = Gate()
        let result = Mutex<Result<VerifyResult, any Error>?>(nil)
        let hasEnded = DispatchSemaphore(value: 0)
        let shared = Shared(engine: headquarters.chain.headquarters.engine)
        let thread = served.thread(gate)
        Thread.detachNewThread {
            let found = Result { try shared.engine.verifyBeside(thread) }
            result.withLock { $0 = found }
            hasEnded.signal()
        }
        #expect(gate.isThere.wait(timeout: .now() + 60) == .success)
        // The check stands in its midst; headquarters answers as if it were not there.
        #expect(try headquarters.ask(push).status == 200)
        let tickets = try headquarters.run { chain in
            try chain.headquarters.engine.catchUp()
            return try chain.headquarters.engine.views.integer(
                "SELECT count(*) FROM sales_ticket"
            )
        }
        #expect(tickets == 25)
        #expect(result.withLock { $0 == nil }, "the check is still at work")
        gate.mayGoOn.signal()
        #expect(hasEnded.wait(timeout: .now() + 60) == .success)
        let found = try #require(try result.withLock { try $0?.get() })
        #expect(found.problems == [])
        #expect(found.unchecked == [])
        #expect(found.commits > 20)
        // Nothing is left open or behind: the WALs can be written back whole.
        #expect(!FileManager.default.fileExists(atPath: served.folder + "/verify.sqlite"))
        let isFree = try headquarters.run { chain in
            let engine = chain.headquarters.engine
            return try engine.views.checkpoint(.truncate).isComplete
                && engine.log.database.checkpoint(.truncate).isComplete
        }
        #expect(isFree)
    }

    @Test("what is wrong in the log or in the views is found, as it is where nothing serves")
    func finds() throws {
        let served = try Served()
        defer { served.remove() }
        try served.headquarters.start()
        let engine = served.headquarters.chain.headquarters.engine
        let breaks = [
            (false, "UPDATE sales_ticket SET total = total + 1", "sales_ticket"),
            (true, "UPDATE commits SET hash = zeroblob(32) WHERE position = 5", "have its hash"),
        ]
        for (isLog, sql, words) in breaks {
            try served.headquarters.run { chain in
                let engine = chain.headquarters.engine
                try (isLog ? engine.log.database : engine.views).execute(sql)
            }
            let beside = try engine.verifyBeside(served.thread())
            #expect(beside.problems.contains { $0.contains(words) }, "\(beside.problems)")
            let alone = try served.headquarters.run { try $0.headquarters.engine.verify() }
            #expect(beside.problems == alone.problems)
        }
    }

    @Test("a moment that lasts too long is cut, and what was not checked is named")
    func cut() throws {
        let served = try Served()
        defer { served.remove() }
        try served.headquarters.start()
        let engine = served.headquarters.chain.headquarters.engine
        let result = try engine.verifyBeside(served.thread(momentMs: 0))
        #expect(result.problems == [])
        #expect(!result.unchecked.isEmpty)
        // Without a limit all of it is checked again.
        #expect(try engine.verifyBeside(served.thread()).unchecked == [])
    }

    @Test("a backup beside a node that serves holds one moment, and what it holds is protected")
    func backup() throws {
        let served = try Served()
        defer { served.remove() }
        let headquarters = served.headquarters
        try headquarters.start()
        let engine = headquarters.chain.headquarters.engine
        let end = try headquarters.run { $0.headquarters.engine.log.end }
        let path = served.folder + "/copy.sqlite"
        let backup = try engine.backupBeside(served.thread(), to: path)
        #expect(backup.position == end)
        let copy = try Database(path: path, options: Database.Options(role: .reader))
        #expect(try copy.integer("SELECT max(position) FROM commits") == end)
        try copy.close()
        let kept = try headquarters.run {
            try $0.headquarters.engine.log.reader.metaInteger("protected_position")
        }
        #expect(kept == end)
        let isFree = try headquarters.run {
            try $0.headquarters.engine.log.database.checkpoint(.truncate).isComplete
        }
        #expect(isFree)
    }

    @Test("a node that is stopping waits for no check")
    func stopping() throws {
        let served = try Served()
        defer { served.remove() }
        try served.headquarters.start()
        let worker = served.headquarters.worker
        let isStopping: @Sendable () -> Bool = { true }
        let thread = OwnThread(isStopping: isStopping) { worker.run($0) }
        let engine = served.headquarters.chain.headquarters.engine
        let fault = #expect(throws: NodeFault.self) { _ = try engine.verifyBeside(thread) }
        #expect(fault?.exit == .busy)
    }
}
