// Which writes lost to a concurrent one: what the winner's author never saw.
// Told from the commits' bytes alone: `needs` names what a write had seen of other replicas.

package import Kernel
import SQLite
package import Wire

/// A register write that a concurrent one overwrote.
package struct OverwrittenRegister: Hashable, Sendable {
    package let kind: Kind
    package let entity: Int64
    package let key: Int64
    package let winner: ChangeID
    package let loser: ChangeID
    package let winningValue: CBORValue
    package let losingValue: CBORValue
    package let winningAuthor: Int64
    package let losingAuthor: Int64
    /// The effective times by which one won.
    package let winningTime: ClockStamp
    package let losingTime: ClockStamp
    /// Where the register is personal, its values are addressed by these and the index they hold.
    package let winningCommit: ChangeID
    package let losingCommit: ChangeID
}

extension RegisterTable {
    private struct Write {
        let id: ChangeID
        let seen: ChangeID
        /// What is forbidden wins nothing and loses nothing, but was seen all the same.
        let isForbidden: Bool
    }

    /// What a write's author had seen: of each replica everything up to this id.
    private typealias Horizon = [ReplicaNumber: ChangeID]

    /// The writes that a concurrent one overwrote, by register; of those that saw one another the
    /// last.
    ///
    /// Cost: a pass over the registers that several replicas wrote.
    package func overwritten() throws -> [OverwrittenRegister] {
        let contested = try views.statement(
            """
            SELECT kind, entity, key FROM view_registers WHERE forbidden = 0
            GROUP BY kind, entity, key HAVING count(DISTINCT id >> 32) > 1
            ORDER BY kind, entity, key
            """
        )
        var keys: [(Kind, Int64, Int64)] = []
        try contested.forEach { row in
            let kind = Kind(rawValue: UInt16(truncatingIfNeeded: row.integer(0)))
            keys.append((kind, row.integer(1), row.integer(2)))
        }
        var found: [OverwrittenRegister] = []
        for (kind, entity, key) in keys {
            let writes = try writes(kind, entity, key)
            guard let winner = writes.last(where: { !$0.isForbidden })?.id else { continue }
            for loser in lost(writes, winner) {
                found.append(try pair(kind, entity, key, winner: winner, loser: loser))
            }
        }
        return found
    }

    /// The writes of a register by effective time.
    private func writes(_ kind: Kind, _ entity: Int64, _ key: Int64) throws -> [Write] {
        let statement = try views.statement(
            """
            SELECT id, seen, forbidden FROM view_registers
            WHERE kind = ?1 AND entity = ?2 AND key = ?3 ORDER BY time, id
            """
        )
        statement.bind(1, Int64(kind.rawValue))
        statement.bind(2, entity)
        statement.bind(3, key)
        var writes: [Write] = []
        try statement.forEach { row in
            let write = Write(
                id: ChangeID(row.integer(0)),
                seen: ChangeID(row.integer(1)),
                isForbidden: row.integer(2) != 0
            )
            writes.append(write)
        }
        return writes
    }

    /// The writes that the winner's author had not seen, less those that another of them had.
    private func lost(_ writes: [Write], _ winner: ChangeID) -> [ChangeID] {
        let horizons = horizons(of: writes)
        let unseen = writes.filter { write in
            write.id != winner && !write.isForbidden && !isSeen(write.id, horizons[winner])
        }
        return unseen.map(\.id).filter { id in
            !unseen.contains { $0.id != id && isSeen(id, horizons[$0.id]) }
        }
    }

    private func isSeen(_ id: ChangeID, _ horizon: Horizon?) -> Bool {
        guard let last = horizon?[id.replica] else { return false }
        return id <= last
    }

    /// What each write had seen, by following its replica's earlier writes and what they named.
    private func horizons(of writes: [Write]) -> [ChangeID: Horizon] {
        var byID: [ChangeID: Write] = [:]
        for write in writes { byID[write.id] = write }
        var earlier: [ChangeID: ChangeID] = [:]
        let ids = writes.map(\.id).sorted()
        for (before, id) in zip(ids, ids.dropFirst()) where before.replica == id.replica {
            earlier[id] = before
        }
        var found: [ChangeID: Horizon] = [:]
        for id in ids where found[id] == nil {
            // No recursion: a chain may be long. No circle: what is named was projected before.
            var open = [id]
            while let next = open.last {
                let named = [earlier[next], byID[next]?.seen].compactMap { $0 }
                    .filter { byID[$0] != nil }
                let missing = named.filter { found[$0] == nil && !open.contains($0) }
                if missing.isEmpty {
                    open.removeLast()
                    found[next] = united(named, found)
                } else {
                    open += missing
                }
            }
        }
        return found
    }

    private func united(_ named: [ChangeID], _ found: [ChangeID: Horizon]) -> Horizon {
        var horizon: Horizon = [:]
        for id in named {
            horizon.merge(found[id] ?? [:]) { max($0, $1) }
            horizon[id.replica] = max(horizon[id.replica] ?? id, id)
        }
        return horizon
    }

    private func pair(
        _ kind: Kind,
        _ entity: Int64,
        _ key: Int64,
        winner: ChangeID,
        loser: ChangeID
    ) throws -> OverwrittenRegister {
        let won = try write(kind, entity, key, winner)
        let lost = try write(kind, entity, key, loser)
        return OverwrittenRegister(
            kind: kind,
            entity: entity,
            key: key,
            winner: winner,
            loser: loser,
            winningValue: won.value,
            losingValue: lost.value,
            winningAuthor: won.author,
            losingAuthor: lost.author,
            winningTime: won.time,
            losingTime: lost.time,
            winningCommit: won.commit,
            losingCommit: lost.commit
        )
    }

    private func write(
        _ kind: Kind,
        _ entity: Int64,
        _ key: Int64,
        _ id: ChangeID
    ) throws -> (value: CBORValue, author: Int64, time: ClockStamp, commit: ChangeID) {
        let statement = try views.statement(
            """
            SELECT value, author, time, at FROM view_registers
            WHERE kind = ?1 AND entity = ?2 AND key = ?3 AND id = ?4
            """
        )
        statement.bind(1, Int64(kind.rawValue))
        statement.bind(2, entity)
        statement.bind(3, key)
        statement.bind(4, id.rawValue)
        let read = try statement.first { row in
            (
                value: try CBORValue(decoding: row.blob(0)),
                author: row.integer(1),
                time: ClockStamp(row.integer(2)),
                commit: ChangeID(row.integer(3))
            )
        }
        guard let read else { preconditionFailure("a write that was just listed is there") }
        return read
    }
}
