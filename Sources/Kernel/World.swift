// Kernel: the outside world as it is handed in from above, so that a whole chain of stores runs
// in one thread from one seed. Nothing below Node makes one of these from the machine.

/// What time it is.
package protocol Clock: AnyObject, Sendable {
    /// The time of day, which people may set forward and back.
    func now() -> WallTime

    /// Milliseconds since some moment; never goes back, for deadlines and durations.
    func monotonicMs() -> Int64
}

/// Where unpredictable bytes come from.
package protocol RandomSource: AnyObject, Sendable {
    /// So many fresh bytes, fit for keys and salts.
    func bytes(_ count: Int) -> [UInt8]
}
