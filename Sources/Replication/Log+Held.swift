// What rulings of module 0 demand of the log itself, as soon as they are in it; above all which
// commits are not projected. Any order of arrival of commits and rulings gives the same.
// Must not refuse a commit: a ruling that cannot be read waits in quarantine like any other.

package import Kernel
import SQLite
import Wire

extension Log {
    /// Why a commit in the log is not projected, numbered for ever.
    package enum Verdict: Int64, Sendable {
        /// A fact beyond the rights of its device: waits until a person rules it admitted.
        case beyondRights = 1
        /// Set aside unread by a ruling.
        case unread = 2
    }

    /// Does at once what rulings of module 0 demand of the log itself.
    func followLogKinds(_ header: CommitHeader, _ bytes: UnsafeRawBufferPointer) throws {
        guard header.kinds.contains(where: { $0.module == 0 && $0.isRuling }) else { return }
        try CommitCodec.forEachChange(in: bytes) { header, index, kind, body in
            guard kind.module == 0, kind.isRuling else { return }
            let id = ChangeID(
                replica: header.replica,
                sequence: header.firstSequence + UInt32(index)
            )
            do {
                try follow(kind, id, body)
            } catch is WireFault {
                // The views set it aside with its reason; nothing behind it is blocked.
            }
        }
    }

    private func follow(_ kind: Kind, _ id: ChangeID, _ body: UnsafeRawBufferPointer) throws {
        switch kind {
        case LogKind.clockRuled:
            let ruling = try ClockRuling(id: id, body: body)
            try ClockRulings(reader: reader).keep(ruling)
            if !isHeadquarters { try restartClock(after: ruling) }
        case LogKind.personErased:
            try erase(try SubjectErased(body: body).subject)
        case LogKind.commitUnread:
            for commit in try RulingBody.ids(body) {
                try hold(commit, .unread, "ruling \(id)", by: id)
                try bringBack(from: commit)
            }
        case LogKind.commitReleased:
            let ruling = try RulingBody.undone(body)
            for commit in try RulingBody.ids(body, key: 2) { try free(commit, from: ruling) }
        case LogKind.factAdmitted:
            for commit in try RulingBody.ids(body) { try free(commit, .beyondRights) }
        case LogKind.audienceWidened:
            try keepWidened(body)
        case LogKind.tailLost:
            try giveUpHole(body)
        default:
            try followDevices(kind, body)
        }
    }

    /// Keeps a commit from being projected, by a judgement of this node.
    ///
    /// Called inside `write`. A commit that was ruled admitted before is not held again.
    package func hold(_ commit: ChangeID, _ verdict: Verdict, _ reason: String) throws {
        try hold(commit, verdict, reason, by: .none)
    }

    /// True for a commit that a ruling keeps unread.
    func isUnread(_ commit: ChangeID) throws -> Bool {
        try !reader.rulings(holding: commit).isEmpty
    }

    /// What went aside here for a commit that is unread is headquarters' after all.
    private func bringBack(from commit: ChangeID) throws {
        if isHeadquarters { return }
        let statement = try database.statement("SELECT 1 FROM forked WHERE became = ?1 LIMIT 1")
        statement.bind(1, commit.rawValue)
        if try statement.firstInteger() != nil { try mustRefetch() }
    }

    private func hold(
        _ commit: ChangeID,
        _ verdict: Verdict,
        _ reason: String,
        by ruling: ChangeID
    ) throws {
        // Views of a branch may hold it already; headquarters rules before it projects.
        if !isHeadquarters, ruling != .none, try reader.commit(commit) != nil {
            try viewsBecomeStale()
        }
        let statement = try database.statement(
            "INSERT OR IGNORE INTO held(id, ruling, verdict, reason) VALUES(?1, ?2, ?3, ?4)"
        )
        statement.bind(1, commit.rawValue)
        statement.bind(2, ruling.rawValue)
        statement.bind(3, verdict.rawValue)
        statement.bind(4, reason)
        try statement.run()
    }

    /// Lets a commit be projected again that a judgement of this node had held.
    ///
    /// Called inside `write`. Rulings are undone only by the ruling that names them.
    package func free(_ commit: ChangeID, _ verdict: Verdict) throws {
        try free(commit, from: .none)
    }

    private func free(_ commit: ChangeID, from ruling: ChangeID) throws {
        let statement = try database.statement(
            "INSERT OR IGNORE INTO freed(id, ruling) VALUES(?1, ?2)"
        )
        statement.bind(1, commit.rawValue)
        statement.bind(2, ruling.rawValue)
        try statement.run()
    }
}

/// A commit that is in the log and not projected.
package struct HeldCommit: Hashable, Sendable {
    package let id: ChangeID
    package let verdict: Log.Verdict
    package let reason: String
}

extension LogReader {
    /// What is not projected, by id.
    ///
    /// Held by a judgement that no ruling admitted, or by a ruling that none has undone. Of several
    /// rulings on one commit the smallest that stands is named.
    package func heldCommits() throws -> [HeldCommit] {
        let statement = try database.statement(
            """
            SELECT id, verdict, reason FROM held AS h WHERE NOT EXISTS
              (SELECT 1 FROM freed AS f WHERE f.id = h.id AND f.ruling = h.ruling)
            ORDER BY id, verdict DESC, ruling
            """
        )
        var held: [HeldCommit] = []
        try statement.forEach { row in
            let id = ChangeID(row.integer(0))
            if held.last?.id == id { return }
            let commit = HeldCommit(
                id: id,
                verdict: Log.Verdict(rawValue: row.integer(1)) ?? .unread,
                reason: row.text(2)
            )
            held.append(commit)
        }
        return held
    }

    /// The rulings that set a commit aside and that none has undone, ascending.
    package func rulings(holding commit: ChangeID) throws -> [ChangeID] {
        let statement = try database.statement(
            """
            SELECT ruling FROM held AS h WHERE id = ?1 AND ruling <> 0 AND NOT EXISTS
              (SELECT 1 FROM freed AS f WHERE f.id = h.id AND f.ruling = h.ruling)
            ORDER BY ruling
            """
        )
        statement.bind(1, commit.rawValue)
        var rulings: [ChangeID] = []
        try statement.forEach { rulings.append(ChangeID($0.integer(0))) }
        return rulings
    }
}
