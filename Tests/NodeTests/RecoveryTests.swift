// Backups, restores and anchors through the real engine on real files.

import Catalog
import Foundation
import Kernel
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Support
import Sync
import Testing

/// A chain whose files lie in a folder, gone when the test is.
private final class RecoveryWorld {
    let path: String
    let chain: SmallChain
    let store: (branch: Int64, tills: [Int64])
    var node: NodeSync

    init() throws {
        path = NSTemporaryDirectory() + "tributary-node-" + UUID().uuidString
        for name in ["hq", "s001"] { try Files.makeFolder(path + "/" + name) }
        chain = try SmallChain(storage: FolderStorage(folder: path + "/hq"))
        let added = try chain.addStore("S001")
        store = (added.branch, added.tills)
        let storage = FolderStorage(folder: path + "/s001")
        node = try chain.enrol(added.branch, seed: 10, storage: storage)
        _ = try node.engine.perform(OpenDay(till: added.tills[0]))
    }

    func end() { try? Files.removeFolder(path) }

    var line: Line { Line(headquarters: chain.headquarters) }

    func sell(_ count: Int = 1) throws { try chain.sell(node, till: store.tills[0], count) }

    /// Opens the store's folder as a start of the program would.
    func open(_ name: String = "s001", isReading: Bool = false) throws -> NodeDirectory {
        let opened = try NodeDirectory.open(
            path + "/" + name,
            isReading: isReading,
            modules: .standard,
            clock: chain.clock,
            random: SeededSource(seed: 77)
        )
        guard case .here(let directory) = opened else { throw NodeFault(.busy, "", nextStep: "") }
        return directory
    }

    /// Closes the store's files and writes its anchor, as the end of the program would.
    func close(anchored: Bool = true) throws {
        let anchor = Anchor(path: path + "/s001.anchor")
        if anchored, let head = node.engine.log.own { try anchor.write(head, isDurable: true) }
        try node.engine.close()
    }

    func restore(
        _ backup: String,
        to name: String,
        keys: String? = nil,
        replaces: Bool = false
    ) throws -> RestoreOutcome {
        var restore = Restore(
            RestoreWish(
                backup: path + "/" + backup,
                folder: path + "/" + name,
                anchor: nil,
                keys: keys.map { path + "/" + $0 },
                replaces: replaces
            ),
            modules: .standard,
            clock: chain.clock,
            random: SeededSource(seed: 78)
        )
        return try restore.run()
    }
}

