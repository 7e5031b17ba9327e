// The laws of the turn of the months, over receipts that come in any order and at any time.

import Kernel
import Ledger
import Module
import Replication
import SQLite
import Testing

@Suite struct EstimateLawTests {
    private static let start = AccountingPeriod(year: 2026, month: 8)

    /// What was received of goods, by day: what the books showed before months were turned.
    private static func received(
        _ effects: [LedgerEffect],
        to date: CivilDate,
        _ account: LedgerRole
    ) -> Int128 {
        effects.filter { $0.businessDate <= date }.flatMap(\.lines).filter { $0.role == account }
            .reduce(Int128(0)) { $0 + Int128($1.signed) }
    }

    private static func effect(
        _ random: inout SeededRandom,
        _ sequence: UInt32,
        upTo today: CivilDate
    ) throws -> LedgerEffect {
        let date = start.firstDay.adding(
            days: random.int(in: 0...max(0, start.firstDay.days(to: today)))
        )
        let branch = random.pick([Int64(11), 12, 13])
        if random.bool(chance: 250) {
            return try Make.sale(
                Make.id(4, sequence),
                branch: branch,
                date: date,
                gross: Int64(random.int(in: 1...900))
            )
        }
        return EstimateTests.receipt(
            sequence,
            date,
            Int64(random.int(in: -300...900)),
            branch: branch,
            role: random.pick([.stockStore, .stockWarehouse]),
            party: random.pick([0, 33, 34])
        )
    }

    @Test("At any day the books show what they showed without turns, and month ends are posted so")
    func balances() {
        property(cases: 12) { random in
            let fixture = try LedgerFixture()
            var today = Self.start.firstDay.adding(days: 20)
            var effects: [LedgerEffect] = []
            for sequence: UInt32 in 1...40 {
                let effect = try Self.effect(&random, sequence, upTo: today)
                try fixture.receive(effect)
                effects.append(effect)
                if random.bool(chance: 300) { today = today.adding(days: random.int(in: 1...20)) }
                if random.bool(chance: 300) {
                    try EstimateTests.post(fixture, on: today, daysMax: random.int(in: 1...9))
                }
                fixture.now = Make.noon(today)
                let any = Self.start.firstDay.adding(days: random.int(in: 0...150))
                for (role, code) in [
                    (LedgerRole.stockStore, "140501"), (.stockWarehouse, "140502"),
                    (.accruedPayable, "220202"),
                ] {
                    let shown = try EstimateTests.balance(fixture, code, to: any, view: "all")
                    guard shown == Self.received(effects, to: any, role) else {
                        throw Falsified(description: "\(code) on \(any) is \(shown)")
                    }
                }
            }
            try EstimateTests.post(fixture, on: today)
            try fixture.expectTurned(from: Self.start, today: today)
            var period = Self.start
            while period.lastDay < today {
                let end = period.lastDay
                let posted = try EstimateTests.balance(fixture, "140501", to: end, view: "posted")
                guard posted == Self.received(effects, to: end, .stockStore) else {
                    throw Falsified(description: "\(posted) posted at \(end)")
                }
                period = period.next
            }
        }
    }

    @Test("Months that are closed stay as they are, and the view is the same in any order")
    func closingAndRebuilt() {
        property(cases: 12) { random in
            let fixture = try LedgerFixture()
            var today = Self.start.firstDay.adding(days: 20)
            var effects: [LedgerEffect] = []
            var open = Self.start
            for sequence: UInt32 in 1...40 {
                let effect = try Self.effect(&random, sequence, upTo: today)
                try fixture.receive(effect)
                effects.append(effect)
                if random.bool(chance: 400) { today = today.adding(days: random.int(in: 1...20)) }
                if random.bool(chance: 300) { try EstimateTests.post(fixture, on: today) }
                if random.bool(chance: 200), open.lastDay < today {
                    try EstimateTests.post(fixture, on: today)
                    try fixture.perform(ClosePeriod(entity: 1, period: open))
                    open = open.next
                }
            }
            try EstimateTests.post(fixture, on: today)
            try fixture.expectTurned(from: open, today: today)
            let again = try LedgerFixture()
            again.now = fixture.now
            try again.replay(effects, fixture, &random)
            guard try again.dump() == fixture.dump() else {
                throw Falsified(description: "the view depends on the order of arrival")
            }
        }
    }
}

extension LedgerFixture {
    /// Nothing stands on the first of a month beside what came on it; all stands at its end.
    func expectTurned(from open: AccountingPeriod, today: CivilDate) throws {
        let reasons = try EstimateTests.reasons(self)
        if !reasons.isEmpty { throw Falsified(description: "\(reasons)") }
        var period = open
        while period <= today.period {
            let months = (period.firstDay.dayNumber, period.lastDay.dayNumber)
            let isLive = try views.prepare(
                "SELECT count(*) FROM ledger_line WHERE date BETWEEN \(months.0) AND \(months.1)"
            ).firstInteger()
            if isLive != 0 {
                try expectNothing(
                    "(v.grp IN (2, 5, 6) AND v.date < \(months.0)) "
                        + "OR (v.grp = 5 AND v.date <= \(months.1))",
                    "the first of \(period)"
                )
            }
            if period.lastDay < today {
                try expectNothing(
                    "v.grp IN (5, 6) AND v.date <= \(months.1)",
                    "the end of \(period)"
                )
            }
            period = period.next
        }
    }

    /// The lines of such vouchers come to nothing by branch, account, side and party.
    private func expectNothing(_ vouchers: String, _ place: String) throws {
        let left = try views.prepare(
            """
            SELECT count(*) FROM (
              SELECT sum(l.amount) AS amount FROM ledger_voucher v
              JOIN ledger_line l ON l.posting = v.posting AND l.place = v.place
              WHERE \(vouchers)
              GROUP BY l.branch, l.account, l.side, l.party HAVING sum(l.amount) <> 0)
            """
        ).firstInteger()
        if left != 0 { throw Falsified(description: "\(left ?? -1) sums are left on \(place)") }
    }

    /// Takes the same effects, postings and closes as another view, shuffled.
    fileprivate func replay(
        _ effects: [LedgerEffect],
        _ other: LedgerFixture,
        _ random: inout SeededRandom
    ) throws {
        enum Arrival {
            case effect(LedgerEffect)
            case ruling(Kind, ChangeID, [UInt8])
        }
        var arrivals = effects.map { Arrival.effect($0) }
        for (kind, table) in [
            (LedgerKind.voucherPosted, "ledger_posting"),
            (LedgerKind.periodClosed, "ledger_closing"),
        ] {
            try other.views.prepare("SELECT id, body FROM \(table)").forEach { row in
                arrivals.append(.ruling(kind, ChangeID(row.integer(0)), row.blob(1)))
            }
        }
        while !arrivals.isEmpty {
            switch arrivals.remove(at: random.int(in: 0...arrivals.count - 1)) {
            case .effect(let effect): try ledger.receive(effect, world)
            case .ruling(let kind, let id, let body): try apply(kind, body, id: id)
            }
            if random.bool(chance: 300) { try flush() }
        }
        try flush()
    }
}
