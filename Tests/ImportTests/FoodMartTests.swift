// The FoodMart data set through nodes: headquarters takes the master data, stores their sales and
// deliveries, and headquarters' reports show the published totals.
// Without TRIBUTARY_DATA these tests are skipped.

import Foundation
import Import
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Tabular
import Testing

/// The folder of the data set.
enum FoodMartFolder {
    static let path = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map { $0 + "/foodmart" }
    static let notice: Comment = "needs the data sets: set TRIBUTARY_DATA"
    /// Stores to import: all of them where TRIBUTARY_FULL is set, else two small ones.
    static let stores: [Int64] =
        ProcessInfo.processInfo.environment["TRIBUTARY_FULL"] == nil
        ? [2, 22] : [2, 3, 6, 7, 11, 13, 14, 15, 16, 17, 22, 23, 24]
}

@Suite("FoodMart", .enabled(if: FoodMartFolder.path != nil, FoodMartFolder.notice))
struct FoodMartTests {
    let request = ImportRequest(format: .foodmart, path: FoodMartFolder.path ?? "")

    struct Month: Hashable {
        let store: Int64
        let month: Int
    }

    struct Sums: Hashable {
        var sales = Fen.zero
        var units = Quantity.zero
    }

    @Test("headquarters takes categories, stores, products, prices and people, once")
    func headquarters() throws {
        let chain = try ImportChain()
        let engine = chain.engine
        let first = try imported(request, engine)
        #expect(first.refusedRows == 0, "\(first.shown)")
        #expect(first.files.map(\.taken.rows) == [110, 25, 1_560, 1_155])
        let today = chain.clock.now().date()
        let catalog = engine.modules.questions.catalog
        let branches = try catalog.branches(on: today, engine.views)
        #expect(branches.count == 25)
        #expect(branches.filter { $0.kind == .office }.map(\.code) == ["S000"])
        for branch in branches where branch.kind == .store {
            #expect(try catalog.tills(of: branch.id, engine.views).map(\.code) == ["01"])
        }
        let juice = try #require(try catalog.product(barcode: "90748583674", engine.views))
        #expect(juice.name == "Washington Berry Juice")
        #expect(try catalog.categoryName(juice.category, engine.views) == "Juice")
        let price = try catalog.price(
            of: juice.id,
            branch: branches[1].id,
            at: chain.clock.now(),
            engine.views
        )
        #expect(price?.price == UnitPrice(28_500))
        let person = try #require(
            try engine.modules.questions.people.person(code: "1", engine.views)
        )
        #expect(person.branch == branches.first { $0.kind == .office }?.id)

