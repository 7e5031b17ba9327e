// How far each device and branch is in step with headquarters (同步健康).
// Counts records: a chain's sequence numbers have no gaps, so its last one says how many there are.

import Kernel
import Module
import Replication

/// The report `sync`.
struct SyncReport {
    private let engine: NodeEngine
    private let request: ReportRequest
    private let context: ReportContext

    init(_ engine: NodeEngine, _ request: ReportRequest, _ context: ReportContext) {
        self.engine = engine
        self.request = request
        self.context = context
    }

    /// One device, or a branch without any.
    private struct Line {
        var branch: BranchAnswer?
        var device: DeviceRecord?
        var heard: WallTime?
        var written: Int64?
        var received: Int64 = 0
        var projected: Int64 = 0
        var protected: Int64 = 0
        var unsent: Int64?
        /// When the oldest record that is not sent was written; only the node itself knows.
        var oldest: WallTime?
        var behind: Int64?
        var aheadMs: Int64?
        var quarantined: Int64 = 0
        var seals: Int64 = 0
        var state: LocalText
    }

    private static let columns = [
        ReportColumn("branch", "门店编码", "Branch", .text),
        ReportColumn("branch_name", "门店", "Branch name", .text),
        ReportColumn("device", "设备", "Device", .text),
        ReportColumn("heard", "最后联系", "Last heard from", .time),
        ReportColumn("written", "已产生", "Written", .integer),
        ReportColumn("received", "已收到", "Received", .integer),
        ReportColumn("projected", "已计入", "Counted in", .integer),
        ReportColumn("protected", "已备份", "Backed up", .integer),
        ReportColumn("unsent", "待上传", "To send", .integer),
        ReportColumn("oldest_unsent", "最早待传", "Oldest to send", .time),
        ReportColumn("behind", "待下发", "To fetch", .integer),
        ReportColumn("clock_seconds", "时钟快(秒)", "Clock ahead (s)", .integer),
        ReportColumn("quarantined", "待处理", "To resolve", .integer),
        ReportColumn("missing_seals", "缺日结", "Days not closed", .integer),
        ReportColumn("state", "状态", "State", .text),
    ]

    func table() throws -> ReportTable {
        let lines = engine.log.isHeadquarters ? try ofAll() : [try ofThisNode()]
        var totals: [ReportCell] = [.words(LocalText("合计", "Total")), .empty, .empty, .empty]
        totals += [
            .integer(lines.reduce(0) { $0 + ($1.written ?? 0) }),
            .integer(lines.reduce(0) { $0 + $1.received }),
            .integer(lines.reduce(0) { $0 + $1.projected }),
            .integer(lines.reduce(0) { $0 + $1.protected }),
            .integer(lines.reduce(0) { $0 + ($1.unsent ?? 0) }), .empty, .empty, .empty,
            .integer(lines.reduce(0) { $0 + $1.quarantined }),
            .integer(lines.reduce(0) { $0 + $1.seals }), .empty,
        ]
        return ReportTable(
            title: LocalText("同步健康", "Sync and completeness"),
            columns: SyncReport.columns,
            rows: lines.map { cells($0) },
            totals: totals,
            notes: [
                LocalText(
                    "单位：记录数。“已产生”“待上传”以设备最后一次联系时所报为准；“待下发”是发给该设备的提交数。",
                    "Counted in records. Written and to send are as the device last said; to fetch "
                        + "counts the commits meant for it."
                )
            ]
        )
    }

    private func cells(_ line: Line) -> [ReportCell] {
        func number(_ value: Int64?) -> ReportCell { value.map(ReportCell.integer) ?? .empty }
        return [
            .text(line.branch?.code ?? ""), .text(line.branch?.name ?? ""),
            .text(line.device?.name ?? ""), line.heard.map(ReportCell.time) ?? .empty,
            number(line.written), .integer(line.received), .integer(line.projected),
            .integer(line.protected), number(line.unsent),
            line.oldest.map(ReportCell.time) ?? .empty, number(line.behind),
            number(line.aheadMs.map { ($0 + ($0 < 0 ? -500 : 500)) / 1_000 }),
            .integer(line.quarantined), .integer(line.seals), .words(line.state),
        ]
    }

    // MARK: - At headquarters

    private func ofAll() throws -> [Line] {
        try engine.prepareContacts()
        let log = engine.log
        let contacts = try engine.deviceContacts()
        let ends = try engine.deviceEnds()
        let catalog = engine.modules.questions.catalog
        let branches = try catalog.branches(on: context.today, context.views)
        let waiting = try engine.projector.quarantined().map(\.id.replica)
        var lines: [Line] = []
        var served: Set<Int64> = []
        for device in try log.devices() {
            if let branch = request.branch, branch != device.branch { continue }
            var line = Line(state: LocalText(both: ""))
            line.branch = branches.first { $0.id == device.branch }
            line.device = device
            let contact = contacts[device.id]
            line.heard = contact?.at
            line.behind = try contact?.handed.map { try behind(device, after: $0) }
            line.aheadMs = contact?.aheadMs
            let numbers = try log.numbers(of: device.id)
            for number in numbers { try count(number, ends[number], &line) }
            line.quarantined = Int64(waiting.count { numbers.contains($0) })
            if served.insert(device.branch).inserted {
                line.seals = try missingSeals(of: device.branch)
            }
            line.state = state(line, isRevoked: device.isRevoked)
            lines.append(line)
        }
        for branch in branches where !served.contains(branch.id) && branch.kind == .store {
            if request.branch ?? branch.id != branch.id { continue }
            var line = Line(state: LocalText("没有设备", "no device"))
            line.branch = branch
            lines.append(line)
        }
        return lines.sorted {
            ($0.branch?.code ?? "", $0.device?.id ?? 0) < (
                $1.branch?.code ?? "", $1.device?.id ?? 0
            )
        }
    }

