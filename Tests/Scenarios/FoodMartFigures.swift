// What the FoodMart data set itself says, added up here from its files without the program.

import Foundation
import Kernel
import Tabular
import Testing

/// The figures that headquarters must show.
struct FoodMartFigures {
    /// The folder of the data set, nil where there is none.
    static let folder = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map {
        $0 + "/foodmart"
    }

    struct Month: Hashable {
        let branch: String
        let month: String
    }

    struct Sums: Hashable {
        var net: Int64 = 0
        /// Unit: thousandths.
        var items: Int64 = 0
    }

    struct Shelf: Hashable {
        let branch: String
        let product: String
    }

    /// The codes of the stores with sales in 1997.
    let stores: [String]
    let months: [Month: Sums]
    /// Received less sold, where it is not zero.
    ///
    /// Unit: thousandths.
    let stock: [Shelf: Int64]
    /// All sales of the year.
    ///
    /// Unit: fen.
    var net: Int64 { months.values.reduce(0) { $0 + $1.net } }

    init(folder: String) throws {
        let table = try CSVTable(path: folder + "/expected_sales_fact_1997_by_store_month.csv")
        let store = try table.column("store_id")
        let month = try table.column("month")
        let sales = try table.column("sales")
        let units = try table.column("units")
        var months: [Month: Sums] = [:]
        while try table.next() {
            let number = try table.integer(month)
            let key = Month(
                branch: FoodMartFigures.code(try table.integer(store)),
                month: "1997-" + (number < 10 ? "0" : "") + "\(number)"
            )
            months[key] = Sums(
                net: try table.fen(sales).rawValue,
                items: try table.quantity(units).rawValue
            )
        }
        self.months = months
        stores = Set(months.keys.map(\.branch)).sorted()
        stock = try FoodMartFigures.stock(folder, Set(stores))
    }

    /// The code of a store's branch.
    private static func code(_ store: Int64) -> String {
        "S" + String(repeating: "0", count: 3 - "\(store)".count) + "\(store)"
    }

    private static func stock(_ folder: String, _ stores: Set<String>) throws -> [Shelf: Int64] {
        let products = try CSVTable(path: folder + "/product.csv")
        let id = try products.column("product_id")
        let sku = try products.column("SKU")
        var codes: [Int64: String] = [:]
        while try products.next() { codes[try products.integer(id)] = products.text(sku) }
        var stock: [Shelf: Int64] = [:]
        for (name, column, sign) in [
            ("inventory_fact_1997.csv", "units_shipped", Int64(1)),
            ("sales_fact_1997.csv", "unit_sales", -1),
        ] {
            let table = try CSVTable(path: folder + "/" + name)
            let product = try table.column("product_id")
            let store = try table.column("store_id")
            let units = try table.column(column)
            while try table.next() {
                let branch = code(try table.integer(store))
                // Some stores have deliveries but no sales; they have no node here.
                guard stores.contains(branch) else { continue }
                let sku = try #require(codes[try table.integer(product)])
                let key = Shelf(branch: branch, product: sku)
                stock[key, default: 0] += sign * (try table.quantity(units).rawValue)
            }
        }
        return stock.filter { $0.value != 0 }
    }
}

/// What reports say, read back from their JSON.
struct ReportRows {
    let rows: [[String: Any]]
    let totals: [String: Any]

    init(_ ended: BuiltProgram.Ended) throws {
        let object = try ended.object()
        rows = try #require(object["rows"] as? [[String: Any]])
        totals = object["totals"] as? [String: Any] ?? [:]
    }

    static func text(_ row: [String: Any], _ key: String) throws -> String {
        try #require(row[key] as? String, "\(key) in \(row)")
    }

    /// A number; a cell that is empty is zero.
    static func integer(_ row: [String: Any], _ key: String) throws -> Int64 {
        let cell = try #require(row[key], "\(key) in \(row)")
        if cell is NSNull { return 0 }
        return try #require(cell as? NSNumber, "\(key) in \(row)").int64Value
    }

    static func quantity(_ row: [String: Any], _ key: String) throws -> Int64 {
        try Quantity(text: text(row, key)).rawValue
    }

    func months() throws -> [FoodMartFigures.Month: FoodMartFigures.Sums] {
        var months: [FoodMartFigures.Month: FoodMartFigures.Sums] = [:]
        for row in rows {
            let key = FoodMartFigures.Month(
                branch: try Self.text(row, "branch"),
                month: try Self.text(row, "month")
            )
            months[key] = FoodMartFigures.Sums(
                net: try Self.integer(row, "net"),
                items: try Self.quantity(row, "items")
            )
        }
        return months
    }

    func stock() throws -> [FoodMartFigures.Shelf: Int64] {
        var stock: [FoodMartFigures.Shelf: Int64] = [:]
        for row in rows {
            let key = FoodMartFigures.Shelf(
                branch: try Self.text(row, "branch"),
                product: try Self.text(row, "product")
            )
            stock[key, default: 0] += try Self.quantity(row, "on_hand")
        }
        return stock.filter { $0.value != 0 }
    }
}
