// A twin of a serving node's engine on connections that only read, for one report at a time on a
// thread of its own. The writer neither waits for it nor is waited for.
// Must not write, checkpoint, or outlive the report.

import CLinux
import Glibc
package import Kernel
import Replication
import SQLite

extension NodeEngine {
    /// A twin that only reads; its views are those of one moment, for as long as it is open.
    ///
    /// It waits until the views have reached the log's end as of now, at most `waitMs`; what they
    /// lack then, a report says. Nil where they are being derived anew: then the writer is asked.
    /// What is read for longer than `cutAfterMs` is cut: the fault says `isCut`.
    package static func reading(
        _ storage: any NodeStorage,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource,
        waitMs: Int64 = 10_000,
        cutAfterMs: Int64 = ReadingLimit.momentMs
    ) throws -> NodeEngine? {
        guard
            let twin = try twin(storage, modules: modules, clock: clock, random: random)
        else { return nil }
        let end = twin.log.end
        let until = clock.monotonicMs() + waitMs
        while twin.projector.position < end, clock.monotonicMs() < until {
            usleep(10_000)
            try twin.projector.reload()
        }
        try twin.fixMoment()
        if twin.projector.needsRebuild {
            try twin.closeReading()
            return nil
        }
        twin.cutReading(afterMs: cutAfterMs)
        return twin
    }

    /// An engine on connections of its own that only read; nil where no views serve now.
    static func twin(
        _ storage: any NodeStorage,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource
    ) throws -> NodeEngine? {
        let readingLog = Database.Options(role: .reader, cacheKiB: 4_096)
        let database = try storage.database("log.sqlite", readingLog)
        let log = try Log.open(database: database, random: random)
        let twin: NodeEngine?
        do {
            twin = try NodeEngine(
                reading: storage,
                log: log,
                modules: modules,
                clock: clock,
                random: random
            )
        } catch let fault as StorageFault where !fault.isIO {
            // The file went while it was being opened: a rebuild has just ended.
            twin = nil
        }
        if twin == nil { try database.close() }
        return twin
    }

    /// Fixes the moment of a twin: what its log and its views are now, they stay until it leaves.
    func fixMoment() throws {
        try views.begin(.deferred)
        try log.database.begin(.deferred)
        // The first look fixes the moment; the views' before the log's, so that they lie within it.
        try projector.reload()
        try log.reload()
    }

    /// Leaves the moment.
    func leaveMoment() throws {
        if views.isInTransaction { try views.rollback() }
        if log.database.isInTransaction { try log.database.rollback() }
    }

    /// Cuts what a twin reads from `ms` milliseconds on; nil lets it read on.
    func cutReading(afterMs ms: Int64?) {
        views.cutReading(afterMs: ms)
        log.database.cutReading(afterMs: ms)
    }

    /// Closes a twin.
    package func closeReading() throws {
        try leaveMoment()
        try views.close()
        try log.database.close()
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// Gives pages that nothing lies in back to the system; the allocator would keep them.
    static func giveBack() { _ = malloc_trim(0) }
}

extension NodeDirectory {
    /// Runs `body` on a twin of this directory that only reads; nil where none can be had now.
    ///
    /// May be called on any thread while the directory is open.
    package func reading<Value>(_ body: (NodeDirectory) throws -> Value) throws -> Value? {
        let twin = try NodeEngine.reading(
            FolderStorage(folder: folder),
            modules: engine.modules,
            clock: engine.clock,
            random: engine.random
        )
        guard let twin else { return nil }
        let view = NodeDirectory(reading: self, engine: twin)
        do {
            let value = try body(view)
            try twin.closeReading()
            ProcessMemory.giveBack()
            return value
        } catch {
            // The first error is the cause.
            try? twin.closeReading()
            throw error
        }
    }
}
