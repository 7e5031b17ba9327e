// What people may do: roles, grants and their end, and the hashes with which they sign in.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// Roles with which a company may begin; it changes them as it likes.
package enum StandardRole: String, Sendable, CaseIterable {
    case administrator = "管理员"
    case manager = "店长"
    case cashier = "收银员"
    case storekeeper = "库管员"
    case accountant = "会计"

    /// What it allows.
    package var rights: [Right] {
        switch self {
        case .administrator: Right.allCases
        case .manager:
            [
                .sell, .returnGoods, .returnWithoutReceipt, .voidSale, .overridePrice, .discount,
                .closeDay, .receiveGoods, .adjustStock, .punchForOthers, .managePeople,
                .viewReports,
            ]
        case .cashier: [.sell, .returnGoods, .closeDay]
        case .storekeeper: [.receiveGoods, .adjustStock]
        case .accountant: [.postVouchers, .closePeriods, .viewReports, .viewAllBranches]
        }
    }
}

/// Defines a role, or changes its name and rights.
package struct DefineRole: Command {
    package let role: Int64?
    package let name: String
    package let rights: [Right]

    package init(role: Int64? = nil, name: String, rights: [Right]) {
        self.role = role
        self.name = name
        self.rights = rights
    }

    /// One of the roles with which a company may begin.
    package init(_ standard: StandardRole) {
        self.init(name: standard.rawValue, rights: standard.rights)
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: 0)
        try PeopleLimits.require(name: name)
        let roles = try PeopleAnswers().roles(context.views)
        if let role, !roles.contains(where: { $0.id == role }) { throw PeopleRefusal.unknownRole }
        if roles.contains(where: { $0.name == name && $0.id != role }) {
            throw PeopleRefusal.roleNameTaken
        }
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

/// Grants a role or rights to a person, at a branch or everywhere, for a time.
package struct GrantRole: Command {
    package let grant: RoleGranted

    package init(
        person: Int64,
        role: Int64,
        branch: Int64 = 0,
        from: WallTime,
        to: WallTime? = nil
    ) {
        grant = RoleGranted(person: person, given: .role(role), branch: branch, from: from, to: to)
    }

    /// Rights without a role.
    package init(
        person: Int64,
        rights: [Right],
        branch: Int64 = 0,
        from: WallTime,
        to: WallTime? = nil
    ) {
        grant = RoleGranted(
            person: person,
            given: .rights(rights),
            branch: branch,
            from: from,
            to: to
        )
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: grant.branch)
        let readers = PeopleReaders(context: context)
        let known = try readers.known(grant.person)
        try readers.require(branch: grant.branch)
        switch grant.given {
        case .role(let role):
            let roles = try PeopleAnswers().roles(context.views)
            if !roles.contains(where: { $0.id == role }) { throw PeopleRefusal.unknownRole }
        case .rights(let rights):
            if rights.isEmpty { throw PeopleRefusal.noRights }
        }
        if let to = grant.to, to <= grant.from { throw PeopleRefusal.badPeriod }
        let reader: Audience = grant.branch == 0 ? .everyone : .branch(grant.branch)
        act.begin([reader])
        let id = act.add(PeopleKind.roleGranted, grant.body)
        try introduce(known, to: reader, readers, &act)
        return id
    }

    /// Where the person is to work, the name is known.
    private func introduce(
        _ person: PersonAnswer,
        to reader: Audience,
        _ readers: PeopleReaders,
        _ act: inout Act
    ) throws {
        let present = try readers.ofName(person)
        if present.contains(reader) || present.contains(.everyone) { return }
        guard let name = try PeopleAnswers().name(of: person, readers.context.log) else { return }
        act.addPersonal(PeopleKind.person, key: 3, name, of: person.id, for: present + [reader])
    }
}

/// Ends a grant at once, wherever it holds.
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

