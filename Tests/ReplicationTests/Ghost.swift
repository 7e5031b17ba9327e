// A replica without a log of its own, which may write whatever it likes: broken bodies, unknown
// flags, needs of what nobody has, acts of several commits.

import Kernel
import Replication
import Support
import Testing
import Wire

/// Writes a chain of commits by hand.
struct Ghost {
    /// What a commit is to be.
    struct Wish {
        var changes: [DraftChange]
        var audiences: [(Int64, Int64)] = [(0, 0)]
        var needs: [ChangeID] = []
        var act: (Int, Int)?
        var hasUnknownFlag = false
        var isBlinded = false
        var clock: Int64?
    }

    let replica: ReplicaNumber
    let device: Int64
    let incarnation: [UInt8]
    private(set) var commits: [StoredCommit] = []
    private var hash: Digest32
    private var next: UInt32 = 1
    private var clock: Int64 = 1_000_000 * 4_096

    init(_ replica: UInt32) {
        self.replica = ReplicaNumber(replica)
        device = Int64(replica)
        incarnation = [UInt8](repeating: UInt8(replica), count: 16)
        hash = Chain.start(
            realm: Fixture.realm,
            replica: ReplicaNumber(replica),
            incarnation: incarnation
        )
    }

    var nextID: ChangeID { ChangeID(replica: replica, sequence: next) }

    /// Writes a commit and tells its id.
    @discardableResult
    mutating func write(_ wish: Wish) -> ChangeID {
        var writer = CBORWriter()
        writer.array(9)
        writer.integer(1)
        writer.integer(Int64(replica.rawValue))
        writer.integer(Int64(next))
        clock += 4_096
        writer.integer(wish.clock ?? clock)
        writer.integer(1_700_000_000_000)
        writer.integer(0)
        writer.array(wish.audiences.count)
        for (number, id) in wish.audiences {
            writer.array(2)
            writer.integer(number)
            writer.integer(id)
        }
        writeFlags(wish, to: &writer)
        writer.array(wish.changes.count)
        for change in wish.changes {
            writer.array(2)
            writer.integer(Int64(change.kind.rawValue))
            writer.raw(change.body)
        }
        let id = nextID
        hash = writer.bytes.withUnsafeBytes { Chain.next(hash, $0) }
        commits.append(StoredCommit(position: 0, id: id, hash: hash, bytes: writer.bytes))
        next += UInt32(wish.changes.count)
        return id
    }

    private func writeFlags(_ wish: Wish, to writer: inout CBORWriter) {
        let count = [wish.isBlinded, wish.act != nil, !wish.needs.isEmpty, wish.hasUnknownFlag]
        writer.map(count.count { $0 })
        if wish.isBlinded {
            writer.key(3)
            writer.bytes([UInt8](repeating: 3, count: 16))
        }
        if let (index, count) = wish.act {
            writer.key(4)
            writer.array(2)
            writer.integer(Int64(index))
            writer.integer(Int64(count))
        }
        if !wish.needs.isEmpty {
            writer.key(7)
            writer.array(wish.needs.count)
            for need in wish.needs.sorted() { writer.integer(need.rawValue) }
        }
        if wish.hasUnknownFlag {
            writer.key(99)
            writer.integer(0)
        }
    }

    /// Sends the commits of a range of indices; what is known already does no harm.
    func send(_ range: Range<Int>, to node: Fixture) throws -> ReceiveOutcome {
        let part = Array(commits[range])
        let bytes = part.map { commit in
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: commit.bytes.count,
                alignment: 1
            )
            copy.copyBytes(from: commit.bytes)
            return UnsafeRawBufferPointer(copy)
        }
        defer { for buffer in bytes { buffer.deallocate() } }
        let first = try #require(part.first)
        let last = try #require(part.last)
        let header = try #require(last.header)
        let start = Chain.start(realm: Fixture.realm, replica: replica, incarnation: incarnation)
        let batch = IncomingBatch(
            device: device,
            replica: replica,
            incarnation: incarnation,
            first: first.id.sequence,
            last: header.lastSequence,
            before: range.lowerBound == 0 ? start : commits[range.lowerBound - 1].hash,
            head: last.hash,
            mac: .zero,
            commits: bytes
        )
        return try node.log.write { try node.log.receive(batch) }
    }

    /// Sends everything.
    func sendAll(to node: Fixture) throws {
        if commits.isEmpty { return }
        _ = try send(0..<commits.count, to: node)
    }
}

/// Bodies of the test module.
enum TestBody {
    static func fact(_ name: String, _ amount: Int64) -> DraftChange {
        var writer = CBORWriter()
        writer.map(2)
        writer.key(1)
        writer.text(name)
        writer.key(2)
        writer.integer(amount)
        return DraftChange(kind: TestProjection.added, body: writer.bytes)
    }

    static func name(_ entity: ChangeID, _ name: String?) -> DraftChange {
        var writer = CBORWriter()
        writer.map(2)
        writer.key(0)
        writer.integer(entity.rawValue)
        writer.key(1)
        if let name { writer.text(name) } else { writer.null() }
        return DraftChange(kind: TestProjection.named, body: writer.bytes)
    }

    static let grant = DraftChange(kind: TestProjection.granted, body: [0xa0])
}
