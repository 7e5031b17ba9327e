// Checking what log.sqlite keeps beside the commits against the commits: who the node is, whose
// numbers are whose, what is handed out to whom. A wrong row there loses or leaks as much as a
// wrong commit. Must not ask the views, and changes nothing.

import Kernel
import Replication
import SQLite
import Sync
import Wire

/// Where the commits of each audience stand in headquarters' order, as the commits say.
struct AudiencePositions {
    private var positions: [Int64: [Int64]] = [:]

    /// Notes the audiences of a commit.
    mutating func note(_ commit: UnsafeRawBufferPointer, at position: Int64) throws(WireFault) {
        var reader = CBORReader(commit)
        try reader.array(of: 9)
        for _ in 0..<6 { try reader.skip() }
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let number = try reader.integer()
            guard let audience = Audience(class: number, id: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            positions[audience.packed, default: []].append(position)
        }
    }

    /// What is wrong with the runs that `delivery` keeps.
    func problems(_ database: Database, through end: Int64) throws -> [String] {
        var runs: [Int64: [ClosedRange<Int64>]] = [:]
        var problems: [String] = []
        let kept = try database.statement(
            "SELECT audience, first, last FROM delivery ORDER BY audience, first"
        )
        try kept.forEach { row in
            guard row.integer(1) <= row.integer(2) else {
                problems.append("delivery of audience \(row.integer(0)) runs backwards")
                return
            }
            if row.integer(1) > end { return }
            runs[row.integer(0), default: []].append(row.integer(1)...min(row.integer(2), end))
        }
        for audience in Set(runs.keys).union(positions.keys).sorted() {
            let wanted = (positions[audience] ?? []).sorted()
            let given = runs[audience] ?? []
            if let lost = AudiencePositions.outside(wanted, given) {
                problems.append(
                    "the commit at position \(lost) is kept from audience \(audience), its own"
                )
            }
            // Positions that no commit stands at any more are nobody's.
            if try AudiencePositions.count(given, database) > wanted.count {
                problems.append("audience \(audience) is handed commits that are not for it")
            }
        }
        return problems
    }

    /// The first of ascending positions that no ascending range holds.
    private static func outside(_ positions: [Int64], _ ranges: [ClosedRange<Int64>]) -> Int64? {
        var place = 0
        for position in positions {
            while place < ranges.count, ranges[place].upperBound < position { place += 1 }
            guard place < ranges.count, ranges[place].contains(position) else { return position }
        }
        return nil
    }

    private static func count(
        _ ranges: [ClosedRange<Int64>],
        _ database: Database
    ) throws -> Int {
        let statement = try database.statement(
            "SELECT count(*) FROM commits WHERE position BETWEEN ?1 AND ?2"
        )
        var count = 0
        for range in ranges {
            statement.bind(1, range.lowerBound)
            statement.bind(2, range.upperBound)
            count += Int(try statement.firstInteger() ?? 0)
        }
        return count
    }
}

extension LogVerifier {
    /// What the file says its node is.
    func identityProblems() throws -> [String] {
        guard let kind = try reader.metaInteger("headquarters"), (0...1).contains(kind) else {
            return ["log.sqlite does not say whether it is headquarters'"]
        }
        guard let number = try reader.metaInteger("replica") else {
            let isWritten = try reader.database.integer("SELECT EXISTS(SELECT 1 FROM heads)") == 1
            return isWritten ? ["log.sqlite does not say under which number it writes"] : []
        }
        let replica = ReplicaNumber(stored: number)
        guard let head = try reader.head(of: replica) else {
            return ["number \(number), under which this node writes, has no head"]
        }
        let device = kind == 1 ? 0 : try reader.metaInteger("device")
        return head.device == device
            ? [] : ["number \(number), under which this node writes, is another device's"]
    }

    /// What headquarters ruled about devices, numbers and clocks is what the tables keep.
    func rulingProblems(through end: Int64) throws -> [String] {
        var problems: [String] = []
        var owned: Set<ReplicaNumber> = []
        let statement = try reader.database.statement(
            """
            SELECT c.bytes FROM heads h JOIN commits c ON c.id BETWEEN h.replica << 32
              AND (h.replica << 32) + 4294967295
            WHERE h.device = 0 AND c.position <= ?1 ORDER BY c.position
            """
        )
        statement.bind(1, end)
        try statement.forEach { row in
            guard var walk = try? CommitWalk(row.borrowedBytes(0)) else { return }
            var sequence = walk.firstSequence
            // A commit that cannot be read is named by the pass over the chains.
            while let step = (try? walk.next()) ?? nil {
                let id = ChangeID(replica: walk.replica, sequence: sequence)
                sequence &+= 1
                guard step.kind.module == 0, step.kind.isRuling else { continue }
                if let kept = try isKept(step.kind, id, step.body, &owned), !kept {
                    problems.append("what change \(id) ruled is not what log.sqlite keeps of it")
                }
            }
        }
        return problems
    }

    /// True where the tables hold what a ruling says; nil for one that they do not keep, or that
    /// cannot be read.
    private func isKept(
        _ kind: Kind,
        _ id: ChangeID,
        _ body: UnsafeRawBufferPointer,
        _ owned: inout Set<ReplicaNumber>
    ) throws -> Bool? {
        switch kind {
        case LogKind.clockRuled:
            guard let ruling = try? ClockRuling(id: id, body: body) else { return nil }
            return try holds(
                """
                SELECT 1 FROM clock_rulings WHERE id = ?1 AND replica = ?2 AND first = ?3
                  AND last = ?4 AND ahead = ?5
                """,
                [
                    id.rawValue, Int64(ruling.replica.rawValue), Int64(ruling.from),
                    Int64(ruling.to), ruling.aheadMs,
                ]
            )
        case LogKind.deviceEnrolled:
            guard let device = try? DeviceRecord(body: body) else { return nil }
            let isHere = try holds(
                "SELECT 1 FROM devices WHERE id = ?1 AND kind = ?2 AND branch = ?3 AND person = ?4",
                [device.id, device.kind, device.branch, device.person]
            )
            // A number is whose it became first.
            let new = device.numbers.filter { owned.insert($0).inserted }
            return try isHere && new.allSatisfy { try isOwner(device.id, of: $0) }
        case LogKind.deviceRevoked:
            guard let device = try? BodyFields(body).integer(1) else { return nil }
            return try holds("SELECT 1 FROM devices WHERE id = ?1 AND revoked = 1", [device])
        case LogKind.replicaIssued:
            guard let fields = try? BodyFields(body), let device = try? fields.integer(2),
                let number = try? fields.number(fields.integer(1)), owned.insert(number).inserted
            else { return nil }
            return try isOwner(device, of: number)
        case LogKind.replicaEnded:
            guard let number = try? BodyFields(body).integer(1) else { return nil }
            return try holds("SELECT 1 FROM numbers WHERE replica = ?1 AND ended = 1", [number])
        default:
            return nil
        }
    }

    /// True where a number is a device's, and its chain, where it has begun, is too.
    private func isOwner(_ device: Int64, of number: ReplicaNumber) throws -> Bool {
        guard
            try holds(
                "SELECT 1 FROM numbers WHERE replica = ?1 AND device = ?2",
                [Int64(number.rawValue), device]
            )
        else { return false }
        return try reader.head(of: number).map { $0.device == device } ?? true
    }

    private func holds(_ sql: StaticString, _ values: [Int64]) throws -> Bool {
        let statement = try reader.database.statement(sql)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        return try statement.firstInteger() != nil
    }
}
