// verify, against a chain that is broken on purpose: each break is named, and nothing else is.
// A break is undone before the next one.

import Catalog
import Kernel
import Ledger
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Sync
import Testing
import Wire

@Suite("Verify")
struct VerifyTests {
    /// Headquarters and a store that sold, closed, sealed and sent; vouchers are posted.
    final class Books {
        let chain: SmallChain
        let store: NodeSync
        var hq: NodeEngine { chain.headquarters.engine }

        init() throws {
            chain = try SmallChain()
            let branch = try chain.addStore("S001")
            let person = HirePerson(code: "E1", name: "张三", phone: "13800000000", branch: 0)
            _ = try chain.headquarters.engine.perform(person)
            store = try chain.enrol(branch.branch, seed: 10)
            for _ in 0..<3 {
                _ = try store.engine.perform(OpenDay(till: branch.tills[0]))
                try chain.sell(store, till: branch.tills[0], 4)
                _ = try store.engine.perform(CloseDay(till: branch.tills[0], counted: nil))
                chain.clock.time = chain.clock.time.adding(milliseconds: 86_400_000)
                let outcome = try store.round(Line(headquarters: chain.headquarters))
                #expect(outcome.isComplete)
            }
            try hq.catchUp()
            while try hq.perform(PostVouchers()).hasMore {}
            #expect(try store.round(Line(headquarters: chain.headquarters)).isComplete)
        }

        /// What verify says after `sql`, which is then undone.
        func broken(_ engine: NodeEngine, _ database: Database, _ sql: String) throws -> [String] {
            try database.execute("SAVEPOINT broken")
            try database.execute(sql)
            #expect(database.totalChanges > 0)
            defer {
                try? database.execute("ROLLBACK TO broken; RELEASE broken")
            }
            return try engine.verify().problems
        }
    }

    /// A break, and a part of each sentence that must name it.
    struct Break {
        let sql: String
        let named: [String]

        init(_ sql: String, _ named: String...) {
            self.sql = sql
            self.named = named
        }
    }

    func expect(_ breaks: [Break], _ books: Books, _ engine: NodeEngine, _ file: Database) throws {
        for broken in breaks {
            let problems = try books.broken(engine, file, broken.sql)
            for part in broken.named {
                #expect(problems.contains { $0.contains(part) }, "\(broken.sql): \(problems)")
            }
            #expect(!problems.isEmpty, "\(broken.sql)")
        }
        #expect(try engine.verify().problems == [])
    }

