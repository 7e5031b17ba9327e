// Stock: what a person may wish for goods, decided on what this node knows.
// Negative stock is never refused: only the merged whole can show it.

package import Kernel
package import Module
package import Replication

/// Receive goods from a supplier (收货).
package struct ReceiveGoods: Command {
    /// One line; without a cost the last one at the branch holds, else the standard cost.
    package struct Line: Sendable {
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
    package var date: CivilDate
    package var lines: [Line]
    package var supplier: Int64
    package var supplierName: String
    package var deliveryNote: String
    package var source: String

    package init(
        branch: Int64,
        date: CivilDate,
        lines: [Line],
        supplier: Int64 = 0,
        supplierName: String = "",
        deliveryNote: String = "",
        source: String = ""
    ) {
        self.branch = branch
        self.date = date
        self.lines = lines
        self.supplier = supplier
        self.supplierName = supplierName
        self.deliveryNote = deliveryNote
        self.source = source
    }

    /// The change that received the goods.
    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        let at = try StockRules.branch(branch, on: date, .receiveGoods, context)
        try StockRules.check(lineCount: lines.count)
        let longest = max(deliveryNote.utf8.count, source.utf8.count)
        guard supplierName.utf8.count <= StockLimits.noteBytesMax,
            longest <= StockLimits.labelBytesMax
        else { throw StockRefusal.noteTooLong }
        var isEstimate = false
        var received: [GoodsReceived.Line] = []
        for line in lines {
            let product = try StockRules.product(line.product, line.quantity, context)
            if line.unitCost == nil { isEstimate = true }
            guard let cost = try line.unitCost ?? StockRules.cost(product, branch, context) else {
                throw StockRefusal.unknownCost(product: product.code)
            }
            guard !cost.isNegative, cost.isWithinLimit else {
                throw StockRefusal.badCost(product: product.code)
            }
            received.append(
                GoodsReceived.Line(product: product.id, quantity: line.quantity, unitCost: cost)
            )
        }
        let receipt = GoodsReceived(
            branch: branch,
            entity: at.entity,
            date: date,
            place: at.kind == .distributionCentre ? .warehouse : .store,
            lines: received,
            isEstimate: isEstimate,
            supplier: supplier,
            supplierName: supplierName,
            deliveryNote: deliveryNote,
            source: source
        )
        do {
            _ = try receipt.total()
        } catch {
            throw StockRefusal.amountTooLarge
        }
        act.begin([.headquarters, .branch(branch)])
        return act.add(StockKind.goodsReceived, receipt.body)
    }
}

/// Adjust the book to what is there (库存调整, 报损).
package struct AdjustStock: Command {
    /// One line: a quantity above zero.
    package struct Line: Sendable {
        package var product: Int64
        package var quantity: Quantity

        package init(product: Int64, quantity: Quantity) {
            self.product = product
            self.quantity = quantity
        }
    }

    package var branch: Int64
    package var date: CivilDate
    package var cause: StockAdjusted.Cause
    package var lines: [Line]
    package var note: String

    package init(
        branch: Int64,
        date: CivilDate,
        cause: StockAdjusted.Cause,
        lines: [Line],
        note: String
    ) {
        self.branch = branch
        self.date = date
        self.cause = cause
        self.lines = lines
        self.note = note
    }

    /// The change that adjusted the book.
    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        let at = try StockRules.branch(branch, on: date, .adjustStock, context)
        try StockRules.check(lineCount: lines.count)
        if Text.isBlank(note) { throw StockRefusal.noteMissing }
        guard note.utf8.count <= StockLimits.noteBytesMax else { throw StockRefusal.noteTooLong }
        var adjusted: [StockAdjusted.Line] = []
        for line in lines {
            let product = try StockRules.product(line.product, line.quantity, context)
            adjusted.append(
                StockAdjusted.Line(
                    product: product.id,
                    quantity: line.quantity,
                    unitCost: try StockRules.cost(product, branch, context)
                )
            )
        }
        let adjustment = StockAdjusted(
            branch: branch,
            entity: at.entity,
            date: date,
            cause: cause,
            lines: adjusted,
            note: note
        )
        act.begin([.headquarters, .branch(branch)])
        return act.add(StockKind.stockAdjusted, adjustment.body)
    }
}

/// What the commands of Stock have in common.
enum StockRules {
    /// The branch on whose ground the author may do it.
    static func branch(
        _ id: Int64,
        on date: CivilDate,
        _ right: Right,
        _ context: DecideContext
    ) throws -> BranchAnswer {
        try context.requireOwn(branch: id)
        try context.require(right, branch: id)
        guard let branch = try context.questions.catalog.branch(id, on: date, context.views) else {
            throw CommonRefusal.unknownBranch("\(id)")
        }
        if date > context.today || date.dayNumber < 0 { throw StockRefusal.futureDate }
        return branch
    }

    static func check(lineCount: Int) throws(StockRefusal) {
        if lineCount == 0 { throw .noLines }
        if lineCount > StockLimits.linesMax { throw .tooManyLines }
    }

    /// The product, which may be moved in that quantity.
    static func product(
        _ id: Int64,
        _ quantity: Quantity,
        _ context: DecideContext
    ) throws -> ProductAnswer {
        guard let product = try context.questions.catalog.product(id, context.views) else {
            throw StockRefusal.unknownProduct(id)
        }
        guard quantity > .zero, quantity.isWithinLimit else {
            throw StockRefusal.badQuantity(product: product.code)
        }
        if !product.isWeighed, !quantity.isWhole {
            throw StockRefusal.notWeighed(product: product.code)
        }
        return product
    }

    /// The last cost at the branch, else the one that headquarters published.
    static func cost(
        _ product: ProductAnswer,
        _ branch: Int64,
        _ context: DecideContext
    ) throws -> UnitCost? {
        try context.questions.stock.lastCost(product: product.id, branch: branch, context.views)
            ?? product.standardCost
    }
}
