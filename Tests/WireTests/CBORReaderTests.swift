// What the reader hands out, and what it refuses, call by call and rule by rule.

import Testing
import Wire

@Suite("Reading CBOR")
struct CBORReaderTests {
    @Test("Integers at every boundary of length are read, and only in their shortest form")
    func integerBoundaries() throws {
        let boundaries: [UInt64] = [
            0, 1, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296,
            UInt64(Int64.max),
        ]
        for value in boundaries {
            for size in [0, 1, 2, 4, 8] {
                guard let positive = headOf(0, value, size), let negative = headOf(1, value, size)
                else { continue }
                if size == shortest(value) {
                    #expect(try integer(positive) == Int64(value))
                    #expect(try integer(negative) == -1 - Int64(value))
                } else {
                    #expect(refusal { try integer(positive) } == .notShortest, "\(positive)")
                    #expect(refusal { try integer(negative) } == .notShortest, "\(negative)")
                    #expect(refusal { try CBORReader.validate(positive) } == .notShortest)
                }
            }
        }
    }

    @Test("Integers beyond Int64 are refused at their first byte")
    func integerRange() {
        for major: UInt8 in [0, 1] {
            let encoded = [0x01] + [major << 5 | 27, 0x80, 0, 0, 0, 0, 0, 0, 0]
            let thrown = #expect(throws: WireFault.self) {
                try CBORReader.read(encoded) { (reader) throws(WireFault) in
                    _ = try reader.integer()
                    _ = try reader.integer()
                }
            }
            #expect(thrown == WireFault(.integerRange, offset: 1))
            #expect(
                refusal { try CBORReader.validate([0x81] + encoded.dropFirst()) }
                    == .integerRange
            )
        }
    }

    @Test("An unsigned place refuses a negative integer and one above its limit")
    func unsigned() throws {
        #expect(try read([0x18, 0x64]) { (r) throws(WireFault) in try r.unsigned() } == 100)
        #expect(
            refusal { try read([0x20]) { (r) throws(WireFault) in try r.unsigned() } }
                == .wrongType(expected: .unsigned)
        )
        #expect(try read([0x05]) { (r) throws(WireFault) in try r.unsigned(atMost: 5) } == 5)
        #expect(
            refusal { try read([0x06]) { (r) throws(WireFault) in try r.unsigned(atMost: 5) } }
                == .integerRange
        )
    }

    @Test("Every length and count must be in its shortest form too")
    func lengthsShortest() {
        for (major, kind) in [(2, "bytes"), (3, "text"), (4, "array"), (5, "map")] {
            for size in [1, 2, 4, 8] {
                let encoded = headOf(UInt8(major), 0, size) ?? []
                #expect(refusal { try CBORReader.validate(encoded) } == .notShortest, "\(kind)")
            }
        }
    }

    @Test("Reserved heads and indefinite lengths are refused for every major type")
    func reservedHeads() {
        for major: UInt8 in 0...5 {
            for information: UInt8 in 28...30 {
                #expect(
                    refusal { try CBORReader.validate([major << 5 | information, 0, 0, 0]) }
                        == .reserved
                )
            }
            #expect(
                refusal { try CBORReader.validate([major << 5 | 31, 0xFF]) } == .indefiniteLength
            )
        }
        #expect(refusal { try CBORReader.validate([0xFF]) } == .indefiniteLength)
    }

    @Test("Every initial byte that begins no allowed item is refused, with any bytes behind it")
    func forbiddenInitialBytes() {
        for initial: UInt8 in 0xC0...0xFE where ![0xF4, 0xF5, 0xF6].contains(initial) {
            let encoded = [initial] + [UInt8](repeating: 0, count: 9)
            #expect(refusal { try CBORReader.validate(encoded) } == .forbiddenType)
            #expect(refusal { try integer(encoded) } == .forbiddenType)
            let bool = refusal {
                try read(encoded) { (reader) throws(WireFault) in try reader.bool() }
            }
            #expect(bool == .forbiddenType)
        }
    }

    @Test("An item of another kind is refused, and the cursor stays where it is")
    func wrongKind() throws {
        let items: [(CBORKind, [UInt8])] = [
            (.bytes, [0x40]), (.text, [0x60]), (.array, [0x80]), (.map, [0xA0]),
            (.bool, [0xF4]), (.null, [0xF6]),
        ]
        for (kind, encoded) in items {
            #expect(refusal { try integer(encoded) } == .wrongType(expected: .unsigned))
            encoded.withUnsafeBytes { buffer in
                var reader = CBORReader(buffer)
                #expect((try? reader.peekType()) == kind)
                #expect(reader.isNull == (kind == .null))
                #expect(throws: WireFault.self) {
                    if kind == .map { _ = try reader.array() } else { _ = try reader.map() }
                }
                #expect(reader.offset == 0)
            }
        }
    }

    @Test("Bytes, text, booleans, null and digests are read as written")
    func readsItems() throws {
        let digest = SHA256.digest([1])
        var writer = CBORWriter()
        writer.array(7)
        writer.bytes([1, 2, 3])
        writer.text("百川 Tributary 🏪")
        writer.bool(true)
        writer.bool(false)
        writer.null()
        writer.bytes(digest)
        writer.unsigned(7)
        try writer.withUnsafeBytes { (buffer) throws in
            var reader = CBORReader(buffer)
            try reader.array(of: 7)
            #expect(try reader.byteArray() == [1, 2, 3])
            #expect(try reader.text() == "百川 Tributary 🏪")
            #expect(try reader.bool())
            #expect(try !reader.bool())
            #expect(reader.isNull)
            try reader.null()
            #expect(try reader.digest() == digest)
            #expect(try reader.integer() == 7)
            try reader.finish()
        }
    }

    @Test("A string longer than its place allows, or a digest of another length, is refused")
    func stringLimits() throws {
        let text: [UInt8] = [0x63, 0x61, 0x62, 0x63]
        #expect(
            try read(text) { (r) throws(WireFault) in try r.text(sizeBytesMax: 3) } == "abc"
        )
        #expect(
            refusal { try read(text) { (r) throws(WireFault) in try r.text(sizeBytesMax: 2) } }
                == .tooLong
        )
        let short: [UInt8] = [0x58, 0x1F] + [UInt8](repeating: 0, count: 31)
        #expect(
            refusal { try read(short) { (r) throws(WireFault) in try r.digest() } }
                == .wrongCount(expected: 32)
        )
    }

    @Test("Text that is not UTF-8 is refused however it is read")
    func invalidUTF8() {
        let wrong: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE6, 0xB0], [0xE0, 0x80, 0x80],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0x61, 0xFE, 0x62],
        ]
        for utf8 in wrong {
            let encoded = [0x60 | UInt8(utf8.count)] + utf8
            #expect(refusal { try CBORReader.validate(encoded) } == .invalidUTF8, "\(utf8)")
            #expect(
                refusal { try read(encoded) { (r) throws(WireFault) in try r.text() } }
                    == .invalidUTF8
            )
            #expect(
                refusal {
                    try read(encoded) { (r) throws(WireFault) in try r.textBytes().count }
                } == .invalidUTF8
            )
        }
    }

    @Test("An array of another length than its place demands is refused at its first byte")
    func wrongCount() {
        let thrown = #expect(throws: WireFault.self) {
            try read([0x82, 0x01, 0x02]) { (r) throws(WireFault) in try r.array(of: 3) }
        }
        #expect(thrown == WireFault(.wrongCount(expected: 3), offset: 0))
    }

    @Test("Bytes after the item are refused at the first of them")
    func trailing() {
        let thrown = #expect(throws: WireFault.self) { try CBORReader.validate([0x01, 0x02]) }
        #expect(thrown == WireFault(.trailingBytes, offset: 1))
    }

    @Test("Skipping hands out the place of an item of any shape")
    func skipping() throws {
        var writer = CBORWriter()
        writer.integer(1)
        writer.map(2)
        writer.key(1)
        writer.array(2)
        writer.text("水")
        writer.null()
        writer.key(300)
        writer.bytes([9])
        writer.integer(-2)
        let encoded = writer.bytes
        try encoded.withUnsafeBytes { (buffer) throws in
            var reader = CBORReader(buffer)
            #expect(try reader.integer() == 1)
            let place = try reader.skip()
            #expect(place == 1..<encoded.count - 1)
            #expect([UInt8](reader.slice(place)) == [UInt8](encoded[place]))
            #expect(try reader.integer() == -2)
            try reader.finish()
        }
    }
}

