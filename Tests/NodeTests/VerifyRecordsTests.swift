// verify, against what stands beside the commits: who the node is, whose numbers are whose, who is
// handed what, what waits. Each break is undone before the next one.

import Glibc
import Kernel
import Module
import Node
import Replication
import Sync
import Testing

@Suite("Verify of what stands beside the commits")
struct VerifyRecordsTests {
    private typealias Break = VerifyTests.Break

    @Test("names rows of headquarters that are not what it ruled and what its commits say")
    func headquarters() throws {
        let books = try VerifyTests.Books()
        let number = try #require(books.store.engine.log.own).replica.rawValue
        let first = "(SELECT min(first) FROM delivery WHERE audience = 0)"
        let breaks = [
            Break("DELETE FROM heads WHERE replica = \(number)", "has commits, but no head"),
            Break("DELETE FROM heads WHERE replica = 0", "replica 0 has commits", "has no head"),
            Break("UPDATE heads SET device = device + 1 WHERE replica = \(number)", "ruled"),
            Break("DELETE FROM devices", "ruled"),
            Break("UPDATE devices SET branch = branch + 1", "ruled"),
            Break("UPDATE devices SET kind = 3", "ruled"),
            Break("UPDATE devices SET person = 7", "ruled"),
            Break("DELETE FROM numbers WHERE replica = \(number)", "ruled"),
            Break("UPDATE numbers SET device = 1 WHERE replica = \(number)", "ruled"),
            Break("DELETE FROM delivery WHERE audience = 0", "is kept from audience 0"),
            Break(
                "UPDATE delivery SET first = first + 1 WHERE audience = 0 AND first = \(first)",
                "is kept from audience 0"
            ),
            Break(
                "INSERT INTO delivery VALUES(800, 1, 3)",
                "audience 800 is handed commits that are not for it"
            ),
            Break("UPDATE meta SET value = 2 WHERE key = 'headquarters'", "whether"),
            Break("DELETE FROM meta WHERE key = 'replica'", "under which number"),
            Break(
                "UPDATE meta SET value = \(number) WHERE key = 'replica'",
                "is another device's"
            ),
            Break(
                "UPDATE commits SET stamp = zeroblob(16) WHERE id >> 32 = \(number)",
                "headquarters' stamp"
            ),
        ]
        try VerifyTests().expect(breaks, books, books.hq, books.hq.log.database)
    }

    @Test("names a revocation, an ended number and a corrected clock that log.sqlite forgot")
    func rulings() throws {
        let books = try VerifyTests.Books()
        let log = books.hq.log
        let device = try #require(try log.devices().first)
        let number = try #require(books.store.engine.log.own).replica
        try log.write {
            try log.revoke(device.id, reason: "遗失", at: books.hq.clock.now())
            try log.end(number, at: books.hq.clock.now())
        }
        let ruling = ClockRuling(
            id: try log.nextID(),
            replica: number,
            from: 1,
            to: 2,
            aheadMs: 3_600_000
        )
        _ = try books.hq.perform(RulingCommand(kind: LogKind.clockRuled, body: ruling.body))
        let breaks = [
            Break("UPDATE devices SET revoked = 0", "ruled"),
            Break("UPDATE numbers SET ended = 0", "ruled"),
            Break("DELETE FROM clock_rulings", "ruled"),
            Break("UPDATE clock_rulings SET ahead = 1", "ruled"),
        ]
        try VerifyTests().expect(breaks, books, books.hq, log.database)
    }

    @Test("names a store's file that says the node is another")
    func store() throws {
        let books = try VerifyTests.Books()
        let breaks = [
            Break("UPDATE meta SET value = 7 WHERE key = 'headquarters'", "whether"),
            Break("DELETE FROM heads", "has no head"),
            Break("UPDATE meta SET value = 1 WHERE key = 'device'", "is another device's"),
        ]
        let engine = books.store.engine
        try VerifyTests().expect(breaks, books, engine, engine.log.database)
    }

    @Test("names commits that only the views have set aside")
    func aside() throws {
        let books = try VerifyTests.Books()
        let breaks = [
            Break(
                "INSERT INTO view_quarantine SELECT max(id), 9, 3, 'a fault', 0 FROM sales_ticket",
                "1 commits from",
                "unlike in a rebuild"
            )
        ]
        try VerifyTests().expect(breaks, books, books.hq, books.hq.views)
    }

    @Test("names files that others may read")
    func permissions() throws {
        let folder = "/tmp/tributary-open-\(getpid())"
        try Files.makeFolder(folder)
        defer { try? Files.removeFolder(folder) }
        let storage = FolderStorage(folder: folder)
        try storage.write("keys", [1], isDurable: false)
        _ = chmod(folder, 0o755)
        #expect(try storage.openToOthers() == [])
        _ = chmod(folder + "/keys", 0o644)
        #expect(try storage.openToOthers() == [folder + "/keys"])
        _ = chmod(folder, 0o700)
        #expect(try storage.openToOthers() == [])
    }
}
