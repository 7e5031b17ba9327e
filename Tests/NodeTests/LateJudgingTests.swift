// What headquarters judges after others passed it by, and what a device writes of another branch.

import Catalog
import Kernel
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Testing

@Suite("What is judged late or beyond the rights")
struct LateJudgingTests {
    private func stores() throws -> (SmallChain, [Store], [Int64]) {
        let chain = try SmallChain()
        let added = try ["S001", "S002"].map { try chain.addStore($0) }
        let stores = try added.enumerated().map { index, store in
            try Store(chain, store, seed: UInt64(10 + index))
        }
        for store in stores { try store.sync() }
        return (chain, stores, added.map(\.branch))
    }

    private func tickets(_ engine: NodeEngine) throws -> Int64? {
        try engine.views.integer("SELECT count(*) FROM sales_ticket")
    }

    /// The rulings of a kind, with their readers and the ids they name.
    private func rulings(
        _ kind: Kind,
        _ engine: NodeEngine
    ) throws -> [(readers: [Audience], ids: [ChangeID])] {
        var found: [(readers: [Audience], ids: [ChangeID])] = []
        try engine.log.reader.forEachCommit(after: 0, limit: .max) { _, _, _, bytes in
            try CommitCodec.forEachChange(in: bytes) { header, _, each, body in
                if each == kind { found.append((header.audiences, try RulingBody.ids(body))) }
            }
        }
        return found
    }

    @Test("a ticket that waited is delivered by name to a neighbour whose cursor passed it, once")
    func deliversByName() throws {
        let (chain, stores, _) = try stores()
        let hq = chain.headquarters.engine
        try stores[0].openDay()
        try stores[0].sell(1)
        try stores[0].sync()
        let sale = try #require(try hq.views.integer("SELECT id FROM sales_ticket"))
        _ = try hq.perform(
            RulingCommand(kind: LogKind.commitUnread, body: RulingBody.ids([ChangeID(sale)]))
        )
        try hq.catchUp()
        // The neighbour comes by while it waits, and then goes past it.
        try stores[0].sell(1)
        for store in stores { try store.sync() }
        #expect(try stores[1].node.engine.log.reader.commit(ChangeID(sale)) == nil)
        #expect(try tickets(stores[1].node.engine) == 1)

        try hq.release(ChangeID(sale))
        #expect(try tickets(hq) == 2)
        for store in stores { try store.sync() }
        #expect(try tickets(stores[1].node.engine) == 2)
        #expect(try rulings(LogKind.logReleased, hq).map(\.ids) == [[ChangeID(sale)]])
        let end = hq.log.end
        try hq.catchUp()
        #expect(hq.log.end == end)
        for engine in [hq] + stores.map(\.node.engine) {
            #expect(try engine.verify().problems == [])
        }
    }

    @Test("a commit over which the program died twice is ruled unread, and its author is told")
    func rulesUnread() throws {
        let (chain, stores, branches) = try stores()
        let hq = chain.headquarters.engine
        try stores[0].openDay()
        try stores[0].sell(1)
        try stores[0].sync()
        let sale = try #require(try hq.views.integer("SELECT id FROM sales_ticket"))
        // As the deaths of two processes leave it.
        try hq.views.execute(
            """
            INSERT INTO view_quarantine(id, position, reason, detail, waits)
            SELECT id, 1, 11, '', 0 FROM sales_ticket
            """
        )
        try hq.projector.reload()
        try hq.catchUp()
        #expect(try hq.projector.quarantined().map(\.reason) == [.unread])
        let ruled = try rulings(LogKind.commitUnread, hq)
        #expect(ruled.map(\.ids) == [[ChangeID(sale)]])
        #expect(ruled[0].readers.contains(.branch(branches[0])))
        #expect(ruled[0].readers.contains(.neighbours(of: branches[0])))
        let end = hq.log.end
        try hq.catchUp()
        #expect(hq.log.end == end)
        try stores[0].sync()
        #expect(try tickets(stores[0].node.engine) == 0)
    }

    /// Writes one change for given readers, whatever they are.
    private struct Raw: Command {
        let kind: Kind
        let body: [UInt8]
        let readers: [Audience]

        func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
            act.begin(readers)
            return act.add(kind, body)
        }
    }

    @Test("what names another branch in its body waits, or is forbidden, whoever may read it")
    func foreignBranch() throws {
        let (chain, stores, branches) = try stores()
        let hq = chain.headquarters.engine
        let person = try hq.perform(HirePerson(code: "E001", name: "王小明", branch: branches[1]))
        let grant = try hq.perform(
            GrantRole(person: person, rights: [.sell], branch: branches[1], from: chain.clock.now())
        )
        try stores[0].sync()
        func punch(at branch: Int64) throws -> [UInt8] {
            PunchRecorded(
                person: person,
                branch: branch,
                kind: .in,
                at: chain.clock.now(),
                method: .pin,
                note: nil
            ).body
        }
        let node = stores[0].node.engine
        let own = [Audience.branch(branches[0])]
        let mine = try node.perform(
            Raw(kind: PeopleKind.punchRecorded, body: punch(at: branches[0]), readers: own)
        )
        let theirs = try node.perform(
            Raw(kind: PeopleKind.punchRecorded, body: punch(at: branches[1]), readers: own)
        )
        let suspended = GrantSuspended(
            grant: grant.rawValue,
            branch: branches[1],
            at: chain.clock.now()
        )
        let bar = try node.perform(
            Raw(kind: PeopleKind.grantSuspended, body: suspended.body, readers: own)
        )
        let sent = try node.perform(
            Raw(
                kind: PeopleKind.punchRecorded,
                body: punch(at: branches[0]),
                readers: [.branch(branches[1])]
            )
        )
        try stores[0].sync()
        let waiting = try hq.projector.quarantined()
        #expect(waiting.map(\.id) == [theirs, bar, sent])
        #expect(waiting.allSatisfy { $0.reason == .held })
        #expect(try hq.views.integer("SELECT count(*) FROM people_punches") == 1)
        #expect(try hq.views.integer("SELECT id FROM people_punches") == mine.rawValue)
        #expect(try hq.views.integer("SELECT count(*) FROM people_suspensions") == 0)
        try stores[0].sync()
        #expect(try node.views.integer("SELECT count(*) FROM people_suspensions") == 0)

        // The author's branch hears that it was let in, though it does not read what it wrote.
        try hq.admit(sent)
        let admitted = try rulings(LogKind.factAdmitted, hq)
        #expect(admitted.map(\.ids) == [[sent]])
        #expect(admitted[0].readers == branches.map { .branch($0) }.sorted())
        #expect(try rulings(LogKind.logReleased, hq).map(\.ids) == [[sent]])
    }
}
