// Whether a file of keys belongs to a log: the batches kept in the log bear their writers' marks.

import Kernel
package import Replication
import SQLite
import Wire

/// Compares keys with a log.
package enum KeyCheck {
    /// True unless the last batch of a device bears another key's signature, or no device that
    /// sent anything has a key.
    package static func fits(_ keys: KeyStore, _ log: Log) throws -> Bool {
        let statement = try log.database.statement(
            """
            SELECT b.device, b.replica, b.incarnation, b.first, b.last, b.before, b.head, b.mac
            FROM batches b JOIN (SELECT device, max(rowid_of) AS latest FROM
              (SELECT device, replica << 32 | first AS rowid_of FROM batches) GROUP BY device) m
            ON b.device = m.device AND b.replica << 32 | b.first = m.latest
            """
        )
        var known = 0
        var unknown = 0
        var isForeign = false
        try statement.forEach { row in
            let device = row.integer(0)
            guard let key = keys.deviceKey(device) else {
                unknown += 1
                return
            }
            known += 1
            let chain = Head(
                replica: ReplicaNumber(stored: row.integer(1)),
                incarnation: row.blob(2),
                device: device,
                last: UInt32(truncatingIfNeeded: row.integer(4)),
                hash: Digest32(row.borrowedBytes(6)) ?? .zero
            )
            let mac = Signature.batch(
                realm: log.realm,
                device: device,
                chain: chain,
                first: UInt32(truncatingIfNeeded: row.integer(3)),
                before: Digest32(row.borrowedBytes(5)) ?? .zero,
                key: key
            )
            if mac.bytes != row.blob(7) { isForeign = true }
        }
        return !isForeign && (known > 0 || unknown == 0)
    }
}
