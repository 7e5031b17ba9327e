// Who a person is and what they may do, as this node knows it.

package import Kernel
package import Module
package import SQLite

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
            WHERE code = ?1 ORDER BY id LIMIT 1
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

    package func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            """
            SELECT 1 FROM people_persons p
            JOIN people_grants g ON g.person = p.id
            JOIN people_role_rights r ON r.role = g.role
            WHERE p.id = ?1 AND p.active = 1 AND r.permit = ?2 AND g.branch IN (0, ?3)
              AND g.since <= ?4 AND g.until > ?4
              AND NOT EXISTS (SELECT 1 FROM people_revocations v
                              WHERE v.grant = g.id AND v.at <= ?4)
            LIMIT 1
            """
        )
        statement.bind(1, person)
        statement.bind(2, right.rawValue)
        statement.bind(3, branch)
        statement.bind(4, time.milliseconds)
        return try statement.firstInteger() != nil
    }
}
