// How long to wait before the next try: full jitter, so that a thousand nodes do not come at once.

package import Kernel

/// The waiting between rounds that failed.
package struct Backoff: Hashable, Sendable {
    /// Unit: milliseconds.
    package static let firstMs: Int64 = 1_000
    package static let lastMs: Int64 = 300_000
    private var failures = 0

    package init() {}

    /// A round succeeded.
    package mutating func succeed() { failures = 0 }

    /// A round failed: how long to wait, in milliseconds, never less than `atLeast`.
    package mutating func fail(random: any RandomSource, atLeastMs: Int64 = 0) -> Int64 {
        let top = min(Backoff.lastMs, Backoff.firstMs << Int64(min(failures, 9)))
        failures += 1
        let drawn = random.bytes(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return max(atLeastMs, drawn % (top + 1))
    }
}
