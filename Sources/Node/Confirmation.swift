// The end of the careful state: what a person at headquarters should look at first, and what the
// confirmation settles.
// Must not decide for that person.

package import Kernel
package import Replication
import SQLite

/// What speaks against confirming a restored headquarters yet.
package struct RestoreDoubts: Sendable {
    /// The devices that have not been heard since it was restored; they may hold what it lacks.
    package let unheard: [DeviceRecord]
    /// The numbers of which commits wait beside the chains, with how many.
    package let waiting: [(replica: ReplicaNumber, commits: Int)]

    package var isEmpty: Bool { unheard.isEmpty && waiting.isEmpty }
}

extension NodeEngine {
    /// What is still missing at a restored headquarters.
    package func restoreDoubts() throws -> RestoreDoubts {
        let restored = try log.reader.metaInteger("restored_at") ?? 0
        let contacts = try deviceContacts()
        let unheard =
            try log.isCareful
            ? log.devices().filter { device in
                !device.isRevoked && (contacts[device.id]?.at.milliseconds ?? 0) < restored
            } : []
        let waiting = try log.waitingCounts().sorted { $0.key < $1.key }
        return RestoreDoubts(
            unheard: unheard,
            waiting: waiting.map { (replica: $0.key, commits: $0.value) }
        )
    }

    /// Settles what waits beside the chains and hands out data again.
    package func confirmRestored() throws -> Settlement {
        let shapes = SyncWiring.shapes(modules)
        let settlement = try log.write {
            try log.confirmRestored(shapes: shapes, at: clock.now())
        }
        try catchUp()
        try refreshFacts()
        return settlement
    }
}
