// The batches of a replica as headquarters took them, against the commits as they are.
// Must not read the log; the pass over it tells what it meets.

import Kernel
import Replication
import SQLite
import Sync
import Wire

/// A batch as it is kept: what its writer signed.
struct KeptBatch {
    let replica: ReplicaNumber
    let first: UInt32
    let last: UInt32
    let device: Int64
    let incarnation: [UInt8]
    let before: Digest32
    let head: Digest32
    let mac: Digest32

    /// Reads `replica, first, last, device, incarnation, before, head, mac`.
    init(_ row: Statement) {
        replica = ReplicaNumber(stored: row.integer(0))
        first = UInt32(truncatingIfNeeded: row.integer(1))
        last = UInt32(truncatingIfNeeded: row.integer(2))
        device = row.integer(3)
        incarnation = row.blob(4)
        before = Digest32(row.borrowedBytes(5)) ?? .zero
        head = Digest32(row.borrowedBytes(6)) ?? .zero
        mac = Digest32(row.borrowedBytes(7)) ?? .zero
    }

    var name: String { "\(replica):\(first)…\(last)" }

    func isSigned(realm: [UInt8], key: [UInt8]) -> Bool {
        let chain = Head(
            replica: replica,
            incarnation: incarnation,
            device: device,
            last: last,
            hash: head
        )
        let expected = Signature.batch(
            realm: realm,
            device: device,
            chain: chain,
            first: first,
            before: before,
            key: key
        )
        return expected == mac
    }
}

/// The signed batches of one replica, ascending, while its commits are walked past.
struct SignedRanges {
    let replica: ReplicaNumber
    private var batches: [KeptBatch] = []
    private var begun = 0
    /// Batches of which the end has not been met, and the highest end of those begun.
    private var open: [KeptBatch] = []
    private var signedThrough: UInt32 = 0
    private var unsigned = 0
    private var firstUnsigned: ChangeID?
    private var strange: [String] = []

    init(replica: ReplicaNumber) {
        self.replica = replica
    }

    /// Takes a batch whose signature holds; they come in ascending order.
    mutating func add(_ batch: KeptBatch) { batches.append(batch) }

    /// The chain begins before `next` with `hash`.
    mutating func begin(_ next: UInt32, _ hash: Digest32) { start(at: next, hash) }

    /// The chain goes on behind a hole.
    mutating func skip(to next: UInt32, _ hash: Digest32?) {
        open = []
        while begun < batches.count, batches[begun].first < next { begun += 1 }
        if let hash { start(at: next, hash) }
    }

    /// Takes up the batches that begin at `next`, before which `hash` stands.
    private mutating func start(at next: UInt32, _ hash: Digest32) {
        while begun < batches.count, batches[begun].first <= next {
            let batch = batches[begun]
            begun += 1
            guard batch.first == next, batch.before == hash else {
                strange.append(batch.name)
                continue
            }
            open.append(batch)
            signedThrough = max(signedThrough, batch.last)
        }
    }

    /// A commit is walked past.
    mutating func follow(_ walk: CommitWalk, _ hash: Digest32, needsSignature: Bool) {
        let last = walk.lastID.sequence
        if last > signedThrough, needsSignature {
            unsigned += 1
            firstUnsigned = firstUnsigned ?? walk.id
        }
        open.removeAll { batch in
            if batch.last > last { return false }
            if batch.last < last || batch.head != hash { strange.append(batch.name) }
            return true
        }
        if last < .max { start(at: last + 1, hash) }
    }

    /// What was wrong.
    ///
    /// Why a batch may end behind the chain: its last act had not come whole.
    func end() -> [String] {
        var problems = strange.map { "what batch \($0) was signed over is not what is here" }
        if let firstUnsigned {
            problems.append(
                "\(unsigned) commits of replica \(replica) from \(firstUnsigned) on are not signed"
            )
        }
        return problems
    }
}
