// Import: FoodMart at a store's node: its deliveries and its sales of 1997, day by day.
// The rows of other stores are passed over, and deliveries of which nothing was shipped.

import Kernel
import Module
import Node
import Sales
import Stock
import Tabular

extension FoodMart {
    /// Takes a store's deliveries and sales.
    func importBranch(_ runner: inout ActRunner) throws {
        let own = try ownStore()
        let days = try days()
        let products = try productIDs()
        let deliveries = try deliveries(own, days, products, &runner.summary)
        let sales = try sales(own, days, products, &runner.summary)
        // What came on a day is on the shelf when that day's first ticket is paid.
        let units = (deliveries + sales).enumerated().sorted {
            ($0.element.date, $0.offset) < ($1.element.date, $1.offset)
        }
        try runner.run(units.map(\.element.unit))
    }

    /// The products of the data set as this node knows them.
    private func productIDs() throws -> [Int64: (code: String, id: Int64?)] {
        let catalog = engine.modules.questions.catalog
        return try productCodes().mapValues { code in
            (code, try catalog.product(code: code, engine.views)?.id)
        }
    }

    private typealias Own = (store: Int64, branch: Int64, till: Int64)
    private typealias Products = [Int64: (code: String, id: Int64?)]

    /// The columns that both files have.
    private struct Keys {
        let product: CSVColumn
        let time: CSVColumn
        let store: CSVColumn

        init(_ reading: TableReading) throws(NodeFault) {
            product = try reading.column("product_id")
            time = try reading.column("time_id")
            store = try reading.column("store_id")
        }

        func date(
            _ table: CSVTable,
            _ days: [Int64: CivilDate]
        ) throws(TableFault) -> CivilDate {
            if let date = days[try table.integer(time)] { return date }
            throw table.fault(.value, time, "no day of time_by_day.csv")
        }

        func product(_ table: CSVTable, _ products: Products) throws(TableFault) -> Int64 {
            guard let known = products[try table.integer(product)] else {
                throw table.fault(.value, product, "no product of product.csv")
            }
            guard let id = known.id else {
                throw table.fault(.value, product, "SKU \(known.code) is not known at this node")
            }
            return id
        }
    }

    // MARK: - Sales

    private func sales(
        _ own: Own,
        _ days: [Int64: CivilDate],
        _ products: Products,
        _ summary: inout ImportSummary
    ) throws(NodeFault) -> [(date: CivilDate, unit: ActUnit)] {
        let reading = try open("sales_fact_1997.csv")
        let table = reading.table
        let keys = try Keys(reading)
        let customer = try reading.column("customer_id")
        let figures = try SaleColumns(reading)
        let file = summary.open(reading.name)
        var tickets = TicketCollector(file: file)
        var passedOver = 0
        var faults: [TableFault] = []
        var sums = ImportTotals()
        try reading.forEach { () throws(TableFault) in
            guard try table.integer(keys.store) == own.store else {
                passedOver += 1
                return
            }
            // Two statements, so that a ticket is known even where a figure of it is not readable.
            let time = try table.integer(keys.time)
            let id = "\(own.store):\(time):\(try table.integer(customer))"
            let key = FoodMart.key("sale", id)
            do throws(TableFault) {
                let date = try keys.date(table, days)
                let product = try keys.product(table, products)
                let row = try figures.row(product, reading)
                sums += row.totals
                let noon = WallTime.noon(of: date)
                let head = TicketHead(till: own.till, date: date, occurred: noon, tender: "cash")
                tickets.add(row, to: key, head)
            } catch {
                tickets.spoil(key, line: table.line)
                throw error
            }
        } refuse: {
            faults.append($0)
        }
        for fault in faults { summary.refuse(fault, file: file, language) }
        summary.files[file].source = sums
        summary.files[file].passedOver = passedOver
        return tickets.units(engine)
    }

    /// The figures of a row of sales.
    private struct SaleColumns {
        let amount: CSVColumn
        let cost: CSVColumn
        let units: CSVColumn

        init(_ reading: TableReading) throws(NodeFault) {
            amount = try reading.column("store_sales")
            cost = try reading.column("store_cost")
            units = try reading.column("unit_sales")
        }

        func row(_ product: Int64, _ reading: TableReading) throws(TableFault) -> SaleRow {
            let table = reading.table
            let exact = try table.decimal(amount, scale: ImportTotals.scale)
            let fen = try table.fen(amount, rounding: true)
            let quantity = try table.quantity(units)
            let cost = try table.decimal(cost, scale: ImportTotals.scale)
            do throws(NumberFault) {
                return SaleRow(
                    line: table.line,
                    item: try SaleFigures.item(
                        product,
                        quantity: quantity,
                        amount: fen,
                        unitPrice: nil,
                        cost: cost
                    ),
                    totals: ImportTotals(amount: Int128(exact), fen: fen, quantity: quantity),
                    bytes: reading.rowBytes()
                )
            } catch {
                throw table.fault(.number, units, error.reason.rawValue)
            }
        }
    }

    // MARK: - Deliveries

