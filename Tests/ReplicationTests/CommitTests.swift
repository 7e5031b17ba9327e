// The bytes of commits: what is written is read back, and nothing else is taken.

import Kernel
import Replication
import Testing
import Wire

@Suite("Commit bytes")
struct CommitTests {
    @Test("every part of an envelope survives encoding and decoding")
    func roundTrip() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let header = CommitTests.header(&random)
            let changes = (0..<header.changeCount).map { _ in CommitTests.change(&random) }
            let bytes = CommitCodec.encode(header, changes: changes)
            let read = try CommitCodec.header(of: bytes)
            #expect(read.id == header.id)
            #expect(read.clock == header.clock)
            #expect(read.wall == header.wall)
            #expect(read.author == header.author)
            #expect(read.audiences == header.audiences)
            #expect(read.flags == header.flags)
            #expect(read.kinds == changes.map(\.kind))
            #expect(try CommitCodec.changes(of: bytes) == changes)
        }
    }

    @Test("a commit cut anywhere, or with a byte more, is refused")
    func cuts() throws {
        var random = SeededRandom(seed: 11)
        let header = CommitTests.header(&random)
        let changes = (0..<header.changeCount).map { _ in CommitTests.change(&random) }
        let bytes = CommitCodec.encode(header, changes: changes)
        for end in 0..<bytes.count {
            #expect(throws: WireFault.self) { try CommitCodec.header(of: Array(bytes[..<end])) }
        }
        #expect(throws: WireFault.self) { try CommitCodec.header(of: bytes + [0]) }
    }

    @Test("audiences out of order, twice, or of an unknown class are refused")
    func audienceOrder() {
        for pairs: [[Int64]] in [
            [[2, 9], [0, 0]], [[2, 9], [2, 9]], [[6, 1]], [[0, 1]], [[2, 0]], [],
        ] {
            var writer = CBORWriter()
            writer.array(9)
            for value: Int64 in [1, 5, 1, 0, 0, 0] { writer.integer(value) }
            writer.array(pairs.count)
            for pair in pairs {
                writer.array(2)
                writer.integer(pair[0])
                writer.integer(pair[1])
            }
            writer.map(0)
            writer.array(1)
            writer.array(2)
            writer.integer(1)
            writer.map(0)
            let bytes = writer.bytes
            #expect(throws: WireFault.self) { try CommitCodec.header(of: bytes) }
        }
    }

    @Test("an unknown flag is kept and reported")
    func unknownFlag() throws {
        var writer = CBORWriter()
        writer.array(9)
        for value: Int64 in [1, 5, 1, 0, 0, 0] { writer.integer(value) }
        writer.array(1)
        writer.array(2)
        writer.integer(0)
        writer.integer(0)
        writer.map(1)
        writer.key(8)
        writer.text("from the future")
        writer.array(1)
        writer.array(2)
        writer.integer(1)
        writer.map(0)
        #expect(try CommitCodec.header(of: writer.bytes).flags.hasUnknown)
    }

    static func change(_ random: inout SeededRandom) -> DraftChange {
        var writer = CBORWriter()
        writer.map(2)
        writer.key(1)
        writer.integer(Int64(random.int(in: -1_000_000...1_000_000)))
        writer.key(2)
        writer.text("可口可乐 330ml")
        return DraftChange(
            kind: Kind(rawValue: UInt16(random.int(in: 0...0xffff))),
            body: writer.bytes
        )
    }

    static func header(_ random: inout SeededRandom) -> CommitHeader {
        var flags = CommitFlags()
        if random.bool(chance: 500) { flags.blind = random.bytes(16) }
        if random.bool(chance: 300) { flags.act = .init(index: 1, count: 3) }
        if random.bool(chance: 300) { flags.was = SHA256.digest(random.bytes(8)) }
        if random.bool(chance: 300) {
            flags.personal = [.init(subject: 77, hash: SHA256.digest(random.bytes(4)))]
        }
        if random.bool(chance: 300) {
            flags.needs = [ChangeID(replica: ReplicaNumber(3), sequence: 9)]
        }
        if random.bool(chance: 300) {
            flags.forkedFrom = .init(
                replica: ReplicaNumber(7),
                lastCommon: 100,
                hash: SHA256.digest(random.bytes(4))
            )
        }
        return CommitHeader(
            replica: ReplicaNumber(UInt32(random.int(in: 0...2_097_151))),
            firstSequence: UInt32(random.int(in: 1...4_000_000_000)),
            clock: ClockStamp(Int64(random.int(in: 0...(1 << 53) - 1))),
            wall: WallTime(milliseconds: Int64(random.int(in: -1_000_000_000...4_000_000_000))),
            author: Int64(random.int(in: 0...(1 << 53) - 1)),
            audiences: [.everyone, .branch(9), .neighbours(of: 4)].sorted(),
            flags: flags,
            changeCount: random.int(in: 1...5)
        )
    }
}
