// The sums of many items in few rows: a batch adds to buckets in memory, and each bucket it
// touched is read, joined and written once.
// Must not know what is summed.

package import SQLite

/// Adds the sums of a batch to the buckets of one table.
///
/// Shape: the table has one or two integer keys, `bucket INTEGER` and `entries BLOB`
/// (`PackedEntries`), and its primary key is all of the first. A value under `.greatest` is never
/// negative, and 0 where there is none; `.least` is not for packed sums.
/// Why: a row for each product and day is as many rows as lines were sold; a bucket holds what
/// 128 neighbours brought, at a twentieth of the time and a third of the room.
package final class PackedSums {
    private struct Group {
        let first: Int64
        let second: Int64
        let bucket: Int64
        /// Where it stands in `table`.
        let home: Int
    }

    private let rules: [SumRule]
    /// A bit for each value whose rule is not to add.
    private let greatest: UInt64
    private let keyCount: Int
    private let select: String
    private let upsert: String
    private var groups: [Group] = []
    /// Open addressing: index of a group, or −1.
    private var table: [Int32] = Array(repeating: -1, count: 64)
    /// For each group 128 places of `values`, or −1.
    private var places: [Int32] = []
    private var values: UnsafeMutableBufferPointer<Int128> = .allocate(capacity: 64)
    private var valueCount = 0
    /// The groups found last: goods mostly go from one place to another and back.
    private var last = -1
    private var lastBefore = -1
    private let writer = PackedWriter()
    /// The entry that is being joined.
    private let row: UnsafeMutableBufferPointer<Int128>

    /// The buckets of `table`.
    package init(_ table: String, keys: [String], rules: [SumRule]) {
        precondition(keys.count == 1 || keys.count == 2, "packed sums have one or two keys")
        precondition(rules.count <= PackedEntries.valuesMax, "too many values for a mask")
        self.rules = rules
        greatest = rules.enumerated().reduce(0) { mask, rule in
            rule.element == .sum ? mask : mask | 1 << UInt64(rule.offset)
        }
        keyCount = keys.count
        row = .allocate(capacity: rules.count)
        row.initialize(repeating: 0)
        values.initialize(repeating: 0)
        let all = keys + ["bucket"]
        let match = all.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: " AND ")
        select = "SELECT entries FROM " + table + " WHERE " + match
        let marks = (1...all.count + 1).map { "?\($0)" }.joined(separator: ", ")
        upsert =
            "INSERT INTO " + table + "(" + all.joined(separator: ", ") + ", entries) VALUES("
            + marks
            + ") ON CONFLICT DO UPDATE SET entries = excluded.entries"
    }

    deinit {
        row.deallocate()
        values.deallocate()
    }

    /// Calls `body` with the values that the batch has for an item; they begin at 0.
    @inline(__always)
    package func add(
        _ first: Int64,
        _ second: Int64 = 0,
        item: Int64,
        _ body: (UnsafeMutableBufferPointer<Int128>) -> Void
    ) {
        let place = place(first, second, item)
        body(UnsafeMutableBufferPointer(rebasing: values[place..<place + rules.count]))
    }

    private func place(_ first: Int64, _ second: Int64, _ item: Int64) -> Int {
        let bucket = PackedEntries.bucket(of: item)
        let group = group(first, second, bucket)
        let slot = group << 7 + Int(truncatingIfNeeded: item & (PackedEntries.itemsPerBucket - 1))
        let known = places[slot]
        if known >= 0 { return Int(known) }
        let place = valueCount
        valueCount += rules.count
        if valueCount > values.count { growValues() }
        values[place..<valueCount].update(repeating: 0)
        places[slot] = Int32(truncatingIfNeeded: place)
        return place
    }

    private func group(_ first: Int64, _ second: Int64, _ bucket: Int64) -> Int {
        if last >= 0, isSame(groups[last], first, second, bucket) { return last }
        if lastBefore >= 0, isSame(groups[lastBefore], first, second, bucket) {
            swap(&last, &lastBefore)
            return last
        }
        lastBefore = last
        if groups.count * 2 >= table.count { grow() }
        var home = PackedSums.hash(first, second, bucket) & (table.count - 1)
        while table[home] >= 0 {
            let index = Int(table[home])
            if isSame(groups[index], first, second, bucket) {
                last = index
                return index
            }
            home = (home + 1) & (table.count - 1)
        }
        last = groups.count
        table[home] = Int32(truncatingIfNeeded: last)
        groups.append(Group(first: first, second: second, bucket: bucket, home: home))
        places.append(contentsOf: repeatElement(-1, count: Int(PackedEntries.itemsPerBucket)))
        return last
    }

    @inline(__always)
    private func isSame(_ group: Group, _ first: Int64, _ second: Int64, _ bucket: Int64) -> Bool {
        group.bucket == bucket && group.second == second && group.first == first
    }

    /// Spreads a key; the order of buckets in memory never shows, for flushing sorts them.
    private static func hash(_ first: Int64, _ second: Int64, _ bucket: Int64) -> Int {
        var mixed = UInt64(bitPattern: first) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 29) ^ UInt64(bitPattern: second)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 32) ^ UInt64(bitPattern: bucket)) &* 0x94d0_49bb_1331_11eb
        return Int(truncatingIfNeeded: mixed >> 33)
    }

    private func grow() {
        table = Array(repeating: -1, count: table.count * 4)
        for index in groups.indices {
            let group = groups[index]
            let hash = PackedSums.hash(group.first, group.second, group.bucket)
            var home = hash & (table.count - 1)
            while table[home] >= 0 { home = (home + 1) & (table.count - 1) }
            table[home] = Int32(truncatingIfNeeded: index)
            groups[index] = Group(
                first: group.first,
                second: group.second,
                bucket: group.bucket,
                home: home
            )
        }
    }

    private func growValues() {
        let larger = UnsafeMutableBufferPointer<Int128>.allocate(capacity: valueCount * 2)
        larger.initialize(repeating: 0)
        _ = larger[..<values.count].update(fromContentsOf: values)
        values.deallocate()
        values = larger
    }

    /// Forgets the batch.
    package func removeAll() {
        for group in groups { table[group.home] = -1 }
        groups.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        valueCount = 0
        last = -1
        lastBefore = -1
    }

    // MARK: writing

    /// Joins the batch with the rows, by ascending key, and forgets it.
    package func flush(_ views: Database) throws(StorageFault) {
        if groups.isEmpty { return }
        let reading = try views.statement(text: select)
        let writing = try views.statement(text: upsert)
        for index in order() {
            bind(reading, groups[index])
            writer.removeAll()
            if try reading.step() {
                try join(index, reading.borrowedBytes(0))
            } else {
                try join(index, UnsafeRawBufferPointer(start: nil, count: 0))
            }
            reading.reset()
            bind(writing, groups[index])
            try write(writing)
        }
        removeAll()
    }

    private func order() -> [Int] {
        groups.indices.sorted {
            let (left, right) = (groups[$0], groups[$1])
            return (left.first, left.second, left.bucket)
                < (right.first, right.second, right.bucket)
        }
    }

    private func bind(_ statement: Statement, _ group: Group) {
        statement.bind(1, group.first)
        if keyCount == 2 { statement.bind(2, group.second) }
        statement.bind(Int32(truncatingIfNeeded: keyCount) + 1, group.bucket)
    }

    private func write(_ writing: Statement) throws(StorageFault) {
        writing.bind(Int32(truncatingIfNeeded: keyCount) + 2, writer.bytes)
        try writing.run()
    }

    /// Writes the entries of a bucket: those of the row with what the batch adds, and the new ones.
    private func join(_ group: Int, _ old: UnsafeRawBufferPointer) throws(StorageFault) {
        var cursor = PackedCursor(old)
        var fresh = 0
        while try cursor.next(width: rules.count) {
            appendFresh(group, from: fresh, to: cursor.offset)
            fresh = cursor.offset + 1
            let place = places[group << 7 + cursor.offset]
            if place < 0 {
                writer.append(verbatim: try cursor.pass())
                continue
            }
            try cursor.read(row)
            addToRow(Int(place))
            writer.append(cursor.offset, UnsafeBufferPointer(row))
        }
        appendFresh(group, from: fresh, to: Int(PackedEntries.itemsPerBucket))
    }

    private func addToRow(_ place: Int) {
        let greatest = greatest
        for index in row.indices {
            // Nothing changes nothing: no value under `.greatest` is negative.
            let value = values[place + index]
            if value == 0 { continue }
            let isSum = greatest & 1 &<< UInt64(index) == 0
            row[index] = isSum ? row[index] + value : max(row[index], value)
        }
    }

    /// Appends what only the batch has, of the items of a range.
    private func appendFresh(_ group: Int, from start: Int, to end: Int) {
        for offset in start..<max(start, end) {
            let place = Int(places[group << 7 + offset])
            if place < 0 { continue }
            let row = UnsafeBufferPointer(rebasing: values[place..<place + rules.count])
            writer.append(offset, row)
        }
    }
}