/// Ends all that a person may do at one branch, at once; a branch may say so itself, offline.
///
/// Headquarters undoes it by a new grant.
package struct SuspendPerson: Command {
    package let person: Int64
    package let branch: Int64

    package init(person: Int64, branch: Int64) {
        self.person = person
        self.branch = branch
    }

    /// Decides; the outcome is how many grants end here.
    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int {
        try context.requireOwn(branch: branch)
        try context.require(.managePeople, branch: branch)
        let readers = PeopleReaders(context: context)
        _ = try readers.known(person)
        try readers.require(branch: branch)
        if branch == 0 { throw CommonRefusal.unknownBranch("0") }
        act.begin([.branch(branch)])
        var count = 0
        for grant in try PeopleAnswers().grants(of: person, context.views)
        where grant.branch == 0 || grant.branch == branch {
            guard grant.holds(after: context.now), !grant.suspendedAt.contains(branch) else {
                continue
            }
            let suspended = GrantSuspended(grant: grant.id, branch: branch, at: context.now)
            act.add(PeopleKind.grantSuspended, suspended.body)
            count += 1
        }
        return count
    }
}

/// Sets a person's hashes: a PIN's goes to the branch whose tills it is for, a password's to
/// headquarters, and neither anywhere else.
package struct SetCredential: Command {
    package let person: Int64
    package let passwordHash: String?
    package let pinHash: String?
    /// The branch of the PIN; nil is the person's home.
    package let branch: Int64?

    package init(
        person: Int64,
        passwordHash: String? = nil,
        pinHash: String? = nil,
        branch: Int64? = nil
    ) {
        self.person = person
        self.passwordHash = passwordHash
        self.pinHash = pinHash
        self.branch = branch
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        let readers = PeopleReaders(context: context)
        let known = try readers.known(person)
        if context.author != person { try context.require(.managePeople, branch: known.branch) }
        if passwordHash == nil, pinHash == nil { throw PeopleRefusal.nothingGiven }
        for hash in [passwordHash, pinHash].compactMap({ $0 }) {
            guard !hash.isEmpty, hash.utf8.count <= PeopleLimits.hashMax else {
                throw PeopleRefusal.badHash
            }
        }
        if let passwordHash {
            act.addPersonal(
                PeopleKind.credential,
                key: 1,
                passwordHash,
                of: person,
                for: [.headquarters]
            )
        }
        if let pinHash { try addPIN(pinHash, at: branch ?? known.branch, readers, &act) }
        return person
    }

    private func addPIN(
        _ hash: String,
        at branch: Int64,
        _ readers: PeopleReaders,
        _ act: inout Act
    ) throws {
        if branch == 0 { throw PeopleRefusal.pinNeedsBranch }
        try readers.require(branch: branch)
        let known = try readers.context.views.statement(
            """
            SELECT id FROM people_pins WHERE person = ?1 AND branch = ?2 ORDER BY id DESC LIMIT 1
            """
        )
        known.bind(1, person)
        known.bind(2, branch)
        let row = try known.firstInteger()
        act.begin([.branch(branch)])
        let index = act.personal(subject: person, .text(hash))
        var fields: [(Int, CBORValue)] = [
            (1, .integer(person)), (2, .integer(branch)), (3, .integer(Int64(index))),
        ]
        if let row { fields.append((0, .integer(row))) }
        act.add(PeopleKind.pin, PeopleBody.map(fields))
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
        let readers = PeopleReaders(context: context)
        _ = try readers.known(person)
        if branch == 0 { throw CommonRefusal.unknownBranch("0") }
        try readers.require(branch: branch)
        guard try PeopleAnswers().isEmployed(person, on: context.today, context.views) else {
            throw PeopleRefusal.notActive
        }
        if context.author != 0, context.author != person || method == .manager {
            try context.require(.punchForOthers, branch: branch)
        }
        if let note, note.utf8.count > PeopleLimits.textMax { throw PeopleRefusal.textTooLong }
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
