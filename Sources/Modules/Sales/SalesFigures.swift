// Sales: what a ticket is worth: net and tax by rate, cost, and the effects on stock and books.
// A function of the ticket's own bytes. Its arithmetic is for ever: posted vouchers came from it.

package import Kernel
package import Module
package import Replication

/// The figures of one ticket; the arrays are kept from ticket to ticket.
package struct SalesFigures {
    /// Gross and tax of one tax rate of a ticket.
    package struct RateShare: Hashable, Sendable {
        package var rate: Rate
        /// With tax, after every discount and its share of the rounding off.
        package var gross: Int64
        /// round(gross × rate ÷ (1 + rate)).
        package var tax: Int64
        var lineCount: Int
    }

    /// By ascending rate.
    package private(set) var rates: [RateShare] = []
    /// Each line's amount less its share of the rounding off, with tax.
    package private(set) var lineNets: [Int64] = []
    /// Each line's share of the tax of its rate.
    package private(set) var lineTaxes: [Int64] = []
    /// Each line's cost; 0 where it is not known.
    package private(set) var lineCosts: [Int64] = []
    /// Sum of unit price × quantity.
    package private(set) var gross: Int128 = 0
    /// What is to be paid.
    package private(set) var total: Int128 = 0
    package private(set) var tax: Int128 = 0
    package private(set) var cost: Int128 = 0
    /// The part of the total whose cost is not known.
    package private(set) var uncosted: Int128 = 0
    /// Quantity over all lines.
    package private(set) var items: Int128 = 0
    private var remainders: [Int64] = []

    package init() {}

    /// Works a ticket out.
    ///
    /// Throws: `outOfRange` where a cost leaves 64 bits.
    package mutating func compute(_ ticket: borrowing Ticket) throws(ProjectionFault) {
        do throws(NumberFault) {
            try computeLines(ticket)
            try computeTaxes(ticket)
        } catch {
            throw ProjectionFault.outOfRange(error.description)
        }
    }

    private mutating func computeLines(_ ticket: borrowing Ticket) throws(NumberFault) {
        lineNets.removeAll(keepingCapacity: true)
        lineCosts.removeAll(keepingCapacity: true)
        rates.removeAll(keepingCapacity: true)
        (gross, total, cost, uncosted, items) = (0, 0, 0, 0, 0)
        for line in ticket.lines { lineNets.append(line.amount.rawValue) }
        if !ticket.roundingOff.isZero {
            let shares = try split(ticket.roundingOff, by: lineNets)
            for index in shares.indices { lineNets[index] -= shares[index].rawValue }
        }
        for (index, line) in ticket.lines.enumerated() {
            let net = lineNets[index]
            gross += Int128(line.gross.rawValue)
            total += Int128(net)
            items += Int128(line.quantity.rawValue)
            if let unitCost = line.unitCost {
                let lineCost = try unitCost.amount(of: line.quantity).rawValue
                lineCosts.append(lineCost)
                cost += Int128(lineCost)
            } else {
                lineCosts.append(0)
                uncosted += Int128(net)
            }
            addToRate(line.rate, net)
        }
    }

    /// Adds to the share of a rate, which keeps its place by ascending rate.
    private mutating func addToRate(_ rate: Rate, _ net: Int64) {
        var place = 0
        while place < rates.count, rates[place].rate < rate { place += 1 }
        if place < rates.count, rates[place].rate == rate {
            rates[place].gross += net
            rates[place].lineCount += 1
        } else {
            rates.insert(RateShare(rate: rate, gross: net, tax: 0, lineCount: 1), at: place)
        }
    }

    private mutating func computeTaxes(_ ticket: borrowing Ticket) throws(NumberFault) {
        tax = 0
        lineTaxes.removeAll(keepingCapacity: true)
        for _ in ticket.lines { lineTaxes.append(0) }
        for place in rates.indices {
            let share = rates[place]
            let amount = try share.rate.included(in: Fen(share.gross)).rawValue
            rates[place].tax = amount
            tax += Int128(amount)
            if amount == 0 { continue }
            if share.lineCount == 1 {
                for (index, line) in ticket.lines.enumerated() where line.rate == share.rate {
                    lineTaxes[index] = amount
                }
            } else {
                apportion(amount, share, ticket)
            }
        }
    }

    /// Shares a rate's tax out over its lines by largest remainder, lower index first.
    private mutating func apportion(
        _ amount: Int64,
        _ share: RateShare,
        _ ticket: borrowing Ticket
    ) {
        var left = amount
        remainders.removeAll(keepingCapacity: true)
        for (index, line) in ticket.lines.enumerated() {
            guard line.rate == share.rate else {
                remainders.append(-1)
                continue
            }
            let product = amount.multipliedFullWidth(by: lineNets[index])
            let (part, rest) = share.gross.dividingFullWidth(product)
            lineTaxes[index] = part
            remainders.append(rest)
            left -= part
        }
        while left > 0 {
            var best = 0
            for index in remainders.indices where remainders[index] > remainders[best] {
                best = index
            }
            lineTaxes[best] += 1
            remainders[best] = -1
            left -= 1
        }
    }
}

