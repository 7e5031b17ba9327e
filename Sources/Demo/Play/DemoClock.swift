// Demo, playing: a clock that is set. The nodes of a demonstration live in the plan's time.

package import Kernel
import Synchronization

/// A clock that shows what it was set to.
package final class DemoClock: Clock {
    private let time: Mutex<Int64>

    package init(_ time: WallTime) { self.time = Mutex(time.milliseconds) }

    /// Sets it; all nodes that share it see the same.
    package func set(_ time: WallTime) {
        self.time.withLock { $0 = time.milliseconds }
    }

    package func now() -> WallTime { WallTime(milliseconds: time.withLock { $0 }) }

    /// The plan's time goes forward only.
    package func monotonicMs() -> Int64 { time.withLock { $0 } }
}
