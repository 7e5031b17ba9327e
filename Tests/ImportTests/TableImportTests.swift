// Tables of products, branches, staff and sales: what is taken, what is refused, and twice.

import Catalog
import Foundation
import Import
import Kernel
import Module
import Node
import Replication
import Sales
import Sync
import Tabular
import Testing

@Suite("Tables imported")
struct TableImportTests {
    static let products = """
        编码,名称,分类,售价,成本,称重
        1001,可口可乐 330ml,饮料,3.50,1.75,否
        1002,"苹果, 红富士",水果,12.80,,是
        1003,矿泉水,饮料,2,0.8,

        """

    /// A chain with three products, and two stores.
    func chain() throws -> ImportChain {
        let chain = try ImportChain()
        let products = try chain.file("products.csv", Self.products)
        _ = try imported(ImportRequest(format: .products, path: products), chain.engine)
        let branches = try chain.file("branches.csv", "code,name\nS001,城东店\nS002,城西店\n")
        _ = try imported(ImportRequest(format: .branches, path: branches), chain.engine)
        return chain
    }

    @Test("products, branches and staff are taken row by row, and known when they come again")
    func masterData() throws {
        let chain = try chain()
        let engine = chain.engine
        let staff = try chain.file(
            "staff.csv",
            "工号,姓名,门店,入职日期,离职日期\nE1,张三,S001,2026年3月1日,\nE2,李四,,2026/3/1,2026-05-31\n"
        )
        let request = ImportRequest(format: .staff, path: staff)
        #expect(try imported(request, engine).takenRows == 2)
        let catalog = engine.modules.questions.catalog
        let cola = try #require(try catalog.product(code: "1001", engine.views))
        #expect(cola.standardCost == UnitCost(1_750_000))
        #expect(try catalog.categoryName(cola.category, engine.views) == "饮料")
        let water = try #require(try catalog.product(code: "1003", engine.views))
        #expect(water.category == cola.category)
        let apple = try #require(try catalog.product(code: "1002", engine.views))
        #expect(apple.isWeighed)
        #expect(apple.name == "苹果, 红富士")
        let today = chain.clock.now().date()
        let store = try #require(try catalog.branch(code: "S001", on: today, engine.views))
        let price = try catalog.price(
            of: cola.id,
            branch: store.id,
            at: chain.clock.now(),
            engine.views
        )
        #expect(price?.price == UnitPrice(35_000))
        #expect(try catalog.tills(of: store.id, engine.views).map(\.code) == ["01"])
        let people = engine.modules.questions.people
        #expect(try people.person(code: "E1", engine.views)?.branch == store.id)
        #expect(try people.person(code: "E2", engine.views)?.isActive == false)

        let end = engine.log.end
        for (format, name) in [
            (ImportFormat.products, "products"), (.branches, "branches"), (.staff, "staff"),
        ] {
            let path = chain.folder + "/\(name).csv"
            let again = try imported(ImportRequest(format: format, path: path), engine)
            #expect(again.takenRows == 0 && again.refusedRows == 0)
            #expect(SummaryText.text(again, .english).contains("nothing new"))
        }
        #expect(engine.log.end == end)
    }

    @Test("rows that cannot be taken are refused singly, with line and reason, and listed")
    func refusedSingly() throws {
        let chain = try chain()
        let path = try chain.file(
            "more.csv",
            """
            code,name,price,barcode
            2001,茶,abc,
            2002,,1.00,
            1001,又一个可乐,1.00,
            2003,茶,5.00,6901234567890
            2004,咖啡,5.00,
            2004,咖啡,5.00,
            2005,少一列,5.00
            2006,牛奶,4.50,6901234567892
            2007,价格为负,-1,

            """
        )
        let rejects = chain.folder + "/rejects.csv"
        let request = ImportRequest(format: .products, path: path, rejects: rejects)
        let summary = try imported(request, chain.engine)
        #expect(summary.takenRows == 2)
        #expect(summary.refusedRows == 7)
        #expect(summary.files[0].rows == 9)
        #expect(Set(summary.shown.map(\.line)) == [2, 3, 4, 5, 7, 8, 10])
        let known = summary.shown.first { $0.line == 4 }
        #expect(known?.reason.contains("other rows") == true)
        let listed = try CSVTable(path: rejects)
        let line = try listed.column("line")
        var lines: Set<Int64> = []
        while try listed.next() { lines.insert(try listed.integer(line)) }
        #expect(lines == [2, 3, 4, 5, 7, 8, 10])
        let catalog = chain.engine.modules.questions.catalog
        let milk = try #require(try catalog.product(barcode: "6901234567892", chain.engine.views))
        let price = try catalog.price(
            of: milk.id,
            branch: 0,
            at: chain.clock.now(),
            chain.engine.views
        )
        #expect(price?.price == UnitPrice(45_000))
    }

