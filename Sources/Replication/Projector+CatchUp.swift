// Bringing the views to the log's end: batches as one, and what cannot be projected set aside.
// A unit is what is projected whole or not at all: a commit, or the commits of one act that lie
// behind one another in the log. No cut into batches lies inside a unit.

import Kernel
import SQLite
import Wire

extension Projector {
    /// Projects about `limit` commits that the views lack; answers how many were read.
    ///
    /// Throws: `StorageFault` or `CommitUndecided`: then `reload` after the file is well again.
    @discardableResult
    package func catchUp(limit: Int = 1_000) throws -> Int {
        if needsRebuild { return 0 }
        let end = try reader.end()
        try commitOpen()
        try followHeld()
        if needsRebuild || position >= end { return 0 }
        let before = position
        // A gap is passed over at once: a position may lie as far off as a bit that fell over.
        let first = try reader.position(after: position) ?? end
        let last = try endOfAct(at: first + min(Int64(limit) - 1, end - first), end)
        do {
            if let suspect, suspect.upperBound > position {
                try projectCarefully(to: min(last, suspect.upperBound))
            } else {
                try setMarker(position + 1...last, isAlone: false)
                try connection.transaction(.immediate) {
                    try project(after: position, to: last)
                    try finish(at: last)
                }
                position = last
            }
        } catch {
            try? abandon()
            throw error
        }
        return Int(position - before)
    }

    /// Projects everything the log holds.
    package func catchUpWholly() throws {
        while try catchUp() > 0 {}
    }

    /// Writes where the views stand and takes the marker away, with what was projected.
    private func finish(at last: Int64) throws {
        try setMeta("position", last)
        try clearMarker()
    }

    /// After an error that is no commit's: what is kept in memory follows the file again.
    func abandon() throws {
        discardAll()
        try reload()
        // The process lives: what stopped it was no death. Where this fails too, the disk is full.
        try clearMarker()
    }

    /// One by one, each with a marker of its own: over one of these the program died before.
    private func projectCarefully(to last: Int64) throws {
        let bound = suspect?.upperBound ?? last
        while position < last {
            let unit = try unit(from: position + 1)
            guard let end = unit.last?.position else { return }
            try setMarker(position + 1...max(bound, end), isAlone: true)
            try connection.transaction(.immediate) {
                current = end
                try projectAndFollow(unit)
                try finish(at: end)
            }
            position = end
        }
        if position >= bound { suspect = nil }
    }

    // MARK: batches

    private enum BatchEnd {
        case whole
        /// The unit that begins at this position is to be tried alone.
        case alone(Int64)
        /// What was added up could not be written: some unit is to blame, nobody knows which.
        case unclear
    }

    private struct GoesAlone: Error { let position: Int64 }

    /// Projects a run inside a transaction of the connection.
    private func project(after start: Int64, to last: Int64) throws {
        var done = start
        while done < last {
            switch try projectTogether(after: done, to: last) {
            case .whole: done = last
            case .unclear: done = try projectSingly(after: done, to: last)
            case .alone(let first):
                if first > done + 1 {
                    switch try projectTogether(after: done, to: first - 1) {
                    case .whole: break
                    case .alone, .unclear: _ = try projectSingly(after: done, to: first - 1)
                    }
                }
                done = try projectSingly(after: first - 1, to: first)
            }
        }
    }

    private func projectTogether(after start: Int64, to last: Int64) throws -> BatchEnd {
        // Where nothing else stands in the transaction all of it is taken back, which needs no
        // savepoint: that keeps a copy of every page that is written.
        let isAlone = start == position
        do {
            if isAlone {
                try applyRun(after: start, to: last)
            } else {
                try connection.savepoint("batch") { try applyRun(after: start, to: last) }
            }
            return .whole
        } catch let end as GoesAlone {
            try undoRun(isAlone)
            return .alone(end.position)
        } catch let fault as ProjectionFault {
            try undoRun(isAlone)
            if fault.quarantine == nil, case .storage(let storage) = fault { throw storage }
            return .unclear
        }
    }

    private func applyRun(after start: Int64, to last: Int64) throws {
        var place: CommitPlace?
        var first = start + 1
        try reader.forEachBytes(after: start, through: last) { at, bytes in
            current = at
            guard var walk = try? CommitWalk(bytes) else { throw GoesAlone(position: at) }
            do {
                if !walk.continues(place) { first = at }
                place = walk.place
                if mustGoAlone(walk) { throw GoesAlone(position: first) }
                try apply(&walk)
            } catch let fault as ProjectionFault where fault.quarantine != nil {
                throw GoesAlone(position: first)
            }
        }
        try flushAll()
    }

    private func undoRun(_ isAlone: Bool) throws {
        if isAlone {
            try connection.rollback()
            try connection.begin(.immediate)
        }
        try undo()
    }

