// Ledger: answers from its view, as plain values.

package import Kernel
import Module
package import SQLite

/// Answers of the books.
package enum LedgerQueries {
    /// The vouchers of a posting that holds, as they were posted.
    package static func vouchers(of posting: ChangeID, _ views: Database) throws -> [Voucher] {
        let statement = try views.statement(
            """
            SELECT series, period, number, date, grp, branch, business_date, text, place
            FROM ledger_voucher WHERE posting = ?1 ORDER BY place
            """
        )
        statement.bind(1, posting.rawValue)
        var heads: [(place: Int64, voucher: Voucher)] = []
        try statement.forEach { row in
            guard let group = VoucherGroup(rawValue: row.integer(4)) else { return }
            let voucher = Voucher(
                series: row.text(0),
                period: AccountingPeriod(rawValue: Int32(truncatingIfNeeded: row.integer(1))),
                number: row.integer(2),
                date: row.date(3),
                lines: [],
                group: group,
                branch: row.integer(5),
                businessDate: row.date(6),
                text: row.text(7)
            )
            heads.append((row.integer(8), voucher))
        }
        return try heads.map { place, voucher in
            var whole = voucher
            whole.lines = try lines(of: posting, place, views)
            return whole
        }
    }

    private static func lines(
        of posting: ChangeID,
        _ place: Int64,
        _ views: Database
    ) throws -> [PostedLine] {
        let statement = try views.statement(
            """
            SELECT account, role, side, amount, rate, tender, party, branch
            FROM ledger_line WHERE posting = ?1 AND place = ?2 ORDER BY line
            """
        )
        statement.bind(1, posting.rawValue)
        statement.bind(2, place)
        var lines: [PostedLine] = []
        try statement.forEach { row in
            guard let role = LedgerRole(rawValue: row.integer(1)),
                let side = LedgerLine.Side(rawValue: row.integer(2))
            else { return }
            lines.append(
                PostedLine(
                    account: row.text(0),
                    role: role,
                    side: side,
                    amount: Fen(row.integer(3)),
                    rate: Rate(row.integer(4)),
                    tender: row.integer(5),
                    party: row.integer(6),
                    branch: row.integer(7)
                )
            )
        }
        return lines
    }
}

extension Statement {
    /// A column of days since 1970 as a date.
    func date(_ column: Int32) -> CivilDate {
        CivilDate(dayNumber: Int32(truncatingIfNeeded: integer(column)))
    }
}

/// How the books write amounts that may be beyond 64 bits.
enum LedgerText {
    /// Yuan with two decimals: `-12.30`.
    static func yuan(_ fen: Int128) -> String {
        let magnitude = fen.magnitude
        let cents = magnitude % 100
        return "\(fen < 0 ? "-" : "")\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}

/// Charts and names of entities and branches, each asked for once.
struct LedgerNames {
    private let context: ReportContext
    private var entities: [Int64: EntityAnswer?] = [:]
    private var branches: [Int64: BranchAnswer?] = [:]

    init(_ context: ReportContext) {
        self.context = context
    }

    mutating func entity(_ id: Int64) throws -> EntityAnswer? {
        if let known = entities[id] { return known }
        let answer = try context.questions.catalog.entity(id, context.views)
        entities[id] = .some(answer)
        return answer
    }

    mutating func branch(_ id: Int64) throws -> BranchAnswer? {
        if let known = branches[id] { return known }
        let answer = try context.questions.catalog.branch(id, on: context.today, context.views)
        branches[id] = .some(answer)
        return answer
    }

    mutating func chart(_ entity: Int64) throws -> Chart {
        Chart.of(try self.entity(entity)?.standard ?? Chart.Standard.smallEnterprise.rawValue)
    }

    mutating func entityCode(_ id: Int64) throws -> String { try entity(id)?.code ?? "\(id)" }

    mutating func branchCode(_ id: Int64) throws -> String { try branch(id)?.code ?? "\(id)" }
}
