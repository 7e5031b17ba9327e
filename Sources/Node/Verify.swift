// Checking a whole data directory: chains, envelopes, personal records, views, invariants.
// Names everything that is wrong; changes nothing. While the node serves, its own thread is asked
// for moments only, and no moment is looked at for longer than `ReadingLimit` allows.

import Dispatch
import Kernel
import Module
import Replication
import SQLite
import Sync
import Synchronization
import Wire

/// What a check found.
package struct VerifyResult: Sendable {
    /// What is wrong, one sentence each; empty is well.
    package var problems: [String] = []
    /// What could not be checked beside a node that serves, for it takes too long.
    package var unchecked: [String] = []
    package var commits: Int64 = 0
    package var changes: Int64 = 0
    package var personal: Int64 = 0
    package var quarantined = 0
    package var missingPersonal: Int64 = 0
}

extension NodeEngine {
    /// Checks everything, while nothing else is done.
    package func verify(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> VerifyResult {
        try catchUp()
        // What a till has not committed yet is not seen by a connection that reads.
        try settle()
        if storage.canBeReadBeside {
            return try Verification(of: self, thread: nil).run(progress)
        }
        let keys = try deviceKeys()
        var verifier = verifier(of: log, keys)
        try verifier.begin()
        var result = try verifier.run()
        let context = try reportContext()
        for complaint in try views.integrityComplaints() {
            result.problems.append("views: \(complaint)")
        }
        for module in modules.modules {
            try result.note(module.name) { try module.violations(context) }
        }
        let fresh = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: modules.projections()
        )
        try fresh.derive { progress($0, $1) }
        for table in projector.comparedTables {
            try result.note(nil) { try projector.difference(in: table, fresh) }
        }
        try result.note(nil) { try projector.asideUnlike(fresh) }
        result.problems += try openFiles()
        result.quarantined = try projector.quarantined().count
        return result
    }

    /// Checks everything on connections of their own, while the node serves; on any thread.
    ///
    /// Nothing is written but a file of its own. What it finds is looked at once more while
    /// everything stands still, for the log may have been rearranged meanwhile.
    package func verifyBeside(
        _ thread: OwnThread,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> VerifyResult {
        let result = try Verification(of: self, thread: thread).run(progress)
        if result.problems.isEmpty { return result }
        let owner = OwnedEngine(engine: self)
        return try thread.run { try owner.engine.verify() }
    }

    /// Checks the log alone: its chains, acts, personal values and marks, and headquarters'
    /// signatures where the keys may be expected to be here.
    package func verifyLog(signatures: Bool = true) throws -> VerifyResult {
        var verifier = verifier(of: log, signatures ? try deviceKeys() : nil)
        verifier.checksSignatures = log.isHeadquarters && signatures
        try verifier.begin()
        return try verifier.run()
    }

    fileprivate func deviceKeys() throws -> KeyStore? {
        guard log.isHeadquarters else { return nil }
        return try storage.read("keys").map { try KeyStore(bytes: $0) }
    }

    fileprivate func verifier(of log: Log, _ keys: KeyStore?) -> LogVerifier {
        LogVerifier(
            reader: log.reader,
            realm: log.realm,
            isHeadquarters: log.isHeadquarters,
            keys: keys
        )
    }
}

extension NodeEngine {
    /// Checks a copy of the log, without the signatures of the batches.
    func verifyLog(of copy: LogReader) throws -> VerifyResult {
        var verifier = LogVerifier(
            reader: copy,
            realm: log.realm,
            isHeadquarters: log.isHeadquarters,
            keys: nil
        )
        verifier.checksSignatures = false
        try verifier.begin()
        return try verifier.run()
    }

    /// The files of the directory that others may read.
    fileprivate func openFiles() throws -> [String] {
        try storage.openToOthers().map { "others may read or change \($0): chmod 600" }
    }
}

extension VerifyResult {
    /// Notes what is wrong by a check of the views; damage that the check stumbles over is too.
    fileprivate mutating func note(_ name: String?, _ check: () throws -> [String]) throws {
        let mark = name.map { "\($0): " } ?? ""
        do {
            problems += try check().map { mark + $0 }
        } catch let fault as StorageFault where fault.isCorrupt {
            problems.append("\(mark)\(fault)")
        } catch let fault as WireFault {
            problems.append("\(mark)what stands in the log cannot be read: \(fault)")
        }
    }
}

extension Projector {
    /// What is set aside here and not there, or there and not here, but for what a process died of.
    fileprivate func asideUnlike(_ fresh: Projector) throws -> [String] {
        let aside = try quarantined()
        let deadly = Set(aside.filter { $0.reason == .deadly }.map(\.id))
        let here = Set(aside.map(\.id))
        let there = Set(try fresh.quarantined().map(\.id))
        let strange = here.symmetricDifference(there).subtracting(deadly).sorted()
        guard let first = strange.first else { return [] }
        let what = here.contains(first) ? "set aside" : "not set aside"
        return ["\(strange.count) commits from \(first) on are \(what), unlike in a rebuild"]
    }

