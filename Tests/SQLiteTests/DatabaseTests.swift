// Opening, settings, transactions, checkpoints, backups.
import CSQLite
import Glibc
import SQLite
import Testing

@Suite("A database")
struct DatabaseTests {
    func setting(_ database: Database, _ name: String) throws -> String {
        try database.prepare("PRAGMA \(name)").first { $0.text(0) } ?? "none"
    }

    @Test("A writer has the settings that the design asks for")
    func settings() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        #expect(try setting(database, "journal_mode") == "wal")
        #expect(try setting(database, "synchronous") == "2")
        #expect(try setting(database, "wal_autocheckpoint") == "0")
        #expect(try setting(database, "trusted_schema") == "0")
        #expect(try setting(database, "temp_store") == "2")
        #expect(try setting(database, "foreign_keys") == "0")
        #expect(try setting(database, "secure_delete") == "0")
        #expect(try setting(database, "mmap_size") == "0")
        for (synchronous, number) in [(Database.Synchronous.normal, "1"), (.off, "0")] {
            let options = Database.Options(synchronous: synchronous, secureDelete: true)
            let other = try Database(path: scratch.path("other.sqlite"), options: options)
            #expect(try setting(other, "synchronous") == number)
            #expect(try setting(other, "secure_delete") == "1")
        }
    }

    @Test("The file and those beside it can be read by their owner only")
    func mode() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        for name in ["test.sqlite", "test.sqlite-wal", "test.sqlite-shm"] {
            var status = stat()
            #expect(stat(scratch.path(name), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(name)")
        }
        try database.close()
        #expect(scratch.names() == ["test.sqlite"])
    }

    @Test("A second file cannot be attached")
    func attach() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        let fault = #expect(throws: StorageFault.self) {
            try database.execute("ATTACH '\(scratch.path("other.sqlite"))' AS other")
        }
        #expect(fault?.message.contains("too many attached databases") == true)
    }

    @Test("A reader sees commits, cannot write, and leaves the WAL to the writer")
    func reader() throws {
        let scratch = try Scratch()
        let writer = try scratch.database()
        let options = Database.Options(role: .reader)
        let reader = try Database(path: scratch.path("test.sqlite"), options: options)
        #expect(try reader.integer("SELECT count(*) FROM item") == 0)
        try reader.transaction(.deferred) {
            #expect(try reader.integer("SELECT count(*) FROM item") == 0)
            try writer.execute("INSERT INTO item (name) VALUES ('a')")
            #expect(try reader.integer("SELECT count(*) FROM item") == 0)
        }
        #expect(try reader.integer("SELECT count(*) FROM item") == 1)
        let fault = #expect(throws: StorageFault.self) { try reader.execute("DELETE FROM item") }
        #expect(fault?.primaryCode == SQLITE_READONLY)
        try writer.close()
        try reader.close()
        #expect(scratch.names().contains("test.sqlite-wal"))
        let again = try Database(path: scratch.path("test.sqlite"))
        #expect(try again.integer("SELECT count(*) FROM item") == 1)
    }

    @Test("What is absent, or no database, cannot be opened for reading")
    func openFaults() throws {
        let scratch = try Scratch()
        let options = Database.Options(role: .reader)
        let absent = #expect(throws: StorageFault.self) {
            try Database(path: scratch.path("absent.sqlite"), options: options)
        }
        #expect(absent?.primaryCode == SQLITE_CANTOPEN)
        #expect(absent?.message.contains("absent.sqlite") == true)
        let descriptor = open(scratch.path("text.sqlite"), O_CREAT | O_WRONLY, 0o600)
        let text = [UInt8](repeating: 65, count: 4096)
        #expect(write(descriptor, text, text.count) == text.count)
        close(descriptor)
        let noDatabase = #expect(throws: StorageFault.self) {
            try Database(path: scratch.path("text.sqlite"), options: options)
        }
        #expect(noDatabase?.isCorrupt == true)
        #expect(throws: StorageFault.self) {
            try Database(path: scratch.path("no/such/folder.sqlite"))
        }
    }

    @Test("A transaction commits what returns and rolls back what throws")
    func transaction() throws {
        struct Enough: Error {}
        let scratch = try Scratch()
        let database = try scratch.database()
        let id = try database.transaction(.immediate) {
            try database.execute("INSERT INTO item (name) VALUES ('a')")
            return database.lastInsertRowID
        }
        #expect(id == 1)
        #expect(throws: Enough.self) {
            try database.transaction(.immediate) {
                try database.execute("INSERT INTO item (name) VALUES ('b')")
                #expect(database.changes == 1)
                throw Enough()
            }
        }
        #expect(!database.isInTransaction)
        #expect(try database.integer("SELECT count(*) FROM item") == 1)
    }

    @Test("A savepoint undoes its own part only, also inside another of the same name")
    func savepoint() throws {
        struct Enough: Error {}
        let scratch = try Scratch()
        let database = try scratch.database()
        func insert(_ id: Int) throws {
            try database.execute("INSERT INTO item VALUES (\(id), '', NULL)")
        }
        func insertInVain(_ id: Int) {
            #expect(throws: Enough.self) {
                try database.savepoint("batch") {
                    try insert(id)
                    throw Enough()
                }
            }
        }
        try database.transaction(.immediate) {
            try insert(1)
            try database.savepoint("batch") {
                try insert(2)
                insertInVain(3)
            }
            insertInVain(4)
        }
        let ids = try database.prepare("SELECT group_concat(id) FROM item").first { $0.text(0) }
        #expect(ids == "1,2")
    }

    @Test("A COMMIT that fails is undecided, not failed")
    func undecided() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        sqlite3_commit_hook(database.handle, { _ in 1 }, nil)
        let undecided = #expect(throws: CommitUndecided.self) {
            try database.transaction(.immediate) {
                try database.execute("INSERT INTO item (name) VALUES ('a')")
            }
        }
        #expect(undecided?.fault.operation == "commit")
        #expect(undecided?.fault.sql == "COMMIT")
        #expect(!database.isInTransaction)
        sqlite3_commit_hook(database.handle, nil, nil)
        #expect(try database.integer("SELECT count(*) FROM item") == 0)
    }

    @Test("The WAL grows until the writer checkpoints, and a reader can be in the way")
    func checkpoint() throws {
        let scratch = try Scratch()
        let writer = try scratch.database()
        let fill = "INSERT INTO item (bytes) VALUES (zeroblob(8000000))"
        try writer.execute(fill)
        #expect(writer.walBytes > 8_000_000)
        let options = Database.Options(role: .reader)
        let reader = try Database(path: scratch.path("test.sqlite"), options: options)
        try reader.begin(.deferred)
        #expect(try reader.integer("SELECT count(*) FROM item") == 1)
        try writer.execute(fill)
        let partial = try writer.checkpoint(.passive)
        #expect(!partial.isComplete)
        #expect(partial.framesWrittenBack > 0)
        #expect(writer.walBytes > 16_000_000)
        try reader.rollback()
        let whole = try writer.checkpoint(.truncate)
        #expect(whole.isComplete)
        #expect(writer.walBytes == 0)
        var status = stat()
        #expect(stat(scratch.path("test.sqlite-wal"), &status) == 0)
        #expect(status.st_size == 0)
    }

    @Test("A WAL found at opening is counted")
    func walFound() throws {
        let scratch = try Scratch()
        let writer = try scratch.database()
        let other = try Database(path: scratch.path("test.sqlite"), options: .init(role: .reader))
        try writer.execute("INSERT INTO item (bytes) VALUES (zeroblob(1000000))")
        let before = writer.walBytes
        #expect(try other.integer("SELECT count(*) FROM item") == 1)
        try writer.close()
        let again = try Database(path: scratch.path("test.sqlite"))
        #expect(before > 1_000_000)
        #expect(again.walBytes == before)
        try other.close()
    }

    @Test("A backup taken while the writer goes on is one whole file, readable by itself")
    func backup() throws {
        let scratch = try Scratch()
        let writer = try scratch.database()
        try writer.execute("INSERT INTO item (bytes) VALUES (zeroblob(1000000))")
        let options = Database.Options(role: .reader)
        let reader = try Database(path: scratch.path("test.sqlite"), options: options)
        try reader.backup(to: scratch.path("copy.sqlite"))
        try writer.execute("INSERT INTO item (bytes) VALUES ('later')")
        let wanted = ["copy.sqlite", "test.sqlite", "test.sqlite-shm", "test.sqlite-wal"]
        #expect(scratch.names() == wanted)
        let copy = try Database(path: scratch.path("copy.sqlite"), options: options)
        #expect(try copy.integer("SELECT sum(length(bytes)) FROM item") == 1_000_000)
        #expect(try copy.integrityComplaints() == [])
        try copy.close()
        try writer.backup(to: scratch.path("copy.sqlite"))
        let newer = try Database(path: scratch.path("copy.sqlite"))
        #expect(try newer.integer("SELECT count(*) FROM item") == 2)
    }

    @Test("A backup of a damaged file is refused, and the older backup stays")
    func damagedBackup() throws {
        let scratch = try Scratch()
        let database = try scratch.database()
        try database.execute("CREATE INDEX item_name ON item (name)")
        for number in 0..<500 {
            try database.execute("INSERT INTO item (name) VALUES ('name \(number)')")
        }
        try database.backup(to: scratch.path("copy.sqlite"))
        let root = try database.integer(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'item_name'"
        )
        try database.close()
        let descriptor = open(scratch.path("test.sqlite"), O_RDWR)
        let zeros = [UInt8](repeating: 0, count: 4096)
        let offset = off_t((root ?? 1) - 1) * 4096
        #expect(pwrite(descriptor, zeros, zeros.count, offset) == zeros.count)
        close(descriptor)
        let damaged = try Database(path: scratch.path("test.sqlite"))
        #expect(try damaged.integrityComplaints() != [])
        let fault = #expect(throws: StorageFault.self) {
            try damaged.backup(to: scratch.path("copy.sqlite"))
        }
        #expect(fault?.isCorrupt == true)
        let names = scratch.names()
        #expect(!names.contains { $0.contains("partial") }, "\(names)")
        let copy = try Database(path: scratch.path("copy.sqlite"))
        #expect(try copy.integrityComplaints() == [])
    }
}
