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
    package func report(_ name: String, _ request: ReportRequest) throws -> ReportResult {
        let context = try reportContext(from: request.from, to: request.to)
        let table: ReportTable
        let options = modules.report(name)?.options ?? []
        for (option, value) in request.options.sorted(by: { $0.key < $1.key })
        where !options.contains(option) {
            throw ReportFault.badOption(
                name: option,
                value: value,
                expected: options.isEmpty
                    ? "\(name) takes no options of its own"
                    : "\(name) takes " + options.map { "--\($0)" }.joined(separator: ", ")
            )
        }
        if let own = try NodeReports.run(name, request, context, self) {
            table = own
        } else if let report = modules.report(name) {
            table = try report.run(request, context)
        } else {
            let known = modules.modules.flatMap(\.reports).map(\.name) + NodeReports.names
            throw NodeFault(
                .usage,
                "there is no report \(name)",
                nextStep: "one of: \(known.sorted().joined(separator: ", "))"
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

    /// What reports, findings and violations look at.
    package func reportContext(from: CivilDate? = nil, to: CivilDate? = nil) throws -> ReportContext
    {
        let today = clock.now().date()
        return ReportContext(
            views: projector.views,
            log: log.reader,
            questions: modules.questions,
            today: today,
            completeness: try completeness(from: from, to: to, today: today)
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
        let last = to ?? through.compactMap(\.self).max() ?? today
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
        return try day(of: branch, first, last) ?? .pending
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
