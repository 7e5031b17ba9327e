// The workload W1: 50 branches, 3,000 products, tickets of three lines and one payment, in batches
// of 1,000 as a push carries them. Everything comes from one seed.

import Kernel
import Module
import Replication
import Sales
import Wire

/// One ticket as plain numbers: what Raw writes, and what the commits say.
struct PlainSale {
    struct Line {
        var product: Int64
        var price: Int64
        var rate: Int64
        var cost: Int64
    }

    var branch: Int64
    var till: Int64
    var date: Int32
    var sequence: Int64
    var lifetime: Int64
    var wallMs: Int64
    var lines: (Line, Line, Line)
    var tender: Int64
    var total: Int64
}

/// A batch as the wire carries it, and the same sales decoded.
struct PushedBatch {
    /// Deflated.
    let wire: [UInt8]
    let sales: [PlainSale]
}

/// Makes the sales of the chain, thirty days at a time.
struct Workload {
    static let branches: Int64 = 50
    static let products: Int64 = 3_000
    static let salesOfBranch = 4_000
    static let batchSize = 1_000
    static let daysOfSlice = 30
    static let realm = [UInt8](repeating: 7, count: 16)
    static let deviceKey = [UInt8](repeating: 9, count: 32)
    static let entity: Int64 = 1
    private static let firstMs: Int64 = 1_767_225_600_000
    private static let firstDay: Int32 = 20_454

    /// How many sales of a branch are in a slice: fewer for a quick look.
    let salesPerBranch: Int
    private var random: SeededRandom
    private var heads: [Head]
    private var lifetimes: [Int64]
    private var slice: Int32 = 0

    init(seed: UInt64 = 1, salesPerBranch: Int = Workload.salesOfBranch) {
        self.salesPerBranch = salesPerBranch
        random = SeededRandom(seed: seed)
        heads = (1...Workload.branches).map { branch in
            let replica = ReplicaNumber(UInt32(branch))
            let incarnation = [UInt8](repeating: UInt8(truncatingIfNeeded: branch), count: 16)
            return Head(
                replica: replica,
                incarnation: incarnation,
                device: branch,
                last: 0,
                hash: Chain.start(
                    realm: Workload.realm,
                    replica: replica,
                    incarnation: incarnation
                )
            )
        }
        lifetimes = Array(repeating: 0, count: Int(Workload.branches))
    }

    /// The first and the last business date of the slices made so far.
    var dates: (first: CivilDate, last: CivilDate) {
        let last = Workload.firstDay + max(slice, 1) * Int32(Workload.daysOfSlice) - 1
        return (CivilDate(dayNumber: Workload.firstDay), CivilDate(dayNumber: last))
    }

    /// The next thirty days of all branches: batch by batch, each branch in turn.
    mutating func nextSlice() throws -> [PushedBatch] {
        var batches: [PushedBatch] = []
        var done = 0
        while done < salesPerBranch {
            let count = min(Workload.batchSize, salesPerBranch - done)
            for branch in 0..<Int(Workload.branches) {
                batches.append(try batch(branch, from: done, count: count))
            }
            done += count
        }
        slice += 1
        return batches
    }

    private mutating func batch(_ branch: Int, from: Int, count: Int) throws -> PushedBatch {
        var sales: [PlainSale] = []
        sales.reserveCapacity(count)
        var commits: [[UInt8]] = []
        commits.reserveCapacity(count)
        let before = heads[branch]
        var hash = before.hash
        var sequence = before.last
        for index in from..<from + count {
            let sale = draw(branch, index)
            sequence += 1
            let header = CommitHeader(
                replica: before.replica,
                firstSequence: sequence,
                clock: ClockStamp(wall: WallTime(milliseconds: sale.wallMs)),
                wall: WallTime(milliseconds: sale.wallMs),
                author: 1_000 + sale.branch,
                audiences: [.neighbours(of: sale.branch)],
                flags: CommitFlags(),
                changeCount: 1
            )
            let body = SaleClosed(try Workload.ticket(sale)).encoded()
            let change = DraftChange(kind: SalesKind.saleClosed, body: body)
            let bytes = CommitCodec.encode(header, changes: [change])
            hash = bytes.withUnsafeBytes { Chain.next(hash, $0) }
            commits.append(bytes)
            sales.append(sale)
        }
        heads[branch] = Head(
            replica: before.replica,
            incarnation: before.incarnation,
            device: before.device,
            last: sequence,
            hash: hash
        )
        let wire = PushCodec.encode(from: before, to: heads[branch], commits)
        return PushedBatch(wire: try Deflate.compress(wire), sales: sales)
    }

    private mutating func draw(_ branch: Int, _ index: Int) -> PlainSale {
        let day = index * Workload.daysOfSlice / salesPerBranch
        let perDay = max(1, salesPerBranch / Workload.daysOfSlice)
        let date = Workload.firstDay + slice * Int32(Workload.daysOfSlice) + Int32(day)
        let minute = index % perDay * 840 / perDay + 480
        lifetimes[branch] += 1
        let wallMs =
            Int64(date - Workload.firstDay) * 86_400_000 + Workload.firstMs
            + Int64(minute) * 60_000 + Int64(random.int(in: 0...59_999))
        let lines = (line(), line(), line())
        return PlainSale(
            branch: Int64(branch + 1),
            till: Int64(branch + 1) + 100,
            date: date,
            sequence: Int64(index % perDay + index / (perDay * Workload.daysOfSlice) * perDay + 1),
            lifetime: lifetimes[branch],
            wallMs: wallMs,
            lines: lines,
            tender: Int64(201 + random.int(in: 0...2)),
            total: lines.0.price + lines.1.price + lines.2.price
        )
    }

    private mutating func line() -> PlainSale.Line {
        let product = Int64(random.int(in: 1...Int(Workload.products)))
        // A product has its price, rate and cost, as in a catalogue.
        let price = 150 + product * 37 % 9_850
        let rate: Int64 = product % 4 == 0 ? 90_000 : 130_000
        return PlainSale.Line(
            product: 1_000 + product,
            price: price,
            rate: rate,
            cost: price * 6_500
        )
    }

    /// The ticket that a sale is.
    static func ticket(_ sale: PlainSale, entity: Int64 = Workload.entity) throws -> Ticket {
        var lines: [TicketLine] = []
        for line in [sale.lines.0, sale.lines.1, sale.lines.2] {
            lines.append(
                try TicketLine(
                    product: line.product,
                    priceVersion: line.product + 5_000,
                    unitPrice: UnitPrice(line.price * 100),
                    rate: Rate(line.rate),
                    category: 40 + line.product % 30,
                    unitCost: UnitCost(line.cost)
                )
            )
        }
        let role: LedgerRole = sale.tender == 201 ? .cashOnHand : .tenderWechat
        return Ticket(
            entity: entity,
            branch: sale.branch,
            till: sale.till,
            date: CivilDate(dayNumber: sale.date),
            sequence: sale.sequence,
            lifetime: sale.lifetime,
            lines: lines,
            payments: [
                TicketPayment(tender: sale.tender, role: role, amount: Fen(sale.total))
            ]
        )
    }
}
