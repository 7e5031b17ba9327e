// That the modules' kinds say where ids stand, so that a tail of headquarters' can be committed
// again: the ids of its first number are as small as amounts, and only a declaration tells.

import Kernel
import Ledger
import Module
import Node
import Replication
import Stock
import Testing
import Wire

@Suite("Where ids stand in the kinds of the program")
struct KindShapesTests {
    private let shapes = SyncWiring.shapes(.standard)
    /// The tail of headquarters' number beyond 100 goes on as 912.
    private let rewrite = IDRewrite(
        after: ChangeID(replica: ReplicaNumber(0), sequence: 100),
        through: 200,
        as: ReplicaNumber(912)
    )

    private func moved(_ id: Int64) -> Int64 { 912 << 32 | id }

    private func rewritten(_ kind: Kind, _ body: [UInt8]) throws -> [UInt8] {
        try rewrite.body(body, of: kind, shapes)
    }

    @Test("a posting moves its books, branches, tenders and parties, and no amount or number")
    func posting() throws {
        func posted(entity: Int64, branch: Int64, tender: Int64, party: Int64) -> VoucherPosted {
            let line = { (side: LedgerLine.Side) in
                PostedLine(
                    account: "1001",
                    role: .cashOnHand,
                    side: side,
                    amount: Fen(150),
                    rate: Rate(130),
                    tender: tender,
                    party: party,
                    branch: branch
                )
            }
            let id = ChangeID(replica: ReplicaNumber(7), sequence: 150)
            return VoucherPosted(
                entity: entity,
                ruleVersion: 1,
                sources: [id...id],
                vouchers: [
                    Voucher(
                        period: AccountingPeriod(rawValue: 160),
                        number: 170,
                        date: CivilDate(dayNumber: 180),
                        lines: [line(.debit), line(.credit)],
                        group: .retailDay,
                        branch: branch,
                        businessDate: CivilDate(dayNumber: 190),
                        text: "150"
                    )
                ]
            )
        }
        let before = posted(entity: 101, branch: 102, tender: 103, party: 104)
        let after = posted(
            entity: moved(101),
            branch: moved(102),
            tender: moved(103),
            party: moved(104)
        )
        #expect(try rewritten(LedgerKind.voucherPosted, before.body) == after.body)
    }

    @Test("a reopening goes on naming its closing, a closing its books and waived branches")
    func periods() throws {
        func reopened(_ closing: Int64) -> [UInt8] {
            PeriodReopened(closing: ChangeID(closing), reason: "x").body
        }
        #expect(try rewritten(LedgerKind.periodReopened, reopened(150)) == reopened(moved(150)))
        func closed(_ entity: Int64, _ branch: Int64) -> [UInt8] {
            PeriodClosed(
                entity: entity,
                period: AccountingPeriod(rawValue: 150),
                lastNumbers: [SeriesNumber(series: "记", number: 160)],
                frontier: [ChangeID(170)],
                trialBalance: .zero,
                waived: [branch],
                reason: "x"
            ).body
        }
        #expect(
            try rewritten(LedgerKind.periodClosed, closed(101, 102))
                == closed(moved(101), moved(102))
        )
    }

    @Test("a goods receipt moves branch, books, supplier and products, and no quantity or cost")
    func receipt() throws {
        func received(_ move: (Int64) -> Int64) -> [UInt8] {
            GoodsReceived(
                branch: move(101),
                entity: move(102),
                date: CivilDate(dayNumber: 150),
                place: .store,
                lines: [
                    GoodsReceived.Line(
                        product: move(103),
                        quantity: Quantity(160),
                        unitCost: UnitCost(170)
                    )
                ],
                isEstimate: false,
                supplier: move(104)
            ).body
        }
        #expect(try rewritten(StockKind.goodsReceived, received { $0 }) == received(moved))
    }
}
