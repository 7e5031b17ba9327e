// A small business on a simulated disk, and what must hold of it after any fault.
// Must not: know more of the disk than SQLite does.
import SQLite
import Simulation
import Synchronization

/// A writer that commits acts of three rows each, checkpoints now and then, and remembers what was
/// acknowledged.
struct DiskWorkload {
    let disk: SimulatedDisk
    var synchronous = Database.Synchronous.full
    var acts = 24
    /// Acts that COMMIT has acknowledged.
    private(set) var acknowledged = 0
    /// Unit: bytes of each row's filling.
    var rowBytes = 1500

    private static let lastNumber = Atomic<Int>(0)

    /// A disk under a name that nobody else has.
    static func disk(seed: UInt64, capacityBytes: Int? = nil) -> SimulatedDisk {
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        return SimulatedDisk(
            name: "faults-\(number)",
            seed: seed,
            capacityBytes: capacityBytes
        )
    }

    init(disk: SimulatedDisk) { self.disk = disk }

    func open(_ role: Database.Role = .writer) throws(StorageFault) -> Database {
        let options = Database.Options(
            role: role,
            synchronous: synchronous,
            vfs: disk.name,
            cacheKiB: 64,
            busyTimeoutMs: 0
        )
        return try Database(path: "data/log.sqlite", options: options)
    }

    /// Goes on after the last act that the file holds, up to the number wanted.
    mutating func run() throws {
        let database = try open()
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS line
                (act INTEGER, n INTEGER, filling BLOB, PRIMARY KEY (act, n))
            """
        )
        var act = Int(try database.integer("SELECT coalesce(max(act), 0) FROM line") ?? 0)
        // What is found after a failure counts from now on.
        acknowledged = max(acknowledged, act)
        while act < acts {
            act += 1
            try commit(act, database)
            acknowledged = act
            if act % 7 == 0 { try database.checkpoint(.passive) }
            if act % 10 == 0 { try database.checkpoint(.truncate) }
        }
        try database.close()
    }

    private func commit(_ act: Int, _ database: Database) throws {
        try database.transaction(.immediate) {
            for line in 1...3 {
                let insert = try database.statement("INSERT INTO line VALUES (?1, ?2, ?3)")
                insert.bind(1, act)
                insert.bind(2, line)
                insert.bind(3, filling(act))
                try insert.run()
            }
        }
    }

    private func filling(_ act: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: act), count: rowBytes)
    }

    /// What the file holds now.
    struct Finding: Hashable {
        /// The last of the acts 1, 2, 3 … that are there whole.
        var wholeActs = 0
        /// Acts with too few rows, rows with the wrong filling, gaps, SQLite's complaints.
        var complaints: [String] = []
    }

    func inspect() throws -> Finding {
        do throws(StorageFault) {
            let database = try open()
            let complaints = try database.integrityComplaints()
            guard complaints.isEmpty else { return Finding(complaints: complaints) }
            let tables = try database.integer(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'line'"
            )
            return tables == 0 ? Finding() : try inspectRows(database)
        } catch {
            guard error.isCorrupt else { throw error }
            return Finding(complaints: [error.description])
        }
    }

    private func inspectRows(_ database: Database) throws(StorageFault) -> Finding {
        var finding = Finding()
        let rows = try database.prepare(
            "SELECT act, count(*), min(filling), max(filling) FROM line GROUP BY act ORDER BY act"
        )
        while try rows.step() {
            let act = Int(rows.integer(0))
            if act != finding.wholeActs + 1 { finding.complaints.append("a gap before act \(act)") }
            if rows.integer(1) != 3 { finding.complaints.append("half an act: \(act)") }
            if rows.blob(2) != filling(act) || rows.blob(3) != filling(act) {
                finding.complaints.append("wrong bytes in act \(act)")
            }
            finding.wholeActs = act
        }
        return finding
    }
}
