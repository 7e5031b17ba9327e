// Sales: what the views answer about tickets and tills: plain values, for commands and pages.
// It must not decide anything, and must not look into another module's tables.

package import Kernel
package import Module
package import Replication
package import SQLite
import Wire

/// A day that a till has opened.
package struct TillDay: Hashable, Sendable {
    /// The change that opened it.
    package let id: ChangeID
    package let branch: Int64
    package let date: CivilDate
    package let till: Int64
    package let series: Int64
    package let entity: Int64
    package let taxpayer: TaxpayerKind
    package let replica: ReplicaNumber
    package let openingFloat: Fen
    package let previousSeal: ChangeID?

    /// Reads `id, branch, business_date, till, series, entity, taxpayer, replica, opening_float,
    /// previous_seal`.
    init(row: Statement) {
        id = ChangeID(row.integer(0))
        branch = row.integer(1)
        date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(2)))
        till = row.integer(3)
        series = row.integer(4)
        entity = row.integer(5)
        taxpayer = TaxpayerKind(rawValue: row.integer(6)) ?? .general
        replica = ReplicaNumber(stored: row.integer(7))
        openingFloat = Fen(row.integer(8))
        previousSeal = row.integerOrNil(9).map { ChangeID($0) }
    }
}

/// A ticket as it stands in a list.
package struct TicketSummary: Hashable, Sendable {
    package let id: ChangeID
    package let till: Int64
    package let date: CivilDate
    package let series: Int64
    package let sequence: Int64
    package let lifetime: Int64
    package let isReturn: Bool
    /// Negative for a return.
    package let items: Quantity
    /// Negative for a return.
    package let total: Fen
    package let isVoided: Bool

    /// Reads `till, business_date, series, sequence, id, kind, lifetime, items, total, voided`.
    init(row: Statement) {
        till = row.integer(0)
        date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(1)))
        series = row.integer(2)
        sequence = row.integer(3)
        id = ChangeID(row.integer(4))
        isReturn = row.integer(5) == TicketRow.goodsReturned
        lifetime = row.integer(6)
        items = Quantity(row.integer(7))
        total = Fen(row.integer(8))
        isVoided = row.integer(9) != 0
    }
}

/// A sale or return read from the log.
package struct TicketDocument: Sendable {
    package let id: ChangeID
    package let isReturn: Bool
    package let ticket: Ticket
    /// The first bytes of the commit's hash: the code on the paper.
    package let paperCode: [UInt8]
    /// The code of the commit as it was first written, where it was written again after a fork.
    package let formerPaperCode: [UInt8]?
}

