// Import: tables of products, branches and staff, at headquarters, one act a row.
// A code that exists already is never changed by an import.

import Catalog
import Kernel
import Module
import Node
import Tabular

/// Reading a table of master data into acts.
struct MasterReading {
    let request: ImportRequest
    let engine: NodeEngine
    let console: Console

    /// Reads every row into an act that is known by its code.
    func acts(
        _ summary: inout ImportSummary,
        _ row: (Columns) throws(TableFault) -> (code: String, (ActContext) throws -> Void)
    ) throws(NodeFault) -> [PlannedAct] {
        let reading = try TableReading(
            path: request.path,
            request.reading,
            console.language,
            breathe: engine.breathe
        )
        let columns = try Columns(request, reading)
        let file = summary.open(reading.name)
        var acts: [PlannedAct] = []
        var faults: [TableFault] = []
        try reading.forEach { () throws(TableFault) in
            let (code, perform) = try row(columns)
            acts.append(
                PlannedAct(
                    file: file,
                    lines: [reading.table.line],
                    totals: ImportTotals(amount: 0),
                    key: "import:\(request.format):\(code)",
                    digest: ActOutcome.digest(reading.rowBytes()),
                    perform: perform
                )
            )
        } refuse: {
            faults.append($0)
        }
        for fault in faults { summary.refuse(fault, file: file, console.language) }
        for act in acts { summary.files[file].source += act.totals }
        summary.files[file].unusedColumns = columns.unused
        return acts
    }
}

/// A table of products.
enum ProductsImport {
    static let fields = [
        ImportField("code", ["sku", "编码", "商品编码", "货号"], required: true, "the product's code"),
        ImportField("name", ["名称", "商品名称", "品名"], required: true, "its name"),
        ImportField("category", ["分类", "类别"], "a category by name; made where there is none"),
        ImportField("brand", ["品牌"], "its brand"),
        ImportField("unit", ["单位"], "the unit of quantity (default 件)"),
        ImportField("barcode", ["条码"], "barcodes, separated by spaces"),
        ImportField("price", ["售价", "零售价"], "its price in yuan"),
        ImportField("cost", ["成本", "进价"], "its reference cost in yuan"),
        ImportField("weighed", ["称重"], "yes where it is sold by weight"),
        ImportField("shelf-life", ["保质期"], "days"),
    ]

    static func run(_ reading: MasterReading, _ runner: inout ActRunner) throws {
        let prices = PriceCollector()
        let acts = try reading.acts(&runner.summary) { (columns) throws(TableFault) in
            let code = try columns.required("code")
            let category = columns.text("category")
            // Why here: prices are published behind the rows, where no row would be named.
            let price = try columns.value("price") { (table, column) throws(TableFault) in
                try table.unitPrice(column)
            }
            if let price, price < .zero || !price.isWithinLimit {
                throw columns.fault("price", "售价不能小于零，也不能过大", "below zero, or too large")
            }
            let wish = try wish(code, columns)
            return (
                code,
                { context in
                    var product = wish
                    var isNew = false
                    if let category {
                        (product.category, isNew) = try Self.category(category, context.engine)
                    }
                    let id: Int64
                    do {
                        id = try context.perform(AddProduct(product)) { $0 }
                    } catch {
                        throw isNew ? HalfDone(error: error) : error
                    }
                    if let price { prices.add(id, price) }
                }
            )
        }
        try runner.run(prices.units(acts))
    }

    private static func wish(_ code: String, _ columns: Columns) throws(TableFault) -> NewProduct {
        let cost = try columns.value("cost") { (table, column) throws(TableFault) in
            UnitCost(try table.decimal(column, scale: UnitCost.scale))
        }
        if let cost, cost < .zero || !cost.isWithinLimit {
            throw columns.fault("cost", "成本不能小于零，也不能过大", "below zero, or too large")
        }
        return NewProduct(
            code: code,
            name: try columns.required("name"),
            unit: columns.text("unit") ?? "件",
            category: 0,
            brand: columns.text("brand"),
            shelfLifeDays: try columns.value("shelf-life") { (table, column) throws(TableFault) in
                try table.integer(column)
            },
            isWeighed: try columns.value("weighed") { (table, column) throws(TableFault) in
                try table.boolean(column)
            } ?? false,
            cost: cost,
            barcodes: columns.text("barcode")?.split(separator: " ").map(String.init) ?? []
        )
    }

