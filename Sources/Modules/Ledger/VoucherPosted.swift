// Ledger: the ruling that turns effects into vouchers. What it holds is for ever: account codes,
// roles and amounts stand in it, so that no later chart or code changes what was posted.

package import Kernel
package import Module
package import Wire

/// Effects became vouchers (记账); kind `voucher.posted`, one posting.
package struct VoucherPosted: Hashable, Sendable {
    package var entity: Int64
    /// The rules of the poster that made it.
    package var ruleVersion: Int64
    /// The changes whose effects for the entity are posted by this, ascending and apart.
    package var sources: [ClosedRange<ChangeID>]
    package var vouchers: [Voucher]

    package init(
        entity: Int64,
        ruleVersion: Int64,
        sources: [ClosedRange<ChangeID>],
        vouchers: [Voucher]
    ) {
        self.entity = entity
        self.ruleVersion = ruleVersion
        self.sources = sources
        self.vouchers = vouchers
    }
}

/// A voucher (记账凭证) with its number.
package struct Voucher: Hashable, Sendable {
    /// The word of its series (凭证字).
    package var series: String
    package var period: AccountingPeriod
    /// From 1 in each (entity, series, period), without a gap.
    package var number: Int64
    /// The date in the books, within the period.
    package var date: CivilDate
    package var lines: [PostedLine]
    package var group: VoucherGroup
    package var branch: Int64
    /// The business date of the effects; before the period where they came after its close.
    package var businessDate: CivilDate
    /// The summary (摘要).
    package var text: String

    package init(
        series: String = VoucherSeries.general,
        period: AccountingPeriod,
        number: Int64,
        date: CivilDate,
        lines: [PostedLine],
        group: VoucherGroup,
        branch: Int64,
        businessDate: CivilDate,
        text: String
    ) {
        self.series = series
        self.period = period
        self.number = number
        self.date = date
        self.lines = lines
        self.group = group
        self.branch = branch
        self.businessDate = businessDate
        self.text = text
    }

    /// Series and number as papers show it: 记-0001.
    package var label: String { Voucher.label(series, number) }

    /// Series and number as papers show it: 记-0001.
    package static func label(_ series: String, _ number: Int64) -> String {
        let digits = "\(number)"
        return "\(series)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// A line of a posted voucher.
package struct PostedLine: Hashable, Sendable {
    package var account: String
    package var role: LedgerRole
    package var side: LedgerLine.Side
    /// Negative is red.
    package var amount: Fen
    package var rate: Rate
    package var tender: Int64
    package var party: Int64
    package var branch: Int64

    package init(
        account: String,
        role: LedgerRole,
        side: LedgerLine.Side,
        amount: Fen,
        rate: Rate,
        tender: Int64,
        party: Int64,
        branch: Int64
    ) {
        self.account = account
        self.role = role
        self.side = side
        self.amount = amount
        self.rate = rate
        self.tender = tender
        self.party = party
        self.branch = branch
    }

    /// Debit positive, credit negative.
    package var signed: Int64 { side == .debit ? amount.rawValue : -amount.rawValue }
}

// MARK: - Bytes

extension VoucherPosted {
    /// The body: `{1: entity, 2: rule version, 3: sources, 4: vouchers}`.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 256 + sources.count * 16 + vouchers.count * 512)
        writer.map(4)
        writer.key(1)
        writer.integer(entity)
        writer.key(2)
        writer.integer(ruleVersion)
        writer.key(3)
        writeSources(to: &writer)
        writer.key(4)
        writer.array(vouchers.count)
        for voucher in vouchers { voucher.write(to: &writer) }
        return writer.bytes
    }

    private func writeSources(to writer: inout CBORWriter) {
        var replicas: [(replica: ReplicaNumber, ranges: [ClosedRange<ChangeID>])] = []
        for range in sources {
            let replica = range.lowerBound.replica
            if replicas.last?.replica != replica { replicas.append((replica, [])) }
            replicas[replicas.count - 1].ranges.append(range)
        }
        writer.array(replicas.count)
        for (replica, ranges) in replicas {
            writer.array(2)
            writer.integer(Int64(replica.rawValue))
            writer.array(ranges.count)
            for range in ranges {
                writer.array(2)
                writer.integer(Int64(range.lowerBound.sequence))
                writer.integer(Int64(range.upperBound.sequence))
            }
        }
    }

    /// Reads a body; keys that are not known are passed over.
    ///
    /// Throws: `invalidValue` too for sources that are not ascending and apart, a date outside
    /// its period, a number twice, and a voucher whose sides differ.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        var entity: Int64?
        var version: Int64?
        var sources: [ClosedRange<ChangeID>]?
        var vouchers: [Voucher]?
        try reader.fields { (key, reader) throws(WireFault) in
            switch key {
            case 1: entity = try reader.recordID()
            case 2: version = try reader.unsigned()
            case 3: sources = try VoucherPosted.sources(&reader)
            case 4:
                var list: [Voucher] = []
                for _ in 0..<(try reader.array()) { list.append(try Voucher(&reader)) }
                vouchers = list
            default: _ = try reader.skip()
            }
        }
        guard let entity, let version, let sources, let vouchers else {
            throw reader.fault(.invalidValue)
        }
        for (place, voucher) in vouchers.enumerated() {
            let isTwice = vouchers[..<place].contains {
                ($0.series, $0.period, $0.number) == (
                    voucher.series, voucher.period, voucher.number
                )
            }
            if isTwice { throw reader.fault(.invalidValue) }
        }
        self.init(entity: entity, ruleVersion: version, sources: sources, vouchers: vouchers)
    }

    private static func sources(
        _ reader: inout CBORReader
    ) throws(WireFault) -> [ClosedRange<ChangeID>] {
        var sources: [ClosedRange<ChangeID>] = []
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let number = try reader.unsigned(atMost: Int64(ReplicaNumber.max.rawValue))
            let replica = ReplicaNumber(stored: number)
            if let last = sources.last, last.upperBound.replica >= replica {
                throw reader.fault(.unsortedKeys)
            }
            for _ in 0..<(try reader.array()) {
                try reader.array(of: 2)
                let from = try reader.unsigned(atMost: Int64(UInt32.max))
                let to = try reader.unsigned(atMost: Int64(UInt32.max))
                guard from >= 1, from <= to else { throw reader.fault(.invalidValue) }
                let first = ChangeID(replica: replica, sequence: UInt32(truncatingIfNeeded: from))
                let last = ChangeID(replica: replica, sequence: UInt32(truncatingIfNeeded: to))
                if let before = sources.last, before.upperBound >= first {
                    throw reader.fault(.unsortedKeys)
                }
                sources.append(first...last)
            }
        }
        return sources
    }
}

