// What lies beside the commits of log.sqlite: personal values, what headquarters acknowledged, and
// what was answered to requests. Must not ask the views, and changes nothing.

import Kernel
import Replication
import SQLite
import Wire

extension LogVerifier {
    // MARK: personal values

    /// Each value that flag 5 names is here under its hash, or known to be missing, or erased.
    mutating func checkPersonal(_ walk: CommitWalk) throws {
        let statement = try reader.database.statement(
            "SELECT salt, value, subject FROM personal WHERE id = ?1 AND place = ?2"
        )
        for (place, mark) in walk.personal.enumerated() {
            statement.bind(1, walk.id.rawValue)
            statement.bind(2, place)
            let record = try statement.first { row in
                PersonalRecord(
                    commit: walk.id,
                    index: place,
                    subject: row.integer(2),
                    salt: row.blob(0),
                    value: row.blob(1)
                )
            }
            let isErased = try isErased(mark.subject)
            if let record {
                result.personal += 1
                if record.hash != mark.hash || record.subject != mark.subject {
                    tell("personal value \(place) of commit \(walk.id) is not its own")
                } else if isErased {
                    tell("an erased person's value is still here: \(mark.subject)")
                }
            } else if !isErased, try !isMissing(walk.id, place) {
                tell("personal value \(place) of commit \(walk.id) is gone and not erased")
            }
        }
    }

    private func isErased(_ subject: Int64) throws -> Bool {
        let statement = try reader.database.statement("SELECT 1 FROM erased WHERE subject = ?1")
        statement.bind(1, subject)
        return try statement.firstInteger() != nil
    }

    private func isMissing(_ commit: ChangeID, _ place: Int) throws -> Bool {
        let statement = try reader.database.statement(
            "SELECT 1 FROM missing_personal WHERE id = ?1 AND place = ?2"
        )
        statement.bind(1, commit.rawValue)
        statement.bind(2, place)
        return try statement.firstInteger() != nil
    }

    /// Values that no commit names.
    mutating func findStrayPersonal() throws {
        result.missingPersonal =
            try reader.database.integer("SELECT count(*) FROM missing_personal") ?? 0
        let statement = try reader.database.statement(
            """
            SELECT p.id, p.place, c.bytes FROM personal p LEFT JOIN commits c ON c.id = p.id
            WHERE (p.id, p.place) > (?1, ?2) ORDER BY p.id, p.place LIMIT ?3
            """
        )
        var last: (id: Int64, place: Int64) = (.min, 0)
        var count = LogVerifier.sliceMax
        var strays = 0
        while count == LogVerifier.sliceMax {
            try pause()
            count = 0
            statement.bind(1, last.id)
            statement.bind(2, last.place)
            statement.bind(3, LogVerifier.sliceMax)
            try statement.forEach { row in
                count += 1
                last = (row.integer(0), row.integer(1))
                let named = (try? CommitWalk(row.borrowedBytes(2)))?.personal.count ?? 0
                if last.place >= named { strays += 1 }
            }
        }
        if strays > 0 { tell("\(strays) personal values belong to no commit that is here") }
    }

    // MARK: what headquarters signed and what was answered

    /// What headquarters acknowledged lies on the chains as they are.
    mutating func checkMarks() throws {
        let statement = try reader.database.statement(
            "SELECT replica, mark, sequence, hash FROM marks ORDER BY replica, mark"
        )
        try statement.forEach { row in
            let replica = ReplicaNumber(stored: row.integer(0))
            guard let head = try reader.head(of: replica) else { return }
            let sequence = UInt32(truncatingIfNeeded: row.integer(2))
            let hash = Digest32(row.borrowedBytes(3)) ?? .zero
            let start = Chain.start(
                realm: realm,
                replica: replica,
                incarnation: head.incarnation
            )
            let commit = try reader.lastCommit(of: replica, upTo: sequence)
            if commit == nil, hash == start { return }
            guard let commit, commit.hash == hash, commit.header?.lastSequence == sequence else {
                tell("what headquarters acknowledged of replica \(replica) is not on its chain")
                return
            }
        }
    }

    /// Each session that headquarters keeps is of a number and the device whose it is.
    mutating func checkSessions() throws {
        guard isHeadquarters else { return }
        let sessions = try reader.database.statement(
            """
            SELECT s.replica, s.device FROM sessions s
            LEFT JOIN numbers n ON n.replica = s.replica AND n.device = s.device
            WHERE n.replica IS NULL OR length(s.nonce) <> 16 ORDER BY s.replica, s.device
            """
        )
        try sessions.forEach { row in
            tell("the session of device \(row.integer(1)) under \(row.integer(0)) is nobody's")
        }
    }

    /// What an answered request is said to have made is in the log.
    mutating func checkRequests() throws {
        let statement = try reader.database.statement(
            "SELECT key, outcome FROM requests WHERE key > ?1 ORDER BY key LIMIT ?2"
        )
        var last = ""
        var count = LogVerifier.sliceMax
        while count == LogVerifier.sliceMax {
            try pause()
            count = 0
            statement.bind(1, last)
            statement.bind(2, LogVerifier.sliceMax)
            try statement.forEach { row in
                count += 1
                last = row.text(0)
                if (try? CBORValue(decoding: row.blob(1))) == nil {
                    tell("what request \(last) was answered with cannot be read")
                }
                guard let outcome = RequestOutcome(row.borrowedBytes(1)), outcome.made > 0 else {
                    return
                }
                let id = ChangeID(outcome.made)
                if id.isValid, try reader.place(of: id) != nil { return }
                tell("request \(last) was answered with \(id), which is not here")
            }
        }
    }
}
