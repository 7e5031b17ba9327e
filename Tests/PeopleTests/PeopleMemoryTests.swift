// What is remembered of rights is what the tables say, at any moment and after any change.

import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing

@Suite("People: what is remembered")
struct PeopleMemoryTests {
    @Test("a right is refused from the very moment on at which it ends, begins or is taken")
    func asWithout() throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let world = try PeopleWorld()
            let start = world.node.now
            let person = try world.run(HirePerson(code: "E001", name: "王小明", branch: 9))
            let role = try world.run(DefineRole(name: "收银", rights: [.sell]))
            var grants: [ChangeID] = []
            for step in 0..<60 {
                let moment = start.adding(milliseconds: Int64(random.int(in: 0...200)) * 600_000)
                switch random.int(in: 0...9) {
                case 0:
                    let end = moment.adding(milliseconds: Int64(random.int(in: 1...9)) * 600_000)
                    let wish = GrantRole(person: person, role: role, from: moment, to: end)
                    if let grant = try? world.run(wish) { grants.append(grant) }
                case 1:
                    if let grant = grants.randomElement(using: &random) {
                        _ = try? world.run(RevokeGrant(grant: grant), at: moment)
                    }
                case 2: _ = try? world.run(SuspendPerson(person: person, branch: 9), at: moment)
                case 3:
                    let rights: [Right] = random.int(in: 0...1) == 0 ? [.sell] : [.discount]
                    _ = try world.run(DefineRole(role: role, name: "收银", rights: rights))
                default:
                    let right: Right = random.int(in: 0...3) == 0 ? .discount : .sell
                    let known = try world.may(person, right, 9, at: moment)
                    // What is taken back takes all that was remembered with it.
                    try world.node.views.begin(.deferred)
                    try world.node.views.rollback()
                    let asked = try world.may(person, right, 9, at: moment)
                    #expect(known == asked, "seed \(seed), step \(step)")
                }
            }
        }
    }
}
