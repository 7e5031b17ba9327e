// Checking a whole data directory: chains, envelopes, personal records, views, invariants.
// Names everything that is wrong; changes nothing.

import Dispatch
import Kernel
import Module
import Replication
import SQLite
import Sync
import Synchronization

/// What a check found.
package struct VerifyResult: Sendable {
    /// What is wrong, one sentence each; empty is well.
    package var problems: [String] = []
    package var commits: Int64 = 0
    package var changes: Int64 = 0
    package var personal: Int64 = 0
    package var quarantined = 0
    package var missingPersonal: Int64 = 0
}

extension NodeEngine {
    /// Checks everything.
    ///
    /// Why beside one another: what is kept is read on connections of their own while the views are
    /// derived again. Nothing is written meanwhile, so the long reading holds no checkpoint back.
    package func verify(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> VerifyResult {
        try catchUp()
        // What a till has not committed yet is not seen by a connection that reads.
        try settle()
        let keys = try deviceKeys()
        var result: VerifyResult
        if let log = try storage.reader("log.sqlite"), let views = try viewsReader() {
            let kept = try keptFiles(LogReader(database: log), views, keys)
            let checking = Beside { () throws -> VerifyResult in try kept.verify() }
            let problems = Result { try verifyRebuild(progress) }
            result = try checking.wait()
            result.problems += try problems.get()
        } else {
            result = try keptFiles(log.reader, projector.views, keys).verify()
            result.problems += try verifyRebuild(progress)
        }
        result.quarantined = try projector.quarantined().count
        return result
    }

    /// Checks the log alone: its chains, acts, personal values and marks, and headquarters'
    /// signatures where the keys may be expected to be here.
    package func verifyLog(signatures: Bool = true) throws -> VerifyResult {
        var verifier = verifier(of: log.reader, signatures ? try deviceKeys() : nil)
        verifier.checksSignatures = log.isHeadquarters && signatures
        return try verifier.run()
    }

    private func deviceKeys() throws -> KeyStore? {
        guard log.isHeadquarters else { return nil }
        return try storage.read("keys").map { try KeyStore(bytes: $0) }
    }

    private func keptFiles(
        _ reader: LogReader,
        _ views: Database,
        _ keys: KeyStore?
    ) throws -> KeptFiles {
        let context = try reportContext()
        return KeptFiles(
            verifier: verifier(of: reader, keys),
            modules: modules.modules,
            context: ReportContext(
                views: views,
                log: reader,
                questions: context.questions,
                today: context.today,
                completeness: context.completeness
            )
        )
    }

    private func verifier(of reader: LogReader, _ keys: KeyStore?) -> LogVerifier {
        LogVerifier(
            reader: reader,
            realm: log.realm,
            isHeadquarters: log.isHeadquarters,
            chainHash: log.chainHash,
            keys: keys
        )
    }

    /// Derives the views aside and compares them row for row.
    private func verifyRebuild(_ progress: (Int64, Int64) -> Void) throws -> [String] {
        let fresh = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: modules.projections()
        )
        // Many commits at once fold into few rows of sums.
        while try fresh.catchUp(limit: 10_000) > 0 { progress(fresh.position, log.end) }
        return try projector.differences(from: fresh).map { difference in
            "the views of module \(difference.module) differ from a rebuild: "
                + "\(difference.table), row \(difference.row)"
        }
    }
}

/// What is checked on the files as they are.
///
/// Why `@unchecked Sendable`: its connections are handed to one thread, and nothing else uses them
/// meanwhile.
private struct KeptFiles: @unchecked Sendable {
    let verifier: LogVerifier
    let modules: [any BusinessModule]
    let context: ReportContext

    /// Checks the log, the file of the views, and what the modules say must hold.
    func verify() throws -> VerifyResult {
        var verifier = verifier
        var result = try verifier.run()
        for complaint in try context.views.integrityComplaints() {
            result.problems.append("views: \(complaint)")
        }
        for module in modules {
            for violation in try module.violations(context) {
                result.problems.append("\(module.name): \(violation)")
            }
        }
        return result
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
