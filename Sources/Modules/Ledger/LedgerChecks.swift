// Ledger: what must hold at every position, and what the merged whole shows: where the effects of
// today differ from what was posted. It never mends; a correction is a red reversal by a person.

import Kernel
import Module
import Replication
import SQLite
import Wire

enum LedgerChecks {
    // MARK: findings

    /// Postings whose sources now have other effects than were posted.
    static func differences(_ context: ReportContext) throws -> [Finding] {
        var sums: [SettledKey: [LineKey: Int128]] = [:]
        try readSettled(context.views) { key, line, amount in
            sums[key, default: [:]][line, default: 0] += amount
        }
        try readPosted(context.views) { key, line, amount in
            sums[key, default: [:]][line, default: 0] -= amount
        }
        var names = LedgerNames(context)
        var findings: [Finding] = []
        for (key, lines) in sums.sorted(by: { $0.key < $1.key }) {
            let differing = lines.filter { $0.value != 0 }.sorted { $0.key < $1.key }
            if differing.isEmpty { continue }
            let label = try label(of: key, context.views)
            let evidence = differing.map { line, amount in
                let side = line.side == .debit ? "Dr" : "Cr"
                return "\(side) \(line.role.name) \(LedgerText.yuan(amount))"
            }
            findings.append(
                Finding(
                    check: "ledger.posted-differs",
                    subject: "\(label) · \(try names.branchCode(key.branch))",
                    evidence: LocalText(
                        "按现在的业务 − 已记账：" + evidence.joined(separator: "，"),
                        "effects now − posted: " + evidence.joined(separator: ", ")
                    ),
                    proposal: LocalText(
                        "红字冲销 \(label)，再按现在的业务重新填制；不得修改已记账凭证。",
                        "Reverse \(label) in red and post it anew from the effects of today; a "
                            + "posted voucher is never changed."
                    )
                )
            )
        }
        return findings
    }

    private static func readSettled(
        _ views: Database,
        _ body: (SettledKey, LineKey, Int128) -> Void
    ) throws {
        let statement = try views.statement(
            """
            SELECT posting, branch, grp, role, side, rate, tender, party, amount
            FROM ledger_settled_sum
            """
        )
        try statement.forEach { row in
            guard let group = VoucherGroup(rawValue: row.integer(2)),
                let line = row.lineKey(from: 3)
            else { return }
            let key = SettledKey(
                posting: ChangeID(row.integer(0)),
                branch: row.integer(1),
                group: group
            )
            body(key, line, row.wide(8))
        }
    }

    private static func readPosted(
        _ views: Database,
        _ body: (SettledKey, LineKey, Int128) -> Void
    ) throws {
        let statement = try views.statement(
            """
            SELECT l.posting, l.branch, v.grp, l.role, l.side, l.rate, l.tender, l.party, l.amount
            FROM ledger_voucher v JOIN ledger_line l ON l.posting = v.posting AND l.place = v.place
            """
        )
        try statement.forEach { row in
            guard let group = VoucherGroup(rawValue: row.integer(2)), !group.isOfPoster,
                let line = row.lineKey(from: 3)
            else { return }
            let key = SettledKey(
                posting: ChangeID(row.integer(0)),
                branch: row.integer(1),
                group: group
            )
            body(key, line, Int128(row.integer(8)))
        }
    }

    /// The voucher of a posting for one group and branch, else the posting's own id.
    private static func label(of key: SettledKey, _ views: Database) throws -> String {
        let statement = try views.statement(
            """
            SELECT series, number, period FROM ledger_voucher
            WHERE posting = ?1 AND grp = ?2 AND branch = ?3 ORDER BY place LIMIT 1
            """
        )
        statement.bind(1, key.posting.rawValue)
        statement.bind(2, key.group.rawValue)
        statement.bind(3, key.branch)
        let found = try statement.first { row in
            let period = AccountingPeriod(rawValue: Int32(truncatingIfNeeded: row.integer(2)))
            return "\(period) \(Voucher.label(row.text(0), row.integer(1)))"
        }
        return found ?? "\(key.posting)"
    }

    // MARK: violations

    /// The invariants of the books: the reasons where they do not hold.
    static func violations(_ context: ReportContext) throws -> [String] {
        let isHeadquarters = try context.log.metaInteger("headquarters") == 1
        var reasons = try unbalanced(context.views)
        reasons += try changed(context)
        reasons += try wrongSums(context.views)
        if isHeadquarters {
            reasons += try gaps(context.views)
            reasons += try changedCloses(context.views)
        }
        return reasons
    }

