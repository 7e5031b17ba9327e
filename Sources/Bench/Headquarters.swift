// A headquarters of a measurement: the product's own engine on a folder of its own.
// Must not do anything that the program itself would not do.

import Catalog
import Kernel
import Ledger
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Stock
import Wire

/// Randomness from a seed, so that every run writes the same bytes.
///
/// Why `@unchecked Sendable`: a measurement runs on one thread.
final class SeededBytes: RandomSource, @unchecked Sendable {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
}

/// A clock that a measurement sets.
///
/// Why `@unchecked Sendable`: a measurement runs on one thread.
final class SetClock: Clock, @unchecked Sendable {
    var time: WallTime

    init(_ time: WallTime) { self.time = time }

    func now() -> WallTime { time }

    func monotonicMs() -> Int64 { time.milliseconds }
}

/// Nodes of measurements.
enum BenchNode {
    /// All modules, wired as the program wires them.
    static let modules = ModuleList(
        modules: [CatalogModule(), PeopleModule(), SalesModule(), StockModule(), LedgerModule()],
        questions: Questions(
            catalog: CatalogAnswers(),
            people: PeopleAnswers(),
            sales: SalesAnswers(catalog: CatalogAnswers()),
            stock: StockAnswers()
        )
    )

    /// Creates the log of a node in a folder, writing under a number.
    static func create(_ folder: String, replica: UInt32, branch: Int64 = 0) throws {
        try Files.makeFolder(folder)
        let database = try NodeEngine.database(FolderStorage(folder: folder))
        let isHeadquarters = replica == 0
        let log = try Log.create(
            database: database,
            random: SeededBytes(seed: UInt64(replica)),
            realm: Workload.realm,
            isHeadquarters: isHeadquarters
        )
        try log.write {
            if !isHeadquarters {
                try log.reader.setMeta("node_kind", integer: NodeFacts.Kind.branch.rawValue)
                try log.reader.setMeta("node_branch", integer: branch)
            }
            try log.adopt(
                ReplicaNumber(replica),
                incarnation: [UInt8](repeating: UInt8(replica & 0xff), count: 16),
                device: Int64(replica)
            )
        }
        try database.close()
    }

    /// Opens the engine of a folder.
    static func open(_ folder: String, clock: any Clock) throws -> NodeEngine {
        let storage = FolderStorage(folder: folder)
        let random = SeededBytes(seed: 3)
        return try NodeEngine(
            storage: storage,
            log: NodeEngine.openLog(storage, random: random),
            modules: modules,
            clock: clock,
            random: random
        )
    }
}

/// A headquarters that takes pushed batches.
final class Headquarters {
    let folder: String
    private(set) var engine: NodeEngine
    private let key = HMACSHA256.Key(Workload.deviceKey)
    /// The last acknowledgement, kept so that making it is not optimised away.
    private(set) var lastAck = Digest32.zero

    init(folder: String) throws {
        self.folder = folder
        try BenchNode.create(folder, replica: 0)
        engine = try BenchNode.open(folder, clock: SystemClock())
    }

    /// Inflates, checks chain and signature, appends durably, acknowledges; projects if asked.
    func take(_ batch: PushedBatch, isProjecting: Bool) throws {
        let outcome = try PushCodec.read(batch.wire, key: key) { incoming in
            try engine.log.write { try engine.log.receive(incoming) }
        }
        guard case .taken(let head, _) = outcome else { throw PushFault.notTaken("\(outcome)") }
        if isProjecting { while try engine.catchUpABit() {} } else { try engine.keepWalShort() }
        lastAck = PushCodec.acknowledge(head, key: key)
    }

    /// Writes everything back, and tells the bytes on disk of the log and of the views.
    func diskBytes() throws -> (log: Int64, views: Int64) {
        _ = try engine.views.checkpoint(.truncate)
        _ = try engine.log.database.checkpoint(.truncate)
        var log: Int64 = 0
        var views: Int64 = 0
        for name in try Files.names(in: folder) {
            let size = Files.sizeBytes(folder + "/" + name)
            if name.hasPrefix("log") { log += size } else { views += size }
        }
        return (log, views)
    }

    /// What could not be projected; a measurement of rows that are not there is worthless.
    func setAsideCount() throws -> Int64 {
        try engine.views.integer("SELECT count(*) FROM view_quarantine") ?? 0
    }

    /// How many tickets the views hold.
    func ticketCount() throws -> Int64 {
        try engine.views.integer("SELECT count(*) FROM sales_ticket") ?? 0
    }

    /// Closes the files and opens the engine again; answers the seconds until it can answer.
    func reopen() throws -> Double {
        try engine.close()
        return try Machine.seconds {
            engine = try BenchNode.open(folder, clock: SystemClock())
        }
    }

    func close() throws { try engine.close() }
}
