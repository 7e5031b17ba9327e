// Receiving: what a chain proves is taken, and every other claim is answered with what is known.

import Kernel
import Replication
import SQLite
import Testing
import Wire

/// Randomness from a seed, for logs in memory.
final class LogTestRandom: RandomSource, @unchecked Sendable {
    // Why: a test uses it on one thread.
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
}

@Suite("Receiving into a log")
struct LogReceiveTests {
    let realm = [UInt8](repeating: 7, count: 16)
    let wall = WallTime(milliseconds: 1_795_000_000_000)

    func log(isHeadquarters: Bool, seed: UInt64) throws -> Log {
        try Log.create(
            database: Database(path: ":memory:"),
            random: LogTestRandom(seed: seed),
            realm: realm,
            isHeadquarters: isHeadquarters
        )
    }

    func branch(_ number: UInt32, incarnation: UInt8 = 1) throws -> Log {
        let branch = try log(isHeadquarters: false, seed: UInt64(number))
        try branch.write {
            try branch.adopt(
                ReplicaNumber(number),
                incarnation: [UInt8](repeating: incarnation, count: 16),
                device: Int64(number)
            )
        }
        return branch
    }

    /// Writes acts of the given numbers of commits.
    func write(_ acts: [Int], to log: Log) throws {
        for commits in acts {
            var act = Act(first: try log.nextID(), author: 0)
            for number in 0..<commits {
                act.begin([.neighbours(of: Int64(number + 1))])
                var writer = CBORWriter()
                writer.map(1)
                writer.key(1)
                writer.integer(act.nextID.rawValue)
                act.add(Kind(module: 2, 1), writer.bytes)
            }
            try log.append(act, at: wall)
        }
    }

    /// Receives the commits `range` (0-based) of a branch's log.
    func send(
        _ range: Range<Int>,
        of branch: Log,
        to hq: Log,
        spoil: (inout [[UInt8]]) -> Void = { _ in }
    ) throws -> ReceiveOutcome {
        let own = try #require(branch.own)
        let all = try branch.reader.commits(of: own.replica, after: 0, limit: 10_000)
        let part = Array(all[range])
        let start = Chain.start(
            realm: realm,
            replica: own.replica,
            incarnation: own.incarnation
        )
        let last = try #require(part.last)
        var bytes = part.map(\.bytes)
        spoil(&bytes)
        let flat = bytes.flatMap { $0 }
        return try flat.withUnsafeBytes { raw in
            var commits: [UnsafeRawBufferPointer] = []
            var at = 0
            for item in bytes {
                commits.append(UnsafeRawBufferPointer(rebasing: raw[at..<at + item.count]))
                at += item.count
            }
            let batch = IncomingBatch(
                device: 1,
                replica: own.replica,
                incarnation: own.incarnation,
                first: part[0].id.sequence,
                last: try #require(last.header).lastSequence,
                before: range.lowerBound == 0 ? start : all[range.lowerBound - 1].hash,
                head: last.hash,
                mac: .zero,
                commits: commits
            )
            return try hq.write { try hq.receive(batch) }
        }
    }

    @Test("what a branch wrote arrives verbatim, once, whatever is sent again")
    func resend() throws {
        let branch = try branch(5)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1, 1, 1, 1, 1, 1], to: branch)
        let head = try #require(branch.own)
        #expect(try send(0..<2, of: branch, to: hq).isTaken(2))
        #expect(try send(0..<2, of: branch, to: hq).isKnown)
        #expect(try send(1..<4, of: branch, to: hq).isTaken(2))
        #expect(try send(0..<6, of: branch, to: hq).isTaken(2))
        #expect(hq.end == 6)
        #expect(try hq.reader.head(of: head.replica)?.hash == head.hash)
        let sent = try branch.reader.commits(of: head.replica, after: 0, limit: 9)
        let taken = try hq.reader.commits(of: head.replica, after: 0, limit: 9)
        #expect(sent.map(\.bytes) == taken.map(\.bytes))
        #expect(try hq.reader.logHash(at: 6) == hq.chainHash)
    }

    @Test("a gap is answered with the head that is kept")
    func gap() throws {
        let branch = try branch(5)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1, 1, 1], to: branch)
        guard case .gap(let head) = try send(1..<3, of: branch, to: hq) else {
            Issue.record("a gap was not seen")
            return
        }
        #expect(head.last == 0)
        #expect(hq.end == 0)
    }

    @Test("two histories under one number are a fork, and nothing is taken")
    func fork() throws {
        let first = try branch(5)
        let second = try branch(5)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1, 1], to: first)
        try write([1, 2], to: second)
        #expect(try send(0..<2, of: first, to: hq).isTaken(2))
        guard case .fork = try send(0..<3, of: second, to: hq) else {
            Issue.record("a fork was not seen")
            return
        }
        #expect(hq.end == 2)
    }

    @Test("one number under two incarnations is told apart")
    func otherIncarnation() throws {
        let first = try branch(5)
        let second = try branch(5, incarnation: 2)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1], to: first)
        try write([1], to: second)
        #expect(try send(0..<1, of: first, to: hq).isTaken(1))
        guard case .otherIncarnation = try send(0..<1, of: second, to: hq) else {
            Issue.record("a second incarnation was not seen")
            return
        }
    }

    @Test("an act that the batch cuts is left for the next one")
    func openAct() throws {
        let branch = try branch(5)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1, 3], to: branch)
        #expect(try send(0..<3, of: branch, to: hq).isTaken(1))
        #expect(try send(1..<4, of: branch, to: hq).isTaken(3))
        #expect(hq.end == 4)
    }

    @Test("one flipped bit anywhere in a batch takes nothing")
    func flippedBits() throws {
        let branch = try branch(5)
        let hq = try log(isHeadquarters: true, seed: 0)
        try write([1, 1], to: branch)
        let seed: UInt64 = 99
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let outcome = try send(0..<2, of: branch, to: hq) { bytes in
                let item = random.int(in: 0...1)
                let place = random.int(in: 0...bytes[item].count - 1)
                bytes[item][place] ^= UInt8(1) << UInt8(random.int(in: 0...7))
            }
            guard case .broken = outcome else {
                Issue.record("a flipped bit was taken: \(outcome), seed \(seed)")
                return
            }
        }
        #expect(hq.end == 0)
    }
}

extension ReceiveOutcome {
    func isTaken(_ count: Int) -> Bool {
        if case .taken(_, let new) = self { return new == count }
        return false
    }

    var isKnown: Bool {
        if case .known = self { return true }
        return false
    }
}
