// Ledger: how the poster gathers effects into postings, numbers the vouchers and fills an act.

import Kernel
import Module
import Replication
import SQLite
import Wire

/// A posting that has no numbers yet.
struct PostingDraft {
    let entity: Int64
    /// The date and branch whose posting it is.
    let date: CivilDate
    let branch: Int64
    var turn = MonthTurn.none
    /// By ascending id; only ids that follow each other at once are in one range.
    ///
    /// Why: a range may run over other ids only where it is sure that they have no effect here
    /// and are not waiting; never running over any is the simplest that is always right.
    var sources: [ClosedRange<ChangeID>] = []
    var vouchers: [DayKey: [DraftLine: Int128]] = [:]

    /// By date, branch and entity: the order in which numbers are given.
    func isBefore(_ other: PostingDraft) -> Bool {
        (date, branch, entity, turn.rawValue, sources.first?.lowerBound ?? ChangeID(0))
            < (
                other.date, other.branch, other.entity, other.turn.rawValue,
                other.sources.first?.lowerBound ?? ChangeID(0)
            )
    }

    mutating func add(_ id: ChangeID, _ effects: [(day: DayKey, lines: [LedgerLine])]) {
        if let last = sources.last, last.upperBound.offset(by: 1) == id {
            sources[sources.count - 1] = last.lowerBound...id
        } else {
            sources.append(id...id)
        }
        for (day, lines) in effects {
            for line in lines where !line.amount.isZero {
                let key = DraftLine(key: LineKey(line), isRed: line.amount.isNegative)
                vouchers[day, default: [:]][key, default: 0] += Int128(line.amount.rawValue)
            }
        }
    }
}

/// Where in its day a posting stands that the turn of a month makes.
enum MonthTurn: Int {
    case reversed = 0
    case none = 1
    case again = 2
}

/// What keeps the lines of a voucher apart; red stands beside what it takes back.
struct DraftLine: Hashable, Comparable {
    let key: LineKey
    let isRed: Bool
    /// The account of what is taken back; else empty, and the chart says it.
    var account = ""

    static func < (left: DraftLine, right: DraftLine) -> Bool {
        if left.key.side != right.key.side { return left.key.side == .debit }
        if left.isRed != right.isRed { return right.isRed }
        if left.key != right.key { return left.key < right.key }
        return left.account < right.account
    }
}

/// One run of the poster.
struct Poster {
    let context: DecideContext
    private let chosen: Set<DayKey>
    private var charts: [Int64: Chart] = [:]
    private var numbers: [Int64: [AccountingPeriod: FreeNumbers]] = [:]
    private var commits: [(branches: [Int64], size: Int, bodies: [[UInt8]])] = []

    init(_ context: DecideContext, _ chosen: Set<DayKey>) {
        self.context = context
        self.chosen = chosen
    }

