// Checking a whole data directory: chains, envelopes, personal records, views, invariants.
// Names everything that is wrong; changes nothing.

import Kernel
import Module
import Replication
import SQLite
import Wire

/// What a check found.
package struct VerifyResult: Sendable {
    /// What is wrong, one sentence each; empty is well.
    package var problems: [String] = []
    package var commits: Int64 = 0
    package var changes: Int64 = 0
    package var personal: Int64 = 0
    package var quarantined = 0
    package var missingPersonal: Int64 = 0
}

extension NodeEngine {
    /// Checks everything.
    package func verify(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> VerifyResult {
        try catchUp()
        var result = VerifyResult()
        try verifyFiles(&result)
        try verifyChains(&result, progress)
        try verifyPersonal(&result)
        try verifyViews(&result)
        let context = try reportContext()
        for module in modules.modules {
            for violation in try module.violations(context) {
                result.problems.append("\(module.name): \(violation)")
            }
        }
        result.quarantined = try projector.quarantined().count
        return result
    }

    func verifyFiles(_ result: inout VerifyResult) throws {
        for (name, database) in [("log.sqlite", log.database), ("views", projector.views)] {
            for complaint in try database.integrityComplaints() {
                result.problems.append("\(name): \(complaint)")
            }
        }
    }

    /// Follows each replica's chain, and at headquarters the chain of its own order.
    func verifyChains(
        _ result: inout VerifyResult,
        _ progress: (Int64, Int64) -> Void
    ) throws {
        for head in try log.reader.heads() {
            try verifyChain(head, &result)
        }
        try verifyGaps(&result)
        guard log.isHeadquarters else { return }
        var hash = Chain.logStart(realm: log.realm)
        var points = try chainPoints()
        try log.reader.forEachCommit(after: 0, limit: .max) { position, _, commit, _ in
            hash = Chain.logNext(hash, commit)
            if let kept = points.removeValue(forKey: position), kept != hash {
                result.problems.append("the order of headquarters differs at position \(position)")
            }
            if position % 10_000 == 0 { progress(position, log.end) }
        }
        if hash != log.chainHash {
            result.problems.append("the order of headquarters has another end than it keeps")
        }
    }

    private func chainPoints() throws -> [Int64: Digest32] {
        let statement = try log.database.statement("SELECT position, hash FROM chain")
        var points: [Int64: Digest32] = [:]
        try statement.forEach { row in
            points[row.integer(0)] = Digest32(row.borrowedBytes(1)) ?? .zero
        }
        return points
    }

    private func verifyChain(_ head: Head, _ result: inout VerifyResult) throws {
        var hash = Chain.start(
            realm: log.realm,
            replica: head.replica,
            incarnation: head.incarnation
        )
        var next: UInt32 = 1
        var after: UInt32 = 0
        while true {
            let commits = try log.reader.commits(of: head.replica, after: after, limit: 1_000)
            if commits.isEmpty { break }
            for commit in commits {
                guard let header = commit.header else {
                    result.problems.append("commit \(commit.id) cannot be read")
                    return
                }
                if header.firstSequence != next {
                    result.problems.append("replica \(head.replica) lacks \(next) … ")
                    return
                }
                hash = commit.bytes.withUnsafeBytes { Chain.next(hash, $0) }
                if hash != commit.hash {
                    result.problems.append("commit \(commit.id) does not have its hash")
                    return
                }
                next = header.lastSequence &+ 1
                after = header.firstSequence
                result.commits += 1
                result.changes += Int64(header.changeCount)
            }
        }
        if next != head.last &+ 1 || hash != head.hash {
            result.problems.append("replica \(head.replica) does not end at its head")
        }
    }

    /// Commits of replicas whose whole chain is not held: each follows its predecessor's hash.
    private func verifyGaps(_ result: inout VerifyResult) throws {
        let statement = try log.database.statement(
            """
            SELECT id, hash, bytes, previous FROM commits
            WHERE (id >> 32) NOT IN (SELECT replica FROM heads) ORDER BY id
            """
        )
        var last: (id: ChangeID, next: UInt32, hash: Digest32)?
        try statement.forEach { row in
            let id = ChangeID(row.integer(0))
            let kept = Digest32(row.borrowedBytes(1)) ?? .zero
            let bytes = row.borrowedBytes(2)
            let header = try CommitCodec.header(of: bytes)
            var before = Digest32(row.borrowedBytes(3))
            if before == nil, let last, last.id.replica == id.replica, last.next == id.sequence {
                before = last.hash
            }
            if before == nil, id.sequence == 1 {
                last = (id, header.lastSequence &+ 1, kept)
                result.commits += 1
                result.changes += Int64(header.changeCount)
                return
            }
            if before.map({ Chain.next($0, bytes) }) != kept {
                result.problems.append("commit \(id) does not follow what stands before it")
            }
            last = (id, header.lastSequence &+ 1, kept)
            result.commits += 1
            result.changes += Int64(header.changeCount)
        }
    }

    func verifyPersonal(_ result: inout VerifyResult) throws {
        let statement = try log.database.statement(
            "SELECT id, place, subject, salt, value FROM personal ORDER BY id, place"
        )
        var records: [PersonalRecord] = []
        try statement.forEach { row in
            let record = PersonalRecord(
                commit: ChangeID(row.integer(0)),
                index: Int(row.integer(1)),
                subject: row.integer(2),
                salt: row.blob(3),
                value: row.blob(4)
            )
            records.append(record)
        }
        for record in records {
            result.personal += 1
            let marks = try log.reader.commit(record.commit)?.header?.flags.personal ?? []
            guard record.index < marks.count, marks[record.index].hash == record.hash,
                marks[record.index].subject == record.subject
            else {
                result.problems.append(
                    "personal value \(record.index) of commit \(record.commit) is not its own"
                )
                continue
            }
            if try log.isErased(record.subject) {
                result.problems.append("an erased person's value is still here: \(record.subject)")
            }
        }
        result.missingPersonal =
            try log.database.integer("SELECT count(*) FROM missing_personal") ?? 0
    }

    /// Derives the views aside and compares them, table for table.
    private func verifyViews(_ result: inout VerifyResult) throws {
        let fresh = try Projector(
            reader: log.reader,
            views: Database(path: ":memory:"),
            projections: modules.projections()
        )
        try fresh.catchUpWholly()
        for (kept, rebuilt) in zip(try projector.digests(), try fresh.digests())
        where kept != rebuilt {
            result.problems.append("the views of module \(kept.module) differ from a rebuild")
        }
    }
}
