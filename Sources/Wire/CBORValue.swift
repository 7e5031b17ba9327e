// Any deterministic item as a value: the slow path for registers, tools and JSON twins.
// Hot paths read with CBORReader; nothing here may be called per sale.

/// A data item of any allowed kind.
///
/// Shape: the entries of a decoded map are in the order of their encoded keys; those of a map made
/// by hand may be in any order, and are sorted when it is encoded.
/// Why: two texts are equal when Swift calls them so, composed or not; whoever asks whether bytes
/// differ compares what `encoded` gives.
package enum CBORValue: Hashable, Sendable {
    /// An integer.
    case integer(Int64)
    /// A byte string.
    case bytes([UInt8])
    /// A text string.
    case text(String)
    /// An array.
    case array([CBORValue])
    /// A map.
    case map([Entry])
    /// True or false.
    case bool(Bool)
    /// Null.
    case null

    /// A key and its value.
    package struct Entry: Hashable, Sendable {
        /// The key.
        package let key: CBORValue
        /// The value.
        package let value: CBORValue

        /// A key and its value.
        package init(key: CBORValue, value: CBORValue) {
            self.key = key
            self.value = value
        }

        /// A numbered key and its value.
        package init(_ key: Int64, _ value: CBORValue) {
            self.init(key: .integer(key), value: value)
        }
    }

    // MARK: - Decoding

    /// The one item that the bytes are.
    package init(
        decoding bytes: [UInt8],
        profile: CBORReader.Profile = .commits
    ) throws(WireFault) {
        self = try CBORReader.read(bytes, profile: profile) { (reader) throws(WireFault) in
            try CBORValue(from: &reader)
        }
    }

    /// The next item of a reader, which is checked strictly.
    package init(from reader: inout CBORReader, depth: Int = 0) throws(WireFault) {
        var ahead = reader
        try ahead.skip(depth: depth)
        self = try CBORValue.build(&reader)
    }

    /// Builds the next item, whose rules and depth are checked already.
    private static func build(_ reader: inout CBORReader) throws(WireFault) -> CBORValue {
        switch try reader.peekType() {
        case .unsigned, .negative: return .integer(try reader.integer())
        case .bytes: return .bytes(try reader.byteArray())
        case .text: return .text(try reader.text())
        case .bool: return .bool(try reader.bool())
        case .null:
            try reader.null()
            return .null
        case .array:
            var items: [CBORValue] = []
            for _ in 0..<(try reader.array()) { items.append(try build(&reader)) }
            return .array(items)
        case .map:
            var entries: [Entry] = []
            for _ in 0..<(try reader.map()) {
                let key = try build(&reader)
                entries.append(Entry(key: key, value: try build(&reader)))
            }
            return .map(entries)
        case .forbidden: throw reader.fault(.forbiddenType)
        }
    }

    // MARK: - Encoding

    /// The deterministic bytes of the item.
    ///
    /// Throws: `duplicateKey` for a map with one key twice, `depth` for too deep a nesting.
    package func encoded() throws(WireFault) -> [UInt8] {
        var writer = CBORWriter()
        try write(to: &writer)
        return writer.bytes
    }

    /// Appends the item to a writer.
    package func write(to writer: inout CBORWriter, depth: Int = 0) throws(WireFault) {
        switch self {
        case .integer(let value): writer.integer(value)
        case .bytes(let value): writer.bytes(value)
        case .text(let value): writer.text(value)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        case .array(let items):
            guard depth < Limits.depthMax else {
                throw WireFault(.depth, offset: writer.count)
            }
            writer.array(items.count)
            for item in items { try item.write(to: &writer, depth: depth + 1) }
        case .map(let entries):
            guard depth < Limits.depthMax else {
                throw WireFault(.depth, offset: writer.count)
            }
            try CBORValue.write(entries, to: &writer, depth: depth + 1)
        }
    }

    private static func write(
        _ entries: [Entry],
        to writer: inout CBORWriter,
        depth: Int
    ) throws(WireFault) {
        var keyed: [(key: [UInt8], value: CBORValue)] = []
        for entry in entries {
            var key = CBORWriter()
            try entry.key.write(to: &key, depth: depth)
            keyed.append((key.bytes, entry.value))
        }
        keyed.sort { $0.key.lexicographicallyPrecedes($1.key) }
        writer.map(keyed.count)
        var previous: [UInt8]?
        for entry in keyed {
            if entry.key == previous {
                throw WireFault(.duplicateKey, offset: writer.count)
            }
            previous = entry.key
            writer.raw(entry.key)
            try entry.value.write(to: &writer, depth: depth)
        }
    }
}
