// One's own act: applied to the views before it is appended, so that what cannot be projected is
// refused before it exists. A crash between the log's commit and the views' is mended by `catchUp`.

import Kernel
import SQLite

extension Projector {
    /// Applies an act that is about to be appended, in a transaction of the views that stays open.
    ///
    /// Throws: `ProjectionFault`: what cannot be projected is refused before it exists; the
    /// transaction is rolled back then.
    package func begin(_ prepared: PreparedAct) throws {
        let stand = pending.last?.position ?? position
        precondition(
            prepared.commits.first?.position == stand + 1,
            "the views stand at the log's end before an act is applied to them"
        )
        if !isPending { try views.begin(.immediate) }
        isPending = true
        do {
            for commit in prepared.commits {
                current = commit.position
                try commit.bytes.withUnsafeBytes { try apply($0) }
            }
            try flushAll()
            if let last = prepared.commits.last { try setMeta("position", last.position) }
            pending += prepared.commits
        } catch {
            try rollbackPending()
            throw error
        }
    }

    /// Commits what `begin` applied, once the log holds it; what waited for it is tried first.
    package func commitPending() throws {
        precondition(isPending, "an act was begun")
        do {
            if let last = pending.last { position = last.position }
            current = position
            if hasRuledHeld { try followHeld() }
            hasRuledHeld = false
            for commit in pending where !waiting.isEmpty {
                for id in try takeWaiting(for: commit).sorted() {
                    guard let parked = try reader.commit(id), try quarantine.holds(id) else {
                        continue
                    }
                    try projectAndFollow(try unit(around: parked))
                }
            }
        } catch {
            try? rollbackPending()
            throw error
        }
        isPending = false
        pending = []
        do {
            try views.commit()
        } catch {
            // The views stand where the file says, not where they would have stood.
            discardAll()
            try reload()
            throw error
        }
    }

    /// Forgets what `begin` applied.
    package func rollbackPending() throws {
        if !isPending { return }
        isPending = false
        pending = []
        discardAll()
        try views.rollback()
        try reload()
    }
}
