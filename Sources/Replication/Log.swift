// The log of a node: all commits it holds, append-only, in the order they arrived here.
// One object owns the one writing connection; nothing else writes log.sqlite.
// Must not know what a change means, beyond the rulings of module 0.

package import Kernel
package import SQLite
package import Wire

/// Why the log refused to write.
package enum LogFault: Error, Sendable {
    /// The file is of a newer program.
    case newerFormat(Int64)
    /// The file is not a log, or holds no identity.
    case notALog(String)
    /// A commit breaks the envelope.
    case envelope(ChangeID?, WireFault)
    /// A commit is larger than allowed.
    case tooLarge(ChangeID, Int)
    /// All sequences of this replica are used up: a new number is needed.
    case sequencesExhausted(ReplicaNumber)
    /// The log cannot be written under its number any more (retired, forked, rolled back).
    case retired(ReplicaNumber)
    /// A kind no module declares stands in a tail whose ids look like any number.
    case undeclared(Kind)
    /// Stored bytes do not have the stored hash.
    case damaged(ChangeID)
}

/// What a replica's chain stands at.
package struct Head: Hashable, Sendable {
    package let replica: ReplicaNumber
    package let incarnation: [UInt8]
    /// The device that writes under the number; 0 is headquarters.
    package let device: Int64
    /// The sequence of the last change; 0 where nothing is written yet.
    package let last: UInt32
    package let hash: Digest32

    package init(
        replica: ReplicaNumber,
        incarnation: [UInt8],
        device: Int64,
        last: UInt32,
        hash: Digest32
    ) {
        self.replica = replica
        self.incarnation = incarnation
        self.device = device
        self.last = last
        self.hash = hash
    }

    /// True where all that is known of the chain was handed back from behind a hole: only its
    /// author can say under which incarnation it began.
    package var isNameless: Bool { incarnation.allSatisfy { $0 == 0 } }

    func named(_ incarnation: [UInt8]) -> Head {
        Head(
            replica: replica,
            incarnation: incarnation,
            device: device,
            last: last,
            hash: hash
        )
    }
}

