// What is set aside: by a fault of its own, by a ruling, or because the program died over it.
// Whatever the order, the views are a function of the log and of what it holds back.

package import Kernel
import SQLite

extension Projector {
    // MARK: held and unread

    /// Reads which commits the log holds back, and lets the views follow: what was freed is tried
    /// again, and what was projected before it was set aside makes a rebuild necessary.
    func followHeld() throws {
        try readHeld()
        if held.isEmpty && aside.isEmpty { return }
        for id in held.keys.sorted() where aside[id] == nil {
            guard let place = try readablePlace(of: id), place.position <= position else {
                continue
            }
            if try quarantine.holds(id) {
                // It waits already; the ruling is the reason from now on.
                try tryAgain(id)
                continue
            }
            // What it added up cannot be taken out singly.
            try setMeta("rebuild", 1)
            needsRebuild = true
            return
        }
        for id in aside.keys.sorted() {
            // What was tried for another's sake is not tried twice.
            guard let waits = aside[id] else { continue }
            if let why = held[id] {
                let isSame = waits.reason == why.quarantineReason && waits.detail == why.reason
                if isSame { continue }
            } else if waits.reason == .deadly {
                continue
            }
            try tryAgain(id)
        }
    }

    private func readHeld() throws {
        held = [:]
        for commit in try reader.heldCommits() { held[commit.id] = commit }
    }

    /// Tries a unit that waits behind the position again.
    private func tryAgain(_ id: ChangeID) throws {
        guard let commit = try reader.commit(id), commit.position <= position else { return }
        let unit = try unit(around: commit)
        if connection.isInTransaction {
            current = position
            try projectAndFollow(unit)
            return
        }
        guard let first = unit.first?.position else { return }
        try setMarker(first...first, isAlone: true)
        do {
            try connection.transaction(.immediate) {
                current = position
                try projectAndFollow(unit)
                try clearMarker()
            }
        } catch {
            try? abandon()
            throw error
        }
    }

    /// Keeps all commits of a unit from being projected; one of them is to blame.
    func setAside(
        _ unit: [StoredCommit],
        culprit: Int,
        _ reason: QuarantinedCommit.Reason,
        _ detail: String,
        _ waitsFor: ChangeID
    ) throws {
        for (index, commit) in unit.enumerated() {
            if index == culprit {
                try setAside(commit, reason, detail, waitsFor)
            } else {
                try setAside(commit, .act, "\(unit[culprit].id)", .none)
            }
        }
    }

    /// Sets a unit aside if one of its commits is held back or deadly; answers whether it is.
    func setAsideByRuling(_ unit: [StoredCommit]) throws -> Bool {
        let stopped = unit.first { held[$0.id] != nil || $0.id == deadlyFirst }
        guard let stopped else { return false }
        for commit in unit {
            if let why = held[commit.id] {
                try setAside(commit, why.quarantineReason, why.reason, .none)
            } else if commit.id == deadlyFirst {
                try setAside(commit, .deadly, "the program died twice over it", .none)
            } else {
                try setAside(commit, .act, "\(stopped.id)", .none)
            }
        }
        return true
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
        remember(waits)
    }

    /// Takes note of what the quarantine holds.
    func remember(_ waits: QuarantinedCommit) {
        switch waits.reason {
        case .held, .unread, .deadly: aside[waits.id] = waits
        default: aside[waits.id] = nil
        }
        if waits.waitsFor == .none { return }
        var list = waiting[waits.waitsFor] ?? []
        if !list.contains(waits.id) { list.append(waits.id) }
        waiting[waits.waitsFor] = list
    }

    /// A commit was projected: it waits no more.
    func forgetAside(_ id: ChangeID) throws {
        aside[id] = nil
        try quarantine.remove(id)
    }

    /// What waits, by id.
    package func quarantined() throws -> [QuarantinedCommit] { try quarantine.all() }

    /// The commits over which the program died twice; headquarters rules them unread.
    package func deadly() throws -> [ChangeID] {
        try quarantine.all().filter { $0.reason == .deadly }.map(\.id)
    }

    // MARK: the crash marker

    /// Says which positions are about to be projected; it survives the death of the process.
    ///
    /// Alone: only the first of them is, under suspicion, and the others are to follow.
    /// Why: it lies in the views file, where a write costs no fsync: what kills the program leaves
    /// the system's cache alone, and a power cut says nothing about a commit.
    func setMarker(_ positions: ClosedRange<Int64>, isAlone: Bool) throws {
        let deaths = try connection.statement(
            "SELECT deaths FROM view_marker WHERE first = ?1 AND alone = ?2"
        )
        deaths.bind(1, positions.lowerBound)
        deaths.bind(2, isAlone ? 1 : 0)
        // The batch may have grown since; it is the same while it begins at the same place.
        let before = try deaths.firstInteger() ?? 0
        let insert = try connection.statement(
            """
            INSERT INTO view_marker(place, first, last, alone, deaths) VALUES(1, ?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET first = ?1, last = ?2, alone = ?3, deaths = ?4
            """
        )
        insert.bind(1, positions.lowerBound)
        insert.bind(2, positions.upperBound)
        insert.bind(3, isAlone ? 1 : 0)
        insert.bind(4, before)
        try insert.run()
    }

    /// Called in the transaction that the marker announced.
    func clearMarker() throws {
        try connection.statement("DELETE FROM view_marker").run()
    }

    /// At opening: a marker that nobody took away means that the process died.
    func countDeaths() throws {
        try connection.statement("UPDATE view_marker SET deaths = deaths + 1").run()
        let statement = try connection.statement(
            "SELECT first, last, alone, deaths FROM view_marker"
        )
        let marker = try statement.first { row in
            (range: row.integer(0)...row.integer(1), isAlone: row.integer(2) == 1, row.integer(3))
        }
        guard let marker else { return }
        let isTwice = marker.2 >= 2
        if marker.isAlone || isTwice { suspect = marker.range }
        guard marker.isAlone, isTwice else { return }
        let first = marker.range.lowerBound
        try reader.forEachCommit(after: first - 1, limit: 1) { _, id, _, _ in deadlyFirst = id }
    }
}

extension HeldCommit {
    /// The reason with which it waits in quarantine.
    var quarantineReason: QuarantinedCommit.Reason { verdict == .unread ? .unread : .held }
}
