// Kernel: the hybrid time that stands in a commit, by which everything is ordered.

/// A hybrid time: milliseconds since 2020-01-01 UTC, and a counter within one.
///
/// Shape: milliseconds × 4096 + counter, 0 … 2⁵³ − 1, saturating.
package struct ClockStamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 2020-01-01 UTC, in milliseconds since 1970.
    package static let epochMs: Int64 = 1_577_836_800_000
    /// The earliest.
    package static let zero = ClockStamp(0)
    /// The latest: 2⁵³ − 1.
    package static let max = ClockStamp(Int64.max)
    /// How many stamps one millisecond holds.
    package static let stampsPerMs: Int64 = 4_096

    /// The integer that stands in a commit.
    package let rawValue: Int64

    /// The time of that integer, brought into range.
    package init(_ rawValue: Int64) {
        self.rawValue = Swift.min(Swift.max(rawValue, 0), 9_007_199_254_740_991)
    }

    /// The time of so many milliseconds since 2020-01-01 UTC and a counter, brought into range.
    package init(milliseconds: Int64, counter: Int64 = 0) {
        let (product, isOver) = milliseconds.multipliedReportingOverflow(by: Self.stampsPerMs)
        if isOver {
            self.init(milliseconds < 0 ? .min : .max)
        } else {
            let (sum, isSumOver) = product.addingReportingOverflow(counter)
            self.init(isSumOver ? (counter < 0 ? .min : .max) : sum)
        }
    }

    /// The time of a clock's instant, counter 0, brought into range.
    package init(wall: WallTime) {
        self.init(milliseconds: wall.adding(milliseconds: -Self.epochMs).milliseconds)
    }

    /// The time of an integer from outside.
    ///
    /// Throws: `overflow` outside 0 … 2⁵³ − 1.
    package init(checked rawValue: Int64) throws(NumberFault) {
        guard rawValue >= 0, rawValue <= 9_007_199_254_740_991 else {
            throw NumberFault(.overflow, "clock \(rawValue)")
        }
        self.rawValue = rawValue
    }

    /// Milliseconds since 2020-01-01 UTC.
    package var milliseconds: Int64 { rawValue >> 12 }

    /// The counter within the millisecond, 0 … 4095.
    package var counter: Int64 { rawValue & 4_095 }

    /// The instant, without the counter.
    package var wallTime: WallTime { WallTime(milliseconds: milliseconds + Self.epochMs) }

    /// The time so many milliseconds later, the counter kept, brought into range.
    package func adding(milliseconds delta: Int64) -> ClockStamp {
        let (product, isOver) = delta.multipliedReportingOverflow(by: Self.stampsPerMs)
        if isOver { return ClockStamp(delta < 0 ? .min : .max) }
        let (sum, isSumOver) = rawValue.addingReportingOverflow(product)
        return ClockStamp(isSumOver ? .max : sum)
    }

    /// Whether the left is the earlier time.
    package static func < (lhs: ClockStamp, rhs: ClockStamp) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// The instant in China's time and the counter.
    package var description: String { "\(wallTime)+\(counter)" }
}
