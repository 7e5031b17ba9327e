// Deflated bodies: what comes back, and what a damaged, endless or padded one is refused for.

import Kernel
import Testing
import Wire

@Suite("Deflate")
struct DeflateTests {
    @Test("Bytes of every kind come back, at every level")
    func roundTrip() throws {
        var draw = SeededRandom(seed: 11)
        for size in [0, 1, 100, 65_535, 65_536, 65_537, 300_000] {
            let random = draw.bytes(size)
            let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
            for level: Int32 in [-1, 0, 1, 6, 9] {
                for original in [random, plain] {
                    let deflated = try Deflate.compress(original, level: level)
                    let inflated = try Deflate.inflate(deflated, limit: size)
                    #expect(inflated == original, "\(size) bytes at level \(level)")
                }
            }
        }
    }

    @Test("A stream made by another program inflates")
    func foreignStream() throws {
        let deflated = try #require(bytes(hex: "78dacb48cdc9c957c8402701680308b1"))
        let inflated = try Deflate.inflate(deflated, limit: 100)
        #expect(String(decoding: inflated, as: UTF8.self) == "hello hello hello hello")
    }

    @Test("A stream may inflate to its limit, and to not one byte more")
    func limit() throws {
        for size in [1, 100, 65_536, 65_537, 1_000_000] {
            let deflated = try Deflate.compress([UInt8](repeating: 1, count: size))
            #expect(try Deflate.inflate(deflated, limit: size).count == size)
            #expect(refusal { try Deflate.inflate(deflated, limit: size - 1) } == .inflateLimit)
            #expect(refusal { try Deflate.inflate(deflated, limit: 0) } == .inflateLimit)
        }
    }

    @Test("A bomb is refused as soon as it passes the limit, and hands out no more than that")
    func bomb() throws {
        let deflated = try Deflate.compress([UInt8](repeating: 0, count: 64 << 20), level: 9)
        #expect(deflated.count < 80_000)
        var handedOut = 0
        let thrown = #expect(throws: WireFault.self) {
            var inflater = try Inflater(limit: 1 << 20)
            try deflated.withUnsafeBytes { buffer in
                try inflater.feed(buffer) { (chunk) throws(WireFault) in
                    handedOut += chunk.count
                }
            }
        }
        #expect(thrown?.reason == .inflateLimit)
        #expect(handedOut <= 1 << 20)
        // Refused near the beginning: a 64th of the bytes were looked at, and the window.
        #expect((thrown?.offset ?? .max) < deflated.count / 16)
    }

    @Test("A stream fed in pieces of any size inflates as the whole")
    func pieces() throws {
        var draw = SeededRandom(seed: 12)
        let original = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 1000) }
        let deflated = try Deflate.compress(original)
        for most in [1, 2, 17, 1000, 100_000] {
            var inflater = try Inflater(limit: original.count)
            var result: [UInt8] = []
            var rest = deflated[...]
            while !rest.isEmpty {
                let isEarly = inflater.isComplete
                #expect(!isEarly)
                let piece = [UInt8](rest.prefix(1 + draw.below(most)))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { buffer in
                    try inflater.feed(buffer) { (chunk) throws(WireFault) in
                        result.append(contentsOf: chunk)
                    }
                }
            }
            try inflater.finish()
            let produced = inflater.produced
            #expect(produced == original.count)
            #expect(result == original, "seed 12, pieces up to \(most)")
        }
    }

    @Test("Bytes after the end of the stream are refused, in one piece or in the next")
    func trailing() throws {
        let deflated = try Deflate.compress([1, 2, 3])
        let thrown = #expect(throws: WireFault.self) {
            try Deflate.inflate(deflated + [0], limit: 100)
        }
        #expect(thrown == WireFault(.trailingBytes, offset: deflated.count))
        #expect(refusal { try Deflate.inflate(deflated + deflated, limit: 100) } == .trailingBytes)
        var inflater = try Inflater(limit: 100)
        try deflated.withUnsafeBytes { try inflater.feed($0) { (_) throws(WireFault) in } }
        let isComplete = inflater.isComplete
        #expect(isComplete)
        var reason: WireFault.Reason?
        [UInt8(0)].withUnsafeBytes { buffer in
            do throws(WireFault) {
                try inflater.feed(buffer) { (_) throws(WireFault) in }
            } catch {
                reason = error.reason
            }
        }
        #expect(reason == .trailingBytes)
    }

    @Test("A wrong checksum is refused, whichever of its bits is wrong")
    func checksum() throws {
        let deflated = try Deflate.compress([UInt8]("百川".utf8))
        for bit in 0..<32 {
            var wrong = deflated
            wrong[wrong.count - 1 - bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(refusal { try Deflate.inflate(wrong, limit: 100) } == .badChecksum)
        }
    }

    @Test("A stream cut off at any byte is refused as truncated, an empty one too")
    func truncated() throws {
        var draw = SeededRandom(seed: 13)
        let deflated = try Deflate.compress(draw.bytes(40) + [UInt8](repeating: 5, count: 2000))
        for length in 0..<deflated.count {
            let part = [UInt8](deflated.prefix(length))
            let thrown = #expect(throws: WireFault.self) {
                try Deflate.inflate(part, limit: 10_000)
            }
            #expect(thrown == WireFault(.truncated, offset: length))
        }
    }

    @Test("What is not a zlib stream is refused: raw deflate, gzip, text, a preset dictionary")
    func notZlib() {
        let others = ["4bcbcf07", "1f8b0800000000000003", "68656c6c6f", "78bb000000010000"]
        for text in others {
            let stream = bytes(hex: text) ?? []
            #expect(refusal { try Deflate.inflate(stream, limit: 100) } == .badStream, "\(text)")
        }
    }

    @Test("A mutated stream is refused, or gives within the limit what its checksum covers")
    func mutations() throws {
        var draw = SeededRandom(seed: 14)
        let original = [UInt8](repeating: 65, count: 500) + draw.bytes(100)
        let deflated = try Deflate.compress(original, level: 6)
        var refused = 0
        for round in 0..<3000 {
            var wrong = deflated
            wrong[draw.below(wrong.count)] ^= 1 << UInt8(draw.below(8))
            do {
                let inflated = try Deflate.inflate(wrong, limit: 1000)
                #expect(inflated == original, "seed 14, round \(round)")
            } catch {
                refused += 1
            }
        }
        #expect(refused > 2500)
    }
}
