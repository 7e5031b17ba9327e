// Published data sets, read strictly: their totals are known.
// Without TRIBUTARY_DATA these tests are skipped.

import Foundation
import Kernel
import Testing

@testable import Tabular

/// The folder of data sets.
enum DataFolder {
    static let path = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"]
    static let notice: Comment = "needs the data sets: set TRIBUTARY_DATA"

    static func table(_ name: String) throws -> CSVTable {
        try CSVTable(path: "\(path ?? "")/\(name)")
    }
}

@Suite("Published tables", .enabled(if: DataFolder.path != nil, DataFolder.notice))
struct DataTests {
    struct Month: Hashable {
        var store: Int64
        var month: Int64
    }

    struct Sums: Equatable {
        var rows: Int64 = 0
        var sales = Fen.zero
        /// In ten-thousandths of a yuan, as the file has it.
        var cost: Int64 = 0
        var units = Quantity.zero
    }

    @Test("FoodMart: sales by store and month are those published, to the fen")
    func foodMartSales() throws {
        let days = try DataFolder.table("foodmart/time_by_day.csv")
        let timeID = try days.column("time_id")
        let theDate = try days.column("the_date")
        var dates: [Int64: CivilDate] = [:]
        while try days.next() { dates[try days.integer(timeID)] = try days.date(theDate) }

        let sales = try DataFolder.table("foodmart/sales_fact_1997.csv")
        let time = try sales.column("time_id")
        let store = try sales.column("store_id")
        let amount = try sales.column("store_sales")
        let cost = try sales.column("store_cost")
        let units = try sales.column("unit_sales")
        var found: [Month: Sums] = [:]
        while try sales.next() {
            let date = try #require(dates[try sales.integer(time)])
            let key = Month(store: try sales.integer(store), month: Int64(date.month))
            found[key, default: Sums()].rows += 1
            found[key, default: Sums()].sales += try sales.fen(amount, rounding: true)
            found[key, default: Sums()].cost += try sales.decimal(cost, scale: 4)
            found[key, default: Sums()].units += try sales.quantity(units)
        }
        #expect(sales.rowCount == 86_837)
        #expect(try found == expectedMonths())
    }

    func expectedMonths() throws -> [Month: Sums] {
        let table = try DataFolder.table("foodmart/expected_sales_fact_1997_by_store_month.csv")
        let store = try table.column("store_id")
        let month = try table.column("month")
        let rows = try table.column("rows")
        let sales = try table.column("sales")
        let cost = try table.column("cost")
        let units = try table.column("units")
        var expected: [Month: Sums] = [:]
        while try table.next() {
            let key = Month(store: try table.integer(store), month: try table.integer(month))
            expected[key] = Sums(
                rows: try table.integer(rows),
                sales: try table.fen(sales, rounding: true),
                cost: try table.decimal(cost, scale: 4),
                units: try table.quantity(units)
            )
        }
        return expected
    }

    @Test("every smaller file of every set is read to its end without a fault")
    func allFiles() throws {
        let root = DataFolder.path ?? ""
        let names = try FileManager.default.subpathsOfDirectory(atPath: root)
            .filter { $0.hasSuffix(".csv") }.sorted()
        #expect(names.count > 60)
        for name in names {
            let path = "\(root)/\(name)"
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            if size ?? 0 > 200_000 { continue }
            let isStatement = name.hasPrefix("statements-cn/example/wechat")
            let options = CSVReader.Options(allowsLooseQuotes: isStatement)
            let reader = try CSVReader(ByteSource(path: path), options)
            while try reader.next() {}
            #expect(reader.rowCount > 1, "\(name)")
        }
    }

    @Test("two byte order marks, Japanese names: the category codes of a retail master")
    func japanese() throws {
        let table = try DataFolder.table("jp-retail-master/category.csv")
        let code = try table.column("category_major_cd")
        let name = try table.column("category_major_name")
        #expect(try table.next())
        #expect(table.text(code) == "04")
        #expect(table.text(name) == "惣菜")
    }
}
