// The tables of People. Names and hashes never stand here: rows hold where the personal value lies.

package import Kernel
package import Replication
package import SQLite
import Wire

/// People's projecting half.
package final class PeopleView: Projection {
    package let moduleNumber: UInt8 = 4

    package let schema = ViewSchema(
        version: 1,
        statements: [
            """
            CREATE TABLE people_persons(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, branch INTEGER NOT NULL,
              active INTEGER NOT NULL, name_at INTEGER NOT NULL, name_index INTEGER NOT NULL,
              phone_at INTEGER NOT NULL, phone_index INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX people_persons_by_code ON people_persons(code)",
            """
            CREATE TABLE people_credentials(
              id INTEGER PRIMARY KEY, password_at INTEGER NOT NULL, password_index INTEGER NOT NULL,
              pin_at INTEGER NOT NULL, pin_index INTEGER NOT NULL) STRICT
            """,
            "CREATE TABLE people_roles(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
            """
            CREATE TABLE people_role_rights(
              role INTEGER, permit INTEGER, PRIMARY KEY(role, permit)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE people_grants(
              id INTEGER PRIMARY KEY, person INTEGER NOT NULL, role INTEGER NOT NULL,
              branch INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX people_grants_by_person ON people_grants(person)",
            """
            CREATE TABLE people_revocations(
              grant INTEGER, id INTEGER, at INTEGER NOT NULL, PRIMARY KEY(grant, id))
              STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE people_punches(
              branch INTEGER, at INTEGER, id INTEGER, person INTEGER NOT NULL,
              kind INTEGER NOT NULL, method INTEGER NOT NULL,
              PRIMARY KEY(branch, at, id)) STRICT, WITHOUT ROWID
            """,
        ],
        tables: [
            "people_persons", "people_credentials", "people_roles", "people_role_rights",
            "people_grants", "people_revocations", "people_punches",
        ]
    )

    package init() {}

    package func open(_ views: Database) throws(StorageFault) {}

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        try asProjection {
            switch change.kind {
            case PeopleKind.punchRecorded:
                let punch = try PunchRecorded(body: change.body)
                try insert(
                    """
                    INSERT OR IGNORE INTO people_punches(branch, at, id, person, kind, method)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6)
                    """,
                    [
                        punch.branch, punch.at.milliseconds, change.id.rawValue, punch.person,
                        punch.kind.rawValue, punch.method.rawValue,
                    ],
                    world
                )
            case PeopleKind.roleGranted:
                let grant = try RoleGranted(body: change.body)
                try insert(
                    """
                    INSERT OR IGNORE INTO people_grants(id, person, role, branch, since, until)
                    VALUES(?1, ?2, ?3, ?4, ?5, ?6)
                    """,
                    [
                        change.id.rawValue, grant.person, grant.role, grant.branch,
                        grant.from.milliseconds, grant.to?.milliseconds ?? Int64.max,
                    ],
                    world
                )
            case PeopleKind.grantRevoked:
                let revoked = try GrantRevoked(body: change.body)
                try insert(
                    "INSERT OR IGNORE INTO people_revocations(grant, id, at) VALUES(?1, ?2, ?3)",
                    [revoked.grant, change.id.rawValue, revoked.at.milliseconds],
                    world
                )
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        }
    }

    private func insert(
        _ sql: StaticString,
        _ values: [Int64],
        _ world: ProjectionWorld
    ) throws {
        let statement = try world.views.statement(sql)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        try statement.run()
    }

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        guard (128...130).contains(write.kind.number) else { throw .unknownKind(write.kind) }
    }

    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        try asProjection {
            switch entity.kind {
            case PeopleKind.person: try putPerson(entity, world.views)
            case PeopleKind.credential: try putCredential(entity, world.views)
            case PeopleKind.role: try putRole(entity, world.views)
            default: throw ProjectionFault.unknownKind(entity.kind)
            }
        }
    }

    private func delete(_ sql: StaticString, _ id: Int64, _ views: Database) throws {
        let statement = try views.statement(sql)
        statement.bind(1, id)
        try statement.run()
    }

    private func putPerson(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_persons WHERE id = ?1", entity.entity, views)
        if entity.values.isEmpty { return }
        let name = entity.personal(3)
        let phone = entity.personal(4)
        let statement = try views.statement(
            """
            INSERT INTO people_persons(
              id, code, branch, active, name_at, name_index, phone_at, phone_index)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """
        )
        statement.bind(1, entity.entity)
        statement.bind(2, entity.text(1) ?? "")
        statement.bind(3, entity.integer(2) ?? 0)
        statement.bind(4, Int64(entity.bool(5) ?? true ? 1 : 0))
        statement.bind(5, name?.commit.rawValue ?? 0)
        statement.bind(6, name?.index ?? 0)
        statement.bind(7, phone?.commit.rawValue ?? 0)
        statement.bind(8, phone?.index ?? 0)
        try statement.run()
    }

    private func putCredential(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_credentials WHERE id = ?1", entity.entity, views)
        if entity.values.isEmpty { return }
        let password = entity.personal(1)
        let pin = entity.personal(2)
        let statement = try views.statement(
            """
            INSERT INTO people_credentials(id, password_at, password_index, pin_at, pin_index)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, entity.entity)
        statement.bind(2, password?.commit.rawValue ?? 0)
        statement.bind(3, password?.index ?? 0)
        statement.bind(4, pin?.commit.rawValue ?? 0)
        statement.bind(5, pin?.index ?? 0)
        try statement.run()
    }

    private func putRole(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_roles WHERE id = ?1", entity.entity, views)
        try delete("DELETE FROM people_role_rights WHERE role = ?1", entity.entity, views)
        if entity.values.isEmpty { return }
        let statement = try views.statement("INSERT INTO people_roles(id, name) VALUES(?1, ?2)")
        statement.bind(1, entity.entity)
        statement.bind(2, entity.text(1) ?? "")
        try statement.run()
        guard case .array(let rights)? = entity.value(2) else { return }
        for case .integer(let right) in rights {
            let insert = try views.statement(
                "INSERT OR IGNORE INTO people_role_rights(role, permit) VALUES(?1, ?2)"
            )
            insert.bind(1, entity.entity)
            insert.bind(2, right)
            try insert.run()
        }
    }

    package func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}

    package func forbidden(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        try asProjection {
            for sql: StaticString in [
                "DELETE FROM people_grants WHERE id BETWEEN ?1 AND ?2",
                "DELETE FROM people_revocations WHERE id BETWEEN ?1 AND ?2",
            ] {
                let statement = try world.views.statement(sql)
                statement.bind(1, range.lowerBound.rawValue)
                statement.bind(2, range.upperBound.rawValue)
                try statement.run()
            }
        }
    }

    package func flush(_ world: ProjectionWorld) throws(ProjectionFault) {}

    package func discard() {}

    /// Turns what SQLite and the codec throw into reasons of projecting.
    private func asProjection(_ body: () throws -> Void) throws(ProjectionFault) {
        do {
            try body()
        } catch let fault as ProjectionFault {
            throw fault
        } catch let fault as WireFault {
            throw .malformed(fault)
        } catch let fault as StorageFault {
            throw .storage(fault)
        } catch {
            throw .violation("\(error)")
        }
    }
}