    @Test("finds nothing where nothing is wrong, and counts what it saw")
    func whole() throws {
        let books = try Books()
        for engine in [books.hq, books.store.engine] {
            let result = try engine.verify()
            #expect(result.problems == [])
            #expect(
                result.commits
                    == Int64(
                        try engine.log.database.integer(
                            "SELECT count(*) FROM commits"
                        ) ?? 0
                    )
            )
            #expect(result.quarantined == 0)
        }
        #expect(try books.hq.verify().personal > 0)
    }

    @Test("names a commit that was changed, taken away, exchanged or cut off")
    func chains() throws {
        let books = try Books()
        let replica = try #require(books.store.engine.log.own).replica.rawValue
        let own = "id >> 32 = \(replica)"
        let middle = "(SELECT id FROM commits WHERE \(own) ORDER BY id LIMIT 1 OFFSET 5)"
        let last = "(SELECT max(id) FROM commits WHERE \(own))"
        let breaks = [
            Break(
                "UPDATE commits SET bytes = (SELECT bytes FROM commits WHERE id = \(last)) "
                    + "WHERE id = \(middle)",
                "cannot be read"
            ),
            Break(
                "UPDATE commits SET hash = zeroblob(32) WHERE id = \(middle)",
                "does not have its hash"
            ),
            Break("DELETE FROM commits WHERE id = \(middle)", "replica \(replica) lacks"),
            Break("DELETE FROM commits WHERE id = \(last)", "does not end at its head"),
            Break(
                "UPDATE heads SET last = last + 1 WHERE replica = \(replica)",
                "does not end at its head"
            ),
            Break("DELETE FROM commits WHERE \(own)", "has a head at"),
        ]
        try expect(breaks, books, books.store.engine, books.store.engine.log.database)
        let order = [
            Break(
                "UPDATE chain SET hash = zeroblob(32) "
                    + "WHERE position = (SELECT max(position) FROM chain)",
                "the order of headquarters differs"
            ),
            Break(
                "UPDATE commits SET position = -1 WHERE position = 7; "
                    + "UPDATE commits SET position = 7 WHERE position = 8; "
                    + "UPDATE commits SET position = 8 WHERE position = -1",
                "the order of headquarters has another end"
            ),
        ]
        try expect(order, books, books.hq, books.hq.log.database)
    }

    @Test("names a bit that fell over in any commit, though SQLite does not see it")
    func bits() throws {
        let books = try Books()
        let database = books.store.engine.log.database
        var commits: [(id: Int64, bytes: [UInt8])] = []
        let all = try database.statement("SELECT id, bytes FROM commits ORDER BY id")
        try all.forEach { commits.append(($0.integer(0), $0.blob(1))) }
        for (number, commit) in commits.enumerated() where number % 7 == 3 {
            var bytes = commit.bytes
            bytes[bytes.count * (number % 10) / 10] ^= 1 << UInt8(number % 8)
            let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let sql = "UPDATE commits SET bytes = x'\(hex)' WHERE id = \(commit.id)"
            try database.execute("SAVEPOINT broken")
            try database.execute(sql)
            let problems = try books.store.engine.verifyLog().problems
            #expect(problems.contains { $0.contains("\(ChangeID(commit.id))") }, "\(problems)")
            try database.execute("ROLLBACK TO broken; RELEASE broken")
        }
    }

    @Test("names an act of which only a part is there")
    func acts() throws {
        let books = try Books()
        let log = books.hq.log
        var act = Act(first: try log.nextID(), author: 0)
        for audience in [Audience.everyone, .headquarters] {
            act.begin([audience])
            _ = act.add(Kind(module: 99, 1), [0xa0])
        }
        _ = try log.append(act, at: books.chain.clock.now())
        try books.hq.catchUp()
        #expect(try books.hq.verify().problems == [])
        let breaks = [
            Break(
                "DELETE FROM commits WHERE position = (SELECT max(position) FROM commits); "
                    + "UPDATE heads SET (last, hash) = (SELECT id & 4294967295, hash FROM commits "
                    + "WHERE id >> 32 = 0 ORDER BY id DESC LIMIT 1) WHERE replica = 0",
                "ends inside an act"
            )
        ]
        try expect(breaks, books, books.hq, log.database)
    }

    @Test("names a batch without its signature, commits in no batch, and keys that are gone")
    func signatures() throws {
        let books = try Books()
        let breaks = [
            Break(
                "UPDATE batches SET mac = zeroblob(32) WHERE first > 1",
                "does not bear its device's signature",
                "are not signed"
            ),
            Break("UPDATE batches SET device = 77", "the key of device 77 is missing"),
            Break("UPDATE batches SET last = last + 1", "does not bear its device's signature"),
            Break(
                "UPDATE batches SET before = zeroblob(32) WHERE first = 1",
                "does not bear its device's signature"
            ),
            Break("DELETE FROM batches WHERE first > 1", "are not signed"),
            Break("DELETE FROM batches", "from"),
        ]
        try expect(breaks, books, books.hq, books.hq.log.database)
        let keys = try #require(try books.hq.storage.read("keys"))
        try books.hq.storage.remove("keys")
        #expect(try books.hq.verify().problems.contains { $0.contains("device keys are missing") })
        try books.hq.storage.write("keys", keys, isDurable: false)
        #expect(try books.hq.verify().problems == [])
    }

    @Test("names a personal value that is changed, gone, no commit's, or of an erased person")
    func personal() throws {
        let books = try Books()
        let breaks = [
            Break("UPDATE personal SET value = x'616263'", "is not its own"),
            Break("UPDATE personal SET subject = subject + 1", "is not its own"),
            Break("DELETE FROM personal", "is gone and not erased"),
            Break(
                "INSERT INTO personal(id, place, subject, salt, value) "
                    + "VALUES(5, 9, 5, x'00', x'00')",
                "belong to no commit"
            ),
            Break(
                "INSERT INTO erased(subject) SELECT DISTINCT subject FROM personal",
                "an erased person's value is still here"
            ),
        ]
        try expect(breaks, books, books.hq, books.hq.log.database)
        let database = books.hq.log.database
        let erased = try books.broken(
            books.hq,
            database,
            "INSERT INTO erased(subject) SELECT DISTINCT subject FROM personal; "
                + "DELETE FROM personal"
        )
        #expect(erased == [], "what was erased is missed by nobody")
    }

    @Test("names an acknowledgement of another history, and an answer to a request that made none")
    func marksAndRequests() throws {
        let books = try Books()
        let replica = try #require(books.store.engine.log.own).replica
        let missing = ChangeID(replica: replica, sequence: 9_999)
        var writer = CBORWriter()
        writer.array(2)
        writer.bytes([UInt8](repeating: 1, count: 16))
        writer.integer(missing.rawValue)
        let hex = writer.bytes.map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }.joined()
        let breaks = [
            Break("UPDATE marks SET hash = zeroblob(32)", "acknowledged of replica \(replica)"),
            Break("UPDATE marks SET sequence = sequence + 40", "acknowledged of replica"),
            Break(
                "INSERT INTO requests(key, at, outcome) VALUES('import:x', 0, x'\(hex)')",
                "request import:x was answered with \(missing)"
            ),
            Break(
                "INSERT INTO requests(key, at, outcome) VALUES('import:y', 0, x'82ff')",
                "what request import:y was answered with cannot be read"
            ),
        ]
        try expect(breaks, books, books.store.engine, books.store.engine.log.database)
        let sessions = [
            Break("UPDATE sessions SET nonce = x'00'", "under \(replica) is nobody's"),
            Break("UPDATE sessions SET device = device + 1", "under \(replica) is nobody's"),
        ]
        try expect(sessions, books, books.hq, books.hq.log.database)
    }

    @Test("names views that a rebuild does not give, and what their modules miss in them")
    func views() throws {
        let books = try Books()
        let differ = "differ from a rebuild: "
        let second = "(SELECT id FROM sales_ticket LIMIT 1 OFFSET 1)"
        let breaks = [
            Break(
                "DELETE FROM sales_ticket WHERE id = \(second)",
                differ + "sales_ticket",
                "Sales: "
            ),
            Break(
                "UPDATE sales_seal SET previous = NULL WHERE previous IS NOT NULL",
                differ + "sales_seal",
                "names none before it"
            ),
            Break(
                "UPDATE sales_seal SET head = zeroblob(32)",
                "names another history than its own"
            ),
            Break("DELETE FROM sales_payment", differ + "sales_payment", "payments 0"),
            Break(
                "UPDATE ledger_line SET amount = amount + 1 WHERE line = 0",
                differ + "ledger_line",
                "is out by"
            ),
            Break(
                "UPDATE ledger_voucher SET number = number + 100 WHERE number = 2",
                differ + "ledger_voucher",
                "numbers of"
            ),
            Break("DELETE FROM ledger_posting", differ + "ledger_posting"),
            Break("DELETE FROM view_registers WHERE key > 1", "module engine " + differ),
        ]
        try expect(breaks, books, books.hq, books.hq.views)
        let own = [
            Break(
                "DELETE FROM sales_ticket WHERE id = \(second)",
                "are numbered 1 to 4 (I20)"
            )
        ]
        try expect(own, books, books.store.engine, books.store.engine.views)
    }
}