    /// Where a table differs from that of views derived anew, in words; empty where it does not.
    fileprivate func difference(
        in table: (module: String, table: String),
        _ fresh: Projector
    ) throws -> [String] {
        guard let row = try firstDifference(in: table.table, fresh) else { return [] }
        return [
            "the views of module \(table.module) differ from a rebuild: \(table.table), row \(row)"
        ]
    }

    /// Derives everything the log holds.
    fileprivate func derive(_ progress: (Int64, Int64) throws -> Void) throws {
        // Many commits at once fold into few rows of sums.
        while try catchUp(limit: 10_000) > 0 {
            try progress(position, try reader.end())
            if views.walBytes > 64 << 20 { try views.checkpoint(.passive) }
        }
    }
}

/// A check on connections that only read, two threads beside one another: one reads what is kept,
/// the other derives the views again, into a file of its own, and compares.
private struct Verification {
    /// The file into which the views are derived again.
    static let scratch = "verify.sqlite"

    private let engine: NodeEngine
    private let thread: OwnThread?

    init(of engine: NodeEngine, thread: OwnThread?) {
        self.engine = engine
        self.thread = thread
    }

    func run(_ progress: (Int64, Int64) -> Void) throws -> VerifyResult {
        let kept = try MomentReader(of: engine, thread)
        defer { kept.close() }
        let derived = try MomentReader(of: engine, thread)
        defer { derived.close() }
        let checking = Beside { () throws -> VerifyResult in try Self.checkKept(kept) }
        let rebuilt = Result { try checkRebuild(derived, progress) }
        var result = try checking.wait()
        let (problems, unchecked) = try rebuilt.get()
        result.problems += problems
        result.unchecked += unchecked
        result.problems += try engine.openFiles()
        return result
    }

    /// Checks the log, the files, and what the modules say must hold.
    private static func checkKept(_ reader: MomentReader) throws -> VerifyResult {
        let twin = reader.twin
        var verifier = twin.verifier(of: twin.log, try twin.deviceKeys())
        verifier.pause = { try reader.goOn() }
        var quarantined = 0
        var complaints: [String] = []
        try reader.look("the heads of the log") {
            try verifier.begin()
            quarantined = try twin.projector.quarantined().count
        }
        try reader.look("the file log.sqlite") {
            complaints = try twin.log.database.integrityComplaints().map { "log.sqlite: \($0)" }
        }
        // Where not even the heads could be read in time nothing can be said of the chains.
        let hasHeads = !reader.unchecked.contains("the heads of the log")
        var result = hasHeads ? try verifier.run(checksFile: false) : VerifyResult()
        result.problems = complaints + result.problems
        result.quarantined = quarantined
        try reader.look("the file of the views") {
            for complaint in try twin.views.integrityComplaints() {
                result.problems.append("views: \(complaint)")
            }
        }
        for module in twin.modules.modules {
            try reader.look("what module \(module.name) says must hold") {
                try result.note(module.name) { try module.violations(try twin.reportContext()) }
            }
        }
        result.unchecked = reader.unchecked
        return result
    }

    /// Derives the views aside and compares them row for row.
    private func checkRebuild(
        _ reader: MomentReader,
        _ progress: (Int64, Int64) -> Void
    ) throws -> (problems: [String], unchecked: [String]) {
        let twin = reader.twin
        try Self.removeScratch(twin.storage)
        let options = Database.Options(synchronous: .off, cacheKiB: 65_536)
        let views = try twin.storage.database(Self.scratch, options)
        defer {
            // What is left behind by a failure is removed before the next check.
            try? views.close()
            try? Self.removeScratch(twin.storage)
        }
        let fresh = try Projector(
            reader: twin.log.reader,
            views: views,
            projections: twin.modules.projections()
        )
        try fresh.derive { done, all in
            progress(done, all)
            try reader.goOn()
        }
        var result = VerifyResult()
        for table in twin.projector.comparedTables {
            try reader.look("the views' table \(table.table)") {
                // What came since the moment before is little.
                try fresh.derive { _, _ in try reader.goOn() }
                try result.note(nil) { try twin.projector.difference(in: table, fresh) }
            }
        }
        try reader.look("what the views have set aside") {
            try fresh.derive { _, _ in try reader.goOn() }
            try result.note(nil) { try twin.projector.asideUnlike(fresh) }
        }
        return (result.problems, reader.unchecked)
    }

    static func removeScratch(_ storage: any NodeStorage) throws {
        for suffix in ["-wal", "-shm", ""] { try storage.remove(scratch + suffix) }
    }
}

/// Work on another thread, and its result.
private struct Beside<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
    }

    private let box = Box()

    init(_ work: @escaping @Sendable () throws -> Value) {
        let box = box
        DispatchQueue.global().async {
            let result = Result { try work() }
            box.result.withLock { $0 = result }
            box.done.signal()
        }
    }

    /// Waits for the end; asked once.
    func wait() throws -> Value {
        box.done.wait()
        guard let result = box.result.withLock({ $0 }) else {
            preconditionFailure("work leaves its result before it signals")
        }
        return try result.get()
    }
}
