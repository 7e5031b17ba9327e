// What a person decides at headquarters: an erasure reaches every node, a release undoes a ruling.

import Catalog
import Kernel
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Sync
import Testing

@Suite("The rulings of a person")
struct PersonsRulingsTests {
    private func name(_ code: String, at engine: NodeEngine) throws -> String? {
        let people = PeopleAnswers()
        let person = try #require(try people.person(code: code, engine.views))
        return try people.name(of: person, engine.log.reader)
    }

    private func store(_ chain: SmallChain) throws -> (Store, Int64) {
        let added = try chain.addStore("S001")
        return (try Store(chain, added, seed: 10), added.branch)
    }

    @Test("erase a person's values here at once and at each branch when it syncs, chains intact")
    func erases() throws {
        let chain = try SmallChain()
        let (store, branch) = try store(chain)
        let hq = chain.headquarters.engine
        _ = try hq.perform(
            HirePerson(code: "E017", name: "王小明", phone: "13800000000", branch: branch)
        )
        _ = try hq.perform(HirePerson(code: "E018", name: "李雷", branch: branch))
        try store.sync()
        #expect(try name("E017", at: store.node.engine) == "王小明")
        let person = try #require(try PeopleAnswers().person(code: "E017", hq.views)).id
        #expect(try hq.personalValues(of: person) == 2)
        let before = try hq.projector.digests()

        #expect(try hq.erase(person: person))
        #expect(try name("E017", at: hq) == nil)
        #expect(try hq.personalValues(of: person) == 0)
        #expect(try name("E017", at: store.node.engine) == "王小明")
        try store.sync()
        for engine in [hq, store.node.engine] {
            #expect(try name("E017", at: engine) == nil)
            #expect(try name("E018", at: engine) == "李雷")
            #expect(try engine.log.erasedSubjects() == [person])
            #expect(try engine.verify().problems == [])
        }
        // Views hold where a value lies, never the value.
        #expect(try hq.projector.digests().map(\.digest) == before.map(\.digest))

        // Once is enough, and what is filed under the person later is dropped as well.
        let end = hq.log.end
        #expect(try !hq.erase(person: person))
        #expect(hq.log.end == end)
        let late = try Store(chain, chain.addStore("S002"), seed: 20)
        try late.sync()
        #expect(try late.node.engine.personalValues(of: person) == 0)
        #expect(try late.node.engine.verify().problems == [])
    }

    @Test("release what was set aside, by every ruling that holds it, and refuse what is not")
    func releases() throws {
        let chain = try SmallChain()
        let (store, _) = try store(chain)
        let hq = chain.headquarters.engine
        try store.openDay()
        try store.sell(1)
        try store.sync()
        let sale = try #require(
            try hq.views.integer("SELECT id FROM sales_ticket").map { ChangeID($0) }
        )
        let refused = #expect(throws: RulingRefusal.self) { try hq.release(sale) }
        #expect(refused?.code == 6)
        #expect(throws: RulingRefusal.self) { try hq.admit(sale) }

        for _ in 0..<2 {
            _ = try hq.perform(
                RulingCommand(kind: LogKind.commitUnread, body: RulingBody.ids([sale]))
            )
        }
        try hq.catchUp()
        #expect(try hq.views.integer("SELECT count(*) FROM sales_ticket") == 0)
        #expect(try hq.projector.quarantined().map(\.reason) == [.unread])
        #expect(try hq.log.reader.rulings(holding: sale).count == 2)
        try hq.release(sale)
        #expect(try hq.views.integer("SELECT count(*) FROM sales_ticket") == 1)
        #expect(try hq.projector.quarantined() == [])
        try store.sync()
        for engine in [hq, store.node.engine] { #expect(try engine.verify().problems == []) }
    }
}
