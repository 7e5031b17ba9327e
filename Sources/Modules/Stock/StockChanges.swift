// Stock: what can happen to goods, past tense, and its bytes.
// Everything that the effects need stands in the change itself.

package import Kernel
package import Wire

/// Where in a branch goods are kept, which decides the account; the numbers are for ever.
package enum StockPlace: Int64, Sendable, CaseIterable {
    /// Goods of a shop (门店商品).
    case store = 1
    /// Goods of a distribution centre (仓库商品).
    case warehouse = 2
}

/// Goods came from a supplier (收货); kind `goods.received`.
package struct GoodsReceived: Hashable, Sendable {
    /// One line: `[product, quantity, unit cost]`.
    package struct Line: Hashable, Sendable {
        package var product: Int64
        package var quantity: Quantity
        /// Without deductible tax.
        package var unitCost: UnitCost

        package init(product: Int64, quantity: Quantity, unitCost: UnitCost) {
            self.product = product
            self.quantity = quantity
            self.unitCost = unitCost
        }
    }

    package var branch: Int64
    /// The books to which the branch belongs on the business date.
    package var entity: Int64
    package var date: CivilDate
    package var place: StockPlace
    package var lines: [Line]
    /// True where the costs are the receiver's guess and not the delivery note's.
    package var isEstimate: Bool
    /// The supplier's record; 0 where only the name is known.
    package var supplier: Int64
    package var supplierName: String
    /// The number on the supplier's delivery note.
    package var deliveryNote: String
    /// Where an imported receipt came from.
    package var source: String

    package init(
        branch: Int64,
        entity: Int64,
        date: CivilDate,
        place: StockPlace,
        lines: [Line],
        isEstimate: Bool = false,
        supplier: Int64 = 0,
        supplierName: String = "",
        deliveryNote: String = "",
        source: String = ""
    ) {
        self.branch = branch
        self.entity = entity
        self.date = date
        self.place = place
        self.lines = lines
        self.isEstimate = isEstimate
        self.supplier = supplier
        self.supplierName = supplierName
        self.deliveryNote = deliveryNote
        self.source = source
    }

    /// What the goods cost: the lines' amounts, each rounded to the fen, added up.
    package func total() throws(NumberFault) -> Fen {
        var sum: Int128 = 0
        for line in lines { sum += Int128(try line.unitCost.amount(of: line.quantity).rawValue) }
        let total = try Fen(checked: sum)
        guard total.isWithinLimit else { throw NumberFault(.overflow, "total \(total)") }
        return total
    }
}

/// Goods were found, missed or wasted, without a count (库存调整); kind `stock.adjusted`.
package struct StockAdjusted: Hashable, Sendable {
    /// Which way the goods went; the numbers are for ever.
    package enum Cause: Int64, Sendable, CaseIterable {
        /// More was there than the book said (盘盈).
        case found = 1
        /// Less was there than the book said (盘亏).
        case missing = 2
        /// Spoiled, broken or expired (报损).
        case wasted = 3
    }

    /// One line: `[product, quantity, unit cost]`, the cost −1 where it is not known.
    package struct Line: Hashable, Sendable {
        package var product: Int64
        package var quantity: Quantity
        package var unitCost: UnitCost?

        package init(product: Int64, quantity: Quantity, unitCost: UnitCost? = nil) {
            self.product = product
            self.quantity = quantity
            self.unitCost = unitCost
        }
    }

    package var branch: Int64
    package var entity: Int64
    package var date: CivilDate
    package var cause: Cause
    package var lines: [Line]
    /// Why, in the words of who did it.
    package var note: String

    package init(
        branch: Int64,
        entity: Int64,
        date: CivilDate,
        cause: Cause,
        lines: [Line],
        note: String
    ) {
        self.branch = branch
        self.entity = entity
        self.date = date
        self.cause = cause
        self.lines = lines
        self.note = note
    }
}

// MARK: - Bytes

