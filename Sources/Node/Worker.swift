// One thread that owns what must not be shared: the node's databases. Others hand it jobs.
// Must not know what the jobs do.

import Dispatch
import Glibc
import Synchronization

/// A thread with a queue of jobs; one hook runs when the queue is empty, another when the thread
/// has nothing to do some seconds after it worked.
///
/// Why `@unchecked Sendable`: its state is behind a mutex; the jobs run on its one thread.
package final class Worker: @unchecked Sendable {
    /// Something to do on the thread.
    package typealias Job = @Sendable () -> Void

    private struct State: Sendable {
        var urgent: [Job] = []
        var ordinary: [Job] = []
        var isStopping = false
        var isRunning = false

        /// Takes the next job out of the queue; a person's wish first.
        mutating func next() -> Job? {
            if !urgent.isEmpty { return urgent.removeFirst() }
            return ordinary.isEmpty ? nil : ordinary.removeFirst()
        }
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)
    /// Does a slice of background work; answers true while more is left.
    private let idle: @Sendable () -> Bool
    /// Gives back what work has taken.
    private let rest: @Sendable () -> Void
    private let restAfterMs: Int

    package init(
        restAfterMs: Int = 10_000,
        rest: @escaping @Sendable () -> Void = {},
        idle: @escaping @Sendable () -> Bool
    ) {
        self.restAfterMs = restAfterMs
        self.rest = rest
        self.idle = idle
    }

    /// Starts the thread.
    package func start() {
        state.withLock { $0.isRunning = true }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Worker>.fromOpaque(raw).takeRetainedValue().loop()
                return nil
            },
            box.toOpaque()
        )
        precondition(code == 0, "a thread can be made")
        pthread_detach(thread)
    }

    /// Ends the thread after the jobs it has, and waits for it.
    package func stop() {
        let wasRunning = state.withLock { state in
            state.isStopping = true
            return state.isRunning
        }
        signal.signal()
        if wasRunning { done.wait() }
    }

    /// Hands over a job; a person's wish goes before background work.
    package func submit(isUrgent: Bool = false, _ job: @escaping Job) {
        state.withLock { state in
            if isUrgent { state.urgent.append(job) } else { state.ordinary.append(job) }
        }
        signal.signal()
    }

    /// Runs a job on the thread and waits for its result.
    package func run<Value: Sendable>(_ job: @escaping @Sendable () -> Value) -> Value {
        let box = Mutex<Value?>(nil)
        let finished = DispatchSemaphore(value: 0)
        submit(isUrgent: true) {
            let value = job()
            box.withLock { $0 = value }
            finished.signal()
        }
        finished.wait()
        guard let value = box.withLock({ $0 }) else {
            preconditionFailure("a job leaves its result before it signals")
        }
        return value
    }

    /// Runs the jobs that wait, in the midst of a long one: called by a job between its own steps.
    ///
    /// A job that is run so may itself be long and let others pass; the first goes on when all
    /// that came in between are done.
    package func breathe() {
        while let job = state.withLock({ $0.next() }) { job() }
    }

    private func loop() {
        var hasMore = true
        // When to rest; nil while nothing was done since the last time.
        var restAt: DispatchTime?
        while true {
            let (job, isStopping) = state.withLock { ($0.next(), $0.isStopping) }
            if let job {
                job()
                hasMore = true
                restAt = restAt ?? .now() + .milliseconds(restAfterMs)
                continue
            }
            if isStopping { break }
            if hasMore {
                hasMore = idle()
            } else if let time = restAt {
                // A shop that is looked after every few seconds rests between two looks.
                if time <= .now() || signal.wait(timeout: time) == .timedOut {
                    rest()
                    restAt = nil
                } else {
                    hasMore = true
                }
            } else {
                signal.wait()
                hasMore = true
            }
        }
        done.signal()
    }
}
