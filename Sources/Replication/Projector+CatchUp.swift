// Bringing the views to the log's end, batch by batch, and one's own act before it is appended.

import Kernel
import SQLite
import Wire

extension Projector {
    /// Projects up to `limit` commits that the views lack; answers how many were read.
    ///
    /// Throws: `StorageFault` or `CommitUndecided`: then `reload` after the file is well again.
    @discardableResult
    package func catchUp(limit: Int = 1_000) throws -> Int {
        if needsRebuild { return 0 }
        let end = try reader.end()
        if position >= end { return 0 }
        let last = min(end, position + Int64(limit))
        try readHeld()
        try setMarker(first: position + 1, last: last)
        let before = position
        let isSuspect = suspect.map { $0.overlaps(position + 1...last) } ?? false
        let isSimple = !isSuspect && held.isEmpty && waiting.isEmpty
        let isDone = isSimple ? try projectTogether(to: last) : false
        if !isDone { try projectSingly(to: last) }
        return Int(position - before)
    }

    /// Projects everything the log holds.
    package func catchUpWholly() throws {
        while try catchUp() > 0 {}
    }

    /// Projects a run as one; answers false where a commit of it cannot be projected.
    private func projectTogether(to last: Int64) throws -> Bool {
        do {
            try views.transaction(.immediate) {
                let limit = Int(last - position)
                try reader.forEachCommit(after: position, limit: limit) { at, _, _, bytes in
                    current = at
                    try apply(bytes)
                    if !retries.isEmpty { throw MustGoSingly() }
                }
                try flushAll()
                try setMeta("position", last)
            }
            position = last
            return true
        } catch let fault as ProjectionFault {
            try undo()
            if case .storage(let storage) = fault { throw storage }
            return false
        } catch is MustGoSingly {
            try undo()
            return false
        } catch {
            discardAll()
            throw error
        }
    }

    private struct MustGoSingly: Error {}

    private func undo() throws {
        discardAll()
        try reload()
    }

    /// Projects a run commit by commit, each under a savepoint.
    private func projectSingly(to last: Int64) throws {
        while position < last {
            let limit = Int(min(last - position, 100))
            var commits: [StoredCommit] = []
            try reader.forEachCommit(after: position, limit: limit) { at, id, hash, bytes in
                commits.append(StoredCommit(position: at, id: id, hash: hash, bytes: Array(bytes)))
            }
            for commit in commits { try projectAlone(commit) }
        }
    }

    private func projectAlone(_ commit: StoredCommit) throws {
        let isSuspect = suspect?.contains(commit.position) ?? false
        if isSuspect { try setMarker(first: commit.position, last: commit.position) }
        current = commit.position
        do {
            try views.transaction(.immediate) {
                try projectOrSetAside(commit)
                try setMeta("position", commit.position)
            }
        } catch {
            discardAll()
            try? reload()
            throw error
        }
        position = commit.position
    }

    /// Applies one commit, or puts it into quarantine; then what waited for it.
    ///
    /// Called inside a transaction of the views.
    func projectOrSetAside(_ commit: StoredCommit) throws {
        if held.contains(commit.id) {
            try setAside(commit, .held, "waits for a ruling", .none)
            return
        }
        if deadly.contains(commit.id) {
            try setAside(commit, .unread, "the program died twice over it", .none)
            return
        }
        do {
            try views.savepoint("one_commit") {
                try commit.bytes.withUnsafeBytes { try apply($0) }
                try flushAll()
            }
        } catch let fault as ProjectionFault {
            discardAll()
            guard let why = fault.quarantine else {
                if case .storage(let storage) = fault { throw storage }
                throw fault
            }
            try rulings.reload()
            try setAside(commit, why.reason, why.detail, why.waitsFor)
            return
        }
        try quarantine.remove(commit.id)
        try retryWaiting(for: commit)
        try drainRetries()
    }

    private func setAside(
        _ commit: StoredCommit,
        _ reason: QuarantinedCommit.Reason,
        _ detail: String,
        _ waitsFor: ChangeID
    ) throws {
        let waits = QuarantinedCommit(
            id: commit.id,
            position: commit.position,
            reason: reason,
            detail: detail,
            waitsFor: waitsFor
        )
        try quarantine.insert(waits)
        if waitsFor != .none {
            var list = waiting[waitsFor] ?? []
            if !list.contains(commit.id) { list.append(commit.id) }
            waiting[waitsFor] = list
        }
    }

    /// Tries again what waited for a change of this commit, by ascending id.
    private func retryWaiting(for commit: StoredCommit) throws {
        if waiting.isEmpty { return }
        guard let header = commit.header else { return }
        let last = ChangeID(replica: header.replica, sequence: header.lastSequence)
        let ready = waiting.keys.filter { (commit.id...last).contains($0) }.sorted()
        let commits = ready.flatMap { waiting.removeValue(forKey: $0) ?? [] }.sorted()
        for id in commits {
            guard let parked = try reader.commit(id), parked.position <= current else { continue }
            try projectOrSetAside(parked)
        }
    }

    /// Tries again what rulings freed.
    ///
    /// Called inside a transaction of the views.
    private func drainRetries() throws {
        while !retries.isEmpty {
            let commit = retries.removeFirst()
            let statement = try views.statement("SELECT 1 FROM view_quarantine WHERE id = ?1")
            statement.bind(1, commit.id.rawValue)
            if try statement.firstInteger() == nil { continue }
            try projectOrSetAside(commit)
        }
    }

    /// Reads which commits are set aside or held.
    func readHeld() throws {
        held = []
        let statement = try reader.database.statement("SELECT id FROM held")
        try statement.forEach { held.insert(ChangeID($0.integer(0))) }
    }

    // MARK: one's own acts

    /// Applies an act that is about to be appended, in a transaction of the views that stays open.
    ///
    /// Throws: `ProjectionFault`: what cannot be projected is refused before it exists; the
    /// transaction is rolled back then.
    package func begin(_ prepared: PreparedAct) throws {
        if !isPending { try views.begin(.immediate) }
        isPending = true
        do {
            for commit in prepared.commits {
                current = commit.position
                try commit.bytes.withUnsafeBytes { try apply($0) }
            }
            try flushAll()
            try drainRetries()
            if let last = prepared.commits.last { try setMeta("position", last.position) }
            pendingPosition = prepared.commits.last?.position ?? position
        } catch {
            try rollbackPending()
            throw error
        }
    }

    /// Commits what `begin` applied, once the log holds it.
    package func commitPending() throws {
        precondition(isPending, "an act was begun")
        isPending = false
        try views.commit()
        position = pendingPosition
    }

    /// Forgets what `begin` applied.
    package func rollbackPending() throws {
        if !isPending { return }
        isPending = false
        discardAll()
        try views.rollback()
        try reload()
    }
}
