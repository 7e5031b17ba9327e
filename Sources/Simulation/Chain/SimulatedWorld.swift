// The outside world of a simulated chain: time, clocks that are wrong, randomness, the trace.
// Must not: look at the machine's clock or randomness.

import Kernel
package import Wire

/// True time, as nobody in the chain knows it.
final class WorldTime {
    var milliseconds: Int64

    init(_ start: WallTime) { milliseconds = start.milliseconds }

    func advance(minutes: Int) { milliseconds += Int64(minutes) * 60_000 }
}

/// The clock of one node: it may drift, jump and stand still.
///
/// Why `@unchecked Sendable`: a simulation runs on one thread.
final class SimulatedClock: Clock, @unchecked Sendable {
    private let world: WorldTime
    private let start: Int64
    /// Unit: milliseconds ahead of true time.
    var offset: Int64 = 0
    /// Unit: milliseconds gained per million.
    var driftPerMillion: Int64 = 0
    /// What it shows as long as it stands still.
    var frozen: WallTime?

    init(_ world: WorldTime) {
        self.world = world
        start = world.milliseconds
    }

    func now() -> WallTime {
        if let frozen { return frozen }
        let gained = (world.milliseconds - start) / 1_000 * driftPerMillion / 1_000
        return WallTime(milliseconds: world.milliseconds + offset + gained)
    }

    func monotonicMs() -> Int64 { world.milliseconds }

    /// Shows true time from now on.
    func mend() {
        offset = 0
        driftPerMillion = 0
        frozen = nil
    }
}

/// Randomness of one node, from the seed.
///
/// Why `@unchecked Sendable`: a simulation runs on one thread.
final class SimulatedSource: RandomSource, @unchecked Sendable {
    private var random: SeededRandom

    init(_ random: SeededRandom) { self.random = random }

    func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
}

/// What happened, line by line, as one hash: two runs of a seed must agree in it.
package struct SimulationTrace {
    private var hash = Digest32.zero
    private var recent: [String] = []
    private let print: ((String) -> Void)?
    private static let recentMax = 12

    init(print: ((String) -> Void)?) { self.print = print }

    mutating func note(_ line: String) {
        hash = SHA256.digest(hash.bytes + Array(line.utf8))
        recent.append(line)
        if recent.count > SimulationTrace.recentMax { recent.removeFirst() }
        print?(line)
    }

    /// The hash of all lines so far.
    package var digest: Digest32 { hash }
    /// The last lines.
    package var lastLines: [String] { recent }
}
