// Import: a table of sales at a branch. With a column of ticket numbers its rows are gathered into
// tickets; without, each row is a ticket of its own, and equal rows are real.

import Kernel
import Module
import Node
import Sales
import Tabular

/// A table of sales.
struct SalesImport {
    static let fields = [
        ImportField(
            "ticket",
            ["小票号", "小票", "单号", "流水号"],
            "the ticket's number; without, each row is one"
        ),
        ImportField("date", ["日期", "营业日期", "营业日", "销售日期"], required: true, "the business date"),
        ImportField("time", ["时间"], "the time of day, like 14:05 (default noon)"),
        ImportField(
            "product",
            ["编码", "商品编码", "货号", "条码", "商品"],
            required: true,
            "the product's code or barcode"
        ),
        ImportField("quantity", ["数量", "销量"], "how much was sold (default 1)"),
        ImportField("amount", ["金额", "销售金额", "实收"], "what the line came to in yuan, tax included"),
        ImportField("price", ["单价", "售价"], "the unit price; needed where there is no amount"),
        ImportField("cost", ["成本"], "what the line cost in yuan"),
        ImportField("rate", ["税率"], "the tax rate, like 13% (default the catalogue's)"),
        ImportField(
            "tender",
            ["支付方式", "支付", "付款方式", "收款方式"],
            "the payment method's code or name (default cash)"
        ),
        ImportField("till", ["收银台"], "the till's code (default the first)"),
        ImportField("branch", ["门店", "门店编码"], "the branch's code; rows of others are passed over"),
    ]

    let request: ImportRequest
    let engine: NodeEngine
    let console: Console
    private let branch: BranchAnswer
    private let tills: [TillAnswer]
    /// The codes of the tenders by their names.
    private let tenders: [String: String]
    private let today: CivilDate

    /// Throws: `NodeFault` where this node is no branch, or knows no till of it.
    init(_ request: ImportRequest, _ engine: NodeEngine, _ console: Console) throws {
        self.request = request
        self.engine = engine
        self.console = console
        let catalog = engine.modules.questions.catalog
        let today = engine.clock.now().date()
        let branch = try catalog.branch(engine.facts.branch, on: today, engine.views)
        guard let branch else {
            throw NodeFault(
                .refused,
                console.text("销售只能在门店的设备上导入", "sales are imported at a branch's node"),
                nextStep: console.text(
                    "用 --data 指定门店的目录；新设备先运行 tributary sync",
                    "name a branch's directory by --data; a new one runs `tributary sync` first"
                )
            )
        }
        self.branch = branch
        self.today = today
        tills = try catalog.tills(of: branch.id, engine.views)
        let known = try catalog.tenders(engine.views)
        tenders = Dictionary(known.map { ($0.name, $0.code) }) { first, _ in first }
    }

    /// Takes the sales of a file.
    func run(_ runner: inout ActRunner) throws {
        let reading = try TableReading(
            path: request.path,
            request.reading,
            console.language,
            breathe: engine.breathe
        )
        let columns = try Columns(request, reading)
        if columns["amount"] == nil, columns["price"] == nil {
            let fault = TableFault(
                .missingColumn,
                line: 1,
                column: "amount",
                "neither amount nor price is there",
                chinese: "金额（amount）和单价（price）都没有"
            )
            throw FaultText.whole(fault, reading.name, console.language)
        }
        let file = runner.summary.open(reading.name)
        var tickets = TicketCollector(file: file)
        var equalRows: [[UInt8]: Int] = [:]
        var products: [String: Int64] = [:]
        var passedOver = 0
        var others: Set<String> = []
        var faults: [TableFault] = []
        var sums = ImportTotals()
        try reading.forEach { () throws(TableFault) in
            if let code = columns.text("branch"), code != branch.code {
                passedOver += 1
                if others.count < ImportSummary.shownMax { others.insert(code) }
                return
            }
            let bytes = reading.rowBytes()
            let key = key(columns, bytes, &equalRows)
            do throws(TableFault) {
                let head = try head(columns)
                let product = try product(columns, &products)
                let row = try row(columns, product, bytes)
                sums += row.totals
                tickets.add(row, to: key, head)
            } catch {
                tickets.spoil(key, line: reading.table.line)
                throw error
            }
        } refuse: {
            faults.append($0)
        }
        for fault in faults { runner.summary.refuse(fault, file: file, console.language) }
        runner.summary.files[file].source = sums
        runner.summary.files[file].passedOver = passedOver
        runner.summary.files[file].others = others.sorted()
        runner.summary.files[file].unusedColumns = columns.unused
        try runner.run(tickets.units(engine).map(\.unit))
    }

    // MARK: - One row

