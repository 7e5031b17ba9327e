// Properties: a law tried on many drawn cases; a case that breaks it is named by its seed.
// Each run draws new cases; `TRIBUTARY_SEED=n swift test --filter KernelTests` begins with case n.

import Foundation
import Kernel
import Testing

/// What broke a law.
struct Falsified: Error, CustomStringConvertible {
    let description: String
}

/// Ends the case when the law does not hold.
func hold(_ condition: Bool, _ evidence: @autoclosure () -> String) throws(Falsified) {
    if !condition { throw Falsified(description: evidence()) }
}

/// Tries a law on `cases` cases, each with a generator of its own seed.
func property(
    cases: Int = 2_000,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ law: (inout SeededRandom) throws -> Void
) {
    let given = ProcessInfo.processInfo.environment["TRIBUTARY_SEED"].flatMap { UInt64($0) }
    var system = SystemRandomNumberGenerator()
    let first = given ?? system.next() >> 16
    for index in 0..<cases {
        let seed = first &+ UInt64(index)
        var random = SeededRandom(seed: seed)
        do {
            try law(&random)
        } catch {
            Issue.record(
                "\(error) (repeat: TRIBUTARY_SEED=\(seed) swift test --filter KernelTests)",
                sourceLocation: sourceLocation
            )
            return
        }
    }
}

extension SeededRandom {
    /// A number of any size: few bits as likely as many, and the ends of the range.
    mutating func anyInt64() -> Int64 {
        switch int(in: 0...15) {
        case 0: return .min
        case 1: return .max
        case 2: return Int64(int(in: -2...2))
        default: return Int64(bitPattern: next()) >> Int64(int(in: 0...63))
        }
    }

    /// A wide number of any size, the ends of the range too.
    mutating func anyInt128() -> Int128 {
        switch int(in: 0...15) {
        case 0: return .min
        case 1: return .max
        case 2: return Int128(int(in: -2...2))
        default:
            let bits = UInt128(next()) << 64 | UInt128(next())
            return Int128(bitPattern: bits) >> Int128(int(in: 0...127))
        }
    }
}