    /// The category of a name, or a new one whose code is the name.
    private static func category(
        _ name: String,
        _ engine: NodeEngine
    ) throws -> (id: Int64, isNew: Bool) {
        if let known = try CatalogAnswers().category(named: name, engine.views) {
            return (known, false)
        }
        return (try engine.perform(AddCategory(code: name, name: name)), true)
    }
}

/// A table of branches.
enum BranchesImport {
    static let fields = [
        ImportField(
            "code",
            ["编码", "门店编码"],
            required: true,
            "the branch's code: a capital or digit, then three digits, like S001"
        ),
        ImportField("name", ["名称", "门店名称"], required: true, "its name"),
        ImportField("kind", ["类型"], "store, centre, office or van (default store)"),
        ImportField("ownership", ["经营方式"], "direct or franchise (default direct)"),
        ImportField("entity", ["账套"], "the code of its books (default the first)"),
        ImportField("from", ["开业日期"], "the first day (default today)"),
        ImportField("tills", ["收银台"], "codes of its tills, separated by spaces (default 01)"),
    ]

    static func run(_ reading: MasterReading, _ runner: inout ActRunner) throws {
        let engine = reading.engine
        let entities = try engine.modules.questions.catalog.entities(engine.views)
        let today = engine.clock.now().date()
        let acts = try reading.acts(&runner.summary) { (columns) throws(TableFault) in
            let code = try columns.required("code")
            let books = columns.text("entity")
            let entity = books.map { code in entities.first { $0.code == code } } ?? entities.first
            guard let entity else {
                throw columns.fault("entity", "没有这个账套", "there are no such books")
            }
            let kind = try kind(columns)
            let from = try columns.value("from") { (table, column) throws(TableFault) in
                try table.date(column, reading.request.dates)
            }
            let tills = columns.text("tills")?.split(separator: " ").map(String.init)
            let wish = AddBranch(
                code: code,
                name: try columns.required("name"),
                kind: kind,
                ownership: try ownership(columns),
                entity: entity.id,
                from: from ?? today,
                tillCodes: tills ?? (kind == .store ? ["01"] : [])
            )
            return (code, { try $0.perform(wish) { $0.branch } })
        }
        try runner.run([ActUnit(acts: acts)])
    }

    private static func kind(_ columns: Columns) throws(TableFault) -> BranchKind {
        switch columns.text("kind")?.lowercased() {
        case nil, "store", "门店": return .store
        case "centre", "center", "dc", "配送中心": return .distributionCentre
        case "office", "办公室": return .office
        case "van", "车": return .van
        default:
            throw columns.fault("kind", "不是 门店、配送中心、办公室、车 之一", "none of store, centre, office, van")
        }
    }

    private static func ownership(_ columns: Columns) throws(TableFault) -> Ownership {
        switch columns.text("ownership")?.lowercased() {
        case nil, "direct", "直营": return .direct
        case "franchise", "加盟": return .franchise
        default: throw columns.fault("ownership", "不是 直营 或 加盟", "neither direct nor franchise")
        }
    }
}

/// A table of people.
enum StaffImport {
    static let fields = [
        ImportField("code", ["工号"], required: true, "the person's code"),
        ImportField("name", ["姓名"], required: true, "the name"),
        ImportField("branch", ["门店", "门店编码"], "the home branch's code (default headquarters)"),
        ImportField("phone", ["电话", "手机"], "the telephone number"),
        ImportField("from", ["入职日期", "入职"], "the first day (default today)"),
        ImportField("to", ["离职日期", "离职"], "the last day, for who has left"),
    ]

    static func run(_ reading: MasterReading, _ runner: inout ActRunner) throws {
        let acts = try reading.acts(&runner.summary) { (columns) throws(TableFault) in
            func date(_ field: String) throws(TableFault) -> CivilDate? {
                try columns.value(field) { (table, column) throws(TableFault) in
                    try table.date(column, reading.request.dates)
                }
            }
            let code = try columns.required("code")
            let wish = Hire(
                code: code,
                name: try columns.required("name"),
                phone: columns.text("phone"),
                branchCode: columns.text("branch") ?? "",
                from: try date("from"),
                lastDay: try date("to")
            )
            return (code, { try wish.perform($0) })
        }
        try runner.run([ActUnit(acts: acts)])
    }
}
