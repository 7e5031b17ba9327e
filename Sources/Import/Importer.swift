// Import: the door: a request, a node, and what came of it.
// Safe to run twice: rows are known by their identity, and a second run takes nothing.

import Module
package import Node
import Tabular

/// Takes files of others into a node's log.
package struct Importer {
    private let engine: NodeEngine
    private let console: Console

    package init(engine: NodeEngine, console: Console) {
        self.engine = engine
        self.console = console
    }

    /// Imports what is asked for.
    ///
    /// Throws: `NodeFault` where the file is refused whole: nothing was taken then; what the engine
    /// throws where the disk fails: what was taken stays taken, and the next run goes on there.
    package func run(_ request: ImportRequest) throws -> ImportSummary {
        var runner = ActRunner(engine: engine, console: console)
        let master = MasterReading(request: request, engine: engine, console: console)
        switch request.format {
        case .foodmart:
            let data = FoodMart(folder: request.path, engine: engine, console: console)
            switch engine.facts.kind {
            case .headquarters: try data.importHeadquarters(&runner)
            case .branch, .till: try data.importBranch(&runner)
            case .field: throw wrongNode("foodmart")
            }
        case .products: try atHeadquarters(request) { try ProductsImport.run(master, &runner) }
        case .branches: try atHeadquarters(request) { try BranchesImport.run(master, &runner) }
        case .staff: try atHeadquarters(request) { try StaffImport.run(master, &runner) }
        case .sales: try SalesImport(request, engine, console).run(&runner)
        }
        if let path = request.rejects, runner.summary.refusedRows > 0 {
            try Files.write(try rejects(runner.summary, request), to: path)
        }
        return runner.summary
    }

    /// The rows refused as CSV, as they stood in the file, with line and reason behind them.
    ///
    /// They can be corrected there and imported. Of a folder of files: file, line and reason.
    private func rejects(
        _ summary: ImportSummary,
        _ request: ImportRequest
    ) throws -> [UInt8] {
        var writer = CSVWriter(hasMark: true)
        if request.format == .foodmart {
            writer.row(texts: ["file", "line", "reason"])
            for row in summary.refusals {
                writer.row([.text(row.file), .integer(Int64(row.line)), .text(row.reason)])
            }
            return writer.bytes
        }
        let reasons = Dictionary(summary.refusals.map { ($0.line, $0.reason) }) { first, _ in first
        }
        do throws(TableFault) {
            let table = try CSVTable(path: request.path, request.reading)
            let width = table.header.names.count
            writer.row(texts: table.header.names + ["line", "reason"])
            try table.forEachRow { line, fields in
                guard let reason = reasons[line] else { return }
                let blank = max(0, width - fields.count)
                let row = fields.prefix(width) + [String](repeating: "", count: blank)
                writer.row(texts: row + [String(line), reason] + fields.dropFirst(width))
            }
        } catch {
            let name = request.path.split(separator: "/").last.map(String.init) ?? ""
            throw FaultText.whole(error, name, console.language)
        }
        return writer.bytes
    }

    private func atHeadquarters(_ request: ImportRequest, _ body: () throws -> Void) throws {
        guard engine.facts.kind == .headquarters else { throw wrongNode("\(request.format)") }
        try body()
    }

    private func wrongNode(_ format: String) -> NodeFault {
        NodeFault(
            .refused,
            console.text(
                "\(format) 不能在这台设备上导入",
                "\(format) cannot be imported at this node"
            ),
            nextStep: console.text("主数据在总部导入", "master data is imported at headquarters")
        )
    }
}
