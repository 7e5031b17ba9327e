// Single failures of reading, writing and syncing, and a disk that is full.
// To repeat a failure: the operation and its number are in the message.
import SQLite
import Simulation
import Testing

@Suite("When the disk fails")
struct DiskFailureTests {
    typealias Operation = SimulatedDisk.Operation

    /// The fault in an error of the database, of COMMIT or otherwise.
    func storageFault(_ error: (any Error)?) -> StorageFault? {
        (error as? StorageFault) ?? (error as? CommitUndecided)?.fault
    }

    @Test(
        "An error in the Nth operation is reported, and costs nothing that was acknowledged",
        arguments: [Operation.open, .read, .write, .sync, .truncate, .delete]
    )
    func nthOperation(_ operation: Operation) throws {
        var failures = 0
        for number in 0... {
            let disk = DiskWorkload.disk(seed: UInt64(number))
            var workload = DiskWorkload(disk: disk)
            disk.fail(operation, after: number)
            var error: (any Error)?
            do { try workload.run() } catch let caught { error = caught }
            let isOver = disk.counts[operation] <= number
            disk.crash(number % 2 == 0 ? .none : .drawn)
            let note: Comment = "\(operation) number \(number): \(String(describing: error))"
            let found = try workload.inspect()
            #expect(found.complaints == [], note)
            #expect(found.wholeActs >= workload.acknowledged, note)
            if let fault = storageFault(error) {
                #expect(fault.isIO || fault.message.contains("unable to open"), note)
                failures += 1
            } else {
                #expect(error == nil, note)
            }
            try workload.run()
            #expect(try workload.inspect().wholeActs == workload.acts, note)
            if isOver { break }
        }
        // SQLite shrugs off a WAL that it cannot take away at the end.
        #expect(failures > 0 || operation == .delete)
    }

    @Test("A sync that fails in COMMIT leaves the act undecided; reopening tells")
    func undecided() throws {
        var outcomes: Set<Int64> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            let disk = DiskWorkload.disk(seed: seed)
            let workload = DiskWorkload(disk: disk)
            let database = try workload.open()
            try database.execute("CREATE TABLE item (name TEXT)")
            disk.fail(.sync, after: 0)
            let undecided = #expect(throws: CommitUndecided.self) {
                try database.transaction(.immediate) {
                    try database.execute("INSERT INTO item VALUES ('a')")
                }
            }
            #expect(undecided?.fault.isIO == true)
            #expect(!database.isInTransaction)
            disk.crash()
            let again = try workload.open()
            outcomes.insert(try again.integer("SELECT count(*) FROM item") ?? -1)
        }
        #expect(outcomes == [0, 1])
    }

    @Test("A full disk refuses, keeps what it has, and goes on when space is freed")
    func full() throws {
        let disk = DiskWorkload.disk(seed: 1, capacityBytes: 150_000)
        var workload = DiskWorkload(disk: disk)
        var error: (any Error)?
        do { try workload.run() } catch let caught { error = caught }
        #expect(storageFault(error)?.isFull == true, "\(String(describing: error))")
        #expect(workload.acknowledged > 2 && workload.acknowledged < workload.acts)
        #expect(disk.usedBytes <= 150_000)
        let found = try workload.inspect()
        #expect(found.complaints == [])
        #expect(found.wholeActs >= workload.acknowledged)
        disk.capacityBytes = 600_000
        try workload.run()
        #expect(try workload.inspect() == .init(wholeActs: 24, complaints: []))
    }

    @Test("On the same connection a full disk ends the transaction only; the reserve is enough")
    func reserve() throws {
        let disk = DiskWorkload.disk(seed: 2, capacityBytes: 150_000)
        try disk.replace("data/reserve", [UInt8](repeating: 0, count: 64_000))
        let database = try DiskWorkload(disk: disk).open()
        try database.execute("CREATE TABLE item (bytes BLOB)")
        func insert() throws {
            try database.transaction(.immediate) {
                try database.execute("INSERT INTO item VALUES (zeroblob(9000))")
            }
        }
        var accepted: Int64 = 0
        var error: (any Error)?
        do {
            while accepted < 1000 {
                try insert()
                accepted += 1
            }
        } catch let caught { error = caught }
        #expect(storageFault(error)?.isFull == true)
        #expect(!database.isInTransaction)
        #expect(try database.integer("SELECT count(*) FROM item") == accepted)
        try disk.remove("data/reserve")
        try insert()
        #expect(try database.integer("SELECT count(*) FROM item") == accepted + 1)
    }

    @Test("A disk that is full at any size damages nothing")
    func everySize() throws {
        for capacity in stride(from: 0, to: 260_000, by: 3_700) {
            let disk = DiskWorkload.disk(seed: UInt64(capacity), capacityBytes: capacity)
            var workload = DiskWorkload(disk: disk)
            do { try workload.run() } catch {
                #expect(storageFault(error)?.isFull == true, "\(capacity) bytes: \(error)")
            }
            disk.capacityBytes = nil
            disk.crash()
            let found = try workload.inspect()
            #expect(found.complaints == [], "\(capacity) bytes")
            #expect(found.wholeActs >= workload.acknowledged, "\(capacity) bytes")
        }
    }
}
