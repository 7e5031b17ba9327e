// The bytes: what is written is read again, damage is refused, and a batch of sales is small.

import Kernel
import Module
import Replication
import Sales
import Support
import Testing
import Wire

extension SeededRandom {
    /// Lines of any shape that may stand in a record.
    private mutating func ticketLines() throws -> [TicketLine] {
        var lines: [TicketLine] = []
        for _ in 0..<int(in: 1...6) {
            let price = UnitPrice(Int64(int(in: 0...2_000_000)))
            let quantity =
                bool(chance: 500) ? Quantity.one : Quantity(Int64(int(in: 1...90_000)))
            let gross = try price.amount(of: quantity)
            let discount =
                bool(chance: 300) ? Fen(Int64(int(in: 0...Int(gross.rawValue)))) : .zero
            let hasAmount = bool(chance: 300)
            lines.append(
                try TicketLine(
                    product: Int64(int(in: 1...5_000)),
                    priceVersion: Int64(int(in: 0...9_000)),
                    unitPrice: price,
                    rate: Rate([0, 10_000, 60_000, 90_000, 130_000][int(in: 0...4)]),
                    category: Int64(int(in: 0...50)),
                    unitCost: bool(chance: 700) ? UnitCost(Int64(int(in: 0...9_000_000))) : nil,
                    quantity: quantity,
                    discount: discount,
                    amount: hasAmount ? Fen(Int64(int(in: 0...1_000_000))) : nil
                )
            )
        }
        return lines
    }

    /// A ticket of any shape that may stand in a record.
    mutating func ticket() throws -> Ticket {
        var ticket = Ticket(
            entity: 1,
            branch: Int64(int(in: 1...9)),
            till: Int64(int(in: 1...3)),
            taxpayer: bool(chance: 800) ? .general : .smallScale,
            date: CivilDate(dayNumber: Int32(int(in: 20_700...20_703))),
            series: Int64(int(in: 0...2)),
            sequence: Int64(int(in: 1...40)),
            lifetime: Int64(int(in: 1...70_000)),
            lines: try ticketLines(),
            payments: [],
            customer: bool(chance: 200) ? Int64(int(in: 1...99)) : nil,
            occurred: bool(chance: 100)
                ? WallTime(milliseconds: Int64(int(in: -1_000...1_000_000))) : nil
        )
        if bool(chance: 300) {
            ticket.roundingOff = Fen(Int64(int(in: 0...Int(min(ticket.amounts, 99)))))
        }
        if bool(chance: 300) { ticket.ticketDiscount = Fen(Int64(int(in: 0...500))) }
        ticket.payments = payments(of: Int64(ticket.total))
        return ticket
    }

    /// Payments that add up to a total.
    private mutating func payments(of total: Int64) -> [TicketPayment] {
        var rest = total
        var payments: [TicketPayment] = []
        while rest > 0 {
            let part = bool(chance: 700) ? rest : Int64(int(in: 1...Int(rest)))
            let isCash = bool(chance: 500)
            payments.append(
                TicketPayment(
                    tender: isCash ? 61 : 62,
                    role: isCash ? .cashOnHand : .tenderWechat,
                    amount: Fen(part),
                    tendered: isCash && bool(chance: 300) ? Fen(part + 700) : nil,
                    state: isCash ? .settled : .manual,
                    reference: isCash ? "" : "44\(int(in: 10...99))"
                )
            )
            rest -= part
        }
        return payments
    }
}

@Suite("The bytes of Sales")
struct SalesWireTests {
    @Test("are read as what was written, and have one form")
    func roundTrip() {
        property(cases: 1_000) { random in
            let ticket = try random.ticket()
            let sale = SaleClosed(ticket)
            let body = sale.encoded()
            let read = try body.withUnsafeBytes { try SaleClosed(decoding: $0) }
            try hold(read == sale, "\(read) is not \(sale)")
            try hold(read.encoded() == body, "two forms of \(sale)")
            _ = try CBORValue(decoding: body)
            let void = SaleVoided(ticket, sale: ChangeID(77), reason: "错")
            let voidBody = void.encoded()
            try hold(
                try voidBody.withUnsafeBytes { try SaleVoided(decoding: $0) } == void,
                "void \(void)"
            )
            let back = SaleReturned(
                ticket,
                sale: ChangeID(78),
                soldBy: 4,
                paperCode: [9, 8, 7, 6],
                origins: ticket.lines.indices.map {
                    ReturnedLine(line: Int64($0), sold: Quantity(5_000))
                },
                reason: "退"
            )
            let backBody = back.encoded()
            try hold(
                try backBody.withUnsafeBytes { try SaleReturned(decoding: $0) } == back,
                "return \(back)"
            )
        }
    }

