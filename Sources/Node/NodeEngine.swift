// The heart of a node, synchronous and in one thread: a log, its views, the modules, a clock.
// A command is decided on the views, applied, appended, and only then answered.
// Must not open sockets, start threads or look at a clock of its own.

package import Kernel
package import Module
package import Replication
package import SQLite

/// One node at work.
///
/// Not thread safe: it belongs to the node's writer thread.
package final class NodeEngine {
    package let storage: any NodeStorage
    package let log: Log
    package private(set) var projector: Projector
    package let modules: ModuleList
    package let clock: any Clock
    package let random: any RandomSource
    /// What this node is; nil before it is enrolled.
    package var facts: NodeFacts
    /// Called after every durable write, with the head that must not be lost.
    package var afterWrite: (Head) -> Void = { _ in }
    /// Called by long work between its transactions, so that who serves can serve others first.
    package var breathe: () -> Void = {}
    private let viewFiles: ViewFiles
    private var isBatching = false
    /// How many durable acts may stand in an open transaction of the views.
    ///
    /// Why: whoever serves a queue calls `settle` when it is empty; until then a commit of the
    /// views after every act would cost as much as the act, and a crash loses none of it.
    package var viewsDeferredMax = 1
    private var deferredCount = 0
    /// True while nothing may be written, for the directory may be a copy.
    package private(set) var isUnproven: Bool
    /// True while the disk is full: then only what ends the day is written.
    package internal(set) var isShort = false
    /// How often damaged views were derived anew by this process.
    var mended = 0

    /// Opens the files of a node that exists.
    package init(
        storage: any NodeStorage,
        log: Log,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws {
        self.storage = storage
        self.log = log
        self.modules = modules
        self.clock = clock
        self.random = random
        viewFiles = ViewFiles(storage: storage, kinds: modules.kinds) { modules.projections() }
        projector = try viewFiles.open(log.reader, end: log.endAtOpening, progress: progress)
        facts = try NodeEngine.facts(of: log)
        isUnproven = try log.isUnproven
        try prepareWithheld()
        try followRecommit()
        try catchUp()
    }

    /// An engine on connections that only read; nil where no views serve now.
    init?(
        reading storage: any NodeStorage,
        log: Log,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource
    ) throws {
        self.storage = storage
        self.log = log
        self.modules = modules
        self.clock = clock
        self.random = random
        viewFiles = ViewFiles(storage: storage, kinds: modules.kinds) { modules.projections() }
        guard let served = try viewFiles.openReading(log.reader) else { return nil }
        projector = served
        facts = try NodeEngine.facts(of: log)
        isUnproven = try log.isUnproven
    }

    /// Opens `log.sqlite` of a directory.
    package static func openLog(
        _ storage: any NodeStorage,
        random: any RandomSource
    ) throws -> Log {
        try Log.open(database: database(storage), random: random)
    }

    /// The writing connection to `log.sqlite`.
    package static func database(_ storage: any NodeStorage) throws -> Database {
        try storage.database("log.sqlite", Database.Options(synchronous: .full, secureDelete: true))
    }

    private static func facts(of log: Log) throws -> NodeFacts {
        let kind = try log.reader.metaInteger("node_kind").flatMap(NodeFacts.Kind.init(rawValue:))
        return NodeFacts(
            kind: log.isHeadquarters ? .headquarters : kind ?? .branch,
            branch: try log.reader.metaInteger("node_branch") ?? 0,
            replica: log.own?.replica ?? ReplicaNumber(0)
        )
    }

    /// Reads again what the node is: after enrolling, or after it took another number.
    package func refreshFacts() throws {
        facts = try NodeEngine.facts(of: log)
        isUnproven = try log.isUnproven
    }

    package var views: Database { projector.views }

    // MARK: commands

    /// Decides a command, makes it durable, and answers its outcome.
    ///
    /// Throws: a `Refusal`; a `ProjectionFault`; `StorageFault` where nothing was written;
    /// `CommitUndecided` where the disk did not say: the node must be opened again and asked
    /// (`isInDoubt`).
    package func perform<C: Command>(
        _ command: C,
        author: Int64 = 0,
        at time: WallTime? = nil
    ) throws -> C.Outcome {
        try perform(command, author: author, at: time, request: nil) { _ in [] }
    }

    /// As above, once for a request key: a repeated key writes nothing.
    ///
    /// Throws: `RequestKnown` with what was answered then.
    package func perform<C: Command>(
        _ command: C,
        author: Int64 = 0,
        at time: WallTime? = nil,
        request: String?,
        encode: (C.Outcome) -> [UInt8]
    ) throws -> C.Outcome {
        if let request, let known = try log.reader.outcome(ofRequest: request) {
            throw RequestKnown(outcome: known)
        }
        if isUnproven { throw NodeRefusal.unproven }
        if !command.endsWork { try requireSpace() }
        let before = log.end
        do {
            return try attempt(command, author, time, request, encode)
        } catch  where NodeEngine.isFull(error) && !isBatching && log.end == before {
            // What is under way finishes with the space that was set aside for it.
            guard freeReserve() else { throw error }
            return try attempt(command, author, time, request, encode)
        } catch  where !isBatching && log.end == before {
            guard try mendViews(after: error) else { throw error }
            return try attempt(command, author, time, request, encode)
        }
    }

    private func attempt<C: Command>(
        _ command: C,
        _ author: Int64,
        _ time: WallTime?,
        _ request: String?,
        _ encode: (C.Outcome) -> [UInt8]
    ) throws -> C.Outcome {
        if !isBatching { try beCurrent() }
        try projector.openTransaction()
        let prepared: PreparedAct
        let outcome: C.Outcome
        let now = time ?? clock.now()
        do {
            var act = Act(first: try log.nextID(), author: author)
            if command.asksSums { try projector.writeSums() }
            outcome = try command.decide(context(now: now, author: author), &act)
            if log.isHeadquarters, act.isForConfirmedOnly, try log.isCareful {
                throw NodeRefusal.careful
            }
            if act.isEmpty {
                try settleUnlessDeferred()
                return outcome
            }
            prepared = try log.prepare(act, at: now)
        } catch {
            try? settleUnlessDeferred()
            throw error
        }
        let answered = request.map { (key: $0, outcome: encode(outcome)) }
        // Sums wait where the transaction stays open for more acts, which add to the same rows.
        let isBrief = !command.asksSums && (isBatching || viewsDeferredMax > 1)
        try projector.begin(prepared, isBrief: isBrief)
        if isBatching {
            try log.append(prepared, request: answered, at: now)
            return outcome
        }
        do {
            try log.write { try log.append(prepared, request: answered, at: now) }
        } catch {
            try projector.rollbackPending()
            throw error
        }
        try keepViews()
        try afterDurableWrite()
        return outcome
    }

    /// Brings the views to the log's end before a decision.
    private func beCurrent() throws {
        let stands = projector.isOpen && projector.position == log.end
        if !stands || projector.needsRebuild || log.isHeadquarters { try catchUp() }
    }

    /// Commits the views where a command wrote nothing and its transaction is not kept open.
    private func settleUnlessDeferred() throws {
        if viewsDeferredMax == 1, !isBatching { try settle() }
    }

    /// Takes an act that the log holds as projected.
    private func keepViews() throws {
        try projector.keepPending()
        deferredCount += 1
        if deferredCount < viewsDeferredMax { return }
        try settle()
        do {
            try keepWalShort()
        } catch  where NodeEngine.isFull(error) {
            // The act is durable and is answered as done; the WAL waits for space.
            isShort = true
        }
    }

    /// Commits what stands in the views' open transaction: whoever defers calls it when idle.
    package func settle() throws {
        deferredCount = 0
        if !isBatching, !projector.isPending { try commitViews() }
    }

    /// Runs many commands in one transaction: all of them are durable when it returns, or none.
    package func batch<Value>(_ body: () throws -> Value) throws -> Value {
        precondition(!isBatching, "batches do not nest")
        try requireSpace()
        try catchUp()
        isBatching = true
        let value: Value
        do {
            value = try log.write { try body() }
        } catch {
            isBatching = false
            try projector.rollbackPending()
            throw error
        }
        isBatching = false
        if projector.isPending { try keepViews() }
        try settle()
        try afterDurableWrite()
        return value
    }

    private func afterDurableWrite() throws {
        if let head = log.own { afterWrite(head) }
        try forgetErased()
        if projector.needsRebuild { try rebuild() }
    }

    /// What a decision may look at now.
    package func context(now: WallTime, author: Int64) -> DecideContext {
        DecideContext(
            views: projector.connection,
            log: log.reader,
            questions: modules.questions,
            node: NodeFacts(
                kind: facts.kind,
                branch: facts.branch,
                // The number may have changed since the last look, in the middle of a round.
                replica: log.own?.replica ?? facts.replica
            ),
            now: now,
            // At headquarters nobody else's time is known to be better.
            seen: log.isHeadquarters ? nil : log.clock.last.wallTime,
            author: author,
            writeSums: projector.writeSums
        )
    }

    // MARK: views

    /// Projects everything the log holds.
    package func catchUp() throws {
        repeat {
            if projector.needsRebuild { try rebuild() }
            while try project() > 0 { try keepWalShort() }
            if projector.needsRebuild { try rebuild() }
        } while try judgeLate()
    }

    /// Projects a batch; damaged views are derived anew first.
    private func project() throws -> Int {
        do {
            return try projector.catchUp()
        } catch {
            guard try mendViews(after: error) else { throw error }
            return try projector.catchUp()
        }
    }

    /// Projects one batch; answers true while more is left.
    package func catchUpABit() throws -> Bool {
        if projector.needsRebuild { try rebuild() }
        let count = try project()
        try keepWalShort()
        return try judgeLate() || count > 0
    }

    /// Derives the views anew where commits that they show were committed again or taken away.
    ///
    /// Order: before the next command; it would be decided on what the log no longer holds.
    package func followRecommit() throws {
        guard try log.areViewsStale else { return }
        try rebuild()
        try log.write { try log.viewsWereRebuilt() }
    }

    /// Derives all views anew.
    package func rebuild(progress: (Int64, Int64) -> Void = { _, _ in }) throws {
        do {
            try projector.commitOpen()
        } catch  where NodeEngine.isDamage(error) {
            // What a damaged file does not take stands in the log.
        }
        let old = projector.views
        projector = try viewFiles.rebuild(log.reader, progress: progress)
        try old.close()
    }

    /// Writes the WALs back while they are short, on the writing connections.
    ///
    /// Why: the log only grows; the rows of headquarters' views are written again and again, and
    /// the longer their WAL, the fewer times they go to the file. A branch syncs its log at every
    /// act: a WAL that is begun anew is written over, while one that still grows has its new size
    /// to sync too, which takes as long again.
    package func keepWalShort(bytesMax: Int = 8 << 20) throws {
        let viewsMax = log.isHeadquarters ? bytesMax * 8 : bytesMax
        let logMax = log.isHeadquarters ? bytesMax : bytesMax / 8
        if projector.connection.walBytes > viewsMax {
            try settle()
            if !projector.isOpen { _ = try projector.connection.checkpoint(.passive) }
        }
        if log.database.walBytes > logMax { _ = try log.database.checkpoint(.passive) }
    }

    /// Gives back the memory that work has taken: a branch's machine has other things to do.
    ///
    /// Headquarters keeps its pages: the next push needs them.
    package func rest() throws {
        if log.isHeadquarters || isInDoubt { return }
        try settle()
        projector.views.releaseMemory()
        log.database.releaseMemory()
        ProcessMemory.giveBack()
    }

    /// Closes the files; the WALs are written back, unless the disk failed.
    package func close() throws {
        if !isInDoubt {
            try settle()
            try writeBackAtEnd()
        }
        try projector.connection.close()
        try log.database.close()
    }
}

/// A request that was answered before.
package struct RequestKnown: Error, Sendable {
    package let outcome: [UInt8]
}
