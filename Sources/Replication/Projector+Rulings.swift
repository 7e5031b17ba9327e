// What the kinds of module 0 do to views. Which commits are held or unread is the log's to know,
// for it must be known before they are reached: see `followHeld`.

import Kernel
import SQLite
import Wire

extension Projector {
    /// Applies a change of module 0.
    func applyLogRuling(_ change: ChangeInHand) throws {
        switch change.kind {
        case LogKind.rowsTaken:
            try TakenRows.keep(try RowsTaken(body: change.body), change.id, views)
        case LogKind.clockRuled:
            let ruling = try ClockRuling(id: change.id, body: change.body)
            let from = ChangeID(replica: ruling.replica, sequence: ruling.from)
            let range = from...ChangeID(replica: ruling.replica, sequence: ruling.to)
            try flushAll()
            try rulings.keep(ruling)
            touched.formUnion(try registers.setTimes(in: range, rulings.effectiveTime))
            for projection in projections { try projection.clockRuled(range, world) }
        case LogKind.changeForbidden:
            let ranges = try RulingBody.ranges(change.body)
            try flushAll()
            for range in ranges {
                try rulings.forbid(range, by: change.id)
                touched.formUnion(try registers.setForbidden(range))
                for projection in projections { try projection.forbidden(range, world) }
            }
        case LogKind.factAdmitted, LogKind.commitUnread:
            _ = try RulingBody.ids(change.body)
            hasRuledHeld = true
        case LogKind.commitReleased:
            _ = try RulingBody.undone(change.body)
            _ = try RulingBody.ids(change.body, key: 2)
            hasRuledHeld = true
        case LogKind.personErased:
            // Views hold (commit, index), never a value.
            _ = try SubjectErased(body: change.body)
        case LogKind.logReleased, LogKind.audienceWidened, LogKind.tailLost,
            LogKind.replicaEnded, LogKind.deviceEnrolled, LogKind.deviceRevoked,
            LogKind.replicaIssued:
            break
        default:
            throw ProjectionFault.unknownKind(change.kind)
        }
    }
}
