// The canaries: faulty variants of the seams, put in on purpose, which the checks must find.
// Must not: be reachable from anything but a simulation.

import Kernel
import Module
import Node
import Replication
import SQLite
import Wire

/// One thing broken on purpose.
package enum SimulationCanary: String, CaseIterable, Sendable {
    /// A till that does not hand its request keys on: what it asks again is done again.
    case dedupOff = "dedup-off"
    /// A log that answers before its disk has kept what was written.
    case ackBeforeFsync = "ack-before-fsync"
    /// Master data where the write with the latest wall time wins.
    case lastWriteByWallClock = "last-write-by-wall-clock"

    /// The faults without which the canary could not be seen.
    var fault: SimulatedFault? {
        switch self {
        case .dedupOff: nil
        case .ackBeforeFsync: .powerCut
        case .lastWriteByWallClock: .jump
        }
    }
}

/// Where a faulty projection finds the log of its node.
///
/// Why `@unchecked Sendable`: a simulation runs on one thread.
final class LogBox: @unchecked Sendable {
    var reader: LogReader?
}

extension ModuleList {
    /// The modules of the program, their registers won by the wall clock.
    static func wallClock(_ box: LogBox) -> ModuleList {
        ModuleList(
            modules: standard.modules.map { WallClockModule(inner: $0, box: box) },
            questions: standard.questions
        )
    }
}

/// A module whose registers are won by the wall clock.
private struct WallClockModule: BusinessModule {
    let inner: any BusinessModule
    let box: LogBox

    var number: UInt8 { inner.number }
    var name: String { inner.name }
    var kinds: [KindDefinition] { inner.kinds }
    var reports: [any Report] { inner.reports }

    func projection(_ router: EffectRouter) -> any Projection {
        let projection = inner.projection(router)
        // What other modules send effects to must stay what it is; it has no registers.
        if projection is any StockReceiver || projection is any LedgerReceiver { return projection }
        return WallClockProjection(inner: projection, box: box)
    }

    func findings(_ context: ReportContext) throws -> [Finding] { try inner.findings(context) }

    func violations(_ context: ReportContext) throws -> [String] { try inner.violations(context) }
}

private final class WallClockProjection: Projection {
    private let inner: any Projection
    private let box: LogBox

    init(inner: any Projection, box: LogBox) {
        self.inner = inner
        self.box = box
    }

    var moduleNumber: UInt8 { inner.moduleNumber }
    var schema: ViewSchema { inner.schema }

    func open(_ views: Database) throws(StorageFault) { try inner.open(views) }

    func apply(_ change: ChangeInHand, _ world: ProjectionWorld) throws(ProjectionFault) {
        try inner.apply(change, world)
    }

    func check(_ write: ChangeInHand) throws(ProjectionFault) { try inner.check(write) }

    func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        let wrong = try? winners(entity, world)
        try inner.registersChanged(wrong ?? entity, world)
    }

    /// The values of an entity, each the one that was written at the latest wall time.
    private func winners(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws -> RegisterEntity {
        guard let reader = box.reader else { return entity }
        let statement = try world.views.statement(
            """
            SELECT key, id, at, value FROM view_registers
            WHERE kind = ?1 AND entity = ?2 AND forbidden = 0 ORDER BY key, id
            """
        )
        statement.bind(1, Int64(entity.kind.rawValue))
        statement.bind(2, entity.entity)
        var values: [Int64: RegisterValue] = [:]
        var latest: [Int64: Int64] = [:]
        try statement.forEach { row in
            let commit = ChangeID(row.integer(2))
            let wall = try reader.commit(commit)?.header?.wall.milliseconds ?? .max
            let key = row.integer(0)
            if let before = latest[key], before > wall { return }
            latest[key] = wall
            values[key] = RegisterValue(
                change: ChangeID(row.integer(1)),
                commit: commit,
                value: try CBORValue(decoding: row.blob(3))
            )
        }
        return RegisterEntity(kind: entity.kind, entity: entity.entity, values: values)
    }

    func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) { try inner.clockRuled(range, world) }

    func forbidden(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) { try inner.forbidden(range, world) }

    func flush(_ world: ProjectionWorld) throws(ProjectionFault) { try inner.flush(world) }

    func discard() { inner.discard() }
}
