// The simulation itself: a seed does the same again, and what is broken on purpose is caught.

import Simulation
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("does the same for the same seed, and loses nothing", arguments: [UInt64(3), 42, 63])
    func sameTrace(seed: UInt64) {
        let options = SimulationOptions(seed: seed)
        let first = Simulation.run(options, print: nil)
        let second = Simulation.run(options, print: nil)
        #expect(first.problems == [], "repeat: \(options.command)")
        #expect(first.acknowledged > 0)
        #expect(first.trace == second.trace, "repeat: \(options.command)")
    }

    @Test("differs for another seed")
    func otherSeed() {
        let one = Simulation.run(SimulationOptions(seed: 3), print: nil)
        let other = Simulation.run(SimulationOptions(seed: 4), print: nil)
        #expect(one.trace != other.trace)
    }

    @Test(
        "catches what is broken on purpose, whatever the seed",
        arguments: SimulationCanary.allCases
    )
    func canary(_ canary: SimulationCanary) {
        for seed: UInt64 in 1...4 {
            var options = SimulationOptions(seed: seed)
            options.canary = canary
            #expect(!Simulation.run(options, print: nil).problems.isEmpty, "\(options.command)")
        }
    }
}
