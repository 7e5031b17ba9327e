// Sales: the changes of a till's business day: opened, closed, sealed, and waived by headquarters.
// A seal claims what its till wrote; whether it is so is judged by the views, never here.

package import Kernel
package import Module
package import Replication
import Wire

/// The entries of a small body: integers and texts by key; anything else is passed over.
struct BodyFields {
    private(set) var integers: [Int64: Int64] = [:]
    private(set) var texts: [Int64: String] = [:]

    /// Reads a body; `other` is asked first, and answers whether it took the entry.
    mutating func read(
        _ body: UnsafeRawBufferPointer,
        texts textKeys: [Int64] = [],
        _ other: (Int64, inout CBORReader) throws(WireFault) -> Bool = { (_, _) in false }
    ) throws(ProjectionFault) {
        do throws(WireFault) {
            var reader = CBORReader(body)
            var key: Int64?
            for _ in 0..<(try reader.map()) {
                let next = try reader.nextKey(after: key)
                key = next
                if try other(next, &reader) { continue }
                switch try reader.peekType() {
                case .unsigned, .negative: integers[next] = try reader.integer()
                case .text where textKeys.contains(next):
                    texts[next] = try reader.text(sizeBytesMax: SalesLimits.reasonBytesMax)
                default: try reader.skip()
                }
            }
            try reader.finish()
        } catch {
            throw ProjectionFault.malformed(error)
        }
    }

    /// The integer of a key that must be there.
    func required(_ key: Int64) throws(ProjectionFault) -> Int64 {
        guard let value = integers[key] else {
            throw ProjectionFault.violation("the body lacks key \(key)")
        }
        return value
    }

    /// The id of a key that must be there.
    func id(_ key: Int64) throws(ProjectionFault) -> Int64 {
        let value = try required(key)
        guard value >= 0, value < 1 << 53 else { throw ProjectionFault.outOfRange("id \(value)") }
        return value
    }

    /// The number of a key, 0 where it was left out, never negative.
    func number(_ key: Int64, atMost limit: Int64) throws(ProjectionFault) -> Int64 {
        let value = integers[key] ?? 0
        guard value >= 0, value <= limit else {
            throw ProjectionFault.outOfRange("key \(key) is \(value)")
        }
        return value
    }

    /// The change that a key names, nil where it was left out.
    func change(_ key: Int64) throws(ProjectionFault) -> ChangeID? {
        integers[key] == nil ? nil : ChangeID(try id(key))
    }

    /// The text of a key that must be there.
    func text(_ key: Int64) throws(ProjectionFault) -> String {
        guard let value = texts[key] else {
            throw ProjectionFault.violation("the body lacks key \(key)")
        }
        return value
    }

    /// The date of a key that must be there.
    func date(_ key: Int64) throws(ProjectionFault) -> CivilDate {
        let value = try required(key)
        guard value >= 0, value <= Int64(CivilDate.last.dayNumber) else {
            throw ProjectionFault.outOfRange("day \(value)")
        }
        return CivilDate(dayNumber: Int32(truncatingIfNeeded: value))
    }

    /// The amount of a key, zero where it was left out.
    func fen(_ key: Int64) throws(ProjectionFault) -> Fen {
        let value = Fen(integers[key] ?? 0)
        guard value.isWithinLimit else { throw ProjectionFault.outOfRange("amount \(value)") }
        return value
    }
}

