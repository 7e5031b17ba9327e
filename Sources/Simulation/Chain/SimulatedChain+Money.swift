// Whether headquarters' figures are the money that the tills named when they answered.
// Must not: take a figure of the reports for the figure it is checked against.

import Kernel
import Module
import Node
import Replication
import Sales
import Wire

extension SimulatedChain {
    /// What all tills answered, returns and voids taken off, is what headquarters reports.
    func checkMoney() throws {
        guard let engine = hq.engine else { return }
        let withheld = Set(try engine.projector.quarantined().map(\.id))
        var promises: [Int: Promise] = [:]
        for promise in oracle.promises { promises[promise.number] = promise }
        var expected: Int128 = 0
        try engine.log.reader.forEachCommit(after: 0, limit: .max) { _, commit, _, bytes in
            if withheld.contains(commit) { return }
            try CommitCodec.forEachChange(in: bytes) { _, _, kind, body in
                guard let (what, sign, ticket) = SimulatedChain.ticket(kind, body) else { return }
                // A void repeats the texts of its sale.
                let promise = Oracle.numbers(in: body).compactMap { promises[$0] }
                    .first { $0.what == what }
                let total = promise?.answer?.total.map { Int128($0.rawValue) } ?? ticket.total
                if total != ticket.total, let promise {
                    complain("\(promise.key) was answered with \(total), and is \(ticket.total)")
                }
                expected += sign * total
            }
        }
        let reported = try reportedNet(engine)
        note("\(expected) fen sold, net")
        if Int128(reported.rawValue) != expected {
            complain("headquarters reports \(reported.rawValue) fen, the tills took \(expected)")
        }
    }

    /// A ticket in a body: by which wish it came, and whether it brings or takes money.
    private static func ticket(
        _ kind: Kind,
        _ body: UnsafeRawBufferPointer
    ) -> (what: String, sign: Int128, ticket: Ticket)? {
        switch kind {
        case SalesKind.saleClosed:
            (try? SaleClosed(decoding: body)).map { ("sells", 1, $0.ticket) }
        case SalesKind.saleReturned:
            (try? SaleReturned(decoding: body)).map { ("takes back", -1, $0.ticket) }
        case SalesKind.saleVoided:
            (try? SaleVoided(decoding: body)).map { ("voids", -1, $0.ticket) }
        default: nil
        }
    }

    private func reportedNet(_ engine: NodeEngine) throws -> Fen {
        let ever = ReportRequest(
            from: try CivilDate(parsing: "2000-01-01"),
            to: try CivilDate(parsing: "2100-12-31")
        )
        let table = try engine.report("sales", ever).table
        guard let column = table.columns.firstIndex(where: { $0.key == "net" }) else {
            throw SimulationFault("the report of sales has no column net")
        }
        guard case .fen(let net)? = table.totals?[column] else { return .zero }
        return net
    }
}
