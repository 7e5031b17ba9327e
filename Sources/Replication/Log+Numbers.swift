// Devices and replica numbers: who may write under what, as the log itself says it.
// The tables follow the changes of module 0; nothing here is decided but which number is next.

package import Kernel
import SQLite
package import Wire

extension Log {
    /// How many numbers a restored headquarters draws for itself and all it issues.
    package static let blockSize: Int64 = 64

    /// Decides an act of the node itself and appends it.
    ///
    /// Called inside `write`. Answers nil where `fill` decided nothing.
    @discardableResult
    package func rule(
        at wall: WallTime,
        author: Int64 = 0,
        _ fill: (inout Act) throws -> Void
    ) throws -> PreparedAct? {
        var act = Act(first: try nextID(), author: author)
        try fill(&act)
        if act.isEmpty { return nil }
        let prepared = try prepare(act, at: wall)
        try append(prepared, at: wall)
        return prepared
    }

    /// The next numbers that nobody has: in order below 2²⁰, or of the block of a restored
    /// headquarters.
    ///
    /// Called inside `write`.
    package func freshNumbers(_ count: Int) throws -> [ReplicaNumber] {
        var numbers: [ReplicaNumber] = []
        var taken: Int64 = -1
        for _ in 0..<count {
            if var base = try reader.metaInteger("block") {
                let last = try largestNumber(from: base, below: base + Log.blockSize)
                var next = max(last ?? base - 1, taken) + 1
                if next >= base + Log.blockSize {
                    base = try drawBlock()
                    next = base
                }
                taken = next
            } else {
                let last = try largestNumber(from: 1, below: 1 << 20)
                taken = max(last ?? 0, taken) + 1
                if taken >= 1 << 20 { taken = try drawBlock() }
            }
            numbers.append(ReplicaNumber(UInt32(taken)))
        }
        return numbers
    }

    private func largestNumber(from low: Int64, below high: Int64) throws -> Int64? {
        let statement = try database.statement(
            """
            SELECT max(replica) FROM (
              SELECT replica FROM numbers WHERE replica >= ?1 AND replica < ?2 UNION ALL
              SELECT replica FROM heads WHERE replica >= ?1 AND replica < ?2 UNION ALL
              SELECT replica FROM forks WHERE replica >= ?1 AND replica < ?2)
            """
        )
        statement.bind(1, low)
        statement.bind(2, high)
        return try statement.first { $0.integerOrNil(0) } ?? nil
    }

