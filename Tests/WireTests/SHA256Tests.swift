// SHA-256 and HMAC against NIST (CAVS 11.0) and RFC 4231, and the ways to feed them.

import Kernel
import Testing
import Wire

@Suite("SHA-256 and HMAC")
struct SHA256Tests {
    @Test("The hash of nothing and of abc are those of FIPS 180-4")
    func knownHashes() {
        #expect(
            hex(SHA256.hash([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            SHA256.digest([UInt8]("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test(
        "Every NIST message hashes to its digest",
        .enabled(if: Vectors.areThere, Vectors.notice),
        arguments: [("SHA256ShortMsg.rsp", 65), ("SHA256LongMsg.rsp", 64)]
    )
    func nistMessages(file: String, count: Int) throws {
        var checked = 0
        for record in try Vectors.records(file) {
            guard let length = record["Len"].flatMap({ Int($0) }) else { continue }
            let message = try #require(record["Msg"].flatMap { bytes(hex: $0) })
            let digest = SHA256.digest([UInt8](message.prefix(length / 8)))
            #expect(digest.hex == record["MD"], "\(file), length \(length)")
            checked += 1
        }
        #expect(checked == count)
    }

    @Test(
        "The NIST Monte Carlo chain of 100,000 hashes gives its checkpoints",
        .enabled(if: Vectors.areThere, Vectors.notice)
    )
    func nistMonteCarlo() throws {
        let records = try Vectors.records("SHA256Monte.rsp")
        let start = try #require(records.compactMap { $0["Seed"] }.first)
        var seed = try #require(bytes(hex: start).flatMap { Digest32($0) })
        var checked = 0
        for record in records {
            guard let expected = record["MD"] else { continue }
            var last = (seed, seed, seed)
            for _ in 0..<1000 {
                var hasher = SHA256.Hasher()
                hasher.update(last.0)
                hasher.update(last.1)
                hasher.update(last.2)
                last = (last.1, last.2, hasher.finalize())
            }
            seed = last.2
            #expect(seed.hex == expected, "checkpoint \(record["COUNT"] ?? "?")")
            checked += 1
        }
        #expect(checked == 100)
    }

    @Test(
        "Every RFC 4231 case authenticates to its code",
        .enabled(if: Vectors.areThere, Vectors.notice)
    )
    func rfc4231() throws {
        var checked = 0
        for record in try Vectors.records("rfc-4231-sha256.txt") {
            guard let key = record["Key"].flatMap({ bytes(hex: $0) }) else { continue }
            let message = try #require(record["Msg"].flatMap { bytes(hex: $0) })
            #expect(HMACSHA256.authenticate(message, key: key).hex == record["MD"])
            #expect(HMACSHA256.Key(key).authenticate(message).hex == record["MD"])
            checked += 1
        }
        #expect(checked == 6)
    }

    @Test("A message in pieces of any size hashes as the whole")
    func pieces() {
        var draw = SeededRandom(seed: 4)
        for length in 0...300 {
            let message = draw.bytes(length)
            var hasher = SHA256.Hasher()
            var rest = message[...]
            while !rest.isEmpty {
                let size = draw.below(100)
                hasher.update([UInt8](rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(hasher.finalize() == SHA256.digest(message), "seed 4, length \(length)")
            #expect(hasher.finalize() == hasher.finalize())
        }
    }

    @Test("A step of a chain is the hash of the previous digest followed by the bytes")
    func chainStep() {
        var draw = SeededRandom(seed: 5)
        var head = Digest32.zero
        for length in 0...200 {
            let commit = draw.bytes(length)
            let whole = SHA256.digest(head.bytes + commit)
            head = SHA256.digest(previous: head, then: commit)
            #expect(head == whole, "seed 5, length \(length)")
        }
    }

    @Test("A digest keeps its bytes, their order, and refuses any other length")
    func digests() throws {
        var draw = SeededRandom(seed: 6)
        for _ in 0..<200 {
            let (one, other) = (draw.bytes(32), draw.bytes(32))
            let left = try #require(Digest32(one))
            let right = try #require(Digest32(other))
            #expect(left.bytes == one)
            #expect(left.hex == hex(one))
            #expect((left < right) == one.lexicographicallyPrecedes(other))
            #expect(constantTimeEquals(left, right) == (one == other))
            #expect(constantTimeEquals(left, left))
            #expect(left.leading128 == one.prefix(16).reduce(0) { $0 << 8 | UInt128($1) })
            #expect(left.leading32 == one.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        }
        for length in [0, 31, 33] { #expect(Digest32([UInt8](repeating: 1, count: length)) == nil) }
    }

    @Test("Comparing in constant time finds a difference in any single bit")
    func constantTime() {
        let original = SHA256.hash([1, 2, 3])
        for index in 0..<256 {
            var changed = original
            changed[index / 8] ^= 1 << UInt8(index % 8)
            #expect(!constantTimeEquals(original, changed))
            #expect(Digest32(original) != Digest32(changed))
        }
        #expect(constantTimeEquals(original, original))
        #expect(!constantTimeEquals(original, [UInt8](original.dropLast())))
    }
}
