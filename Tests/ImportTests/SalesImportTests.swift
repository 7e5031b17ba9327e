// Tables of sales at a branch: tickets, equal rows, refused tickets, days and their seals.

import Foundation
import Import
import Kernel
import Ledger
import Module
import Node
import Replication
import Sales
import Sync
import Tabular
import Testing

@Suite("Sales imported")
struct SalesImportTests {
    /// A store with three products.
    func store() throws -> (chain: ImportChain, node: NodeSync) {
        let chain = try TableImportTests().chain()
        return (chain, try chain.enrol("S001", seed: 5))
    }

    func request(_ path: String) -> ImportRequest { ImportRequest(format: .sales, path: path) }

    func net(_ engine: NodeEngine) throws -> Fen {
        let table = try engine.report(
            "sales",
            ReportRequest(
                from: CivilDate(parsing: "2026-01-01"),
                to: CivilDate(parsing: "2026-12-31")
            )
        ).table
        let index = try #require(table.columns.firstIndex { $0.key == "net" })
        guard case .fen(let net)? = table.totals?[index] else { return .zero }
        return net
    }

    /// The tickets of a date at the store's one till.
    func tickets(_ engine: NodeEngine, _ date: String) throws -> [TicketSummary] {
        let tills = try engine.modules.questions.catalog.tills(
            of: engine.facts.branch,
            engine.views
        )
        return try SalesQueries.tickets(
            till: try #require(tills.first).id,
            date: CivilDate(parsing: date),
            limit: 1_000,
            engine.views
        )
    }

    @Test("rows are gathered into tickets by their number, and days are opened, closed and sealed")
    func tickets() throws {
        let (chain, node) = try store()
        let path = try chain.file(
            "sales.csv",
            """
            ticket,date,time,product,quantity,amount,cost,tender,branch
            A1,2026-11-02,14:05,1001,2,7.00,3.50,cash,S001
            A2,2026-11-01,09:00:30,1003,1,2,0.8,wechat,S001
            B7,2026-11-01,,1003,1,2,,,S002
            A1,2026-11-02,14:05,1002,0.335,4.289,,cash,S001

            """
        )
        let engine = node.engine
        let summary = try imported(request(path), engine)
        #expect(summary.refusedRows == 0, "\(summary.shown)")
        let file = summary.files[0]
        #expect(file.rows == 4 && file.passedOver == 1 && file.acts == 2)
        #expect(file.taken.sourceAmount == 1_328_900_000)
        #expect(file.taken.fen == 1_329)
        #expect(file.taken.rounding == 100_000)
        #expect(file.taken.quantity == 3_335)
        #expect(try net(engine) == Fen(1_329))
        let days = try SalesQueries.days(
            branch: engine.facts.branch,
            from: CivilDate(parsing: "2026-11-01"),
            to: CivilDate(parsing: "2026-11-30"),
            engine.views
        )
        #expect(days.map(\.date.description) == ["2026-11-01", "2026-11-02"])
        let tickets = try tickets(engine, "2026-11-02")
        let document = try SalesQueries.document(tickets[0].id, engine.views, engine.log.reader)
        let ticket = try #require(document?.ticket)
        #expect(ticket.lines.map(\.amount) == [Fen(700), Fen(429)])
        #expect(ticket.lines[0].unitCost == UnitCost(1_750_000))
        #expect(ticket.occurred?.dateTimeText().hasPrefix("2026-11-02 14:05") == true)
        let text = SummaryText.text(summary, .english)
        #expect(text.contains("13.289") && text.contains("0.001"))
        #expect(SummaryText.json(summary).contains("\"rounding\":\"0.001\""))
        try chain.round(node)
        #expect(try net(chain.engine) == Fen(1_329))
        #expect(try engine.verify().problems == [])
    }

    @Test("without numbers each row is a ticket, equal rows are real, and a second run takes none")
    func equalRows() throws {
        let (chain, node) = try store()
        let rows = "2026-11-01,1003,2.00\n2026-11-01,1003,2.00\n2026-11-01,1001,3.50\n"
        let path = try chain.file("sales.csv", "date,product,amount\n" + rows)
        #expect(try imported(request(path), node.engine).files[0].acts == 3)
        #expect(try net(node.engine) == Fen(750))
        let end = node.engine.log.end
        let again = try imported(request(path), node.engine)
        #expect(again.takenRows == 0)
        #expect(again.files[0].known.rows == 3)
        #expect(node.engine.log.end == end)
        // The same rows in another order, quoted, with one more that is equal to an earlier one.
        let other = "\"2026-11-01\",1001,3.50\n2026-11-01,1003,2.00\n" + rows.prefix(44)
        let more = try chain.file("more.csv", "date,product,amount\n" + other)
        let third = try imported(request(more), node.engine)
        #expect(third.files[0].known.rows == 3)
        #expect(third.takenRows == 1)
        #expect(try net(node.engine) == Fen(950))
        #expect(try node.engine.verify().problems == [])
    }

