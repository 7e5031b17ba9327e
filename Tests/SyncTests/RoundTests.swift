// The ordinary day: enrolling, pushing, pulling, marks, personal records.

import Kernel
import Replication
import Support
import Sync
import Testing
import Wire

@Suite("A round over a good line")
struct RoundTests {
    @Test("what a node writes is at headquarters after one round, and marked durable")
    func pushes() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        for amount in 1...50 { try chain.sell(node, 11, amount: Int64(amount)) }
        let outcome = try chain.sync(node)
        #expect(outcome.stop == nil)
        #expect(outcome.pushed == 50)
        #expect(try TestChain.amounts(chain.hq.log) == (1...50).map(Int64.init))
        let own = try #require(node.log.own)
        #expect(try node.log.mark(.durable, of: own.replica)?.sequence == own.last)
        #expect(try node.log.mark(.projected, of: own.replica)?.sequence == own.last)
        #expect(try node.log.mark(.protected, of: own.replica)?.sequence == 0)
        #expect(try node.log.unsentCount() == 0)
    }

    @Test("what headquarters writes reaches whom its audiences name, and nobody else")
    func pulls() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let first = try chain.enrol(11)
        let second = try chain.enrol(12)
        let all = try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        let one = try chain.hq.write(TestKind.price, TestKind.body(2), for: [.branch(11)])
        let none = try chain.hq.write(TestKind.price, TestKind.body(3), for: [.headquarters])
        try chain.sync(first)
        try chain.sync(second)
        #expect(try first.log.reader.commit(all) != nil)
        #expect(try first.log.reader.commit(one) != nil)
        #expect(try first.log.reader.commit(none) == nil)
        #expect(try second.log.reader.commit(all) != nil)
        #expect(try second.log.reader.commit(one) == nil)
        #expect(try first.commits()[all] == chain.hq.commits()[all])
    }

    @Test("a second round with nothing new is one request and writes nothing")
    func idle() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11)
        try chain.sync(node)
        let end = chain.hq.log.end
        let outcome = try chain.sync(node, limit: 1)
        #expect(outcome.stop == nil && outcome.pulled == 0)
        #expect(chain.hq.log.end == end)
    }

    @Test("a personal record travels beside its commit, and protected waits for it")
    func personal() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(11)
        let id = try node.write(
            TestKind.note,
            TestKind.body(1),
            for: [.branch(11)],
            personal: [(77, "张三")]
        )
        try chain.sync(node)
        #expect(try chain.hq.log.reader.personal(id, 0) == .text("张三"))
        try chain.sync(other)
        #expect(try other.log.reader.personal(id, 0) == .text("张三"))
        chain.hq.protectedThrough = chain.hq.log.end
        try chain.sync(node)
        let own = try #require(node.log.own)
        #expect(try node.log.mark(.protected, of: own.replica)?.sequence == own.last)
    }

    @Test("headquarters answers Retry-After while its projection lags")
    func lagging() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11)
        chain.hq.isLagging = true
        let outcome = try chain.sync(node)
        #expect(outcome.stop == .refused(.lagging) && outcome.retryAfter == 7)
        chain.hq.isLagging = false
        #expect(try chain.sync(node).isComplete)
        #expect(try TestChain.amounts(chain.hq.log) == [100])
    }

    @Test("many commits go in batches of at most 1 MiB and arrive whole")
    func batches() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(11)
        var act = 0
        for amount in 0..<3_000 {
            act += 1
            var writer = CBORWriter()
            writer.map(2)
            writer.key(1)
            writer.integer(Int64(amount))
            writer.key(3)
            writer.bytes([UInt8](repeating: UInt8(amount & 0xff), count: 1_000))
            try node.write(TestKind.sale, writer.bytes, for: [.neighbours(of: 11)])
        }
        #expect(try chain.sync(node).isComplete)
        #expect(try chain.sync(other).isComplete)
        #expect(try TestChain.amounts(chain.hq.log) == (0..<3_000).map(Int64.init))
        #expect(try TestChain.amounts(other.log) == (0..<3_000).map(Int64.init))
    }
}
