// Vectors of a till's day: what its tickets come to, its seal, and the same day committed again
// under another number. Must not draw anything: the same bytes come out for ever.

import Kernel
import Module
import Node
import Replication
import Sales
import Wire

extension ProtocolVectors {
    /// The day of till 3 at branch 2: a chain of replica 7, and its tail again as 912.
    static func day() throws -> [ProtocolVector] {
        let links = try TillDay().links
        var vectors: [ProtocolVector] = []
        for link in links { vectors.append(try commit(link, incarnation)) }
        return vectors + (try dayAgain(links))
    }

    /// Everything after the opening under number 912, as after a fork at sequence 1.
    private static func dayAgain(_ links: [Link]) throws -> [ProtocolVector] {
        let number = ReplicaNumber(912)
        let shapes = SyncWiring.shapes(.standard)
        let divergent = links[1].hash
        let forked = Chain.forkIncarnation(realm: realm, firstDivergent: divergent)
        var previous = Chain.start(realm: realm, replica: number, incarnation: forked)
        var vectors: [ProtocolVector] = []
        for (index, old) in links.enumerated().dropFirst() {
            var header = try CommitCodec.header(of: old.bytes)
            let rewrite = IDRewrite(
                after: ChangeID(replica: replica, sequence: 1),
                through: header.lastSequence,
                as: number
            )
            let changes = try CommitCodec.changes(of: old.bytes).map { change in
                DraftChange(
                    kind: change.kind,
                    body: try rewrite.body(change.body, of: change.kind, shapes)
                )
            }
            header.replica = number
            header.author = rewrite(header.author)
            header.flags.was = old.hash
            if index == 1 {
                header.flags.forkedFrom = .init(
                    replica: replica,
                    lastCommon: 1,
                    hash: links[0].hash
                )
            }
            let name = old.name.replacing("day-0", with: "day-1")
            var made = link(name, previous, CommitCodec.encode(header, changes: changes))
            made.notes = [
                ("again", ProtocolVector.text(old.name)), ("common", "1"),
                ("first_divergent", ProtocolVector.hex(divergent.bytes)),
            ]
            previous = made.hash
            vectors.append(try commit(made, forked, number))
        }
        return vectors
    }

    /// Password and PIN as they are kept: yescrypt, of the PIN over its HMAC under the pepper.
    static func credentials() throws -> [ProtocolVector] {
        let pepper = [UInt8](0xC0...0xDF)
        let secret = Passwords.pinSecret("428917", pepper: pepper)
        // Settings as crypt_gensalt makes them of the salts 80 … 8f and 90 … 9f.
        guard
            let password = Passwords.hash(Array("百川-2026".utf8), random: FixedBytes(0x80)),
            let pin = Passwords.hash(secret, random: FixedBytes(0x90))
        else { throw WireFault(.invalidValue, offset: 0) }
        let array = CBORValue.array([
            .text("百川-2026"), .text(password), .text("428917"), .text(pin),
        ])
        return [
            ProtocolVector(
                "credentials",
                try array.encoded(),
                type: "credentials",
                [
                    ("decoded", array.json), ("pepper", ProtocolVector.hex(pepper)),
                    ("pin_secret", ProtocolVector.text(String(decoding: secret, as: UTF8.self))),
                ]
            )
        ]
    }
}

/// Bytes that count up from a first one.
private final class FixedBytes: RandomSource {
    let first: UInt8

    init(_ first: UInt8) { self.first = first }

    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { first &+ UInt8($0) } }
}

/// The commits of the day, one after another.
private struct TillDay {
    private(set) var links: [ProtocolVectors.Link] = []
    private var totals: [Int64: Int64] = [:]
    private let date = CivilDate(dayNumber: 20_780)
    private let cash: Int64 = 9
    private let wechat: Int64 = 10
    private let opened = ChangeID(replica: ProtocolVectors.replica, sequence: 1)

