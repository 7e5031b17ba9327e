// The digest of an audience: what counts in it, and what is done where it differs.

import Glibc
import Kernel
import Replication
import SQLite
import Support
import Sync
import Testing
import Wire

@Suite("Digests of audiences")
struct DigestTests {
    static let dayMs: Int64 = 86_400_000

    /// What a test itself knows of what was delivered, kept without asking a log.
    private struct Book {
        var named: [ChangeID: Set<Audience>] = [:]
        var widened: [Audience: Set<ChangeID>] = [:]
        var out: Set<ChangeID> = []
        var hashes: [ChangeID: Digest32] = [:]

        /// The digest as the protocol defines it.
        func sum(_ audience: Audience) -> UInt128 {
            var ids = Set(named.filter { $0.value.contains(audience) }.keys)
            ids.formUnion(widened[audience] ?? [])
            return ids.subtracting(out).reduce(0) { $0 &+ (hashes[$1]?.leading128 ?? 0) }
        }

        /// Learns of all commits of headquarters who names whom.
        mutating func read(_ log: Log) throws {
            try log.reader.forEachCommit(after: 0, limit: .max) { _, id, hash, bytes in
                named[id] = Set(try CommitCodec.envelope(of: bytes).audiences)
                hashes[id] = hash
            }
        }
    }

    private static func seeds() -> Range<UInt64> {
        if let text = getenv("TRIBUTARY_SEED"), let seed = UInt64(String(cString: text)) {
            return seed..<seed + 1
        }
        return 0..<12
    }

    @Test("headquarters, every node and the definition agree, whatever was widened or forbidden")
    func property() throws {
        for seed in Self.seeds() {
            let chain = try TestChain(seed: seed &* 1_000 &+ 1)
            defer { chain.end() }
            var random = SeededRandom(seed: seed)
            let nodes = try [chain.enrol(11), chain.enrol(12), chain.enrol(11)]
            let homes: [Int64] = [11, 12, 11]
            var book = Book()
            var held: Set<ChangeID> = []
            for step in 1...60 {
                let place = random.int(in: 0..<3)
                let home = homes[place]
                let node = nodes[place]
                switch random.int(in: 0..<10) {
                case 0, 1: try chain.sell(node, home, amount: Int64(step))
                case 2:
                    let body = TestKind.body(Int64(step))
                    book.out.insert(
                        try node.write(TestKind.price, body, for: [.branch(home)])
                    )
                case 3:
                    let body = TestKind.body(Int64(step))
                    let fact = try node.write(TestKind.decree, body, for: [.branch(home)])
                    held.insert(fact)
                    book.out.insert(fact)
                case 4:
                    let audiences: [[Audience]] = [
                        [.everyone], [.branch(11), .branch(12)], [.neighbours(of: 12)],
                    ]
                    let some = audiences[random.int(in: 0..<3)]
                    try chain.hq.write(TestKind.price, TestKind.body(Int64(step)), for: some)
                case 5:
                    let known = Set(try chain.hq.commits().keys).subtracting(book.out).sorted()
                    guard !known.isEmpty else { continue }
                    let id = known[random.int(in: 0..<known.count)]
                    let audience = Audience.branch(Int64(random.int(in: 11...12)))
                    book.widened[audience, default: []].insert(id)
                    let log = chain.hq.log
                    try log.write { try log.widen([id], to: audience, at: chain.wall) }
                case 6:
                    let log = chain.hq.log
                    guard let id = try log.reader.heldCommits().first?.id, held.contains(id)
                    else { continue }
                    try log.write { try log.admit([id], at: chain.wall) }
                    book.out.remove(id)
                default: try chain.sync(node)
                }
            }
            for node in nodes + nodes {
                node.client.mustCheck()
                try chain.sync(node)
            }
            for node in nodes { try chain.sell(node, 11, amount: 900) }
            try book.read(chain.hq.log)
            let again: Comment = "TRIBUTARY_SEED=\(seed) repeats it"
            for (node, home) in zip(nodes, homes) {
                try agree(chain.hq.log, node, home, book, again)
            }
        }
    }

    private func agree(
        _ log: Log,
        _ node: TestNode,
        _ home: Int64,
        _ book: Book,
        _ again: Comment
    ) throws {
        let withheld = Set(try log.reader.heldCommits().map(\.id))
        let audiences: [Audience] = [.everyone, .branch(home), .neighbours(of: home)]
        let there = try log.digests(of: audiences.sorted(), leavingOut: withheld)
        let here = try node.log.digests(of: audiences.sorted(), leavingOut: withheld)
        for (left, right) in zip(there, here) {
            #expect(left.sum == right.sum, again)
            #expect(left.sum == book.sum(left.audience), again)
        }
        let told = try node.client.state.digests()
        #expect(told.map(\.sum) == there.map(\.sum), again)
        let isQuiet = node.events.allSatisfy {
            switch $0 {
            case .mended, .unmatched: false
            default: true
            }
        }
        #expect(isQuiet, again)
    }

    @Test("a position is below what came after it")
    func position() throws {
        let chain = try TestChain()
        defer { chain.end() }
        try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        let log = chain.hq.log
        let end = log.end
        let before = try log.digests(of: [.everyone])
        try chain.hq.write(TestKind.price, TestKind.body(2), for: [.everyone])
        #expect(try log.digests(of: [.everyone], through: end)[0].sum == before[0].sum)
        #expect(try log.digests(of: [.everyone])[0].sum != before[0].sum)
    }

