// Ledger: the turn of the months for goods received without an invoice (暂估): on the first what
// stands is taken back in red, at the end of the month what has no invoice is estimated again.
// Works on sums of posted lines by month alone; must not know receipts, nor move any stock.

import Kernel
import Module
import SQLite

/// What keeps estimates apart: they are taken back by the account that they were posted to.
struct EstimateKey: Hashable, Comparable {
    let branch: Int64
    let account: String
    let line: LineKey

    static func < (left: EstimateKey, right: EstimateKey) -> Bool {
        if left.branch != right.branch { return left.branch < right.branch }
        if left.line != right.line { return left.line < right.line }
        return left.account < right.account
    }
}

/// Amounts by what keeps them apart; none is zero.
struct EstimateSums: Equatable {
    private(set) var amounts: [EstimateKey: Int128] = [:]

    mutating func add(_ key: EstimateKey, _ amount: Int128) {
        let sum = (amounts[key] ?? 0) + amount
        amounts[key] = sum == 0 ? nil : sum
    }

    mutating func add(_ other: EstimateSums, sign: Int128 = 1) {
        for (key, amount) in other.amounts { add(key, sign * amount) }
    }
}

/// What a branch takes back or estimates again on a day.
struct EstimateTurn {
    let date: CivilDate
    let branch: Int64
    let group: VoucherGroup
    let amounts: [EstimateKey: Int128]
}

/// The posted estimates of the books of an entity, month by month.
struct EstimateBook {
    private struct Month {
        var received = EstimateSums()
        var reversed = EstimateSums()
        var again = EstimateSums()
    }

    private var months: [AccountingPeriod: Month] = [:]

    /// The books that have estimates.
    static func entities(_ views: Database) throws -> [Int64] {
        let statement = try views.statement(
            "SELECT DISTINCT entity FROM ledger_voucher WHERE grp IN (2, 5, 6) ORDER BY entity"
        )
        var entities: [Int64] = []
        try statement.forEach { entities.append($0.integer(0)) }
        return entities
    }

    static func read(_ entity: Int64, _ views: Database) throws -> EstimateBook {
        let statement = try views.statement(
            """
            SELECT v.grp, v.period, v.branch, l.role, l.side, l.rate, l.tender, l.party,
              l.account, l.amount
            FROM ledger_voucher v JOIN ledger_line l ON l.posting = v.posting AND l.place = v.place
            WHERE v.entity = ?1 AND v.grp IN (2, 5, 6)
            """
        )
        statement.bind(1, entity)
        var book = EstimateBook()
        try statement.forEach { row in
            guard let group = VoucherGroup(rawValue: row.integer(0)),
                let line = row.lineKey(from: 3)
            else { return }
            let period = AccountingPeriod(rawValue: Int32(truncatingIfNeeded: row.integer(1)))
            let key = EstimateKey(branch: row.integer(2), account: row.text(8), line: line)
            book.add(key, Int128(row.integer(9)), group, period)
        }
        return book
    }

    mutating func add(
        _ key: EstimateKey,
        _ amount: Int128,
        _ group: VoucherGroup,
        _ period: AccountingPeriod
    ) {
        switch group {
        case .goodsReceiptEstimate: months[period, default: Month()].received.add(key, amount)
        case .estimateReversed: months[period, default: Month()].reversed.add(key, amount)
        case .estimateAgain: months[period, default: Month()].again.add(key, amount)
        case .retailDay, .cashDifference, .takings: break
        }
    }

    /// What the turns of the open months lack, by date and branch.
    ///
    /// On the first of a month all that stood before is to be nothing, and at its end all that
    /// was ever taken back is to stand again. Only what is lacking is made: so what comes late,
    /// or was posted twice by a headquarters that was restored, is put right by the next turn.
    ///
    /// Why months in which the books have nothing else are passed over: years may lie between
    /// an imported history and today, and what stands through them stands at each end the same.
    func turns(
        from open: AccountingPeriod?,
        today: CivilDate,
        isLive: Set<AccountingPeriod>,
        _ isDue: (CivilDate) -> Bool
    ) -> [EstimateTurn] {
        guard let first = months.keys.min() else { return [] }
        var period = max(open ?? first, first)
        var standing = EstimateSums()
        // What was taken back and does not stand again.
        var away = EstimateSums()
        for (earlier, month) in months where earlier < period {
            for sums in [month.received, month.reversed, month.again] { standing.add(sums) }
            for sums in [month.reversed, month.again] { away.add(sums, sign: -1) }
        }
        var turns: [EstimateTurn] = []
        while period <= today.period {
            let month = months[period] ?? Month()
            if isLive.contains(period) || months[period] != nil {
                guard isDue(period.firstDay) else { break }
                var lacking = EstimateSums()
                lacking.add(standing, sign: -1)
                lacking.add(month.reversed, sign: -1)
                turns += Self.byBranch(lacking, period.firstDay, .estimateReversed)
                away.add(standing)
                guard period.lastDay < today, isDue(period.lastDay) else { break }
                lacking = away
                lacking.add(month.again, sign: -1)
                turns += Self.byBranch(lacking, period.lastDay, .estimateAgain)
                standing = away
                standing.add(month.received)
                away = EstimateSums()
            }
            period = period.next
        }
        return turns
    }

