// Sales: the seal, a till's statement for one business day.

package import Kernel
package import Replication
package import Wire

/// What one tender took in, refunds and voids off.
package struct TenderTotal: Hashable, Sendable {
    package var tender: Int64
    package var amount: Fen

    package init(tender: Int64, amount: Fen) {
        self.tender = tender
        self.amount = amount
    }
}

/// A till's statement for a closed day (日结封存).
///
/// Keys: 1 entity, 2 branch, 3 till, 5 date, 6 series, 7 day, 8 first and 9 last sequence, 10 first
/// and 11 last lifetime sequence (8 to 11 absent without tickets), 12 count, 13 totals
/// `[[tender, amount], …]` by tender, 14 head hash before the act of the seal, 15 previous seal.
package struct DaySealed: Hashable, Sendable {
    package var entity: Int64
    package var branch: Int64
    package var till: Int64
    package var date: CivilDate
    package var series: Int64
    /// The change that opened the day.
    package var day: ChangeID
    package var sequences: ClosedRange<Int64>?
    package var lifetimes: ClosedRange<Int64>?
    /// Tickets: sales and returns.
    package var count: Int64
    /// By ascending tender.
    package var totals: [TenderTotal]
    /// The hash of the replica's chain just before the act that seals.
    package var head: Digest32
    package var previous: ChangeID?

    package init(
        entity: Int64,
        branch: Int64,
        till: Int64,
        date: CivilDate,
        series: Int64 = 0,
        day: ChangeID,
        sequences: ClosedRange<Int64>?,
        lifetimes: ClosedRange<Int64>?,
        count: Int64,
        totals: [TenderTotal],
        head: Digest32,
        previous: ChangeID?
    ) {
        self.entity = entity
        self.branch = branch
        self.till = till
        self.date = date
        self.series = series
        self.day = day
        self.sequences = sequences
        self.lifetimes = lifetimes
        self.count = count
        self.totals = totals
        self.head = head
        self.previous = previous
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var fields = BodyFields()
        var totals: [TenderTotal]?
        var head: Digest32?
        try fields.read(body) { (key, reader) throws(WireFault) in
            switch key {
            case 13: totals = try DaySealed.totals(&reader)
            case 14: head = try reader.digest()
            default: return false
            }
            return true
        }
        guard let head else { throw ProjectionFault.violation("a seal without a head hash") }
        guard let totals else { throw ProjectionFault.violation("a seal without totals") }
        _ = try fields.required(12)
        self.init(
            entity: try fields.id(1),
            branch: try fields.id(2),
            till: try fields.id(3),
            date: try fields.date(5),
            series: try fields.number(6, atMost: SalesLimits.seriesMax),
            day: ChangeID(try fields.id(7)),
            sequences: try DaySealed.range(fields, 8),
            lifetimes: try DaySealed.range(fields, 10),
            count: try fields.number(12, atMost: SalesLimits.lifetimeMax),
            totals: totals,
            head: head,
            previous: try fields.change(15)
        )
    }

    private static func range(
        _ fields: BodyFields,
        _ key: Int64
    ) throws(ProjectionFault) -> ClosedRange<Int64>? {
        guard let first = fields.integers[key] else { return nil }
        let last = try fields.number(key + 1, atMost: SalesLimits.lifetimeMax)
        guard first > 0, first <= last else {
            throw ProjectionFault.violation("a seal from \(first) to \(last)")
        }
        return first...last
    }

    /// Reads the totals: `[[tender, amount], …]`.
    static func totals(_ reader: inout CBORReader) throws(WireFault) -> [TenderTotal] {
        var totals: [TenderTotal] = []
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let tender = try reader.id()
            totals.append(TenderTotal(tender: tender, amount: Fen(try reader.integer())))
        }
        return totals
    }

    /// Appends the totals.
    static func write(_ totals: [TenderTotal], to writer: inout CBORWriter) {
        writer.array(totals.count)
        for total in totals {
            writer.array(2)
            writer.integer(total.tender)
            writer.integer(total.amount.rawValue)
        }
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter(capacity: 160)
        writer.map(
            8 + (series == 0 ? 0 : 1) + (sequences == nil ? 0 : 2) + (lifetimes == nil ? 0 : 2)
                + (previous == nil ? 0 : 1)
        )
        writer.entry(1, entity)
        writer.entry(2, branch)
        writer.entry(3, till)
        writer.entry(5, Int64(date.dayNumber))
        if series != 0 { writer.entry(6, series) }
        writer.entry(7, day.rawValue)
        if let sequences {
            writer.entry(8, sequences.lowerBound)
            writer.entry(9, sequences.upperBound)
        }
        if let lifetimes {
            writer.entry(10, lifetimes.lowerBound)
            writer.entry(11, lifetimes.upperBound)
        }
        writer.entry(12, count)
        writer.key(13)
        DaySealed.write(totals, to: &writer)
        writer.key(14)
        writer.bytes(head)
        if let previous { writer.entry(15, previous.rawValue) }
        return writer.bytes
    }
}