/// The log of one node and its writer.
///
/// Not thread safe: it belongs to the node's writer thread. Readers use `LogReader` on connections
/// of their own.
package final class Log {
    package let database: Database
    package let reader: LogReader
    package let random: any RandomSource
    /// The company: 16 random bytes.
    package let realm: [UInt8]
    package let isHeadquarters: Bool
    /// The number this node writes under, nil before it is enrolled.
    package internal(set) var own: Head?
    /// This node's clock, which effective times and headquarters' time advance.
    package internal(set) var clock: HybridClock
    /// The position of the last commit; 0 where the log is empty.
    package internal(set) var end: Int64
    /// The position of the last commit when the file was opened.
    package private(set) var endAtOpening: Int64 = 0
    /// The hash of headquarters' order at `end`; at other nodes it stays at its beginning.
    package internal(set) var chainHash: Digest32

    private init(
        database: Database,
        random: any RandomSource,
        realm: [UInt8],
        isHeadquarters: Bool
    ) throws {
        self.database = database
        self.random = random
        self.realm = realm
        self.isHeadquarters = isHeadquarters
        reader = LogReader(database: database)
        own = nil
        clock = HybridClock()
        end = 0
        chainHash = Chain.logStart(realm: realm)
        try reload()
        endAtOpening = end
    }

    /// Creates the log of a new node.
    package static func create(
        database: Database,
        random: any RandomSource,
        realm: [UInt8],
        isHeadquarters: Bool
    ) throws -> Log {
        precondition(realm.count == 16, "a realm is 16 bytes")
        try database.transaction(.immediate) {
            try database.execute(LogSchema.statements)
            try database.execute("PRAGMA user_version=\(LogSchema.version)")
            let log = LogReader(database: database)
            try log.setMeta("realm", bytes: realm)
            try log.setMeta("headquarters", integer: isHeadquarters ? 1 : 0)
        }
        return try Log(
            database: database,
            random: random,
            realm: realm,
            isHeadquarters: isHeadquarters
        )
    }

    /// True where the file holds a log already.
    package static func exists(in database: Database) throws -> Bool {
        try database.integer("PRAGMA user_version") != 0
    }

    /// Opens the log of an existing node.
    ///
    /// Throws: `LogFault.newerFormat` for a file of a newer program, which stays untouched.
    package static func open(database: Database, random: any RandomSource) throws -> Log {
        let version = try database.integer("PRAGMA user_version") ?? 0
        if version > LogSchema.version { throw LogFault.newerFormat(version) }
        let reader = LogReader(database: database)
        guard version == LogSchema.version, let realm = try reader.metaBytes("realm") else {
            throw LogFault.notALog(database.path)
        }
        return try Log(
            database: database,
            random: random,
            realm: realm,
            isHeadquarters: try reader.metaInteger("headquarters") == 1
        )
    }

    /// Reads what is kept in memory from the file again: after a rollback or an undecided commit.
    package func reload() throws {
        end = try database.integer("SELECT max(position) FROM commits") ?? 0
        end = max(end, try reader.metaInteger("end") ?? 0)
        chainHash = Chain.logStart(realm: realm)
        if isHeadquarters, end > 0 { chainHash = try reader.logHash(at: end) ?? chainHash }
        // The WAL may still hold what was erased before the program died.
        hasErased = try database.integer("SELECT EXISTS(SELECT 1 FROM erased)") == 1
        hasRecommitted = try database.integer("SELECT EXISTS(SELECT 1 FROM recommitted)") == 1
        own = nil
        if let number = try reader.metaInteger("replica") {
            own = try reader.head(of: ReplicaNumber(stored: number))
        }
        clock = HybridClock()
        if let floor = try reader.metaInteger("clock") {
            clock.advance(to: ClockStamp(floor))
        }
        if let own, own.last > 0 {
            let id = ChangeID(replica: own.replica, sequence: own.last)
            if let header = try reader.commit(containing: id)?.header {
                clock.advance(to: try reader.effectiveTime(of: header.id, clock: header.clock))
            }
        }
    }

    /// Runs `body` in one write transaction of the log; what is kept in memory follows its end.
    ///
    /// Throws: what `body` throws, `StorageFault`, or `CommitUndecided`: then reopen and look.
    package func write<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try database.transaction(.immediate) {
                let value = try body()
                try flushRuns()
                return value
            }
        } catch {
            runs = [:]
            closedRuns = []
            // The first error is the cause; a log that cannot be read is found by the next call.
            try? reload()
            throw error
        }
    }

    /// Begins to write under a number: a new chain with a new incarnation.
    ///
    /// Called inside `write`.
    package func adopt(
        _ replica: ReplicaNumber,
        incarnation: [UInt8],
        device: Int64
    ) throws {
        precondition(incarnation.count == 16, "an incarnation is 16 bytes")
        let start = Chain.start(realm: realm, replica: replica, incarnation: incarnation)
        let head = Head(
            replica: replica,
            incarnation: incarnation,
            device: device,
            last: 0,
            hash: start
        )
        try setHead(head)
        try reader.setMeta("replica", integer: Int64(replica.rawValue))
        own = head
    }

    /// Advances the clock by an effective time or headquarters' time, and keeps it.
    ///
    /// Called inside `write`.
    package func advanceClock(to stamp: ClockStamp) throws {
        if !(clock.last < stamp) { return }
        clock.advance(to: stamp)
        try reader.setMeta("clock", integer: clock.last.rawValue)
    }

    /// Runs of consecutive positions for one audience, not yet written.
    var runs: [Int64: ClosedRange<Int64>] = [:]
    /// Earlier runs of the same transaction.
    var closedRuns: [(Int64, ClosedRange<Int64>)] = []
    /// True after an erasure, and at each start after one, until the WAL that may still hold the
    /// values has been truncated.
    package internal(set) var hasErased = false

    /// False where nothing in the log was ever committed again.
    var hasRecommitted = true

    /// Says that the WAL which still held erased values has been truncated.
    package func erasureIsComplete() { hasErased = false }

    func setHead(_ head: Head, state: Int64 = 0) throws {
        let statement = try database.statement(
            """
            INSERT INTO heads(replica, incarnation, device, last, hash, state)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT(replica) DO UPDATE SET last = ?4, hash = ?5, incarnation = ?2, device = ?3
            """
        )
        statement.bind(1, Int64(head.replica.rawValue))
        statement.bind(2, head.incarnation)
        statement.bind(3, head.device)
        statement.bind(4, Int64(head.last))
        statement.bind(5, head.hash.bytes)
        statement.bind(6, state)
        try statement.run()
    }
}
