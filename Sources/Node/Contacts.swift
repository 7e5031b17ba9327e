// When headquarters last heard from each branch and device, and what they said of themselves then.
// Not part of the log: it says when, not what, and nothing of the books depends on it.

package import Kernel
import Replication
import SQLite
import Sync

/// What headquarters last heard of a device.
struct DeviceContact {
    let at: WallTime
    /// Unit: milliseconds.
    let aheadMs: Int64?
    let handed: Int64?
}

extension NodeEngine {
    /// The last contact of each branch.
    package func contacts() throws -> [Int64: WallTime] {
        let statement = try log.database.statement("SELECT branch, at FROM contacts")
        var contacts: [Int64: WallTime] = [:]
        try statement.forEach { contacts[$0.integer(0)] = WallTime(milliseconds: $0.integer(1)) }
        return contacts
    }

    /// Notes that a branch was heard from.
    package func noteContact(of branch: Int64, at time: WallTime) throws {
        let statement = try log.database.statement(
            """
            INSERT INTO contacts(branch, at) VALUES(?1, ?2)
            ON CONFLICT DO UPDATE SET at = max(at, ?2)
            """
        )
        statement.bind(1, branch)
        statement.bind(2, time.milliseconds)
        try statement.run()
    }

    /// Makes the tables of devices' words where an older program made the directory.
    func prepareContacts() throws {
        try log.database.execute(
            """
            CREATE TABLE IF NOT EXISTS device_contacts(
              device INTEGER PRIMARY KEY, at INTEGER NOT NULL, ahead INTEGER,
              handed INTEGER) STRICT;
            CREATE TABLE IF NOT EXISTS device_ends(
              replica INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
            """
        )
    }

    /// Keeps what a device said of itself.
    func note(_ news: DeviceNews, at time: WallTime) throws {
        let statement = try log.database.statement(
            """
            INSERT INTO device_contacts(device, at, ahead, handed) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET at = max(at, ?2), ahead = coalesce(?3, ahead),
              handed = coalesce(?4, handed)
            """
        )
        statement.bind(1, news.device)
        statement.bind(2, time.milliseconds)
        statement.bind(3, news.aheadMs)
        statement.bind(4, news.handed)
        try statement.run()
        let end = try log.database.statement(
            """
            INSERT INTO device_ends(replica, last) VALUES(?1, ?2)
            ON CONFLICT DO UPDATE SET last = ?2
            """
        )
        for (replica, last) in news.ends {
            end.bind(1, Int64(replica.rawValue))
            end.bind(2, Int64(last))
            try end.run()
        }
    }

    /// What was last heard of each device.
    func deviceContacts() throws -> [Int64: DeviceContact] {
        let statement = try log.database.statement(
            "SELECT device, at, ahead, handed FROM device_contacts"
        )
        var contacts: [Int64: DeviceContact] = [:]
        try statement.forEach { row in
            contacts[row.integer(0)] = DeviceContact(
                at: WallTime(milliseconds: row.integer(1)),
                aheadMs: row.integerOrNil(2),
                handed: row.integerOrNil(3)
            )
        }
        return contacts
    }

    /// The end of each chain as its device last named it.
    func deviceEnds() throws -> [ReplicaNumber: UInt32] {
        let statement = try log.database.statement("SELECT replica, last FROM device_ends")
        var ends: [ReplicaNumber: UInt32] = [:]
        try statement.forEach { row in
            let replica = ReplicaNumber(stored: row.integer(0))
            ends[replica] = UInt32(truncatingIfNeeded: row.integer(1))
        }
        return ends
    }
}
