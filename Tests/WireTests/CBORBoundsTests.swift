// What a sender with bad intentions may send: depth, declared sizes, half items, keys out of order.

import Testing
import Wire

@Suite("CBOR within bounds")
struct CBORBoundsTests {
    @Test("Arrays and maps nest as deep as the limit, and not one deeper")
    func depth() throws {
        let limit = Limits.depthMax
        for profile in [CBORReader.Profile.commits, .anyKeys] {
            for opening: [UInt8] in [[0x81], [0xA1, 0x00]] {
                let deepest = repeated(opening, limit) + [0x00]
                #expect(throws: Never.self) {
                    try CBORReader.validate(deepest, profile: profile)
                }
                let value = try CBORValue(decoding: deepest, profile: profile)
                #expect(try value.encoded() == deepest)
                let tooDeep = repeated(opening, limit + 1) + [0x00]
                let thrown = #expect(throws: WireFault.self) {
                    try CBORReader.validate(tooDeep, profile: profile)
                }
                #expect(thrown == WireFault(.depth, offset: opening.count * limit))
                #expect(throws: WireFault.self) {
                    try CBORValue.array([value]).encoded()
                }
            }
        }
    }

    @Test("The depth at which an item stands counts")
    func depthOfPlace() {
        let item: [UInt8] = repeated([0x81], 10) + [0x00]
        item.withUnsafeBytes { buffer in
            var fits = CBORReader(buffer)
            #expect(throws: Never.self) { try fits.skip(depth: Limits.depthMax - 10) }
            var exceeds = CBORReader(buffer)
            #expect(throws: WireFault.self) { try exceeds.skip(depth: Limits.depthMax - 9) }
        }
    }

    @Test("Two hundred thousand opened arrays, maps or keys are refused at once")
    func bombs() {
        for opening: [UInt8] in [[0x81], [0x9F], [0xA1, 0x00], [0xA1], [0xD8, 0x01], [0x5F]] {
            let bomb = repeated(opening, 200_000)
            for profile in [CBORReader.Profile.commits, .anyKeys] {
                #expect(throws: WireFault.self) {
                    try CBORReader.validate(bomb, profile: profile)
                }
                #expect(throws: WireFault.self) {
                    try CBORValue(decoding: bomb, profile: profile)
                }
            }
        }
    }

    @Test("A declared size beyond what follows is refused where it is declared")
    func declaredSizes() {
        for major: UInt8 in 2...5 {
            for declared: UInt64 in [2, 24, 70_000, 1 << 32, 1 << 62, 1 << 63, .max] {
                guard let head = headOf(major, declared, shortest(declared)) else { continue }
                let encoded = [0x81] + head + [0x00]
                let thrown = #expect(throws: WireFault.self) { try CBORReader.validate(encoded) }
                #expect(thrown == WireFault(.truncated, offset: 1), "\(hex(encoded))")
                #expect(throws: WireFault.self) { try CBORValue(decoding: encoded) }
            }
        }
    }

    @Test("A map needs two bytes for each declared entry")
    func declaredEntries() {
        let thrown = #expect(throws: WireFault.self) {
            try CBORReader.validate([0x81, 0xA2, 0x00, 0x00, 0x01])
        }
        #expect(thrown == WireFault(.truncated, offset: 1))
    }

    @Test("An item cut off at any byte is refused as truncated")
    func truncations() throws {
        let whole = try sample().encoded()
        #expect(throws: Never.self) { try CBORReader.validate(whole) }
        for length in 0..<whole.count {
            let part = [UInt8](whole.prefix(length))
            #expect(refusal { try CBORReader.validate(part) } == .truncated, "\(length) bytes")
            #expect(refusal { try CBORValue(decoding: part) } == .truncated)
        }
    }

    @Test("Keys of a commit ascend, are unique, and are unsigned integers")
    func numberedKeys() {
        let cases: [([UInt8], WireFault)] = [
            ([0xA2, 0x02, 0x00, 0x01, 0x00], WireFault(.unsortedKeys, offset: 3)),
            ([0xA2, 0x01, 0x00, 0x01, 0x00], WireFault(.duplicateKey, offset: 3)),
            ([0xA2, 0x18, 0x18, 0x00, 0x17, 0x00], WireFault(.unsortedKeys, offset: 4)),
            ([0xA1, 0x20, 0x00], WireFault(.keyType, offset: 1)),
            ([0xA1, 0x41, 0x61, 0x00], WireFault(.keyType, offset: 1)),
            ([0xA1, 0x61, 0x61, 0x00], WireFault(.keyType, offset: 1)),
        ]
        for (encoded, fault) in cases {
            let thrown = #expect(throws: WireFault.self) { try CBORReader.validate(encoded) }
            #expect(thrown == fault, "\(hex(encoded))")
        }
    }

    @Test("Keys of any kind are in the order of their encoded bytes, and unique")
    func anyKeys() throws {
        // In order: unsigned, negative, bytes, text by length and bytes, array, false.
        let keys = ["00", "17", "1818", "20", "4100", "6161", "6162", "626161", "80", "f4"]
            .compactMap { bytes(hex: $0) }
        for (index, one) in keys.enumerated() {
            for (other, second) in keys.enumerated() {
                let encoded = [0xA2] + one + [0x00] + second + [0x00]
                let expected: WireFault.Reason? =
                    index < other ? nil : index == other ? .duplicateKey : .unsortedKeys
                let found = refusal { try CBORReader.validate(encoded, profile: .anyKeys) }
                #expect(found == expected, "\(hex(encoded))")
            }
        }
    }

    @Test("Reading keys one by one finds the same faults")
    func keysOneByOne() throws {
        func keys(_ encoded: [UInt8]) throws(WireFault) -> [Int64] {
            try CBORReader.read(encoded) { (reader) throws(WireFault) in
                var result: [Int64] = []
                for _ in 0..<(try reader.map()) {
                    result.append(try reader.nextKey(after: result.last))
                    try reader.skip()
                }
                return result
            }
        }
        #expect(try keys([0xA2, 0x01, 0x00, 0x18, 0x20, 0x80]) == [1, 32])
        #expect(refusal { try keys([0xA2, 0x02, 0x00, 0x01, 0x00]) } == .unsortedKeys)
        #expect(refusal { try keys([0xA2, 0x02, 0x00, 0x02, 0x00]) } == .duplicateKey)
        #expect(refusal { try keys([0xA1, 0x20, 0x00]) } == .keyType)
        #expect(refusal { try keys([0xA1]) } == .truncated)
    }

    private func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        [UInt8](repeatElement(bytes, count: count).joined())
    }

    /// A value in which every kind and every size of head occurs.
    private func sample() -> CBORValue {
        .array([
            .integer(5), .integer(200), .integer(-70_000), .integer(.max), .integer(.min),
            .text("水"), .text(String(repeating: "山泉", count: 60)),
            .bytes([UInt8](repeating: 7, count: 300)),
            .map([
                .init(0, .null), .init(30, .bool(true)),
                .init(70_000, .array([.map([]), .array([])])),
            ]),
            .bool(false),
        ])
    }
}
