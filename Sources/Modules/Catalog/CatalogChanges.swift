// What can happen to master data that is dated: facts with their bytes.

package import Kernel
package import Module
import Replication
package import Wire

/// A branch belongs to an entity from a date on.
package struct BranchAssigned: Hashable, Sendable {
    package let branch: Int64
    package let entity: Int64
    /// Unit: days since 1970-01-01.
    package let from: Int64

    package init(branch: Int64, entity: Int64, from: Int64) {
        self.branch = branch
        self.entity = entity
        self.from = from
    }

    /// The canonical body.
    package var body: [UInt8] {
        Body.map([(1, .integer(branch)), (2, .integer(entity)), (3, .integer(from))])
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try Fields(body)
        branch = try fields.id(1)
        entity = try fields.id(2)
        from = try Bounds.day(fields.integer(3))
    }
}

/// The kind of taxpayer an entity is from a date on.
package struct TaxpayerDeclared: Hashable, Sendable {
    package let entity: Int64
    package let kind: TaxpayerKind
    package let from: Int64
    package let number: String?

    package init(entity: Int64, kind: TaxpayerKind, from: Int64, number: String?) {
        self.entity = entity
        self.kind = kind
        self.from = from
        self.number = number
    }

    /// The canonical body.
    package var body: [UInt8] {
        var fields: [(Int, CBORValue)] = [
            (1, .integer(entity)), (2, .integer(kind.rawValue)), (3, .integer(from)),
        ]
        if let number { fields.append((4, .text(number))) }
        return Body.map(fields)
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try Fields(body)
        entity = try fields.id(1)
        guard let kind = TaxpayerKind(rawValue: try fields.integer(2)) else { throw fields.fault }
        self.kind = kind
        from = try Bounds.day(fields.integer(3))
        number = fields.text(4)
    }
}

/// A tax rate for a kind of taxpayer, dated; a product's beats its category's, that the default.
package struct TaxRateSet: Hashable, Sendable {
    package let taxpayer: TaxpayerKind
    /// 0 is any.
    package let category: Int64
    /// 0 is any.
    package let product: Int64
    package let rate: Rate
    package let from: Int64
    /// The last day, nil where it is open.
    package let to: Int64?

    package init(
        taxpayer: TaxpayerKind,
        category: Int64,
        product: Int64,
        rate: Rate,
        from: Int64,
        to: Int64?
    ) {
        self.taxpayer = taxpayer
        self.category = category
        self.product = product
        self.rate = rate
        self.from = from
        self.to = to
    }

    /// The canonical body.
    package var body: [UInt8] {
        var fields: [(Int, CBORValue)] = [
            (1, .integer(taxpayer.rawValue)), (4, .integer(rate.rawValue)), (5, .integer(from)),
        ]
        if category != 0 { fields.append((2, .integer(category))) }
        if product != 0 { fields.append((3, .integer(product))) }
        if let to { fields.append((6, .integer(to))) }
        return Body.map(fields)
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try Fields(body)
        guard let taxpayer = TaxpayerKind(rawValue: try fields.integer(1)) else {
            throw fields.fault
        }
        self.taxpayer = taxpayer
        category = fields.values[2] == nil ? 0 : try fields.id(2)
        product = fields.values[3] == nil ? 0 : try fields.id(3)
        rate = Rate(try fields.integer(4))
        guard rate.rawValue >= 0, rate.rawValue < 1_000_000 else { throw fields.fault }
        from = try Bounds.day(fields.integer(5))
        to = fields.values[6] == nil ? nil : try Bounds.day(fields.integer(6))
    }
}

/// A product's price in a version of prices.
package struct PriceLine: Hashable, Sendable {
    package let product: Int64
    package let price: UnitPrice
    /// Below this nobody may sell it at a till, whatever right they hold.
    package let minimum: UnitPrice?

    package init(product: Int64, price: UnitPrice, minimum: UnitPrice? = nil) {
        self.product = product
        self.price = price
        self.minimum = minimum
    }
}

