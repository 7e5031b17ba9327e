// Import: the door: a request, a node, and what came of it.
// Safe to run twice: rows are known by their identity, and a second run takes nothing.

import Module
package import Node

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
            try Files.write(runner.summary.rejectsFile, to: path)
        }
        return runner.summary
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
