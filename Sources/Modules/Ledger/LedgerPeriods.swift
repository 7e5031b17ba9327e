// Ledger: which months of the books are closed, as the view has it.

import Kernel
import SQLite
import Wire

/// The numbers of a series that are free: the holes first, then those after the last.
///
/// Why holes: a headquarters that was restored lacks the last vouchers it numbered. None of them
/// was final, for what is final lies in a verified backup; what they covered is posted again, and
/// takes their numbers, so that the series has no gap.
struct FreeNumbers {
    private var holes: [Int64] = []
    private var last: Int64 = 0

    /// Takes note of a number that was given; they ascend.
    mutating func follow(_ number: Int64) {
        if number > last + 1 { holes += last + 1..<number }
        last = number
    }

    /// The lowest free number, which is free no more.
    mutating func take() -> Int64 {
        if !holes.isEmpty { return holes.removeFirst() }
        last += 1
        return last
    }
}

enum LedgerPeriods {
    /// The ruling that keeps a period closed: one that no opposite names; nil where it is open.
    static func closing(
        _ entity: Int64,
        _ period: AccountingPeriod,
        _ views: Database
    ) throws -> (id: ChangeID, closed: PeriodClosed)? {
        let statement = try views.statement(
            """
            SELECT id, body FROM ledger_closing
            WHERE entity = ?1 AND period = ?2
              AND id NOT IN (SELECT closing FROM ledger_reopening)
            ORDER BY id LIMIT 1
            """
        )
        statement.bind(1, entity)
        statement.bind(2, Int64(period.rawValue))
        return try statement.first { row in
            (ChangeID(row.integer(0)), try PeriodClosed(row.borrowedBytes(1)))
        }
    }

    /// All closings that stand, by entity and period.
    static func closings(_ views: Database) throws -> [PeriodClosed] {
        let statement = try views.statement(
            """
            SELECT body FROM ledger_closing
            WHERE id NOT IN (SELECT closing FROM ledger_reopening)
            ORDER BY entity, period, id
            """
        )
        var closings: [PeriodClosed] = []
        try statement.forEach { closings.append(try PeriodClosed($0.borrowedBytes(0))) }
        return closings
    }

    /// The last period that is closed; nil where none is.
    static func lastClosed(_ entity: Int64, _ views: Database) throws -> AccountingPeriod? {
        let statement = try views.statement(
            """
            SELECT max(period) FROM ledger_closing
            WHERE entity = ?1 AND id NOT IN (SELECT closing FROM ledger_reopening)
            """
        )
        statement.bind(1, entity)
        return try statement.firstInteger().map { period in
            AccountingPeriod(rawValue: Int32(truncatingIfNeeded: period))
        }
    }

    /// The date under which business of a date stands in the books: its own, or the first day of
    /// the first open period where its own or a later one is closed.
    ///
    /// Why a later one: a close says what all stood at up to its end.
    static func bookDate(
        _ entity: Int64,
        _ date: CivilDate,
        _ views: Database
    ) throws -> CivilDate {
        guard let last = try lastClosed(entity, views), last >= date.period else { return date }
        return last.next.firstDay
    }

    /// The first period in which the books of an entity have anything.
    static func first(_ entity: Int64, _ views: Database) throws -> AccountingPeriod? {
        let statement = try views.statement(
            """
            SELECT min(date) FROM (
              SELECT min(date) AS date FROM ledger_line WHERE entity = ?1
              UNION ALL SELECT min(date) FROM ledger_provisional WHERE entity = ?1)
            """
        )
        statement.bind(1, entity)
        return try statement.firstInteger().map { day in
            CivilDate(dayNumber: Int32(truncatingIfNeeded: day)).period
        }
    }

