// Import: FoodMart at headquarters: categories, stores with their tills, products with their
// prices, and employees as people of their stores.

import Catalog
import Kernel
import Module
import Node
import People
import Tabular

extension FoodMart {
    /// The first day for which the data set has figures.
    private static let firstDay = CivilDate(year: 1997, month: 1, day: 1)

    /// Takes the master data.
    func importHeadquarters(_ runner: inout ActRunner) throws {
        guard let entity = try engine.modules.questions.catalog.entities(engine.views).first else {
            throw NodeFault(
                .refused,
                LocalText("总部还没有账套", "headquarters has no books"),
                nextStep: LocalText("请核对 --data", "check --data")
            )
        }
        let categories = try categories(&runner.summary)
        let stores = try stores(entity.id, &runner.summary)
        let products = try products(&runner.summary)
        let people = try people(&runner.summary)
        try declareTaxpayer(entity.id)
        try runner.run(categories)
        try runner.run(stores)
        try runner.run(products)
        try runner.run(people)
    }

    /// The sales of 1997 need a taxpayer of 1997: the books say none before they were begun.
    private func declareTaxpayer(_ entity: Int64) throws {
        guard let first = Self.firstDay else { return }
        let catalog = engine.modules.questions.catalog
        let today = engine.clock.now().date()
        if try catalog.taxpayer(ofEntity: entity, on: first, engine.views) != nil { return }
        let now = try catalog.taxpayer(ofEntity: entity, on: today, engine.views)
        _ = try engine.perform(
            SetTaxpayerKind(entity: entity, kind: now?.kind ?? .general, from: first)
        )
    }

    /// An act of one row.
    private func act(
        _ key: String,
        _ reading: TableReading,
        _ file: Int,
        _ perform: @escaping (ActContext) throws -> Void
    ) -> PlannedAct {
        PlannedAct(
            file: file,
            lines: [reading.table.line],
            totals: ImportTotals(),
            key: key,
            digest: ActOutcome.digest(reading.rowBytes()),
            perform: perform
        )
        .ofOneRow
    }

    /// Reads a file row by row into acts.
    private func acts(
        _ reading: TableReading,
        _ summary: inout ImportSummary,
        _ row: (CSVTable, Int) throws(TableFault) -> [PlannedAct]
    ) throws(NodeFault) -> [PlannedAct] {
        let file = summary.open(reading.name)
        var acts: [PlannedAct] = []
        var faults: [TableFault] = []
        try reading.forEach { () throws(TableFault) in
            acts += try row(reading.table, file)
        } refuse: {
            faults.append($0)
        }
        for fault in faults { summary.refuse(fault, file: file, language) }
        for act in acts { summary.files[file].source += act.totals }
        return acts
    }

    // MARK: - Categories

    /// Family, department and category stand above the class, each once.
    private func categories(_ summary: inout ImportSummary) throws(NodeFault) -> [ActUnit] {
        let reading = try open("product_class.csv")
        let id = try reading.column("product_class_id")
        let levels = [
            try reading.column("product_family"), try reading.column("product_department"),
            try reading.column("product_category"),
        ]
        let name = try reading.column("product_subcategory")
        var seen: Set<String> = []
        let acts = try acts(reading, &summary) { (table, file) throws(TableFault) in
            var above: [PlannedAct] = []
            var path: [String] = []
            for level in levels {
                let parent = path.joined(separator: "/")
                path.append(try table.requiredText(level))
                let whole = path.joined(separator: "/")
                guard seen.insert(whole).inserted else { continue }
                above.append(category(whole, named: path[path.count - 1], under: parent, file))
            }
            let number = try table.integer(id)
            let name = try table.requiredText(name)
            let parent = path.joined(separator: "/")
            let own = act(Self.key("class", "\(number)"), reading, file) { context in
                let above = try ActOutcome.of(Self.key("category", parent), context.engine)
                let wish = AddCategory(code: "\(number)", name: name, parent: above?.id ?? 0)
                try context.perform(wish) { $0 }
            }
            return above + [own]
        }
        return [ActUnit(acts: acts)]
    }

    private func category(
        _ path: String,
        named name: String,
        under parent: String,
        _ file: Int
    ) -> PlannedAct {
        PlannedAct(
            file: file,
            lines: [],
            totals: ImportTotals(),
            key: Self.key("category", path),
            digest: ActOutcome.digest(Array(path.utf8))
        ) { context in
            let above = try ActOutcome.of(Self.key("category", parent), context.engine)
            let wish = AddCategory(code: path, name: name, parent: above?.id ?? 0)
            try context.perform(wish) { $0 }
        }
    }

    // MARK: - Stores

