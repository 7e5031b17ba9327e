// Laws of People's changes: what is written is read again, and no order of arrival matters.

import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("People: changes")
struct PeopleChangesTests {
    private func id(_ random: inout SeededRandom) -> Int64 {
        ChangeID(
            replica: ReplicaNumber(UInt32(random.int(in: 0...2_000_000))),
            sequence: UInt32(random.int(in: 1...4_000_000_000))
        ).rawValue
    }

    private func moment(_ random: inout SeededRandom) -> WallTime {
        WallTime(milliseconds: Int64(random.int(in: -62_000_000_000_000...253_000_000_000_000)))
    }

    /// Reads a body again, which must give the same value and the same bytes.
    private func same<Value: Hashable>(
        _ value: Value,
        _ body: [UInt8],
        _ read: (UnsafeRawBufferPointer) throws -> Value,
        _ write: (Value) -> [UInt8]
    ) throws {
        let again = try body.withUnsafeBytes { try read($0) }
        if again != value { throw Broken("\(value) is read as \(again)") }
        if write(again) != body { throw Broken("\(value) is written in two ways") }
        try CBORReader.validate(body)
    }

    @Test("what is written is read again, byte for byte")
    func identity() {
        forAll { random in
            let punch = PunchRecorded(
                person: id(&random),
                branch: id(&random),
                kind: random.pick(PunchKind.allCases),
                at: moment(&random),
                method: random.pick(PunchMethod.allCases),
                note: random.bool(chance: 500) ? nil : random.pick(["", "侧门", "e\u{301}"])
            )
            try same(punch, punch.body, { try PunchRecorded(body: $0) }, \.body)
            let rights = Right.allCases.filter { _ in random.bool(chance: 300) } + [.sell]
            let grant = RoleGranted(
                person: id(&random),
                given: random.bool(chance: 500) ? .role(id(&random)) : .rights(rights),
                branch: random.bool(chance: 300) ? 0 : id(&random),
                from: moment(&random),
                to: random.bool(chance: 500) ? nil : moment(&random)
            )
            try same(grant, grant.body, { try RoleGranted(body: $0) }, \.body)
            let revoked = GrantRevoked(grant: id(&random), at: moment(&random))
            try same(revoked, revoked.body, { try GrantRevoked(body: $0) }, \.body)
            let suspended = GrantSuspended(
                grant: id(&random),
                branch: id(&random),
                at: moment(&random)
            )
            try same(suspended, suspended.body, { try GrantSuspended(body: $0) }, \.body)
        }
    }

    @Test("each kind's sample is read by the projection it is declared for")
    func samples() throws {
        let subject: Int64 = 4_294_967_301
        for definition in PeopleModule().kinds {
            let world = try PeopleWorld()
            var act = try world.node.act()
            act.begin([.everyone])
            if definition.kind.isRegister { _ = act.personal(subject: subject, .text("x")) }
            act.add(definition.kind, definition.sample)
            try world.node.append(act)
            try world.node.catchUp()
            #expect(try world.node.projector.quarantined().isEmpty, "\(definition.name)")
        }
    }

    @Test("a personal value that is not there, or filed under somebody else, is refused")
    func personalMarks() throws {
        func waits(_ kind: Kind, _ fields: [(Int64, Int64)], subject: Int64?) throws -> Bool {
            let world = try PeopleWorld()
            var act = try world.node.act()
            act.begin([.everyone])
            if let subject { _ = act.personal(subject: subject, .text("x")) }
            let entries = fields.map { CBORValue.Entry($0.0, .integer($0.1)) }
            act.add(kind, try CBORValue.map(entries).encoded())
            try world.node.append(act)
            try world.node.catchUp()
            return try !world.node.projector.quarantined().isEmpty
        }
        let person: Int64 = 4_294_967_301
        for (kind, key) in [(PeopleKind.person, 3), (PeopleKind.person, 4)] as [(Kind, Int64)] {
            #expect(try !waits(kind, [(0, person), (key, 0)], subject: person))
            #expect(try waits(kind, [(0, person), (key, 0)], subject: person + 1))
            #expect(try waits(kind, [(0, person), (key, 1)], subject: person))
            #expect(try waits(kind, [(0, person), (key, 0)], subject: nil))
        }
        #expect(try !waits(PeopleKind.credential, [(0, person), (1, 0)], subject: person))
        #expect(try waits(PeopleKind.credential, [(0, person), (1, 0)], subject: 9))
        #expect(try !waits(PeopleKind.pin, [(1, person), (2, 9), (3, 0)], subject: person))
        #expect(try waits(PeopleKind.pin, [(1, person), (2, 9), (3, 0)], subject: 9))
        #expect(try waits(PeopleKind.pin, [(2, 9), (3, 0)], subject: person))
    }

