// Sales: the bytes of a ticket. Keys 1 to 14 are shared by sales, returns and voids; what is
// constant for a till stands first, defaults are left out.
// Reading must not allocate once its arrays are warm.

import Kernel
import Module
import Replication
import Wire

extension Ticket {
    /// The keys of a ticket's body.
    enum Key {
        static let entity: Int64 = 1
        static let branch: Int64 = 2
        static let till: Int64 = 3
        static let taxpayer: Int64 = 4
        static let date: Int64 = 5
        static let series: Int64 = 6
        static let sequence: Int64 = 7
        static let lifetime: Int64 = 8
        static let lines: Int64 = 9
        static let payments: Int64 = 10
        static let ticketDiscount: Int64 = 11
        static let roundingOff: Int64 = 12
        static let customer: Int64 = 13
        static let occurred: Int64 = 14
        static let last: Int64 = 15
        static let required = 0b11_1010_1110
    }

    // MARK: - Writing

    /// How many of the shared keys will be written.
    var keyCount: Int {
        var count = 7
        if taxpayer != .general { count += 1 }
        if series != 0 { count += 1 }
        if !payments.isEmpty { count += 1 }
        if !ticketDiscount.isZero { count += 1 }
        if !roundingOff.isZero { count += 1 }
        if customer != nil { count += 1 }
        if occurred != nil { count += 1 }
        return count
    }

    /// Appends the shared entries of the body's map, whose head stands already.
    func write(to writer: inout CBORWriter) {
        writer.entry(Key.entity, entity)
        writer.entry(Key.branch, branch)
        writer.entry(Key.till, till)
        if taxpayer != .general { writer.entry(Key.taxpayer, taxpayer.rawValue) }
        writer.entry(Key.date, Int64(date.dayNumber))
        if series != 0 { writer.entry(Key.series, series) }
        writer.entry(Key.sequence, sequence)
        writer.entry(Key.lifetime, lifetime)
        writer.key(Int(Key.lines))
        writer.array(lines.count)
        for line in lines { line.write(to: &writer) }
        if !payments.isEmpty {
            writer.key(Int(Key.payments))
            writer.array(payments.count)
            let total = self.total
            for payment in payments {
                let isWhole = payments.count == 1 && Int128(payment.amount.rawValue) == total
                payment.write(isWhole: isWhole, to: &writer)
            }
        }
        if !ticketDiscount.isZero { writer.entry(Key.ticketDiscount, ticketDiscount.rawValue) }
        if !roundingOff.isZero { writer.entry(Key.roundingOff, roundingOff.rawValue) }
        if let customer { writer.entry(Key.customer, customer) }
        if let occurred { writer.entry(Key.occurred, occurred.milliseconds) }
    }

    // MARK: - Reading

    /// Forgets what was read, and keeps the room of the arrays.
    private mutating func clear() {
        taxpayer = .general
        series = 0
        lines.removeAll(keepingCapacity: true)
        payments.removeAll(keepingCapacity: true)
        ticketDiscount = .zero
        roundingOff = .zero
        customer = nil
        occurred = nil
    }

    /// Reads a body; `other` reads the entries beyond the shared ones, and skips what it does not
    /// know.
    mutating func read(
        _ body: UnsafeRawBufferPointer,
        _ other: (Int64, inout CBORReader) throws(WireFault) -> Void
    ) throws(ProjectionFault) {
        clear()
        do throws(WireFault) {
            var reader = CBORReader(body)
            var seen = 0
            var key: Int64?
            for _ in 0..<(try reader.map()) {
                let next = try reader.nextKey(after: key)
                key = next
                if next < Key.last {
                    seen |= 1 << Int(next)
                    try readShared(next, &reader)
                } else {
                    try other(next, &reader)
                }
            }
            try reader.finish()
            guard seen & Key.required == Key.required else { throw reader.fault(.invalidValue) }
        } catch {
            throw ProjectionFault.malformed(error)
        }
        try settle()
    }

