// The rows of People's registers: each rewritten whole from the winning values of its entity.

import Kernel
package import Replication
import SQLite
import Wire

extension PeopleView {
    package func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        world.views.forget(PeopleMemory.self)
        try asProjection {
            switch entity.kind {
            case PeopleKind.person: try putPerson(entity, world.views)
            case PeopleKind.credential: try putPassword(entity, world.views)
            case PeopleKind.pin: try putPIN(entity, world.views)
            case PeopleKind.role: try putRole(entity, world.views)
            default: throw ProjectionFault.unknownKind(entity.kind)
            }
        }
    }

    private func delete(_ sql: StaticString, _ id: Int64, _ views: Database) throws {
        try insert(sql, [id], views)
    }

    private func putPerson(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_persons WHERE id = ?1", entity.entity, views)
        if entity.values.isEmpty { return }
        let name = entity.personal(3)
        let phone = entity.personal(4)
        let statement = try views.statement(
            """
            INSERT INTO people_persons(
              id, code, branch, active, since, until, name_at, name_index, phone_at, phone_index)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """
        )
        statement.bind(1, entity.entity)
        statement.bind(2, entity.text(1) ?? "")
        statement.bind(3, entity.integer(2) ?? 0)
        statement.bind(4, Int64(entity.bool(5) ?? true ? 1 : 0))
        statement.bind(5, entity.integer(6) ?? Int64(Int32.min))
        statement.bind(6, entity.integer(7) ?? Int64(Int32.max))
        statement.bind(7, name?.commit.rawValue ?? 0)
        statement.bind(8, name?.index ?? 0)
        statement.bind(9, phone?.commit.rawValue ?? 0)
        statement.bind(10, phone?.index ?? 0)
        try statement.run()
    }

    private func putPassword(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_passwords WHERE person = ?1", entity.entity, views)
        guard let hash = entity.personal(1) else { return }
        try insert(
            "INSERT INTO people_passwords(person, hash_at, hash_index) VALUES(?1, ?2, ?3)",
            [entity.entity, hash.commit.rawValue, hash.index],
            views
        )
    }

    private func putPIN(_ entity: RegisterEntity, _ views: Database) throws {
        try delete("DELETE FROM people_pins WHERE id = ?1", entity.entity, views)
        if entity.values.isEmpty { return }
        let hash = entity.personal(3)
        try insert(
            """
            INSERT INTO people_pins(id, person, branch, hash_at, hash_index)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """,
            [
                entity.entity, entity.integer(1) ?? 0, entity.integer(2) ?? 0,
                hash?.commit.rawValue ?? 0, hash?.index ?? 0,
            ],
            views
        )
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
            try insert(
                "INSERT OR IGNORE INTO people_role_rights(role, permit) VALUES(?1, ?2)",
                [entity.entity, right],
                views
            )
        }
    }
}