    @Test("a file with a defect of the whole is refused with its line, and nothing is taken")
    func refusedWhole() throws {
        let chain = try chain()
        let end = chain.engine.log.end
        let good = "code,name\n3001,茶\n3002,咖啡\n"
        let bad = [
            ("nul.csv", Array((good + "3003,a\0b\n").utf8), "line 4"),
            ("quote.csv", Array((good + "3003,\"open\n3004,x\n").utf8), "line 4"),
            ("bytes.csv", Array(good.utf8) + [0x61, 0x2C, 0xFF, 0xFF, 0x0A], "line 4"),
            ("columns.csv", Array("code,title\n1,2\n".utf8), "column name"),
            ("twice.csv", Array("code,name,Name\n1,2,3\n".utf8), "column name"),
            ("empty.csv", [], "the file is empty"),
        ]
        for (name, bytes, place) in bad {
            let path = try chain.file(name, bytes)
            let request = ImportRequest(
                format: .products,
                path: path,
                reading: CSVReader.Options(encoding: .utf8)
            )
            let fault = refusal(request, chain.engine)
            #expect(fault?.exit == .refused, "\(name)")
            #expect(fault?.message.contains(place) == true, "\(name): \(fault?.message ?? "")")
        }
        #expect(chain.engine.log.end == end)
        let none = ImportRequest(format: .products, path: chain.folder + "/none.csv")
        #expect(refusal(none, chain.engine)?.exit == .refused)
        #expect(refusal(ImportRequest(format: .sales, path: "x"), chain.engine)?.exit == .refused)
    }

    @Test("an act that fails after its first command leaves nothing of it, and the others stand")
    func halfDone() throws {
        let chain = try chain()
        let path = try chain.file(
            "goods.csv",
            """
            code,name,category,barcode
            4001,牛奶,乳品,6901234567892
            4002,酸奶,冷藏,6901234567890
            4003,奶酪,乳品,
            4004,黄油,冷冻,6901234567891

            """
        )
        let summary = try imported(ImportRequest(format: .products, path: path), chain.engine)
        #expect(summary.takenRows == 2)
        #expect(summary.shown.map(\.line) == [3, 5])
        let views = chain.engine.views
        // The categories that were only for the refused rows were made before, and are gone.
        #expect(try CatalogAnswers().category(named: "乳品", views) != nil)
        #expect(try CatalogAnswers().category(named: "冷藏", views) == nil)
        #expect(try CatalogAnswers().category(named: "冷冻", views) == nil)
        #expect(try chain.engine.verify().problems == [])
        let staff = try chain.file("staff.csv", "code,name,branch\nE2,李四,S009\nE4,赵六,S002\n")
        let people = try imported(ImportRequest(format: .staff, path: staff), chain.engine)
        #expect(people.takenRows == 1)
        #expect(people.shown.map(\.line) == [2])
    }

    @Test("the columns of a file are mapped, in its encoding, delimiter and form of dates")
    func mapped() throws {
        let chain = try ImportChain()
        let path = try chain.file(
            "gbk.csv",
            [
                0xC3, 0xFB, 0x3B, 0x4E, 0x72, 0x0A,  // 名;Nr
                0xBF, 0xF3, 0xC8, 0xAA, 0xCB, 0xAE, 0x3B, 0x37, 0x0A,  // 矿泉水;7
            ]
        )
        let request = try ImportRequest(
            format: "products",
            path: path,
            maps: ["code=nr", "name=名"],
            encoding: "gbk",
            delimiter: ";",
            dateFormat: "dd.MM.yyyy",
            rejects: nil
        )
        #expect(request.dates == .dayFirst)
        #expect(try imported(request, chain.engine).takenRows == 1)
        let catalog = chain.engine.modules.questions.catalog
        #expect(try catalog.product(code: "7", chain.engine.views)?.name == "矿泉水")
    }

    @Test("names and values that are not known are refused with those that are")
    func usage() {
        func fault(
            _ format: String = "products",
            maps: [String] = [],
            encoding: String? = nil,
            delimiter: String? = nil,
            dates: String? = nil
        ) -> NodeFault? {
            do throws(NodeFault) {
                _ = try ImportRequest(
                    format: format,
                    path: "x",
                    maps: maps,
                    encoding: encoding,
                    delimiter: delimiter,
                    dateFormat: dates,
                    rejects: nil
                )
                return nil
            } catch {
                return error
            }
        }
        #expect(fault() == nil)
        #expect(fault("tickets")?.nextStep.contains("foodmart") == true)
        #expect(fault(maps: ["colour=x"])?.nextStep.contains("brand") == true)
        #expect(fault(maps: ["code"])?.exit == .usage)
        #expect(fault(maps: ["code=a", "code=b"])?.exit == .usage)
        #expect(fault(encoding: "latin1")?.exit == .usage)
        #expect(fault(delimiter: ":")?.exit == .usage)
        #expect(fault(dates: "yy")?.exit == .usage)
    }
}