    /// Two nodes of one branch and one of another, in step with headquarters.
    private func shop(_ count: Int) throws -> (TestChain, TestNode, TestNode) {
        let chain = try TestChain()
        let node = try chain.enrol(11)
        let other = try chain.enrol(11)
        for amount in 1...count {
            try chain.sell(node, 11, amount: Int64(amount))
            try chain.sell(other, 11, amount: Int64(10_000 + amount))
            try chain.hq.write(TestKind.price, TestKind.body(Int64(amount)), for: [.everyone])
        }
        for member in [node, other, node, other] { try chain.sync(member) }
        return (chain, node, other)
    }

    private func nextDay(_ chain: TestChain) {
        chain.wall = chain.wall.adding(milliseconds: Self.dayMs + 1)
    }

    private func requests(_ chain: TestChain, _ node: TestNode) throws -> Int {
        var count = 0
        node.client.begin(now: chain.wall)
        while let request = try node.client.nextRequest(now: chain.wall) {
            count += 1
            let response = try chain.serve(request)
            try node.client.take(
                status: response.status,
                headers: response.headers,
                body: response.body,
                now: chain.wall
            )
        }
        node.events += node.client.outcome.events
        return count
    }

    @Test("rows that were lost or damaged are found, named, fetched again, and told")
    func mended() throws {
        let (chain, node, other) = try shop(150)
        defer { chain.end() }
        let before = try node.commits()
        let ids = before.keys.sorted()
        let own = try #require(ids.first { $0.replica == node.log.own?.replica })
        let foreign = ids.filter { $0.replica == other.log.own?.replica }
        let decrees = ids.filter { $0.replica == ReplicaNumber(0) }
        let lost = [own, foreign[7], foreign[8], decrees[40]]
        for id in lost {
            try node.log.database.execute("DELETE FROM commits WHERE id = \(id.rawValue)")
        }
        let bitten = foreign[100]
        try node.log.database.execute(
            """
            UPDATE commits SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'07' AS BLOB)
            WHERE id = \(bitten.rawValue)
            """
        )
        let misnamed = decrees[90]
        try node.log.database.execute(
            "UPDATE commits SET hash = zeroblob(32) WHERE id = \(misnamed.rawValue)"
        )
        // Within the day nothing is asked, and a round costs what it did.
        try chain.sync(node)
        #expect(try node.log.reader.commit(own) == nil)
        nextDay(chain)
        #expect(try chain.sync(node).isComplete)
        #expect(try node.commits() == before)
        let named = Set(
            node.events.compactMap { if case .mended(let id) = $0 { id } else { nil } }
        )
        #expect(named == Set(lost + [bitten, misnamed]))
        let alerts = chain.hq.server.takeAlerts()
        for id in named { #expect(alerts.contains(.mended(device: 1, id))) }
        #expect(try node.log.areViewsStale, "what the views hold of it is not known")
        for (id, hash) in try node.commits() {
            let previous = try node.log.previousHash(of: id)
            let bytes = try #require(try node.log.reader.commit(id)).bytes
            #expect(bytes.withUnsafeBytes { Chain.next(previous, $0) } == hash)
        }
        nextDay(chain)
        node.events = []
        let quiet = try requests(chain, node)
        #expect(node.events.isEmpty)
        nextDay(chain)
        #expect(try requests(chain, node) == quiet, "the sums ride in the pull")
    }

    @Test("a commit that headquarters never delivered is named and stays")
    func unmatched() throws {
        let (chain, node, other) = try shop(3)
        defer { chain.end() }
        let id = try #require(
            try other.commits().keys.filter { $0.replica == other.log.own?.replica }.max()
        )
        chain.hq.withheld = []
        // As if a commit had come here from elsewhere: headquarters' own order knows none such.
        var stranger = Ghost(77)
        stranger.write(for: [.neighbours(of: 11)])
        try node.log.write {
            for (bytes, previous) in stranger.commits {
                _ = try bytes.withUnsafeBytes {
                    try node.log.receivePulled(
                        $0,
                        previous: previous,
                        stamp: [UInt8](repeating: 1, count: 16)
                    )
                }
            }
        }
        nextDay(chain)
        #expect(try chain.sync(node).isComplete)
        #expect(node.events.contains(.unmatched(.neighbours(of: 11), stranger.id)))
        #expect(try node.log.reader.commit(stranger.id) != nil)
        #expect(try node.log.reader.commit(id) != nil)
    }

    @Test("half of a log comes back, whatever its pattern")
    func half() throws {
        let (chain, node, _) = try shop(400)
        defer { chain.end() }
        let before = try node.commits()
        var random = SeededRandom(seed: 5)
        for id in before.keys.sorted() where random.int(in: 0..<2) == 0 {
            try node.log.database.execute("DELETE FROM commits WHERE id = \(id.rawValue)")
        }
        nextDay(chain)
        for _ in 0..<3 where try node.commits() != before { try chain.sync(node) }
        #expect(try node.commits() == before)
    }
}

/// The writer of a chain that nobody knows.
private struct Ghost {
    let replica: ReplicaNumber
    private(set) var commits: [(bytes: [UInt8], previous: Digest32)] = []

    init(_ number: UInt32) { replica = ReplicaNumber(number) }

    var id: ChangeID { ChangeID(replica: replica, sequence: 1) }

    mutating func write(for audiences: [Audience]) {
        let wall = WallTime(milliseconds: 1_795_000_000_000)
        let header = CommitHeader(
            replica: replica,
            firstSequence: 1,
            clock: ClockStamp(wall: wall),
            wall: wall,
            author: 0,
            audiences: audiences,
            flags: CommitFlags(),
            changeCount: 1
        )
        let change = DraftChange(kind: TestKind.sale, body: TestKind.body(5))
        let start = Chain.start(
            realm: Fixture.realm,
            replica: replica,
            incarnation: [UInt8](repeating: 3, count: 16)
        )
        commits.append((CommitCodec.encode(header, changes: [change]), start))
    }
}
