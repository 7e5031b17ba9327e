// Sales: the changes around a ticket: a sale, a return, a void, and what became of a payment.

package import Kernel
package import Replication
package import Wire

/// A ticket was paid (销售).
package struct SaleClosed: Hashable, Sendable {
    package var ticket: Ticket

    package init(_ ticket: Ticket) { self.ticket = ticket }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        ticket = .empty
        try ticket.readSale(body)
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter(capacity: 64 + 48 * ticket.lines.count)
        encode(to: &writer)
        return writer.bytes
    }

    /// Appends the body: for whoever writes many.
    package func encode(to writer: inout CBORWriter) {
        writer.map(ticket.keyCount)
        ticket.write(to: &writer)
    }
}

extension Ticket {
    /// Reads the body of a sale into this ticket.
    mutating func readSale(_ body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        try read(body) { (_, reader) throws(WireFault) in try reader.skip() }
    }
}

/// Where a line of a return was sold.
package struct ReturnedLine: Hashable, Sendable {
    /// The index of the line in the sale.
    package var line: Int64
    /// What the sale's line had sold; 0 where the returning till did not know.
    package var sold: Quantity

    package init(line: Int64, sold: Quantity) {
        self.line = line
        self.sold = sold
    }
}

/// Goods came back (退货): the ticket's lines and payments are what was taken back and refunded.
package struct SaleReturned: Hashable, Sendable {
    package var ticket: Ticket
    /// The sale, where the returning till knew it.
    package var sale: ChangeID?
    /// The branch that sold, where it was another.
    package var soldBy: Int64?
    /// The code on the paper, where the reference was taken from it.
    package var paperCode: [UInt8]?
    /// The label on the paper, where the sale was not known.
    package var label: String?
    /// One for each line of the ticket; none without a receipt.
    package var origins: [ReturnedLine]
    package var reason: String

    package init(
        _ ticket: Ticket,
        sale: ChangeID? = nil,
        soldBy: Int64? = nil,
        paperCode: [UInt8]? = nil,
        label: String? = nil,
        origins: [ReturnedLine] = [],
        reason: String = ""
    ) {
        self.ticket = ticket
        self.sale = sale
        self.soldBy = soldBy
        self.paperCode = paperCode
        self.label = label
        self.origins = origins
        self.reason = reason
    }

    /// The keys beyond the ticket's.
    enum Key {
        static let sale: Int64 = 16
        static let soldBy: Int64 = 17
        static let paperCode: Int64 = 18
        static let label: Int64 = 19
        static let origins: Int64 = 20
        static let reason: Int64 = 21
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        self.init(.empty)
        var ticket = Ticket.empty
        try ticket.read(body) { (key, reader) throws(WireFault) in
            switch key {
            case Key.sale: sale = ChangeID(try reader.id())
            case Key.soldBy: soldBy = try reader.id()
            case Key.paperCode:
                paperCode = try reader.byteArray(sizeBytesMax: SalesLimits.paperCodeBytes)
            case Key.label: label = try reader.text(sizeBytesMax: SalesLimits.labelBytesMax)
            case Key.origins:
                for _ in 0..<(try reader.array()) {
                    try reader.array(of: 2)
                    let line = try reader.unsigned(atMost: 1 << 32)
                    let sold = Quantity(try reader.unsigned(atMost: Quantity.limit))
                    origins.append(ReturnedLine(line: line, sold: sold))
                }
            case Key.reason:
                reason = try reader.text(sizeBytesMax: SalesLimits.reasonBytesMax)
            default: try reader.skip()
            }
        }
        self.ticket = ticket
        guard origins.count == (sale == nil ? 0 : ticket.lines.count) else {
            throw ProjectionFault.violation("a return names \(origins.count) lines of the sale")
        }
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter(capacity: 96 + 56 * ticket.lines.count)
        let count =
            (sale == nil ? 0 : 1) + (soldBy == nil ? 0 : 1) + (paperCode == nil ? 0 : 1)
            + (label == nil ? 0 : 1) + (origins.isEmpty ? 0 : 1) + (reason.isEmpty ? 0 : 1)
        writer.map(ticket.keyCount + count)
        ticket.write(to: &writer)
        if let sale { writer.entry(Key.sale, sale.rawValue) }
        if let soldBy { writer.entry(Key.soldBy, soldBy) }
        if let paperCode {
            writer.key(Int(Key.paperCode))
            writer.bytes(paperCode)
        }
        if let label { writer.entry(Key.label, label) }
        if !origins.isEmpty {
            writer.key(Int(Key.origins))
            writer.array(origins.count)
            for origin in origins {
                writer.array(2)
                writer.integer(origin.line)
                writer.integer(origin.sold.rawValue)
            }
        }
        if !reason.isEmpty { writer.entry(Key.reason, reason) }
        return writer.bytes
    }
}

/// A ticket was undone on its own business day (作废); it repeats the ticket that it undoes.
package struct SaleVoided: Hashable, Sendable {
    package var ticket: Ticket
    package var sale: ChangeID
    package var reason: String

    package init(_ ticket: Ticket, sale: ChangeID, reason: String = "") {
        self.ticket = ticket
        self.sale = sale
        self.reason = reason
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var ticket = Ticket.empty
        var sale: ChangeID?
        var reason = ""
        try ticket.read(body) { (key, reader) throws(WireFault) in
            switch key {
            case SaleReturned.Key.sale: sale = ChangeID(try reader.id())
            case SaleReturned.Key.reason:
                reason = try reader.text(sizeBytesMax: SalesLimits.reasonBytesMax)
            default: try reader.skip()
            }
        }
        guard let sale else { throw ProjectionFault.violation("a void without its sale") }
        self.init(ticket, sale: sale, reason: reason)
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter(capacity: 96 + 48 * ticket.lines.count)
        writer.map(ticket.keyCount + 1 + (reason.isEmpty ? 0 : 1))
        ticket.write(to: &writer)
        writer.entry(SaleReturned.Key.sale, sale.rawValue)
        if !reason.isEmpty { writer.entry(SaleReturned.Key.reason, reason) }
        return writer.bytes
    }
}

/// What became of an electronic payment of a ticket; of several the latest holds.
package struct PaymentChanged: Hashable, Sendable {
    /// The sale or return.
    package var document: ChangeID
    /// The index of the payment in it.
    package var payment: Int64
    package var state: PaymentState
    package var reference: String

    package init(document: ChangeID, payment: Int64, state: PaymentState, reference: String = "") {
        self.document = document
        self.payment = payment
        self.state = state
        self.reference = reference
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var fields = BodyFields()
        try fields.read(body, texts: [4])
        _ = try fields.required(2)
        guard let state = PaymentState(rawValue: try fields.required(3)) else {
            throw ProjectionFault.violation("payment state \(try fields.required(3))")
        }
        self.init(
            document: ChangeID(try fields.id(1)),
            payment: try fields.number(2, atMost: 1 << 32),
            state: state,
            reference: fields.texts[4] ?? ""
        )
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.map(reference.isEmpty ? 3 : 4)
        writer.entry(1, document.rawValue)
        writer.entry(2, payment)
        writer.entry(3, state.rawValue)
        if !reference.isEmpty { writer.entry(4, reference) }
        return writer.bytes
    }
}
