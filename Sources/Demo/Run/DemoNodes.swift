// Demo, the run: the nodes of the branches, each in a directory of its own, enrolled by a code and
// synced over HTTP as they would be on a shop's network.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sync

/// What a power cut left.
struct DemoRestart {
    /// The last sequence before and after it.
    let before: UInt32
    let after: UInt32
}

/// The node of one branch.
final class DemoNode {
    let plan: BranchPlan
    let folder: String
    private let clock: DemoClock
    private let transport: HTTPTransport
    /// Nil only while the power is off.
    private var running: Running?
    /// What was done here and has not reached headquarters.
    private(set) var unsent = PlanTotals()
    /// What headquarters acknowledged.
    private(set) var sent = PlanTotals()

    /// A directory that is open, and its sync.
    private struct Running {
        let directory: NodeDirectory
        let sync: NodeSync

        init(_ folder: String, _ clock: DemoClock) throws {
            directory = try DemoNodes.open(folder, clock: clock)
            sync = try NodeSync(engine: directory.engine)
        }
    }

    var engine: NodeEngine { on.directory.engine }

    private var on: Running {
        guard let running else { preconditionFailure("a node without power is asked") }
        return running
    }

    /// Enrols the node with a code.
    init(
        _ plan: BranchPlan,
        folder: String,
        code: String,
        headquarters: HeadquartersAddress,
        clock: DemoClock
    ) throws {
        self.plan = plan
        self.folder = folder
        self.clock = clock
        transport = HTTPTransport(headquarters)
        try DemoNodes.enrol(folder, code: code, headquarters, transport)
        running = try Running(folder, clock)
    }

    /// What happens here next, not done yet.
    private var waiting: [PlannedEvent] = []

    /// Takes what happens next; it is done with others in one transaction, soon.
    func add(_ event: PlannedEvent, _ player: ChainPlayer, atOnce: Bool) throws {
        // Receipts of a day are in customers' hands on the next.
        if let first = waiting.first, first.date != event.date { try work(player) }
        waiting.append(event)
        if atOnce || waiting.count >= DemoNode.waitingMax { try work(player) }
    }

    /// Does what waits: all of it is durable then.
    func work(_ player: ChainPlayer) throws {
        if waiting.isEmpty { return }
        let events = waiting
        waiting = []
        let engine = engine
        try engine.batch {
            for event in events {
                clock.set(event.at)
                try player.play(event, at: engine)
            }
        }
        for event in events where event.date <= player.plan.end { unsent.add(event.act) }
    }

    private static let waitingMax = 128

    /// One round with headquarters.
    ///
    /// Throws: `DemoFault` where the round did not end well.
    func call(at time: WallTime, _ player: ChainPlayer) throws {
        try work(player)
        clock.set(time)
        let outcome = try on.sync.round(transport)
        guard outcome.isComplete else {
            throw DemoFault("\(plan.code) and headquarters: \(outcome)")
        }
        sent.add(unsent)
        unsent = PlanTotals()
    }

    /// The power fails while an act is being written: nothing of it is there when the node comes
    /// back, and everything before it is.
    func cutPower(during act: (NodeEngine) throws -> Void) throws -> DemoRestart {
        let before = engine.log.own?.last ?? 0
        do {
            try engine.batch {
                try act(engine)
                throw PowerFailed()
            }
        } catch is PowerFailed {
            try on.directory.close()
        }
        running = nil
        running = try Running(folder, clock)
        return DemoRestart(before: before, after: engine.log.own?.last ?? 0)
    }

    /// Closes the files and gives the lock back.
    func close() throws {
        try on.directory.close()
        running = nil
    }

    private struct PowerFailed: Error {}
}

/// Opening and enrolling directories.
enum DemoNodes {
    /// Opens a directory of the demonstration.
    static func open(_ folder: String, clock: DemoClock) throws -> NodeDirectory {
        let opened = try NodeDirectory.open(
            folder,
            modules: .standard,
            clock: clock,
            random: SystemRandom()
        )
        guard case .here(let directory) = opened else {
            throw NodeFault(
                .busy,
                LocalText("\(folder) 正在使用", "\(folder) is in use"),
                nextStep: LocalText("请停止使用它的进程", "stop the process that serves it")
            )
        }
        return directory
    }

    /// Makes a directory the node of a branch.
    static func enrol(
        _ folder: String,
        code: String,
        _ address: HeadquartersAddress,
        _ transport: HTTPTransport
    ) throws {
        let lock = try NodeDirectory.prepare(folder)
        let random = SystemRandom()
        let enrolment = try Enrolment(
            code: code,
            deviceNonce: random.bytes(16),
            machine: Anchor.machine,
            random: random
        )
        let response = try transport.exchange(enrolment.request)
        let answer = try enrolment.answer(
            status: response.status,
            headers: response.headers,
            body: response.body
        )
        let database = try NodeEngine.database(FolderStorage(folder: folder))
        let log = try enrolment.found(answer, database: database, random: random)
        try log.write { try log.reader.setMeta("hq_url", bytes: Array(address.text.utf8)) }
        let anchor = Anchor(path: NodeDirectory.defaultAnchor(folder))
        if let head = log.own { try anchor.write(head, isDurable: true) }
        try database.close()
        withExtendedLifetime(lock) {}
    }
}