    /// The identity of the ticket that the row belongs to.
    private func key(
        _ columns: Columns,
        _ bytes: [UInt8],
        _ equalRows: inout [[UInt8]: Int]
    ) -> String {
        if let ticket = columns.text("ticket") {
            return "import:sales:\(branch.code):ticket:\(ticket)"
        }
        let digest = ActOutcome.digest(bytes)
        equalRows[digest, default: 0] += 1
        return "import:sales:\(branch.code):row:\(Hex.encode(digest)):\(equalRows[digest] ?? 1)"
    }

    private func head(_ columns: Columns) throws(TableFault) -> TicketHead {
        let date = try columns.value("date") { (table, column) throws(TableFault) in
            try table.date(column, request.dates)
        }
        // Why: a wrong year would open the till's day in it, and count the branch as complete till
        // then; tomorrow, for a clock may be behind.
        if let date, date > today.adding(days: 1) {
            throw columns.fault("date", "晚于今天：还没有到的日子没有销售", "is after today")
        }
        guard let date else { throw columns.fault("date", "要有日期", "a date is needed") }
        guard
            let till = columns.text("till").map({ code in tills.first { $0.code == code } })
                ?? tills.first
        else { throw columns.fault("till", "本店没有这个收银台", "the branch has no such till") }
        return TicketHead(
            till: till.id,
            date: date,
            occurred: try time(columns, date),
            tender: columns.text("tender").map { tenders[$0] ?? $0 } ?? "cash"
        )
    }

    private func time(_ columns: Columns, _ date: CivilDate) throws(TableFault) -> WallTime {
        guard let text = columns.text("time") else { return .noon(of: date) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.map { $0.utf8.count <= 2 ? Int64($0) ?? -1 : -1 }
        guard (2...3).contains(parts.count),
            zip(numbers, [24, 60, 60]).allSatisfy({ number, end in
                (0..<end).contains(number)
            })
        else {
            throw columns.fault(
                "time",
                "不是 14:05 或 14:05:59 这样的时刻",
                "no time like 14:05 or 14:05:59"
            )
        }
        let seconds = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        return WallTime.noon(of: date).adding(milliseconds: (seconds - 12 * 3_600) * 1_000)
    }

    private func product(
        _ columns: Columns,
        _ known: inout [String: Int64]
    ) throws(TableFault) -> Int64 {
        let code = try columns.required("product")
        if let id = known[code] { return id }
        let catalog = engine.modules.questions.catalog
        let found: ProductAnswer?
        do {
            found =
                try catalog.product(code: code, engine.views)
                ?? catalog.product(barcode: code, engine.views)
        } catch {
            throw TableFault(.unreadable, line: 0, "the views of this node: \(error)")
        }
        guard let found else {
            throw columns.fault("product", "本机没有这个商品编码或条码", "no such product is known here")
        }
        known[code] = found.id
        return found.id
    }

    private func row(
        _ columns: Columns,
        _ product: Int64,
        _ bytes: [UInt8]
    ) throws(TableFault) -> SaleRow {
        let quantity =
            try columns.value("quantity") { (table, column) throws(TableFault) in
                try table.quantity(column)
            } ?? .one
        guard quantity > .zero else {
            throw columns.fault(
                "quantity",
                "只能大于零：退货不能导入",
                "above zero only: returns are not imported"
            )
        }
        let price = try columns.value("price") { (table, column) throws(TableFault) in
            try table.unitPrice(column)
        }
        let amount = try columns.value("amount") { (table, column) throws(TableFault) in
            try table.decimal(column, scale: ImportTotals.scale)
        }
        let cost = try columns.value("cost") { (table, column) throws(TableFault) in
            try table.decimal(column, scale: ImportTotals.scale)
        }
        do throws(NumberFault) {
            let exact: Int128
            if let amount {
                exact = Int128(amount)
            } else if let price {
                exact = Int128(price.rawValue) * Int128(quantity.rawValue) * 10
            } else {
                throw NumberFault(.notANumber, "no amount and no price")
            }
            let fen = Fen(try Rounding.halfAwayFromZero(exact, 1_000_000))
            let item = try SaleFigures.item(
                product,
                quantity: quantity,
                amount: fen,
                unitPrice: price,
                cost: cost,
                rate: columns.text("rate").map { (text) throws(NumberFault) in
                    try Rate(text: text)
                }
            )
            return SaleRow(
                line: columns.reading.table.line,
                item: item,
                totals: ImportTotals(amount: exact, fen: fen, quantity: quantity),
                bytes: bytes
            )
        } catch {
            throw TableFault(
                .number,
                line: columns.reading.table.line,
                column: columns["amount"] == nil ? "price" : "amount",
                error.description
            )
        }
    }
}