    /// How many commits for the device, not its own, lie after what was handed to it; ten thousand
    /// where there are more.
    private func behind(_ device: DeviceRecord, after position: Int64) throws -> Int64 {
        let log = engine.log
        if position >= log.end { return 0 }
        let own = Set(try log.numbers(of: device.id))
        let window = DeliveryWindow(
            after: position,
            through: log.end,
            audiences: Set(try SyncWiring.audiences(of: device, engine)),
            bytesMax: 10_000
        )
        var count: Int64 = 0
        _ = try log.deliver(window) { _, id, _, _ in
            if own.contains(id.replica) { return 0 }
            count += 1
            return 1
        }
        return count
    }

    /// Adds one chain of a device.
    private func count(_ number: ReplicaNumber, _ end: UInt32?, _ line: inout Line) throws {
        let log = engine.log
        guard let head = try log.reader.head(of: number) else {
            guard let end else { return }
            line.written = (line.written ?? 0) + Int64(end)
            line.unsent = (line.unsent ?? 0) + Int64(end)
            return
        }
        let start = Int64(try log.startPoint(of: head).sequence)
        let received = Int64(head.last) - start
        line.received += received
        let projected = try log.point(of: head, upTo: engine.projector.position)
        line.projected += Int64(projected.sequence) - start
        let position = try log.reader.metaInteger("protected_position") ?? 0
        let protected = try log.protectedPoint(of: head, upTo: position)
        line.protected += Int64(protected.sequence) - start
        let unsent = end.map { max(0, Int64($0) - Int64(head.last)) } ?? 0
        line.written = (line.written ?? 0) + received + unsent
        line.unsent = (line.unsent ?? 0) + unsent
    }

    /// The days before today that were opened and are not closed, or whose seals disagree.
    ///
    /// Cost: a question a day, from the last complete one on, a quarter of a year at most.
    private func missingSeals(of branch: Int64) throws -> Int64 {
        if branch == 0 { return 0 }
        let sales = engine.modules.questions.sales
        let last = context.today.adding(days: -1)
        let through = try sales.completeThrough(
            branch: branch,
            from: .first,
            to: last,
            context.views
        )
        var date = max(through?.adding(days: 1) ?? .first, last.adding(days: -92))
        var count: Int64 = 0
        while date <= last {
            switch try sales.dayState(branch: branch, date: date, context.views) {
            case .open, .disagreeing, .pending: count += 1
            case .unknown, .complete: break
            }
            date = date.adding(days: 1)
        }
        return count
    }

    private func state(_ line: Line, isRevoked: Bool) -> LocalText {
        if isRevoked { return LocalText("已吊销", "revoked") }
        guard let heard = line.heard else { return LocalText("从未联系", "never heard from") }
        let now = engine.clock.now()
        if now.milliseconds - heard.milliseconds > NodeEngine.silenceMs {
            return LocalText("失联", "silent")
        }
        return trouble(line) ?? LocalText("正常", "in step")
    }

    /// What is wrong with a device that can be reached, the same at headquarters and at a store.
    private func trouble(_ line: Line) -> LocalText? {
        if line.quarantined > 0 { return LocalText("待处理", "to resolve") }
        if (line.unsent ?? 0) > 0 || (line.behind ?? 0) > 0 {
            return LocalText("待同步", "still to sync")
        }
        if let ahead = line.aheadMs, abs(ahead) > 60_000 {
            return LocalText("时钟不准", "clock is off")
        }
        return nil
    }

    // MARK: - At a branch

    private func ofThisNode() throws -> Line {
        let log = engine.log
        var line = Line(state: LocalText("正常", "in step"))
        let catalog = engine.modules.questions.catalog
        line.branch = try catalog.branch(engine.facts.branch, on: context.today, context.views)
        for head in try log.ownHeads() {
            let start = Int64(try log.startPoint(of: head).sequence)
            func marked(_ mark: Mark) throws -> Int64 {
                try log.mark(mark, of: head.replica).map { max(0, Int64($0.sequence) - start) } ?? 0
            }
            line.written = (line.written ?? 0) + Int64(head.last) - start
            line.received += try marked(.durable)
            line.projected += try marked(.projected)
            line.protected += try marked(.protected)
        }
        line.unsent = max(0, (line.written ?? 0) - line.received)
        line.oldest = try log.oldestUnsent()
        line.quarantined = Int64(try engine.projector.quarantined().count)
        line.seals = try missingSeals(of: engine.facts.branch)
        // A clock behind what this node knows to have come is wrong, whoever it asks.
        let late = engine.clock.now().milliseconds - log.clock.last.wallTime.milliseconds
        if late < -60_000 { line.aheadMs = late }
        if let trouble = trouble(line) { line.state = trouble }
        return line
    }
}
