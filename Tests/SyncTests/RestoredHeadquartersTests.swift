// Headquarters after a restore: known to it or not, written on or not.

import Kernel
import Replication
import SQLite
import Support
import Sync
import Testing
import Wire

@Suite("A restored headquarters")
struct RestoredHeadquartersTests {
    /// Two branches at work, a copy of headquarters in the middle.
    func shop() throws -> (chain: TestChain, TestNode, TestNode, backup: String) {
        let chain = try TestChain()
        let first = try chain.enrol(11)
        let second = try chain.enrol(12)
        try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        try chain.sell(first, 11, amount: 1)
        try chain.sell(second, 12, amount: 2)
        for node in [first, second] { try chain.sync(node) }
        let backup = try chain.backupHeadquarters()
        try chain.hq.write(TestKind.price, TestKind.body(2), for: [.everyone])
        try chain.hq.write(TestKind.price, TestKind.body(3), for: [.branch(11)])
        try chain.hq.write(TestKind.price, TestKind.body(4), for: [.everyone])
        try chain.sell(first, 11, amount: 3)
        try chain.sell(second, 12, amount: 4)
        for node in [first, second, first, second] { try chain.sync(node) }
        return (chain, first, second, backup)
    }

    @Test("restored knowingly: a number of the upper half, the careful state, and all comes back")
    func knowingly() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        let before = try chain.hq.commits()
        try chain.restoreHeadquarters(backup, isKnown: true)
        let number = try #require(chain.hq.log.own?.replica)
        #expect(number.rawValue >= 1 << 20 && number.rawValue % 64 == 0)
        #expect(try chain.sync(first).isCareful)
        #expect(first.last.stop == nil)
        #expect(try chain.sync(second).isCareful)
        let after = try chain.hq.commits()
        for (id, hash) in before { #expect(after[id] == hash, "\(id) came back") }
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4])

        // Careful: nothing is handed out, nobody is enrolled.
        #expect(throws: SyncRefusal.careful) { try chain.enrol(13) }
        try chain.confirm()
        try chain.sell(first, 11, amount: 5)
        for node in [first, second, first, second] { #expect(try chain.sync(node).isComplete) }
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5])
        let third = try chain.enrol(13)
        #expect(third.log.own.map { $0.replica > number } == true)
    }

    @Test("restored unknowingly: the first client that was told more makes it careful")
    func unknowingly() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        try chain.restoreHeadquarters(backup, isKnown: false)
        try chain.sync(first)
        #expect(try chain.hq.log.isCareful)
        #expect(first.events.contains(.headquartersRestored))
        #expect(
            chain.hq.server.takeAlerts().contains(
                .headquartersRestored(claimedBy: first.client.state.deviceID)
            )
        )
        try chain.sync(second)
        try chain.confirm()
        for node in [first, second] { #expect(try chain.sync(node).isComplete) }
        #expect(try chain.hq.log.isCareful == false)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4])
    }

    @Test("a node that comes late after a restore does not make headquarters careful again")
    func late() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        try chain.restoreHeadquarters(backup, isKnown: true)
        try chain.sync(first)
        try chain.confirm()
        try chain.sync(first)
        #expect(try chain.sync(second).isComplete)
        #expect(try chain.hq.log.isCareful == false)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4])
        #expect(try TestChain.amounts(second.log) == [2, 4])
    }

    @Test("a hole waits beside the chain until it is filled")
    func hole() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        let before = try chain.hq.commits()
        try chain.restoreHeadquarters(backup, isKnown: true)
        // The second branch never saw the commit between, which was for the first alone.
        try chain.sync(second)
        #expect(try chain.hq.log.waitingCounts() == [ReplicaNumber(0): 1])
        try chain.sync(first)
        #expect(try chain.hq.log.waitingCounts() == [:])
        let after = try chain.hq.commits()
        for (id, hash) in before { #expect(after[id] == hash) }
    }

    @Test("a hole that nobody can fill is named by tail.lost, and what waits follows after it")
    func lostTail() throws {
        let (chain, _, second, backup) = try shop()
        defer { chain.end() }
        try chain.restoreHeadquarters(backup, isKnown: true)
        try chain.sync(second)
        let log = chain.hq.log
        let head = try #require(try log.reader.head(of: ReplicaNumber(0)))
        #expect(try log.waitingCounts() == [ReplicaNumber(0): 1])
        try log.write {
            _ = try log.rule(at: chain.wall) { act in
                act.begin([.everyone])
                act.add(
                    LogKind.tailLost,
                    LogBody.tailLost(ReplicaNumber(0), after: head.last, reason: "no copy left")
                )
            }
        }
        #expect(try log.waitingCounts() == [:])
        let moved = try #require(try log.reader.head(of: ReplicaNumber(0)))
        #expect(moved.last > head.last + 1)
        try chain.confirm()
        #expect(try chain.sync(second).isComplete)
    }

    @Test("what was given up as lost is taken from its author, who comes after all")
    func authorComesLater() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        for (amount, audience) in [(5, Audience.everyone), (6, .branch(11)), (7, .everyone)] {
            try first.write(TestKind.sale, TestKind.body(Int64(amount)), for: [audience])
        }
        for node in [first, second] { try chain.sync(node) }
        try chain.restoreHeadquarters(backup, isKnown: true)
        try chain.sync(second)
        try chain.confirm()
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 4, 5, 7])
        #expect(try chain.hq.log.waitingCounts() == [:])
        try chain.sell(first, 11, amount: 8)
        for _ in 0..<3 { for node in [first, second] { try chain.sync(node) } }
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try first.log.unsentCount() == 0)
        for (id, hash) in try first.commits() {
            #expect(try chain.hq.commits()[id] == hash, "\(id) is at headquarters")
        }
    }

    @Test("rolled back without knowing it and written on: the suffix is committed again")
    func rolledBack() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        let before = try chain.hq.commits()
        try chain.restoreHeadquarters(backup, isKnown: false)
        let own = try #require(chain.hq.log.own)
        let other = try chain.hq.write(TestKind.price, TestKind.body(50), for: [.everyone])
        #expect(before[other] != nil, "one id, two commits")
        try chain.sync(first)
        try chain.sync(second)
        #expect(try chain.hq.log.isCareful)
        try chain.confirm()
        let number = try #require(try chain.hq.log.forkedCommits().first?.became?.replica)
        #expect(number.rawValue > 1 << 20)
        let again = try chain.hq.log.reader.commits(of: number, after: 0, limit: 100)
        #expect(again.count == 3)
        #expect(again.first?.header?.flags.forkedFrom?.replica == own.replica)
        let aside = try chain.hq.log.forkedCommits().map(\.hash)
        #expect(again.map { $0.header?.flags.was } == aside)
        for node in [first, second, first, second] { #expect(try chain.sync(node).isComplete) }
        // The nodes follow what headquarters keeps, and hold the old suffix aside.
        #expect(try first.commits()[other] == chain.hq.commits()[other])
        #expect(try second.commits()[other] == chain.hq.commits()[other])
        #expect(try first.log.areViewsStale)
        #expect(try !first.log.forkedCommits().isEmpty)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4])
        for (id, hash) in try chain.hq.commits() where id.replica == number {
            #expect(try first.commits()[id] == hash)
        }
    }

    @Test("a store that went back as well goes on beyond what was lost of its chain")
    func bothWentBack() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        let copies = try [chain.copy(first), chain.copy(first)]
        for (amount, audience) in [(5, Audience.everyone), (6, .branch(11)), (7, .everyone)] {
            try first.write(TestKind.sale, TestKind.body(Int64(amount)), for: [audience])
        }
        for node in [first, second] { try chain.sync(node) }
        try chain.restoreHeadquarters(backup, isKnown: true)
        try chain.sync(second)
        try chain.confirm()
        let old = try #require(first.log.own)
        // One goes back without knowing it; one has already gone on under a spare number.
        _ = try copies[1].log.write { try copies[1].log.takeSpare() }
        for (place, copy) in copies.enumerated() {
            try chain.sell(copy, 11, amount: Int64(8 + place))
            for _ in 0..<3 { for node in [copy, second] { try chain.sync(node) } }
            #expect(try chain.sync(copy).isComplete)
            #expect(try copy.log.unsentCount() == 0)
            #expect(copy.log.own.map { $0.replica != old.replica } == true)
            copy.events = []
            #expect(try chain.sync(copy).isComplete)
            #expect(copy.events.isEmpty, "it does not circle")
            for (id, hash) in try copy.commits() {
                #expect(try chain.hq.commits()[id] == hash, "\(id) is at headquarters")
            }
        }
        #expect(try TestChain.amounts(chain.hq.log) == [1, 2, 3, 4, 5, 7, 8, 9])
        #expect(try TestChain.amounts(copies[0].log) == [1, 3, 5, 7, 8])

        // The one that had it all comes after all: what was lost is filled everywhere, and the sale
        // that a copy had committed again is set aside.
        for _ in 0..<3 { for node in [first, second] + copies { try chain.sync(node) } }
        #expect(try Set(TestChain.amounts(chain.hq.log)) == Set(1...9))
        for node in [chain.hq] + copies { #expect(try TestChain.doubled(node.log) == []) }
        for copy in copies {
            #expect(try chain.sync(copy).isComplete)
            #expect(try Set(TestChain.amounts(copy.log)) == [1, 3, 5, 6, 7, 8, 9])
            let head = try #require(try copy.log.reader.head(of: old.replica))
            #expect(head.last >= old.last)
        }
    }

    @Test("of a chain whose beginning is lost, its author says under which incarnation it began")
    func nameless() throws {
        let (chain, first, second, backup) = try shop()
        defer { chain.end() }
        // Forked after the backup: headquarters has nothing of the new number.
        let copy = try chain.copy(first)
        try chain.sell(first, 11, amount: 5)
        for amount in 6...7 { try chain.sell(copy, 11, amount: Int64(amount)) }
        for node in [first, copy] { try chain.sync(node) }
        let number = try #require(copy.log.own?.replica)
        #expect(number != first.log.own?.replica)
        for (amount, audience) in [(8, Audience.everyone), (9, .branch(11)), (10, .everyone)] {
            try copy.write(TestKind.sale, TestKind.body(Int64(amount)), for: [audience])
        }
        for node in [copy, second] { try chain.sync(node) }
        try chain.restoreHeadquarters(backup, isKnown: true)
        try chain.sync(second)
        try chain.confirm()
        let head = try #require(try chain.hq.log.reader.head(of: number))
        #expect(head.isNameless)
        try chain.sell(copy, 11, amount: 11)
        for _ in 0..<3 { for node in [copy, first, second] { try chain.sync(node) } }
        #expect(copy.log.own?.replica == number, "it goes on under its number")
        #expect(try chain.sync(copy).isComplete)
        #expect(try copy.log.unsentCount() == 0)
        #expect(try Set(TestChain.amounts(chain.hq.log)) == Set(1...11))
        #expect(try TestChain.doubled(chain.hq.log) == [])
        let named = try #require(try chain.hq.log.reader.head(of: number))
        #expect(try named.incarnation == copy.log.reader.head(of: number)?.incarnation)
    }

    @Test("a device that only the lost history had enrolled is the same device afterwards")
    func enrolledInLostHistory() throws {
        let chain = try TestChain()
        defer { chain.end() }
        let first = try chain.enrol(11)
        try chain.sync(first)
        let backup = try chain.backupHeadquarters()
        try chain.hq.write(TestKind.price, TestKind.body(1), for: [.everyone])
        let late = try chain.enrol(12)
        try chain.sell(late, 12, amount: 1)
        try chain.hq.write(TestKind.price, TestKind.body(2), for: [.everyone])
        for node in [first, late, first, late] { try chain.sync(node) }
        try chain.restoreHeadquarters(backup, isKnown: false)
        for amount in 0..<4 {
            try chain.hq.write(TestKind.price, TestKind.body(50 + Int64(amount)), for: [.everyone])
        }
        for node in [late, first, late, first] { try chain.sync(node) }
        try chain.confirm()
        try chain.sell(late, 12, amount: 3)
        for _ in 0..<3 { for node in [late, first] { try chain.sync(node) } }
        late.events = []
        #expect(try chain.sync(late).isComplete)
        #expect(late.events.isEmpty, "it is under no review")
        let device = try #require(try chain.hq.log.device(late.client.state.deviceID))
        #expect(device.branch == 12)
        #expect(try TestChain.amounts(chain.hq.log) == [1, 3])
        #expect(
            try late.commits() == chain.hq.commits().filter { try late.commits()[$0.key] != nil }
        )
        #expect(try late.log.areViewsStale)
    }

    @Test("commits that nobody stamped are not taken back")
    func unstamped() throws {
        let (chain, first, _, backup) = try shop()
        defer { chain.end() }
        try chain.restoreHeadquarters(backup, isKnown: true)
        let end = chain.hq.log.end
        try first.log.database.execute(
            "UPDATE commits SET stamp = zeroblob(16) WHERE stamp NOTNULL"
        )
        try chain.sync(first)
        let heads = try chain.hq.log.reader.heads()
        #expect(chain.hq.log.end == end + 1, "its own sale came again, and nothing else")
        #expect(try chain.hq.log.waitingCounts() == [:])
        #expect(heads.contains { $0.replica == ReplicaNumber(0) })
    }
}

extension NodeState {
    /// The device; 0 before it is enrolled.
    var deviceID: Int64 { (try? device) ?? 0 }
}
