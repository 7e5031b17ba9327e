// A module of tests, and who writes its changes.

import Kernel
import Replication
import SQLite
import Support
import Testing
import Wire

/// A module of tests: facts that add up, registers that become rows, grants that can be forbidden.
final class TestProjection: Projection {
    static let added = Kind(module: 9, 1)
    static let named = Kind(module: 9, 128)
    static let granted = Kind(module: 9, 224)

    let moduleNumber: UInt8 = 9
    let schema = ViewSchema(
        version: 1,
        statements: [
            "CREATE TABLE test_sums(name TEXT PRIMARY KEY, sum INTEGER NOT NULL) STRICT",
            "CREATE TABLE test_names(id INTEGER PRIMARY KEY, name TEXT, size INTEGER) STRICT",
            "CREATE TABLE test_grants(id INTEGER PRIMARY KEY) STRICT",
            """
            CREATE TABLE test_facts(
              id INTEGER PRIMARY KEY, name TEXT NOT NULL, clock INTEGER NOT NULL,
              time INTEGER NOT NULL) STRICT
            """,
        ],
        tables: ["test_sums", "test_names", "test_grants", "test_facts"]
    )
    private var sums: [String: Int64] = [:]
    private var facts: [(id: ChangeID, name: String, clock: ClockStamp)] = []
    /// What this code knows: older code knows less.
    var known: Set<Kind> = [added, named, granted]
    /// Called before a fact is applied.
    var beforeFact: (ChangeID) throws(ProjectionFault) -> Void = { _ in }
    /// How often accumulators were written.
    private(set) var flushes = 0

    func open(_ views: Database) throws(StorageFault) {}

    func apply(_ change: ChangeInHand, _ world: ProjectionWorld) throws(ProjectionFault) {
        guard known.contains(change.kind) else { throw .unknownKind(change.kind) }
        do {
            switch change.kind {
            case TestProjection.added:
                try beforeFact(change.id)
                let (name, amount) = try TestProjection.read(change.body)
                if abs(amount) > 1_000_000 { throw ProjectionFault.outOfRange("\(amount)") }
                sums[name, default: 0] += amount
                facts.append((change.id, name, change.clock))
            case TestProjection.granted:
                let statement = try world.views.statement(
                    "INSERT OR IGNORE INTO test_grants(id) VALUES(?1)"
                )
                statement.bind(1, change.id.rawValue)
                try statement.run()
            default: throw ProjectionFault.unknownKind(change.kind)
            }
        } catch let fault as WireFault {
            throw .malformed(fault)
        } catch let fault as StorageFault {
            throw .storage(fault)
        } catch let fault as ProjectionFault {
            throw fault
        } catch {
            throw .violation("\(error)")
        }
    }

    static func read(_ body: UnsafeRawBufferPointer) throws(WireFault) -> (String, Int64) {
        var reader = CBORReader(body)
        guard try reader.map() == 2, try reader.nextKey(after: nil) == 1 else {
            throw reader.fault(.invalidValue)
        }
        let name = try reader.text()
        guard try reader.nextKey(after: 1) == 2 else { throw reader.fault(.invalidValue) }
        let amount = try reader.integer()
        try reader.finish()
        return (name, amount)
    }

    func check(_ write: ChangeInHand) throws(ProjectionFault) {
        if write.kind != TestProjection.named { throw .unknownKind(write.kind) }
        if let fault = TestProjection.fault(in: write.body) { throw .malformed(fault) }
    }

