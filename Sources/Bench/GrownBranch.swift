// A branch's directory that has years behind it: enrolled like any other, with a million sales
// under its own number, handed back by headquarters as after the loss of its disk.
// Must not write a row that the program would not write itself.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Sync
import Wire

/// The node of one branch with a long history, closed and ready to be served.
struct GrownBranch {
    static let products = 3_000
    private static let days = 1_000

    let folder: String
    /// How many changes its log holds.
    let changes: Int

    /// Founds a company in `folder`, enrols a branch of it and lets it take `count` sales.
    init(in folder: String, changes count: Int, _ say: (String) -> Void) throws {
        self.folder = folder + "/branch"
        let now = SystemClock().now()
        let shop = try GrownBranch.found(folder, now)
        let node = try NodeEngine(
            storage: FolderStorage(folder: self.folder),
            log: NodeEngine.openLog(
                FolderStorage(folder: self.folder),
                random: SeededBytes(seed: 5)
            ),
            modules: .standard,
            clock: SetClock(now),
            random: SeededBytes(seed: 5)
        )
        let sync = try NodeSync(engine: node)
        let outcome = try sync.round(shop.line)
        guard outcome.isComplete else {
            throw MeasurementFault(description: "the first sync of the branch: \(outcome)")
        }
        try GrownBranch.take(count, shop, node, now)
        try node.log.write {
            // Nobody listens there: the node looks for headquarters, as in a shop without a line.
            try node.log.reader.setMeta("hq_url", bytes: Array("http://127.0.0.1:9".utf8))
        }
        let held = try node.views.integer("SELECT count(*) FROM sales_ticket")
        guard let head = node.log.own, held == Int64(count) else {
            throw MeasurementFault(description: "the branch does not hold \(count) sales")
        }
        changes = Int(head.last)
        let anchor = Anchor(path: NodeDirectory.defaultAnchor(self.folder))
        try anchor.write(head, isDurable: true)
        try node.close()
        try shop.headquarters.engine.close()
        say("a branch with \(changes) changes")
    }

    /// What the history is made of.
    private struct Shop {
        let headquarters: Node.Headquarters
        let line: Line
        let entity: Int64
        let branch: Int64
        let till: Int64
        let products: [Int64]
    }

    /// Requests of sync without a network between.
    private struct Line: Transport {
        let headquarters: Node.Headquarters

        func exchange(_ request: SyncRequest) throws -> TransportAnswer {
            let answer = try headquarters.answer(
                method: request.method,
                target: request.target,
                headers: request.headers,
                body: request.body
            )
            return TransportAnswer(
                status: answer.status,
                headers: answer.headers,
                body: answer.body
            )
        }
    }

    private static func found(_ folder: String, _ now: WallTime) throws -> Shop {
        try Files.makeFolder(folder + "/centre")
        let from = now.date().adding(days: -days - 2)
        let centre = try NodeEngine.found(
            FoundingWish(company: "百川超市", standard: 1, taxpayer: .general, from: from),
            storage: FolderStorage(folder: folder + "/centre"),
            modules: .standard,
            clock: SetClock(now),
            random: SeededBytes(seed: 4)
        )
        let entities = try centre.modules.questions.catalog.entities(centre.views)
        guard let entity = entities.first?.id else {
            throw MeasurementFault(description: "the company has no set of books")
        }
        let added = try centre.perform(
            AddBranch(code: "S001", name: "城东店", entity: entity, from: from, tillCodes: ["01"])
        )
        var products: [Int64] = []
        for first in stride(from: 0, to: GrownBranch.products, by: 1_000) {
            let goods = (first..<first + 1_000).map { index in
                NewProduct(
                    code: "\(10_000 + index)",
                    name: "商品\(index)",
                    unit: "件",
                    category: 0,
                    cost: UnitCost(5_000_000)
                )
            }
            products += try centre.perform(AddProducts(goods))
        }
        let prices = products.map { (product: $0, price: UnitPrice(113_000)) }
        _ = try centre.perform(SetPrices(from: now, prices: prices))
        let headquarters = try Node.Headquarters(engine: centre)
        let line = Line(headquarters: headquarters)
        try enrol(folder + "/branch", added.branch, headquarters, line, now)
        return Shop(
            headquarters: headquarters,
            line: line,
            entity: entity,
            branch: added.branch,
            till: added.tills[0],
            products: products
        )
    }