/// What the tables of Sales answer.
package enum SalesQueries {
    /// The latest day of a till that is opened and not closed.
    package static func openDay(till: Int64, _ views: Database) throws -> TillDay? {
        let statement = try views.statement(
            """
            SELECT id, branch, business_date, till, series, entity, taxpayer, replica,
              opening_float, previous_seal
            FROM sales_session AS s
            WHERE till = ?1 AND NOT EXISTS(SELECT 1 FROM sales_closing AS c WHERE c.day = s.id)
            ORDER BY business_date DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, till)
        return try statement.first { TillDay(row: $0) }
    }

    /// The latest day of a till, closed or not.
    package static func lastDay(till: Int64, _ views: Database) throws -> TillDay? {
        let statement = try views.statement(
            """
            SELECT id, branch, business_date, till, series, entity, taxpayer, replica,
              opening_float, previous_seal
            FROM sales_session WHERE till = ?1 ORDER BY business_date DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, till)
        return try statement.first { TillDay(row: $0) }
    }

    /// A day by the change that opened it.
    package static func day(_ id: ChangeID, _ views: Database) throws -> TillDay? {
        let statement = try views.statement(
            """
            SELECT id, branch, business_date, till, series, entity, taxpayer, replica,
              opening_float, previous_seal
            FROM sales_session WHERE id = ?1
            """
        )
        statement.bind(1, id.rawValue)
        return try statement.first { TillDay(row: $0) }
    }

    /// The days that the tills of a branch opened from one date to another, by date, till and id.
    package static func days(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> [TillDay] {
        let statement = try views.statement(
            """
            SELECT id, branch, business_date, till, series, entity, taxpayer, replica,
              opening_float, previous_seal
            FROM sales_session WHERE branch = ?1 AND business_date BETWEEN ?2 AND ?3
            ORDER BY business_date, till, id
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(from.dayNumber))
        statement.bind(3, Int64(to.dayNumber))
        var days: [TillDay] = []
        try statement.forEach { days.append(TillDay(row: $0)) }
        return days
    }

    /// Whether a day is closed.
    package static func isClosed(_ day: ChangeID, _ views: Database) throws -> Bool {
        let statement = try views.statement("SELECT 1 FROM sales_closing WHERE day = ?1 LIMIT 1")
        statement.bind(1, day.rawValue)
        return try statement.firstInteger() != nil
    }

    /// The series that a till has used last, and the replica that used it.
    package static func lastSeries(
        till: Int64,
        _ views: Database
    ) throws -> (series: Int64, replica: ReplicaNumber)? {
        let statement = try views.statement(
            """
            SELECT series, replica FROM sales_session WHERE till = ?1
            ORDER BY series DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, till)
        return try statement.first { row in
            (row.integer(0), ReplicaNumber(stored: row.integer(1)))
        }
    }

    /// The last number of a series of receipts, 0 where it has none.
    package static func lastSequence(
        till: Int64,
        date: CivilDate,
        series: Int64,
        _ views: Database
    ) throws -> Int64 {
        let statement = try views.statement(
            """
            SELECT sequence FROM sales_ticket WHERE till = ?1 AND business_date = ?2
            AND series = ?3 ORDER BY sequence DESC LIMIT 1
            """
        )
        statement.bind(1, till)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, series)
        return try statement.firstInteger() ?? 0
    }

    /// The last number of a till's life, 0 where it has none.
    package static func lastLifetime(till: Int64, _ views: Database) throws -> Int64 {
        let statement = try views.statement(
            "SELECT lifetime_last FROM sales_till WHERE till = ?1"
        )
        statement.bind(1, till)
        return try statement.firstInteger() ?? 0
    }

    // MARK: - Tickets

    /// The tickets with a printed number; more than one only where two tills shared a label.
    package static func tickets(
        till: Int64,
        date: CivilDate,
        series: Int64,
        sequence: Int64,
        _ views: Database
    ) throws -> [TicketSummary] {
        let statement = try views.statement(
            """
            SELECT till, business_date, series, sequence, id, kind, lifetime, items, total,
              EXISTS(SELECT 1 FROM sales_void AS v WHERE v.sale = t.id)
            FROM sales_ticket AS t
            WHERE till = ?1 AND business_date = ?2 AND series = ?3 AND sequence = ?4 ORDER BY id
            """
        )
        statement.bind(1, till)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, series)
        statement.bind(4, sequence)
        var tickets: [TicketSummary] = []
        try statement.forEach { tickets.append(TicketSummary(row: $0)) }
        return tickets
    }

    /// The latest tickets of a till's date, the newest first.
    package static func tickets(
        till: Int64,
        date: CivilDate,
        limit: Int = 100,
        _ views: Database
    ) throws -> [TicketSummary] {
        let statement = try views.statement(
            """
            SELECT till, business_date, series, sequence, id, kind, lifetime, items, total,
              EXISTS(SELECT 1 FROM sales_void AS v WHERE v.sale = t.id)
            FROM sales_ticket AS t WHERE till = ?1 AND business_date = ?2
            ORDER BY series DESC, sequence DESC, id DESC LIMIT ?3
            """
        )
        statement.bind(1, till)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, limit)
        var tickets: [TicketSummary] = []
        try statement.forEach { tickets.append(TicketSummary(row: $0)) }
        return tickets
    }

    /// A sale or return by its id, nil where it is not held or not projected.
    package static func document(
        _ id: ChangeID,
        _ views: Database,
        _ log: LogReader
    ) throws -> TicketDocument? {
        guard let found = try log.change(id) else { return nil }
        let ticket: Ticket
        let isReturn = found.kind == SalesKind.saleReturned
        if found.kind == SalesKind.saleClosed {
            ticket = try found.body.withUnsafeBytes { try SaleClosed(decoding: $0) }.ticket
        } else if isReturn {
            ticket = try found.body.withUnsafeBytes { try SaleReturned(decoding: $0) }.ticket
        } else {
            return nil
        }
        let listed = try tickets(
            till: ticket.till,
            date: ticket.date,
            series: ticket.series,
            sequence: ticket.sequence,
            views
        )
        guard listed.contains(where: { $0.id == id }) else { return nil }
        let former = found.commit.header?.flags.was
        return TicketDocument(
            id: id,
            isReturn: isReturn,
            ticket: ticket,
            paperCode: Array(found.commit.hash.bytes.prefix(SalesLimits.paperCodeBytes)),
            formerPaperCode: former.map { Array($0.bytes.prefix(SalesLimits.paperCodeBytes)) }
        )
    }

    /// Whether a sale is voided.
    package static func isVoided(_ sale: ChangeID, _ views: Database) throws -> Bool {
        let statement = try views.statement("SELECT 1 FROM sales_void WHERE sale = ?1 LIMIT 1")
        statement.bind(1, sale.rawValue)
        return try statement.firstInteger() != nil
    }

    /// What of a sale was returned already, by line, as seen here.
    package static func returned(_ sale: ChangeID, _ views: Database) throws -> [Int64: Quantity] {
        let statement = try views.statement(
            "SELECT line, returned FROM sales_returned WHERE sale = ?1 ORDER BY line"
        )
        statement.bind(1, sale.rawValue)
        var returned: [Int64: Quantity] = [:]
        try statement.forEach { row in
            returned[row.integer(0)] = Quantity(Int64(clamping: row.wide(1)))
        }
        return returned
    }

    /// What became of a payment, nil where nothing was said after the ticket.
    package static func paymentState(
        _ document: ChangeID,
        payment: Int,
        _ views: Database
    ) throws -> (state: PaymentState, reference: String)? {
        let statement = try views.statement(
            """
            SELECT state, reference FROM sales_payment_state
            WHERE document = ?1 AND payment = ?2 ORDER BY effective DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, document.rawValue)
        statement.bind(2, payment)
        return try statement.first { row in
            (PaymentState(rawValue: row.integer(0)) ?? .unknown, row.text(1))
        }
    }
}
