// The seams to the outside world, fulfilled here as other rooms fulfil them.

import Kernel
import Testing

private final class StandingClock: Clock {
    func now() -> WallTime { WallTime(milliseconds: 1_700_000_000_000) }
    func monotonicMs() -> Int64 { 5 }
}

struct WorldTests {
    @Test("A room can stand in for the clock under the plain name")
    func clock() {
        let clock: any Clock = StandingClock()
        var hybrid = HybridClock()
        let stamp = hybrid.tick(wall: clock.now())
        #expect(stamp.wallTime == clock.now())
        #expect(clock.monotonicMs() == 5)
    }
}
