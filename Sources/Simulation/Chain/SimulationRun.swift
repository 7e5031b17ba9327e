// One run of a seed from its founding to its verdict.
// Must not: print; whoever runs it does.

import Kernel
import Wire

/// What is to be run.
package struct SimulationOptions: Sendable {
    package var seed: UInt64
    package var steps = 400
    package var canary: SimulationCanary?

    package init(seed: UInt64) { self.seed = seed }

    /// The command that repeats it.
    package var command: String {
        var text = "tributary simulate --seed \(seed)"
        if steps != 400 { text += " --steps \(steps)" }
        if let canary { text += " --canary \(canary.rawValue)" }
        return text
    }
}

/// What a run came to.
package struct SimulationResult: Sendable {
    /// What is wrong, one sentence each; empty is well.
    package let problems: [String]
    /// The hash of everything that happened.
    package let trace: String
    /// What happened last before the first thing went wrong, or at the end.
    package let lastLines: [String]
    /// Commands that were acknowledged.
    package let acknowledged: Int
}

/// Runs seeds.
package enum Simulation {
    /// Runs one seed; `print` gets every line of what happens.
    package static func run(
        _ options: SimulationOptions,
        print: ((String) -> Void)? = nil
    ) -> SimulationResult {
        let chain: SimulatedChain
        do {
            chain = try SimulatedChain(seed: options.seed, canary: options.canary, print: print)
        } catch {
            return SimulationResult(
                problems: ["the chain could not be founded: \(error)"],
                trace: "",
                lastLines: [],
                acknowledged: 0
            )
        }
        do {
            for _ in 0..<options.steps where chain.complaints.isEmpty { try chain.takeStep() }
            if chain.complaints.isEmpty {
                try chain.heal()
                try chain.check()
            }
        } catch {
            chain.complain("the run ended over \(error)")
        }
        let acknowledged = chain.oracle.promises.filter { promise in
            if case .acknowledged = promise.state { true } else { false }
        }
        return SimulationResult(
            problems: chain.complaints,
            trace: chain.trace.digest.hex,
            lastLines: chain.trace.lastLines,
            acknowledged: acknowledged.count
        )
    }
}