    /// A delivery being gathered: what one warehouse sent to the store on one day.
    private struct Delivery {
        let warehouse: Int64
        let time: Int64
        var date = CivilDate(dayNumber: 0)
        var lines: [ReceiveGoods.Line] = []
        var places: [Int] = []
        var totals = ImportTotals()
        var rows: [UInt8] = []
        var problem: RowProblem?

        init(warehouse: Int64, time: Int64) {
            self.warehouse = warehouse
            self.time = time
        }

        mutating func spoil(line: Int) {
            problem =
                problem
                ?? RowProblem(
                    "同一批来货的第 \(line) 行无法读取，整批不导入",
                    "line \(line) of the same delivery cannot be read: it is not taken"
                )
        }
    }

    /// The figures of a row of deliveries: what the store is invoiced for what was shipped.
    private struct DeliveryColumns {
        let shipped: CSVColumn
        let invoice: CSVColumn

        init(_ reading: TableReading) throws(NodeFault) {
            shipped = try reading.column("units_shipped")
            invoice = try reading.column("store_invoice")
        }

        /// True where nothing was shipped and nothing invoiced.
        func areNothing(_ table: CSVTable) throws(TableFault) -> Bool {
            guard try table.quantity(shipped).isZero else { return false }
            return try table.decimal(invoice, scale: ImportTotals.scale) == 0
        }

        func add(
            _ product: Int64,
            to delivery: inout Delivery,
            _ reading: TableReading
        ) throws(TableFault) -> ImportTotals {
            let table = reading.table
            let quantity = try table.quantity(shipped)
            let exact = try table.decimal(invoice, scale: ImportTotals.scale)
            do throws(NumberFault) {
                let cost = try SaleFigures.unitCost(exact, over: quantity)
                let fen = try cost.amount(of: quantity)
                let totals = ImportTotals(amount: Int128(exact), fen: fen, quantity: quantity)
                let line = ReceiveGoods.Line(product: product, quantity: quantity, unitCost: cost)
                delivery.lines.append(line)
                delivery.places.append(table.line)
                delivery.totals += totals
                table.appendRow(to: &delivery.rows)
                return totals
            } catch {
                throw table.fault(.number, shipped, error.reason.rawValue)
            }
        }
    }

    private func deliveries(
        _ own: Own,
        _ days: [Int64: CivilDate],
        _ products: Products,
        _ summary: inout ImportSummary
    ) throws(NodeFault) -> [(date: CivilDate, unit: ActUnit)] {
        let names = try warehouses()
        let reading = try open("inventory_fact_1997.csv")
        let table = reading.table
        let keys = try Keys(reading)
        let warehouse = try reading.column("warehouse_id")
        let figures = try DeliveryColumns(reading)
        let file = summary.open(reading.name)
        var gathered: [String: Delivery] = [:]
        var passedOver = 0
        var faults: [TableFault] = []
        var sums = ImportTotals()
        try reading.forEach { () throws(TableFault) in
            guard try table.integer(keys.store) == own.store else {
                passedOver += 1
                return
            }
            let time = try table.integer(keys.time)
            let from = try table.integer(warehouse)
            let key = FoodMart.key("delivery", "\(own.store):\(time):\(from)")
            var delivery = gathered[key] ?? Delivery(warehouse: from, time: time)
            defer { gathered[key] = delivery }
            do throws(TableFault) {
                delivery.date = try keys.date(table, days)
                let product = try keys.product(table, products)
                if try figures.areNothing(table) {
                    passedOver += 1
                } else {
                    sums += try figures.add(product, to: &delivery, reading)
                }
            } catch {
                delivery.spoil(line: table.line)
                throw error
            }
        } refuse: {
            faults.append($0)
        }
        for fault in faults { summary.refuse(fault, file: file, language) }
        summary.files[file].source = sums
        summary.files[file].passedOver = passedOver
        return gathered.filter { !$0.value.lines.isEmpty }.sorted {
            ($0.value.time, $0.key) < ($1.value.time, $1.key)
        }
        .map { key, delivery in
            let supplier = names[delivery.warehouse] ?? "\(delivery.warehouse)"
            return (delivery.date, ActUnit(acts: [act(key, delivery, supplier, own, file)]))
        }
    }

    private func act(
        _ key: String,
        _ delivery: Delivery,
        _ supplier: String,
        _ own: Own,
        _ file: Int
    ) -> PlannedAct {
        PlannedAct(
            file: file,
            lines: delivery.places,
            totals: delivery.totals,
            key: key,
            digest: ActOutcome.digest(delivery.rows)
        ) { context in
            if let problem = delivery.problem { throw problem }
            let receipt = ReceiveGoods(
                branch: own.branch,
                date: delivery.date,
                lines: delivery.lines,
                supplierName: supplier,
                deliveryNote: "FoodMart \(delivery.warehouse)/\(delivery.time)",
                source: "foodmart"
            )
            try context.perform(receipt) { $0.rawValue }
        }
    }
}

extension WallTime {
    /// Noon in China: for a sale of which only the day is known.
    static func noon(of date: CivilDate) -> WallTime {
        WallTime(milliseconds: Int64(date.dayNumber) * 86_400_000 + 4 * 3_600_000)
    }
}
