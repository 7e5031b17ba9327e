// The reports of the books, and the journal as another program reads it.

import Foundation
import Kernel
import Ledger
import Module
import Testing

@Suite struct ReportTests {
    /// Two books; two posted days, one provisional one, a return and a receipt of goods.
    static func fixture() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        let october = CivilDate(dayNumber: Make.day.dayNumber - 30)
        try fixture.receive(
            try Make.sale(Make.id(3, 1), date: october, gross: 11_300),
            try Make.sale(Make.id(3, 2), gross: 22_600),
            try Make.sale(Make.id(3, 3), gross: -1_130),
            try Make.sale(Make.id(3, 4), branch: 21, gross: 10_100, percent: 1, isSmallScale: true)
        )
        try fixture.perform(PostVouchers())
        fixture.stateElsewhere = .open
        try fixture.receive(
            try Make.sale(
                Make.id(3, 5),
                branch: 12,
                gross: 3_390,
                role: .tenderWechat,
                tender: 5
            ),
            Make.pair(
                Make.id(3, 6),
                .goodsReceiptEstimate,
                .stockWarehouse,
                .accruedPayable,
                50_000,
                branch: 13
            )
        )
        return fixture
    }

    private static func text(_ table: ReportTable, _ keys: [String]) -> [String] {
        let places = keys.compactMap { key in table.columns.firstIndex { $0.key == key } }
        return table.rows.map { row in
            places.map { place in
                switch row[place] {
                case .text(let text): text
                case .words(let text): text.chinese
                case .fen(let fen): fen.description
                case .date(let date): date.description
                case .empty: "-"
                default: "?"
                }
            }.joined(separator: " ")
        }
    }

    @Test("The trial balance counts what is posted and what is provisional, and balances")
    func trialBalance() throws {
        let fixture = try Self.fixture()
        let table = try TrialBalanceReport().run(
            ReportRequest(entity: 1),
            fixture.reportContext
        )
        let keys = [
            "entity", "account", "account_name", "opening_debit", "opening_credit", "debit",
            "credit", "closing_debit", "closing_credit",
        ]
        #expect(
            Self.text(table, keys) == [
                "E1 1001 库存现金 113.00 0.00 214.70 0.00 327.70 0.00",
                "E1 101202 微信支付 0.00 0.00 33.90 0.00 33.90 0.00",
                "E1 140502 仓库商品 0.00 0.00 500.00 0.00 500.00 0.00",
                "E1 220202 暂估应付账款 0.00 0.00 0.00 500.00 0.00 500.00",
                "E1 22210107 销项税额 0.00 13.00 0.00 28.60 0.00 41.60",
                "E1 500101 商品销售收入 0.00 100.00 0.00 220.00 0.00 320.00",
            ]
        )
        #expect(
            table.totals?.suffix(6) == [
                .fen(Fen(11_300)), .fen(Fen(11_300)), .fen(Fen(74_860)), .fen(Fen(74_860)),
                .fen(Fen(86_160)), .fen(Fen(86_160)),
            ]
        )
        #expect(!table.notes.isEmpty)
    }

    @Test("Posted only, by branch, in total and by first-level account add up alike")
    func groupings() throws {
        let fixture = try Self.fixture()
        func run(_ options: [String: String]) throws -> ReportTable {
            let request = ReportRequest(options: options)
            return try TrialBalanceReport().run(request, fixture.reportContext)
        }
        let posted = try run(["view": "posted", "by": "branch"])
        #expect(
            Self.text(posted, ["entity", "branch", "account", "closing_debit", "closing_credit"])
                == [
                    "E1 S11 1001 327.70 0.00", "E1 S11 22210107 0.00 37.70",
                    "E1 S11 500101 0.00 290.00", "E2 S21 1001 101.00 0.00",
                    "E2 S21 22210111 0.00 1.00", "E2 S21 600101 0.00 100.00",
                ]
        )
        let keys = ["entity", "branch", "account", "closing_debit"]
        let total = try run(["by": "total"])
        #expect(Self.text(total, keys).first == "- - 1001 428.70")
        let first = try run(["level": "1"])
        #expect(Self.text(first, ["account", "closing_credit"]).contains("2221 41.60"))
        for table in [posted, total, first, try run(["by": "branch"])] {
            let totals = table.totals ?? []
            #expect(totals[9] == totals[10] && totals[7] == totals[8])
        }
        #expect(throws: ReportFault.self) { _ = try run(["by": "nothing"]) }
        #expect(throws: ReportFault.self) { _ = try run(["view": "draft"]) }
        #expect(throws: ReportFault.self) { _ = try run(["account": "10%"]) }
    }

    @Test("The general ledger carries the balance of a first-level account from month to month")
    func generalLedger() throws {
        let fixture = try Self.fixture()
        let request = ReportRequest(
            from: AccountingPeriod(year: 2026, month: 10).firstDay,
            to: Make.day,
            entity: 1,
            options: ["account": "1001"]
        )
        let table = try GeneralLedgerReport().run(request, fixture.reportContext)
        let keys = ["account", "period", "opening_debit", "debit", "credit", "closing_debit"]
        #expect(
            Self.text(table, keys) == [
                "1001 2026-10 0.00 113.00 0.00 113.00", "1001 2026-11 113.00 214.70 0.00 327.70",
            ]
        )
    }

    @Test("The detail ledger shows each line with the balance after it")
    func detailLedger() throws {
        let fixture = try Self.fixture()
        let request = ReportRequest(entity: 1, options: ["account": "22210107"])
        let table = try DetailLedgerReport().run(request, fixture.reportContext)
        let keys = ["date", "voucher", "summary", "credit", "balance_side", "balance", "status"]
        #expect(
            Self.text(table, keys) == [
                "2026-11-01 - 期初余额 - 贷 13.00 -",
                "2026-11-23 记-0001 2026-11-23 零售日汇总 26.00 贷 39.00 已记账",
                "2026-11-23 记-0001 2026-11-23 零售日汇总 -1.30 贷 37.70 已记账",
                "2026-11-23 - 2026-11-23 零售日汇总 3.90 贷 41.60 未记账",
            ]
        )
    }

    @Test("The list of vouchers holds posted vouchers alone, by number")
    func vouchers() throws {
        let fixture = try Self.fixture()
        let request = ReportRequest(
            from: AccountingPeriod(year: 2026, month: 10).firstDay,
            to: Make.day
        )
        let table = try VouchersReport().run(request, fixture.reportContext)
        let lines = Self.text(table, ["entity", "period", "voucher", "account", "debit", "credit"])
        #expect(lines.count == 12)
        #expect(lines.first == "E1 2026-10 记-0001 1001 113.00 -")
        #expect(lines.last == "E2 2026-11 记-0001 22210111 - 1.00")
        #expect(table.totals?.suffix(2) == [.fen(Fen(42_870)), .fen(Fen(42_870))])
    }

    @Test("Every row of every report has a cell for each column")
    func shapes() throws {
        let fixture = try Self.fixture()
        for report in LedgerModule().reports {
            let table = try report.run(ReportRequest(), fixture.reportContext)
            #expect(!table.rows.isEmpty)
            #expect(table.rows.allSatisfy { $0.count == table.columns.count })
            if let totals = table.totals { #expect(totals.count == table.columns.count) }
        }
    }

    @Test("The journal writes vouchers cleared and provisional business pending")
    func journal() throws {
        let fixture = try Self.fixture()
        let request = ReportRequest(from: Make.day, to: Make.day, entity: 1)
        let text = try LedgerJournal.text(request, fixture.reportContext)
        #expect(
            text == """
                ; 百川 Tributary
                commodity CNY 1000.00

                2026-11-23 * (记-0001) 2026-11-23 零售日汇总  ; entity:E1, branch:S11
                    1001 库存现金:S11 门店 11  CNY 226.00
                    1001 库存现金:S11 门店 11  CNY -11.30
                    500101 商品销售收入:S11 门店 11  CNY -200.00
                    22210107 销项税额:S11 门店 11  CNY -26.00
                    500101 商品销售收入:S11 门店 11  CNY 10.00
                    22210107 销项税额:S11 门店 11  CNY 1.30

                2026-11-23 ! 2026-11-23 零售日汇总  ; entity:E1, branch:S12
                    101202 微信支付:S12 门店 12  CNY 33.90
                    500101 商品销售收入:S12 门店 12  CNY -30.00
                    22210107 销项税额:S12 门店 12  CNY -3.90

                2026-11-23 ! 2026-11-23 收货暂估入账  ; entity:E1, branch:S13
                    140502 仓库商品:S13 门店 13  CNY 500.00
                    220202 暂估应付账款:S13 门店 13  CNY -500.00

                """
        )
    }

    /// Where hledger is, nil where it is not installed; the comparison with it is then left out,
    /// and the runner says so.
    private static let hledger = ["/usr/bin/hledger", "/usr/local/bin/hledger"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test("hledger reads the journal and finds the same balances", .enabled(if: hledger != nil))
    func anotherProgram() throws {
        let fixture = try Self.fixture()
        let period = AccountingPeriod(year: 2026, month: 10)
        let journal = try LedgerJournal.text(ReportRequest(), fixture.reportContext)
        for entity: Int64 in [1, 2] {
            let request = ReportRequest(
                from: period.firstDay,
                to: Make.day,
                entity: entity,
                options: ["by": "branch"]
            )
            let table = try TrialBalanceReport().run(request, fixture.reportContext)
            var expected: [String: Int64] = [:]
            for row in table.rows {
                guard case .text(let branch) = row[1], case .text(let account) = row[2],
                    case .fen(let debit) = row[9], case .fen(let credit) = row[10]
                else { continue }
                let balance = debit.rawValue - credit.rawValue
                if balance != 0 { expected["\(account) \(branch)"] = balance }
            }
            let tag = "tag:entity=E\(entity)"
            let output = try Self.run(
                ["-f", "-", "balance", "--flat", "-N", "-O", "csv", tag],
                journal
            )
            var found: [String: Int64] = [:]
            for line in output.split(separator: "\n").dropFirst() {
                let cells = line.split(separator: "\"").filter { $0 != "," }
                let parts = cells[0].split(separator: ":")
                let account = parts[0].split(separator: " ")[0]
                let branch = parts[1].split(separator: " ")[0]
                let amount = try Fen(yuan: String(cells[1].dropFirst("CNY ".count)))
                found["\(account) \(branch)"] = amount.rawValue
            }
            #expect(found == expected && !found.isEmpty)
        }
        let pending = try Self.run(["-f", "-", "register", "--pending", "-O", "csv"], journal)
        #expect(pending.split(separator: "\n").count == 6)
    }

    private static func run(_ arguments: [String], _ input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: hledger ?? "")
        process.arguments = arguments
        process.environment = ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self)
    }
}
