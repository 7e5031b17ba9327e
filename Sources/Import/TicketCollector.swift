// Import: rows of sales gathered into tickets, in the file's order; and tickets played day by day.
// A ticket is taken whole or not at all: one row of it that cannot be read refuses it.

import Kernel
import Module
import Node
import Sales
import Tabular

/// A row of sales as it will be taken.
struct SaleRow {
    let line: Int
    let item: SaleItem
    let totals: ImportTotals
    /// The row's own bytes, for its identity.
    let bytes: [UInt8]
}

/// What a ticket is apart from its rows.
struct TicketHead: Hashable {
    let till: Int64
    let date: CivilDate
    let occurred: WallTime
    let tender: String
}

/// A ticket being gathered.
struct CollectedTicket {
    let key: String
    let head: TicketHead
    var items: [SaleItem] = []
    var lines: [Int] = []
    var totals = ImportTotals()
    var rows: [UInt8] = []
    /// Why it cannot be taken.
    var problem: RowProblem?
}

/// Gathers rows into tickets.
struct TicketCollector {
    let file: Int
    private(set) var tickets: [CollectedTicket] = []
    private var places: [String: Int] = [:]
    /// Tickets of which no row could be read so far.
    private var spoiled: [String: RowProblem] = [:]

    init(file: Int) {
        self.file = file
    }

    mutating func add(_ row: SaleRow, to key: String, _ head: TicketHead) {
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            place = tickets.count
            places[key] = place
            tickets.append(CollectedTicket(key: key, head: head, problem: spoiled[key]))
        }
        if tickets[place].head != head, tickets[place].problem == nil {
            tickets[place].problem = RowProblem(
                "第 \(row.line) 行与同一单号前面的行日期、收银台或支付方式不同；"
                    + "如果单号每天从头开始，请把日期写进单号",
                "the row of line \(row.line) has another date, till or tender than the ticket's "
                    + "first; where numbers begin anew each day, put the date into them"
            )
        }
        tickets[place].items.append(row.item)
        tickets[place].lines.append(row.line)
        tickets[place].totals += row.totals
        tickets[place].rows += row.bytes
    }

    /// Says that a row of a ticket cannot be taken, so that the ticket cannot.
    mutating func spoil(_ key: String, line: Int) {
        let problem = RowProblem(
            "同一单据的第 \(line) 行无法读取，整单不导入",
            "line \(line) of the same ticket cannot be read: the ticket is not taken"
        )
        if let place = places[key] {
            if tickets[place].problem == nil { tickets[place].problem = problem }
        } else if spoiled[key] == nil {
            spoiled[key] = problem
        }
    }

    /// The tickets as acts by till and date, in the order of dates.
    func units(_ engine: NodeEngine) -> [(date: CivilDate, unit: ActUnit)] {
        var days: [TillDate: [PlannedAct]] = [:]
        for ticket in tickets {
            let day = TillDate(date: ticket.head.date, till: ticket.head.till)
            days[day, default: []].append(act(ticket))
        }
        return days.sorted { $0.key < $1.key }.map { day, acts in
            let session = DaySession(till: day.till, date: day.date)
            return (day.date, ActUnit(before: session.begin, acts: acts, after: session.end))
        }
    }

    private struct TillDate: Hashable, Comparable {
        let date: CivilDate
        let till: Int64

        static func < (lhs: TillDate, rhs: TillDate) -> Bool {
            (lhs.date, lhs.till) < (rhs.date, rhs.till)
        }
    }

    private func act(_ ticket: CollectedTicket) -> PlannedAct {
        PlannedAct(
            file: file,
            lines: ticket.lines,
            totals: ticket.totals,
            key: ticket.key,
            digest: ActOutcome.digest(ticket.rows)
        ) { context in
            if let problem = ticket.problem { throw problem }
            let sale = CloseSale(
                till: ticket.head.till,
                items: ticket.items,
                payments: [PaymentWish(.code(ticket.head.tender))],
                date: ticket.head.date,
                occurred: ticket.head.occurred
            )
            try context.perform(sale) { $0.id.rawValue }
        }
    }
}

/// A till's business day around the tickets of an import: opened where it is not open, and then
/// closed, uncounted, and sealed.
final class DaySession {
    private let till: Int64
    private let date: CivilDate
    private var hasOpened = false

    init(till: Int64, date: CivilDate) {
        self.till = till
        self.date = date
    }

    /// Opens the day.
    ///
    /// Throws: `RowProblem` where the till has another day open.
    func begin(_ engine: NodeEngine) throws {
        hasOpened = false
        if let open = try engine.modules.questions.sales.openDay(till: till, engine.views) {
            if open.date == date { return }
            throw RowProblem(
                "收银台 \(open.date) 的营业日还未日结：先日结再导入",
                "the till has its day of \(open.date) open: close and seal it, then import"
            )
        }
        _ = try engine.perform(OpenDay(till: till, date: date))
        hasOpened = true
    }

    /// Closes and seals the day that `begin` opened.
    func end(_ engine: NodeEngine) throws {
        if hasOpened { _ = try engine.perform(CloseDay(till: till, counted: nil)) }
    }
}

/// How a row's figures become a line's.
enum SaleFigures {
    /// A line of an amount: the price is what it comes to for one, rounded to four decimals.
    static func item(
        _ product: Int64,
        quantity: Quantity,
        amount: Fen,
        unitPrice: UnitPrice?,
        cost: Int64?,
        rate: Rate? = nil
    ) throws(NumberFault) -> SaleItem {
        let price: UnitPrice
        if let unitPrice {
            price = unitPrice
        } else {
            price = try UnitPrice.average(amount, over: quantity)
        }
        var item = SaleItem(
            .id(product),
            quantity: quantity,
            unitPrice: price,
            amount: amount,
            rate: rate
        )
        if let cost { item.unitCost = try unitCost(cost, over: quantity) }
        return item
    }

    /// The cost of one, rounded to a millionth, where `quantity` cost `amount` of 10⁻⁸ yuan.
    static func unitCost(_ amount: Int64, over quantity: Quantity) throws(NumberFault) -> UnitCost {
        UnitCost(
            try Rounding.halfAwayFromZero(Int128(amount) * 10, Int128(quantity.rawValue))
        )
    }
}