    @Test("a grant that a branch gives itself is taken back wholly once headquarters forbids it")
    func forbidden() throws {
        let head = try PeopleWorld()
        let person = try head.run(HirePerson(code: "E001", name: "王小明", branch: 9))
        let now = head.node.now
        let good = try head.run(GrantRole(person: person, rights: [.sell], from: now))
        let digests = try head.node.projector.digests()
        let shop = try PeopleWorld(replica: 3)
        var act = try shop.node.act()
        act.begin([.branch(9)])
        let grants = [Right.closePeriods, .sell].map { right in
            RoleGranted(person: person, given: .rights([right]), branch: 0, from: now, to: nil)
        }
        for grant in grants { act.add(PeopleKind.roleGranted, grant.body) }
        act.add(PeopleKind.grantRevoked, GrantRevoked(grant: good.rawValue, at: now).body)
        let last = act.add(
            PeopleKind.grantSuspended,
            GrantSuspended(grant: good.rawValue, branch: 9, at: now).body
        )
        try shop.node.append(act)
        try head.node.receive(from: shop.node)
        try head.node.catchUp()
        #expect(try head.may(person, .closePeriods, 0, at: now))
        #expect(try !head.people.grants(of: person, head.node.views)[0].holds(after: now))
        var ruling = try head.node.act()
        ruling.begin([.everyone])
        let first = ChangeID(replica: last.replica, sequence: 1)
        ruling.add(LogKind.changeForbidden, RulingBody.ranges([first...last]))
        try head.node.commit(ruling)
        #expect(try !head.may(person, .closePeriods, 0, at: now))
        #expect(try head.may(person, .sell, 9, at: now))
        #expect(try head.people.grants(of: person, head.node.views).map(\.id) == [good.rawValue])
        #expect(try head.node.projector.digests().last == digests.last)
        #expect(try head.node.rebuildAndCompare().isEmpty)
    }

    @Test("a body that is cut or bent is refused, and never breaks the reader")
    func bentBodies() {
        forAll { random in
            let sample = random.pick(PeopleModule().kinds).sample
            var body = sample
            if random.bool(chance: 300) { body.removeLast(random.int(in: 1...body.count)) }
            if !body.isEmpty {
                for _ in 0..<random.int(in: 0...3) {
                    body[random.int(in: 0..<body.count)] = UInt8(random.int(in: 0...255))
                }
            }
            body.withUnsafeBytes { bytes in
                _ = try? PunchRecorded(body: bytes)
                _ = try? RoleGranted(body: bytes)
                _ = try? GrantRevoked(body: bytes)
                _ = try? GrantSuspended(body: bytes)
            }
        }
    }

    /// Headquarters that hires, grants and revokes, and a branch that punches and suspends.
    private func chain(_ random: inout SeededRandom) throws -> [PeopleWorld] {
        let head = try PeopleWorld()
        let role = try head.run(DefineRole(.cashier))
        var persons: [Int64] = []
        for index in 0..<3 {
            let home: Int64 = random.bool(chance: 500) ? 9 : 0
            persons.append(
                try head.run(HirePerson(code: "E\(index)", name: "人\(index)", branch: home))
            )
        }
        let shop = try PeopleWorld(replica: 3)
        try shop.node.receive(from: head.node)
        try shop.node.catchUp()
        for _ in 0..<random.int(in: 4...12) {
            let person = random.pick(persons)
            switch random.int(in: 0...6) {
            case 0: _ = try head.run(ChangePerson(person: person, branch: random.pick([0, 9, 10])))
            case 1: _ = try head.run(DismissPerson(person: person))
            case 2: _ = try head.run(ReinstatePerson(person: person))
            case 3:
                _ = try head.run(
                    GrantRole(
                        person: person,
                        role: role,
                        branch: random.pick([0, 9, 10]),
                        from: head.node.now
                    )
                )
            case 4: _ = try head.run(SetCredential(person: person, pinHash: "$y$", branch: 9))
            case 5: _ = try shop.run(SuspendPerson(person: person, branch: 9))
            default:
                let kind = random.pick(PunchKind.allCases)
                _ = try? shop.run(Punch(person: person, branch: 9, kind: kind, method: .pin))
            }
        }
        return [head, shop]
    }

    @Test("no order of arrival, no cut of batches and no rebuild changes the views")
    func orderOfArrival() {
        forAll(cases: 40) { random in
            let chain = try chain(&random)
            let digests = try (0..<3).map { round in
                let node = try PeopleWorld(replica: 7).node
                for other in round == 0 ? chain : chain.reversed() {
                    try node.receive(from: other.node)
                    if round == 1 { try node.catchUp(batch: random.int(in: 1...4)) }
                }
                if round == 2 { try node.catchUp(batch: 1) } else { try node.catchUp() }
                if try node.rebuildAndCompare() != [] { throw Broken("a rebuild differs") }
                if try !node.projector.quarantined().isEmpty { throw Broken("a commit waits") }
                return try node.projector.digests()
            }
            if Set(digests).count != 1 { throw Broken("the views depend on the order") }
            // What was decided is what a node that only reads derives: the commands' own views.
            let head = chain[0].node
            try head.receive(from: chain[1].node)
            if try head.rebuildAndCompare() != [] { throw Broken("the commands' views differ") }
            if try head.projector.digests() != digests[0] { throw Broken("headquarters differs") }
        }
    }
}