    @Test("a ticket with a row that cannot be read is refused whole, and taken once it is mended")
    func spoiled() throws {
        let (chain, node) = try store()
        let head = "ticket,date,product,amount\n"
        let bad =
            "1,2026-11-01,1001,3.50\n1,2026-11-01,1003,x\n"
            + "2,2026-11-01,9999,1\n3,2026-11-01,1003,2\n"
        let path = try chain.file("sales.csv", head + bad)
        let first = try imported(request(path), node.engine)
        #expect(first.takenRows == 1)
        #expect(Set(first.shown.map(\.line)) == [2, 3, 4])
        #expect(first.refusedRows == 3)
        #expect(try net(node.engine) == Fen(200))
        let mended = bad.replacingOccurrences(of: ",x\n", with: ",2\n")
        let second = try imported(request(chain.file("sales.csv", head + mended)), node.engine)
        #expect(second.takenRows == 2)
        #expect(second.files[0].known.rows == 1)
        #expect(try net(node.engine) == Fen(750))
        let changed = mended.replacingOccurrences(of: "1003,2\n", with: "1003,3\n")
        let third = try imported(request(chain.file("sales.csv", head + changed)), node.engine)
        #expect(third.takenRows == 0)
        #expect(third.shown.contains { $0.reason.contains("not changed") })
        #expect(try net(node.engine) == Fen(750))
    }

