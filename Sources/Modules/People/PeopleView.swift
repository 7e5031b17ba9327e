// The tables of People. Names and hashes never stand here: rows hold where the personal value lies.

package import Kernel
import Module
package import Replication
package import SQLite
import Wire

/// People's projecting half.
package final class PeopleView: Projection {
    package let moduleNumber: UInt8 = 4

    package let schema = ViewSchema(
        version: 2,
        statements: [
            """
            CREATE TABLE people_persons(
              id INTEGER PRIMARY KEY, code TEXT NOT NULL, branch INTEGER NOT NULL,
              active INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
              name_at INTEGER NOT NULL, name_index INTEGER NOT NULL,
              phone_at INTEGER NOT NULL, phone_index INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX people_persons_by_code ON people_persons(code)",
            """
            CREATE TABLE people_passwords(
              person INTEGER PRIMARY KEY, hash_at INTEGER NOT NULL, hash_index INTEGER NOT NULL)
              STRICT
            """,
            """
            CREATE TABLE people_pins(
              id INTEGER PRIMARY KEY, person INTEGER NOT NULL, branch INTEGER NOT NULL,
              hash_at INTEGER NOT NULL, hash_index INTEGER NOT NULL) STRICT
            """,
            "CREATE INDEX people_pins_by_person ON people_pins(person, branch)",
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
            CREATE TABLE people_grant_rights(
              grant INTEGER, permit INTEGER, PRIMARY KEY(grant, permit)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE people_revocations(
              grant INTEGER, id INTEGER, at INTEGER NOT NULL, PRIMARY KEY(grant, id))
              STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE people_suspensions(
              grant INTEGER, branch INTEGER, id INTEGER, at INTEGER NOT NULL,
              PRIMARY KEY(grant, branch, id)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE people_punches(
              branch INTEGER, at INTEGER, id INTEGER, person INTEGER NOT NULL,
              kind INTEGER NOT NULL, method INTEGER NOT NULL,
              PRIMARY KEY(branch, at, id)) STRICT, WITHOUT ROWID
            """,
        ],
        tables: [
            "people_persons", "people_passwords", "people_pins", "people_roles",
            "people_role_rights", "people_grants", "people_grant_rights", "people_revocations",
            "people_suspensions", "people_punches",
        ]
    )

    private static let shape = RegisterShape(PeopleKind.definitions)

    package init() {}

    package func open(_ views: Database) throws(StorageFault) {}

    package func apply(
        _ change: ChangeInHand,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        world.views.forget(PeopleMemory.self)
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
                    world.views
                )
            case PeopleKind.roleGranted:
                try apply(RoleGranted(body: change.body), change.id.rawValue, world.views)
            case PeopleKind.grantRevoked:
                let revoked = try GrantRevoked(body: change.body)
                try insert(
                    "INSERT OR IGNORE INTO people_revocations(grant, id, at) VALUES(?1, ?2, ?3)",
                    [revoked.grant, change.id.rawValue, revoked.at.milliseconds],
                    world.views
                )
            case PeopleKind.grantSuspended:
                let suspended = try GrantSuspended(body: change.body)
                try insert(
                    """
                    INSERT OR IGNORE INTO people_suspensions(grant, branch, id, at)
                    VALUES(?1, ?2, ?3, ?4)
                    """,
                    [
                        suspended.grant, suspended.branch, change.id.rawValue,
                        suspended.at.milliseconds,
                    ],
                    world.views
                )
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        }
    }

    private func apply(_ grant: RoleGranted, _ id: Int64, _ views: Database) throws {
        var role: Int64 = 0
        var rights: [Int64] = []
        switch grant.given {
        case .role(let given): role = given
        case .rights(let given): rights = given
        }
        try insert(
            """
            INSERT OR IGNORE INTO people_grants(id, person, role, branch, since, until)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            """,
            [
                id, grant.person, role, grant.branch, grant.from.milliseconds,
                grant.to?.milliseconds ?? Int64.max,
            ],
            views
        )
        for right in rights {
            try insert(
                "INSERT OR IGNORE INTO people_grant_rights(grant, permit) VALUES(?1, ?2)",
                [id, right],
                views
            )
        }
    }

    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        try PeopleView.shape.check(write)
        do throws(WireFault) {
            try checkPersonal(write)
        } catch {
            throw .malformed(error)
        }
    }

    /// A personal value must be there and be filed under its person, or it could not be erased.
    private func checkPersonal(_ write: ChangeInHand) throws(WireFault) {
        let fields = try PeopleBody.fields(write.body)
        let keys: [Int64]
        var subject = write.id.rawValue
        switch write.kind {
        case PeopleKind.person: keys = [3, 4]
        case PeopleKind.credential: keys = [1]
        case PeopleKind.pin: keys = [3]
        default: return
        }
        if fields[0] != nil { subject = try PeopleBody.id(fields, 0) }
        let used = keys.compactMap { fields[$0] }.filter { $0 != .null }
        if used.isEmpty { return }
        if write.kind == PeopleKind.pin { subject = try PeopleBody.id(fields, 1) }
        for case .integer(let index) in used {
            guard index < write.personal.count, write.personal[Int(index)].subject == subject
            else { throw WireFault(.invalidValue, offset: 0) }
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
        world.views.forget(PeopleMemory.self)
        try asProjection {
            for sql: StaticString in [
                "DELETE FROM people_grants WHERE id BETWEEN ?1 AND ?2",
                "DELETE FROM people_grant_rights WHERE grant BETWEEN ?1 AND ?2",
                "DELETE FROM people_revocations WHERE id BETWEEN ?1 AND ?2",
                "DELETE FROM people_suspensions WHERE id BETWEEN ?1 AND ?2",
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

    func insert(_ sql: StaticString, _ values: [Int64], _ views: Database) throws {
        let statement = try views.statement(sql)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        try statement.run()
    }

    /// Turns what SQLite and the codec throw into reasons of projecting.
    func asProjection(_ body: () throws -> Void) throws(ProjectionFault) {
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