@Suite("Recovery through the engine")
struct RecoveryTests {
    @Test("what is in a verified backup is told to its node as protected, and nothing more")
    func protectedMark() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        try world.sell()
        _ = try world.node.round(world.line)
        let log = world.node.engine.log
        let own = try #require(log.own)
        #expect(try log.mark(.durable, of: own.replica)?.sequence == own.last)
        #expect(try log.mark(.protected, of: own.replica)?.sequence ?? 0 == 0)
        let hq = world.chain.headquarters.engine
        let backup = try hq.backup(to: world.path + "/hq.backup")
        #expect(backup.position == hq.log.end && !backup.holdsDeviceKey)
        try world.sell()
        _ = try world.node.round(world.line)
        #expect(try log.mark(.protected, of: own.replica)?.sequence == own.last)
        #expect(try log.mark(.durable, of: own.replica)?.sequence == log.own?.last)
    }

    @Test("an anchor that is missing, ahead or of another history is not proof; a first start is")
    func anchors() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        let log = world.node.engine.log
        let anchor = Anchor(path: world.path + "/s001.anchor")
        #expect(try anchor.proof(of: log) == .missing, "the day was opened")
        let early = try #require(log.own)
        try anchor.write(early, isDurable: false)
        #expect(try anchor.proof(of: log) == .proven)
        try world.sell()
        #expect(try anchor.proof(of: log) == .proven, "the log may be ahead of its anchor")
        let late = try #require(log.own)
        let beyond = Head(
            replica: late.replica,
            incarnation: late.incarnation,
            device: late.device,
            last: late.last + 1,
            hash: late.hash
        )
        try anchor.write(beyond, isDurable: false)
        #expect(try anchor.proof(of: log) == .ahead)
        let other = Head(
            replica: late.replica,
            incarnation: [UInt8](repeating: 9, count: 16),
            device: late.device,
            last: late.last,
            hash: late.hash
        )
        try anchor.write(other, isDurable: false)
        #expect(try anchor.proof(of: log) == .otherHistory)
        try anchor.write(late, isDurable: false)
        var bytes = try Files.read(anchor.path)
        bytes[bytes.count - 1] ^= 1
        try Files.write(bytes, to: anchor.path)
        #expect(try anchor.proof(of: log) == (Anchor.machine.isEmpty ? .missing : .otherMachine))
        try Files.write([0xff], to: anchor.path)
        #expect(try anchor.proof(of: log) == .missing, "one that cannot be read proves nothing")
        // Cut between taking a spare number and writing the anchor: nothing is unproven.
        try anchor.write(late, isDurable: false)
        try log.write { _ = try log.takeSpare() }
        #expect(try anchor.proof(of: log) == .proven)

        let fresh = try world.chain.addStore("S002")
        let idle = try world.chain.enrol(fresh.branch, seed: 11)
        #expect(try Anchor(path: world.path + "/none").proof(of: idle.engine.log) == .proven)
    }

    @Test("who only reads a directory that may be a copy leaves its number and its anchor alone")
    func reading() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        try world.sell()
        try world.close(anchored: false)
        for _ in 0..<2 {
            let directory = try world.open(isReading: true)
            #expect(directory.isDoubtful)
            #expect(directory.goingOn == nil)
            #expect(try directory.engine.verify().problems == [])
            try directory.close()
        }
        #expect(!Files.exists(world.path + "/s001.anchor"))
        let writing = try world.open()
        #expect(writing.goingOn != nil, "who may write leaves the number")
        try writing.close()
    }

    @Test("an unproven node without a spare number writes nothing until a sync gives one")
    func withoutSpare() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        try world.sell()
        _ = try world.node.round(world.line)
        try world.sell()
        let log = world.node.engine.log
        try log.write { try log.setSpareNumbers([]) }
        let old = try #require(log.own)
        try world.close(anchored: false)
        do {
            let directory = try world.open()
            #expect(directory.proof == .missing && directory.goingOn == .waitsForNumber)
            world.node = try NodeSync(engine: directory.engine)
            #expect(throws: NodeRefusal.unproven) { try world.sell() }
            #expect(directory.engine.log.own == old)
            try directory.close()
        }
        // Another start without a sync changes nothing.
        do {
            let again = try world.open()
            #expect(again.goingOn == .waitsForNumber)
            world.node = try NodeSync(engine: again.engine)
            #expect(try world.node.round(world.line).isComplete)
            let own = try #require(again.engine.log.own)
            #expect(own.replica != old.replica)
            #expect(try again.engine.log.unsentCount() == 0, "what the old number held was sent")
            try world.sell()
            #expect(try world.node.round(world.line).isComplete)
            #expect(try again.engine.verify().problems == [])
            let hq = world.chain.headquarters.engine
            #expect(try hq.views.integer("SELECT count(*) FROM sales_ticket") == 3)
            try again.close()
        }
        #expect(try world.open().proof == .proven)
    }

    @Test("a person who was erased after the backup stays erased, and the new list says so")
    func erased() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        let hq = world.chain.headquarters.engine
        let person = try hq.perform(
            HirePerson(code: "E1", name: "王五", branch: 0, from: CivilDate(parsing: "2026-11-01"))
        )
        _ = try hq.backup(to: world.path + "/hq.backup")
        let held = try hq.log.database.integer("SELECT count(*) FROM personal") ?? 0
        #expect(held > 0)
        try hq.log.write { try hq.log.erase(person) }
        try hq.forgetErased()
        try Files.copy(world.path + "/hq/keys", to: world.path + "/keys")
        try hq.close()
        // Even where the log of the old directory cannot be read, the list beside it can.
        let size = Int(Files.sizeBytes(world.path + "/hq/log.sqlite"))
        try Files.write([UInt8](repeating: 7, count: size), to: world.path + "/hq/log.sqlite")
        let outcome = try world.restore("hq.backup", to: "hq", keys: "keys", replaces: true)
        #expect(outcome.erased == 1 && outcome.unread.count == 1)
        let directory = try world.open("hq")
        let left = try directory.engine.log.database.integer("SELECT count(*) FROM personal") ?? 0
        #expect(left < held)
        #expect(try ErasedFile.read(FolderStorage(folder: world.path + "/hq")) == [person])
        #expect(try directory.engine.log.isCareful)
        #expect(directory.proof == .proven)
    }

    @Test("a backup in which one commit was changed is refused, though the database is whole")
    func changedCommit() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        let hq = world.chain.headquarters.engine
        _ = try hq.backup(to: world.path + "/hq.backup")
        try Files.copy(world.path + "/hq/keys", to: world.path + "/keys")
        let copy = try Database(path: world.path + "/hq.backup")
        try copy.execute(
            """
            UPDATE commits SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'01' AS BLOB)
            WHERE position = 2
            """
        )
        _ = try copy.checkpoint(.truncate)
        try copy.close()
        let fault = #expect(throws: NodeFault.self) {
            try world.restore("hq.backup", to: "new", keys: "keys")
        }
        #expect(fault?.exit == .checkFailed)
        #expect(!Files.exists(world.path + "/new"))
        #expect(!Files.exists(world.path + "/new.restoring"))
    }

    @Test("a damaged log is not backed up as a whole one, and nothing is told as protected")
    func damagedLog() throws {
        let world = try RecoveryWorld()
        defer { world.end() }
        try world.sell(3)
        _ = try world.node.round(world.line)
        let hq = world.chain.headquarters.engine
        let path = world.path + "/hq.backup"
        try hq.log.database.execute(
            "UPDATE commits SET bytes = zeroblob(length(bytes)) "
                + "WHERE position = (SELECT max(position) - 1 FROM commits)"
        )
        #expect(throws: NodeFault.self) { try hq.backup(to: path) }
        #expect(!Files.exists(path))
        #expect(try hq.log.reader.metaInteger("protected_position") == nil)
    }

    @Test("a node on a full disk sends what it has, and fetches nothing")
    func fullDiskSync() throws {
        let chain = try SmallChain()
        let added = try chain.addStore("S001")
        let storage = FillingStorage()
        let node = try chain.enrol(added.branch, seed: 10, storage: storage)
        _ = try node.engine.perform(OpenDay(till: added.tills[0]))
        try chain.sell(node, till: added.tills[0], 2)
        _ = try chain.addStore("S002")
        storage.isFull = true
        node.engine.lookAtSpace()
        let outcome = try node.round(Line(headquarters: chain.headquarters))
        #expect(outcome.pushed > 0 && outcome.pulled == 0 && outcome.stop != nil)
        #expect(try node.engine.log.unsentCount() == 0)
        storage.isFull = false
        let later = try node.round(Line(headquarters: chain.headquarters))
        #expect(later.isComplete && later.pulled > 0)
    }
}

/// Files in memory whose disk may be full.
private final class FillingStorage: NodeStorage, @unchecked Sendable {
    // Why: a test uses it on one thread.
    var isFull = false
    private let files = MemoryStorage()

    func database(_ name: String, _ options: Database.Options) throws -> Database {
        try files.database(name, options)
    }

    func names() throws -> [String] { try files.names() }
    func remove(_ name: String) throws { try files.remove(name) }
    func read(_ name: String) throws -> [UInt8]? { try files.read(name) }

    func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        try files.write(name, content, isDurable: isDurable)
    }

    func makeReserve() -> Bool { !isFull }
}