    private static func enrol(
        _ folder: String,
        _ branch: Int64,
        _ headquarters: Node.Headquarters,
        _ line: Line,
        _ now: WallTime
    ) throws {
        try Files.makeFolder(folder)
        let random = SeededBytes(seed: 6)
        let code = try headquarters.server.issueCode(
            kind: NodeFacts.Kind.branch.rawValue,
            branch: branch,
            label: "S001",
            now: now
        )
        let enrolment = try Enrolment(
            code: code.text,
            deviceNonce: random.bytes(16),
            machine: Anchor.machine,
            random: random
        )
        let answer = try line.exchange(enrolment.request)
        let enrolled = try enrolment.answer(
            status: answer.status,
            headers: answer.headers,
            body: answer.body
        )
        let database = try NodeEngine.database(FolderStorage(folder: folder))
        _ = try enrolment.found(enrolled, database: database, random: random)
        try database.close()
    }

    /// Lets the node take its own past, as headquarters hands it back.
    private static func take(
        _ count: Int,
        _ shop: Shop,
        _ node: NodeEngine,
        _ now: WallTime
    ) throws {
        guard var head = node.log.own else {
            throw MeasurementFault(description: "the branch has no number")
        }
        var random = SeededRandom(seed: 8)
        let today = now.date().dayNumber
        var done = 0
        while done < count {
            let batch = done..<min(done + 10_000, count)
            try node.log.write {
                for index in batch {
                    let day = index * days / count
                    let place = (index: index, day: day, of: count)
                    let sale = draw(place, today + Int32(day - days), shop, &random)
                    let bytes = try commit(sale, shop, after: head)
                    let outcome = try bytes.withUnsafeBytes { raw in
                        try node.log.receivePulled(
                            raw,
                            previous: head.hash,
                            stamp: [UInt8](repeating: 1, count: 16)
                        )
                    }
                    guard outcome == .taken, let moved = node.log.own else {
                        throw MeasurementFault(description: "the past is not taken: \(outcome)")
                    }
                    head = moved
                }
            }
            done = batch.upperBound
            try node.catchUp()
        }
    }

    private static func draw(
        _ place: (index: Int, day: Int, of: Int),
        _ date: Int32,
        _ shop: Shop,
        _ random: inout SeededRandom
    ) -> PlainSale {
        func line() -> PlainSale.Line {
            let product = shop.products[random.int(in: 0...shop.products.count - 1)]
            return PlainSale.Line(product: product, price: 1_130, rate: 130_000, cost: 7_345_000)
        }
        let (index, day, count) = place
        let lines = (line(), line(), line())
        let minute = Int64(480 + index % 840)
        return PlainSale(
            branch: shop.branch,
            till: shop.till,
            date: date,
            sequence: Int64(index - (day * count + days - 1) / days + 1),
            lifetime: Int64(index + 1),
            wallMs: (Int64(date) * 1_440 + minute - 480) * 60_000,
            lines: lines,
            tender: 201,
            total: 3_390
        )
    }

    private static func commit(
        _ sale: PlainSale,
        _ shop: Shop,
        after head: Head
    ) throws -> [UInt8] {
        let wall = WallTime(milliseconds: sale.wallMs)
        let header = CommitHeader(
            replica: head.replica,
            firstSequence: head.last + 1,
            clock: ClockStamp(wall: wall),
            wall: wall,
            author: 0,
            audiences: [.neighbours(of: sale.branch)],
            flags: CommitFlags(),
            changeCount: 1
        )
        let body = SaleClosed(try Workload.ticket(sale, entity: shop.entity)).encoded()
        return CommitCodec.encode(
            header,
            changes: [DraftChange(kind: SalesKind.saleClosed, body: body)]
        )
    }
}