/// Prices of a list from a moment on: a version, never changed.
package struct PricesSet: Hashable, Sendable {
    /// 0 is the company's list.
    package let list: Int64
    package let from: WallTime
    package let prices: [PriceLine]

    package init(list: Int64, from: WallTime, prices: [PriceLine]) {
        self.list = list
        self.from = from
        self.prices = prices
    }

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 32 + prices.count * 16)
        writer.map(list == 0 ? 2 : 3)
        if list != 0 {
            writer.key(1)
            writer.integer(list)
        }
        writer.key(2)
        writer.integer(from.milliseconds)
        writer.key(3)
        writer.array(prices.count)
        for line in prices {
            writer.array(line.minimum == nil ? 2 : 3)
            writer.integer(line.product)
            writer.integer(line.price.rawValue)
            if let minimum = line.minimum { writer.integer(minimum.rawValue) }
        }
        return writer.bytes
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        let count = try reader.map()
        var list: Int64 = 0
        var from: Int64?
        var prices: [PriceLine] = []
        var previous: Int64?
        for _ in 0..<count {
            let key = try reader.nextKey(after: previous)
            previous = key
            switch key {
            case 1: list = try reader.changeID().rawValue
            case 2: from = try Bounds.moment(reader.integer())
            case 3:
                for _ in 0..<(try reader.array()) { prices.append(try PricesSet.line(&reader)) }
            default: _ = try reader.skip()
            }
        }
        try reader.finish()
        guard let from, !prices.isEmpty else { throw reader.fault(.invalidValue) }
        self.init(list: list, from: WallTime(milliseconds: from), prices: prices)
    }

    private static func line(_ reader: inout CBORReader) throws(WireFault) -> PriceLine {
        let count = try reader.array()
        guard count == 2 || count == 3 else { throw reader.fault(.wrongCount(expected: 2)) }
        let product = try reader.changeID().rawValue
        let price = UnitPrice(try reader.integer())
        let minimum = count == 3 ? UnitPrice(try reader.integer()) : nil
        for amount in [price, minimum ?? price] {
            guard amount.rawValue >= 0, amount.isWithinLimit else {
                throw reader.fault(.invalidValue)
            }
        }
        return PriceLine(product: product, price: price, minimum: minimum)
    }
}

/// What days and moments of changes may be: the years 0001 to 9999.
enum Bounds {
    static func day(_ number: Int64) throws(WireFault) -> Int64 {
        guard number >= Int64(CivilDate.first.dayNumber),
            number <= Int64(CivilDate.last.dayNumber)
        else { throw WireFault(.invalidValue, offset: 0) }
        return number
    }

    static func moment(_ milliseconds: Int64) throws(WireFault) -> Int64 {
        guard milliseconds.magnitude < 253_402_300_800_000 else {
            throw WireFault(.invalidValue, offset: 0)
        }
        return milliseconds
    }
}

/// The fields of a small body by key.
struct Fields {
    let values: [Int64: CBORValue]
    let fault = WireFault(.invalidValue, offset: 0)

    init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        let count = try reader.map()
        var values: [Int64: CBORValue] = [:]
        var previous: Int64?
        for _ in 0..<count {
            let key = try reader.nextKey(after: previous)
            previous = key
            values[key] = try CBORValue(from: &reader)
        }
        try reader.finish()
        self.values = values
    }

    func integer(_ key: Int64) throws(WireFault) -> Int64 {
        guard case .integer(let value)? = values[key] else { throw fault }
        return value
    }

    func id(_ key: Int64) throws(WireFault) -> Int64 {
        let value = try integer(key)
        guard value > 0, value < 1 << 53 else { throw fault }
        return value
    }

    func text(_ key: Int64) -> String? {
        guard case .text(let value)? = values[key] else { return nil }
        return value
    }
}
