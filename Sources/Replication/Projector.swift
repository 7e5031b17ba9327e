// Derives the views from the log: in log order, in batches, each with accumulators; a batch that
// fails is tried again commit by commit, and what cannot be projected waits in quarantine.
// Must not look at the clock, randomness or hash order, and never decides what a ruling decides.

package import Kernel
package import SQLite
import Wire

/// Keeps one views file at a position of the log.
///
/// Not thread safe: it belongs to the thread that owns its views connection.
package final class Projector {
    package let views: Database
    package let reader: LogReader
    package let registers: RegisterTable
    /// The position the views stand at.
    package internal(set) var position: Int64 = 0
    /// True where the views must be derived again from the beginning.
    package internal(set) var needsRebuild = false
    /// Commits set aside because the program died twice over them; headquarters rules on them.
    package internal(set) var deadly: [ChangeID] = []

    let rulings: RulingTables
    let quarantine: QuarantineTable
    let projections: [any Projection]
    private var byModule: [(any Projection)?]
    private(set) var world: ProjectionWorld
    /// Entities whose registers a batch touched.
    var touched: Set<RegisterKey> = []
    /// Commits that wait for a change, by that change; nearly always empty.
    var waiting: [ChangeID: [ChangeID]] = [:]
    /// Commits that a ruling sets aside, or that headquarters holds until a person rules.
    var held: Set<ChangeID> = []
    /// Commits of the quarantine to try again, because a ruling freed them.
    var retries: [StoredCommit] = []
    /// Positions over which the program died twice; they are tried one by one.
    var suspect: ClosedRange<Int64>?
    /// True while an act is applied that the log does not hold yet.
    package internal(set) var isPending = false
    var pendingPosition: Int64 = 0

    /// Opens a views file, creating its tables where it is new.
    ///
    /// `needsRebuild` is set where the file was made by other code.
    package init(reader: LogReader, views: Database, projections: [any Projection]) throws {
        self.reader = reader
        self.views = views
        self.projections = projections
        registers = RegisterTable(views: views)
        quarantine = QuarantineTable(views: views)
        let rulings = RulingTables(views: views)
        self.rulings = rulings
        world = ProjectionWorld(views: views) { rulings.effectiveTime(of: $0, clock: $1) }
        byModule = Array(repeating: nil, count: 256)
        for projection in projections { byModule[Int(projection.moduleNumber)] = projection }
        try prepareTables()
    }

    /// What the code is that derives these views: any difference is a reason to rebuild.
    package static func fingerprint(_ projections: [any Projection]) -> [UInt8] {
        var writer = CBORWriter(capacity: 128)
        writer.array(2 + projections.count)
        writer.text("views")
        writer.integer(Int64(EngineSchema.version))
        for projection in projections.sorted(by: { $0.moduleNumber < $1.moduleNumber }) {
            writer.array(2 + projection.schema.statements.count)
            writer.integer(Int64(projection.moduleNumber))
            writer.integer(Int64(projection.schema.version))
            for statement in projection.schema.statements { writer.text("\(statement)") }
        }
        return SHA256.digest(writer.bytes).bytes
    }

    private func prepareTables() throws {
        let fingerprint = Projector.fingerprint(projections)
        let isNew = try views.integer("PRAGMA user_version") ?? 0 == 0
        if isNew {
            try views.transaction(.immediate) {
                try views.execute(EngineSchema.statements)
                for projection in projections {
                    for statement in projection.schema.statements {
                        try views.execute("\(statement)")
                    }
                }
                try setMeta("fingerprint", fingerprint)
                try setMeta("position", 0)
                try views.execute("PRAGMA user_version=1")
            }
        } else {
            let statement = try views.statement(
                "SELECT value FROM view_meta WHERE key = 'fingerprint'"
            )
            needsRebuild = try statement.first { $0.blob(0) } != fingerprint
            if needsRebuild { return }
        }
        for projection in projections { try projection.open(views) }
        try reload()
        try countDeaths()
    }

    /// Reads what is kept in memory from the file again.
    package func reload() throws {
        position = try views.integer("SELECT value FROM view_meta WHERE key = 'position'") ?? 0
        try rulings.reload()
        waiting = [:]
        for commit in try quarantine.all() where commit.waitsFor != .none {
            waiting[commit.waitsFor, default: []].append(commit.id)
        }
        touched = []
        retries = []
        if try views.integer("SELECT value FROM view_meta WHERE key = 'rebuild'") == 1 {
            needsRebuild = true
        }
    }

    func setMeta(_ key: String, _ value: Int64) throws {
        let statement = try views.statement(
            "INSERT INTO view_meta(key, value) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
        )
        statement.bind(1, key)
        statement.bind(2, value)
        try statement.run()
    }

    private func setMeta(_ key: String, _ value: [UInt8]) throws {
        let statement = try views.statement(
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
        var isChecked = false
        do {
            try CommitCodec.forEachChange(in: bytes) { header, index, kind, body in
                if !isChecked {
                    try checkEnvelope(header)
                    isChecked = true
                }
                let change = ChangeInHand(
                    id: ChangeID(
                        replica: header.replica,
                        sequence: header.firstSequence + UInt32(index)
                    ),
                    kind: kind,
                    body: body,
                    clock: header.clock,
                    wall: header.wall,
                    author: header.author,
                    commit: header.id,
                    personal: header.flags.personal
                )
                try apply(change, needs: header.flags.needs)
            }
        } catch let fault as WireFault {
            throw ProjectionFault.malformed(fault)
        } catch let fault as StorageFault {
            throw ProjectionFault.storage(fault)
        }
    }

    private func checkEnvelope(_ header: CommitHeader) throws {
        if header.flags.hasUnknown { throw ProjectionFault.unknownFlag }
        for need in header.flags.needs where !(try isProjected(need, before: header.id)) {
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
    func isProjected(_ id: ChangeID, before commit: ChangeID) throws -> Bool {
        guard let found = try reader.commit(containing: id) else { return false }
        if found.id == commit { return true }
        if found.position > current { return false }
        let statement = try views.statement("SELECT 1 FROM view_quarantine WHERE id = ?1")
        statement.bind(1, found.id.rawValue)
        return try statement.firstInteger() == nil
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

    func discardAll() {
        touched = []
        for projection in projections { projection.discard() }
    }
}
