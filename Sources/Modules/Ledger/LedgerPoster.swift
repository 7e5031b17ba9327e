// Ledger: the poster. Turns effects whose day is known to be whole into vouchers, at headquarters
// alone. It decides; what it decided is a ruling, and no later code posts the same again.

package import Kernel
package import Module
package import Replication
import SQLite

/// A day that cannot be posted yet.
package struct WaitingDay: Hashable, Sendable {
    package let entity: Int64
    package let branch: Int64
    package let date: CivilDate
    package let group: VoucherGroup
    package let state: DayState
}

/// What a run of the poster came to.
package struct PostingOutcome: Sendable {
    package internal(set) var postings = 0
    package internal(set) var vouchers = 0
    /// Days with effects that are not complete, by entity, branch and date.
    package internal(set) var waiting: [WaitingDay] = []
    /// Books that are not known here; nothing of theirs was posted.
    package internal(set) var unknownEntities: [Int64] = []
    /// True where more is due than one act holds: run again.
    package internal(set) var hasMore = false
}

/// Post what is due (记账).
///
/// A day's retail tickets, cash differences and takings are due when the branch's day is complete
/// or waived; goods receipts on the day after. A change is posted whole: all its effects for an
/// entity go into one posting, or it waits. With goods receipts goes what the turn of each open
/// month takes back and estimates again.
package struct PostVouchers: Command {
    /// The rules by which vouchers are made; a posting names them.
    package static let ruleVersion: Int64 = 2

    package var groups: [VoucherGroup]
    /// Business dates after this are left alone.
    package var through: CivilDate?
    /// Days of one act at most.
    package var daysMax: Int

    package init(
        groups: [VoucherGroup] = VoucherGroup.allCases,
        through: CivilDate? = nil,
        daysMax: Int = 400
    ) {
        self.groups = groups
        self.through = through
        self.daysMax = daysMax
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> PostingOutcome {
        try context.requireHeadquarters()
        try context.require(.postVouchers, branch: 0)
        var outcome = PostingOutcome()
        var due: [DayKey] = []
        var isUnknown: [Int64: Bool] = [:]
        for day in try Poster.days(context.views) where groups.contains(day.group) {
            if let through, day.date > through { continue }
            let unknown =
                try isUnknown[day.entity]
                ?? (context.questions.catalog.entity(day.entity, context.views) == nil)
            if isUnknown.updateValue(unknown, forKey: day.entity) == nil, unknown {
                outcome.unknownEntities.append(day.entity)
            }
            if unknown { continue }
            let state = try Poster.state(of: day, context)
            if state == .complete {
                due.append(day)
            } else {
                outcome.waiting.append(
                    WaitingDay(
                        entity: day.entity,
                        branch: day.branch,
                        date: day.date,
                        group: day.group,
                        state: state
                    )
                )
            }
        }
        due.sort { ($0.date, $0) < ($1.date, $1) }
        let chosen = due.prefix(max(1, daysMax))
        var poster = Poster(context, Set(chosen))
        var drafts = try poster.drafts()
        if groups.contains(.goodsReceiptEstimate) {
            // Beyond a day that waits for the next act, not all is known that a month turns.
            let next = chosen.count < due.count ? due[chosen.count].date : nil
            drafts += try poster.monthTurns(beside: drafts, through: through, before: next)
        }
        let isWhole = try poster.fill(&act, drafts, &outcome)
        outcome.hasMore = outcome.postings > 0 && (!isWhole || due.count > daysMax)
        return outcome
    }
}

/// Post the retail tickets of complete days (零售日汇总).
package struct PostRetailDays: Command {
    package init() {}

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> PostingOutcome {
        try PostVouchers(groups: [.retailDay]).decide(context, &act)
    }
}

/// Post goods received without an invoice, at their estimate (暂估入账), and turn the months.
package struct PostGoodsReceipts: Command {
    package init() {}

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> PostingOutcome {
        try PostVouchers(groups: [.goodsReceiptEstimate]).decide(context, &act)
    }
}

/// Post cash over and short of complete days (现金长短款).
package struct PostCashDifferences: Command {
    package init() {}

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> PostingOutcome {
        try PostVouchers(groups: [.cashDifference]).decide(context, &act)
    }
}
