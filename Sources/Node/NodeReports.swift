// The reports that no single module can make: how the devices are in step, and what is exceptional.

import Kernel
import Module

/// The reports of the node itself.
enum NodeReports {
    static let names = ["findings", "sync"]

    /// Runs one, nil where the name is another's.
    static func run(
        _ name: String,
        _ request: ReportRequest,
        _ context: ReportContext,
        _ engine: NodeEngine
    ) throws -> ReportTable? {
        switch name {
        case "sync": try SyncReport(engine, request, context).table()
        case "findings": try FindingsReport(engine, context).table(request)
        default: nil
        }
    }
}