    /// The days that have effects which no posting covers.
    static func days(_ views: Database) throws -> [DayKey] {
        let statement = try views.statement(
            """
            SELECT DISTINCT entity, branch, date, grp FROM ledger_provisional
            ORDER BY entity, branch, date, grp
            """
        )
        var days: [DayKey] = []
        try statement.forEach { row in
            guard let group = VoucherGroup(rawValue: row.integer(3)) else { return }
            days.append(
                DayKey(
                    entity: row.integer(0),
                    branch: row.integer(1),
                    date: CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(2))),
                    group: group
                )
            )
        }
        return days
    }

    /// Whether a day is due: complete, or past where no seal speaks of it.
    ///
    /// A day after today is of a clock or a file that was wrong, and waits until it has come.
    static func state(of day: DayKey, _ context: DecideContext) throws -> DayState {
        if day.date > context.today { return .open }
        switch day.group {
        case .goodsReceiptEstimate:
            return day.date < context.today ? .complete : .open
        case .estimateReversed, .estimateAgain:
            return .open
        case .retailDay, .cashDifference, .takings:
            return try context.questions.sales.dayState(
                branch: day.branch,
                date: day.date,
                context.views
            )
        }
    }

    // MARK: gathering

    /// The postings of the chosen days, by date, branch and entity.
    func drafts() throws -> [PostingDraft] {
        var drafts: [PostingDraft] = []
        for entity in Set(chosen.map(\.entity)).sorted() {
            drafts += try self.drafts(of: entity)
        }
        return drafts
    }

    private struct Place: Hashable {
        let date: CivilDate
        let branch: Int64
    }

    private func drafts(of entity: Int64) throws -> [PostingDraft] {
        var drafts: [PostingDraft] = []
        var open: [Place: Int] = [:]
        var current = ChangeID(0)
        var effects: [(day: DayKey, lines: [LedgerLine])] = []
        var isDue = true
        func close() {
            guard isDue, let first = effects.first?.day else { return }
            let place = Place(date: first.date, branch: first.branch)
            if let index = open[place], drafts[index].sources.count < LedgerLimits.rangesMax {
                drafts[index].add(current, effects)
                return
            }
            open[place] = drafts.count
            var draft = PostingDraft(entity: entity, date: first.date, branch: first.branch)
            draft.add(current, effects)
            drafts.append(draft)
        }
        let all = ChangeID(0)...ChangeID(.max)
        try EffectStore("ledger_effect").forEach(entity, all, context.views) { effect in
            if effect.id != current {
                close()
                current = effect.id
                effects.removeAll(keepingCapacity: true)
                isDue = true
            }
            if !isDue || !chosen.contains(effect.day) {
                isDue = false
                return
            }
            effects.append((effect.day, effect.lines))
        }
        close()
        return drafts
    }

    // MARK: numbering

    /// Numbers the postings and lays them into an act, one commit for each set of readers; false
    /// where the act is full before all are in it.
    mutating func fill(
        _ act: inout Act,
        _ drafts: [PostingDraft],
        _ outcome: inout PostingOutcome
    ) throws -> Bool {
        var isWhole = true
        for draft in drafts.sorted(by: { $0.isBefore($1) }) {
            let numbersBefore = numbers
            let posted = try number(draft)
            let body = posted.body
            let branches = Set(posted.vouchers.map(\.branch)).union([draft.branch]).sorted()
            guard place(body, branches) else {
                numbers = numbersBefore
                isWhole = false
                break
            }
            outcome.postings += 1
            outcome.vouchers += posted.vouchers.count
        }
        for commit in commits {
            act.begin([.headquarters] + commit.branches.map { .branch($0) })
            for body in commit.bodies { act.add(LedgerKind.voucherPosted, body) }
        }
        return isWhole
    }

    private mutating func place(_ body: [UInt8], _ branches: [Int64]) -> Bool {
        let index = commits.firstIndex { commit in
            commit.branches == branches
                && commit.size + body.count <= LedgerLimits.commitBytesMax
        }
        if let index {
            commits[index].size += body.count
            commits[index].bodies.append(body)
            return true
        }
        guard commits.count < CommitFlags.ActPlace.countMax else { return false }
        commits.append((branches, body.count, [body]))
        return true
    }

    private mutating func number(_ draft: PostingDraft) throws -> VoucherPosted {
        var vouchers: [Voucher] = []
        for (day, sums) in draft.vouchers.sorted(by: { $0.key < $1.key }) {
            let chart = try chart(of: draft.entity)
            let lines = try sums.sorted { $0.key < $1.key }.map { line, sum in
                try posted(line, sum, day, chart)
            }
            if lines.isEmpty { continue }
            let date = try LedgerPeriods.bookDate(draft.entity, day.date, context.views)
            let number = try nextNumber(draft.entity, date.period)
            vouchers.append(
                Voucher(
                    period: date.period,
                    number: number,
                    date: date,
                    lines: lines,
                    group: day.group,
                    branch: day.branch,
                    businessDate: day.date,
                    text: try summary(day, isMoved: date != day.date)
                )
            )
        }
        return VoucherPosted(
            entity: draft.entity,
            ruleVersion: PostVouchers.ruleVersion,
            sources: draft.sources,
            vouchers: vouchers
        )
    }

    private func posted(
        _ draft: DraftLine,
        _ sum: Int128,
        _ day: DayKey,
        _ chart: Chart
    ) throws -> PostedLine {
        let line = draft.key
        let account = draft.account.isEmpty ? chart.account(of: line.role)?.code : draft.account
        guard let account else { throw LedgerRefusal.roleWithoutAccount(line.role.name) }
        guard let amount = Int64(exactly: sum).map({ Fen($0) }), amount.isWithinLimit else {
            throw LedgerRefusal.amountTooLarge(branch: day.branch, date: day.date)
        }
        return PostedLine(
            account: account,
            role: line.role,
            side: line.side,
            amount: amount,
            rate: line.rate,
            tender: line.tender,
            party: line.party,
            branch: day.branch
        )
    }

    mutating func chart(of entity: Int64) throws -> Chart {
        if let known = charts[entity] { return known }
        guard let answer = try context.questions.catalog.entity(entity, context.views) else {
            throw LedgerRefusal.unknownEntity(entity)
        }
        let chart = Chart.of(answer.standard)
        charts[entity] = chart
        return chart
    }

    private mutating func nextNumber(
        _ entity: Int64,
        _ period: AccountingPeriod
    ) throws -> Int64 {
        var free =
            try numbers[entity]?[period]
            ?? LedgerPeriods.freeNumbers(entity, VoucherSeries.general, period, context.views)
        let number = free.take()
        numbers[entity, default: [:]][period] = free
        return number
    }

    /// The summary (摘要): the business, its date, and whether it is what came later.
    private func summary(_ day: DayKey, isMoved: Bool) throws -> String {
        var text = "\(day.date) \(day.group.summary)"
        if try isPosted(day) { text += "（补记）" }
        if isMoved { text += "（跨期补录，原业务日期 \(day.date)）" }
        return text
    }

    private func isPosted(_ day: DayKey) throws -> Bool {
        let statement = try context.views.statement(
            """
            SELECT 1 FROM ledger_voucher
            WHERE entity = ?1 AND branch = ?2 AND business_date = ?3 AND grp = ?4 LIMIT 1
            """
        )
        statement.bind(1, day.entity)
        statement.bind(2, day.branch)
        statement.bind(3, Int64(day.date.dayNumber))
        statement.bind(4, day.group.rawValue)
        return try statement.firstInteger() != nil
    }
}
