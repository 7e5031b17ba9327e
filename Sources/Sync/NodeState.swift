// What a node keeps about headquarters, in the settings of its log: who it is, its key, its
// session, its cursor. Memory is a copy; every write is in a transaction of the log.

package import Kernel
package import Replication
import Wire

/// The sync half of a node's settings.
package struct NodeState {
    package let log: Log

    package init(log: Log) {
        self.log = log
    }

    /// The device, nil before it is enrolled.
    package var device: Int64? {
        get throws { try log.reader.metaInteger("device") }
    }

    var key: [UInt8]? {
        get throws { try log.reader.metaBytes("device_key") }
    }

    /// The branch's pepper, nil before it is enrolled.
    package var pepper: [UInt8]? {
        get throws { try log.reader.metaBytes("pepper") }
    }

    /// The session used last under the present number.
    var session: [UInt8] {
        get throws {
            guard let number = log.own?.replica,
                try log.reader.metaInteger("session_replica") == Int64(number.rawValue)
            else { return Signature.noSession }
            return try log.reader.metaBytes("session") ?? Signature.noSession
        }
    }

    /// Where the node stands in headquarters' order.
    package var point: LogPoint {
        get throws {
            let position = try log.reader.metaInteger("cursor_position") ?? 0
            let bytes = try log.reader.metaBytes("cursor_hash") ?? []
            let hash = Digest32(bytes) ?? Chain.logStart(realm: log.realm)
            return LogPoint(position: position, hash: hash)
        }
    }

    /// The audiences whose commits the node holds up to the cursor.
    package var audiences: [Audience] {
        get throws {
            guard let bytes = try log.reader.metaBytes("cursor_audiences") else { return [] }
            return try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
                try reader.audiences()
            }
        }
    }

    /// The beginning of headquarters' order.
    var start: LogPoint { LogPoint(position: 0, hash: Chain.logStart(realm: log.realm)) }

    var cursor: SyncCursor {
        get throws { SyncCursor(point: try point, audiences: Signature.audiences(try audiences)) }
    }

    /// The last point of headquarters' order that an answer carried.
    var seen: LogPoint? {
        get throws {
            guard let position = try log.reader.metaInteger("seen_position"),
                let hash = Digest32(try log.reader.metaBytes("seen_hash") ?? [])
            else { return nil }
            return LogPoint(position: position, hash: hash)
        }
    }

    /// Headquarters' seal on `seen`.
    var seal: OrderSeal? {
        get throws {
            guard let epoch = try log.reader.metaInteger("seen_epoch"),
                let number = UInt32(exactly: epoch),
                let mac = try log.reader.metaBytes("seen_seal"), mac.count == 16
            else { return nil }
            return OrderSeal(epoch: ReplicaNumber(number), mac: mac)
        }
    }

    var epoch: ReplicaNumber {
        get throws {
            ReplicaNumber(stored: try log.reader.metaInteger("epoch") ?? 0)
        }
    }

    /// How far what a grown set holds was fetched.
    var backfill: LogPoint? {
        get throws {
            guard let position = try log.reader.metaInteger("backfill"),
                let hash = Digest32(try log.reader.metaBytes("backfill_audiences") ?? [])
            else { return nil }
            return LogPoint(position: position, hash: hash)
        }
    }

    var wiped: Digest32? {
        get throws { Digest32(try log.reader.metaBytes("wiped") ?? []) }
    }

    /// When the digests last agreed with headquarters', or nothing more could be done about it.
    var checkedAt: Int64? {
        get throws { try log.reader.metaInteger("digests_checked") }
    }

    /// What headquarters withheld when it was last asked: it counts in no digest.
    package var withheld: Set<ChangeID> {
        get throws {
            guard let bytes = try log.reader.metaBytes("withheld") else { return [] }
            let list = try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
                try reader.ids()
            }
            return Set(list)
        }
    }

    /// The digests of the audiences of this node, at its cursor.
    package func digests() throws -> [AudienceDigest] {
        try log.digests(of: audiences, leavingOut: withheld)
    }

    // MARK: writing; inside `write` of the log

    func setChecked(_ now: WallTime) throws {
        try log.reader.setMeta("digests_checked", integer: now.milliseconds)
    }

    func setWithheld(_ ids: [ChangeID]) throws {
        if ids.isEmpty { return try log.reader.clearMeta("withheld") }
        var writer = CBORWriter(capacity: 16 + ids.count * 9)
        writer.list(ids) { $1.integer($0.rawValue) }
        try log.reader.setMeta("withheld", bytes: writer.bytes)
    }

    func setSession(_ session: [UInt8]) throws {
        try log.reader.setMeta("session", bytes: session)
        let number = log.own.map { Int64($0.replica.rawValue) } ?? -1
        try log.reader.setMeta("session_replica", integer: number)
    }

    func setPoint(_ point: LogPoint, day: Int64) throws {
        try log.reader.setMeta("cursor_position", integer: point.position)
        try log.reader.setMeta("cursor_hash", bytes: point.hash.bytes)
        try log.keepAnchor(point, day: day)
    }

    /// Goes back to an earlier point: what was fetched since is known when it comes again.
    func goBack(to point: LogPoint) throws {
        try log.dropAnchors(beyond: point.position)
        try setBackfill(nil)
        try log.reader.setMeta("cursor_position", integer: point.position)
        try log.reader.setMeta("cursor_hash", bytes: point.hash.bytes)
    }

    func setAudiences(_ audiences: [Audience]) throws {
        var writer = CBORWriter(capacity: 64)
        writer.write(audiences)
        try log.reader.setMeta("cursor_audiences", bytes: writer.bytes)
    }

    func setSeen(_ point: LogPoint, _ seal: OrderSeal?) throws {
        try log.reader.setMeta("seen_position", integer: point.position)
        try log.reader.setMeta("seen_hash", bytes: point.hash.bytes)
        guard let seal else { return try log.reader.clearMeta("seen_seal") }
        try log.reader.setMeta("seen_epoch", integer: Int64(seal.epoch.rawValue))
        try log.reader.setMeta("seen_seal", bytes: seal.mac)
    }

    func setEpoch(_ epoch: ReplicaNumber) throws {
        try log.reader.setMeta("epoch", integer: Int64(epoch.rawValue))
    }

    func setBackfill(_ point: LogPoint?) throws {
        guard let point else {
            try log.reader.clearMeta("backfill")
            try log.reader.clearMeta("backfill_audiences")
            return
        }
        try log.reader.setMeta("backfill", integer: point.position)
        try log.reader.setMeta("backfill_audiences", bytes: point.hash.bytes)
    }

    func setWiped(_ hash: Digest32?) throws {
        if let hash {
            try log.reader.setMeta("wiped", bytes: hash.bytes)
        } else {
            try log.reader.clearMeta("wiped")
        }
    }
}
