// What headquarters withholds from pull, and what it delivers by name once it is judged after all.
// Kept beside the log, for the views that know what waits are made anew by newer code.
// Must not decide what is judged: the views do, and rulings.

import Kernel
import Replication
import SQLite

extension NodeEngine {
    /// Makes the table of what is withheld, at headquarters.
    func prepareWithheld() throws {
        guard log.isHeadquarters else { return }
        try log.database.execute(
            "CREATE TABLE IF NOT EXISTS withheld(id INTEGER PRIMARY KEY) STRICT"
        )
    }

    /// Follows the quarantine, with rulings where some are due; true where it wrote any.
    ///
    /// It keeps the commits that pull passes over, delivers by name those that wait no more, and
    /// rules unread what killed the program twice.
    ///
    /// Order: before anything is handed out up to where the views stand. A careful headquarters
    /// only takes note.
    func judgeLate() throws -> Bool {
        guard log.isHeadquarters, !projector.needsRebuild else { return false }
        let waiting = Set(try projector.quarantined().map(\.id))
        let known = try withheldBefore()
        let isQuiet = try log.isCareful || isUnproven
        let deadly = isQuiet ? [] : try unruledDeadly()
        let freed = isQuiet ? [] : known.subtracting(waiting).sorted()
        let added = waiting.subtracting(known).sorted()
        if freed.isEmpty && added.isEmpty && deadly.isEmpty { return false }
        let now = clock.now()
        let end = log.end
        try log.write {
            for id in added { try keepWithheld(id) }
            try forgetWithheld(freed)
            // What was committed again, or taken away, is no longer here under this id.
            try log.release(freed.filter { try log.reader.commit($0) != nil }, at: now)
            try log.setAside(deadly, reason: "the program died twice over it", at: now)
        }
        if log.end > end, let head = log.own { afterWrite(head) }
        return log.end > end
    }

    /// The commits over which the program died twice and that no ruling names yet.
    private func unruledDeadly() throws -> [ChangeID] {
        try projector.deadly().filter { try log.reader.rulings(holding: $0).isEmpty }
    }

    private func withheldBefore() throws -> Set<ChangeID> {
        let statement = try log.database.statement("SELECT id FROM withheld")
        var ids: Set<ChangeID> = []
        try statement.forEach { ids.insert(ChangeID($0.integer(0))) }
        return ids
    }

    private func keepWithheld(_ id: ChangeID) throws {
        let statement = try log.database.statement("INSERT OR IGNORE INTO withheld(id) VALUES(?1)")
        statement.bind(1, id.rawValue)
        try statement.run()
    }

    /// Takes commits off the list: they are delivered by name.
    func forgetWithheld(_ ids: [ChangeID]) throws {
        let statement = try log.database.statement("DELETE FROM withheld WHERE id = ?1")
        for id in ids {
            statement.bind(1, id.rawValue)
            try statement.run()
        }
    }
}
