// Running a report with its completeness: which branches have sent everything for the period.

package import Kernel
package import Module
import Replication
import Sync

/// A report's result with how complete it is.
package struct ReportResult: Sendable {
    package let name: String
    package var table: ReportTable
    package let completeness: [BranchCompleteness]
    /// The last business date of the period asked for, nil where none was given.
    package let to: CivilDate?
    package let today: CivilDate
    /// How many commits of this node's log the figures lack, for its views lag behind.
    package var behind: Int64 = 0

    /// 已到齐 5/6 店 · 截至 11-22 · 缺 城东店 (14:05 起失联), in the language asked for.
    package func completenessLine(_ language: Language) -> String {
        let whole = completeness.filter(\.isComplete).count
        let isChinese = language == .chinese
        let lag = lagText(isChinese).map { [$0] } ?? []
        if completeness.isEmpty {
            return ([isChinese ? "没有门店" : "no stores"] + lag).joined(separator: " · ")
        }
        var parts = [
            isChinese
                ? "已到齐 \(whole)/\(completeness.count) 店"
                : "complete \(whole)/\(completeness.count) stores"
        ]
        if whole > 0, let last = to ?? completeness.compactMap(\.through).max() {
            parts.append(isChinese ? "截至 \(short(last))" : "through \(short(last))")
        }
        let missing = completeness.filter { !$0.isComplete }.map { missingText($0, isChinese) }
        if !missing.isEmpty {
            let list = missing.joined(separator: isChinese ? "、" : ", ")
            parts.append(isChinese ? "缺 \(list)" : "missing \(list)")
        }
        return (parts + lag).joined(separator: " · ")
    }

    /// What has been received and is not in the figures yet.
    private func lagText(_ isChinese: Bool) -> String? {
        guard behind > 0 else { return nil }
        return isChinese
            ? "另有 \(behind) 次提交尚未计入，请稍后再查" : "\(behind) commits not yet counted, ask again"
    }

    /// 营业报表 · 2026-11-01 至 2026-11-23: what it is, and of which days.
    package func heading(_ language: Language) -> String {
        let isChinese = language == .chinese
        let title = isChinese ? table.title.chinese : table.title.english
        guard let period = table.period?.text else { return title }
        return "\(title) · \(isChinese ? period.chinese : period.english)"
    }

    private func short(_ date: CivilDate) -> String { String(date.description.dropFirst(5)) }

    private func missingText(_ branch: BranchCompleteness, _ isChinese: Bool) -> String {
        guard branch.state == .silent, let contact = branch.lastContact else {
            return "\(branch.name) (\(branch.stateText(isChinese)))"
        }
        let date = contact.date()
        let time = contact.timeText()
        let day = date == today ? "" : "\(short(date)) "
        return branch.name
            + (isChinese ? " (\(day)\(time) 起失联)" : " (silent since \(day)\(time))")
    }
}

extension BranchCompleteness {
    /// The state in a word or two.
    func stateText(_ isChinese: Bool) -> String {
        switch state {
        case .complete: isChinese ? "已到齐" : "complete"
        case .open: isChinese ? "未日结" : "day not closed"
        case .pending: isChinese ? "待同步" : "still to sync"
        case .quiet: isChinese ? "没有营业记录" : "no business"
        case .disagreeing: isChinese ? "日结不符" : "day seal differs"
        case .silent: isChinese ? "失联" : "silent"
        case .never: isChinese ? "从未联系" : "never heard from"
        }
    }
}

extension NodeEngine {
    /// Runs a report by name.
    ///
    /// Throws: `NodeFault` for a name that no module has; `ReportFault` for bad options.
    package func report(_ name: String, _ asked: ReportRequest) throws -> ReportResult {
        let request = try whole(asked)
        let context = try reportContext(from: request.from, to: request.to)
        let table: ReportTable
        let options = modules.report(name)?.options ?? []
        for (option, value) in request.options.sorted(by: { $0.key < $1.key })
        where !options.contains(option) {
            throw ReportFault.badOption(
                name: option,
                value: value,
                expected: NodeEngine.known(name, options)
            )
        }
        if let own = try NodeReports.run(name, asked, context, self) {
            table = own
        } else if let report = modules.report(name) {
            table = try report.run(request, context)
        } else {
            let known = modules.modules.flatMap(\.reports).map(\.name) + NodeReports.names
            let list = known.sorted().joined(separator: ", ")
            throw NodeFault(
                .usage,
                LocalText("没有报表 \(name)", "there is no report \(name)"),
                nextStep: LocalText("现有：\(list)", "one of: \(list)")
            )
        }
        return ReportResult(
            name: name,
            table: table,
            completeness: try completeOfStores(context, request),
            to: request.to,
            today: context.today,
            behind: max(0, log.end - projector.position)
        )
    }

    /// The options that a report takes, as a next step.
    private static func known(_ name: String, _ options: [String]) -> LocalText {
        let list = options.map { "--\($0)" }.joined(separator: ", ")
        if options.isEmpty {
            return LocalText("\(name) 没有自己的选项", "\(name) takes no options of its own")
        }
        return LocalText("\(name) 的选项：\(list)", "\(name) takes \(list)")
    }

