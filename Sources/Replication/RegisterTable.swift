// Registers: master data, last write wins. Every write is kept; the winner is the one with the
// greatest (effective time, id) among those not forbidden.

import Kernel
package import SQLite
package import Wire

/// An entity of one kind.
struct RegisterKey: Hashable, Comparable {
    let kind: Kind
    let entity: Int64

    static func < (left: RegisterKey, right: RegisterKey) -> Bool {
        (left.kind, left.entity) < (right.kind, right.entity)
    }
}

/// The register table of one views file.
package struct RegisterTable {
    let views: Database

    package init(views: Database) {
        self.views = views
    }

    /// Takes a register write apart: its entity and the canonical bytes of each value.
    static func read(
        _ write: ChangeInHand
    ) throws(WireFault) -> (entity: Int64, values: [(key: Int64, bytes: UnsafeRawBufferPointer)]) {
        var reader = CBORReader(write.body)
        let count = try reader.map()
        var entity = write.id.rawValue
        var values: [(key: Int64, bytes: UnsafeRawBufferPointer)] = []
        var previous: Int64?
        for _ in 0..<count {
            let key = try reader.nextKey(after: previous)
            previous = key
            if key == 0 {
                entity = try reader.changeID().rawValue
            } else {
                let range = try reader.skip()
                values.append((key, UnsafeRawBufferPointer(rebasing: write.body[range])))
            }
        }
        try reader.finish()
        guard !values.isEmpty || entity == write.id.rawValue else {
            throw reader.fault(.invalidValue)
        }
        return (entity, values)
    }

    /// Keeps a write; answers the entity it touches.
    func keep(
        _ write: ChangeInHand,
        needs: [ChangeID],
        time: ClockStamp,
        isForbidden: Bool
    ) throws -> RegisterKey {
        let (entity, values) = try RegisterTable.read(write)
        for (key, bytes) in values {
            let seen = try lastSeen(needs, write.kind, entity, key)
            let statement = try views.statement(
                """
                INSERT OR IGNORE INTO view_registers(
                  kind, entity, key, id, time, clock, at, author, value, seen, forbidden)
                VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                """
            )
            statement.bind(1, Int64(write.kind.rawValue))
            statement.bind(2, entity)
            statement.bind(3, key)
            statement.bind(4, write.id.rawValue)
            statement.bind(5, time.rawValue)
            statement.bind(6, write.clock.rawValue)
            statement.bind(7, write.commit.rawValue)
            statement.bind(8, write.author)
            statement.bind(9, bytes)
            statement.bind(10, seen)
            statement.bind(11, isForbidden ? 1 : 0)
            try statement.run()
        }
        return RegisterKey(kind: write.kind, entity: entity)
    }

    /// The write of this register that the author had seen, from the commit's `needs`; 0 for none.
    ///
    /// Of several the greatest id: a function of the bytes, whatever rulings say of times.
    private func lastSeen(
        _ needs: [ChangeID],
        _ kind: Kind,
        _ entity: Int64,
        _ key: Int64
    ) throws -> Int64 {
        if needs.isEmpty { return 0 }
        let statement = try views.statement(
            """
            SELECT id FROM view_registers WHERE kind = ?1 AND entity = ?2 AND key = ?3
            ORDER BY id DESC
            """
        )
        statement.bind(1, Int64(kind.rawValue))
        statement.bind(2, entity)
        statement.bind(3, key)
        defer { statement.reset() }
        while try statement.step() {
            let id = ChangeID(statement.integer(0))
            if needs.holdsSorted(id) { return id.rawValue }
        }
        return 0
    }

    /// The winning values of an entity.
    package func entity(_ kind: Kind, _ entity: Int64) throws -> RegisterEntity {
        let statement = try views.statement(
            """
            SELECT key, id, at, value FROM view_registers
            WHERE kind = ?1 AND entity = ?2 AND forbidden = 0 ORDER BY key, time, id
            """
        )
        statement.bind(1, Int64(kind.rawValue))
        statement.bind(2, entity)
        var values: [Int64: RegisterValue] = [:]
        try statement.forEach { row in
            let value = try CBORValue(decoding: row.blob(3))
            let winner = RegisterValue(
                change: ChangeID(row.integer(1)),
                commit: ChangeID(row.integer(2)),
                value: value
            )
            values[row.integer(0)] = value == .null ? nil : winner
        }
        return RegisterEntity(kind: kind, entity: entity, values: values)
    }

    /// Changes whether the writes in a range count; answers the entities touched.
    func setForbidden(_ range: ClosedRange<ChangeID>) throws -> [RegisterKey] {
        let touched = try keys(in: range)
        let statement = try views.statement(
            "UPDATE view_registers SET forbidden = 1 WHERE id BETWEEN ?1 AND ?2"
        )
        statement.bind(1, range.lowerBound.rawValue)
        statement.bind(2, range.upperBound.rawValue)
        try statement.run()
        return touched
    }

    /// Gives the writes in a range their corrected time; answers the entities touched.
    func setTimes(
        in range: ClosedRange<ChangeID>,
        _ effective: (ChangeID, ClockStamp) -> ClockStamp
    ) throws -> [RegisterKey] {
        let touched = try keys(in: range)
        if touched.isEmpty { return [] }
        var times: [(id: Int64, time: Int64)] = []
        let select = try views.statement(
            "SELECT DISTINCT id, clock FROM view_registers WHERE id BETWEEN ?1 AND ?2"
        )
        select.bind(1, range.lowerBound.rawValue)
        select.bind(2, range.upperBound.rawValue)
        try select.forEach { row in
            let id = ChangeID(row.integer(0))
            times.append((id.rawValue, effective(id, ClockStamp(row.integer(1))).rawValue))
        }
        let update = try views.statement("UPDATE view_registers SET time = ?2 WHERE id = ?1")
        for (id, time) in times {
            update.bind(1, id)
            update.bind(2, time)
            try update.run()
        }
        return touched
    }

    private func keys(in range: ClosedRange<ChangeID>) throws -> [RegisterKey] {
        let statement = try views.statement(
            """
            SELECT DISTINCT kind, entity FROM view_registers WHERE id BETWEEN ?1 AND ?2
            ORDER BY kind, entity
            """
        )
        statement.bind(1, range.lowerBound.rawValue)
        statement.bind(2, range.upperBound.rawValue)
        var keys: [RegisterKey] = []
        try statement.forEach { row in
            let kind = Kind(rawValue: UInt16(truncatingIfNeeded: row.integer(0)))
            keys.append(RegisterKey(kind: kind, entity: row.integer(1)))
        }
        return keys
    }

    // MARK: drafting

    /// Adds a register write to an act: only the registers that really change.
    ///
    /// Shape: `entity` nil creates one, whose id is the change's. A present winner by another
    /// replica is named in the commit's `needs`, which tells later who had seen what.
    /// Answers the entity, whether or not anything had to be written.
    @discardableResult
    package func draft(
        _ kind: Kind,
        entity: Int64?,
        _ values: [(key: Int64, value: CBORValue)],
        into act: inout Act
    ) throws -> Int64 {
        // A register that does not exist yet is not cleared either.
        var changed = values.filter { entity != nil || $0.value != .null }
        if let entity {
            let present = try self.entity(kind, entity)
            changed = try values.filter { pair in
                // By bytes: two texts that Swift calls equal may be written differently.
                let before = present.values[pair.key]?.value ?? .null
                return try before.encoded() != pair.value.encoded()
            }
            if changed.isEmpty { return entity }
            for pair in changed {
                guard let winner = present.values[pair.key]?.change,
                    winner.replica != act.nextID.replica
                else { continue }
                act.need(winner)
            }
        }
        var writer = CBORWriter(capacity: 64)
        writer.map(changed.count + (entity == nil ? 0 : 1))
        if let entity {
            writer.key(0)
            writer.integer(entity)
        }
        for pair in changed.sorted(by: { $0.key < $1.key }) {
            writer.key(Int(pair.key))
            try pair.value.write(to: &writer)
        }
        let id = act.add(kind, writer.bytes)
        return entity ?? id.rawValue
    }
}

extension [ChangeID] {
    /// True where an ascending list holds `id`.
    func holdsSorted(_ id: ChangeID) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == id
    }
}
