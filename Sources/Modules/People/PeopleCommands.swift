// What may be wished of people: hiring, roles, grants, credentials, punches.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// Hires a person; name and phone lie outside the bytes.
package struct HirePerson: Command {
    package let code: String
    package let name: String
    package let phone: String?
    /// 0 is headquarters.
    package let branch: Int64

    package init(code: String, name: String, phone: String? = nil, branch: Int64) {
        self.code = code
        self.name = name
        self.phone = phone
        self.branch = branch
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: branch)
        if name.isEmpty { throw PeopleRefusal.emptyName }
        if try context.questions.people.person(code: code, context.views) != nil {
            throw PeopleRefusal.codeTaken(code)
        }
        act.begin([PeopleAudience.of(branch)])
        // The person's id is the id of the change that creates them: the next one.
        let subject = act.nextID.rawValue
        var values: [(key: Int64, value: CBORValue)] = [
            (1, .text(code)), (2, .integer(branch)),
            (3, .integer(Int64(act.personal(subject: subject, .text(name))))),
            (5, .bool(true)),
        ]
        if let phone {
            values.append((4, .integer(Int64(act.personal(subject: subject, .text(phone))))))
        }
        return try RegisterTable(views: context.views).draft(
            PeopleKind.person,
            entity: nil,
            values,
            into: &act
        )
    }
}

/// Who may see what concerns a person.
enum PeopleAudience {
    static func of(_ branch: Int64) -> Audience {
        branch == 0 ? .headquarters : .branch(branch)
    }
}

/// Ends or resumes a person's work.
package struct SetPersonActive: Command {
    package let person: Int64
    package let isActive: Bool

    package init(person: Int64, isActive: Bool) {
        self.person = person
        self.isActive = isActive
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        guard let known = try context.questions.people.person(person, context.views) else {
            throw PeopleRefusal.unknownPerson
        }
        try context.require(.managePeople, branch: known.branch)
        act.begin([PeopleAudience.of(known.branch)])
        return try RegisterTable(views: context.views).draft(
            PeopleKind.person,
            entity: person,
            [(5, .bool(isActive))],
            into: &act
        )
    }
}

/// Defines a role, or changes its rights.
package struct DefineRole: Command {
    package let role: Int64?
    package let name: String
    package let rights: [Right]

    package init(role: Int64? = nil, name: String, rights: [Right]) {
        self.role = role
        self.name = name
        self.rights = rights
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: 0)
        if name.isEmpty { throw PeopleRefusal.emptyName }
        let numbers = Set(rights.map(\.rawValue)).sorted().map { CBORValue.integer($0) }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            PeopleKind.role,
            entity: role,
            [(1, .text(name)), (2, .array(numbers))],
            into: &act
        )
    }
}

/// Grants a role to a person.
package struct GrantRole: Command {
    package let grant: RoleGranted

    package init(
        person: Int64,
        role: Int64,
        branch: Int64 = 0,
        from: WallTime,
        to: WallTime? = nil
    ) {
        grant = RoleGranted(person: person, role: role, branch: branch, from: from, to: to)
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: grant.branch)
        guard try context.questions.people.person(grant.person, context.views) != nil else {
            throw PeopleRefusal.unknownPerson
        }
        let statement = try context.views.statement("SELECT 1 FROM people_roles WHERE id = ?1")
        statement.bind(1, grant.role)
        if try statement.firstInteger() == nil { throw PeopleRefusal.unknownRole }
        act.begin([grant.branch == 0 ? .everyone : .branch(grant.branch)])
        return act.add(PeopleKind.roleGranted, grant.body)
    }
}

/// Ends a grant at once.
package struct RevokeGrant: Command {
    package let grant: ChangeID

    package init(grant: ChangeID) {
        self.grant = grant
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        let statement = try context.views.statement(
            "SELECT branch FROM people_grants WHERE id = ?1"
        )
        statement.bind(1, grant.rawValue)
        guard let branch = try statement.firstInteger() else { throw PeopleRefusal.unknownGrant }
        try context.require(.managePeople, branch: branch)
        act.begin([branch == 0 ? .everyone : .branch(branch)])
        let revoked = GrantRevoked(grant: grant.rawValue, at: context.now)
        return act.add(PeopleKind.grantRevoked, revoked.body)
    }
}

/// Sets a person's hashes; a till PIN's hash goes to the branch it is for, and nowhere else.
package struct SetCredential: Command {
    package let person: Int64
    package let passwordHash: String?
    package let pinHash: String?

    package init(person: Int64, passwordHash: String? = nil, pinHash: String? = nil) {
        self.person = person
        self.passwordHash = passwordHash
        self.pinHash = pinHash
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        guard let known = try context.questions.people.person(person, context.views) else {
            throw PeopleRefusal.unknownPerson
        }
        if context.author != person { try context.require(.managePeople, branch: known.branch) }
        if let passwordHash { add(passwordHash, 1, .headquarters, &act) }
        if let pinHash { add(pinHash, 2, PeopleAudience.of(known.branch), &act) }
        return person
    }

    private func add(_ hash: String, _ key: Int, _ audience: Audience, _ act: inout Act) {
        act.begin([audience])
        let index = act.personal(subject: person, .text(hash))
        act.add(
            PeopleKind.credential,
            PeopleBody.map([(0, .integer(person)), (key, .integer(Int64(index)))])
        )
    }
}

/// Punches the time clock.
package struct Punch: Command {
    package let person: Int64
    package let branch: Int64
    package let kind: PunchKind
    package let method: PunchMethod
    package let note: String?

    package init(
        person: Int64,
        branch: Int64,
        kind: PunchKind,
        method: PunchMethod,
        note: String? = nil
    ) {
        self.person = person
        self.branch = branch
        self.kind = kind
        self.method = method
        self.note = note
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireOwn(branch: branch)
        guard let known = try context.questions.people.person(person, context.views) else {
            throw PeopleRefusal.unknownPerson
        }
        if !known.isActive { throw PeopleRefusal.notActive }
        if context.author != 0, context.author != person {
            try context.require(.punchForOthers, branch: branch)
        }
        act.begin([.branch(branch)])
        let punch = PunchRecorded(
            person: person,
            branch: branch,
            kind: kind,
            at: context.now,
            method: method,
            note: note
        )
        return act.add(PeopleKind.punchRecorded, punch.body)
    }
}
