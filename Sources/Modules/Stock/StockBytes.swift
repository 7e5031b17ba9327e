// Stock: what its bodies have in common when they are read and written.

import Kernel
import Wire

/// The first four keys of a body: branch, entity, business date, and a choice of the kind's own.
struct StockHead {
    var branch: Int64 = 0
    var entity: Int64 = 0
    var date = CivilDate(dayNumber: 0)
    var choice: Int64 = 0
    private var seen = 0

    /// True where all four were there.
    var isWhole: Bool { seen == 4 }

    mutating func read(_ key: Int64, _ reader: inout CBORReader) throws(WireFault) {
        seen += 1
        switch key {
        case 1: branch = try reader.recordID()
        case 2: entity = try reader.recordID()
        case 3:
            let day = try reader.unsigned(atMost: Int64(CivilDate.last.dayNumber))
            date = CivilDate(dayNumber: Int32(truncatingIfNeeded: day))
        default: choice = try reader.unsigned()
        }
    }
}

extension CBORWriter {
    mutating func head(_ branch: Int64, _ entity: Int64, _ date: CivilDate, _ choice: Int64) {
        let values = [branch, entity, Int64(date.dayNumber), choice]
        for (place, value) in values.enumerated() {
            key(place + 1)
            integer(value)
        }
    }
}

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

    /// Reads an array of lines, within their limit.
    mutating func lines<Line>(
        _ read: (inout CBORReader) throws(WireFault) -> Line
    ) throws(WireFault) -> [Line] {
        let count = try array()
        guard count <= StockLimits.linesMax else { throw fault(.tooLong) }
        var lines: [Line] = []
        lines.reserveCapacity(count)
        for _ in 0..<count { lines.append(try read(&self)) }
        return lines
    }

    /// Reads the id of a record: a branch, an entity, a product, a supplier.
    mutating func recordID() throws(WireFault) -> Int64 {
        let id = try unsigned(atMost: (1 << 53) - 1)
        guard id > 0 else { throw fault(.integerRange) }
        return id
    }

    mutating func positiveQuantity() throws(WireFault) -> Quantity {
        let quantity = try unsigned(atMost: Quantity.limit)
        guard quantity > 0 else { throw fault(.integerRange) }
        return Quantity(quantity)
    }
}