/// Which way a ticket moves goods and money.
package enum TicketSense: Sendable {
    case sale
    case goodsReturned
    case voided

    /// 1 for a sale, −1 for what undoes one.
    package var sign: Int64 { self == .sale ? 1 : -1 }

    var reason: StockReason {
        switch self {
        case .sale: .sale
        case .goodsReturned: .salesReturn
        case .voided: .saleVoided
        }
    }
}

extension SalesFigures {
    /// What the ticket means for the books: tenders to revenue and tax; what undoes a sale stands
    /// in red on the same sides.
    ///
    /// Source: 小企业会计准则, 主营业务收入 and 应交增值税(销项税额).
    package func ledgerLines(_ ticket: borrowing Ticket, _ sense: TicketSense) -> [LedgerLine] {
        let sign = sense.sign
        let taxRole: LedgerRole = ticket.taxpayer == .general ? .vatOutput : .vatSmallScale
        var lines: [LedgerLine] = []
        lines.reserveCapacity(ticket.payments.count + 2 * rates.count)
        for payment in ticket.payments where !payment.amount.isZero {
            lines.append(
                LedgerLine(
                    .debit,
                    payment.role,
                    Fen(sign * payment.amount.rawValue),
                    tender: payment.tender,
                    party: payment.role == .accountsReceivable ? ticket.customer ?? 0 : 0
                )
            )
        }
        for share in rates {
            let net = share.gross - share.tax
            if net != 0 {
                lines.append(LedgerLine(.credit, .salesRevenue, Fen(sign * net), rate: share.rate))
            }
            if share.tax != 0 {
                lines.append(LedgerLine(.credit, taxRole, Fen(sign * share.tax), rate: share.rate))
            }
        }
        return lines
    }

    /// Sends what the ticket means for stock and books.
    func sendEffects(
        _ ticket: borrowing Ticket,
        _ sense: TicketSense,
        id: ChangeID,
        to router: EffectRouter,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let branch = StockLocation.branch(ticket.branch)
        let isSale = sense == .sale
        for (index, line) in ticket.lines.enumerated() {
            let effect = StockEffect(
                change: id,
                line: Int32(truncatingIfNeeded: index),
                businessDate: ticket.date,
                from: isSale ? branch : .customer,
                to: isSale ? .customer : branch,
                product: line.product,
                quantity: line.quantity,
                unitCost: line.unitCost,
                reason: sense.reason
            )
            try router.send(effect, world)
        }
        let lines = ledgerLines(ticket, sense)
        if lines.isEmpty { return }
        let effect = LedgerEffect(
            change: id,
            entity: ticket.entity,
            branch: ticket.branch,
            businessDate: ticket.date,
            group: .retailDay,
            lines: lines
        )
        try router.send(effect, world)
    }
}

extension DayClosed {
    /// Cash over or short: found at the count, pending until somebody decides.
    ///
    /// Source: 小企业会计准则, 待处理财产损溢.
    package func ledgerLines() -> [LedgerLine] {
        let difference = overShort
        if difference.isZero { return [] }
        let amount = difference.magnitude
        let cash = { (side: LedgerLine.Side) in
            LedgerLine(side, .cashOnHand, amount, tender: cashTender, party: till)
        }
        let pending = { (side: LedgerLine.Side) in
            LedgerLine(side, .pendingStockDifference, amount, party: till)
        }
        return difference.isNegative
            ? [pending(.debit), cash(.credit)] : [cash(.debit), pending(.credit)]
    }
}
