// What goes wrong, as the plan of the seed says: clocks, machines, disks, disasters.
// Must not: break what the plan leaves whole.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sync
import Wire

extension SimulatedChain {
    private static let yearMs: Int64 = 365 * 86_400_000

    /// Lets the faults of a step happen.
    func moveFaults() throws {
        moveClocks()
        for node in nodes where chance(.killed) {
            note("\(step) \(node.name) is killed")
            node.stop(.none)
        }
        for node in stores where chance(.partition) { node.isCut.toggle() }
        if chance(.fullDisk) { fillDisk() }
        if chance(.poison) { poison() }
        if chance(.erasure) { erase() }
        try moveDisasters()
    }

    private func moveClocks() {
        let node = random.pick(nodes)
        if chance(.drift) {
            node.clock.driftPerMillion = Int64(random.int(in: -20_000...20_000))
        }
        if chance(.jump) {
            let year = SimulatedChain.yearMs
            node.clock.offset = random.pick([
                0, -10 * year, 10 * year, -86_400_000, 86_400_000, 3_600_000, -3_600_000, 400_000,
            ])
            note("\(step) \(node.name) clock jumps to \(node.clock.offset) ms")
        }
        if chance(.freeze) {
            node.clock.frozen = node.clock.frozen == nil ? node.clock.now() : nil
        }
    }

    /// Does something at a node whose disk may fail meanwhile.
    @discardableResult
    func suffer<Value>(_ node: SimulatedNode, _ body: () -> Value) -> Value {
        let disk = node.disk
        let isCut = chance(.powerCut)
        if isCut {
            disk.cutPower(after: random.int(in: 0...40))
        } else if chance(.ioError) {
            let operation = random.pick([SimulatedDisk.Operation.read, .write, .sync, .truncate])
            disk.fail(operation, after: random.int(in: 0...20), times: random.int(in: 1...2))
        }
        let value = body()
        disk.heal()
        if disk.isPowerOff || isCut {
            note("\(step) \(node.name) loses its power")
            node.stop(.drawn)
        }
        return value
    }

    private func fillDisk() {
        let node = random.pick(nodes)
        if node.disk.capacityBytes == nil {
            node.disk.capacityBytes = node.disk.usedBytes + random.int(in: 0...20_000)
            note("\(step) \(node.name) disk is full")
        } else {
            node.disk.capacityBytes = nil
            note("\(step) \(node.name) disk has room again")
        }
    }

    // MARK: poison and erasures

    /// Puts what cannot be projected into a store's log, as other code on its disk might.
    private func poison() {
        let node = random.pick(stores)
        guard let engine = node.engine, let branch = node.place.branch else { return }
        let number = oracle.nextNumber()
        let text = Oracle.key(number)
        attempt(node, "is poisoned") { _ in
            try engine.catchUp()
            var act = Act(first: try engine.log.nextID(), author: 0)
            act.begin([.neighbours(of: self.branches[branch].branch)])
            let kind = self.random.pick([
                Kind(module: 2, 99), Kind(module: 40, 3), Kind(module: 2, 3), Kind(module: 3, 1),
            ])
            var writer = CBORWriter(capacity: 32)
            writer.map(2)
            writer.key(1)
            writer.integer(self.random.pick([0, Int64.max, Int64.min]))
            writer.key(60)
            writer.text(text)
            act.add(kind, writer.bytes)
            let prepared = try engine.log.append(act, at: engine.clock.now())
            self.oracle.poison.insert(number)
            try engine.catchUp()
            self.note("\(self.step) \(node.name) \(kind) poisons \(prepared.commits[0].id)")
        }
    }

    /// Erases a person for good.
    private func erase() {
        guard let engine = hq.engine, (try? engine.log.isCareful) == false, !people.isEmpty else {
            return
        }
        let person = people[random.int(in: 0..<people.count)]
        let known = oracle.promises.first { $0.answer?.id.rawValue == person.id }
        guard let known else { return }
        let body = SubjectErased.body(person.id)
        quietly(hq, "erases \(person.id)") { engine in
            _ = try engine.perform(RulingCommand(kind: LogKind.personErased, body: body))
            self.oracle.erased[person.id] = self.secretName(of: known.key)
            self.people.removeAll { $0.id == person.id }
        }
    }

    // MARK: disasters