    private mutating func readShared(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) {
        switch key {
        case Key.entity: entity = try reader.id()
        case Key.branch: branch = try reader.id()
        case Key.till: till = try reader.id()
        case Key.taxpayer:
            guard let kind = TaxpayerKind(rawValue: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            taxpayer = kind
        case Key.date: date = try reader.date()
        case Key.series: series = try reader.unsigned(atMost: SalesLimits.seriesMax)
        case Key.sequence: sequence = try reader.unsigned(atMost: SalesLimits.sequenceMax)
        case Key.lifetime: lifetime = try reader.unsigned(atMost: SalesLimits.lifetimeMax)
        case Key.lines:
            for _ in 0..<(try reader.array()) { lines.append(try TicketLine(from: &reader)) }
        case Key.payments:
            for _ in 0..<(try reader.array()) { payments.append(try TicketPayment(from: &reader)) }
        case Key.ticketDiscount: ticketDiscount = Fen(try reader.unsigned())
        case Key.roundingOff: roundingOff = Fen(try reader.unsigned())
        case Key.customer: customer = try reader.id()
        case Key.occurred: occurred = WallTime(milliseconds: try reader.integer())
        default: try reader.skip()
        }
    }

    /// Fills in the amount of a sole payment, and checks everything that the bytes alone can break.
    private mutating func settle() throws(ProjectionFault) {
        guard !lines.isEmpty else { throw ProjectionFault.violation("a ticket without lines") }
        guard sequence > 0, lifetime > 0 else {
            throw ProjectionFault.violation("a ticket without a number")
        }
        for line in lines where !line.isWithinLimits {
            throw ProjectionFault.outOfRange("line of product \(line.product)")
        }
        guard ticketDiscount.isWithinLimit, roundingOff.isWithinLimit else {
            throw ProjectionFault.outOfRange("discount \(ticketDiscount), off \(roundingOff)")
        }
        let total = self.total
        guard total >= 0, total <= Int128(Fen.limit) else {
            throw ProjectionFault.outOfRange("total \(total) fen")
        }
        if payments.count == 1, payments[0].amount == TicketPayment.whole {
            payments[0].amount = Fen(Int64(truncatingIfNeeded: total))
        }
        var paid: Int128 = 0
        for payment in payments {
            guard payment.amount >= .zero, payment.amount.isWithinLimit,
                payment.tendered ?? payment.amount >= payment.amount,
                payment.tendered?.isWithinLimit ?? true
            else { throw ProjectionFault.outOfRange("payment \(payment.amount)") }
            paid += Int128(payment.amount.rawValue)
        }
        guard paid == total else {
            throw ProjectionFault.violation("payments are \(paid) fen, the ticket \(total)")
        }
    }
}

extension TicketLine {
    /// Appends the line's array.
    func write(to writer: inout CBORWriter) {
        let plain = Int128(gross.rawValue) - Int128(discount.rawValue)
        let hasAmount = Int128(amount.rawValue) != plain
        let hasDiscount = hasAmount || !discount.isZero
        let hasQuantity = hasDiscount || quantity != .one
        writer.array(6 + (hasQuantity ? 1 : 0) + (hasDiscount ? 1 : 0) + (hasAmount ? 1 : 0))
        writer.integer(product)
        writer.integer(priceVersion)
        writer.integer(unitPrice.rawValue)
        writer.integer(rate.rawValue)
        writer.integer(category)
        writer.integer(unitCost?.rawValue ?? -1)
        if hasQuantity { writer.integer(quantity.rawValue) }
        if hasDiscount { writer.integer(discount.rawValue) }
        if hasAmount { writer.integer(amount.rawValue) }
    }