    @Test("returns, rows of two dates, unknown tenders and open days are refused with the reason")
    func reasons() throws {
        let (chain, node) = try store()
        let engine = node.engine
        let path = try chain.file(
            "sales.csv",
            """
            ticket,date,product,quantity,price,tender,till
            1,2026-11-01,1001,-1,3.50,cash,
            2,2026-11-01,1001,1,3.50,cash,
            2,2026-11-02,1001,1,3.50,cash,
            3,2026-11-01,1001,1,3.50,gold,
            4,2026-11-01,1001,1,3.50,cash,09
            5,1988-11-01,1001,1,3.50,cash,01
            6,2026-11-01,1001,1.5,3.333,cash,01

            """
        )
        let summary = try imported(request(path), engine)
        #expect(summary.takenRows == 1)
        #expect(Set(summary.shown.map(\.line)) == [2, 3, 4, 5, 6, 7])
        #expect(try net(engine) == Fen(500))
        // A day for which nothing could be taken is not opened.
        let old = try SalesQueries.days(
            branch: engine.facts.branch,
            from: CivilDate(parsing: "1988-01-01"),
            to: CivilDate(parsing: "1988-12-31"),
            engine.views
        )
        #expect(old.isEmpty)

        let till = try #require(
            try engine.modules.questions.catalog.tills(of: engine.facts.branch, engine.views).first
        )
        _ = try engine.perform(OpenDay(till: till.id))
        let other = try chain.file(
            "other.csv",
            "date,product,price\n2026-11-03,1001,3.50\n2026-11-20,1001,3.50\n"
        )
        let second = try imported(request(other), engine)
        #expect(second.takenRows == 1)
        #expect(second.shown.map(\.line) == [2])
        #expect(second.shown[0].reason.contains("2026-11-20"))
        // The day that a cashier opened stays open.
        let open = try engine.modules.questions.sales.openDay(till: till.id, engine.views)
        #expect(open?.date.description == "2026-11-20")
        #expect(try engine.verify().problems == [])
    }

    @Test("a file in which every row is another branch's says so, and whose they are")
    func othersOnly() throws {
        let (chain, node) = try store()
        let path = try chain.file(
            "chain.csv",
            "branch,date,product,amount\nB,2026-11-01,1001,3.50\nA,2026-11-01,1003,2\n"
        )
        let summary = try imported(request(path), node.engine)
        #expect(summary.takenRows == 0 && summary.files[0].passedOver == 2)
        let text = SummaryText.text(summary, .english)
        #expect(text.contains("every row is another branch's (A, B)"))
        #expect(!text.contains("known already"))
        #expect(SummaryText.text(summary, .chinese).contains("别的门店（A、B）"))
        let head = try chain.file("head.csv", "date,product,amount\n")
        let none = SummaryText.text(try imported(request(head), node.engine), .english)
        #expect(none.contains("no row below the header"))
    }

    @Test("sales of years before the founding are taken, and booked")
    func earlierYears() throws {
        let (chain, node) = try store()
        let path = try chain.file(
            "old.csv",
            "date,product,amount\n2019-03-08,1001,113.00\n2011-01-05,1003,2\n"
        )
        let summary = try imported(request(path), node.engine)
        #expect(summary.takenRows == 2, "\(summary.shown)")
        try chain.round(node)
        _ = try chain.engine.perform(PostVouchers())
        let period = ReportRequest(
            from: try CivilDate(parsing: "2019-01-01"),
            to: try CivilDate(parsing: "2019-12-31")
        )
        let rows = try chain.engine.report("vouchers", period).table.rows
        #expect(rows.count == 3)
        for engine in [node.engine, chain.engine] { #expect(try engine.verify().problems == []) }
    }

    @Test("what was imported is known for ever, not only as long as other requests")
    func keptKeys() throws {
        let (chain, node) = try store()
        let path = try chain.file("sales.csv", "date,product,amount\n2026-11-01,1003,2.00\n")
        _ = try imported(request(path), node.engine)
        let later = chain.clock.now().adding(milliseconds: 400 * 86_400_000)
        try node.engine.log.write { try node.engine.log.forgetRequests(now: later) }
        #expect(try imported(request(path), node.engine).takenRows == 0)
    }

    /// Two tickets of one day.
    private func twoTickets(_ chain: ImportChain) throws -> String {
        try chain.file(
            "two.csv",
            """
            ticket,date,product,quantity,amount
            T1,2026-11-03,1001,1,3.50
            T2,2026-11-03,1003,1,2.00

            """
        )
    }

    @Test("what one device took is known to the device that replaces it, and is not taken again")
    func replacedDevice() throws {
        let (chain, node) = try store()
        let path = try twoTickets(chain)
        #expect(try imported(request(path), node.engine).files[0].acts == 2)
        try chain.round(node)
        let successor = try chain.enrol("S001", seed: 6)
        let again = try imported(request(path), successor.engine).files[0]
        #expect(again.acts == 0 && again.known.rows == 2 && again.taken.rows == 0)
        try chain.round(successor)
        #expect(try net(chain.engine) == Fen(550))
        let changed = try chain.file(
            "changed.csv",
            "ticket,date,product,quantity,amount\nT1,2026-11-03,1001,2,7.00\n"
        )
        #expect(try imported(request(changed), successor.engine).refusedRows == 1)
        #expect(try findings(chain.engine).isEmpty)
        #expect(try chain.engine.verify().problems == [])
    }

    @Test("what two devices took apart counts twice, and a finding names it")
    func takenApart() throws {
        let (chain, node) = try store()
        let other = try chain.enrol("S001", seed: 6)
        let path = try twoTickets(chain)
        for node in [node, other] {
            #expect(try imported(request(path), node.engine).files[0].acts == 2)
        }
        for node in [node, other] { try chain.round(node) }
        #expect(try net(chain.engine) == Fen(1_100))
        let found = try findings(chain.engine)
        #expect(found.count == 1 && found[0].contains("2 taken twice"), "\(found)")
        try chain.round(node)
        for node in [node, other] {
            #expect(try findings(node.engine).count == 1)
            #expect(try node.engine.verify().problems == [])
        }
    }

    /// The evidence of what is said to be imported twice.
    private func findings(_ engine: NodeEngine) throws -> [String] {
        let table = try engine.report("findings", ReportRequest()).table
        return table.rows.compactMap { row in
            guard case .text("log.rows.repeated") = row[0], case .words(let words) = row[4] else {
                return nil
            }
            return words.english
        }
    }

    @Test("more tickets than a transaction holds are taken in their order")
    func manyTickets() throws {
        let (chain, node) = try store()
        var text = "ticket,date,product,amount\n"
        for number in 0..<1_000 {
            text += "\(number),2026-11-0\(number % 3 + 1),1003,2.00\n"
        }
        let path = try chain.file("sales.csv", text)
        let summary = try imported(request(path), node.engine)
        #expect(summary.files[0].acts == 1_000)
        #expect(try net(node.engine) == Fen(200_000))
        let tickets = try tickets(node.engine, "2026-11-03")
        #expect(tickets.count == 333)
        #expect(tickets.map(\.sequence).sorted() == Array(1...333))
    }
}
