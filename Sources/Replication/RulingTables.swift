// What rulings say of other changes, as views read it: corrected clocks, and what is forbidden.
// Any order of arrival gives the same rows. What is unread or held stands beside the log.

package import Kernel
import SQLite
package import Wire

/// The ruling tables of one views file, with small copies in memory for the hot path.
final class RulingTables {
    private let views: Database
    /// Clock rulings by replica; nearly always empty.
    private(set) var clocks: [ReplicaNumber: [ClockRuling]] = [:]
    /// What is forbidden: ascending, without overlaps.
    private(set) var forbidden: [ClosedRange<ChangeID>] = []
    /// True where a ruling was kept since the last `reload`: a rollback must read again.
    private(set) var hasChanged = false

    init(views: Database) {
        self.views = views
    }

    /// Reads the copies again: after opening, and after a rollback.
    func reload() throws {
        hasChanged = false
        clocks = [:]
        let rulings = try views.statement(
            "SELECT id, replica, first, last, ahead FROM view_clocks ORDER BY id"
        )
        try rulings.forEach { row in
            let ruling = ClockRuling(
                id: ChangeID(row.integer(0)),
                replica: ReplicaNumber(stored: row.integer(1)),
                from: UInt32(truncatingIfNeeded: row.integer(2)),
                to: UInt32(truncatingIfNeeded: row.integer(3)),
                aheadMs: row.integer(4)
            )
            clocks[ruling.replica, default: []].append(ruling)
        }
        forbidden = []
        let ranges = try views.statement(
            "SELECT DISTINCT first, last FROM view_forbidden ORDER BY first, last"
        )
        try ranges.forEach { row in
            include(ChangeID(row.integer(0))...ChangeID(row.integer(1)))
        }
    }

    /// Adds a range to those in memory, united with what it overlaps.
    private func include(_ range: ClosedRange<ChangeID>) {
        let first = firstForbidden(endingFrom: range.lowerBound)
        var last = first
        var united = range
        while last < forbidden.count, forbidden[last].lowerBound <= range.upperBound {
            let other = forbidden[last]
            united =
                min(
                    united.lowerBound,
                    other.lowerBound
                )...max(
                    united.upperBound,
                    other.upperBound
                )
            last += 1
        }
        forbidden.replaceSubrange(first..<last, with: [united])
    }

    /// Index of the first range that ends at `id` or later.
    private func firstForbidden(endingFrom id: ChangeID) -> Int {
        var low = 0
        var high = forbidden.count
        while low < high {
            let middle = (low + high) / 2
            if forbidden[middle].upperBound < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The clock unless the smallest ruling that covers the change corrects it.
    func effectiveTime(of id: ChangeID, clock: ClockStamp) -> ClockStamp {
        if clocks.isEmpty { return clock }
        guard let rulings = clocks[id.replica] else { return clock }
        let sequence = id.sequence
        let ruling = rulings.first { $0.from <= sequence && sequence <= $0.to }
        return ruling?.apply(to: clock) ?? clock
    }

    func isForbidden(_ id: ChangeID) -> Bool {
        if forbidden.isEmpty { return false }
        let index = firstForbidden(endingFrom: id)
        return index < forbidden.count && forbidden[index].lowerBound <= id
    }

    func keep(_ ruling: ClockRuling) throws {
        let statement = try views.statement(
            """
            INSERT OR IGNORE INTO view_clocks(id, replica, first, last, ahead)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, ruling.id.rawValue)
        statement.bind(2, Int64(ruling.replica.rawValue))
        statement.bind(3, Int64(ruling.from))
        statement.bind(4, Int64(ruling.to))
        statement.bind(5, ruling.aheadMs)
        try statement.run()
        hasChanged = true
        var rulings = clocks[ruling.replica] ?? []
        rulings.append(ruling)
        clocks[ruling.replica] = rulings.sorted { $0.id < $1.id }
    }

    func forbid(_ range: ClosedRange<ChangeID>, by ruling: ChangeID) throws {
        let statement = try views.statement(
            "INSERT OR IGNORE INTO view_forbidden(first, last, ruling) VALUES(?1, ?2, ?3)"
        )
        statement.bind(1, range.lowerBound.rawValue)
        statement.bind(2, range.upperBound.rawValue)
        statement.bind(3, ruling.rawValue)
        try statement.run()
        hasChanged = true
        include(range)
    }
}

/// The bodies of the rulings that list changes.
package enum RulingBody {
    /// Reads `{1: [[from, to], …]}`.
    package static func ranges(
        _ body: UnsafeRawBufferPointer
    ) throws(WireFault) -> [ClosedRange<ChangeID>] {
        var reader = CBORReader(body)
        guard try reader.map() >= 1, try reader.nextKey(after: nil) == 1 else {
            throw reader.fault(.invalidValue)
        }
        var ranges: [ClosedRange<ChangeID>] = []
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let from = try reader.changeID()
            let to = try reader.changeID()
            guard from <= to, from.replica == to.replica else {
                throw reader.fault(.invalidValue)
            }
            ranges.append(from...to)
        }
        return ranges
    }

    /// Writes `{1: [[from, to], …]}`.
    package static func ranges(_ ranges: [ClosedRange<ChangeID>]) -> [UInt8] {
        var writer = CBORWriter(capacity: 16 + ranges.count * 20)
        writer.map(1)
        writer.key(1)
        writer.array(ranges.count)
        for range in ranges {
            writer.array(2)
            writer.integer(range.lowerBound.rawValue)
            writer.integer(range.upperBound.rawValue)
        }
        return writer.bytes
    }

    /// Reads the list of ids under `key` of a map: `{1: [id, …]}`, or `{1: x, 2: [id, …]}`.
    package static func ids(
        _ body: UnsafeRawBufferPointer,
        key: Int64 = 1
    ) throws(WireFault) -> [ChangeID] {
        var reader = CBORReader(body)
        let count = try reader.map()
        var previous: Int64?
        for _ in 0..<count {
            let found = try reader.nextKey(after: previous)
            previous = found
            guard found == key else {
                _ = try reader.skip()
                continue
            }
            var ids: [ChangeID] = []
            for _ in 0..<(try reader.array()) { ids.append(try reader.changeID()) }
            return ids
        }
        throw reader.fault(.invalidValue)
    }

    /// Reads which ruling `commit.released` undoes: `{1: ruling, 2: [id, …]}`.
    package static func undone(_ body: UnsafeRawBufferPointer) throws(WireFault) -> ChangeID {
        var reader = CBORReader(body)
        guard try reader.map() >= 2, try reader.nextKey(after: nil) == 1 else {
            throw reader.fault(.invalidValue)
        }
        return try reader.changeID()
    }

    /// Writes `{1: ruling, 2: [id, …]}`.
    package static func released(_ ids: [ChangeID], from ruling: ChangeID) -> [UInt8] {
        var writer = CBORWriter(capacity: 24 + ids.count * 10)
        writer.map(2)
        writer.key(1)
        writer.integer(ruling.rawValue)
        writer.key(2)
        writer.array(ids.count)
        for id in ids { writer.integer(id.rawValue) }
        return writer.bytes
    }

    /// Writes `{1: [id, …]}`.
    package static func ids(_ ids: [ChangeID]) -> [UInt8] {
        var writer = CBORWriter(capacity: 16 + ids.count * 10)
        writer.map(1)
        writer.key(1)
        writer.array(ids.count)
        for id in ids { writer.integer(id.rawValue) }
        return writer.bytes
    }
}