    /// Of what is known of every branch, what the line above the report says of stores: at
    /// headquarters of all, at a branch of itself, for it cannot know whether others are whole.
    private func completeOfStores(
        _ context: ReportContext,
        _ request: ReportRequest
    ) throws -> [BranchCompleteness] {
        let date = request.to ?? context.today
        let branches = try modules.questions.catalog.branches(on: date, projector.views)
        let stores = Set(branches.filter { $0.kind == .store }.map(\.id))
        return context.completeness.filter { branch in
            stores.contains(branch.branch) && request.branch ?? branch.branch == branch.branch
                && (log.isHeadquarters || branch.branch == facts.branch)
        }
    }

    /// A request narrowed to what is whole here: at a branch its own figures alone.
    ///
    /// Throws: `NodeFault` for another branch.
    package func whole(_ request: ReportRequest) throws(NodeFault) -> ReportRequest {
        guard let own = wholeBranch else { return request }
        guard request.branch ?? own == own else {
            throw NodeFault(
                .refused,
                LocalText(
                    "其他门店的数据在本机不完整：这里只有本店的报表",
                    "of another branch not everything is here: this node reports on its own"
                ),
                nextStep: LocalText("请在总部查看", "ask headquarters")
            )
        }
        var request = request
        request.branch = own
        return request
    }

    /// The one branch of which everything is here, nil at headquarters.
    private var wholeBranch: Int64? {
        log.isHeadquarters || facts.branch == 0 ? nil : facts.branch
    }

    /// What reports, findings and violations look at.
    package func reportContext(from: CivilDate? = nil, to: CivilDate? = nil) throws -> ReportContext
    {
        let today = clock.now().date()
        return ReportContext(
            views: projector.views,
            log: log.reader,
            questions: modules.questions,
            today: today,
            completeness: try completeness(from: from, to: to, today: today),
            wholeBranch: wholeBranch
        )
    }

    /// How complete each branch is for a period; a period without end asks up to the last day sold.
    package func completeness(
        from: CivilDate?,
        to: CivilDate?,
        today: CivilDate
    ) throws -> [BranchCompleteness] {
        let views = projector.views
        let questions = modules.questions
        let branches = try questions.catalog.branches(on: to ?? today, views)
        let contacts = try self.contacts()
        let through = try branches.map { branch in
            try questions.sales.completeThrough(
                branch: branch.id,
                from: from ?? .first,
                to: to ?? today,
                views
            )
        }
        let sold = to ?? through.compactMap(\.self).max() ?? today
        // Of days that are still to come nothing is complete.
        let last = max(sold, from ?? sold)
        return try zip(branches, through).map { branch, through in
            BranchCompleteness(
                branch: branch.id,
                code: branch.code,
                name: branch.name,
                through: through,
                lastContact: contacts[branch.id],
                state: try state(
                    of: branch.id,
                    lacking: through.map { $0.adding(days: 1) } ?? from ?? last,
                    last,
                    contacts[branch.id]
                )
            )
        }
    }

    /// How long a node may be unheard before it counts as out of reach.
    ///
    /// Unit: milliseconds. Why: a node that is out of reach tries again within five minutes at the
    /// latest; three tries in vain are no accident.
    static let silenceMs = 3 * Backoff.lastMs

    /// Why a branch is not complete from `first`, the first date it lacks, to `last`.
    private func state(
        of branch: Int64,
        lacking first: CivilDate,
        _ last: CivilDate,
        _ contact: WallTime?
    ) throws -> CompletenessState {
        if first > last { return .complete }
        if branch == facts.branch, branch != 0 {
            return try day(of: branch, first, last) ?? .open
        }
        guard let contact else { return .never }
        if clock.now().milliseconds - contact.milliseconds > NodeEngine.silenceMs {
            return .silent
        }
        let said = try day(of: branch, first, last) ?? .pending
        return try said == .pending && hasSentAll(branch) ? .quiet : said
    }

    /// True where headquarters holds all that the devices of a branch last said to have written:
    /// by the same ends as in the report of sync.
    private func hasSentAll(_ branch: Int64) throws -> Bool {
        let devices = try log.devices().filter { $0.branch == branch && !$0.isRevoked }
        if devices.isEmpty { return false }
        let ends = try deviceEnds()
        for device in devices {
            for number in try log.numbers(of: device.id) {
                let held = try log.reader.head(of: number)?.last ?? 0
                if ends[number] ?? 0 > held { return false }
            }
        }
        return true
    }

    /// What the first day that says anything says, of at most a month.
    private func day(
        of branch: Int64,
        _ first: CivilDate,
        _ last: CivilDate
    ) throws -> CompletenessState? {
        var date = max(first, last.adding(days: -31))
        while date <= last {
            let sales = modules.questions.sales
            switch try sales.dayState(branch: branch, date: date, projector.views) {
            case .disagreeing: return .disagreeing
            case .open: return .open
            case .pending: return .pending
            case .unknown, .complete: date = date.adding(days: 1)
            }
        }
        return nil
    }
}