    /// Vouchers, books and effects whose debits and credits differ.
    private static func unbalanced(_ views: Database) throws -> [String] {
        var vouchers: [ChangeID: [Int64: Int128]] = [:]
        var entities: [Int64: Int128] = [:]
        let lines = try views.statement(
            "SELECT posting, place, entity, side, amount FROM ledger_line"
        )
        try lines.forEach { row in
            let signed = Int128(row.integer(3) == 1 ? row.integer(4) : -row.integer(4))
            vouchers[ChangeID(row.integer(0)), default: [:]][row.integer(1), default: 0] += signed
            entities[row.integer(2), default: 0] += signed
        }
        let open = try views.statement("SELECT entity, side, amount FROM ledger_provisional")
        try open.forEach { row in
            let amount = row.wide(2)
            entities[row.integer(0), default: 0] += row.integer(1) == 1 ? amount : -amount
        }
        var reasons: [String] = []
        for (posting, places) in vouchers.sorted(by: { $0.key < $1.key }) {
            for (place, sum) in places.sorted(by: { $0.key < $1.key }) where sum != 0 {
                reasons.append(
                    "ledger: voucher \(place) of posting \(posting) is out by \(sum) fen"
                )
            }
        }
        for (entity, sum) in entities.sorted(by: { $0.key < $1.key }) where sum != 0 {
            reasons.append("ledger: the books of entity \(entity) are out by \(sum) fen")
        }
        let total = entities.values.reduce(0, +)
        if total != 0 { reasons.append("ledger: all books together are out by \(total) fen") }
        return reasons
    }

    /// Postings whose rows say other than the log does.
    private static func changed(_ context: ReportContext) throws -> [String] {
        let views = context.views
        let statement = try views.statement(
            "SELECT id, holds, body FROM ledger_posting ORDER BY id"
        )
        var reasons: [String] = []
        try statement.forEach { row in
            let id = ChangeID(row.integer(0))
            let body = row.blob(2)
            if try context.log.change(id)?.body != body {
                reasons.append("ledger: posting \(id) is not what the log holds")
            }
            let posted = try body.withUnsafeBytes { try VoucherPosted($0) }
            let expected = row.integer(1) == 1 ? posted.vouchers : []
            if try LedgerQueries.vouchers(of: id, views) != expected {
                reasons.append("ledger: the vouchers of posting \(id) were changed")
            }
        }
        return reasons
    }

    /// Sums of provisional effects that are not the sums of their rows.
    private static func wrongSums(_ views: Database) throws -> [String] {
        var sums: [DayKey: [LineKey: Int128]] = [:]
        let effects = try views.statement("SELECT entity, chunk, entries FROM ledger_effect")
        try effects.forEach { row in
            let (entity, chunk) = (row.integer(0), row.integer(1))
            try EffectChunk.forEach(row.borrowedBytes(2), entity: entity, chunk: chunk) { effect in
                for line in effect.lines {
                    sums[effect.day, default: [:]][LineKey(line), default: 0] +=
                        Int128(line.amount.rawValue)
                }
            }
        }
        let rows = try views.statement(
            """
            SELECT entity, branch, date, grp, role, side, rate, tender, party, amount
            FROM ledger_provisional
            """
        )
        try rows.forEach { row in
            guard let day = row.dayKey, let line = row.lineKey(from: 4) else { return }
            sums[day, default: [:]][line, default: 0] -= row.wide(9)
        }
        var reasons: [String] = []
        for (day, lines) in sums.sorted(by: { $0.key < $1.key })
        where lines.contains(where: { $0.value != 0 }) {
            reasons.append(
                "ledger: the provisional sums of branch \(day.branch) on \(day.date) are wrong"
            )
        }
        return reasons
    }

    /// Series whose numbers do not run from 1 without a gap.
    private static func gaps(_ views: Database) throws -> [String] {
        let statement = try views.statement(
            """
            SELECT entity, series, period, min(number), max(number), count(*)
            FROM ledger_voucher GROUP BY entity, series, period
            """
        )
        var reasons: [String] = []
        try statement.forEach { row in
            if row.integer(3) == 1, row.integer(4) == row.integer(5) { return }
            let period = AccountingPeriod(rawValue: Int32(truncatingIfNeeded: row.integer(2)))
            reasons.append(
                "ledger: numbers of \(row.text(1)) of entity \(row.integer(0)) in \(period) run "
                    + "from \(row.integer(3)) to \(row.integer(4)), but are \(row.integer(5))"
            )
        }
        return reasons
    }

    /// Closed periods whose figures are no longer those of the close.
    private static func changedCloses(_ views: Database) throws -> [String] {
        var reasons: [String] = []
        for closed in try LedgerPeriods.closings(views) {
            let numbers = try LedgerPeriods.lastNumbers(closed.entity, closed.period, views)
            let hash = try LedgerPeriods.trialBalanceHash(closed.entity, closed.period, views)
            if numbers != closed.lastNumbers || hash != closed.trialBalance {
                reasons.append(
                    "ledger: the closed period \(closed.period) of entity \(closed.entity) changed"
                )
            }
        }
        return reasons
    }
}

extension Statement {
    /// Role, side, rate, tender and party from a column on.
    func lineKey(from column: Int32) -> LineKey? {
        guard let role = LedgerRole(rawValue: integer(column)),
            let side = LedgerLine.Side(rawValue: integer(column + 1))
        else { return nil }
        return LineKey(
            role: role,
            side: side,
            rate: Rate(integer(column + 2)),
            tender: integer(column + 3),
            party: integer(column + 4)
        )
    }

    /// Entity, branch, date and group from the first column on.
    var dayKey: DayKey? {
        guard let group = VoucherGroup(rawValue: integer(3)) else { return nil }
        return DayKey(
            entity: integer(0),
            branch: integer(1),
            date: CivilDate(dayNumber: Int32(truncatingIfNeeded: integer(2))),
            group: group
        )
    }
}
