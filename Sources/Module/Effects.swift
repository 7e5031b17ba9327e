// What a change tells other modules: the closed set of effects, and the router that carries them.
// An effect is a function of the change's own bytes. Must not look anything up.

package import Kernel
package import Replication

/// A place where goods are: a branch, or one of the virtual places that keep the sum at zero.
package struct StockLocation: Hashable, Comparable, Sendable {
    /// The branch's id; negative for a virtual place.
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The goods of a branch.
    package static func branch(_ id: Int64) -> StockLocation { StockLocation(rawValue: id) }

    package static let supplier = StockLocation(rawValue: -1)
    package static let customer = StockLocation(rawValue: -2)
    package static let adjustment = StockLocation(rawValue: -3)
    package static let waste = StockLocation(rawValue: -4)
    package static let production = StockLocation(rawValue: -5)

    package var isVirtual: Bool { rawValue < 0 }

    package static func < (left: StockLocation, right: StockLocation) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Why goods moved; the numbers are for ever.
package enum StockReason: Int64, Sendable, CaseIterable {
    case goodsReceipt = 1
    case sale = 2
    case salesReturn = 3
    case saleVoided = 4
    case goodsReturn = 5
    case transferDispatch = 6
    case transferReceipt = 7
    case count = 8
    case waste = 9
    /// Found or missing without a count.
    case adjustment = 10
}

/// Goods that moved from one place to another.
package struct StockEffect: Sendable {
    package let change: ChangeID
    package let line: Int32
    package let businessDate: CivilDate
    package let from: StockLocation
    package let to: StockLocation
    package let product: Int64
    /// Never negative: what comes back moves the other way.
    package let quantity: Quantity
    /// The cost known to the author, nil where none was.
    package let unitCost: UnitCost?
    package let reason: StockReason

    package init(
        change: ChangeID,
        line: Int32,
        businessDate: CivilDate,
        from: StockLocation,
        to: StockLocation,
        product: Int64,
        quantity: Quantity,
        unitCost: UnitCost?,
        reason: StockReason
    ) {
        self.change = change
        self.line = line
        self.businessDate = businessDate
        self.from = from
        self.to = to
        self.product = product
        self.quantity = quantity
        self.unitCost = unitCost
        self.reason = reason
    }
}

/// What kind of voucher an effect goes into; vouchers never mix kinds.
///
/// The numbers are for ever.
package enum VoucherGroup: Int64, Sendable, CaseIterable {
    /// One voucher a day and branch from all its retail tickets.
    case retailDay = 1
    /// Goods received whose invoice is missing, at an estimate.
    case goodsReceiptEstimate = 2
    /// Cash over or short at a count.
    case cashDifference = 3
    /// Takings carried to the bank or to headquarters.
    case takings = 4
    /// Estimates that stood at a month's end, taken back in red on the first of the next.
    case estimateReversed = 5
    /// What was taken back and still has no invoice at the month's end, estimated again.
    case estimateAgain = 6

    /// True where no effect bears it: the poster makes such vouchers from what is posted.
    package var isOfPoster: Bool { self == .estimateReversed || self == .estimateAgain }
}

/// One line of a posting, before an account is known.
package struct LedgerLine: Hashable, Sendable {
    /// The side a line stands on; a return stands in red on the side of the sale.
    package enum Side: Int64, Sendable {
        case debit = 1
        case credit = 2
    }

    package let role: LedgerRole
    package let side: Side
    /// Negative is red: the amount stands on its side with the opposite sign.
    package let amount: Fen
    /// The tax rate, tender and other party a line is kept apart by; 0 is none.
    package let rate: Rate
    package let tender: Int64
    package let party: Int64

    package init(
        _ side: Side,
        _ role: LedgerRole,
        _ amount: Fen,
        rate: Rate = .zero,
        tender: Int64 = 0,
        party: Int64 = 0
    ) {
        self.role = role
        self.side = side
        self.amount = amount
        self.rate = rate
        self.tender = tender
        self.party = party
    }

    /// Debit positive, credit negative.
    package var signed: Int64 { side == .debit ? amount.rawValue : -amount.rawValue }
}

/// What a change means for the books of an entity.
package struct LedgerEffect: Sendable {
    package let change: ChangeID
    package let entity: Int64
    package let branch: Int64
    package let businessDate: CivilDate
    package let group: VoucherGroup
    /// Debits equal credits.
    package let lines: [LedgerLine]

    package init(
        change: ChangeID,
        entity: Int64,
        branch: Int64,
        businessDate: CivilDate,
        group: VoucherGroup,
        lines: [LedgerLine]
    ) {
        self.change = change
        self.entity = entity
        self.branch = branch
        self.businessDate = businessDate
        self.group = group
        self.lines = lines
    }
}

/// Takes the movements of goods.
package protocol StockReceiver: AnyObject {
    func receive(_ effect: StockEffect, _ world: ProjectionWorld) throws(ProjectionFault)
}

/// Takes what the books must know.
package protocol LedgerReceiver: AnyObject {
    func receive(_ effect: LedgerEffect, _ world: ProjectionWorld) throws(ProjectionFault)
}

/// Carries effects from the module that emits them to the modules that keep them.
package final class EffectRouter {
    package var stock: [any StockReceiver] = []
    package var ledger: [any LedgerReceiver] = []

    package init() {}

    /// Sends a movement of goods.
    package func send(
        _ effect: StockEffect,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        guard effect.quantity.rawValue >= 0, effect.quantity.isWithinLimit else {
            throw ProjectionFault.outOfRange("quantity \(effect.quantity)")
        }
        for receiver in stock { try receiver.receive(effect, world) }
    }

    /// Sends a posting; it balances or is refused.
    package func send(
        _ effect: LedgerEffect,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        var sum: Int128 = 0
        for line in effect.lines {
            guard line.amount.isWithinLimit else {
                throw ProjectionFault.outOfRange("amount \(line.amount)")
            }
            sum += Int128(line.signed)
        }
        guard sum == 0 else {
            throw ProjectionFault.violation("debits and credits differ by \(sum) fen")
        }
        for receiver in ledger { try receiver.receive(effect, world) }
    }
}
