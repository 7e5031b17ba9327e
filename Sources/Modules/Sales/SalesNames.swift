// Sales: ids as people know them: S001-01 for a till, the printed number for a ticket.

import Kernel
import Module
import Replication

/// The names of what findings speak of, asked once each.
struct SalesNames {
    private let context: ReportContext
    private var tills: [Int64: String] = [:]

    init(_ context: ReportContext) { self.context = context }

    /// The branch's code.
    func branch(_ id: Int64) throws -> String {
        let catalog = context.questions.catalog
        return try catalog.branch(id, on: context.today, context.views)?.code ?? "\(id)"
    }

    /// The till's code behind its branch's.
    mutating func till(_ id: Int64) throws -> String {
        if let known = tills[id] { return known }
        let till = try context.questions.catalog.till(id, context.views)
        let name = try till.map { "\(try branch($0.branch))-\($0.code)" } ?? "\(id)"
        tills[id] = name
        return name
    }

    /// A series of a till's day: `S001-01 A 2026-11-20`.
    mutating func series(_ till: Int64, _ date: CivilDate, _ series: Int64) throws -> String {
        let letter = (try? ReceiptLabel.series(Int(series))) ?? "\(series)"
        return "\(try self.till(till)) \(letter) \(date)"
    }

    /// The tender's name.
    func tender(_ id: Int64) throws -> String {
        try context.questions.catalog.tender(id, context.views)?.name ?? "\(id)"
    }

    /// The printed number of a ticket; its id where it is not here.
    func ticket(_ id: ChangeID) throws -> String {
        guard let document = try SalesQueries.document(id, context.views, context.log),
            let till = try context.questions.catalog.till(document.ticket.till, context.views),
            let letter = try? ReceiptLabel.series(Int(document.ticket.series)),
            let label = try? ReceiptLabel(
                branch: try branch(document.ticket.branch),
                till: till.code,
                series: letter,
                date: document.ticket.date,
                sequence: Int(document.ticket.sequence)
            )
        else { return "\(id)" }
        return label.description
    }
}
