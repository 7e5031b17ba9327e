// Ledger: how postings are taken. Of two that cover the same change, or give the same number, the
// smaller id holds; whatever the order in which postings and effects come, the rows are the same.

import Kernel
import Module
import Replication
import SQLite
import Wire

extension LedgerProjection {
    /// Takes a posting: it holds unless one of smaller id that holds is in its way.
    func apply(_ posted: VoucherPosted, _ change: ChangeInHand, _ views: Database) throws {
        let insert = try views.statement(
            "INSERT INTO ledger_posting(id, entity, holds, body) VALUES(?1, ?2, 0, ?3)"
        )
        insert.bind(1, change.id.rawValue)
        insert.bind(2, posted.entity)
        insert.bind(3, change.body)
        try insert.run()
        try flushEffects(views)

        let isFree = try LedgerCover.isFree(posted, views)
        let others = try views.statement(
            """
            SELECT coalesce(max(id), 0), coalesce(min(holds), 1) FROM ledger_posting
            WHERE entity = ?1 AND id <> ?2
            """
        )
        others.bind(1, posted.entity)
        others.bind(2, change.id.rawValue)
        let (last, allHold) =
            try others.first { ($0.integer(0), $0.integer(1) == 1) } ?? (0, true)
        if isFree, allHold || change.id.rawValue > last {
            try hold(change.id, posted, views)
        } else if change.id.rawValue < last {
            try decideAgain(posted.entity, views)
        }
    }

    /// Decides for all postings of an entity, by ascending id, which hold.
    ///
    /// Why: it happens only after headquarters was restored and posted the same again.
    private func decideAgain(_ entity: Int64, _ views: Database) throws {
        let reading = try views.statement(
            "SELECT id, holds, body FROM ledger_posting WHERE entity = ?1 ORDER BY id"
        )
        reading.bind(1, entity)
        var all: [(id: ChangeID, didHold: Bool, posted: VoucherPosted)] = []
        try reading.forEach { row in
            let posted = try VoucherPosted(row.borrowedBytes(2))
            all.append((ChangeID(row.integer(0)), row.integer(1) == 1, posted))
        }
        var taken: [ClosedRange<ChangeID>] = []
        var numbers: Set<VoucherNumber> = []
        var holding: [ChangeID: Bool] = [:]
        for (id, _, posted) in all {
            let given = posted.vouchers.map { VoucherNumber($0) }
            let isFree =
                given.allSatisfy { !numbers.contains($0) }
                && !posted.sources.contains { range in taken.contains { $0.overlaps(range) } }
            holding[id] = isFree
            if isFree {
                taken += posted.sources
                numbers.formUnion(given)
            }
        }
        for (id, didHold, posted) in all where didHold && holding[id] == false {
            try release(id, posted, views)
        }
        for (id, didHold, posted) in all where !didHold && holding[id] == true {
            try hold(id, posted, views)
        }
    }

    // MARK: holding

    /// Writes what a posting says, and moves what it covers aside.
    private func hold(_ id: ChangeID, _ posted: VoucherPosted, _ views: Database) throws {
        try setHolds(id, true, views)
        try LedgerCover.insert(posted, by: id, views)
        try insertVouchers(id, posted, views)
        coverChanged()
        for range in posted.sources {
            var moved = try free.remove(posted.entity, range, views)
            for index in moved.indices {
                count(moved[index], settledBy: id)
                moved[index].posting = id
            }
            try covered.insert(moved, views)
        }
    }

    /// Undoes `hold`: what it covered is provisional again.
    private func release(_ id: ChangeID, _ posted: VoucherPosted, _ views: Database) throws {
        try flushSettled(views)
        for range in posted.sources {
            var moved = try covered.remove(posted.entity, range, views)
            for index in moved.indices {
                count(moved[index], settledBy: nil)
                moved[index].posting = nil
            }
            try free.insert(moved, views)
        }
        for sql: StaticString in [
            "DELETE FROM ledger_settled_sum WHERE posting = ?1",
            "DELETE FROM ledger_cover WHERE posting = ?1",
            "DELETE FROM ledger_voucher WHERE posting = ?1",
            "DELETE FROM ledger_line WHERE posting = ?1",
        ] {
            let statement = try views.statement(sql)
            statement.bind(1, id.rawValue)
            try statement.run()
        }
        try setHolds(id, false, views)
        coverChanged()
    }

    /// Moves the lines of an effect between the sums.
    private func count(_ effect: KeptEffect, settledBy posting: ChangeID?) {
        provisional.add(effect.lines, effect.day, sign: posting == nil ? 1 : -1)
        if let posting {
            let key = SettledKey(
                posting: posting,
                branch: effect.day.branch,
                group: effect.day.group
            )
            settled.add(effect.lines, key, sign: 1)
        }
    }