    init() throws {
        try open()
        let sale = try sell(try mixedLines(), number: 1)
        let single = try TicketLine(
            product: 12,
            priceVersion: 21,
            unitPrice: UnitPrice(128_000),
            rate: Rate(90_000),
            category: 32
        )
        var bare = ticket([single], number: 2)
        bare.payments = [TicketPayment(tender: wechat, role: .tenderWechat, amount: Fen(1_280))]
        try add("day-03-sale", [.neighbours(of: 2)], .sale, bare, SaleClosed(bare).encoded())
        try giveBack(sale, [(1, 0, 1_000), (2, 0, 500)], number: 3, name: "day-04-returned")
        try giveBack(sale, [(2, 500, 1_234)], number: 4, name: "day-05-returned")
        let undone = SaleVoided(bare, sale: ChangeID(replica: ProtocolVectors.replica, sequence: 3))
        try add("day-06-voided", [.neighbours(of: 2)], .voided, bare, undone.encoded())
        try close()
    }

    // MARK: - Commits

    private mutating func append(
        _ name: String,
        _ audiences: [Audience],
        _ changes: [DraftChange],
        _ notes: [(String, String)]
    ) throws {
        let last = try links.last.map { try CommitCodec.header(of: $0.bytes).lastSequence } ?? 0
        var header = ProtocolVectors.header(last + 1, audiences, count: changes.count)
        if audiences == [.branch(2)] { header.flags.blind = [UInt8](0x20...0x2F) }
        var link = ProtocolVectors.link(
            name,
            links.last?.hash ?? ProtocolVectors.start(),
            CommitCodec.encode(header, changes: changes)
        )
        link.notes = notes
        links.append(link)
    }

    private mutating func add(
        _ name: String,
        _ audiences: [Audience],
        _ sense: TicketSense,
        _ ticket: Ticket,
        _ body: [UInt8]
    ) throws {
        let kind =
            switch sense {
            case .sale: SalesKind.saleClosed
            case .goodsReturned: SalesKind.saleReturned
            case .voided: SalesKind.saleVoided
            }
        for payment in ticket.payments {
            totals[payment.tender, default: 0] += sense.sign * payment.amount.rawValue
        }
        try append(
            name,
            audiences,
            [DraftChange(kind: kind, body: body)],
            try figures(ticket, sense)
        )
    }

    private func figures(_ ticket: Ticket, _ sense: TicketSense) throws -> [(String, String)] {
        var figures = SalesFigures()
        try figures.compute(ticket)
        let label = try ReceiptLabel(
            branch: "S001",
            till: "01",
            series: "A",
            date: ticket.date,
            sequence: Int(ticket.sequence)
        )
        let rates = figures.rates.map { share in
            CBORValue.array([
                .integer(share.rate.rawValue), .integer(share.gross), .integer(share.tax),
            ])
        }
        let books = figures.ledgerLines(ticket, sense).map { line in
            CBORValue.array([
                .integer(line.side == .debit ? 1 : 2), .integer(line.role.rawValue),
                .integer(line.amount.rawValue), .integer(line.tender),
                .integer(line.rate.rawValue),
            ])
        }
        return [
            ("label", ProtocolVector.text(label.description)),
            ("total", "\(figures.total)"), ("change", "\(ticket.change.rawValue)"),
            ("nets", CBORValue.array(figures.lineNets.map { .integer($0) }).json),
            ("rates", CBORValue.array(rates).json),
            ("taxes", CBORValue.array(figures.lineTaxes.map { .integer($0) }).json),
            ("books", CBORValue.array(books).json),
        ]
    }

    // MARK: - The day

    private mutating func open() throws {
        let opened = DayOpened(
            entity: 1,
            branch: 2,
            till: 3,
            date: date,
            replica: ProtocolVectors.replica,
            openingFloat: Fen(20_000)
        )
        let change = DraftChange(kind: SalesKind.dayOpened, body: opened.encoded())
        try append("day-01-opened", [.branch(2)], [change], [])
    }

    private mutating func close() throws {
        let head = links.last?.hash ?? ProtocolVectors.start()
        let expected = Fen(20_000 + totals[cash, default: 0])
        let closed = DayClosed(
            entity: 1,
            branch: 2,
            till: 3,
            date: date,
            day: opened,
            expected: expected,
            counted: Fen(expected.rawValue - 50),
            cashTender: cash
        )
        let seal = DaySealed(
            entity: 1,
            branch: 2,
            till: 3,
            date: date,
            day: opened,
            sequences: 1...4,
            lifetimes: 101...104,
            count: 4,
            totals: totals.filter { $0.value != 0 }.sorted { $0.key < $1.key }
                .map { TenderTotal(tender: $0.key, amount: Fen($0.value)) },
            head: head,
            previous: nil
        )
        let changes = [
            DraftChange(kind: SalesKind.dayClosed, body: closed.encoded()),
            DraftChange(kind: SalesKind.daySealed, body: seal.encoded()),
        ]
        try append("day-07-sealed", [.branch(2)], changes, [])
    }