    /// The months in which the books of an entity have anything, posted or not.
    static func liveMonths(
        _ entity: Int64,
        _ views: Database
    ) throws -> Set<AccountingPeriod> {
        var months: Set<AccountingPeriod> = []
        let open = try views.statement(
            "SELECT DISTINCT date FROM ledger_provisional WHERE entity = ?1"
        )
        open.bind(1, entity)
        try open.forEach { months.insert($0.date(0).period) }
        // One look a month: the lines of ten years need not be read for it.
        let posted = try views.statement(
            "SELECT min(date) FROM ledger_line WHERE entity = ?1 AND date > ?2"
        )
        var end: Int64 = -1
        while true {
            posted.bind(1, entity)
            posted.bind(2, end)
            guard let day = try posted.firstInteger() else { return months }
            let period = CivilDate(dayNumber: Int32(truncatingIfNeeded: day)).period
            months.insert(period)
            end = Int64(period.lastDay.dayNumber)
        }
    }

    /// The numbers of a series that may be given in a period.
    static func freeNumbers(
        _ entity: Int64,
        _ series: String,
        _ period: AccountingPeriod,
        _ views: Database
    ) throws -> FreeNumbers {
        let statement = try views.statement(
            """
            SELECT number FROM ledger_voucher
            WHERE entity = ?1 AND series = ?2 AND period = ?3 ORDER BY number
            """
        )
        statement.bind(1, entity)
        statement.bind(2, series)
        statement.bind(3, Int64(period.rawValue))
        var free = FreeNumbers()
        try statement.forEach { free.follow($0.integer(0)) }
        return free
    }

    /// The last number of each series in a period, by series.
    static func lastNumbers(
        _ entity: Int64,
        _ period: AccountingPeriod,
        _ views: Database
    ) throws -> [SeriesNumber] {
        let statement = try views.statement(
            """
            SELECT series, max(number) FROM ledger_voucher
            WHERE entity = ?1 AND period = ?2 GROUP BY series ORDER BY series
            """
        )
        statement.bind(1, entity)
        statement.bind(2, Int64(period.rawValue))
        var numbers: [SeriesNumber] = []
        try statement.forEach { row in
            numbers.append(SeriesNumber(series: row.text(0), number: row.integer(1)))
        }
        return numbers
    }

    /// The hash of what was posted up to a period's end: debit and credit by account and branch.
    ///
    /// Shape: H(CBOR["trial-balance", 1, entity, period, [[account, branch, debit, credit], …]]).
    static func trialBalanceHash(
        _ entity: Int64,
        _ period: AccountingPeriod,
        _ views: Database
    ) throws -> Digest32 {
        struct Key: Hashable {
            let account: String
            let branch: Int64
        }
        let statement = try views.statement(
            """
            SELECT account, branch, side, amount FROM ledger_line
            WHERE entity = ?1 AND date <= ?2
            """
        )
        statement.bind(1, entity)
        statement.bind(2, Int64(period.lastDay.dayNumber))
        var sums: [Key: (debit: Int128, credit: Int128)] = [:]
        try statement.forEach { row in
            let key = Key(account: row.text(0), branch: row.integer(1))
            let amount = Int128(row.integer(3))
            if row.integer(2) == 1 {
                sums[key, default: (0, 0)].debit += amount
            } else {
                sums[key, default: (0, 0)].credit += amount
            }
        }
        let sorted = sums.sorted {
            ($0.key.account, $0.key.branch) < ($1.key.account, $1.key.branch)
        }
        var writer = CBORWriter(capacity: 64 + sorted.count * 40)
        writer.array(5)
        writer.text("trial-balance")
        writer.integer(1)
        writer.integer(entity)
        writer.integer(Int64(period.rawValue))
        writer.array(sorted.count)
        for (key, sum) in sorted {
            writer.array(4)
            writer.text(key.account)
            writer.integer(key.branch)
            for amount in [sum.debit, sum.credit] {
                if let narrow = Int64(exactly: amount) {
                    writer.integer(narrow)
                } else {
                    writer.text(String(amount))
                }
            }
        }
        return SHA256.digest(writer.bytes)
    }
}
