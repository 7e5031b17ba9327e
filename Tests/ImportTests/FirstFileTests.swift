// What someone meets whose first file is not as the program expects it: columns that are not read,
// a wrong year, commas in numbers, and rows that are to be corrected.

import Import
import Kernel
import Module
import Node
import Sync
import Tabular
import Testing

@Suite("A first file of one's own")
struct FirstFileTests {
    private func store() throws -> (chain: ImportChain, node: NodeSync) {
        let chain = try TableImportTests().chain()
        return (chain, try chain.enrol("S001", seed: 5))
    }

    /// The net of each tender by its code.
    private func payments(_ engine: NodeEngine) throws -> [String: String] {
        let table = try engine.report("payments", ReportRequest()).table
        let tender = try #require(table.columns.firstIndex { $0.key == "tender" })
        let net = try #require(table.columns.firstIndex { $0.key == "net" })
        var found: [String: String] = [:]
        for row in table.rows { found[ReportText.text(row[tender])] = ReportText.text(row[net]) }
        return found
    }

    @Test("Chinese headers and names of tenders are known, and columns not used are named")
    func headers() throws {
        let (chain, node) = try store()
        let path = try chain.file(
            "sales.csv",
            """
            小票,日期,时间,商品,数量,金额,支付,会员号
            A1,2026-11-02,14:05,1001,2,7.00,微信支付,M1
            A2,2026-11-02,14:06,1003,1,2.00,cash,M2

            """
        )
        let summary = try imported(ImportRequest(format: .sales, path: path), node.engine)
        #expect(summary.takenRows == 2)
        #expect(try payments(node.engine) == ["wechat": "7.00", "cash": "2.00"])
        #expect(summary.files[0].unusedColumns == ["会员号"])
        #expect(SummaryText.text(summary, .chinese).contains("没有使用的列：会员号"))
        #expect(SummaryText.text(summary, .english).contains("columns not used: 会员号"))
        #expect(SummaryText.json(summary).contains("\"unusedColumns\":[\"会员号\"]"))
    }

    @Test("sales of days that have not come are refused, and tomorrow is taken")
    func future() throws {
        let (chain, node) = try store()
        let path = try chain.file(
            "sales.csv",
            """
            date,product,amount
            2027-11-19,1001,3.50
            2026-11-22,1001,3.50
            2026-11-21,1001,3.50

            """
        )
        let summary = try imported(ImportRequest(format: .sales, path: path), node.engine)
        #expect(summary.takenRows == 1)
        #expect(summary.shown.map(\.line) == [2, 3])
        #expect(summary.shown[0].reason == "column date: is after today: \"2027-11-19\"")
    }

    @Test("an option that is not read is refused in both languages, with what is")
    func options() throws {
        let fault = #expect(throws: NodeFault.self) {
            _ = try ImportRequest(
                format: "products",
                path: "goods.csv",
                maps: ["code"],
                encoding: nil,
                delimiter: nil,
                dateFormat: nil,
                rejects: nil
            )
        }
        #expect(fault?.text(.chinese).contains("--map code 不是 字段=列名\n  → 字段有：code") == true)
        #expect(fault?.text(.english).contains("is not field=column") == true)
    }

    @Test("commas between thousands are read when asked for, and refused with the way to ask")
    func thousands() throws {
        let chain = try ImportChain()
        let path = try chain.file("goods.csv", "code,name,price\n1,酒,\"1,049.90\"\n2,茶,\"1,04\"\n")
        let first = try imported(ImportRequest(format: .products, path: path), chain.engine)
        #expect(first.takenRows == 0)
        #expect(first.shown[0].reason.contains("--thousands"))
        let request = try ImportRequest(
            format: "products",
            path: path,
            maps: [],
            encoding: nil,
            delimiter: nil,
            dateFormat: nil,
            thousands: true,
            rejects: nil
        )
        let second = try imported(request, chain.engine)
        #expect(second.takenRows == 1)
        #expect(second.shown.map(\.line) == [3])
        let catalog = chain.engine.modules.questions.catalog
        let wine = try #require(try catalog.product(code: "1", chain.engine.views))
        let price = try catalog.price(
            of: wine.id,
            branch: 0,
            at: chain.clock.now(),
            chain.engine.views
        )
        #expect(price?.price == UnitPrice(10_499_000))
    }

    @Test("the file of rejects holds the rows as they stood, and is taken once it is corrected")
    func rejects() throws {
        let chain = try ImportChain()
        let path = try chain.file(
            "goods.csv",
            "code,name,price\n1,\"酒, 白\",5\n2,\"茶, 绿\",x\n3,少\n4,多,1,2\n"
        )
        let rejects = chain.folder + "/rejects.csv"
        let request = ImportRequest(format: .products, path: path, rejects: rejects)
        #expect(try imported(request, chain.engine).shown.map(\.line) == [3, 4, 5])
        let text = String(decoding: try Files.read(rejects, sizeBytesMax: 4_096), as: UTF8.self)
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines[0].hasSuffix("code,name,price,line,reason"))
        #expect(lines[1].hasPrefix("2,\"茶, 绿\",x,3,"))
        #expect(lines[2].hasPrefix("3,少,,4,"))
        #expect(lines[3].hasPrefix("4,多,1,5,") && lines[3].hasSuffix(",2"))
        let mended = try chain.file("mended.csv", "\(lines[0])\n2,\"茶, 绿\",6,3,x\n")
        let again = ImportRequest(format: .products, path: mended)
        #expect(try imported(again, chain.engine).takenRows == 1)
    }

    @Test("a column that is missing is named with the option that names another")
    func missing() throws {
        let chain = try ImportChain()
        let path = try chain.file("goods.csv", "nr,name\n1,酒\n")
        let fault = try #require(
            refusal(ImportRequest(format: .products, path: path), chain.engine)
        )
        #expect(fault.message.contains("the columns are nr, name"))
        #expect(fault.nextStep.contains("--map code=COLUMN"))
    }
}
