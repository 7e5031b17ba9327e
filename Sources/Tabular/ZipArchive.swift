// Tabular: a zip archive of stored entries, which is what an XLSX file is wrapped in.
// Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5. No compression, no 64-bit forms.

/// A zip archive being written in memory; the same entries always give the same bytes.
struct ZipArchive {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    init() {}

    /// Adds a file.
    ///
    /// Throws: `tooLarge` beyond 4 GiB.
    mutating func add(_ name: String, _ content: [UInt8]) throws(TableFault) {
        let start = bytes.count
        guard start + content.count + 2 * name.utf8.count < Int(UInt32.max) - 65_536 else {
            throw TableFault(.tooLarge, line: 0, "a file of more than 4 GiB")
        }
        let common = entryFields(CRC32.of(content), content.count, name)
        Self.put(0x0403_4B50 as UInt32, &bytes)
        bytes += common
        Self.put(0 as UInt16, &bytes)  // no extra field
        bytes += name.utf8
        bytes += content
        Self.put(0x0201_4B50 as UInt32, &directory)
        Self.put(20 as UInt16, &directory)  // made by version 2.0
        directory += common
        for _ in 0..<3 { Self.put(0 as UInt16, &directory) }  // extra, comment, disk
        Self.put(0 as UInt16, &directory)  // internal attributes
        Self.put(0 as UInt32, &directory)  // external attributes
        Self.put(UInt32(start), &directory)
        directory += name.utf8
        count += 1
    }

    /// The whole archive.
    consuming func finished() -> [UInt8] {
        let start = bytes.count
        bytes += directory
        Self.put(0x0605_4B50 as UInt32, &bytes)
        Self.put(0 as UInt32, &bytes)  // disk numbers
        Self.put(count, &bytes)
        Self.put(count, &bytes)
        Self.put(UInt32(directory.count), &bytes)
        Self.put(UInt32(start), &bytes)
        Self.put(0 as UInt16, &bytes)  // no comment
        return bytes
    }

    /// What an entry says of itself, in its own head and in the directory alike.
    private func entryFields(_ check: UInt32, _ size: Int, _ name: String) -> [UInt8] {
        var fields: [UInt8] = []
        Self.put(20 as UInt16, &fields)  // needs version 2.0
        Self.put(0x0800 as UInt16, &fields)  // names are UTF-8
        Self.put(0 as UInt16, &fields)  // stored
        Self.put(0 as UInt16, &fields)  // 00:00
        Self.put(0x0021 as UInt16, &fields)  // 1980-01-01
        Self.put(check, &fields)
        Self.put(UInt32(size), &fields)
        Self.put(UInt32(size), &fields)
        Self.put(UInt16(name.utf8.count), &fields)
        return fields
    }

    private static func put(_ value: UInt16, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    private static func put(_ value: UInt32, _ bytes: inout [UInt8]) {
        put(UInt16(truncatingIfNeeded: value), &bytes)
        put(UInt16(truncatingIfNeeded: value >> 16), &bytes)
    }
}

/// The checksum of zip files.
///
/// Source: ISO/IEC 8802-3 (IEEE 802.3), reflected, polynomial 0xEDB88320.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        return value
    }

    /// The checksum of bytes.
    package static func of(_ bytes: [UInt8]) -> UInt32 {
        let table = table
        return ~bytes.reduce(UInt32.max) { sum, byte in
            table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
        }
    }
}