    func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let delete = try world.views.statement("DELETE FROM test_names WHERE id = ?1")
            delete.bind(1, entity.entity)
            try delete.run()
            if entity.values.isEmpty { return }
            let insert = try world.views.statement(
                "INSERT INTO test_names(id, name, size) VALUES(?1, ?2, ?3)"
            )
            insert.bind(1, entity.entity)
            insert.bind(2, entity.text(1))
            insert.bind(3, entity.integer(2))
            try insert.run()
        } catch {
            throw .storage(error)
        }
    }

    private static func fault(in body: UnsafeRawBufferPointer) -> WireFault? {
        do throws(WireFault) {
            try CBORReader.validate(body)
            return nil
        } catch {
            return error
        }
    }

    func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let select = try world.views.statement(
                "SELECT id, clock FROM test_facts WHERE id BETWEEN ?1 AND ?2"
            )
            select.bind(1, range.lowerBound.rawValue)
            select.bind(2, range.upperBound.rawValue)
            var found: [(ChangeID, ClockStamp)] = []
            while try select.step() {
                found.append((ChangeID(select.integer(0)), ClockStamp(select.integer(1))))
            }
            let update = try world.views.statement("UPDATE test_facts SET time = ?2 WHERE id = ?1")
            for (id, clock) in found {
                update.bind(1, id.rawValue)
                update.bind(2, world.effectiveTime(of: id, clock: clock).rawValue)
                try update.run()
            }
        } catch {
            throw .storage(error)
        }
    }

    func forbidden(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        do throws(StorageFault) {
            let delete = try world.views.statement(
                "DELETE FROM test_grants WHERE id BETWEEN ?1 AND ?2"
            )
            delete.bind(1, range.lowerBound.rawValue)
            delete.bind(2, range.upperBound.rawValue)
            try delete.run()
        } catch {
            throw .storage(error)
        }
    }

    func flush(_ world: ProjectionWorld) throws(ProjectionFault) {
        flushes += 1
        do throws(StorageFault) {
            let insert = try world.views.statement(
                "INSERT INTO test_facts(id, name, clock, time) VALUES(?1, ?2, ?3, ?4)"
            )
            for (id, name, clock) in facts {
                insert.bind(1, id.rawValue)
                insert.bind(2, name)
                insert.bind(3, clock.rawValue)
                insert.bind(4, world.effectiveTime(of: id, clock: clock).rawValue)
                try insert.run()
            }
            facts = []
            let upsert = try world.views.statement(
                """
                INSERT INTO test_sums(name, sum) VALUES(?1, ?2)
                ON CONFLICT DO UPDATE SET sum = sum + ?2
                """
            )
            for (name, sum) in sums.sorted(by: { $0.key < $1.key }) {
                upsert.bind(1, name)
                upsert.bind(2, sum)
                try upsert.run()
            }
            sums = [:]
        } catch {
            throw .storage(error)
        }
    }

    func discard() {
        sums = [:]
        facts = []
    }
}

/// Writes random business into nodes.
struct TestActor {
    var random: SeededRandom
    var entities: [Int64] = []

    mutating func fact(_ node: Fixture, amount: Int64? = nil) throws -> Act {
        var act = try node.act(author: 5)
        act.begin([.neighbours(of: 4)])
        var writer = CBORWriter()
        writer.map(2)
        writer.key(1)
        writer.text(random.pick(["a", "b", "c"]))
        writer.key(2)
        writer.integer(amount ?? Int64(random.int(in: -500...500)))
        act.add(TestProjection.added, writer.bytes)
        return act
    }

    mutating func register(_ node: Fixture) throws -> Act {
        var act = try node.act(author: 5)
        act.begin([.everyone])
        let isNew = entities.isEmpty || random.bool(chance: 300)
        let known = entities.isEmpty ? nil : random.pick(entities)
        let id = try node.projector.registers.draft(
            TestProjection.named,
            entity: isNew ? nil : known,
            [
                (1, .text("name \(random.int(in: 0...9))")),
                (2, random.bool(chance: 200) ? .null : .integer(Int64(random.int(in: 0...3)))),
            ],
            into: &act
        )
        if isNew { entities.append(id) }
        return act
    }

    mutating func grant(_ node: Fixture) throws -> Act {
        var act = try node.act(author: 5)
        act.begin([.everyone])
        act.add(TestProjection.granted, [0xa0])
        return act
    }
}
