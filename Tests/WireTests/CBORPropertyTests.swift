// Properties over seeded values and mutations: what is accepted comes back byte for byte.
// To repeat one run, give its seed as the only argument of the test.

import Kernel
import Testing
import Wire

@Suite("CBOR properties")
struct CBORPropertyTests {
    static let seeds: [UInt64] = [1, 2, 3, 4]

    @Test("A value written and read is the same, and its bytes are too", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var draw = SeededRandom(seed: seed)
        for round in 0..<500 {
            let profile: CBORReader.Profile = round.isMultiple(of: 2) ? .commits : .anyKeys
            let value = CBORValue.drawn(&draw, depth: 0, profile)
            let encoded = try value.encoded()
            let decoded = try CBORValue(decoding: encoded, profile: profile)
            #expect(decoded == value, "seed \(seed), round \(round): \(hex(encoded))")
            #expect(try decoded.encoded() == encoded)
        }
    }

    @Test("A mutated item is refused, or is itself a deterministic item", arguments: seeds)
    func mutations(seed: UInt64) throws {
        var draw = SeededRandom(seed: seed)
        var refused = 0
        var accepted = 0
        for round in 0..<3000 {
            let profile: CBORReader.Profile = round.isMultiple(of: 2) ? .commits : .anyKeys
            var encoded = try CBORValue.drawn(&draw, depth: 0, profile).encoded()
            for _ in 0...draw.below(3) { mutate(&encoded, &draw) }
            do {
                let value = try CBORValue(decoding: encoded, profile: profile)
                let again = try value.encoded()
                #expect(again == encoded, "seed \(seed), round \(round): \(hex(encoded))")
                accepted += 1
            } catch {
                #expect((0...encoded.count).contains(error.offset), "\(error) \(hex(encoded))")
                refused += 1
            }
        }
        // Neither side of the property may be empty, or the test would show nothing.
        #expect(refused > 500)
        #expect(accepted > 100)
    }

    @Test("Random bytes are refused, or are a deterministic item", arguments: seeds)
    func randomBytes(seed: UInt64) throws {
        var draw = SeededRandom(seed: seed)
        for round in 0..<5000 {
            let random = draw.bytes(1 + draw.below(12))
            guard let value = try? CBORValue(decoding: random, profile: .anyKeys) else { continue }
            #expect(try value.encoded() == random, "seed \(seed), round \(round): \(hex(random))")
        }
    }

    @Test("Reading past any fault with any call never traps", arguments: seeds)
    func anyCalls(seed: UInt64) throws {
        var draw = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            var encoded = try CBORValue.drawn(&draw, depth: 0, .anyKeys).encoded()
            mutate(&encoded, &draw)
            encoded.withUnsafeBytes { buffer in
                var reader = CBORReader(buffer)
                for _ in 0..<20 {
                    let before = reader.offset
                    let failed = refusal { try call(draw.below(11), &reader) } != nil
                    #expect(reader.offset >= before && reader.offset <= buffer.count)
                    if failed, draw.below(4) == 0 { break }
                }
            }
        }
    }

    private func call(_ number: Int, _ reader: inout CBORReader) throws(WireFault) {
        switch number {
        case 0: _ = try reader.integer()
        case 1: _ = try reader.unsigned(atMost: 1000)
        case 2: _ = try reader.byteArray()
        case 3: _ = try reader.text()
        case 4: _ = try reader.array()
        case 5: _ = try reader.map()
        case 6: _ = try reader.bool()
        case 7: try reader.null()
        case 8: _ = try reader.nextKey(after: 3)
        case 9: _ = try reader.digest()
        default: _ = try reader.skip()
        }
    }

    /// Changes a byte, a bit, cuts, inserts, doubles or swaps.
    private func mutate(_ bytes: inout [UInt8], _ draw: inout SeededRandom) {
        guard !bytes.isEmpty else {
            bytes = draw.bytes(1)
            return
        }
        let place = draw.below(bytes.count)
        switch draw.below(6) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: draw.next())
        case 1: bytes[place] ^= 1 << UInt8(draw.below(8))
        case 2: bytes.removeLast(bytes.count - place)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: draw.next()), at: place)
        case 4: bytes.remove(at: place)
        default: bytes.swapAt(place, draw.below(bytes.count))
        }
    }
}

extension CBORValue {
    /// A value of any shape, whose maps have their keys in order.
    static func drawn(
        _ draw: inout SeededRandom,
        depth: Int,
        _ profile: CBORReader.Profile
    ) -> CBORValue {
        switch draw.below(depth < 4 ? 10 : 6) {
        case 0: return .integer(Int64(draw.below(50)) - 25)
        case 1: return .integer(Int64(truncatingIfNeeded: draw.next() >> UInt64(draw.below(64))))
        case 2: return .integer(~Int64(draw.next() >> UInt64(1 + draw.below(63))))
        case 3: return .bytes(draw.bytes(draw.below(40)))
        case 4: return .text(drawnText(&draw))
        case 5: return [.null, .bool(true), .bool(false)][draw.below(3)]
        case 6, 7:
            return .array((0..<draw.below(6)).map { _ in drawn(&draw, depth: depth + 1, profile) })
        default: return drawnMap(&draw, depth: depth + 1, profile)
        }
    }

    private static func drawnText(_ draw: inout SeededRandom) -> String {
        let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "é", "水", "\u{10151}", "\u{0}"]
        var text = ""
        for _ in 0..<draw.below(20) {
            text.unicodeScalars.append(scalars[draw.below(scalars.count)])
        }
        return text
    }

    private static func drawnMap(
        _ draw: inout SeededRandom,
        depth: Int,
        _ profile: CBORReader.Profile
    ) -> CBORValue {
        var entries: [(key: [UInt8], entry: Entry)] = []
        for _ in 0..<draw.below(6) {
            let key: CBORValue =
                profile == .commits
                ? .integer(Int64(draw.next() >> UInt64(40 + draw.below(24))))
                : drawn(&draw, depth: depth, profile)
            guard let encoded = try? key.encoded(),
                !entries.contains(where: { $0.key == encoded })
            else { continue }
            let value = drawn(&draw, depth: depth, profile)
            entries.append((encoded, Entry(key: key, value: value)))
        }
        return .map(entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.entry))
    }
}