extension GoodsReceived {
    /// The body: a map with the keys of the module's field list.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 64 + lines.count * 20)
        let texts = [supplierName, deliveryNote, source]
        let optional = (isEstimate ? 1 : 0) + (supplier == 0 ? 0 : 1)
        writer.map(5 + optional + texts.count { !$0.isEmpty })
        writer.head(branch, entity, date, place.rawValue)
        writer.key(5)
        writer.array(lines.count)
        for line in lines {
            writer.array(3)
            writer.integer(line.product)
            writer.integer(line.quantity.rawValue)
            writer.integer(line.unitCost.rawValue)
        }
        if isEstimate {
            writer.key(6)
            writer.bool(true)
        }
        if supplier != 0 {
            writer.key(7)
            writer.integer(supplier)
        }
        for (place, text) in texts.enumerated() where !text.isEmpty {
            writer.key(8 + place)
            writer.text(text)
        }
        return writer.bytes
    }

    /// Reads a body; keys that are not known are passed over.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        var head = StockHead()
        var lines: [Line] = []
        var isEstimate = false
        var supplier: Int64 = 0
        var texts = ["", "", ""]
        try reader.fields { (key, reader) throws(WireFault) in
            switch key {
            case 1...4: try head.read(key, &reader)
            case 5: lines = try reader.lines(GoodsReceived.line)
            case 6: isEstimate = try reader.bool()
            case 7: supplier = try reader.recordID()
            case 8: texts[0] = try reader.text(sizeBytesMax: StockLimits.noteBytesMax)
            case 9, 10:
                texts[Int(key) - 8] = try reader.text(sizeBytesMax: StockLimits.labelBytesMax)
            default: _ = try reader.skip()
            }
        }
        guard head.isWhole, let place = StockPlace(rawValue: head.choice), !lines.isEmpty else {
            throw reader.fault(.invalidValue)
        }
        self.init(
            branch: head.branch,
            entity: head.entity,
            date: head.date,
            place: place,
            lines: lines,
            isEstimate: isEstimate,
            supplier: supplier,
            supplierName: texts[0],
            deliveryNote: texts[1],
            source: texts[2]
        )
    }

    private static func line(_ reader: inout CBORReader) throws(WireFault) -> Line {
        try reader.array(of: 3)
        return Line(
            product: try reader.recordID(),
            quantity: try reader.positiveQuantity(),
            unitCost: UnitCost(try reader.unsigned(atMost: UnitCost.limit))
        )
    }
}

extension StockAdjusted {
    /// The body: a map with the keys of the module's field list.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 64 + lines.count * 20)
        writer.map(6)
        writer.head(branch, entity, date, cause.rawValue)
        writer.key(5)
        writer.array(lines.count)
        for line in lines {
            writer.array(3)
            writer.integer(line.product)
            writer.integer(line.quantity.rawValue)
            writer.integer(line.unitCost?.rawValue ?? -1)
        }
        writer.key(6)
        writer.text(note)
        return writer.bytes
    }

    /// Reads a body; keys that are not known are passed over.
    package init(_ body: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(body)
        var head = StockHead()
        var lines: [Line] = []
        var note: String?
        try reader.fields { (key, reader) throws(WireFault) in
            switch key {
            case 1...4: try head.read(key, &reader)
            case 5: lines = try reader.lines(StockAdjusted.line)
            case 6: note = try reader.text(sizeBytesMax: StockLimits.noteBytesMax)
            default: _ = try reader.skip()
            }
        }
        guard head.isWhole, let cause = Cause(rawValue: head.choice), let note, !lines.isEmpty
        else { throw reader.fault(.invalidValue) }
        self.init(
            branch: head.branch,
            entity: head.entity,
            date: head.date,
            cause: cause,
            lines: lines,
            note: note
        )
    }

    private static func line(_ reader: inout CBORReader) throws(WireFault) -> Line {
        try reader.array(of: 3)
        let product = try reader.recordID()
        let quantity = try reader.positiveQuantity()
        let cost = try reader.integer()
        guard cost >= -1, cost <= UnitCost.limit else { throw reader.fault(.integerRange) }
        return Line(
            product: product,
            quantity: quantity,
            unitCost: cost < 0 ? nil : UnitCost(cost)
        )
    }
}
