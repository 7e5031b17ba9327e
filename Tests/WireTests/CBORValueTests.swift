// The writer and the value: what they write, and how a value reads as text.

import Kernel
import Testing
import Wire

@Suite("Writing CBOR, and values")
struct CBORValueTests {
    @Test("The writer takes the shortest form at every boundary, of either sign")
    func writerBoundaries() {
        let boundaries: [UInt64] = [
            0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296,
            UInt64(Int64.max),
        ]
        for value in boundaries {
            var writer = CBORWriter()
            writer.unsigned(value)
            writer.integer(Int64(value))
            writer.integer(-1 - Int64(value))
            let positive = headOf(0, value, shortest(value)) ?? []
            let negative = headOf(1, value, shortest(value)) ?? []
            #expect(writer.bytes == positive + positive + negative)
        }
    }

    @Test("A writer grows over its room, keeps its bytes, and can be emptied and used again")
    func writerGrowth() throws {
        var draw = SeededRandom(seed: 9)
        for capacity in [0, 1, 100, 5000] {
            var writer = CBORWriter(capacity: capacity)
            var expected: [UInt8] = []
            for size in [0, 1, 60, 64, 65, 300, 4000, 70_000] {
                let value = draw.bytes(size)
                writer.bytes(value)
                expected += (headOf(2, UInt64(size), shortest(UInt64(size))) ?? []) + value
                writer.null()
                expected.append(0xF6)
                #expect(writer.count == expected.count)
            }
            #expect(writer.bytes == expected)
            #expect(writer.withUnsafeBytes { [UInt8]($0) } == expected)
            var copy = writer
            writer.removeAll()
            writer.raw([0xF5])
            #expect(writer.bytes == [0xF5])
            copy.bool(false)
            #expect(copy.bytes == expected + [0xF4])
        }
    }

    @Test("A map made by hand is written in the order of its encoded keys")
    func sortsKeys() throws {
        let value = CBORValue.map([
            .init(key: .text("b"), value: .integer(1)), .init(256, .integer(2)),
            .init(key: .text("aa"), value: .integer(3)), .init(-1, .integer(4)),
            .init(24, .integer(5)), .init(key: .text("a"), value: .integer(6)),
        ])
        let encoded = try value.encoded()
        #expect(hex(encoded) == "a618180519010002200461610661620162616103")
        #expect(throws: Never.self) { try CBORReader.validate(encoded, profile: .anyKeys) }
    }

    @Test("A map with one key twice is not written")
    func duplicateKeys() {
        let value = CBORValue.map([.init(1, .null), .init(2, .null), .init(1, .bool(true))])
        #expect(refusal { try value.encoded() } == .duplicateKey)
    }

    @Test("A value reads as diagnostic notation and as JSON")
    func texts() {
        let value = CBORValue.map([
            .init(1, .bytes([0, 255])), .init(2, .text("a\"\\\n\u{1}水")),
            .init(3, .array([.null, .bool(true), .bool(false), .integer(-5)])),
            .init(key: .text("k"), value: .map([])),
            .init(key: .array([.integer(1)]), value: .integer(.max)),
        ])
        #expect(
            value.diagnostic
                == #"{1: h'00ff', 2: "a\"\\\n\u0001水", 3: [null, true, false, -5], "k": {}, "#
                + "[1]: 9223372036854775807}"
        )
        #expect(
            value.json
                == #"{"1":"00ff","2":"a\"\\\n\u0001水","3":[null,true,false,-5],"k":{},"#
                + #""[1]":9223372036854775807}"#
        )
        #expect(value.description == value.diagnostic)
    }
}