    /// Draws a block of the upper half in which nothing was issued.
    ///
    /// Called inside `write`.
    func drawBlock() throws -> Int64 {
        let blocks = (1 << 20) / Log.blockSize
        while true {
            let drawn = random.bytes(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let base = 1 << 20 + (drawn % blocks) * Log.blockSize
            if try largestNumber(from: base, below: base + Log.blockSize) == nil {
                try reader.setMeta("block", integer: base)
                return base
            }
        }
    }

    /// The device a number was issued to, and whether the number is ended; nil where it is unknown.
    package func owner(
        of number: ReplicaNumber
    ) throws -> (device: Int64, isEnded: Bool)? {
        let statement = try database.statement(
            "SELECT device, ended FROM numbers WHERE replica = ?1"
        )
        statement.bind(1, Int64(number.rawValue))
        return try statement.first { ($0.integer(0), $0.integer(1) != 0) }
    }

    /// The numbers that headquarters itself has written under.
    package func headquartersNumbers() throws -> [ReplicaNumber] {
        let statement = try database.statement(
            """
            SELECT replica FROM numbers WHERE device = 0 UNION
            SELECT replica FROM heads WHERE device = 0 ORDER BY 1
            """
        )
        var numbers: [ReplicaNumber] = []
        try statement.forEach { numbers.append(ReplicaNumber(stored: $0.integer(0))) }
        return numbers
    }

    /// A device by its id.
    package func device(_ id: Int64) throws -> DeviceRecord? {
        let statement = try database.statement(
            "SELECT id, name, kind, branch, person, code, revoked FROM devices WHERE id = ?1"
        )
        statement.bind(1, id)
        return try statement.first { DeviceRecord(row: $0) }
    }

    /// A device by the name of the code it was enrolled with.
    package func device(code: String) throws -> DeviceRecord? {
        let statement = try database.statement(
            "SELECT id, name, kind, branch, person, code, revoked FROM devices WHERE code = ?1"
        )
        statement.bind(1, code)
        guard let found = try statement.first({ DeviceRecord(row: $0) }) else { return nil }
        return DeviceRecord(
            id: found.id,
            name: found.name,
            kind: found.kind,
            branch: found.branch,
            person: found.person,
            numbers: try numbers(of: found.id),
            code: found.code,
            isRevoked: found.isRevoked
        )
    }

    /// All devices, by id.
    package func devices() throws -> [DeviceRecord] {
        let statement = try database.statement(
            "SELECT id, name, kind, branch, person, code, revoked FROM devices ORDER BY id"
        )
        var devices: [DeviceRecord] = []
        try statement.forEach { devices.append(DeviceRecord(row: $0)) }
        return devices
    }

    /// The numbers issued to a device, ascending.
    package func numbers(of device: Int64) throws -> [ReplicaNumber] {
        let statement = try database.statement(
            "SELECT replica FROM numbers WHERE device = ?1 ORDER BY replica"
        )
        statement.bind(1, device)
        var numbers: [ReplicaNumber] = []
        try statement.forEach { numbers.append(ReplicaNumber(stored: $0.integer(0))) }
        return numbers
    }

    /// Revokes a device: its next request is refused.
    ///
    /// Called inside `write`.
    package func revoke(_ device: Int64, reason: String, at wall: WallTime) throws {
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.deviceRevoked, LogBody.revoked(device, reason: reason))
        }
    }

    /// Ends a number: what comes under it later waits for a person.
    ///
    /// Called inside `write`.
    package func end(
        _ number: ReplicaNumber,
        successor: ReplicaNumber? = nil,
        at wall: WallTime
    ) throws {
        guard let head = try reader.head(of: number) else { return }
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.replicaEnded, LogBody.ended(head, successor: successor))
        }
    }

    /// The number for a key, the same however often it is asked for.
    ///
    /// Called inside `write`.
    package func number(
        for key: Digest32,
        device: DeviceRecord,
        at wall: WallTime
    ) throws -> ReplicaNumber {
        // Where headquarters committed the same again by itself, its number is not the device's.
        if let known = try knownNumber(for: key), try owner(of: known)?.device != 0 { return known }
        let number = try freshNumbers(1)[0]
        try keepNumber(number, for: key)
        try rule(at: wall) { act in
            // A device that only a lost history enrolled is of no branch that is known.
            act.begin([.headquarters] + (device.branch > 0 ? [.branch(device.branch)] : []))
            act.add(LogKind.replicaIssued, LogBody.issued(number, to: device.id))
        }
        return number
    }

    /// The number that was given for a key before.
    package func knownNumber(for key: Digest32) throws -> ReplicaNumber? {
        let statement = try database.statement("SELECT replica FROM forks WHERE key = ?1")
        statement.bind(1, key.bytes)
        return try statement.firstInteger().map { ReplicaNumber(stored: Int64($0)) }
    }

    func keepNumber(_ number: ReplicaNumber, for key: Digest32) throws {
        let statement = try database.statement(
            "INSERT OR REPLACE INTO forks(key, replica) VALUES(?1, ?2)"
        )
        statement.bind(1, key.bytes)
        statement.bind(2, Int64(number.rawValue))
        try statement.run()
    }

    /// Does at once what the kinds of devices and numbers demand of the tables.
    func followDevices(_ kind: Kind, _ body: UnsafeRawBufferPointer) throws {
        switch kind {
        case LogKind.deviceEnrolled:
            let device = try DeviceRecord(body: body)
            try keep(device)
            for number in device.numbers { try keepOwner(number, device.id) }
        case LogKind.deviceRevoked:
            let statement = try database.statement("UPDATE devices SET revoked = 1 WHERE id = ?1")
            statement.bind(1, try BodyFields(body).integer(1))
            try statement.run()
        case LogKind.replicaIssued:
            let fields = try BodyFields(body)
            try keepOwner(fields.number(fields.integer(1)), fields.integer(2))
        case LogKind.replicaEnded:
            let statement = try database.statement(
                "UPDATE numbers SET ended = 1 WHERE replica = ?1"
            )
            statement.bind(1, try BodyFields(body).integer(1))
            try statement.run()
        default:
            break
        }
    }

    private func keep(_ device: DeviceRecord) throws {
        let statement = try database.statement(
            """
            INSERT OR IGNORE INTO devices(id, name, kind, branch, person, code, revoked)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0)
            """
        )
        statement.bind(1, device.id)
        statement.bind(2, device.name)
        statement.bind(3, device.kind)
        statement.bind(4, device.branch)
        statement.bind(5, device.person)
        statement.bind(6, device.code)
        try statement.run()
    }

    private func keepOwner(_ number: ReplicaNumber, _ device: Int64) throws {
        let statement = try database.statement(
            "INSERT OR IGNORE INTO numbers(replica, device, ended) VALUES(?1, ?2, 0)"
        )
        statement.bind(1, Int64(number.rawValue))
        statement.bind(2, device)
        try statement.run()
    }

    // MARK: sessions

    /// The session that a device used last under a number; 16 zero bytes before the first.
    package func session(of number: ReplicaNumber, device: Int64) throws -> [UInt8] {
        let statement = try database.statement(
            "SELECT nonce FROM sessions WHERE replica = ?1 AND device = ?2"
        )
        statement.bind(1, Int64(number.rawValue))
        statement.bind(2, device)
        return try statement.first { $0.blob(0) } ?? [UInt8](repeating: 0, count: 16)
    }

    /// Keeps the session that a device uses now; the one before it is over.
    ///
    /// Called inside `write`.
    package func setSession(
        _ session: [UInt8],
        of number: ReplicaNumber,
        device: Int64
    ) throws {
        let statement = try database.statement(
            """
            INSERT INTO sessions(replica, device, nonce) VALUES(?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET nonce = ?3
            """
        )
        statement.bind(1, Int64(number.rawValue))
        statement.bind(2, device)
        statement.bind(3, session)
        try statement.run()
    }

    // MARK: spare numbers of a node

    /// The spare numbers that this node holds.
    package func spareNumbers() throws -> [ReplicaNumber] {
        guard let bytes = try reader.metaBytes("spares"),
            case .array(let items) = try CBORValue(decoding: bytes)
        else { return [] }
        return items.compactMap { item in
            guard case .integer(let raw) = item else { return nil }
            return ReplicaNumber(stored: raw)
        }
    }

    /// Keeps the list of spare numbers.
    ///
    /// Called inside `write`.
    package func setSpareNumbers(_ numbers: [ReplicaNumber]) throws {
        var writer = CBORWriter(capacity: 8 + numbers.count * 5)
        writer.array(numbers.count)
        for number in numbers.sorted() { writer.integer(Int64(number.rawValue)) }
        try reader.setMeta("spares", bytes: writer.bytes)
    }

    /// Goes on under a spare number taken at random, for the present one is no longer proven.
    ///
    /// Called inside `write`. Answers nil where no spare is left: then only what is online can go
    /// on.
    package func takeSpare() throws -> ReplicaNumber? {
        var spares = try spareNumbers()
        guard !spares.isEmpty, let device = try reader.metaInteger("device") else { return nil }
        let drawn = random.bytes(4).reduce(0) { $0 << 8 | Int($1) }
        let number = spares.remove(at: drawn % spares.count)
        try setSpareNumbers(spares)
        try adopt(number, incarnation: random.bytes(16), device: device)
        return number
    }
}

extension DeviceRecord {
    /// Reads `id, name, kind, branch, person, code, revoked`.
    init(row: Statement) {
        self.init(
            id: row.integer(0),
            name: row.text(1),
            kind: row.integer(2),
            branch: row.integer(3),
            person: row.integer(4),
            code: row.text(5),
            isRevoked: row.integer(6) != 0
        )
    }
}

extension Log {
    /// The number under which a device uses a session now; nil where it is not the present one.
    package func replica(ofSession session: [UInt8], device: Int64) throws -> ReplicaNumber? {
        let statement = try database.statement(
            "SELECT replica FROM sessions WHERE device = ?1 AND nonce = ?2 ORDER BY replica"
        )
        statement.bind(1, device)
        statement.bind(2, session)
        return try statement.firstInteger().map { ReplicaNumber(stored: $0) }
    }
}
