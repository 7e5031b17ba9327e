// Where commits wait that cannot be projected: with the reason, and what they wait for.
// Derived from the log like any view; nothing is ever dropped from the log for it.

package import Kernel
import SQLite

/// A commit that waits.
package struct QuarantinedCommit: Hashable, Sendable {
    /// Why, numbered for ever.
    package enum Reason: Int64, Sendable {
        case malformed = 1
        case outOfRange = 2
        case violation = 3
        case unknownKind = 4
        case unknownFlag = 5
        case unmetNeed = 6
        case unread = 7
        case held = 8
        case notBlinded = 9
        /// Another commit of its act waits: an act is projected whole or not at all.
        case act = 10
        /// The program died twice over it; headquarters is to rule it unread.
        case deadly = 11
    }

    package let id: ChangeID
    package let position: Int64
    package let reason: Reason
    package let detail: String
    /// The change it waits for; `ChangeID.none` where nothing that arrives can help.
    package let waitsFor: ChangeID
}

extension ProjectionFault {
    /// The fault as a reason to wait; nil where the storage failed and no commit is to blame.
    var quarantine: (reason: QuarantinedCommit.Reason, detail: String, waitsFor: ChangeID)? {
        switch self {
        case .malformed(let fault): (.malformed, "\(fault)", .none)
        case .outOfRange(let detail): (.outOfRange, detail, .none)
        case .violation(let detail): (.violation, detail, .none)
        case .unknownKind(let kind): (.unknownKind, "kind \(kind)", .none)
        case .unknownFlag: (.unknownFlag, "", .none)
        case .notBlinded: (.notBlinded, "", .none)
        case .unmetNeed(let id): (.unmetNeed, "needs \(id)", id)
        case .storage(let fault) where fault.isOfTheData: (.violation, "\(fault)", .none)
        case .storage: nil
        }
    }
}

extension StorageFault {
    /// True where a table refused a value: the commit that brought it is to blame, not the disk.
    var isOfTheData: Bool {
        // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH.
        [18, 19, 20].contains(primaryCode)
    }
}

/// The quarantine table of one views file.
struct QuarantineTable {
    let views: Database

    func insert(_ commit: QuarantinedCommit) throws(StorageFault) {
        let statement = try views.statement(
            """
            INSERT OR REPLACE INTO view_quarantine(id, position, reason, detail, waits)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, commit.id.rawValue)
        statement.bind(2, commit.position)
        statement.bind(3, commit.reason.rawValue)
        statement.bind(4, commit.detail)
        statement.bind(5, commit.waitsFor.rawValue)
        try statement.run()
    }

    func remove(_ id: ChangeID) throws(StorageFault) {
        let statement = try views.statement("DELETE FROM view_quarantine WHERE id = ?1")
        statement.bind(1, id.rawValue)
        try statement.run()
    }

    /// True where the commit waits.
    func holds(_ id: ChangeID) throws(StorageFault) -> Bool {
        let statement = try views.statement("SELECT 1 FROM view_quarantine WHERE id = ?1")
        statement.bind(1, id.rawValue)
        return try statement.firstInteger() != nil
    }

    /// Everything that waits, by id.
    func all() throws -> [QuarantinedCommit] {
        let statement = try views.statement(
            "SELECT id, position, reason, detail, waits FROM view_quarantine ORDER BY id"
        )
        var commits: [QuarantinedCommit] = []
        try statement.forEach { row in
            let commit = QuarantinedCommit(
                id: ChangeID(row.integer(0)),
                position: row.integer(1),
                reason: QuarantinedCommit.Reason(rawValue: row.integer(2)) ?? .malformed,
                detail: row.text(3),
                waitsFor: ChangeID(row.integer(4))
            )
            commits.append(commit)
        }
        return commits
    }
}