    private func stores(
        _ entity: Int64,
        _ summary: inout ImportSummary
    ) throws(NodeFault) -> [ActUnit] {
        let reading = try open("store.csv")
        let id = try reading.column("store_id")
        let type = try reading.column("store_type")
        let name = try reading.column("store_name")
        let city = try reading.column("store_city")
        let opened = try reading.column("first_opened_date")
        let acts = try acts(reading, &summary) { (table, file) throws(TableFault) in
            let store = try table.integer(id)
            let isOffice = table.text(type) == "HeadQuarters"
            let from = table.isEmpty(opened) ? Self.firstDay : try table.date(opened)
            let wish = AddBranch(
                code: Self.branchCode(store: store),
                name: "\(try table.requiredText(name)) \(table.text(city))",
                kind: isOffice ? .office : .store,
                entity: entity,
                from: from ?? .first,
                tillCodes: isOffice ? [] : ["01"]
            )
            return [
                act(Self.key("store", "\(store)"), reading, file) { context in
                    try context.perform(wish) { $0.branch }
                }
            ]
        }
        return [ActUnit(acts: acts)]
    }

    // MARK: - Products

    private func products(_ summary: inout ImportSummary) throws(NodeFault) -> [ActUnit] {
        let reading = try open("product.csv")
        let id = try reading.column("product_id")
        let classID = try reading.column("product_class_id")
        let brand = try reading.column("brand_name")
        let name = try reading.column("product_name")
        let sku = try reading.column("SKU")
        let price = try reading.column("SRP")
        let prices = PriceCollector()
        let acts = try acts(reading, &summary) { (table, file) throws(TableFault) in
            let number = try table.integer(id)
            let category = try table.integer(classID)
            let code = try table.requiredText(sku)
            let price = try table.unitPrice(price)
            let wish = NewProduct(
                code: code,
                name: try table.requiredText(name),
                unit: "件",
                category: 0,
                brand: table.text(brand),
                barcodes: [code]
            )
            return [
                act(Self.key("product", "\(number)"), reading, file) { context in
                    let above = ActOutcome.of
                    let key = Self.key("class", "\(category)")
                    var product = wish
                    product.category = try above(key, context.engine)?.id ?? 0
                    let id = try context.perform(AddProduct(product)) { $0 }
                    prices.add(id, price)
                }
            ]
        }
        return prices.units(acts)
    }

    // MARK: - People

    private func people(_ summary: inout ImportSummary) throws(NodeFault) -> [ActUnit] {
        let reading = try open("employee.csv")
        let id = try reading.column("employee_id")
        let name = try reading.column("full_name")
        let store = try reading.column("store_id")
        let hired = try reading.column("hire_date")
        let left = try reading.column("end_date")
        let acts = try acts(reading, &summary) { (table, file) throws(TableFault) in
            let number = try table.integer(id)
            let wish = Hire(
                code: "\(number)",
                name: try table.requiredText(name),
                phone: nil,
                branchCode: Self.branchCode(store: try table.integer(store)),
                from: try table.date(hired),
                lastDay: table.isEmpty(left) ? nil : try table.date(left)
            )
            return [
                act(Self.key("employee", "\(number)"), reading, file) { try wish.perform($0) }
            ]
        }
        return [ActUnit(acts: acts)]
    }
}

extension PlannedAct {
    /// The act with the totals of one row without amounts.
    var ofOneRow: PlannedAct {
        PlannedAct(
            file: file,
            lines: lines,
            totals: ImportTotals(amount: 0),
            key: key,
            digest: digest,
            perform: perform
        )
    }
}

/// A person to be hired, and perhaps to leave again.
struct Hire {
    let code: String
    let name: String
    let phone: String?
    /// Empty is headquarters.
    let branchCode: String
    let from: CivilDate?
    let lastDay: CivilDate?

    /// Performs it as one act.
    func perform(_ context: ActContext) throws {
        let engine = context.engine
        var home: Int64 = 0
        if !branchCode.isEmpty {
            let today = engine.clock.now().date()
            let catalog = engine.modules.questions.catalog
            let known = try catalog.branch(code: branchCode, on: today, engine.views)
            guard let known else { throw CommonRefusal.unknownBranch(branchCode) }
            home = known.id
        }
        let wish = HirePerson(code: code, name: name, phone: phone, branch: home, from: from)
        let person = try context.perform(wish) { $0 }
        guard let lastDay else { return }
        do {
            _ = try engine.perform(DismissPerson(person: person, lastDay: lastDay))
        } catch {
            throw HalfDone(error: error)
        }
    }
}

/// The prices of products as they are added, published once for each transaction.
final class PriceCollector {
    private var prices: [(product: Int64, price: UnitPrice)] = []

    /// Notes the price of a product that was added.
    func add(_ product: Int64, _ price: UnitPrice) {
        prices.append((product: product, price: price))
    }

    /// Acts that add products, in units that end with publishing what they noted.
    func units(_ acts: [PlannedAct]) -> [ActUnit] {
        stride(from: 0, to: acts.count, by: ActRunner.actsPerBatch).map { start in
            let some = acts[start..<min(start + ActRunner.actsPerBatch, acts.count)]
            return ActUnit(
                before: { _ in self.prices = [] },
                acts: Array(some),
                after: { engine in
                    if self.prices.isEmpty { return }
                    let from = engine.clock.now()
                    _ = try engine.perform(SetPrices(from: from, prices: self.prices))
                }
            )
        }
    }
}