extension Voucher {
    /// Appends `[series, period, n, date, lines, group, branch, business date, text]`.
    func write(to writer: inout CBORWriter) {
        writer.array(9)
        writer.text(series)
        writer.integer(Int64(period.rawValue))
        writer.integer(number)
        writer.integer(Int64(date.dayNumber))
        writer.array(lines.count)
        for line in lines { line.write(to: &writer) }
        writer.integer(group.rawValue)
        writer.integer(branch)
        writer.integer(Int64(businessDate.dayNumber))
        writer.text(text)
    }

    init(_ reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 9)
        let series = try reader.text(sizeBytesMax: LedgerLimits.seriesBytesMax)
        let period = try reader.period()
        let number = try reader.unsigned()
        let date = try reader.date()
        var lines: [PostedLine] = []
        var sum: Int128 = 0
        for _ in 0..<(try reader.array()) {
            let line = try PostedLine(&reader)
            sum += Int128(line.signed)
            lines.append(line)
        }
        guard let group = VoucherGroup(rawValue: try reader.unsigned()) else {
            throw reader.fault(.invalidValue)
        }
        let branch = try reader.recordID()
        let businessDate = try reader.date()
        let text = try reader.text(sizeBytesMax: LedgerLimits.textBytesMax)
        guard number >= 1, !series.isEmpty, lines.count >= 2, sum == 0, period.contains(date) else {
            throw reader.fault(.invalidValue)
        }
        self.init(
            series: series,
            period: period,
            number: number,
            date: date,
            lines: lines,
            group: group,
            branch: branch,
            businessDate: businessDate,
            text: text
        )
    }
}

extension PostedLine {
    /// Appends `[account, role, side, amount, rate, tender, party, branch]`.
    func write(to writer: inout CBORWriter) {
        writer.array(8)
        writer.text(account)
        for value in [
            role.rawValue, side.rawValue, amount.rawValue, rate.rawValue, tender, party, branch,
        ] { writer.integer(value) }
    }

    init(_ reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 8)
        let account = try reader.text(sizeBytesMax: LedgerLimits.codeBytesMax)
        guard let role = LedgerRole(rawValue: try reader.unsigned()),
            let side = LedgerLine.Side(rawValue: try reader.unsigned())
        else { throw reader.fault(.invalidValue) }
        let amount = Fen(try reader.integer())
        guard amount.isWithinLimit, !amount.isZero, !account.isEmpty else {
            throw reader.fault(.invalidValue)
        }
        self.init(
            account: account,
            role: role,
            side: side,
            amount: amount,
            rate: Rate(try reader.integer()),
            tender: try reader.unsigned(),
            party: try reader.unsigned(),
            branch: try reader.recordID()
        )
    }
}