    /// True where a commit is set aside, or others wait for it.
    private func mustGoAlone(_ walk: CommitWalk) -> Bool {
        if held.isEmpty && waiting.isEmpty && deadlyFirst == nil { return false }
        if held[walk.id] != nil || deadlyFirst == walk.id { return true }
        if waiting.isEmpty { return false }
        if walk.changeCount == 1 { return waiting[walk.id] != nil }
        let ids = walk.id...walk.lastID
        return waiting.keys.contains { ids.contains($0) }
    }

    /// Projects unit by unit, each under a savepoint; answers where it ended.
    private func projectSingly(after start: Int64, to last: Int64) throws -> Int64 {
        var done = start
        while done < last {
            let unit = try unit(from: done + 1)
            guard let end = unit.last?.position else { return last }
            current = end
            try projectAndFollow(unit)
            done = end
        }
        return done
    }

    // MARK: units

    /// The commits of the unit that begins at a position.
    private func unit(from first: Int64) throws -> [StoredCommit] {
        var unit: [StoredCommit] = []
        var place: CommitPlace?
        var isOver = false
        let limit = CommitFlags.ActPlace.countMax
        try reader.forEachCommit(after: first - 1, limit: limit) { at, id, hash, bytes in
            if isOver { return }
            let walk = try? CommitWalk(bytes)
            guard unit.isEmpty || walk?.continues(place) == true else {
                isOver = true
                return
            }
            place = walk?.place
            unit.append(StoredCommit(position: at, id: id, hash: hash, bytes: Array(bytes)))
        }
        return unit
    }

    /// The unit that a commit of the log belongs to.
    func unit(around commit: StoredCommit) throws -> [StoredCommit] {
        let walk = try? commit.bytes.withUnsafeBytes { try CommitWalk($0) }
        let index = Int64(walk?.act?.index ?? 0)
        for first in max(1, commit.position - index)...commit.position {
            let unit = try unit(from: first)
            if unit.contains(where: { $0.id == commit.id }) { return unit }
        }
        return [commit]
    }

    /// The last position of the unit that lies across `position`.
    private func endOfAct(at position: Int64, _ end: Int64) throws -> Int64 {
        var last = position
        var place: CommitPlace?
        let limit = CommitFlags.ActPlace.countMax
        var isOver = false
        try reader.forEachCommit(after: position - 1, limit: limit) { at, _, _, bytes in
            if isOver || at > end { return }
            let walk = try? CommitWalk(bytes)
            if at > position {
                guard walk?.continues(place) == true else {
                    isOver = true
                    return
                }
                last = at
            } else if walk?.act == nil {
                isOver = true
            }
            place = walk?.place
        }
        return last
    }

    /// Projects a unit or sets it aside; then what waited for it, by ascending id.
    ///
    /// Called inside a transaction of the connection.
    func projectAndFollow(_ unit: [StoredCommit]) throws {
        // Greatest first: the next one is the last.
        var open = try projectOrSetAside(unit)
        while let id = open.popLast() {
            guard let commit = try reader.commit(id), commit.position <= current,
                try quarantine.holds(id)
            else { continue }
            open += try projectOrSetAside(try self.unit(around: commit))
            open.sort(by: >)
        }
    }

    /// Answers what waited for the unit.
    private func projectOrSetAside(_ unit: [StoredCommit]) throws -> [ChangeID] {
        if try setAsideByRuling(unit) { return [] }
        var at = 0
        unitIDs = unit[0].id...unit[unit.count - 1].id
        defer { unitIDs = nil }
        do {
            try connection.savepoint("one_unit") {
                for index in unit.indices {
                    at = index
                    try unit[index].bytes.withUnsafeBytes { try apply($0) }
                }
                try flushAll()
            }
        } catch let fault as ProjectionFault {
            try undo()
            guard let why = fault.quarantine else {
                if case .storage(let storage) = fault { throw storage }
                throw fault
            }
            try setAside(unit, culprit: at, why.reason, why.detail, why.waitsFor)
            return []
        }
        for commit in unit { try forgetAside(commit.id) }
        return try unit.flatMap { try takeWaiting(for: $0) }.sorted(by: >)
    }

    /// What waits for a change of this commit.
    func takeWaiting(for commit: StoredCommit) throws -> [ChangeID] {
        if waiting.isEmpty { return [] }
        let walk = try commit.bytes.withUnsafeBytes { try CommitWalk($0) }
        if walk.changeCount == 1 { return waiting.removeValue(forKey: walk.id) ?? [] }
        let ids = walk.id...walk.lastID
        let ready = waiting.keys.filter { ids.contains($0) }.sorted()
        return ready.flatMap { waiting.removeValue(forKey: $0) ?? [] }
    }

    /// Rolled back to a savepoint: what is kept in memory follows.
    private func undo() throws {
        discardAll()
        if rulings.hasChanged { try rulings.reload() }
    }
}
