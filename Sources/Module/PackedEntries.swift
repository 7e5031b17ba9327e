// Many small sums in one row: the bytes of a bucket of entries. An entry is an item of the bucket
// and its values; what is zero takes no room, so that a row of a day costs what happened on it.
// Must not know what is summed, or touch a database.

import SQLite

/// The bytes of a bucket: entries by ascending item.
///
/// Shape: item − first item of the bucket (one byte), a mask of the values that are not zero, then
/// each of these; numbers in groups of seven bits, low first, signed ones zigzag. A sum has up to
/// 128 bits. One content has one form, so that rows can be compared and hashed as they are.
package enum PackedEntries {
    /// How many neighbouring items lie in one bucket.
    package static let itemsPerBucket: Int64 = 128
    /// The most values of an entry.
    package static let valuesMax = 16

    /// The bucket of an item.
    package static func bucket(of item: Int64) -> Int64 { item >> 7 }

    /// Calls `body` with each item of a bucket and its values.
    package static func forEach(
        _ bytes: UnsafeRawBufferPointer,
        bucket: Int64,
        width: Int,
        _ body: (Int64, UnsafeBufferPointer<Int128>) throws -> Void
    ) throws {
        try withUnsafeTemporaryAllocation(of: Int128.self, capacity: width) { values in
            var cursor = PackedCursor(bytes)
            while try cursor.next(width: width) {
                try cursor.read(values)
                let item = bucket * itemsPerBucket + Int64(cursor.offset)
                try body(item, UnsafeBufferPointer(values))
            }
        }
    }

    /// The values of one item of a bucket; nil where it is not there.
    package static func values(
        of item: Int64,
        _ bytes: UnsafeRawBufferPointer,
        width: Int
    ) throws -> [Int128]? {
        var found: [Int128]?
        try forEach(bytes, bucket: bucket(of: item), width: width) { at, values in
            if at == item { found = Array(values) }
        }
        return found
    }
}

/// Goes through the entries of a bucket.
struct PackedCursor {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    /// Where the entry that was read last begins.
    private(set) var start = 0
    /// The item of the entry that was read last, within its bucket; −1 before the first.
    private(set) var offset = -1
    private var mask: UInt64 = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Moves to the next entry; false at the end.
    mutating func next(width: Int) throws(StorageFault) -> Bool {
        start = place
        if place == bytes.count { return false }
        let item = Int(bytes[place])
        place += 1
        guard item > offset, item < Int(PackedEntries.itemsPerBucket) else { throw damaged() }
        offset = item
        mask = UInt64(truncatingIfNeeded: try unsigned())
        guard mask >> UInt64(width) == 0 else { throw damaged() }
        return true
    }

    /// Reads the values of the entry.
    mutating func read(_ values: UnsafeMutableBufferPointer<Int128>) throws(StorageFault) {
        values.update(repeating: 0)
        while mask != 0 {
            let coded = try unsigned()
            values[mask.trailingZeroBitCount] =
                Int128(truncatingIfNeeded: coded >> 1)
                ^ -Int128(truncatingIfNeeded: coded & 1)
            mask &= mask - 1
        }
    }

    /// Passes over the values of the entry; its bytes.
    mutating func pass() throws(StorageFault) -> UnsafeRawBufferPointer {
        var left = mask.nonzeroBitCount
        while left > 0 {
            guard place < bytes.count else { throw damaged() }
            if bytes[place] < 0x80 { left -= 1 }
            place += 1
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<place])
    }

    @inline(__always)
    private mutating func unsigned() throws(StorageFault) -> UInt128 {
        var low: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            low |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return UInt128(low) }
            shift += 7
            if shift > 56 { return try wide(low) }
        }
        throw damaged()
    }

    /// What lies beyond the first nine groups.
    private mutating func wide(_ low: UInt64) throws(StorageFault) -> UInt128 {
        var value = UInt128(low)
        var shift: UInt128 = 63
        while place < bytes.count, shift < 128 {
            let byte = bytes[place]
            place += 1
            value |= UInt128(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw damaged()
    }

    private func damaged() -> StorageFault {
        StorageFault.damaged("packed sums", "an entry at byte \(place) of \(bytes.count)")
    }
}

/// Writes the entries of a bucket.
///
/// Why by hand: it is written for every bucket that a batch touches, and an array that checks its
/// room at each byte takes most of the time of a merge.
final class PackedWriter {
    /// Item, mask and every value in its longest form.
    private static let entryBytesMax = 1 + 3 + PackedEntries.valuesMax * 19
    private var room: UnsafeMutableRawBufferPointer = .allocate(byteCount: 4_096, alignment: 8)
    private var count = 0

    deinit { room.deallocate() }

    /// What was written, until the next call.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[..<count]) }

    func removeAll() { count = 0 }

    /// Appends an entry; items ascend.
    func append(_ offset: Int, _ values: UnsafeBufferPointer<Int128>) {
        reserve(PackedWriter.entryBytesMax)
        guard let start = room.baseAddress else { return }
        var place = start + count
        place.storeBytes(of: UInt8(truncatingIfNeeded: offset), as: UInt8.self)
        place += 1
        var mask: UInt64 = 0
        for index in values.indices where values[index] != 0 { mask |= 1 &<< UInt64(index) }
        PackedWriter.put(mask, at: &place)
        while mask != 0 {
            let value = values[mask.trailingZeroBitCount]
            let narrow = Int64(truncatingIfNeeded: value)
            if Int128(narrow) == value, narrow.magnitude < 1 << 62 {
                let coded = UInt64(bitPattern: (narrow &<< 1) ^ (narrow &>> 63))
                PackedWriter.put(coded, at: &place)
            } else {
                let coded = UInt128(truncatingIfNeeded: (value << 1) ^ (value >> 127))
                PackedWriter.putWide(coded, at: &place)
            }
            mask &= mask - 1
        }
        count = place - start
    }

    /// Appends an entry as it was written before.
    func append(verbatim entry: UnsafeRawBufferPointer) {
        reserve(entry.count)
        guard let start = room.baseAddress, let from = entry.baseAddress else { return }
        (start + count).copyMemory(from: from, byteCount: entry.count)
        count += entry.count
    }

    private func reserve(_ more: Int) {
        if count + more <= room.count { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: (count + more) * 2,
            alignment: 8
        )
        larger.copyMemory(from: bytes)
        room.deallocate()
        room = larger
    }

    @inline(__always)
    private static func put(_ value: UInt64, at place: inout UnsafeMutableRawPointer) {
        var rest = value
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            place += 1
            rest &>>= 7
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        place += 1
    }

    private static func putWide(_ value: UInt128, at place: inout UnsafeMutableRawPointer) {
        var rest = value
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            place += 1
            rest >>= 7
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        place += 1
    }
}