    private func setHolds(_ id: ChangeID, _ holds: Bool, _ views: Database) throws {
        let statement = try views.statement("UPDATE ledger_posting SET holds = ?2 WHERE id = ?1")
        statement.bind(1, id.rawValue)
        statement.bind(2, holds ? 1 : 0)
        try statement.run()
    }

    private func insertVouchers(
        _ id: ChangeID,
        _ posted: VoucherPosted,
        _ views: Database
    ) throws {
        let heads = try views.statement(
            """
            INSERT INTO ledger_voucher(entity, series, period, number, posting, place, date, grp,
              branch, business_date, text)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """
        )
        for (place, voucher) in posted.vouchers.enumerated() {
            heads.bind(1, posted.entity)
            heads.bind(2, voucher.series)
            heads.bind(3, Int64(voucher.period.rawValue))
            heads.bind(4, voucher.number)
            heads.bind(5, id.rawValue)
            heads.bind(6, place)
            heads.bind(7, Int64(voucher.date.dayNumber))
            heads.bind(8, voucher.group.rawValue)
            heads.bind(9, voucher.branch)
            heads.bind(10, Int64(voucher.businessDate.dayNumber))
            heads.bind(11, voucher.text)
            try heads.run()
            try insertLines(voucher, place, of: id, posted.entity, views)
        }
    }

    private func insertLines(
        _ voucher: Voucher,
        _ place: Int,
        of id: ChangeID,
        _ entity: Int64,
        _ views: Database
    ) throws {
        let lines = try views.statement(
            """
            INSERT INTO ledger_line(entity, date, posting, place, line, account, role, side,
              amount, rate, tender, party, branch)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """
        )
        for (index, line) in voucher.lines.enumerated() {
            lines.bind(1, entity)
            lines.bind(2, Int64(voucher.date.dayNumber))
            lines.bind(3, id.rawValue)
            lines.bind(4, place)
            lines.bind(5, index)
            lines.bind(6, line.account)
            lines.bind(7, line.role.rawValue)
            lines.bind(8, line.side.rawValue)
            lines.bind(9, line.amount.rawValue)
            lines.bind(10, line.rate.rawValue)
            lines.bind(11, line.tender)
            lines.bind(12, line.party)
            lines.bind(13, line.branch)
            try lines.run()
        }
    }
}

/// A voucher's number in the books of one entity.
struct VoucherNumber: Hashable {
    let series: String
    let period: AccountingPeriod
    let number: Int64

    init(_ voucher: Voucher) {
        series = voucher.series
        period = voucher.period
        number = voucher.number
    }
}

/// The ranges of changes that postings cover.
enum LedgerCover {
    /// The posting that covers a change, nil where none does.
    static func posting(
        of id: ChangeID,
        _ entity: Int64,
        _ views: Database
    ) throws(StorageFault) -> ChangeID? {
        let statement = try views.statement(
            """
            SELECT last, posting FROM ledger_cover
            WHERE entity = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1
            """
        )
        statement.bind(1, entity)
        statement.bind(2, id.rawValue)
        defer { statement.reset() }
        guard try statement.step(), statement.integer(0) >= id.rawValue else { return nil }
        return ChangeID(statement.integer(1))
    }

    /// True where no posting that holds covers any of the same, or gave any of the numbers.
    static func isFree(_ posted: VoucherPosted, _ views: Database) throws(StorageFault) -> Bool {
        let covers = try views.statement(
            """
            SELECT last FROM ledger_cover
            WHERE entity = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1
            """
        )
        for range in posted.sources {
            covers.bind(1, posted.entity)
            covers.bind(2, range.upperBound.rawValue)
            if let last = try covers.firstInteger(), last >= range.lowerBound.rawValue {
                return false
            }
        }
        let numbers = try views.statement(
            """
            SELECT 1 FROM ledger_voucher
            WHERE entity = ?1 AND series = ?2 AND period = ?3 AND number = ?4
            """
        )
        for voucher in posted.vouchers {
            numbers.bind(1, posted.entity)
            numbers.bind(2, voucher.series)
            numbers.bind(3, Int64(voucher.period.rawValue))
            numbers.bind(4, voucher.number)
            if try numbers.firstInteger() != nil { return false }
        }
        return true
    }

    static func insert(
        _ posted: VoucherPosted,
        by id: ChangeID,
        _ views: Database
    ) throws(StorageFault) {
        let statement = try views.statement(
            "INSERT INTO ledger_cover(entity, first, last, posting) VALUES(?1, ?2, ?3, ?4)"
        )
        for range in posted.sources {
            statement.bind(1, posted.entity)
            statement.bind(2, range.lowerBound.rawValue)
            statement.bind(3, range.upperBound.rawValue)
            statement.bind(4, id.rawValue)
            try statement.run()
        }
    }
}
