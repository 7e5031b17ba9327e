// Which faults a seed lets loose, and how often: a swarm, where every seed draws its own set.
// Must not: act; it only says what may happen.

import Kernel

/// A fault of the simulated chain.
package enum SimulatedFault: String, CaseIterable, Sendable {
    // The line to headquarters.
    case lostRequest, lostAnswer, duplicated, late, cutShort, portal, tampered, partition
    // Clocks.
    case drift, jump, freeze
    // Machines and disks.
    case killed, powerCut, fullDisk, ioError
    // Disasters.
    case restoredBranch, restoredBranchAnchored, clonedBranch, replacedDevice
    case restoredHeadquarters, restoredHeadquartersUnknowing
    // What is in the log.
    case poison, erasure

    /// Unit: per mille of the occasions, at most; an exchange or a step.
    var rateMax: Int {
        switch self {
        case .lostRequest, .lostAnswer, .duplicated, .late, .cutShort, .portal, .tampered: 150
        case .partition, .killed, .powerCut: 40
        case .drift, .jump, .freeze: 20
        case .fullDisk, .ioError: 25
        case .poison, .erasure: 25
        case .restoredBranch, .restoredBranchAnchored, .clonedBranch, .replacedDevice,
            .restoredHeadquarters, .restoredHeadquartersUnknowing:
            8
        }
    }
}

/// The faults of one run.
struct FaultPlan {
    private let rates: [SimulatedFault: Int]
    /// How often a till's page asks again with the same request key, for the answer was lost.
    let retryRate: Int

    init(_ random: inout SeededRandom, _ canary: SimulationCanary?) {
        var rates: [SimulatedFault: Int] = [:]
        for fault in SimulatedFault.allCases where random.bool(chance: 400) {
            rates[fault] = random.int(in: 1...fault.rateMax)
        }
        if let fault = canary?.fault { rates[fault] = fault.rateMax }
        self.rates = rates
        retryRate = random.int(in: 20...200)
    }

    /// Unit: per mille.
    func rate(_ fault: SimulatedFault) -> Int { rates[fault] ?? 0 }

    func has(_ fault: SimulatedFault) -> Bool { rates[fault] != nil }

    var description: String {
        SimulatedFault.allCases.compactMap { fault in
            rates[fault].map { "\(fault.rawValue) \($0)‰" }
        }.joined(separator: ", ")
    }
}
