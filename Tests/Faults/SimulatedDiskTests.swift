// The simulated disk by itself: locks, plain files, torn writes, copies, dead handles.
// Must not: need the system's own disk.
import Foundation
import SQLite
import Simulation
import Testing

@Suite("The simulated disk")
struct SimulatedDiskTests {
    @Test("An unsynced write is kept, lost or torn at a sector's border, as the seed says")
    func torn() throws {
        let old = [UInt8](repeating: 1, count: 4096)
        let new = [UInt8](repeating: 2, count: 4096)
        var kept = 0
        var lost = 0
        var torn = 0
        for seed in 0..<200 as Range<UInt64> {
            let disk = DiskWorkload.disk(seed: seed)
            try disk.replace("page", old)
            try disk.overwrite("page", new)
            #expect(try disk.read("page") == new)
            disk.crash(.scattered)
            let after = try #require(try disk.read("page"))
            #expect(after.count == 4096)
            let sectors = stride(from: 0, to: 4096, by: 512).map { Set(after[$0..<($0 + 512)]) }
            #expect(sectors.allSatisfy { $0.count == 1 }, "seed \(seed)")
            switch Set(after) {
            case [1]: lost += 1
            case [2]: kept += 1
            default: torn += 1
            }
        }
        #expect(kept > 40 && lost > 40 && torn > 40, "\(kept), \(lost), \(torn)")
    }

    @Test("What a failed sync left behind is seen, and is durable only once it is written again")
    func failedSync() throws {
        let old = [UInt8](repeating: 1, count: 8192)
        let new = [UInt8](repeating: 2, count: 8192)
        var lost = 0
        for seed in 0..<50 as Range<UInt64> {
            let disk = DiskWorkload.disk(seed: seed)
            try disk.replace("pages", old)
            try disk.overwrite("pages", new)
            disk.fail(.sync, after: 0)
            #expect(throws: StorageFault.self) { try disk.sync("pages") }
            try disk.sync("pages")
            #expect(try disk.read("pages") == new, "seed \(seed)")
            let twin = disk.clone(name: "\(disk.name)-again", seed: seed)
            try twin.overwrite("pages", new)
            try twin.sync("pages")
            twin.crash(.all)
            #expect(try twin.read("pages") == new, "seed \(seed)")
            // A process that ends leaves the system's memory as it is; the power does not.
            disk.crash(.none)
            #expect(try disk.read("pages") == new, "seed \(seed)")
            try disk.overwrite("pages", [3])
            try disk.sync("pages")
            disk.crash(.all)
            let after = try #require(try disk.read("pages"))
            #expect(Array(after[..<4096]) == [3] + new[1..<4096], "a touched page is written whole")
            if after[4096...].allSatisfy({ $0 == 1 }) { lost += 1 }
        }
        #expect(lost > 10 && lost < 40, "\(lost)")
    }

    @Test("A file replaced durably is the old or the new one after any cut")
    func replacing() throws {
        var seen: Set<[UInt8]> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = DiskWorkload.disk(seed: seed)
            try disk.replace("keys", [1, 1, 1])
            disk.cutPower(after: Int(seed) % 6)
            var isAcknowledged = true
            do { try disk.replace("keys", [2, 2]) } catch { isAcknowledged = false }
            disk.crash()
            let after = try #require(try disk.read("keys"))
            #expect(after == [1, 1, 1] || after == [2, 2], "seed \(seed)")
            if isAcknowledged { #expect(after == [2, 2], "seed \(seed)") }
            seen.insert(after)
        }
        #expect(seen.count == 2)
    }

    @Test("Unsynced files may be gone, removed ones may be back, synced ones stay")
    func names() throws {
        let disk = DiskWorkload.disk(seed: 1)
        try disk.write("a", [1])
        try disk.write("b", [2])
        try disk.sync("b")
        try disk.remove("b")
        try disk.write("c", [3])
        try disk.sync("c")
        #expect(disk.list() == ["a", "c"])
        disk.crash(.all)
        #expect(disk.list() == ["b", "c"])
        #expect(try disk.read("a") == nil)
        #expect(try disk.read("b") == [2])
        #expect(try disk.read("c") == [3])
        try disk.rename("b", to: "c")
        disk.crash(.none)
        #expect(disk.list() == ["c"])
        #expect(try disk.read("c") == [2])
    }