    // MARK: - Tickets

    private func ticket(
        _ lines: [TicketLine],
        number: Int64,
        discount: Fen = .zero,
        roundingOff: Fen = .zero
    ) -> Ticket {
        Ticket(
            entity: 1,
            branch: 2,
            till: 3,
            date: date,
            sequence: number,
            lifetime: 100 + number,
            lines: lines,
            payments: [],
            ticketDiscount: discount,
            roundingOff: roundingOff
        )
    }

    /// Three lines at two rates: one with a discount of its own, one weighed, one without a cost.
    private func mixedLines() throws -> [TicketLine] {
        let products: [(Int64, Int64, Int64, Int64, Int64?, Int64, Int64)] = [
            (11, 35_000, 130_000, 31, 2_100_000, 3_000, 50),
            (12, 128_000, 90_000, 32, nil, 1_000, 0),
            (13, 99_900, 130_000, 31, 5_000_000, 1_234, 0),
        ]
        return try products.map { product, price, rate, category, cost, quantity, discount in
            try TicketLine(
                product: product,
                priceVersion: 21,
                unitPrice: UnitPrice(price),
                rate: Rate(rate),
                category: category,
                unitCost: cost.map { UnitCost($0) },
                quantity: Quantity(quantity),
                discount: Fen(discount)
            )
        }
    }

    /// A sale with 3.01 off the ticket and 0.03 rounded off, paid by phone and in cash.
    private mutating func sell(_ lines: [TicketLine], number: Int64) throws -> Ticket {
        var lines = lines
        let shares = try split(Fen(301), by: lines.map(\.amount.rawValue))
        for index in lines.indices { lines[index].amount = lines[index].amount - shares[index] }
        var sale = ticket(lines, number: number, discount: Fen(301), roundingOff: Fen(3))
        sale.payments = [
            TicketPayment(
                tender: wechat,
                role: .tenderWechat,
                amount: Fen(1_000),
                state: .manual,
                reference: "4200001"
            ),
            TicketPayment(
                tender: cash,
                role: .cashOnHand,
                amount: try Fen(checked: sale.total - 1_000),
                tendered: Fen(3_000)
            ),
        ]
        try add("day-02-sale", [.neighbours(of: 2)], .sale, sale, SaleClosed(sale).encoded())
        return sale
    }

    /// Takes parts of the sale's lines back: (line, what came back before, and with this).
    private mutating func giveBack(
        _ sale: Ticket,
        _ parts: [(line: Int, before: Int64, after: Int64)],
        number: Int64,
        name: String
    ) throws {
        let nets = try ReturnShare.nets(of: sale)
        let lines = try parts.map { part in
            let line = sale.lines[part.line]
            let share = ReturnShare(
                sold: line.quantity,
                before: Quantity(part.before),
                after: Quantity(part.after)
            )
            return try TicketLine(
                product: line.product,
                priceVersion: line.priceVersion,
                unitPrice: line.unitPrice,
                rate: line.rate,
                category: line.category,
                unitCost: line.unitCost,
                quantity: Quantity(part.after - part.before),
                discount: try share.of(line.discount),
                amount: try share.of(nets[part.line])
            )
        }
        var back = ticket(lines, number: number)
        back.payments = [
            TicketPayment(tender: cash, role: .cashOnHand, amount: try Fen(checked: back.total))
        ]
        let origins = parts.map { part in
            ReturnedLine(line: Int64(part.line), sold: sale.lines[part.line].quantity)
        }
        let body = SaleReturned(
            back,
            sale: ChangeID(replica: ProtocolVectors.replica, sequence: 2),
            origins: origins,
            reason: "口味不合"
        )
        .encoded()
        try add(name, [.neighbours(of: 2)], .goodsReturned, back, body)
    }
}