        let end = engine.log.end
        let second = try imported(request, engine)
        #expect(second.takenRows == 0)
        #expect(second.refusedRows == 0)
        #expect(second.files.map(\.known.rows) == [110, 25, 1_560, 1_155])
        #expect(engine.log.end == end)
        #expect(try engine.verify().problems == [])
    }

    @Test("stores take their sales and deliveries; headquarters shows the published totals")
    func stores() throws {
        let chain = try ImportChain()
        _ = try imported(request, chain.engine)
        for store in FoodMartFolder.stores {
            let code = "S" + String(repeating: "0", count: store < 10 ? 2 : 1) + "\(store)"
            let node = try chain.enrol(code, seed: UInt64(store))
            let summary = try imported(request, node.engine)
            #expect(summary.refusedRows == 0, "\(summary.shown)")
            for file in summary.files {
                #expect(file.taken == file.source)
                #expect(file.passedOver > 0)
            }
            #expect(summary.files.last?.rows == 86_837)
            #expect(summary.files.last?.source.rounding == 0)
            try expectDeliveries(store, node.engine)
            try chain.round(node)
            let end = node.engine.log.end
            let again = try imported(request, node.engine)
            #expect(again.takenRows == 0)
            #expect(again.files.map(\.known.rows) == summary.files.map(\.taken.rows))
            #expect(node.engine.log.end == end)
        }
        try chain.engine.catchUp()
        try expectMonths(chain.engine)
        #expect(try chain.engine.verify().problems == [])
    }

    /// Every business day is opened once, closed, and sealed in agreement with what arrived.
    func expectSealedDays(_ branch: Int64, _ engine: NodeEngine) throws {
        let days = try SalesQueries.days(
            branch: branch,
            from: CivilDate(parsing: "1997-01-01"),
            to: CivilDate(parsing: "1997-12-31"),
            engine.views
        )
        #expect(days.count == 60)
        #expect(days.map(\.date) == days.map(\.date).sorted())
        for day in days {
            let state = try engine.modules.questions.sales.dayState(
                branch: branch,
                date: day.date,
                engine.views
            )
            #expect(state == .complete, "\(day.date)")
        }
    }

    @Test("rows that cannot be taken are refused with their ticket or delivery, the others stand")
    func refused() throws {
        let chain = try ImportChain()
        _ = try imported(request, chain.engine)
        let folder = chain.folder
        for name in ["time_by_day.csv", "product.csv", "warehouse.csv"] {
            let content = try Files.read("\(FoodMartFolder.path ?? "")/\(name)")
            try Files.write(content, to: "\(folder)/\(name)")
        }
        _ = try chain.file(
            "sales_fact_1997.csv",
            """
            product_id,time_id,customer_id,promotion_id,store_id,store_sales,store_cost,unit_sales
            337,371,1,0,2,1.5050,0.5100,2.0000
            1512,371,1,0,2,1.6200,0.6318,3.0000
            337,371,2,0,2,1.5000,0.5100,2.0000
            99999,371,2,0,2,1.5000,0.5100,2.0000
            337,371,3,0,2,1.50x0,0.5100,2.0000
            337,99999,4,0,2,1.5000,0.5100,2.0000
            337,371,5,0,2,1.5000,0.5100,0.0000
            337,371,6,0,3,1.5000,0.5100,2.0000
            337,371,7,0,2,1.5000,0.5100

            """
        )
        _ = try chain.file(
            "inventory_fact_1997.csv",
            """
            product_id,time_id,warehouse_id,store_id,units_ordered,units_shipped,store_invoice
            350,369,2,2,42,42,13.7369
            337,369,2,2,42,0,0.0000
            350,370,2,2,42,0,13.7369
            337,370,2,2,42,42,1.0000
            350,371,2,3,42,42,13.7369

            """
        )
        let node = try chain.enrol("S002", seed: 2)
        let own = ImportRequest(format: .foodmart, path: folder)
        let summary = try imported(own, node.engine)
        let deliveries = summary.files[0]
        let sales = summary.files[1]
        #expect(deliveries.taken.rows == 1 && deliveries.passedOver == 2)
        #expect(deliveries.refusedRows == 2)
        #expect(sales.taken.rows == 2 && sales.passedOver == 1 && sales.refusedRows == 6)
        #expect(sales.taken.fen == 313 && sales.taken.rounding == 500_000)
        let lines = summary.shown.filter { $0.file == sales.name }.map(\.line)
        #expect(Set(lines) == [4, 5, 6, 7, 8, 10])
        #expect(try imported(own, node.engine).takenRows == 0)
        #expect(try node.engine.verify().problems == [])
        try chain.round(node)
        #expect(try chain.engine.verify().problems == [])

        _ = try chain.file("sales_fact_1997.csv", "product_id,time_id\n1,371\n")
        #expect(refusal(own, node.engine)?.message.contains("store_id") == true)
        let field = ImportRequest(format: .foodmart, path: folder + "/none")
        #expect(refusal(field, node.engine)?.exit == .refused)
    }

    /// The sales of each store and month, as headquarters' views have them.
    func expectMonths(_ engine: NodeEngine) throws {
        let catalog = engine.modules.questions.catalog
        let today = engine.clock.now().date()
        var found: [Month: Sums] = [:]
        for store in FoodMartFolder.stores {
            let code = "S" + String(repeating: "0", count: store < 10 ? 2 : 1) + "\(store)"
            let branch = try #require(try catalog.branch(code: code, on: today, engine.views))
            var request = ReportRequest(
                from: try CivilDate(parsing: "1997-01-01"),
                to: try CivilDate(parsing: "1997-12-31"),
                branch: branch.id
            )
            request.options["by"] = "month"
            try expectSealedDays(branch.id, engine)
            let table = try engine.report("sales", request).table
            let keys = table.columns.map(\.key)
            for row in table.rows {
                let cells = Dictionary(uniqueKeysWithValues: zip(keys, row))
                guard case .text(let period)? = cells["month"],
                    case .fen(let sales)? = cells["net"],
                    case .quantity(let units)? = cells["items"]
                else {
                    Issue.record("columns \(keys)")
                    return
                }
                let key = Month(store: store, month: Int(period.suffix(2)) ?? 0)
                found[key, default: Sums()].sales += sales
                found[key, default: Sums()].units += units
            }
        }
        #expect(try found == expectedMonths())
    }

    func expectedMonths() throws -> [Month: Sums] {
        let path = "\(FoodMartFolder.path ?? "")/expected_sales_fact_1997_by_store_month.csv"
        let table = try CSVTable(path: path)
        let store = try table.column("store_id")
        let month = try table.column("month")
        let sales = try table.column("sales")
        let units = try table.column("units")
        var expected: [Month: Sums] = [:]
        while try table.next() {
            let number = try table.integer(store)
            guard FoodMartFolder.stores.contains(number) else { continue }
            let key = Month(store: number, month: Int(try table.integer(month)))
            expected[key] = Sums(sales: try table.fen(sales), units: try table.quantity(units))
        }
        return expected
    }

    /// What is on hand is what was delivered less what was sold, product by product.
    func expectDeliveries(_ store: Int64, _ engine: NodeEngine) throws {
        var expected: [Int64: Quantity] = [:]
        let files = [
            ("inventory_fact_1997.csv", "units_shipped"), ("sales_fact_1997.csv", "unit_sales"),
        ]
        for (index, (name, column)) in files.enumerated() {
            let table = try CSVTable(path: "\(FoodMartFolder.path ?? "")/\(name)")
            let own = try table.column("store_id")
            let product = try table.column("product_id")
            let units = try table.column(column)
            while try table.next() {
                if try table.integer(own) != store { continue }
                let quantity = try table.quantity(units)
                let key = try table.integer(product)
                expected[key, default: .zero] += index == 0 ? quantity : -quantity
            }
        }
        let products = try CSVTable(path: "\(FoodMartFolder.path ?? "")/product.csv")
        let id = try products.column("product_id")
        let sku = try products.column("SKU")
        let questions = engine.modules.questions
        while try products.next() {
            let code = products.text(sku)
            let product = try #require(try questions.catalog.product(code: code, engine.views))
            let onHand = try questions.stock.onHand(
                branch: engine.facts.branch,
                product: product.id,
                engine.views
            )
            #expect(onHand == expected[try products.integer(id)] ?? .zero, "SKU \(code)")
        }
    }
}