    /// Reads the line's array; what a newer version appends is passed over.
    init(from reader: inout CBORReader) throws(WireFault) {
        let count = try reader.array()
        guard count >= 6 else { throw reader.fault(.wrongCount(expected: 6)) }
        let product = try reader.id()
        let version = try reader.unsigned()
        let price = UnitPrice(try reader.unsigned())
        let rate = Rate(try reader.unsigned(atMost: Rate.limit))
        let category = try reader.unsigned()
        let cost = try reader.integer()
        let quantity = count > 6 ? Quantity(try reader.unsigned()) : Quantity.one
        let discount = count > 7 ? Fen(try reader.unsigned()) : Fen.zero
        let amount = count > 8 ? Fen(try reader.unsigned()) : nil
        if count > 9 { for _ in 9..<count { try reader.skip() } }
        do throws(NumberFault) {
            try self.init(
                product: product,
                priceVersion: version,
                unitPrice: price,
                rate: rate,
                category: category,
                unitCost: cost < 0 ? nil : UnitCost(cost),
                quantity: quantity,
                discount: discount,
                amount: amount
            )
        } catch {
            throw reader.fault(.integerRange)
        }
    }

    /// Whether every number is one that a record may carry.
    var isWithinLimits: Bool {
        quantity > .zero && quantity.isWithinLimit && unitPrice >= .zero && unitPrice.isWithinLimit
            && amount >= .zero && amount.isWithinLimit && discount >= .zero
            && discount.isWithinLimit && gross.isWithinLimit && rate >= .zero && rate.isWithinLimit
            && (unitCost.map { $0 >= .zero && $0.isWithinLimit } ?? true)
    }
}

extension TicketPayment {
    /// Stands for the amount of a sole payment until the lines are summed.
    static let whole = Fen(.min)

    /// Appends the payment's array.
    func write(isWhole: Bool, to writer: inout CBORWriter) {
        let hasReference = !reference.isEmpty
        let hasState = hasReference || state != .settled
        let hasTendered = hasState || tendered != nil
        let hasAmount = hasTendered || !isWhole
        writer.array(
            2 + (hasAmount ? 1 : 0) + (hasTendered ? 1 : 0) + (hasState ? 1 : 0)
                + (hasReference ? 1 : 0)
        )
        writer.integer(tender)
        writer.integer(role.rawValue)
        if hasAmount { writer.integer(amount.rawValue) }
        if hasTendered { writer.integer(tendered?.rawValue ?? 0) }
        if hasState { writer.integer(state.rawValue) }
        if hasReference { writer.text(reference) }
    }

    /// Reads the payment's array; what a newer version appends is passed over.
    init(from reader: inout CBORReader) throws(WireFault) {
        let count = try reader.array()
        guard count >= 2 else { throw reader.fault(.wrongCount(expected: 2)) }
        let tender = try reader.id()
        guard let role = LedgerRole(rawValue: try reader.integer()) else {
            throw reader.fault(.invalidValue)
        }
        let amount = count > 2 ? Fen(try reader.unsigned()) : TicketPayment.whole
        let tendered = count > 3 ? try reader.unsigned() : 0
        var state = PaymentState.settled
        if count > 4 {
            guard let known = PaymentState(rawValue: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            state = known
        }
        let reference =
            count > 5 ? try reader.text(sizeBytesMax: SalesLimits.referenceBytesMax) : ""
        if count > 6 { for _ in 6..<count { try reader.skip() } }
        self.init(
            tender: tender,
            role: role,
            amount: amount,
            tendered: tendered == 0 ? nil : Fen(tendered),
            state: state,
            reference: reference
        )
    }
}

extension CBORWriter {
    /// Appends an entry of a map.
    mutating func entry(_ key: Int64, _ value: Int64) {
        self.key(Int(key))
        integer(value)
    }

    /// Appends an entry of a map.
    mutating func entry(_ key: Int64, _ value: String) {
        self.key(Int(key))
        text(value)
    }
}

extension CBORReader {
    /// Reads an id: 0 … 2⁵³ − 1.
    mutating func id() throws(WireFault) -> Int64 { try unsigned(atMost: (1 << 53) - 1) }

    /// Reads a date as its day number, from 1970 on.
    mutating func date() throws(WireFault) -> CivilDate {
        let day = try unsigned(atMost: Int64(CivilDate.last.dayNumber))
        return CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
    }
}
