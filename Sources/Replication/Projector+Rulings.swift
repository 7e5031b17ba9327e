// What the rulings of module 0 do to views, and the marker that survives a crash.

import Kernel
import SQLite
import Wire

extension Projector {
    /// Applies a ruling of module 0.
    func applyLogRuling(_ change: ChangeInHand) throws {
        switch change.kind {
        case LogKind.clockRuled:
            let ruling = try ClockRuling(id: change.id, body: change.body)
            try rulings.keep(ruling)
            let range =
                ChangeID(
                    replica: ruling.replica,
                    sequence: ruling.from
                )...ChangeID(
                    replica: ruling.replica,
                    sequence: ruling.to
                )
            touched.formUnion(try registers.setTimes(in: range, rulings.effectiveTime))
            for projection in projections { try projection.clockRuled(range, world) }
        case LogKind.changeForbidden:
            for range in try RulingBody.ranges(change.body) {
                try rulings.forbid(range, by: change.id)
                touched.formUnion(try registers.setForbidden(range))
                for projection in projections { try projection.forbidden(range, world) }
            }
        case LogKind.factAdmitted:
            try free(try RulingBody.ids(change.body))
        case LogKind.commitReleased:
            try free(try RulingBody.ids(change.body, key: 2))
        case LogKind.commitUnread:
            try readHeld()
            for id in try RulingBody.ids(change.body) where try isProjectedNow(id) {
                // What it added up cannot be taken out singly.
                try setMeta("rebuild", 1)
                needsRebuild = true
            }
        case LogKind.logReleased, LogKind.audienceWidened, LogKind.tailLost,
            LogKind.replicaEnded, LogKind.personErased, LogKind.deviceEnrolled,
            LogKind.deviceRevoked, LogKind.replicaIssued:
            break
        default:
            throw ProjectionFault.unknownKind(change.kind)
        }
    }

    private func free(_ ids: [ChangeID]) throws {
        try readHeld()
        for id in ids where !held.contains(id) {
            guard let commit = try reader.commit(id), commit.position <= current else { continue }
            retries.append(commit)
        }
    }

    private func isProjectedNow(_ id: ChangeID) throws -> Bool {
        guard let commit = try reader.commit(id), commit.position <= current else { return false }
        let statement = try views.statement("SELECT 1 FROM view_quarantine WHERE id = ?1")
        statement.bind(1, commit.id.rawValue)
        return try statement.firstInteger() == nil
    }

    /// What waits, by id.
    package func quarantined() throws -> [QuarantinedCommit] { try quarantine.all() }

    // MARK: the crash marker

    /// Says which positions are about to be projected; it survives the death of the process.
    ///
    /// Why: it lies in the views file, where a write costs no fsync: what kills the program leaves
    /// the system's cache alone, and a power cut says nothing about a commit.
    func setMarker(first: Int64, last: Int64) throws {
        let deaths = try deaths(first, last)
        try views.statement("DELETE FROM view_marker").run()
        let insert = try views.statement(
            "INSERT INTO view_marker(first, last, deaths) VALUES(?1, ?2, ?3)"
        )
        insert.bind(1, first)
        insert.bind(2, last)
        insert.bind(3, deaths)
        try insert.run()
    }

    private func deaths(_ first: Int64, _ last: Int64) throws -> Int64 {
        let statement = try views.statement(
            "SELECT deaths FROM view_marker WHERE first = ?1 AND last = ?2"
        )
        statement.bind(1, first)
        statement.bind(2, last)
        return try statement.firstInteger() ?? 0
    }

    /// At opening: a marker beyond the position means that the process died projecting it.
    func countDeaths() throws {
        let update = try views.statement(
            "UPDATE view_marker SET deaths = deaths + 1 WHERE last > ?1"
        )
        update.bind(1, position)
        try update.run()
        let statement = try views.statement(
            "SELECT first, last, deaths FROM view_marker WHERE deaths >= 2 AND last > ?1"
        )
        statement.bind(1, position)
        let marked = try statement.first { ($0.integer(0), $0.integer(1)) }
        guard let (first, last) = marked else { return }
        suspect = first...last
        guard first == last else { return }
        try reader.forEachCommit(after: first - 1, limit: 1) { _, id, _, _ in deadly.append(id) }
    }
}
