// Which writes lost to a concurrent one: what their authors never saw being replaced.
// Told from the commits' bytes alone: `needs` names what a write had seen of other replicas.

import Kernel
import SQLite
import Wire

extension RegisterTable {
    private struct Write {
        let id: ChangeID
        let author: Int64
        let value: CBORValue
        let seen: Int64
    }

    /// The writes that a concurrent one overwrote, by register.
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
            found += lost(try writes(kind, entity, key), kind, entity, key)
        }
        return found
    }

    private func writes(_ kind: Kind, _ entity: Int64, _ key: Int64) throws -> [Write] {
        let statement = try views.statement(
            """
            SELECT id, author, value, seen FROM view_registers
            WHERE kind = ?1 AND entity = ?2 AND key = ?3 AND forbidden = 0 ORDER BY time, id
            """
        )
        statement.bind(1, Int64(kind.rawValue))
        statement.bind(2, entity)
        statement.bind(3, key)
        var writes: [Write] = []
        try statement.forEach { row in
            let write = Write(
                id: ChangeID(row.integer(0)),
                author: row.integer(1),
                value: try CBORValue(decoding: row.blob(2)),
                seen: row.integer(3)
            )
            writes.append(write)
        }
        return writes
    }

    /// The writes that the winner's author had not seen, less those that another of them had.
    private func lost(
        _ writes: [Write],
        _ kind: Kind,
        _ entity: Int64,
        _ key: Int64
    ) -> [OverwrittenRegister] {
        guard let winner = writes.last else { return [] }
        let seenByWinner = ancestors(of: winner, in: writes)
        let unseen = writes.filter { $0.id != winner.id && !seenByWinner.contains($0.id) }
        var superseded: Set<ChangeID> = []
        for write in unseen { superseded.formUnion(ancestors(of: write, in: writes)) }
        return unseen.filter { !superseded.contains($0.id) }.map { loser in
            OverwrittenRegister(
                kind: kind,
                entity: entity,
                key: key,
                winner: winner.id,
                loser: loser.id,
                winningValue: winner.value,
                losingValue: loser.value,
                winningAuthor: winner.author,
                losingAuthor: loser.author
            )
        }
    }

    private func ancestors(of write: Write, in writes: [Write]) -> Set<ChangeID> {
        var found: Set<ChangeID> = []
        var open = [write]
        while let next = open.popLast() {
            let earlier = writes.filter { other in
                other.id.rawValue == next.seen
                    || (other.id.replica == next.id.replica && other.id < next.id)
            }
            for other in earlier where found.insert(other.id).inserted { open.append(other) }
        }
        return found
    }
}