/// Runs a read over all the bytes.
func read<T>(
    _ bytes: [UInt8],
    _ body: (inout CBORReader) throws(WireFault) -> T
) throws(WireFault) -> T {
    try CBORReader.read(bytes, body)
}

func integer(_ bytes: [UInt8]) throws(WireFault) -> Int64 {
    try CBORReader.read(bytes) { (reader) throws(WireFault) in try reader.integer() }
}

/// Why a call refuses, or nil when it does not.
func refusal<T>(_ body: () throws -> T) -> WireFault.Reason? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? WireFault)?.reason
    }
}

/// A head with an argument of a chosen size (0: inside the initial byte), or nil if it cannot be.
func headOf(_ major: UInt8, _ argument: UInt64, _ size: Int) -> [UInt8]? {
    if size == 0 { return argument < 24 ? [major << 5 | UInt8(argument)] : nil }
    if size < 8, argument >> UInt64(size * 8) != 0 { return nil }
    let information: [Int: UInt8] = [1: 24, 2: 25, 4: 26, 8: 27]
    guard let low = information[size] else { return nil }
    let bytes = (0..<size).reversed().map { UInt8(truncatingIfNeeded: argument >> UInt64($0 * 8)) }
    return [major << 5 | low] + bytes
}

func shortest(_ value: UInt64) -> Int {
    switch value {
    case ..<24: 0
    case ...0xFF: 1
    case ...0xFFFF: 2
    case ...0xFFFF_FFFF: 4
    default: 8
    }
}
