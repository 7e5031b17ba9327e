// Ledger: what its bodies have in common when they are read, and the lines of an effect as the
// view keeps them.

import Kernel
import Module
import Wire

extension CBORReader {
    /// Calls `body` at each value of a map that takes all the bytes.
    mutating func fields(
        _ body: (Int64, inout CBORReader) throws(WireFault) -> Void
    ) throws(WireFault) {
        let count = try map()
        var previous: Int64?
        for _ in 0..<count {
            let key = try nextKey(after: previous)
            previous = key
            try body(key, &self)
        }
        try finish()
    }

    /// Reads the id of a record: an entity, a branch, a change.
    mutating func recordID() throws(WireFault) -> Int64 {
        let id = try unsigned(atMost: (1 << 53) - 1)
        guard id > 0 else { throw fault(.integerRange) }
        return id
    }

    mutating func date() throws(WireFault) -> CivilDate {
        let day = try unsigned(atMost: Int64(CivilDate.last.dayNumber))
        return CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
    }

    mutating func period() throws(WireFault) -> AccountingPeriod {
        let number = try unsigned()
        do throws(DateFault) {
            return try AccountingPeriod(checked: number)
        } catch {
            throw fault(.integerRange)
        }
    }
}

/// The lines of an effect as the view keeps them: one array of six integers a line.
enum LineBlob {
    private static let width = 6

    static func write(_ lines: ArraySlice<LedgerLine>, to writer: inout CBORWriter) {
        writer.array(lines.count * width)
        for line in lines {
            writer.integer(line.role.rawValue)
            writer.integer(line.side.rawValue)
            writer.integer(line.amount.rawValue)
            writer.integer(line.rate.rawValue)
            writer.integer(line.tender)
            writer.integer(line.party)
        }
    }

    static func read(_ reader: inout CBORReader) throws(WireFault) -> [LedgerLine] {
        let count = try reader.array() / width
        var lines: [LedgerLine] = []
        lines.reserveCapacity(count)
        for _ in 0..<count {
            guard let role = LedgerRole(rawValue: try reader.integer()),
                let side = LedgerLine.Side(rawValue: try reader.integer())
            else { throw reader.fault(.invalidValue) }
            lines.append(
                LedgerLine(
                    side,
                    role,
                    Fen(try reader.integer()),
                    rate: Rate(try reader.integer()),
                    tender: try reader.integer(),
                    party: try reader.integer()
                )
            )
        }
        return lines
    }
}
