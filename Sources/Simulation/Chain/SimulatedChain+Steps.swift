// One step after another: somebody does something, or a piece of a round is done.
// Must not: do two things in one step that could happen apart.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sync

extension SimulatedChain {
    /// One step of the run.
    func takeStep() throws {
        step += 1
        world.advance(minutes: random.int(in: 1...35))
        if random.bool(chance: 30) { world.advance(minutes: 60 * random.int(in: 1...8)) }
        if random.bool(chance: 200) { deliverLate() }
        try moveFaults()
        let node = random.bool(chance: 120) ? hq : random.pick(stores)
        guard isUp(node) else { return }
        if node.isHeadquarters {
            if random.bool(chance: 500) { actAtHeadquarters() } else { idle(node) }
        } else if random.bool(chance: 620) {
            act(at: node)
        } else {
            for _ in 0..<random.int(in: 1...8) where node.isUp { goOn(node) }
        }
    }

    /// Starts a node that is down, sooner or later.
    private func isUp(_ node: SimulatedNode) -> Bool {
        if node.isUp { return true }
        if random.bool(chance: 500) { return false }
        open(node)
        return node.isUp
    }

    /// Starts a node; where its disk fails it stays down.
    func open(_ node: SimulatedNode) {
        do {
            try node.open()
            note("\(step) \(node.name) starts")
        } catch {
            note("\(step) \(node.name) does not start")
            endProcess(of: node, because: error)
        }
    }

    /// What a node does while nobody asks.
    private func idle(_ node: SimulatedNode) {
        attempt(node, "idles") { engine in
            if !node.isHeadquarters || self.random.bool(chance: 800) { try engine.catchUp() }
            try engine.keepWalShort(bytesMax: self.random.int(in: 0...200_000))
        }
    }

    /// The next exchange of a round, or the beginning of one.
    private func goOn(_ node: SimulatedNode) {
        suffer(node) {
            attempt(node, "syncs") { engine in
                guard let sync = node.sync else { return }
                try self.exchangeOnce(sync, engine, node)
            }
        }
    }

    private func exchangeOnce(
        _ sync: NodeSync,
        _ engine: NodeEngine,
        _ node: SimulatedNode
    ) throws {
        if !node.isRoundOpen {
            sync.client.begin(now: engine.clock.now())
            node.isRoundOpen = true
        }
        if let request = try sync.client.nextRequest(now: engine.clock.now()) {
            if let answer = exchange(request, of: node) {
                try sync.take(answer)
            } else {
                sync.client.fail("no answer")
            }
            return
        }
        node.isRoundOpen = false
        try sync.settle()
        let outcome = sync.client.outcome
        let stop = outcome.stop.map { " stopped: \($0)" } ?? ""
        note(
            "\(step) \(node.name) round: \(outcome.pushed) sent, \(outcome.pulled) fetched"
                + stop + outcome.events.map { " · \($0)" }.joined()
        )
    }

    /// Does something at a node; where its disk fails the process ends.
    ///
    /// Answers whether it was done.
    @discardableResult
    func attempt(
        _ node: SimulatedNode,
        _ what: String,
        _ body: (NodeEngine) throws -> Void
    ) -> Bool {
        guard let engine = node.engine else { return false }
        do {
            try body(engine)
            return true
        } catch {
            note("\(step) \(node.name) \(what): failed")
            endProcess(of: node, because: error)
            return false
        }
    }

    /// A process ends over an error that it must not survive.
    func endProcess(of node: SimulatedNode, because error: any Error) {
        if !SimulatedChain.isOfTheDisk(error), !node.disk.isPowerOff {
            complain("\(node.name): \(error)")
        }
        node.stop(node.disk.isPowerOff ? .drawn : .none)
    }

    static func isOfTheDisk(_ error: any Error) -> Bool {
        switch error {
        case let fault as StorageFault: fault.isFull || fault.isIO
        case let fault as CommitUndecided: isOfTheDisk(fault.fault)
        case ProjectionFault.storage(let fault): isOfTheDisk(fault)
        default: false
        }
    }

    // MARK: commands

    /// Asks a node for something once; the answer may not come.
    @discardableResult
    func ask(_ promise: Promise, at node: SimulatedNode) -> Promise.State {
        guard let engine = node.engine else { return promise.state }
        // The canary forgets what it was asked under.
        let key = canary == .dedupOff ? nil : promise.key
        do {
            let answer = try promise.run(engine, key)
            if promise.answer == nil { promise.answer = answer }
            promise.state = .acknowledged
            note("\(step) \(node.name) \(promise.what) \(promise.key) → \(answer.id)")
        } catch is RequestKnown {
            promise.state = .acknowledged
            note("\(step) \(node.name) \(promise.what) \(promise.key) is known")
        } catch let refusal as any Refusal {
            if case .acknowledged = promise.state {
                complain("\(promise.key) was answered before, and is refused: \(refusal.code)")
            } else {
                promise.state = .refused
            }
            note("\(step) \(node.name) \(promise.what) \(promise.key) refused \(refusal.code)")
        } catch {
            note("\(step) \(node.name) \(promise.what) \(promise.key): no answer")
            if case .open = promise.state { unanswered[node.name, default: []].append(promise) }
            let full = error as? StorageFault
            if full?.isFull == true, random.bool(chance: 500) {
                // Nothing was written, and the process goes on.
                return promise.state
            }
            endProcess(of: node, because: error)
        }
        return promise.state
    }

    /// Asks again for what got no answer, or whose answer was lost on the way to the page.
    func askAgain(at node: SimulatedNode) -> Bool {
        guard var open = unanswered[node.name], !open.isEmpty else { return false }
        let promise = open.removeFirst()
        unanswered[node.name] = open
        ask(promise, at: node)
        return true
    }
}