    private static func byBranch(
        _ sums: EstimateSums,
        _ date: CivilDate,
        _ group: VoucherGroup
    ) -> [EstimateTurn] {
        let branches = Dictionary(grouping: sums.amounts) { $0.key.branch }
        return branches.sorted { $0.key < $1.key }.map { branch, amounts in
            EstimateTurn(
                date: date,
                branch: branch,
                group: group,
                amounts: Dictionary(uniqueKeysWithValues: amounts.map { ($0.key, $0.value) })
            )
        }
    }
}

/// What was taken back on the first of a month whose end the reader does not see: it is to be
/// estimated again, and until then stands provisional, so that goods and debts of a month that
/// runs are whole.
struct EstimatesAhead {
    private struct Place: Hashable {
        let entity: Int64
        let branch: Int64
    }

    private struct Key: Hashable, Comparable {
        let place: Place
        let side: LedgerLine.Side
        let account: String

        static func < (left: Key, right: Key) -> Bool {
            (left.place.entity, left.place.branch, left.side.rawValue, left.account)
                < (right.place.entity, right.place.branch, right.side.rawValue, right.account)
        }
    }

    private var away: [Key: Int128] = [:]
    private var lastDates: [Place: CivilDate] = [:]

    /// Takes a posted line that takes back or estimates again.
    mutating func follow(_ line: BookLine) {
        let place = Place(entity: line.entity, branch: line.branch)
        away[Key(place: place, side: line.side, account: line.account), default: 0] -= line.amount
        lastDates[place] = max(lastDates[place] ?? line.date, line.date)
    }

    /// The lines that are to come, at the end of their month or of what the reader sees.
    func lines(to end: CivilDate) -> [BookLine] {
        away.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { key, amount in
            let date = min(end, lastDates[key.place]?.endOfMonth ?? end)
            return BookLine(
                entity: key.place.entity,
                branch: key.place.branch,
                account: key.account,
                date: date,
                businessDate: date,
                group: .estimateAgain,
                side: key.side,
                amount: amount,
                voucher: nil
            )
        }
    }
}

extension Poster {
    /// The postings that the turns of open months lack, where those of `drafts` are made too.
    ///
    /// None is dated after `through`, nor on the day `next` or later.
    mutating func monthTurns(
        beside drafts: [PostingDraft],
        through: CivilDate?,
        before next: CivilDate?
    ) throws -> [PostingDraft] {
        let views = context.views
        var turns: [PostingDraft] = []
        let entities = Set(try EstimateBook.entities(views)).union(drafts.map(\.entity))
        for entity in entities.sorted()
        where try context.questions.catalog.entity(entity, views) != nil {
            var book = try EstimateBook.read(entity, views)
            var live = try LedgerPeriods.liveMonths(entity, views)
            for draft in drafts where draft.entity == entity {
                for (day, lines) in draft.vouchers {
                    let period = try LedgerPeriods.bookDate(entity, day.date, views).period
                    live.insert(period)
                    try add(lines, day, period, to: &book)
                }
            }
            let lacking = book.turns(
                from: try LedgerPeriods.lastClosed(entity, views)?.next,
                today: context.today,
                isLive: live
            ) { date in
                date <= through ?? date && (next.map { date < $0 } ?? true)
            }
            turns += lacking.map { Self.draft($0, entity) }
        }
        return turns
    }

    private mutating func add(
        _ lines: [DraftLine: Int128],
        _ day: DayKey,
        _ period: AccountingPeriod,
        to book: inout EstimateBook
    ) throws {
        guard day.group == .goodsReceiptEstimate else { return }
        let chart = try chart(of: day.entity)
        for (line, sum) in lines {
            guard let account = chart.account(of: line.key.role)?.code else {
                throw LedgerRefusal.roleWithoutAccount(line.key.role.name)
            }
            let key = EstimateKey(branch: day.branch, account: account, line: line.key)
            book.add(key, sum, day.group, period)
        }
    }

    private static func draft(_ turn: EstimateTurn, _ entity: Int64) -> PostingDraft {
        var draft = PostingDraft(entity: entity, date: turn.date, branch: turn.branch)
        draft.turn = turn.group == .estimateReversed ? .reversed : .again
        let day = DayKey(entity: entity, branch: turn.branch, date: turn.date, group: turn.group)
        for (key, amount) in turn.amounts {
            let line = DraftLine(key: key.line, isRed: amount < 0, account: key.account)
            draft.vouchers[day, default: [:]][line] = amount
        }
        return draft
    }
}
