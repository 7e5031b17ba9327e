// Ledger: the rulings that close a month of the books and open it again, and their bytes.

package import Kernel
package import Wire

/// A month of the books was closed (结账); kind `period.closed`.
package struct PeriodClosed: Hashable, Sendable {
    package var entity: Int64
    package var period: AccountingPeriod
    /// The last number of each series in the period, by series.
    package var lastNumbers: [SeriesNumber]
    /// The last change of each replica that headquarters held, by replica.
    package var frontier: [ChangeID]
    /// The hash of the trial balance of what was posted up to the period's end.
    package var trialBalance: Digest32
    /// Branches whose days were not all complete, closed without waiting for them.
    package var waived: [Int64]
    /// Why it did not wait; empty where nothing was waived.
    package var reason: String

    package init(
        entity: Int64,
        period: AccountingPeriod,
        lastNumbers: [SeriesNumber],
        frontier: [ChangeID],
        trialBalance: Digest32,
        waived: [Int64] = [],
        reason: String = ""
    ) {
        self.entity = entity
        self.period = period
        self.lastNumbers = lastNumbers
        self.frontier = frontier
        self.trialBalance = trialBalance
        self.waived = waived
        self.reason = reason
    }
}

/// The last number of a series of vouchers.
package struct SeriesNumber: Hashable, Sendable {
    package var series: String
    package var number: Int64

    package init(series: String, number: Int64) {
        self.series = series
        self.number = number
    }
}

/// A closed month was opened again (反结账); kind `period.reopened`.
package struct PeriodReopened: Hashable, Sendable {
    /// The ruling that is undone.
    package var closing: ChangeID
    package var reason: String

    package init(closing: ChangeID, reason: String) {
        self.closing = closing
        self.reason = reason
    }
}

extension PeriodClosed {
    /// The body: a map with the keys of the module's field list.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 128 + frontier.count * 12)
        writer.map(5 + (waived.isEmpty ? 0 : 2))
        writer.key(1)
        writer.integer(entity)
        writer.key(2)
        writer.integer(Int64(period.rawValue))
        writer.key(3)
        writer.array(lastNumbers.count)
        for last in lastNumbers {
            writer.array(2)
            writer.text(last.series)
            writer.integer(last.number)
        }
        writer.key(4)
        writer.array(frontier.count)
        for id in frontier { writer.integer(id.rawValue) }
        writer.key(5)
        writer.bytes(trialBalance)
        if !waived.isEmpty {
            writer.key(6)
            writer.array(waived.count)
            for branch in waived { writer.integer(branch) }
            writer.key(7)
            writer.text(reason)
        }
        return writer.bytes
    }

    /// Reads a body; keys that are not known are passed over.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        var ids: [Int64: Int64] = [:]
        var period: AccountingPeriod?
        var numbers: [SeriesNumber]?
        var lists: [Int64: [Int64]] = [:]
        var hash: Digest32?
        var reason = ""
        try reader.fields { (key, reader) throws(WireFault) in
            switch key {
            case 1: ids[key] = try reader.recordID()
            case 2: period = try reader.period()
            case 3: numbers = try PeriodClosed.numbers(&reader)
            case 4, 6:
                var list: [Int64] = []
                for _ in 0..<(try reader.array()) { list.append(try reader.recordID()) }
                lists[key] = list
            case 5: hash = try reader.digest()
            case 7: reason = try reader.text(sizeBytesMax: LedgerLimits.textBytesMax)
            default: _ = try reader.skip()
            }
        }
        guard let entity = ids[1], let period, let numbers, let frontier = lists[4], let hash else {
            throw reader.fault(.invalidValue)
        }
        self.init(
            entity: entity,
            period: period,
            lastNumbers: numbers,
            frontier: frontier.map { ChangeID($0) },
            trialBalance: hash,
            waived: lists[6] ?? [],
            reason: reason
        )
    }

    private static func numbers(
        _ reader: inout CBORReader
    ) throws(WireFault) -> [SeriesNumber] {
        var numbers: [SeriesNumber] = []
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let series = try reader.text(sizeBytesMax: LedgerLimits.seriesBytesMax)
            numbers.append(SeriesNumber(series: series, number: try reader.unsigned()))
        }
        return numbers
    }
}

extension PeriodReopened {
    /// The body: a map with the keys of the module's field list.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.map(2)
        writer.key(1)
        writer.integer(closing.rawValue)
        writer.key(2)
        writer.text(reason)
        return writer.bytes
    }

    /// Reads a body; keys that are not known are passed over.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        var closing: Int64?
        var reason: String?
        try reader.fields { (key, reader) throws(WireFault) in
            switch key {
            case 1: closing = try reader.recordID()
            case 2: reason = try reader.text(sizeBytesMax: LedgerLimits.textBytesMax)
            default: _ = try reader.skip()
            }
        }
        guard let closing, let reason else { throw reader.fault(.invalidValue) }
        self.init(closing: ChangeID(closing), reason: reason)
    }
}