    private func moveDisasters() throws {
        let isCopying = random.bool(chance: 40)
        if isCopying {
            let node = random.pick(nodes)
            if node.isUp { copies[node.name] = node.disk.snapshot() }
        }
        let node = random.pick(stores)
        if chance(.restoredBranch) || chance(.restoredBranchAnchored) { restore(node) }
        if chance(.clonedBranch), nodes.count < 10 { try cloneStore(random.pick(stores)) }
        if chance(.replacedDevice), nodes.count < 10 { try replaceDevice(random.pick(stores)) }
        if chance(.restoredHeadquarters) { restoreHeadquarters(isKnown: true) }
        if chance(.restoredHeadquartersUnknowing) { restoreHeadquarters(isKnown: false) }
    }

    /// Everything that any disk of the chain knows of.
    ///
    /// All nodes must be up for it.
    private func knownAnywhere(but node: SimulatedNode?) throws -> Set<Int> {
        var known: Set<Int> = []
        for other in nodes where other !== node {
            guard let engine = other.engine else {
                throw SimulationFault("\(other.name) is down")
            }
            known.formUnion(try Oracle.known(to: engine.log))
        }
        return known
    }

    /// Starts all nodes, so that their disks can be read; false where one does not start.
    private func startAll() -> Bool {
        for node in nodes {
            node.disk.capacityBytes = nil
            open(node)
        }
        return nodes.allSatisfy(\.isUp)
    }

    /// A disk goes back to an earlier copy of itself, and what stood on no other is gone.
    private func goBack(_ node: SimulatedNode) -> Bool {
        guard let copy = copies[node.name], startAll(), let engine = node.engine else {
            return false
        }
        guard let before = try? Oracle.known(to: engine.log) else { return false }
        let keys = node.isHeadquarters ? (try? node.storage.read("keys")) ?? nil : nil
        node.stop(.none)
        node.disk.restore(copy)
        if let keys { try? node.storage.write("keys", keys, isDurable: true) }
        unanswered[node.name] = nil
        open(node)
        guard let left = try? knownAnywhere(but: nil) else { return false }
        oracle.excuse(before.subtracting(left))
        return node.isUp
    }

    private func restore(_ node: SimulatedNode) {
        if goBack(node) { note("\(step) \(node.name) is restored from a copy") }
    }

    private func restoreHeadquarters(isKnown: Bool) {
        guard goBack(hq) else { return }
        wasHeadquartersRestored = true
        forgetUnheardErasures()
        note("\(step) hq is restored from a copy, \(isKnown ? "knowing" : "not knowing") it")
        guard isKnown else { return }
        attempt(hq, "becomes careful") { engine in
            try engine.log.write { try engine.log.becomeRestored(at: engine.clock.now()) }
            try engine.catchUp()
            try engine.refreshFacts()
        }
    }

    /// An erasure that stood on no disk but the one that is gone was never asked for.
    private func forgetUnheardErasures() {
        let logs = nodes.compactMap(\.engine?.log)
        for person in oracle.erased.keys.sorted()
        where !logs.contains(where: { (try? $0.isErased(person)) ?? false }) {
            oracle.erased[person] = nil
        }
    }

    private func cloneStore(_ node: SimulatedNode) throws {
        guard node.isUp, !node.isRetired else { return }
        let copy = try clone(node)
        note("\(step) \(node.name) is cloned as \(copy.name)")
        open(copy)
    }

    /// A device is given up for a new one; its number is ended, and its disk waits in a drawer.
    private func replaceDevice(_ node: SimulatedNode) throws {
        guard startAll(), !node.isRetired, let branch = node.place.branch,
            let engine = hq.engine, try !engine.log.isCareful,
            let number = node.engine?.log.own?.replica
        else { return }
        try engine.log.write { try engine.log.end(number, at: engine.clock.now()) }
        try engine.catchUp()
        // The number ends for every copy that still writes under it.
        for other in stores where other.engine?.log.own?.replica == number {
            other.isRetired = true
            other.stop(.none)
        }
        let name = freeName(node.name, mark: "+")
        let new = try enrol(name, branch, till: node.place.till, kind: 1)
        note("\(step) \(node.name) is replaced by \(new.name)")
    }
}

extension SubjectErased {
    /// The body of `person.erased` for a person.
    static func body(_ subject: Int64) -> [UInt8] {
        var writer = CBORWriter(capacity: 16)
        writer.map(1)
        writer.key(1)
        writer.integer(subject)
        return writer.bytes
    }
}
