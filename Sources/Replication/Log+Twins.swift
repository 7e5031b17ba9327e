// What a copy of this node wrote under the same number, when this one comes to write under it too.
// Must not overwrite: what differs goes aside, and is fetched again once the fork is settled.

import Kernel
import SQLite
import Wire

extension Log {
    /// What a copy of this node wrote under the number, and headquarters handed out here.
    func heldBefore(under head: Head) throws -> [StoredCommit] {
        try reader.commits(of: head.replica, after: head.last, limit: Int(Int32.max))
    }

    /// Follows a copy that committed the same tail again and went on; where it wrote another
    /// history, that goes aside and is fetched again once headquarters has settled the fork.
    func unite(_ head: Head, with twins: [StoredCommit]) throws -> Head {
        if twins.isEmpty { return head }
        var head = head
        for twin in twins {
            let header = try envelope(of: twin)
            if header.lastSequence <= head.last {
                let same = try reader.commit(twin.id)
                if same?.hash == twin.hash { continue }
                try keepAside(twin)
                if same == nil { try removeOverlapping(twin) }
                try mustRefetch()
            } else if twin.id.sequence == head.last + 1,
                twin.bytes.withUnsafeBytes({ Chain.next(head.hash, $0) }) == twin.hash
            {
                head = Head(
                    replica: head.replica,
                    incarnation: head.incarnation,
                    device: head.device,
                    last: header.lastSequence,
                    hash: twin.hash
                )
            } else {
                try setAside(head.replica, from: twin.id)
                try mustRefetch()
                break
            }
        }
        return head
    }

    func keepAside(_ commit: StoredCommit) throws {
        let statement = try database.statement(
            "INSERT OR IGNORE INTO forked(id, hash, bytes, became) VALUES(?1, ?2, ?3, NULL)"
        )
        statement.bind(1, commit.id.rawValue)
        statement.bind(2, commit.hash.bytes)
        statement.bind(3, commit.bytes)
        try statement.run()
    }

    /// Takes away a commit whose id falls inside one of ours.
    private func removeOverlapping(_ commit: StoredCommit) throws {
        let statement = try database.statement("DELETE FROM commits WHERE id = ?1 AND hash = ?2")
        statement.bind(1, commit.id.rawValue)
        statement.bind(2, commit.hash.bytes)
        try statement.run()
    }

    /// Says that headquarters' order must be fetched from its beginning: something below the
    /// cursor went aside that is headquarters'.
    func mustRefetch() throws {
        try reader.setMeta("refetch", integer: 1)
    }

    /// True where something below the cursor went aside.
    package var isRefetchDue: Bool {
        get throws { try reader.metaInteger("refetch") == 1 }
    }

    /// True once after something below the cursor went aside.
    ///
    /// Called inside `write`.
    package func takeRefetch() throws -> Bool {
        guard try reader.metaInteger("refetch") == 1 else { return false }
        try reader.clearMeta("refetch")
        return true
    }
}
