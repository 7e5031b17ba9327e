// People through its commands: who may do what, when and where, and who may read what of whom.

import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("People")
struct PeopleTests {
    /// All audiences of the commits of headquarters that hold a register of a kind.
    private func readers(
        of kind: Kind,
        key: Int64,
        in world: PeopleWorld
    ) throws -> [[Audience]] {
        var readers: [[Audience]] = []
        for commit in try world.node.log.reader.commits(
            of: ReplicaNumber(0),
            after: 0,
            limit: 1_000
        ) {
            try commit.bytes.withUnsafeBytes { bytes in
                try CommitCodec.forEachChange(in: bytes) { header, _, changeKind, body in
                    guard changeKind == kind,
                        case .map(let entries) = try CBORValue(decoding: Array(body)),
                        entries.contains(where: { $0.key == .integer(key) })
                    else { return }
                    readers.append(header.audiences)
                }
            }
        }
        return readers
    }

    @Test("a name lies beside the bytes, is read through its address, and is gone once erased")
    func personalName() throws {
        let world = try PeopleWorld()
        let id = try world.run(
            HirePerson(code: "E001", name: "王小明", phone: "13800000000", branch: 9)
        )
        _ = try world.run(
            SetCredential(person: id, passwordHash: "$y$hash-a", pinHash: "$y$hash-b")
        )
        let views = world.node.views
        let log = world.node.log.reader
        let person = try #require(try world.people.person(id, views))
        #expect(try world.people.name(of: person, log) == "王小明")
        #expect(try world.people.phone(of: id, views, log) == "13800000000")
        #expect(try world.people.passwordHash(of: id, views, log) == "$y$hash-a")
        #expect(try world.people.pinHash(of: id, branch: 9, views, log) == "$y$hash-b")
        for commit in try log.commits(of: ReplicaNumber(0), after: 0, limit: 100) {
            let text = String(decoding: commit.bytes, as: UTF8.self)
            for value in ["王小明", "13800000000", "$y$hash"] { #expect(!text.contains(value)) }
        }
        try world.node.log.write { try world.node.log.erase(id) }
        #expect(try world.people.name(of: person, log) == nil)
        #expect(try world.people.phone(of: id, views, log) == nil)
        #expect(try world.people.passwordHash(of: id, views, log) == nil)
        #expect(try world.people.pinHash(of: id, branch: 9, views, log) == nil)
        #expect(try world.refusal(HirePerson(code: "E001", name: "x", branch: 9)) == 4001)
    }

    @Test("a name goes where the person works, a PIN to its branch, a password to headquarters")
    func whoReadsWhat() throws {
        let world = try PeopleWorld()
        let id = try world.run(
            HirePerson(code: "E001", name: "王小明", phone: "13800000000", branch: 9)
        )
        let role = try world.run(DefineRole(.cashier))
        let now = world.node.now
        #expect(try readers(of: PeopleKind.person, key: 1, in: world) == [[.everyone]])
        _ = try world.run(GrantRole(person: id, role: role, branch: 9, from: now))
        #expect(try readers(of: PeopleKind.person, key: 3, in: world) == [[.branch(9)]])
        _ = try world.run(GrantRole(person: id, role: role, branch: 10, from: now))
        _ = try world.run(GrantRole(person: id, role: role, branch: 10, from: now))
        #expect(
            try readers(of: PeopleKind.person, key: 3, in: world)
                == [[.branch(9)], [.branch(9), .branch(10)]]
        )
        #expect(try readers(of: PeopleKind.person, key: 4, in: world) == [[.branch(9)]])
        _ = try world.run(SetCredential(person: id, passwordHash: "$y$a", pinHash: "$y$b"))
        _ = try world.run(SetCredential(person: id, pinHash: "$y$c", branch: 10))
        _ = try world.run(SetCredential(person: id, pinHash: "$y$d", branch: 10))
        #expect(try readers(of: PeopleKind.credential, key: 1, in: world) == [[.headquarters]])
        #expect(
            try readers(of: PeopleKind.pin, key: 3, in: world)
                == [[.branch(9)], [.branch(10)], [.branch(10)]]
        )
        let views = world.node.views
        let log = world.node.log.reader
        #expect(try world.people.pinHash(of: id, branch: 9, views, log) == "$y$b")
        #expect(try world.people.pinHash(of: id, branch: 10, views, log) == "$y$d")
        #expect(try views.integer("SELECT count(*) FROM people_pins") == 2)
        #expect(try world.node.rebuildAndCompare().isEmpty)
    }

    @Test("a right holds at its branch, in its time, and until it is revoked")
    func grants() throws {
        let world = try PeopleWorld()
        let person = try world.run(HirePerson(code: "E001", name: "王小明", branch: 9))
        let cashier = try world.run(DefineRole(name: "收银员", rights: [.sell, .returnGoods]))
        let start = world.node.now
        let end = start.adding(milliseconds: 1_000_000)
        let grant = try world.run(
            GrantRole(person: person, role: cashier, branch: 9, from: start, to: end)
        )
        #expect(try world.may(person, .sell, 9, at: start))
        #expect(try !world.may(person, .voidSale, 9, at: start))
        #expect(try !world.may(person, .sell, 10, at: start))
        #expect(try !world.may(person, .sell, 9, at: end))
        #expect(try !world.may(person, .sell, 9, at: start.adding(milliseconds: -1)))
        let revokedAt = start.adding(milliseconds: 500_000)
        _ = try world.run(RevokeGrant(grant: grant), at: revokedAt)
        #expect(try world.may(person, .sell, 9, at: revokedAt.adding(milliseconds: -1)))
        #expect(try !world.may(person, .sell, 9, at: revokedAt))
        _ = try world.run(
            GrantRole(person: person, rights: [.sell, .discount], branch: 10, from: start)
        )
        #expect(try world.may(person, .discount, 10, at: revokedAt))
        #expect(try !world.may(person, .returnGoods, 10, at: revokedAt))
        _ = try world.run(DefineRole(role: cashier, name: "收银员", rights: [.voidSale]))
        #expect(try world.may(person, .voidSale, 9, at: start))
        #expect(try !world.may(person, .sell, 9, at: start))
        #expect(try world.node.rebuildAndCompare().isEmpty)
    }

    @Test("who is dismissed may do nothing, has no hash left, and comes back without old grants")
    func dismissal() throws {
        let world = try PeopleWorld()
        let person = try world.run(HirePerson(code: "E001", name: "王小明", branch: 9))
        let role = try world.run(DefineRole(.cashier))
        let now = world.node.now
        _ = try world.run(GrantRole(person: person, role: role, from: now))
        _ = try world.run(SetCredential(person: person, passwordHash: "$y$a", pinHash: "$y$b"))
        _ = try world.run(SetCredential(person: person, pinHash: "$y$c", branch: 10))
        let last = now.date().adding(days: 3)
        _ = try world.run(DismissPerson(person: person, lastDay: last))
        let evening = DaySheet.start(of: last.adding(days: 1)).adding(milliseconds: -1)
        #expect(try world.may(person, .sell, 9, at: evening))
        #expect(try !world.may(person, .sell, 9, at: evening.adding(milliseconds: 1)))
        let views = world.node.views
        let log = world.node.log.reader
        #expect(try world.people.pinHash(of: person, branch: 9, views, log) == "$y$b")
        _ = try world.run(DismissPerson(person: person))
        #expect(try !world.may(person, .sell, 9, at: evening))
        #expect(try world.people.passwordHash(of: person, views, log) == nil)
        for branch in [9, 10] as [Int64] {
            #expect(try world.people.pinHash(of: person, branch: branch, views, log) == nil)
        }
        let punch = Punch(person: person, branch: 9, kind: .in, method: .pin)
        #expect(try world.refusal(punch) == 4003)
        _ = try world.run(ReinstatePerson(person: person))
        #expect(try world.refusal(punch) == nil)
        #expect(try !world.may(person, .sell, 9, at: world.node.now))
        #expect(try world.node.rebuildAndCompare().isEmpty)
    }

    @Test("a branch bars a person at itself, offline, and headquarters lets them in again")
    func suspension() throws {
        let head = try PeopleWorld()
        let person = try head.run(HirePerson(code: "E001", name: "王小明", branch: 10))
        let manager = try head.run(HirePerson(code: "E002", name: "李经理", branch: 9))
        let role = try head.run(DefineRole(.cashier))
        let bosses = try head.run(DefineRole(.manager))
        let now = head.node.now
        _ = try head.run(GrantRole(person: person, role: role, from: now))
        _ = try head.run(GrantRole(person: manager, role: bosses, branch: 9, from: now))
        let shop = try PeopleWorld(replica: 3)
        try shop.node.receive(from: head.node)
        try shop.node.catchUp()
        let later = now.adding(milliseconds: 60_000)
        #expect(try shop.may(person, .sell, 9, at: later))
        #expect(try shop.refusal(SuspendPerson(person: manager, branch: 9), author: person) == 1)
        #expect(try shop.refusal(SuspendPerson(person: person, branch: 10), author: manager) == 3)
        #expect(try shop.refusal(DismissPerson(person: person), author: manager) == 2)
        shop.node.now = later
        #expect(try shop.run(SuspendPerson(person: person, branch: 9), author: manager) == 1)
        #expect(try shop.run(SuspendPerson(person: person, branch: 9), author: manager) == 0)
        #expect(try !shop.may(person, .sell, 9, at: later))
        #expect(try shop.may(person, .sell, 9, at: later.adding(milliseconds: -1)))
        try head.node.receive(from: shop.node)
        try head.node.catchUp()
        #expect(try !head.may(person, .sell, 9, at: later))
        #expect(try head.may(person, .sell, 10, at: later))
        _ = try head.run(GrantRole(person: person, role: role, branch: 9, from: later))
        #expect(try head.may(person, .sell, 9, at: later))
        #expect(try head.node.rebuildAndCompare().isEmpty)
    }

    @Test("a person who moves takes name and phone along; what stays as it is is not written")
    func moving() throws {
        let world = try PeopleWorld()
        let id = try world.run(
            HirePerson(code: "E001", name: "王小明", phone: "13800000000", branch: 9)
        )
        let views = world.node.views
        let log = world.node.log.reader
        func commits() throws -> Int {
            try log.commits(of: ReplicaNumber(0), after: 0, limit: 1_000).count
        }
        let before = try commits()
        _ = try world.run(
            ChangePerson(person: id, code: "E001", name: "王小明", phone: "13800000000", branch: 9)
        )
        #expect(try commits() == before)
        _ = try world.run(ChangePerson(person: id, branch: 10))
        let moved = try #require(try world.people.person(id, views))
        #expect(moved.branch == 10)
        #expect(try world.people.name(of: moved, log) == "王小明")
        #expect(
            try readers(of: PeopleKind.person, key: 3, in: world)
                == [[.branch(9)], [.branch(9), .branch(10)]]
        )
        #expect(
            try readers(of: PeopleKind.person, key: 4, in: world) == [[.branch(9)], [.branch(10)]]
        )
        _ = try world.run(ChangePerson(person: id, name: "王晓明"))
        let renamed = try #require(try world.people.person(id, views))
        #expect(try world.people.name(of: renamed, log) == "王晓明")
        #expect(try world.refusal(ChangePerson(person: id, branch: 77)) == 4)
    }

    @Test("what cannot be is refused with its number")
    func refused() throws {
        let world = try PeopleWorld()
        let id = try world.run(HirePerson(code: "E001", name: "王小明", branch: 0))
        let role = try world.run(DefineRole(.cashier))
        let now = world.node.now
        #expect(try world.refusal(HirePerson(code: " ", name: "x", branch: 9)) == 4007)
        #expect(try world.refusal(HirePerson(code: "E2", name: "", branch: 9)) == 4005)
        let long = String(repeating: "长", count: 81)
        #expect(try world.refusal(HirePerson(code: "E2", name: long, branch: 9)) == 4008)
        #expect(try world.refusal(ChangePerson(person: id + 9, name: "x")) == 4002)
        #expect(try world.refusal(GrantRole(person: id, role: 5, from: now)) == 4004)
        #expect(try world.refusal(GrantRole(person: id, role: role, from: now, to: now)) == 4010)
        #expect(try world.refusal(GrantRole(person: id, rights: [], from: now)) == 4011)
        #expect(try world.refusal(RevokeGrant(grant: ChangeID(7))) == 4006)
        #expect(try world.refusal(DefineRole(.cashier)) == 4009)
        #expect(try world.refusal(DefineRole(role: 5, name: "x", rights: [])) == 4004)
        #expect(try world.refusal(SetCredential(person: id, pinHash: "$y$")) == 4012)
        #expect(try world.refusal(SetCredential(person: id, passwordHash: "")) == 4013)
        #expect(try world.refusal(SetCredential(person: id)) == 4014)
        #expect(
            try world.refusal(Punch(person: id, branch: 77, kind: .in, method: .pin)) == 4
        )
        #expect(
            try world.refusal(Punch(person: id, branch: 9, kind: .in, method: .pin), author: 5) == 1
        )
        #expect(
            try world.refusal(Punch(person: id, branch: 9, kind: .in, method: .manager), author: id)
                == 1
        )
        let all: [PeopleRefusal] = [
            .codeTaken("1"), .unknownPerson, .notActive, .unknownRole, .emptyName, .unknownGrant,
            .emptyCode, .textTooLong, .roleNameTaken, .badPeriod, .noRights, .pinNeedsBranch,
            .badHash, .nothingGiven,
        ]
        #expect(all.map(\.code) == Array(4001...4014))
        #expect(Set(all.map(\.chinese)).count == all.count)
        #expect(Set(all.map(\.english)).count == all.count)
    }

    @Test("two under one code, one punching for another, and a leaver's punch are found")
    func findings() throws {
        let world = try PeopleWorld()
        let first = try world.run(HirePerson(code: "E001", name: "王小明", branch: 9))
        let second = try world.run(HirePerson(code: "E002", name: "李四", branch: 9))
        let now = world.node.now
        func punch(_ person: Int64, _ delay: Int64) throws {
            _ = try world.run(
                Punch(person: person, branch: 9, kind: .in, method: .pin),
                at: now.adding(milliseconds: delay)
            )
        }
        try punch(first, 0)
        try punch(first, 1_000)
        try punch(second, 6_001)
        let module = PeopleModule()
        #expect(try module.findings(world.reportContext()).isEmpty)
        try punch(second, 4_000)
        let together = try module.findings(world.reportContext())
        #expect(together.map(\.subject) == ["E001 + E002", "E001 + E002"])
        _ = try world.run(DismissPerson(person: first, lastDay: now.date().adding(days: -1)))
        let checks = try module.findings(world.reportContext()).map(\.check)
        #expect(checks.filter { $0 == "people.punch_after_leaving" }.count == 2)
        // A second headquarters, restored from a copy, may hire under the same code.
        var act = try world.node.act()
        act.begin([.everyone])
        try RegisterTable(views: world.node.views).draft(
            PeopleKind.person,
            entity: nil,
            [(1, .text("E002")), (2, .integer(9)), (5, .bool(true))],
            into: &act
        )
        try world.node.commit(act)
        let shared = try module.findings(world.reportContext()).first
        #expect(shared?.check == "people.code_shared")
        #expect(shared?.subject == "E002")
    }
}
