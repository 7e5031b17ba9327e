// Who works for the company: hiring, changes, leaving. Only headquarters writes it.
// A person's code and home branch are for everyone, so that any branch can take a punch; the name
// goes only where the person works, the phone only home.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// How long the texts of People may be, in bytes of UTF-8.
enum PeopleLimits {
    static let codeMax = 48
    static let textMax = 240
    static let hashMax = 256

    static func require(code: String) throws(PeopleRefusal) {
        if Text.isBlank(code) { throw .emptyCode }
        if code.utf8.count > codeMax { throw .textTooLong }
    }

    static func require(name: String) throws(PeopleRefusal) {
        if Text.isBlank(name) { throw .emptyName }
        if name.utf8.count > textMax { throw .textTooLong }
    }
}

/// Who may read what concerns a person.
struct PeopleReaders {
    let context: DecideContext

    static func of(_ branch: Int64) -> Audience {
        branch == 0 ? .headquarters : .branch(branch)
    }

    /// Who knows a person's name: the home branch and those where a grant was given.
    func ofName(_ person: PersonAnswer) throws -> [Audience] {
        let statement = try context.views.statement(
            "SELECT DISTINCT branch FROM people_grants WHERE person = ?1 ORDER BY branch"
        )
        statement.bind(1, person.id)
        var readers = [PeopleReaders.of(person.branch)]
        try statement.forEach { row in
            let branch = row.integer(0)
            readers.append(branch == 0 ? .everyone : .branch(branch))
        }
        return readers
    }

    /// The person as this node knows them.
    func known(_ person: Int64) throws -> PersonAnswer {
        guard let known = try context.questions.people.person(person, context.views) else {
            throw PeopleRefusal.unknownPerson
        }
        return known
    }

    /// Refuses a branch that is not there; 0 is headquarters.
    func require(branch: Int64) throws {
        if branch == 0 { return }
        let catalog = context.questions.catalog
        if try catalog.branch(branch, on: context.today, context.views) == nil {
            throw CommonRefusal.unknownBranch("\(branch)")
        }
    }
}

extension Act {
    /// Writes a personal register of a person in a commit for its readers.
    ///
    /// Not drafted against what is there: an index into another commit may be the same number.
    mutating func addPersonal(
        _ kind: Kind,
        key: Int,
        _ value: String,
        of person: Int64,
        for readers: [Audience]
    ) {
        begin(readers.contains(.everyone) ? [.everyone] : readers)
        let index = personal(subject: person, .text(value))
        add(kind, PeopleBody.map([(0, .integer(person)), (key, .integer(Int64(index)))]))
    }
}

/// Hires a person; name and phone lie outside the bytes.
package struct HirePerson: Command {
    package let code: String
    package let name: String
    package let phone: String?
    /// 0 is headquarters.
    package let branch: Int64
    /// The first day; nil is today.
    package let from: CivilDate?

    package init(
        code: String,
        name: String,
        phone: String? = nil,
        branch: Int64,
        from: CivilDate? = nil
    ) {
        self.code = code
        self.name = name
        self.phone = phone
        self.branch = branch
        self.from = from
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        try context.require(.managePeople, branch: branch)
        try PeopleLimits.require(code: code)
        try PeopleLimits.require(name: name)
        if let phone { try PeopleLimits.require(name: phone) }
        if try context.questions.people.person(code: code, context.views) != nil {
            throw PeopleRefusal.codeTaken(code)
        }
        try PeopleReaders(context: context).require(branch: branch)
        act.begin([.everyone])
        let person = try RegisterTable(views: context.views).draft(
            PeopleKind.person,
            entity: nil,
            [
                (1, .text(code)), (2, .integer(branch)), (5, .bool(true)),
                (6, .integer(Int64((from ?? context.today).dayNumber))),
            ],
            into: &act
        )
        let home = [PeopleReaders.of(branch)]
        act.addPersonal(PeopleKind.person, key: 3, name, of: person, for: home)
        if let phone {
            act.addPersonal(PeopleKind.person, key: 4, phone, of: person, for: home)
        }
        return person
    }
}

