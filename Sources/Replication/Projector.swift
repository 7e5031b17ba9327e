// Derives the views from the log: in log order, in batches, each with accumulators; a batch that
// fails is tried again commit by commit, and what cannot be projected waits in quarantine.
// Must not look at the clock, randomness or hash order, and never decides what a ruling decides.

import Kernel
package import SQLite
import Wire

/// Keeps one views file at a position of the log.
///
/// Not thread safe: it belongs to the thread that owns its views connection.
package final class Projector {
    /// The connection to the views; what `begin` left to be written later may be missing in them.
    package let connection: Database
    package let reader: LogReader
    package let registers: RegisterTable
    /// The position the views stand at.
    package internal(set) var position: Int64 = 0
    /// True where the views must be derived again from the beginning.
    package internal(set) var needsRebuild = false
    private var isOfOtherCode = false
    let rulings: RulingTables
    let quarantine: QuarantineTable
    let projections: [any Projection]
    private var byModule: [(any Projection)?]
    private(set) var world: ProjectionWorld
    /// Entities whose registers a batch touched.
    var touched: Set<RegisterKey> = []
    /// Commits that wait for a change, by that change; nearly always empty.
    var waiting: [ChangeID: [ChangeID]] = [:]
    /// What the log holds back, by a judgement or a ruling; nearly always empty.
    var held: [ChangeID: HeldCommit] = [:]
    /// What waits for a ruling, and why; nearly always empty.
    var aside: [ChangeID: QuarantinedCommit] = [:]
    /// True after a ruling that changes what the log holds back.
    var hasRuledHeld = false
    /// Positions over which the program died; they are tried one by one.
    var suspect: ClosedRange<Int64>?
    /// The first commit of a unit over which the program died twice, tried alone.
    var deadlyFirst: ChangeID?
    /// The changes of the unit being projected alone: they may need one another.
    var unitIDs: ClosedRange<ChangeID>?
    /// Where the last needed change was found: needs ascend, and mostly lie in one commit.
    private var lastNeed: CommitInLog?
    /// True while an act is applied that the log does not hold yet.
    package internal(set) var isPending = false
    /// True while the transaction that acts are kept in is open; one of a caller is not.
    package var isOpen: Bool { ownsTransaction && connection.isInTransaction }
    var ownsTransaction = false
    var pending: [StoredCommit] = []
    /// Where the views stand once the sums that acts left in accumulators are written; nil where
    /// they are.
    var owedPosition: Int64?
    /// Why acts that were begun and not kept are forgotten; nil where none are.
    var lost: (any Error)?
    private let fingerprint: [UInt8]

    /// Opens a views file, creating its tables where it is new.
    ///
    /// `kinds` are those that the projections take. `needsRebuild` is set where the file was made
    /// by other code, so that what waits in quarantine for newer code is tried by it.
    package init(
        reader: LogReader,
        views: Database,
        projections: [any Projection],
        kinds: [Kind] = []
    ) throws {
        self.reader = reader
        connection = views
        self.projections = projections
        registers = RegisterTable(views: views)
        quarantine = QuarantineTable(views: views)
        let rulings = RulingTables(views: views)
        self.rulings = rulings
        world = ProjectionWorld(views: views) { rulings.effectiveTime(of: $0, clock: $1) }
        fingerprint = Projector.fingerprint(projections, kinds: kinds)
        byModule = Array(repeating: nil, count: 256)
        for projection in projections { byModule[Int(projection.moduleNumber)] = projection }
        try prepareTables()
    }

    /// What the code is that derives these views: any difference is a reason to rebuild.
    package static func fingerprint(
        _ projections: [any Projection],
        kinds: [Kind] = []
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 128)
        writer.array(3 + projections.count)
        writer.text("views")
        writer.integer(Int64(EngineSchema.version))
        writer.array(kinds.count)
        for kind in kinds.sorted() { writer.integer(Int64(kind.rawValue)) }
        for projection in projections.sorted(by: { $0.moduleNumber < $1.moduleNumber }) {
            writer.array(2 + projection.schema.statements.count)
            writer.integer(Int64(projection.moduleNumber))
            writer.integer(Int64(projection.schema.version))
            for statement in projection.schema.statements { writer.text("\(statement)") }
        }
        return SHA256.digest(writer.bytes).bytes
    }

    private func prepareTables() throws {
        let isNew = try connection.integer("PRAGMA user_version") ?? 0 == 0
        if isNew {
            try connection.transaction(.immediate) {
                try connection.execute(EngineSchema.statements)
                for projection in projections {
                    for statement in projection.schema.statements {
                        try connection.execute("\(statement)")
                    }
                }
                try setMeta("fingerprint", fingerprint)
                try setMeta("position", 0)
                try connection.execute("PRAGMA user_version=1")
            }
        } else {
            let statement = try connection.statement(
                "SELECT value FROM view_meta WHERE key = 'fingerprint'"
            )
            isOfOtherCode = try statement.first { $0.blob(0) } != fingerprint
            needsRebuild = isOfOtherCode
            if needsRebuild { return }
        }
        for projection in projections { try projection.open(connection) }
        try reload()
        // Who only reads is not the process whose death a marker would tell of.
        if connection.options.role == .writer { try countDeaths() }
    }

    /// Reads what is kept in memory from the file again.
    package func reload() throws {
        position = try connection.integer("SELECT value FROM view_meta WHERE key = 'position'") ?? 0
        try rulings.reload()
        waiting = [:]
        aside = [:]
        for commit in try quarantine.all() { remember(commit) }
        touched = []
        lastNeed = nil
        unitIDs = nil
        hasRuledHeld = false
        let mark = try connection.integer("SELECT value FROM view_meta WHERE key = 'rebuild'")
        needsRebuild = isOfOtherCode || mark == 1
    }

    func setMeta(_ key: String, _ value: Int64) throws {
        let statement = try connection.statement(
            "INSERT INTO view_meta(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
        )
        statement.bind(1, key)
        statement.bind(2, value)
        try statement.run()
    }

    private func setMeta(_ key: String, _ value: [UInt8]) throws {
        let statement = try connection.statement(
            "INSERT INTO view_meta(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
        )
        statement.bind(1, key)
        statement.bind(2, value)
        try statement.run()
    }

    // MARK: one commit

    /// Applies a commit's changes; what they add up stays in accumulators until `flushAll`.
    ///
    /// Throws: `ProjectionFault`; the caller rolls back whatever was written.
    func apply(_ bytes: UnsafeRawBufferPointer) throws {
        var walk: CommitWalk
        do {
            walk = try CommitWalk(bytes)
        } catch {
            throw ProjectionFault.malformed(error)
        }
        try apply(&walk)
    }

    func apply(_ walk: inout CommitWalk) throws {
        do {
            try checkEnvelope(walk)
            let commit = walk.id
            var sequence = walk.firstSequence
            while let step = try walk.next() {
                if step.hasNull && !step.kind.isRegister {
                    throw ProjectionFault.violation("null in a change of kind \(step.kind)")
                }
                let change = ChangeInHand(
                    id: ChangeID(replica: walk.replica, sequence: sequence),
                    kind: step.kind,
                    body: step.body,
                    clock: walk.clock,
                    wall: walk.wall,
                    author: walk.author,
                    commit: commit,
                    personal: walk.personal
                )
                try apply(change, needs: walk.needs)
                sequence &+= 1
            }
        } catch let fault as WireFault {
            throw ProjectionFault.malformed(fault)
        } catch let fault as StorageFault {
            throw ProjectionFault.storage(fault)
        }
    }

    private func checkEnvelope(_ walk: CommitWalk) throws {
        if walk.hasUnknownFlag { throw ProjectionFault.unknownFlag }
        if walk.lacksBlinding { throw ProjectionFault.notBlinded }
        if walk.needs.isEmpty { return }
        var kinds = walk
        var hasOnlyFacts = true
        while let step = try kinds.next() { if !step.kind.isFact { hasOnlyFacts = false } }
        if hasOnlyFacts { throw ProjectionFault.violation("facts wait for nothing") }
        for need in walk.needs where !(try isProjected(need, by: walk)) {
            throw ProjectionFault.unmetNeed(need)
        }
    }

    private func apply(_ change: ChangeInHand, needs: [ChangeID]) throws {
        let kind = change.kind
        if kind.module == 0 {
            try applyLogRuling(change)
            return
        }
        guard let projection = byModule[Int(kind.module)] else {
            throw ProjectionFault.unknownKind(kind)
        }
        if kind.isRegister {
            try projection.check(change)
            let key = try registers.keep(
                change,
                needs: needs,
                time: rulings.effectiveTime(of: change.id, clock: change.clock),
                isForbidden: rulings.isForbidden(change.id)
            )
            touched.insert(key)
        } else if kind.isFact || !rulings.isForbidden(change.id) {
            try projection.apply(change, world)
        }
    }

    /// True where the change is held and projected, so that what needs it may follow.
    private func isProjected(_ id: ChangeID, by walk: CommitWalk) throws -> Bool {
        if (walk.id...walk.lastID).contains(id) { return true }
        if let unitIDs, unitIDs.contains(id) { return true }
        if let lastNeed, lastNeed.ids.contains(id), lastNeed.position <= current { return true }
        guard let place = try readablePlace(of: id), place.position <= current,
            try !quarantine.holds(place.ids.lowerBound)
        else { return false }
        lastNeed = place
        return true
    }

    /// Where the commit of a change lies; nil for one that is damaged, as for one that is not here.
    func readablePlace(of id: ChangeID) throws -> CommitInLog? {
        do {
            return try reader.place(of: id)
        } catch LogFault.damaged {
            return nil
        }
    }

    /// The position being applied; what stands behind it is not projected yet.
    var current: Int64 = 0

    /// Writes accumulators and the rows of touched entities.
    func flushAll() throws(ProjectionFault) {
        do {
            for key in touched.sorted() {
                guard let projection = byModule[Int(key.kind.module)] else { continue }
                let entity = try registers.entity(key.kind, key.entity)
                try projection.registersChanged(entity, world)
            }
        } catch let fault as ProjectionFault {
            throw fault
        } catch let fault as StorageFault {
            throw ProjectionFault.storage(fault)
        } catch let fault as WireFault {
            throw ProjectionFault.malformed(fault)
        } catch {
            throw ProjectionFault.violation("\(error)")
        }
        touched = []
        for projection in projections { try projection.flush(world) }
    }

    /// Writes of the accumulators only what is asked before a sale; the sums wait.
    func flushNumbers() throws(ProjectionFault) {
        for projection in projections { try projection.flushNumbers(world) }
    }

    func discardAll() {
        touched = []
        owedPosition = nil
        lastNeed = nil
        for projection in projections { projection.discard() }
    }
}
