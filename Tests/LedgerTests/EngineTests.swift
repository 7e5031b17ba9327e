// The books on a real log: headquarters and a branch, one emitting module beside the ledger.

import Kernel
import Ledger
import Module
import Replication
import SQLite
import Support
import Testing
import Wire

/// A module whose facts say what they mean for the books: `{1: [[branch, date, gross fen], …]}`.
final class Emitter: Projection {
    static let kind = Kind(module: 2, 1)
    private let router: EffectRouter

    init(_ router: EffectRouter) {
        self.router = router
    }

    var moduleNumber: UInt8 { 2 }
    var schema: ViewSchema { ViewSchema(version: 1, statements: [], tables: []) }

    static func body(branch: Int64, date: CivilDate, gross: Int64) -> [UInt8] {
        var writer = CBORWriter(capacity: 32)
        writer.map(1)
        writer.key(1)
        writer.array(3)
        for value in [branch, Int64(date.dayNumber), gross] { writer.integer(value) }
        return writer.bytes
    }

    func open(_ views: Database) throws(StorageFault) {}

    func apply(_ change: ChangeInHand, _ world: ProjectionWorld) throws(ProjectionFault) {
        let effect: LedgerEffect
        do {
            var reader = CBORReader(change.body)
            guard try reader.map() == 1, try reader.nextKey(after: nil) == 1 else { return }
            try reader.array(of: 3)
            let branch = try reader.integer()
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: try reader.integer()))
            let gross = try reader.integer()
            effect = try Make.sale(change.id, branch: branch, date: date, gross: gross)
        } catch {
            throw .violation("\(error)")
        }
        try router.send(effect, world)
    }

    func check(_ write: ChangeInHand) throws(ProjectionFault) {}
    func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}
    func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}
    func flush(_ world: ProjectionWorld) throws(ProjectionFault) {}
    func discard() {}
}

@Suite struct EngineTests {
    private static func node(_ replica: UInt32) throws -> Fixture {
        try Fixture(replica: replica) {
            let router = EffectRouter()
            let ledger = LedgerProjection()
            router.ledger = [ledger]
            return [Emitter(router), ledger]
        }
    }

    private static func sell(_ node: Fixture, branch: Int64, gross: Int64, _ day: Int) throws {
        var act = try node.act()
        act.begin([.headquarters, .branch(branch)])
        let date = Make.day.adding(days: day)
        act.add(Emitter.kind, Emitter.body(branch: branch, date: date, gross: gross))
        try node.commit(act)
    }

    private static func post(_ node: Fixture) throws -> PostingOutcome {
        let context = DecideContext(
            views: node.views,
            log: node.log.reader,
            questions: Questions(
                catalog: LedgerCatalog(),
                people: LedgerPeople(),
                sales: LedgerDays(states: [:], elsewhere: .complete),
                stock: LedgerStock()
            ),
            node: NodeFacts(kind: .headquarters, branch: 0, replica: .headquarters),
            now: Make.noon(Make.day.adding(days: 60)),
            author: 0
        )
        var act = try node.act()
        let outcome = try PostVouchers().decide(context, &act)
        if !act.isEmpty { try node.commit(act) }
        return outcome
    }

    private static func report(_ node: Fixture) -> ReportContext {
        ReportContext(
            views: node.views,
            log: node.log.reader,
            questions: Questions(
                catalog: LedgerCatalog(),
                people: LedgerPeople(),
                sales: LedgerDays(states: [:], elsewhere: .complete),
                stock: LedgerStock()
            ),
            today: Make.day,
            completeness: []
        )
    }

    @Test("Posted step by step or rebuilt at once, headquarters and branch keep the same books")
    func incrementalAndRebuilt() {
        property(cases: 6) { random in
            let centre = try Self.node(0)
            let stores = [try Self.node(3), try Self.node(4)]
            for _ in 0..<30 {
                let index = random.int(in: 0...1)
                switch random.int(in: 0...9) {
                case 0: _ = try Self.post(centre)
                case 1, 2:
                    try centre.receive(from: stores[index], limit: random.int(in: 1...9))
                    try centre.catchUp(batch: random.int(in: 1...5))
                default:
                    try Self.sell(
                        stores[index],
                        branch: index == 0 ? 11 : 12,
                        gross: Int64(random.int(in: -900...900)),
                        random.int(in: -2...0)
                    )
                }
            }
            for store in stores {
                try centre.receive(from: store)
                try centre.catchUp()
            }
            while try Self.post(centre).hasMore {}
            for store in stores {
                try store.receive(from: centre)
                try store.catchUp(batch: random.int(in: 1...5))
            }
            for node in [centre] + stores {
                guard try node.projector.digests() == node.rebuiltDigests() else {
                    throw Falsified(description: "incremental and rebuilt views differ")
                }
                let open = try node.views.integer("SELECT count(*) FROM ledger_effect")
                let reasons = try LedgerModule().violations(Self.report(node))
                guard open == 0, reasons.isEmpty else {
                    throw Falsified(description: "\(open ?? -1) left, \(reasons)")
                }
            }
        }
    }

    @Test("A posting that came before the sales it covers leaves nothing provisional")
    func postingFirst() throws {
        let (centre, store, late) = (try Self.node(0), try Self.node(3), try Self.node(4))
        try Self.sell(store, branch: 11, gross: 11_300, 0)
        try Self.sell(store, branch: 11, gross: 2_260, 0)
        try centre.receive(from: store)
        try centre.catchUp()
        #expect(try Self.post(centre).vouchers == 1)
        #expect(try Self.post(centre).vouchers == 0)
        // A new node of the branch pulls headquarters' rulings before the branch's sales.
        let head = try centre.log.reader.heads().first { $0.replica == .headquarters }
        for commit in try centre.log.reader.commits(of: .headquarters, after: 0, limit: 9) {
            try late.receive(
                commit,
                incarnation: head?.incarnation ?? [],
                device: head?.device ?? 0
            )
        }
        try late.catchUp()
        try late.receive(from: store)
        try late.catchUp()
        #expect(try late.views.integer("SELECT count(*) FROM ledger_effect") == 0)
        let centreDigest = try centre.projector.digests().filter { $0.module == "5" }
        let lateDigest = try late.projector.digests().filter { $0.module == "5" }
        #expect(centreDigest == lateDigest)
    }

    @Test("A posting out of balance waits in quarantine and posts nothing")
    func quarantine() throws {
        let centre = try Self.node(0)
        var act = try centre.act()
        act.begin([.headquarters])
        let bad = VoucherPostedTests.posted([], [VoucherPostedTests.voucher(amounts: (100, 99))])
        act.add(LedgerKind.voucherPosted, bad.body)
        #expect(throws: ProjectionFault.self) { try centre.commit(act) }
        try centre.append(act)
        try centre.catchUp()
        #expect(try centre.views.integer("SELECT count(*) FROM ledger_posting") == 0)
        #expect(try centre.projector.digests() == centre.rebuiltDigests())
    }
}
