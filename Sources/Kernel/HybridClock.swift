// Kernel: the clock of a node, which follows the wall but never goes back.
// Whose times may advance it is decided by the caller: effective ones, never others' raw ones.

/// A hybrid logical clock.
///
/// Each tick is later than every tick and advance before it, until the end of the range (in 2089),
/// where it stays.
package struct HybridClock: Hashable, Sendable {
    /// The latest time given out or seen.
    package private(set) var last: ClockStamp

    /// A clock that has seen `last`.
    package init(last: ClockStamp = .zero) { self.last = last }

    /// The next time: the wall's where it is ahead, else just after the last one.
    package mutating func tick(wall: WallTime) -> ClockStamp {
        let now = ClockStamp(wall: wall)
        // One more than a full counter is the next millisecond; the last stamp of all stays.
        last = now > last ? now : ClockStamp(last.rawValue + 1)
        return last
    }

    /// Takes note of a time, so that no later tick is before it.
    package mutating func advance(to stamp: ClockStamp) {
        if stamp > last { last = stamp }
    }
}
