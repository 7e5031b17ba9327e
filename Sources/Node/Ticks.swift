// A thread that looks once a second whether a person at a terminal still sees that a command works:
// copying a log, hashing it, waiting for another process or machine may take long and say nothing.
// Must not: touch anything but the console.

import Glibc

/// Lets a console tick until its command has ended.
package enum Ticks {
    /// Starts the thread where a person watches; it ends with the process.
    package static func start(_ console: Console) {
        if !console.isTerminal { return }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(console)
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                let console = Unmanaged<Console>.fromOpaque(raw).takeRetainedValue()
                while true {
                    usleep(500_000)
                    console.tick(nowMs: SystemClock().monotonicMs())
                }
            },
            box.toOpaque()
        )
        precondition(code == 0, "a thread can be made")
        pthread_detach(thread)
    }
}
