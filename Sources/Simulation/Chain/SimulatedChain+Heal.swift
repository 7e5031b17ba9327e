// The end of a run: no more faults, everything is switched on, and all that waits must drain.
// Must not: move a byte that the protocol would not.

import Kernel
import Ledger
import Module
import Node
import Replication
import SQLite
import Sales
import Sync

extension SimulatedChain {
    /// Passes over all nodes after which nothing may be left to send or fetch.
    static let passesMax = 40

    /// Ends all faults and lets everything drain.
    func heal() throws {
        note("── faults end")
        isHealing = true
        for node in nodes {
            node.clock.mend()
            node.isCut = false
            node.disk.heal()
            node.disk.capacityBytes = nil
            if node.disk.isPowerOff { node.stop(.drawn) }
            open(node)
            if !node.isUp { throw SimulationFault("\(node.name) does not start") }
            node.isRoundOpen = false
        }
        while !late.isEmpty { deliverLate() }
        for node in nodes { while askAgain(at: node) {} }
        try drain()
        renameBehindTheClock()
        try closeBooks()
        try drain()
    }

    /// Rounds of all nodes until a whole pass moves nothing.
    private func drain() throws {
        for pass in 1...SimulatedChain.passesMax {
            world.advance(minutes: 1)
            let before = try mark()
            for node in stores { try round(node) }
            try hq.engine?.catchUp()
            try decideAtHeadquarters(isStill: mark() == before)
            let isOver = try stores.allSatisfy { try isDrained($0) }
            if isOver, try mark() == before, try hq.engine?.log.isCareful == false {
                note("drained after \(pass) passes")
                return
            }
        }
        for node in stores where try !isDrained(node) {
            complain("\(node.name) does not drain: \(try node.engine?.log.unsentCount() ?? -1)")
        }
        if try hq.engine?.log.isCareful == true { complain("headquarters stays careful") }
        complain("nothing rests after \(SimulatedChain.passesMax) passes")
    }

    private func round(_ node: SimulatedNode) throws {
        guard let sync = node.sync else { throw SimulationFault("\(node.name) is down") }
        let outcome = try sync.round(GoodLine(chain: self))
        let stop = outcome.stop.map { " stopped: \($0)" } ?? ""
        note(
            "\(node.name) round: \(outcome.pushed) sent, \(outcome.pulled) fetched" + stop
                + outcome.events.map { " · \($0)" }.joined()
        )
    }

    /// Where all logs stand: equal marks mean that nothing moved.
    private func mark() throws -> [Int64] {
        try nodes.map { node in
            guard let engine = node.engine else { return -1 }
            return engine.log.end << 16 | Int64(try engine.log.unsentCount())
        }
    }

    private func isDrained(_ node: SimulatedNode) throws -> Bool {
        guard let engine = node.engine, let sync = node.sync else { return false }
        // The second copy of a retired device keeps what it wrote until a person decides.
        if node.isRetired, sync.client.outcome.stop == .refused(.review) { return true }
        if try engine.log.unsentCount() > 0 { return false }
        return node.isRetired || sync.client.outcome.isComplete
    }

    /// What a person at headquarters decides once nothing moves any more.
    private func decideAtHeadquarters(isStill: Bool) throws {
        guard let engine = hq.engine else { return }
        let held = try engine.log.reader.heldCommits().filter { $0.verdict == .beyondRights }
        if !held.isEmpty {
            try engine.log.write {
                try engine.log.admit(held.map(\.id), at: engine.clock.now())
            }
            try engine.catchUp()
            note("headquarters admits \(held.count) commits")
        }
        guard isStill else { return }
        let log = engine.log
        let isWaiting = try !log.waitingCounts().isEmpty
        guard try log.isCareful || (isWaiting && !hasSettled) else { return }
        hasSettled = try !log.isCareful
        let settlement = try engine.confirmRestored()
        note("headquarters is confirmed: \(settlement)")
    }

    /// Every till closes its day, and headquarters posts what is due.
    private func closeBooks() throws {
        for node in stores where !node.isRetired {
            quietly(node, "closes the day") { engine in
                let views = engine.views
                let till = node.place.till
                if try engine.modules.questions.sales.openDay(till: till, views) == nil { return }
                _ = try engine.perform(CloseDay(till: till, counted: nil))
            }
        }
        try drain()
        world.advance(minutes: 60 * 24 * 2)
        for _ in 0..<8 { post(hq) }
    }
}
