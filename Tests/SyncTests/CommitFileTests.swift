// Commit files: the same as the wire, on a stick; cut, foreign and forged ones change nothing.

import Kernel
import Replication
import Support
import Sync
import Testing
import Wire

@Suite("Commit files")
struct CommitFileTests {
    @Test("a file carries unsent commits there, and acknowledgements and news back")
    func roundTrip() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let price = try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        for amount in 1...20 { try chain.sell(node, 11, amount: Int64(amount)) }
        let id = try node.write(
            TestKind.note,
            TestKind.body(1),
            for: [.branch(11)],
            personal: [(77, "王五")]
        )
        let out = try node.client.exportFile(now: chain.wall)
        #expect(try node.log.unsentCount() == 21, "nothing counts as sent by being exported")
        let taken = try chain.hq.server.importFile(out, now: chain.wall)
        #expect(taken.results.map(\.outcome) == [.taken] && !taken.isCut)
        #expect(try chain.hq.log.reader.personal(id, 0) == .text("王五"))
        let back = try chain.hq.server.exportFile(for: taken.header, now: chain.wall)
        let news = try node.client.importFile(back, now: chain.wall)
        #expect(try node.log.unsentCount() == 0)
        #expect(try node.log.reader.commit(price) != nil)
        #expect(news.taken == 2, "its own enrolment, and the price")
        // The same file twice: nothing happens; the cursor has moved on.
        #expect(try chain.hq.server.importFile(out, now: chain.wall).taken == 0)
        let again = try node.client.importFile(back, now: chain.wall)
        #expect(again.taken == 0 && again.knownSections > 0 && !again.isOutOfPlace)
        // Headquarters remembers where the device stood, and writes the same news again.
        let device = taken.header.device
        let later = try chain.hq.server.exportFile(toDevice: device, now: chain.wall)
        #expect(try node.client.importFile(later, now: chain.wall).taken == 0)
        // And the wire goes on from there.
        #expect(try chain.sync(node).pulled == 0)
    }

    @Test("a file cut anywhere is taken up to the cut, and never half")
    func cut() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        for amount in 1...5 { try chain.sell(node, 11, amount: Int64(amount)) }
        let out = try node.client.exportFile(now: chain.wall)
        for length in stride(from: 0, to: out.count, by: 3) {
            let part = Array(out.prefix(length))
            if let outcome = try? chain.hq.server.importFile(part, now: chain.wall) {
                #expect(outcome.taken == 0)
            }
        }
        #expect(try TestChain.amounts(chain.hq.log).isEmpty)
        #expect(try chain.hq.server.importFile(out, now: chain.wall).taken == 5)
    }

    @Test("a flipped bit changes nothing, or is refused with what is wrong")
    func flipped() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sell(node, 11, amount: 1)
        let out = try node.client.exportFile(now: chain.wall)
        let end = chain.hq.log.end
        for index in out.indices {
            var bytes = out
            bytes[index] ^= 1 << UInt8(index & 7)
            _ = try? chain.hq.server.importFile(bytes, now: chain.wall)
            guard chain.hq.log.end == end else {
                // Only a nonce or a wall stamp may change without being noticed.
                #expect(try TestChain.amounts(chain.hq.log) == [1])
                return
            }
        }
    }

    @Test("a file with one changed commit in its last section is refused whole")
    func damaged() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        // More than one section of a MiB, so that the first alone would be good.
        let text = String(repeating: "王", count: 60_000)
        for _ in 1...10 {
            var writer = CBORWriter()
            writer.map(2)
            writer.key(1)
            writer.integer(1)
            writer.key(3)
            writer.text(text)
            try node.write(TestKind.sale, writer.bytes, for: [.everyone])
        }
        var bytes = try node.client.exportFile(now: chain.wall)
        #expect(bytes.count > 1 << 20)
        bytes[bytes.count - 300] ^= 1
        let end = chain.hq.log.end
        #expect(throws: FileFault.damaged) {
            try chain.hq.server.importFile(bytes, now: chain.wall)
        }
        #expect(chain.hq.log.end == end)
    }

    @Test("a file of another company, of another device, or going the other way is refused")
    func foreign() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let other = try chain.enrol(12)
        let out = try node.client.exportFile(now: chain.wall)
        let taken = try chain.hq.server.importFile(out, now: chain.wall)
        let back = try chain.hq.server.exportFile(for: taken.header, now: chain.wall)
        #expect(throws: FileFault.foreign) {
            try other.client.importFile(back, now: chain.wall)
        }
        #expect(throws: FileFault.foreign) { try node.client.importFile(out, now: chain.wall) }
        #expect(throws: FileFault.foreign) {
            try chain.hq.server.importFile(back, now: chain.wall)
        }
        #expect(throws: FileFault.notAFile) {
            try chain.hq.server.importFile([1, 2, 3], now: chain.wall)
        }
    }

    @Test("an erased person's record in a file is dropped")
    func erased() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let id = try node.write(
            TestKind.note,
            TestKind.body(1),
            for: [.branch(11)],
            personal: [(77, "王五")]
        )
        let out = try node.client.exportFile(now: chain.wall)
        try chain.hq.log.write { _ = try chain.hq.log.uniteErased([77]) }
        _ = try chain.hq.server.importFile(out, now: chain.wall)
        #expect(try chain.hq.log.reader.commit(id) != nil)
        #expect(try chain.hq.log.reader.personal(id, 0) == nil)
    }

    @Test("a backup from before an erasure is restored with the list of today")
    func erasedAcrossRestore() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        let id = try node.write(
            TestKind.note,
            TestKind.body(1),
            for: [.branch(11)],
            personal: [(77, "王五")]
        )
        try chain.sync(node)
        let backup = try chain.backupHeadquarters()
        try chain.hq.log.write { try chain.hq.log.erase(77) }
        let list = try chain.hq.log.erasedSubjects()
        try chain.restoreHeadquarters(backup, isKnown: true)
        #expect(try chain.hq.log.reader.personal(id, 0) != nil, "the backup still holds it")
        #expect(try chain.hq.log.write { try chain.hq.log.uniteErased(list) } == 1)
        try chain.sync(node)
        #expect(try chain.hq.log.reader.personal(id, 0) == nil)
    }

    @Test("a restored headquarters gets back what it lost by a file")
    func handBack() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let node = try chain.enrol(11)
        try chain.sync(node)
        let backup = try chain.backupHeadquarters()
        let price = try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        try chain.sell(node, 11, amount: 1)
        try chain.sync(node)
        try chain.restoreHeadquarters(backup, isKnown: false)
        let out = try node.client.exportFile(handBack: true, now: chain.wall)
        let outcome = try chain.hq.server.importFile(out, now: chain.wall)
        #expect(outcome.isCareful)
        #expect(try chain.hq.log.reader.commit(price) != nil)
        try chain.confirm()
        #expect(try chain.sync(node).isComplete)
        #expect(try TestChain.amounts(chain.hq.log) == [1])
    }
}
