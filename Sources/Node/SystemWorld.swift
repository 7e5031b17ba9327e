// The real clock and the real randomness: what simulations replace.
// Must not be used below this room.

import CLinux
import Glibc
package import Kernel

/// The C library's clock.
package final class SystemClock: Clock {
    package init() {}

    /// The wall clock as the device has it, right or wrong.
    package func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// A clock that only goes forward, for measuring spans.
    package func monotonicMs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// The kernel's randomness.
package final class SystemRandom: RandomSource {
    package init() {}

    /// `count` bytes from getrandom(2).
    package func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { room in
                getrandom(room.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            if got < 0 {
                precondition(errno == EINTR, "the kernel gives randomness once it has booted")
                continue
            }
            filled += got
        }
        return bytes
    }
}
