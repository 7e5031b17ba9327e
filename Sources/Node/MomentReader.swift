// Reading a node's files at moments: log and views on connections of their own, both fixed while
// the thread that owns them stands still. Must not write, nor hold a moment for long.

import Kernel
import Replication
import SQLite
import Synchronization

/// How long one moment of a file that is being written may be looked at.
package enum ReadingLimit {
    /// The longest that a moment is looked at.
    ///
    /// Unit: milliseconds. Why: as long as a reader looks at a moment, the WAL written since cannot
    /// be begun anew, and grows.
    package static let momentMs: Int64 = 5_000
}

/// The thread that owns a serving node's files, for whoever needs it for a moment.
package struct OwnThread: Sendable {
    private let submit: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// How long a moment may be looked at.
    ///
    /// Unit: milliseconds.
    let momentMs: Int64
    private let isStopping: @Sendable () -> Bool

    /// `submit` runs a job on the thread and returns when it is done.
    package init(
        momentMs: Int64 = ReadingLimit.momentMs,
        isStopping: @escaping @Sendable () -> Bool = { false },
        submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.submit = submit
        self.momentMs = momentMs
        self.isStopping = isStopping
    }

    /// Runs `body` on the thread, and answers what it answers.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let box = ResultBox<Value>()
        submit { box.result.withLock { $0 = Result { try body() } } }
        guard let result = box.result.withLock({ $0 }) else {
            preconditionFailure("a job leaves its result before it is said to be done")
        }
        return try result.get()
    }

    /// Throws: where the node is about to stop, so that nobody waits for long work.
    func goOn() throws {
        guard isStopping() else { return }
        throw NodeFault(.busy, "the node is stopping", nextStep: "try again when it serves")
    }
}

/// A result on its way from one thread to another.
private final class ResultBox<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}

/// An engine on its way to the thread that owns it.
///
/// Why `@unchecked Sendable`: only jobs of that thread touch it.
struct OwnedEngine: @unchecked Sendable {
    let engine: NodeEngine
}

/// A twin of an engine on connections that only read.
///
/// Why `@unchecked Sendable`: it belongs to one thread; while that waits for the engine's thread to
/// fix a moment, it belongs to that one.
final class MomentReader: @unchecked Sendable {
    let twin: NodeEngine
    private let owner: OwnedEngine
    private let thread: OwnThread?
    /// What took longer than a moment may last.
    private(set) var unchecked: [String] = []

    /// A reader beside `engine`; without a thread nothing is written meanwhile.
    init(of engine: NodeEngine, _ thread: OwnThread?) throws {
        owner = OwnedEngine(engine: engine)
        self.thread = thread
        let opened = try NodeEngine.twin(
            engine.storage,
            modules: engine.modules,
            clock: engine.clock,
            random: engine.random
        )
        guard let opened else { throw MomentReader.deriving }
        twin = opened
    }

    private static let deriving = NodeFault(
        .busy,
        "the views are being derived anew",
        nextStep: "try again when that has ended"
    )

    /// Closes the connections.
    func close() {
        // They only read: nothing is lost with what they say.
        try? twin.closeReading()
    }

    /// Runs `body` at one moment at which the views stand at the log's end.
    ///
    /// What takes too long is cut, and named among `unchecked`.
    func look(_ what: String, _ body: () throws -> Void) throws {
        try fix()
        do {
            try body()
            try leave()
        } catch {
            try leave()
            guard let fault = error as? StorageFault, fault.isCut else { throw error }
            unchecked.append(what)
        }
    }

    /// Throws: where the node is about to stop.
    func goOn() throws { try thread?.goOn() }

    /// Runs `body` at one moment, which lasts as long as it takes.
    func lookUncut<Value>(_ body: () throws -> Value) throws -> Value {
        try fix()
        twin.cutReading(afterMs: nil)
        do {
            let value = try body()
            try leave()
            return value
        } catch {
            try leave()
            throw error
        }
    }

    private func fix() throws {
        try goOn()
        guard let thread else { return try twin.fixMoment() }
        let owner = owner
        // A lag is caught up with in turns, so that others have theirs.
        while try thread.run({ try owner.engine.catchUpABit() }) {}
        try thread.run { [self] in
            try owner.engine.catchUp()
            try owner.engine.settle()
            guard owner.engine.views.path == twin.views.path else { throw MomentReader.deriving }
            try twin.fixMoment()
        }
        twin.cutReading(afterMs: thread.momentMs)
    }

    private func leave() throws {
        if thread != nil { twin.cutReading(afterMs: nil) }
        try twin.leaveMoment()
    }
}