/// Changes a person's code, name, phone or home branch; what stays as it is is not written.
package struct ChangePerson: Command {
    package let person: Int64
    package let code: String?
    package let name: String?
    package let phone: String?
    /// 0 is headquarters.
    package let branch: Int64?

    package init(
        person: Int64,
        code: String? = nil,
        name: String? = nil,
        phone: String? = nil,
        branch: Int64? = nil
    ) {
        self.person = person
        self.code = code
        self.name = name
        self.phone = phone
        self.branch = branch
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        let readers = PeopleReaders(context: context)
        let known = try readers.known(person)
        let home = branch ?? known.branch
        try context.require(.managePeople, branch: known.branch)
        try context.require(.managePeople, branch: home)
        try refuse(readers)
        var values: [(key: Int64, value: CBORValue)] = []
        if let code { values.append((1, .text(code))) }
        if let branch { values.append((2, .integer(branch))) }
        act.begin([.everyone])
        try RegisterTable(views: context.views).draft(
            PeopleKind.person,
            entity: person,
            values,
            into: &act
        )
        let people = PeopleAnswers()
        let hasMoved = home != known.branch
        let oldName = try people.name(of: known, context.log)
        if let name = name ?? oldName, hasMoved || name != oldName {
            let all = try readers.ofName(known) + [PeopleReaders.of(home)]
            act.addPersonal(PeopleKind.person, key: 3, name, of: person, for: all)
        }
        let oldPhone = try people.phone(of: person, context.views, context.log)
        if let phone = phone ?? oldPhone, hasMoved || phone != oldPhone {
            let all = [PeopleReaders.of(home)]
            act.addPersonal(PeopleKind.person, key: 4, phone, of: person, for: all)
        }
        return person
    }

    private func refuse(_ readers: PeopleReaders) throws {
        let context = readers.context
        if let code {
            try PeopleLimits.require(code: code)
            let other = try context.questions.people.person(code: code, context.views)
            if let other, other.id != person { throw PeopleRefusal.codeTaken(code) }
        }
        if let name { try PeopleLimits.require(name: name) }
        if let phone { try PeopleLimits.require(name: phone) }
        if let branch { try readers.require(branch: branch) }
    }
}

/// Ends a person's work: grants end, and with the last day past, passwords and PINs go.
package struct DismissPerson: Command {
    package let person: Int64
    /// The last day; nil ends it now.
    package let lastDay: CivilDate?

    package init(person: Int64, lastDay: CivilDate? = nil) {
        self.person = person
        self.lastDay = lastDay
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        let known = try PeopleReaders(context: context).known(person)
        try context.require(.managePeople, branch: known.branch)
        let last = lastDay ?? context.today
        let isNow = lastDay.map { $0 < context.today } ?? true
        let end = isNow ? context.now : DaySheet.start(of: last.adding(days: 1))
        let registers = RegisterTable(views: context.views)
        act.begin([.everyone])
        var values: [(key: Int64, value: CBORValue)] = [(7, .integer(Int64(last.dayNumber)))]
        if isNow { values.append((5, .bool(false))) }
        try registers.draft(PeopleKind.person, entity: person, values, into: &act)
        for grant in try PeopleAnswers().grants(of: person, context.views)
        where grant.holds(after: end) {
            let revoked = GrantRevoked(grant: grant.id, at: end)
            act.add(PeopleKind.grantRevoked, revoked.body)
        }
        if isNow { try clearHashes(registers, context, &act) }
        return person
    }

    private func clearHashes(
        _ registers: RegisterTable,
        _ context: DecideContext,
        _ act: inout Act
    ) throws {
        act.begin([.headquarters])
        try registers.draft(PeopleKind.credential, entity: person, [(1, .null)], into: &act)
        let statement = try context.views.statement(
            "SELECT id, branch FROM people_pins WHERE person = ?1 AND hash_at > 0 ORDER BY id"
        )
        statement.bind(1, person)
        var pins: [(id: Int64, branch: Int64)] = []
        try statement.forEach { pins.append(($0.integer(0), $0.integer(1))) }
        if pins.isEmpty { return }
        // One commit for all the branches: which of them knew a PIN is no secret.
        act.begin(pins.map { .branch($0.branch) })
        for pin in pins {
            try registers.draft(PeopleKind.pin, entity: pin.id, [(3, .null)], into: &act)
        }
    }
}

/// Takes a person back who had left; grants must be given anew.
package struct ReinstatePerson: Command {
    package let person: Int64
    /// The first day; nil is today.
    package let from: CivilDate?

    package init(person: Int64, from: CivilDate? = nil) {
        self.person = person
        self.from = from
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireHeadquarters()
        let known = try PeopleReaders(context: context).known(person)
        try context.require(.managePeople, branch: known.branch)
        let first = Int64((from ?? context.today).dayNumber)
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            PeopleKind.person,
            entity: person,
            [(5, .bool(true)), (6, .integer(first)), (7, .null)],
            into: &act
        )
    }
}