    @Test("Two writers exclude each other, and a reader keeps its picture")
    func locks() throws {
        let disk = DiskWorkload.disk(seed: 1)
        let workload = DiskWorkload(disk: disk)
        let first = try workload.open()
        let second = try workload.open()
        try first.execute("CREATE TABLE item (name TEXT)")
        let reader = try workload.open(.reader)
        try first.begin(.immediate)
        let busy = #expect(throws: StorageFault.self) { try second.begin(.immediate) }
        #expect(busy?.isBusy == true)
        try first.execute("INSERT INTO item VALUES ('a')")
        #expect(try reader.integer("SELECT count(*) FROM item") == 0)
        try first.commit()
        try reader.begin(.deferred)
        #expect(try reader.integer("SELECT count(*) FROM item") == 1)
        try second.execute("INSERT INTO item VALUES ('b')")
        #expect(try reader.integer("SELECT count(*) FROM item") == 1)
        #expect(try first.checkpoint(.truncate).isBlocked)
        try reader.rollback()
        #expect(try reader.integer("SELECT count(*) FROM item") == 2)
        #expect(try first.checkpoint(.truncate).isComplete)
        #expect(disk.list() == ["data/log.sqlite", "data/log.sqlite-wal"])
    }

    @Test("A backup goes to the same disk, and is one file")
    func backup() throws {
        let disk = DiskWorkload.disk(seed: 1)
        var workload = DiskWorkload(disk: disk)
        try workload.run()
        let database = try workload.open()
        try database.backup(to: "data/copy.sqlite")
        try database.backup(to: "data/copy.sqlite")
        disk.crash(.all)
        #expect(disk.list(prefix: "data/copy") == ["data/copy.sqlite"])
        let options = Database.Options(role: .reader, vfs: disk.name)
        let copy = try Database(path: "data/copy.sqlite", options: options)
        #expect(try copy.integer("SELECT count(*) FROM line") == 72)
        #expect(try copy.integrityComplaints() == [])
    }

    @Test("A copy of a running disk, put back later, is the state of that moment")
    func snapshots() throws {
        let disk = DiskWorkload.disk(seed: 1)
        var workload = DiskWorkload(disk: disk)
        workload.acts = 5
        try workload.run()
        let open = try workload.open()
        let snapshot = disk.snapshot()
        let twin = disk.clone(name: "\(disk.name)-twin", seed: 2)
        workload.acts = 12
        try workload.run()
        #expect(try workload.inspect().wholeActs == 12)
        #expect(try DiskWorkload(disk: twin).inspect().wholeActs == 5)
        disk.restore(snapshot)
        #expect(disk.snapshot() == snapshot)
        #expect(throws: StorageFault.self) { try open.integer("SELECT count(*) FROM line") }
        #expect(try workload.inspect() == .init(wholeActs: 5, complaints: []))
    }

    @Test("What was open before a crash answers with errors and touches nothing")
    func deadHandles() throws {
        let disk = DiskWorkload.disk(seed: 1)
        var workload = DiskWorkload(disk: disk)
        try workload.run()
        let dead = try workload.open()
        try dead.begin(.immediate)
        try dead.execute("DELETE FROM line")
        disk.crash()
        let before = disk.snapshot()
        #expect(throws: CommitUndecided.self) { try dead.commit() }
        #expect(disk.snapshot() == before)
        let alive = try workload.open()
        try alive.execute("CREATE TABLE other (n)")
        let during = disk.snapshot()
        try dead.close()
        #expect(disk.snapshot() == during)
        try alive.execute("CREATE TABLE another (n)")
        try alive.close()
        #expect(try workload.inspect() == .init(wholeActs: 24, complaints: []))
    }

    @Test("Operations are counted")
    func counts() throws {
        let disk = DiskWorkload.disk(seed: 1)
        let database = try DiskWorkload(disk: disk).open()
        try database.execute("CREATE TABLE item (name TEXT)")
        let before = disk.counts
        for _ in 1...10 { try database.execute("INSERT INTO item VALUES ('a')") }
        let after = disk.counts
        #expect(after[.sync] - before[.sync] == 10, "one for each commit")
        #expect(after[.write] - before[.write] >= 10)
        #expect(after.changing - before.changing >= 20)
    }

    @Test("A reader on another thread always sees whole acts")
    func threads() throws {
        let disk = DiskWorkload.disk(seed: 1)
        var workload = DiskWorkload(disk: disk)
        workload.acts = 1
        try workload.run()
        let keepsFileOpen = try workload.open()
        let reader = try workload.open(.reader)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            do {
                var last: Int64 = 0
                while last < 3 * 200 {
                    let rows = try reader.integer("SELECT count(*) FROM line") ?? -1
                    if rows % 3 != 0 || rows < last { Issue.record("\(rows) after \(last)") }
                    last = rows
                }
            } catch { Issue.record(error) }
            done.signal()
        }
        thread.start()
        workload.acts = 200
        while workload.acknowledged < 200 {
            // A truncating checkpoint meets the reader now and then: it gives way, and comes again.
            do { try workload.run() } catch let fault as StorageFault where fault.isBusy {}
        }
        #expect(done.wait(timeout: .now() + 30) == .success)
        try keepsFileOpen.close()
    }
}
