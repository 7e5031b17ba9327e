// A twin of a serving node's engine on connections that only read, for one report at a time on a
// thread of its own. The writer neither waits for it nor is waited for.
// Must not write, checkpoint, or outlive the report.

import Glibc
package import Kernel
import Replication
import SQLite

extension NodeEngine {
    /// A twin that only reads; its views are those of one moment, for as long as it is open.
    ///
    /// It waits until the views have reached the log's end as of now, at most `waitMs`. Nil where
    /// they are being derived anew: then the writer is asked.
    package static func reading(
        _ storage: any NodeStorage,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource,
        waitMs: Int64 = 10_000
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
        guard let twin else {
            try database.close()
            return nil
        }
        let until = clock.monotonicMs() + waitMs
        while twin.projector.position < log.end, clock.monotonicMs() < until {
            usleep(10_000)
            try twin.projector.reload()
        }
        try twin.views.begin(.deferred)
        // The first look fixes the moment.
        try twin.projector.reload()
        if twin.projector.needsRebuild {
            try twin.closeReading()
            return nil
        }
        return twin
    }

    /// Closes a twin.
    package func closeReading() throws {
        if views.isInTransaction { try views.rollback() }
        try views.close()
        try log.database.close()
    }
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
            return value
        } catch {
            // The first error is the cause.
            try? twin.closeReading()
            throw error
        }
    }
}