/// A till opened a business day (开班).
///
/// Keys: 1 entity, 2 branch, 3 till, 4 taxpayer, 5 date, 6 series, 7 replica, 8 opening float,
/// 9 previous seal.
package struct DayOpened: Hashable, Sendable {
    package var entity: Int64
    package var branch: Int64
    package var till: Int64
    package var taxpayer: TaxpayerKind
    package var date: CivilDate
    package var series: Int64
    /// The number under which the till wrote then; another one must open anew.
    package var replica: ReplicaNumber
    package var openingFloat: Fen
    package var previousSeal: ChangeID?

    package init(
        entity: Int64,
        branch: Int64,
        till: Int64,
        taxpayer: TaxpayerKind = .general,
        date: CivilDate,
        series: Int64 = 0,
        replica: ReplicaNumber,
        openingFloat: Fen = .zero,
        previousSeal: ChangeID? = nil
    ) {
        self.entity = entity
        self.branch = branch
        self.till = till
        self.taxpayer = taxpayer
        self.date = date
        self.series = series
        self.replica = replica
        self.openingFloat = openingFloat
        self.previousSeal = previousSeal
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var fields = BodyFields()
        try fields.read(body)
        guard let taxpayer = TaxpayerKind(rawValue: fields.integers[4] ?? 1) else {
            throw ProjectionFault.violation("taxpayer kind \(fields.integers[4] ?? 0)")
        }
        _ = try fields.required(7)
        let number = try fields.number(7, atMost: Int64(ReplicaNumber.max.rawValue))
        self.init(
            entity: try fields.id(1),
            branch: try fields.id(2),
            till: try fields.id(3),
            taxpayer: taxpayer,
            date: try fields.date(5),
            series: try fields.number(6, atMost: SalesLimits.seriesMax),
            replica: ReplicaNumber(UInt32(number)),
            openingFloat: try fields.fen(8),
            previousSeal: try fields.change(9)
        )
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.map(
            5 + (taxpayer == .general ? 0 : 1) + (series == 0 ? 0 : 1)
                + (openingFloat.isZero ? 0 : 1) + (previousSeal == nil ? 0 : 1)
        )
        writer.entry(1, entity)
        writer.entry(2, branch)
        writer.entry(3, till)
        if taxpayer != .general { writer.entry(4, taxpayer.rawValue) }
        writer.entry(5, Int64(date.dayNumber))
        if series != 0 { writer.entry(6, series) }
        writer.entry(7, Int64(replica.rawValue))
        if !openingFloat.isZero { writer.entry(8, openingFloat.rawValue) }
        if let previousSeal { writer.entry(9, previousSeal.rawValue) }
        return writer.bytes
    }
}

/// A till closed its day (收班): counted blind, or, where it rolled over by itself, not counted.
///
/// Keys: 1 entity, 2 branch, 3 till, 5 date, 6 day, 7 expected, 8 counted, 9 cash tender.
package struct DayClosed: Hashable, Sendable {
    package var entity: Int64
    package var branch: Int64
    package var till: Int64
    package var date: CivilDate
    /// The change that opened the day.
    package var day: ChangeID
    /// Float and takings in cash less refunds, as the till knew them.
    package var expected: Fen
    package var counted: Fen?
    package var cashTender: Int64

    package init(
        entity: Int64,
        branch: Int64,
        till: Int64,
        date: CivilDate,
        day: ChangeID,
        expected: Fen,
        counted: Fen?,
        cashTender: Int64
    ) {
        self.entity = entity
        self.branch = branch
        self.till = till
        self.date = date
        self.day = day
        self.expected = expected
        self.counted = counted
        self.cashTender = cashTender
    }

    /// What was counted over what was expected; short is negative (长短款).
    package var overShort: Fen { counted.map { $0 - expected } ?? .zero }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var fields = BodyFields()
        try fields.read(body)
        self.init(
            entity: try fields.id(1),
            branch: try fields.id(2),
            till: try fields.id(3),
            date: try fields.date(5),
            day: ChangeID(try fields.id(6)),
            expected: try fields.fen(7),
            counted: fields.integers[8] == nil ? nil : try fields.fen(8),
            cashTender: try fields.number(9, atMost: (1 << 53) - 1)
        )
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.map(
            5 + (expected.isZero ? 0 : 1) + (counted == nil ? 0 : 1) + (cashTender == 0 ? 0 : 1)
        )
        writer.entry(1, entity)
        writer.entry(2, branch)
        writer.entry(3, till)
        writer.entry(5, Int64(date.dayNumber))
        writer.entry(6, day.rawValue)
        if !expected.isZero { writer.entry(7, expected.rawValue) }
        if let counted { writer.entry(8, counted.rawValue) }
        if cashTender != 0 { writer.entry(9, cashTender) }
        return writer.bytes
    }
}

/// Headquarters treats a day as complete (免封): a ruling, for a till that will never seal.
///
/// Keys: 2 branch, 3 till (absent: all), 5 date, 21 reason.
package struct DayWaived: Hashable, Sendable {
    package var branch: Int64
    package var till: Int64?
    package var date: CivilDate
    package var reason: String

    package init(branch: Int64, till: Int64? = nil, date: CivilDate, reason: String) {
        self.branch = branch
        self.till = till
        self.date = date
        self.reason = reason
    }

    /// Reads a body.
    package init(decoding body: UnsafeRawBufferPointer) throws(ProjectionFault) {
        var fields = BodyFields()
        try fields.read(body, texts: [21])
        self.init(
            branch: try fields.id(2),
            till: fields.integers[3] == nil ? nil : try fields.id(3),
            date: try fields.date(5),
            reason: try fields.text(21)
        )
    }

    /// The body of the change.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.map(till == nil ? 3 : 4)
        writer.entry(2, branch)
        if let till { writer.entry(3, till) }
        writer.entry(5, Int64(date.dayNumber))
        writer.entry(21, reason)
        return writer.bytes
    }
}
