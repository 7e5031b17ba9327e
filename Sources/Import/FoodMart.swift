// Import: the FoodMart data set: what its files have in common.
// Source: FoodMart (Mondrian/Pentaho), a fictitious chain of 24 stores and its headquarters.

import Kernel
import Module
import Node
import Tabular

/// The folder of the data set.
struct FoodMart {
    let folder: String
    let engine: NodeEngine
    let console: Console

    var language: Language { console.language }

    /// Opens a file of the folder.
    func open(_ name: String) throws(NodeFault) -> TableReading {
        let options = CSVReader.Options(encoding: .utf8, delimiter: UInt8(ascii: ","))
        return try TableReading(
            path: folder + "/" + name,
            options,
            language,
            breathe: engine.breathe
        )
    }

    /// The code that a store gets here: `S002`.
    static func branchCode(store: Int64) -> String {
        let digits = String(store)
        return "S" + String(repeating: "0", count: max(3 - digits.count, 0)) + digits
    }

    /// The request key of an act.
    static func key(_ kind: String, _ id: String) -> String { "import:foodmart:\(kind):\(id)" }

    /// The days by their number.
    func days() throws(NodeFault) -> [Int64: CivilDate] {
        let reading = try open("time_by_day.csv")
        let id = try reading.column("time_id")
        let date = try reading.column("the_date")
        let table = reading.table
        var days: [Int64: CivilDate] = [:]
        try reading.forEachNeeded { () throws(TableFault) in
            days[try table.integer(id)] = try table.date(date)
        }
        return days
    }

    /// The codes of the products by their number.
    func productCodes() throws(NodeFault) -> [Int64: String] {
        let reading = try open("product.csv")
        let id = try reading.column("product_id")
        let code = try reading.column("SKU")
        let table = reading.table
        var codes: [Int64: String] = [:]
        try reading.forEachNeeded { () throws(TableFault) in
            codes[try table.integer(id)] = try table.requiredText(code)
        }
        return codes
    }

    /// The names of the warehouses by their number.
    func warehouses() throws(NodeFault) -> [Int64: String] {
        let reading = try open("warehouse.csv")
        let id = try reading.column("warehouse_id")
        let name = try reading.column("warehouse_name")
        let table = reading.table
        var names: [Int64: String] = [:]
        try reading.forEachNeeded { () throws(TableFault) in
            names[try table.integer(id)] = table.text(name)
        }
        return names
    }

    /// The store whose node this is, and its one till.
    func ownStore() throws -> (store: Int64, branch: Int64, till: Int64) {
        let today = engine.clock.now().date()
        let catalog = engine.modules.questions.catalog
        let branch = try catalog.branch(engine.facts.branch, on: today, engine.views)
        let till = try catalog.tills(of: engine.facts.branch, engine.views).first
        guard let branch, let till else {
            throw NodeFault(
                .refused,
                console.text("本机还没有门店和收银台的资料", "this node knows no branch and till yet"),
                nextStep: console.text("先运行 tributary sync", "run `tributary sync` first")
            )
        }
        guard branch.code.hasPrefix("S"), let store = Int64(branch.code.dropFirst()),
            Self.branchCode(store: store) == branch.code
        else {
            throw NodeFault(
                .refused,
                console.text(
                    "门店 \(branch.code) 不是 FoodMart 的门店",
                    "the branch \(branch.code) is no store of FoodMart"
                ),
                nextStep: console.text(
                    "先在总部运行 tributary import foodmart",
                    "run `tributary import foodmart` at headquarters first"
                )
            )
        }
        return (store, branch.id, till.id)
    }
}
