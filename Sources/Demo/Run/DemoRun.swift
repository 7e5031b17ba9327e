// Demo, the run: founds the company, enrols the nodes, plays the plan, and shows the books.

import Kernel
import Ledger
package import Module
package import Node
import People
import Replication
import Sync

/// A demonstration: headquarters and the nodes of five branches in one process, talking over HTTP.
package final class DemoRun {
    /// Answers a command that another process sent to this one.
    package typealias Commands =
        @Sendable (_ words: [String], _ folder: String, Language, NodeDirectory, Headquarters)
        -> CommandAnswer

    let plan: ChainPlan
    let options: DemoOptions
    let console: Console
    let folder: DemoFolder
    let clock: DemoClock
    let headquarters: DemoHeadquarters
    let address: String
    private(set) var nodes: [DemoNode] = []
    private(set) var player: ChainPlayer
    var calls: DemoCalls
    /// Whether the next ticket of the branch without power is cut.
    private var isPowerOut = false
    private(set) var restart: DemoRestart?
    private var tickets = 0
    private let startedMs: Int64

    /// Makes the folder ready, founds the company, and enrols a node for each branch.
    package init(
        _ options: DemoOptions,
        console: Console,
        commands: Commands? = nil
    ) throws {
        startedMs = SystemClock().monotonicMs()
        self.options = options
        self.console = console
        plan = ChainPlan(
            seed: options.seed,
            days: options.days,
            start: options.start,
            products: options.products,
            ticketsPerDay: options.ticketsPerDay
        )
        folder = DemoFolder(path: options.folder)
        try folder.prepare(plan, console)
        let clock = DemoClock(ChainFounder.moment(plan))
        self.clock = clock
        headquarters = try DemoHeadquarters(
            plan,
            folder: folder.node(DemoFolder.headquarters),
            clock: clock,
            commands: commands
        )
        address = try headquarters.start(options.listen)
        let plan = plan
        let ids = try headquarters.run { headquarters in
            try ChainFounder(plan: plan, engine: headquarters.engine).setUp()
        }
        player = ChainPlayer(plan: plan, ids: ids)
        calls = DemoCalls(plan, from: plan.date(-1).instant(second: 6 * 3_600))
        try enrol()
    }

    private func enrol() throws {
        let hq = try HeadquartersAddress("http://" + address)
        for branch in plan.branches {
            let id = player.ids.branches[branch.index]
            let code = try headquarters.run { headquarters in
                try headquarters.server.issueCode(
                    kind: 1,
                    branch: id,
                    label: branch.name,
                    now: headquarters.engine.clock.now()
                ).text
            }
            nodes.append(
                try DemoNode(
                    branch,
                    folder: folder.node(branch),
                    code: code,
                    headquarters: hq,
                    clock: clock
                )
            )
            try nodes[branch.index].call(at: clock.now(), player)
        }
        let (plan, ids) = (plan, player.ids)
        try headquarters.run { try DemoPins.set(plan, ids, $0) }
        try folder.write(DemoText.about(plan, options))
    }

    // MARK: - Playing

    /// Plays the plan up to the morning after its last day.
    package func play() throws {
        for event in plan.branches.flatMap({ plan.openings(branch: $0.index) }).sorted(by: <) {
            try step(event)
        }
        for event in plan.timeline() {
            if event.at > plan.finish { break }
            try step(event)
        }
        try finish()
    }

    /// Plays an event, after the calls that come before it.
    func step(_ event: PlannedEvent, atOnce: Bool = false) throws {
        while let call = calls.next(upTo: event.at) {
            try nodes[call.branch].call(at: call.at, player)
        }
        let node = nodes[event.branch]
        switch event.act {
        case .powerCut:
            isPowerOut = true
            return
        case .sale(let sale):
            tickets += 1
            if tickets % 100 == 0 { showProgress(event) }
            if isPowerOut, event.branch == plan.powerCut.branch {
                isPowerOut = false
                try cutPower(sale, event, node)
            }
        default: break
        }
        try node.add(event, player, atOnce: atOnce)
    }

    /// The power fails in the middle of a ticket; the cashier does it again when the node is back.
    private func cutPower(_ sale: PlannedSale, _ event: PlannedEvent, _ node: DemoNode) throws {
        try node.work(player)
        clock.set(event.at)
        let command = player.command(for: sale)
        let author = player.ids.staff[event.actor]
        let restart = try node.cutPower { engine in
            _ = try engine.perform(command, author: author)
        }
        guard restart.before == restart.after else {
            throw DemoFault("the power cut left \(restart.after), not \(restart.before)")
        }
        self.restart = restart
    }

    /// The last calls, and the vouchers that are due.
    private func finish() throws {
        for node in nodes {
            if calls.isOnline(node.plan.index, plan.finish) {
                try node.call(at: plan.finish, player)
            } else {
                try node.work(player)
            }
        }
        clock.set(plan.finish)
        console.endProgress()
        try headquarters.run { headquarters in
            try headquarters.engine.catchUp()
            while try headquarters.engine.perform(PostVouchers()).hasMore {}
        }
    }

    private func showProgress(_ event: PlannedEvent) {
        let day = min(max(plan.start.days(to: event.date) + 1, 1), plan.days)
        let seconds = (SystemClock().monotonicMs() - startedMs) / 1_000
        console.progress(
            console.text(
                "第 \(day)/\(plan.days) 天 \(event.date) · \(tickets) 张小票 · \(seconds) 秒",
                "day \(day)/\(plan.days) \(event.date) · \(tickets) tickets · \(seconds) s"
            )
        )
    }

    /// What the plan says has reached headquarters, by place in `ChainPlan.branches`.
    package var sent: [PlanTotals] { nodes.map(\.sent) }
    /// What was done at the branches and has not reached headquarters.
    package var unsent: [PlanTotals] { nodes.map(\.unsent) }

    /// The seconds since the beginning.
    var seconds: Int64 { (SystemClock().monotonicMs() - startedMs) / 1_000 }

    /// Brings every branch's data to headquarters, whatever the plan says of the network.
    package func reconnect() throws {
        for node in nodes { try node.call(at: clock.now(), player) }
        try headquarters.run { try $0.engine.catchUp() }
    }

    /// A report of headquarters.
    package func report(_ name: String, _ request: ReportRequest) throws -> ReportResult {
        try headquarters.run { try $0.engine.report(name, request) }
    }

    /// Closes all nodes.
    package func close() throws {
        for node in nodes { try node.close() }
        try headquarters.stop()
    }
}

extension PlannedEvent {
    /// Whether the left comes first; at one instant the lower branch.
    static func < (left: PlannedEvent, right: PlannedEvent) -> Bool {
        (left.at, left.branch) < (right.at, right.branch)
    }
}
