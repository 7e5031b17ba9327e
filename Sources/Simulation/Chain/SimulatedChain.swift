// A whole chain in one thread from one seed: headquarters, four stores, a field node.
// Must not: use anything of the machine; what happens follows from the seed.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sync

/// What the simulation itself could not do, or found wrong in passing.
struct SimulationFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The chain and the dice.
final class SimulatedChain {
    var random: SeededRandom
    let plan: FaultPlan
    let canary: SimulationCanary?
    let world: WorldTime
    let oracle = Oracle()
    var trace: SimulationTrace
    /// Headquarters first.
    private(set) var nodes: [SimulatedNode] = []
    /// What must not happen and was seen while it happened.
    var complaints: [String] = []

    var branches: [AddBranch.Outcome] = []
    var products: [Int64] = []
    var people: [(id: Int64, branch: Int)] = []
    /// What customers hold.
    var receipts: [Receipt] = []
    /// Commands of a node to which no answer came, by its name.
    var unanswered: [String: [Promise]] = [:]
    /// Requests on their way that nobody waits for any more.
    var late: [SyncRequest] = []
    /// Copies of disks, by the name of their node.
    var copies: [String: SimulatedDisk.Snapshot] = [:]
    var step = 0
    var wasHeadquartersRestored = false
    /// The product renamed when everything had drained.
    var renamedLast: Int64?
    /// True at the end, when no fault happens any more.
    var isHealing = false
    /// True once what waited without a restore was settled: what waits then waits for newer code.
    var hasSettled = false
    private var nodeCount = 0

    /// A receipt that a customer took home.
    struct Receipt {
        let branch: Int
        let promise: Promise
        let lines: [(product: Int64, quantity: Quantity)]
    }

    init(
        seed: UInt64,
        canary: SimulationCanary?,
        print: ((String) -> Void)? = nil
    ) throws {
        random = SeededRandom(seed: seed).fork(label: "chain")
        var dice = SeededRandom(seed: seed).fork(label: "faults")
        plan = FaultPlan(&dice, canary)
        self.canary = canary
        trace = SimulationTrace(print: print)
        let start = try WallTime(parsing: "2026-11-20T09:00:00+08:00")
        world = WorldTime(start)
        try found()
        note("faults: \(plan.description)")
    }

    func note(_ line: String) { trace.note(line) }

    /// Notes something that must not be.
    func complain(_ line: String) {
        note("WRONG: \(line)")
        complaints.append(line)
    }

    // MARK: founding

    private func place(_ name: String, _ branch: Int?, till: Int64) -> SimulatedNode {
        nodeCount += 1
        let seed = random.next()
        let node = SimulatedNode(
            .init(name: name, branch: branch, till: till),
            disk: SimulatedNode.newDisk(seed),
            world: world,
            random: random.fork(label: "node \(nodeCount)"),
            canary: canary
        )
        node.keepsAnchor = plan.has(.restoredBranchAnchored)
        return node
    }

    private func found() throws {
        let day = try CivilDate(parsing: "2026-11-01")
        let node = place("hq", nil, till: 0)
        nodes.append(node)
        let engine = try NodeEngine.found(
            FoundingWish(company: "百川", standard: 1, taxpayer: .general, from: day),
            storage: node.storage,
            modules: node.modules,
            clock: node.clock,
            random: node.random
        )
        try node.start(engine)
        try addMasterData(engine, day)
        for branch in branches.indices {
            try enrol("s\(branch + 1)", branch, till: branches[branch].tills[0], kind: 1)
        }
        try enrol("field", 3, till: branches[3].tills[1], kind: 3)
    }

    private func addMasterData(_ engine: NodeEngine, _ day: CivilDate) throws {
        guard let books = try engine.modules.questions.catalog.entities(engine.views).first else {
            throw SimulationFault("headquarters has no books")
        }
        for number in 1...4 {
            branches.append(
                try engine.perform(
                    AddBranch(
                        code: "S00\(number)",
                        name: "门店\(number)",
                        entity: books.id,
                        from: day,
                        tillCodes: number == 4 ? ["01", "02"] : ["01"]
                    )
                )
            )
        }
        let category = try engine.perform(AddCategory(code: "10", name: "饮料"))
        let wishes = (1...8).map { number in
            NewProduct(
                code: "P\(number)",
                name: "商品\(number)",
                unit: "件",
                category: category,
                cost: UnitCost(Int64(number) * 1_000_000)
            )
        }
        products = try engine.perform(AddProducts(wishes))
        try setPrices(engine)
    }

    /// Publishes a price for every product, from long ago on at the founding.
    private func setPrices(_ engine: NodeEngine) throws {
        let prices = products.enumerated().map { index, product in
            (product: product, price: UnitPrice(Int64(index + 2) * 10_000))
        }
        _ = try engine.perform(
            SetPrices(from: WallTime(milliseconds: 0), prices: prices)
        )
    }

    // MARK: enrolling

    var hq: SimulatedNode { nodes[0] }

    /// The nodes that are not headquarters.
    var stores: [SimulatedNode] { Array(nodes.dropFirst()) }

    /// Enrols a node for a branch over a good line, and fetches what it needs to sell.
    @discardableResult
    func enrol(_ name: String, _ branch: Int, till: Int64, kind: Int64) throws -> SimulatedNode {
        guard let headquarters = hq.headquarters else {
            throw SimulationFault("headquarters is down")
        }
        let node = place(name, branch, till: till)
        let code = try headquarters.server.issueCode(
            kind: kind,
            branch: branches[branch].branch,
            label: name,
            now: hq.clock.now()
        )
        let enrolment = try Enrolment(
            code: code.text,
            deviceNonce: node.random.bytes(16),
            machine: "simulated",
            random: node.random
        )
        let reply = try headquarters.answer(
            method: enrolment.request.method,
            target: enrolment.request.target,
            headers: enrolment.request.headers,
            body: enrolment.request.body
        )
        let answer = try enrolment.answer(
            status: reply.status,
            headers: reply.headers,
            body: reply.body
        )
        let log = try enrolment.found(
            answer,
            database: NodeEngine.database(node.storage),
            random: node.random
        )
        let engine = try NodeEngine(
            storage: node.storage,
            log: log,
            modules: node.modules,
            clock: node.clock,
            random: node.random
        )
        try node.start(engine)
        nodes.append(node)
        try headquarters.engine.catchUp()
        _ = try node.sync?.round(GoodLine(chain: self))
        return node
    }

    /// A copy of a node's disk becomes a node of its own, at the same till.
    func clone(_ node: SimulatedNode) throws -> SimulatedNode {
        let name = freeName(node.name, mark: "'")
        let copy = place(name, node.place.branch, till: node.place.till)
        copy.disk.restore(node.disk.snapshot())
        copy.keepsAnchor = false
        nodes.append(copy)
        return copy
    }

    /// One name, one node: what is unanswered, and old copies of disks, are kept by it.
    func freeName(_ name: String, mark: String) -> String {
        var free = name + mark
        while nodes.contains(where: { $0.name == free }) { free += mark }
        return free
    }

    /// Takes a node out of the chain.
    func forget(_ node: SimulatedNode) {
        node.stop(.none)
        unanswered[node.name] = nil
        nodes.removeAll { $0 === node }
    }
}
