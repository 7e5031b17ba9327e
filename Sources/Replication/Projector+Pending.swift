// One's own act: applied to the views before it is appended, so that what cannot be projected is
// refused before it exists. A crash between the log's commit and the views' is mended by `catchUp`.

import Kernel
package import SQLite

extension Projector {
    /// Applies an act that is about to be appended, in a transaction of the views that stays open.
    ///
    /// With `isBrief` its sums stay in the accumulators until anyone looks: many acts add to the
    /// same rows, which are then written once. Its own rows are written.
    ///
    /// Throws: `ProjectionFault`: what cannot be projected is refused before it exists; the
    /// transaction is rolled back then.
    package func begin(_ prepared: PreparedAct, isBrief: Bool = false) throws {
        if let lost { throw lost }
        let stand = pending.last?.position ?? position
        precondition(
            prepared.commits.first?.position == stand + 1,
            "the views stand at the log's end before an act is applied to them"
        )
        try openTransaction()
        isPending = true
        do {
            for commit in prepared.commits {
                current = commit.position
                try commit.bytes.withUnsafeBytes { try apply($0) }
            }
            owedPosition = prepared.commits.last?.position
            if isBrief, touched.isEmpty { try flushNumbers() } else { try writeSums() }
            pending += prepared.commits
        } catch {
            try rollbackPending()
            throw error
        }
    }

    /// Takes what `begin` applied as projected, once the log holds it; what waited for it is tried.
    ///
    /// The transaction stays open until `commitOpen`: the views can be derived again, so that a
    /// crash before it costs time and nothing else.
    package func keepPending() throws {
        precondition(isPending, "an act was begun")
        do {
            if let last = pending.last { position = last.position }
            current = position
            if hasRuledHeld || !waiting.isEmpty { try writeSums() }
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
    }

    /// Opens the transaction in which the next act is decided and applied, if none is open.
    ///
    /// Why: a command reads dozens of rows, and outside of a transaction each of them takes and
    /// gives back a lock on the file.
    package func openTransaction() throws {
        if connection.isInTransaction { return }
        try connection.begin(.immediate)
        ownsTransaction = true
    }

    /// Commits the transaction that acts were kept in, if one is open.
    package func commitOpen() throws {
        precondition(!isPending, "an act that was begun is kept or rolled back first")
        if !isOpen { return }
        try writeSums()
        ownsTransaction = false
        do {
            try connection.commit()
        } catch {
            // The views stand where the file says, not where they would have stood.
            discardAll()
            try reload()
            throw error
        }
    }

    /// Writes what `begin` left to be written later.
    ///
    /// Throws: where the disk refuses it. Then all that is not committed is forgotten, for a half
    /// of it is written: the log holds it, and `catchUp` projects it again.
    package func writeSums() throws {
        guard let last = owedPosition else { return }
        do {
            try flushAll()
            try setMeta("position", last)
            owedPosition = nil
        } catch {
            var cause = error
            if case .storage(let storage)? = error as? ProjectionFault { cause = storage }
            let isWanted = isPending
            try? rollbackPending()
            if isWanted { lost = cause }
            throw cause
        }
    }

    /// The views with all that was applied.
    ///
    /// Where the disk refuses what was left to be written, they are those of the last commit; the
    /// next act meets the fault.
    package var views: Database {
        try? writeSums()
        return connection
    }

    /// Keeps what `begin` applied, and commits.
    package func commitPending() throws {
        try keepPending()
        try commitOpen()
    }

    /// Forgets what `begin` applied, and what was kept and not committed: `catchUp` projects it
    /// from the log again.
    package func rollbackPending() throws {
        isPending = false
        ownsTransaction = false
        pending = []
        lost = nil
        discardAll()
        // An error of the disk may have ended the transaction already.
        if connection.isInTransaction { try connection.rollback() }
        try reload()
    }
}