    @Test("that are damaged are refused with a reason, and never trap")
    func damage() {
        property(cases: 3_000) { random in
            var body = SaleClosed(try random.ticket()).encoded()
            for _ in 0..<random.int(in: 1...3) {
                switch random.int(in: 0...2) {
                case 0: body[random.int(in: 0...body.count - 1)] = random.bytes(1)[0]
                case 1 where body.count > 1: body.removeLast(random.int(in: 1...body.count - 1))
                default: body.insert(random.bytes(1)[0], at: random.int(in: 0...body.count))
                }
            }
            do {
                let sale = try body.withUnsafeBytes { try SaleClosed(decoding: $0) }
                var figures = SalesFigures()
                try figures.compute(sale.ticket)
                let sum = figures.ledgerLines(sale.ticket, .sale).reduce(Int128(0)) {
                    $0 + Int128($1.signed)
                }
                try hold(sum == 0, "unbalanced \(sale)")
            } catch is ProjectionFault {
                // Damage that is seen is what this law asks for.
            }
        }
    }

    @Test("of every kind in the catalogue can be read")
    func samples() throws {
        let definitions = SalesModule().kinds
        #expect(Set(definitions.map(\.kind)).count == definitions.count)
        #expect(Set(definitions.map(\.name)).count == definitions.count)
        for definition in definitions {
            let value = try CBORValue(decoding: definition.sample)
            guard case .map(let entries) = value else {
                Issue.record("\(definition.name) is not a map")
                continue
            }
            let known = Set(definition.fields.map { CBORValue.integer($0.key) })
            for entry in entries { #expect(known.contains(entry.key), "\(definition.name)") }
            let required = definition.fields.filter { !$0.isOptional }.map(\.key)
            for key in required {
                let cut = CBORValue.map(entries.filter { $0.key != .integer(key) })
                let shop = try Shop()
                var act = try shop.fixture.act()
                act.begin([.everyone])
                act.add(definition.kind, try cut.encoded())
                #expect(throws: (any Error).self, "\(definition.name) without \(key)") {
                    try shop.fixture.commit(act)
                }
            }
        }
    }

    /// What a shop has on its shelf.
    private func shelf(_ random: inout SeededRandom) throws -> [TicketLine] {
        var shelf: [TicketLine] = []
        for index in 0..<2_000 {
            shelf.append(
                try TicketLine(
                    product: Int64(3_000 + index),
                    priceVersion: Int64(9_000 + random.int(in: 0...3_000)),
                    unitPrice: UnitPrice(Int64(random.int(in: 15...900)) * 1_000),
                    rate: Rate(random.bool(chance: 800) ? 130_000 : 90_000),
                    category: Int64(random.int(in: 100...140)),
                    unitCost: UnitCost(Int64(random.int(in: 500_000...40_000_000)))
                )
            )
        }
        return shelf
    }

    /// Three lines; a few products make most of the sales.
    private func lines(
        _ random: inout SeededRandom,
        of shelf: [TicketLine]
    ) throws -> [TicketLine] {
        var lines: [TicketLine] = []
        for _ in 0..<3 {
            let rank = random.int(in: 0...1_999) * random.int(in: 0...1_999) / 2_000
            var line = shelf[rank]
            if random.bool(chance: 250) {
                line = try TicketLine(
                    product: line.product,
                    priceVersion: line.priceVersion,
                    unitPrice: line.unitPrice,
                    rate: line.rate,
                    category: line.category,
                    unitCost: line.unitCost,
                    quantity: Quantity(Int64(random.int(in: 2...6)) * 1_000)
                )
            }
            lines.append(line)
        }
        return lines
    }

    @Test("take at most 90 a sale in a deflated batch of 1,000, three lines and a payment each")
    func batchSize() throws {
        var random = SeededRandom(seed: 20_261_123)
        var batch: [UInt8] = []
        var clock = Int64(870_000_000_000)
        let shelf = try shelf(&random)
        for index in 0..<1_000 {
            var ticket = Ticket(
                entity: 12,
                branch: 40,
                till: 61,
                date: CivilDate(dayNumber: 20_780),
                sequence: Int64(index + 1),
                lifetime: Int64(152_000 + index),
                lines: try lines(&random, of: shelf),
                payments: []
            )
            let isCash = random.bool(chance: 300)
            ticket.payments = [
                TicketPayment(
                    tender: isCash ? 21 : 22,
                    role: isCash ? .cashOnHand : .tenderWechat,
                    amount: try Fen(checked: ticket.total)
                )
            ]
            clock += Int64(random.int(in: 5_000...90_000))
            let header = CommitHeader(
                replica: ReplicaNumber(7),
                firstSequence: UInt32(152_010 + index),
                clock: ClockStamp(milliseconds: clock - 1_577_836_800_000 + 900_000_000_000),
                wall: WallTime(milliseconds: clock + 900_000_000_000),
                author: 55,
                audiences: [.neighbours(of: 40)],
                flags: CommitFlags(),
                changeCount: 1
            )
            let change = DraftChange(kind: SalesKind.saleClosed, body: SaleClosed(ticket).encoded())
            batch += CommitCodec.encode(header, changes: [change])
        }
        let packed = try Deflate.compress(batch, level: 1)
        let perSale = Double(packed.count) / 1_000
        print("sale on the wire: \(perSale) bytes deflated, \(batch.count / 1_000) plain")
        #expect(perSale <= 90)
    }
}
