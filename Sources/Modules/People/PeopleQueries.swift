// Who a person is and what they may do, as this node knows it.

package import Kernel
package import Module
package import Replication
package import SQLite
import Wire

/// A named set of rights.
package struct RoleAnswer: Hashable, Sendable {
    package let id: Int64
    package let name: String
    /// By number, ascending; numbers that are not known here permit nothing here.
    package let rights: [Int64]
}

/// A grant and what ended it.
package struct GrantAnswer: Hashable, Sendable {
    package let id: Int64
    package let given: Given
    /// 0 is everywhere.
    package let branch: Int64
    package let from: WallTime
    package let to: WallTime?
    package let revokedAt: WallTime?
    /// The branches at which it was ended, ascending.
    package let suspendedAt: [Int64]

    /// True where it still holds, or begins, after a moment.
    package func holds(after moment: WallTime) -> Bool {
        (to.map { moment < $0 } ?? true) && (revokedAt.map { moment < $0 } ?? true)
    }
}

/// People's answers.
package struct PeopleAnswers: PeopleQuestions {
    package init() {}

    package func person(_ id: Int64, _ views: Database) throws -> PersonAnswer? {
        let statement = try views.statement(
            """
            SELECT id, code, branch, active, name_at, name_index FROM people_persons WHERE id = ?1
            """
        )
        statement.bind(1, id)
        return try statement.first { PeopleAnswers.person(row: $0) }
    }

    package func person(code: String, _ views: Database) throws -> PersonAnswer? {
        let statement = try views.statement(
            """
            SELECT id, code, branch, active, name_at, name_index FROM people_persons
            WHERE code = ?1 ORDER BY active DESC, id LIMIT 1
            """
        )
        statement.bind(1, code)
        return try statement.first { PeopleAnswers.person(row: $0) }
    }

    /// All persons of a branch, or of all where it is nil, by code.
    package func persons(of branch: Int64?, _ views: Database) throws -> [PersonAnswer] {
        let statement = try views.statement(
            """
            SELECT id, code, branch, active, name_at, name_index FROM people_persons
            WHERE ?1 IS NULL OR branch = ?1 ORDER BY code, id
            """
        )
        statement.bind(1, branch)
        var persons: [PersonAnswer] = []
        try statement.forEach { persons.append(PeopleAnswers.person(row: $0)) }
        return persons
    }

    private static func person(row: Statement) -> PersonAnswer {
        PersonAnswer(
            id: row.integer(0),
            code: row.text(1),
            branch: row.integer(2),
            isActive: row.integer(3) == 1,
            nameCommit: row.integer(4),
            nameIndex: row.integer(5)
        )
    }

    /// True from a person's first day to the last.
    package func isEmployed(
        _ person: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            """
            SELECT 1 FROM people_persons
            WHERE id = ?1 AND active = 1 AND since <= ?2 AND until >= ?2
            """
        )
        statement.bind(1, person)
        statement.bind(2, Int64(date.dayNumber))
        return try statement.firstInteger() != nil
    }

    package func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool {
        let memory = views.memory(PeopleMemory.self, PeopleMemory.init)
        let asked = RightAsked(person: person, right: right, branch: branch, date: time.date())
        if memory?.allowed[asked]?.at(time) != nil { return true }
        guard try holds(person, right, branch: branch, at: time, views) else { return false }
        if let memory {
            let until = try nextGrantBound(of: person, after: time, views)
            memory.allowed.keep(HeldAnswer((), from: time, until: until), for: asked)
        }
        return true
    }

    /// When a grant of a person begins, ends, is revoked or suspended next.
    private func nextGrantBound(
        of person: Int64,
        after time: WallTime,
        _ views: Database
    ) throws -> WallTime {
        let statement = try views.statement(
            """
            SELECT min(at) FROM (
              SELECT since AS at FROM people_grants WHERE person = ?1
              UNION ALL SELECT until FROM people_grants WHERE person = ?1
              UNION ALL SELECT v.at FROM people_grants g
                JOIN people_revocations v ON v.grant = g.id WHERE g.person = ?1
              UNION ALL SELECT s.at FROM people_grants g
                JOIN people_suspensions s ON s.grant = g.id WHERE g.person = ?1)
            WHERE at > ?2
            """
        )
        statement.bind(1, person)
        statement.bind(2, time.milliseconds)
        return WallTime(milliseconds: try statement.firstInteger() ?? .max)
    }

    private func holds(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            """
            SELECT 1 FROM people_persons p JOIN people_grants g ON g.person = p.id
            WHERE p.id = ?1 AND p.active = 1 AND p.since <= ?5 AND p.until >= ?5
              AND g.branch IN (0, ?3) AND g.since <= ?4 AND g.until > ?4
              AND (EXISTS (SELECT 1 FROM people_role_rights r
                           WHERE r.role = g.role AND r.permit = ?2)
                OR EXISTS (SELECT 1 FROM people_grant_rights r
                           WHERE r.grant = g.id AND r.permit = ?2))
              AND NOT EXISTS (SELECT 1 FROM people_revocations v
                              WHERE v.grant = g.id AND v.at <= ?4)
              AND NOT EXISTS (SELECT 1 FROM people_suspensions s
                              WHERE s.grant = g.id AND s.branch = ?3 AND s.at <= ?4)
            LIMIT 1
            """
        )
        statement.bind(1, person)
        statement.bind(2, right.rawValue)
        statement.bind(3, branch)
        statement.bind(4, time.milliseconds)
        statement.bind(5, Int64(time.date().dayNumber))
        return try statement.firstInteger() != nil
    }

    /// All roles, by name.
    package func roles(_ views: Database) throws -> [RoleAnswer] {
        let statement = try views.statement("SELECT id, name FROM people_roles ORDER BY name, id")
        var roles: [RoleAnswer] = []
        try statement.forEach { row in
            let rights = try integers(
                views.statement(
                    "SELECT permit FROM people_role_rights WHERE role = ?1 ORDER BY permit"
                ),
                row.integer(0)
            )
            roles.append(RoleAnswer(id: row.integer(0), name: row.text(1), rights: rights))
        }
        return roles
    }

    /// All grants that a person was ever given, by id.
    package func grants(of person: Int64, _ views: Database) throws -> [GrantAnswer] {
        let statement = try views.statement(
            """
            SELECT g.id, g.role, g.branch, g.since, g.until,
              (SELECT min(v.at) FROM people_revocations v WHERE v.grant = g.id)
            FROM people_grants g WHERE g.person = ?1 ORDER BY g.id
            """
        )
        statement.bind(1, person)
        var grants: [GrantAnswer] = []
        try statement.forEach { row in
            let id = row.integer(0)
            let rights = try integers(
                views.statement(
                    "SELECT permit FROM people_grant_rights WHERE grant = ?1 ORDER BY permit"
                ),
                id
            )
            let suspended = try integers(
                views.statement(
                    """
                    SELECT DISTINCT branch FROM people_suspensions WHERE grant = ?1 ORDER BY branch
                    """
                ),
                id
            )
            let until = row.integer(4)
            let grant = GrantAnswer(
                id: id,
                given: row.integer(1) == 0 ? .rights(rights) : .role(row.integer(1)),
                branch: row.integer(2),
                from: WallTime(milliseconds: row.integer(3)),
                to: until == Int64.max ? nil : WallTime(milliseconds: until),
                revokedAt: row.integerOrNil(5).map { WallTime(milliseconds: $0) },
                suspendedAt: suspended
            )
            grants.append(grant)
        }
        return grants
    }

    private func integers(_ statement: Statement, _ key: Int64) throws -> [Int64] {
        statement.bind(1, key)
        var values: [Int64] = []
        try statement.forEach { values.append($0.integer(0)) }
        return values
    }

    // MARK: personal values

    /// A person's name; nil where it is erased, or never came to this node.
    package func name(of person: PersonAnswer, _ log: LogReader) throws -> String? {
        try text(person.nameCommit, person.nameIndex, log)
    }

    /// A person's phone; nil where there is none, it is erased, or never came to this node.
    package func phone(
        of person: Int64,
        _ views: Database,
        _ log: LogReader
    ) throws -> String? {
        let statement = try views.statement(
            "SELECT phone_at, phone_index FROM people_persons WHERE id = ?1"
        )
        statement.bind(1, person)
        return try text(at: statement, log)
    }

    /// The hash of a person's password, at headquarters.
    package func passwordHash(
        of person: Int64,
        _ views: Database,
        _ log: LogReader
    ) throws -> String? {
        let statement = try views.statement(
            "SELECT hash_at, hash_index FROM people_passwords WHERE person = ?1"
        )
        statement.bind(1, person)
        return try text(at: statement, log)
    }

    /// The hash of a person's PIN for the tills of a branch, at that branch and at headquarters.
    package func pinHash(
        of person: Int64,
        branch: Int64,
        _ views: Database,
        _ log: LogReader
    ) throws -> String? {
        let statement = try views.statement(
            """
            SELECT hash_at, hash_index FROM people_pins WHERE person = ?1 AND branch = ?2
            ORDER BY id DESC LIMIT 1
            """
        )
        statement.bind(1, person)
        statement.bind(2, branch)
        return try text(at: statement, log)
    }

    private func text(at statement: Statement, _ log: LogReader) throws -> String? {
        guard let place = try statement.first({ ($0.integer(0), $0.integer(1)) }) else {
            return nil
        }
        return try text(place.0, place.1, log)
    }

    private func text(_ commit: Int64, _ index: Int64, _ log: LogReader) throws -> String? {
        guard commit > 0, case .text(let text)? = try log.personal(ChangeID(commit), index) else {
            return nil
        }
        return text
    }
}
