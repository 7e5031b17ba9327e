// A round of sync beside the work of a serving node: the worker steps in short jobs, the thread of
// the round waits for the network. Must not touch the engine on its own thread.

import Kernel
import Replication
package import Sync

/// A node's sync as the worker's thread owns it.
///
/// Why `@unchecked Sendable`: it is touched in jobs of the worker only.
package struct WorkerRound: @unchecked Sendable {
    private let worker: Worker
    private let sync: NodeSync

    /// A round for a sync that was made on the worker's thread.
    package init(worker: Worker, sync: NodeSync) {
        self.worker = worker
        self.sync = sync
    }

    /// One round; a sale waits for one message at most, never for the network or for the views.
    package func run(
        _ transport: any Transport,
        isStopping: () -> Bool = { false },
        failed: @escaping @Sendable (String, any Error) -> Void
    ) -> RoundOutcome {
        worker.run { sync.client.begin(now: sync.engine.clock.now()) }
        while !isStopping() {
            let request = worker.run { () -> SyncRequest? in
                do {
                    return try sync.nextRequest()
                } catch {
                    failed("sync_failed", error)
                    sync.client.fail("\(error)")
                    return nil
                }
            }
            guard let request else { break }
            do {
                let answer = try transport.exchange(request)
                worker.run {
                    do {
                        try sync.take(answer)
                    } catch {
                        failed("sync_failed", error)
                        sync.client.fail("\(error)")
                    }
                }
            } catch {
                worker.run { sync.client.fail("\(error)") }
            }
        }
        return settle(isStopping, failed)
    }

    /// Lets the views follow, a batch a job.
    private func settle(
        _ isStopping: () -> Bool,
        _ failed: @escaping @Sendable (String, any Error) -> Void
    ) -> RoundOutcome {
        var isBehind = true
        while isBehind, !isStopping() {
            isBehind = worker.run {
                do {
                    return try sync.engine.log.areViewsStale ? false : sync.engine.catchUpABit()
                } catch {
                    failed("projection_failed", error)
                    return false
                }
            }
        }
        return worker.run {
            do {
                try sync.settle()
            } catch {
                failed("projection_failed", error)
            }
            return sync.client.outcome
        }
    }
}
