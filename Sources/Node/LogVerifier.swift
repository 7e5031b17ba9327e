// Checking log.sqlite in one pass over its commits: chains, acts, personal values, signatures.
// Reads on any connection, so that it may run beside the thread that owns the writer.
// Must not ask the views, and changes nothing.

import Kernel
import Replication
import SQLite
import Sync
import Wire

/// Checks one log.
struct LogVerifier {
    let reader: LogReader
    let realm: [UInt8]
    let isHeadquarters: Bool
    /// Headquarters' device keys; nil elsewhere.
    let keys: KeyStore?
    /// True where what devices signed is checked.
    var checksSignatures: Bool
    var result = VerifyResult()
    private var heads: [ReplicaNumber: Head] = [:]
    private var signed: [ReplicaNumber: SignedRanges] = [:]
    private var chain: ChainState?
    private var audiences = AudiencePositions()
    /// The number under which this node writes.
    private var own: Int64?
    /// The position up to which is checked: the end when it began.
    private var end: Int64 = 0
    /// The hash that headquarters' order is said to have there.
    private var chainHash = Digest32.zero

    /// Called between two slices of rows.
    var pause: () throws -> Void = {}

    /// How many rows are read at one moment.
    ///
    /// Why: the log only grows, so that it can be read in slices beside a node that serves.
    static let sliceMax = 10_000

    init(reader: LogReader, realm: [UInt8], isHeadquarters: Bool, keys: KeyStore?) {
        self.reader = reader
        self.realm = realm
        self.isHeadquarters = isHeadquarters
        self.keys = keys
        checksSignatures = isHeadquarters
    }

    /// Where the pass stands in a replica's commits.
    private struct ChainState {
        let replica: ReplicaNumber
        /// True where this node holds all of them.
        var isWhole: Bool
        var next: UInt32
        /// The hash before `next`, nil where nothing is known of it.
        var hash: Digest32?
        /// The place of the last commit in an act that is not over, else nil.
        var openAct: CommitFlags.ActPlace?
        /// After a break the rest of the replica says nothing new.
        var isBroken = false
    }

    /// Reads where everything ends; at one moment.
    mutating func begin() throws {
        heads = Dictionary(uniqueKeysWithValues: try reader.heads().map { ($0.replica, $0) })
        own = try reader.metaInteger("replica")
        end = max(try reader.end(), try reader.metaInteger("end") ?? 0)
        if isHeadquarters, end > 0 { chainHash = try reader.logHash(at: end) ?? .zero }
        if checksSignatures { try readBatches() }
    }

    /// Checks everything up to where it ended when this began.
    mutating func run(checksFile: Bool = true) throws -> VerifyResult {
        if checksFile {
            for complaint in try reader.database.integrityComplaints() {
                tell("log.sqlite: \(complaint)")
            }
        }
        try followCommits()
        for (replica, head) in heads.sorted(by: { $0.key < $1.key }) where head.last > 0 {
            tell("replica \(replica) has a head at \(head.last) but no commits")
        }
        for (_, ranges) in signed.sorted(by: { $0.key < $1.key }) {
            result.problems += ranges.end()
        }
        try findStrayPersonal()
        try followOrder()
        result.problems += try identityProblems()
        if isHeadquarters {
            try pause()
            result.problems += try rulingProblems(through: end)
            result.problems += try audiences.problems(reader.database, through: end)
        }
        try checkMarks()
        try checkRequests()
        try checkSessions()
        return result
    }

    mutating func tell(_ problem: String) { result.problems.append(problem) }

    // MARK: commits

    private mutating func followCommits() throws {
        let statement = try reader.database.statement(
            """
            SELECT id, hash, bytes, previous, stamp, position FROM commits
            WHERE id > ?1 AND +position <= ?2 ORDER BY id LIMIT ?3
            """
        )
        var last = Int64.min
        var count = LogVerifier.sliceMax
        while count == LogVerifier.sliceMax {
            try pause()
            count = 0
            statement.bind(1, last)
            statement.bind(2, end)
            statement.bind(3, LogVerifier.sliceMax)
            try statement.forEach { row in
                count += 1
                last = row.integer(0)
                try followCommit(ChangeID(last), row)
            }
        }
        endChain()
    }

    private mutating func followCommit(_ id: ChangeID, _ row: Statement) throws {
        if chain?.replica != id.replica {
            endChain()
            begin(id, row)
        }
        result.commits += 1
        if chain?.isBroken == true { return }
        guard let walk = try? CommitWalk(row.borrowedBytes(2)), walk.id == id else {
            tell("commit \(id) cannot be read")
            chain?.isBroken = true
            return
        }
        result.changes += Int64(walk.changeCount)
        follow(walk, row)
        if isHeadquarters { try audiences.note(row.borrowedBytes(2), at: row.integer(5)) }
        if !walk.personal.isEmpty { try checkPersonal(walk) }
    }

    /// Where the chain of the replica of the row at hand begins.
    private mutating func begin(_ id: ChangeID, _ row: Statement) {
        guard let head = heads[id.replica] else {
            if isHeadquarters { tell("replica \(id.replica) has commits, but no head") }
            chain = ChainState(replica: id.replica, isWhole: false, next: 1, hash: nil)
            return
        }
        let start = Chain.start(
            realm: realm,
            replica: head.replica,
            incarnation: head.incarnation
        )
        var next: UInt32 = 1
        // A re-committed tail keeps its sequences: its chain begins where it left the other one.
        if let envelope = try? CommitCodec.envelope(of: row.borrowedBytes(2)),
            let fork = envelope.flags.forkedFrom, let was = envelope.flags.was,
            fork.lastCommon < .max,
            head.incarnation == Chain.forkIncarnation(realm: realm, firstDivergent: was)
        {
            next = fork.lastCommon + 1
        }
        chain = ChainState(replica: head.replica, isWhole: true, next: next, hash: start)
        signed[head.replica]?.begin(next, start)
    }

    private mutating func follow(_ walk: CommitWalk, _ row: Statement) {
        guard var state = chain else { return }
        let hash = Digest32(row.borrowedBytes(1)) ?? .zero
        let isAfterGap = walk.firstSequence != state.next
        if isAfterGap {
            leaveHead(&state)
            // What headquarters gave up as lost lies before a commit that keeps the hash before it.
            let kept = Digest32(row.borrowedBytes(3))
            if state.isWhole, kept == nil {
                tell("replica \(state.replica) lacks \(state.next) … \(walk.firstSequence - 1)")
                state.isBroken = true
                chain = state
                return
            }
            state.hash = kept
            state.openAct = nil
            signed[state.replica]?.skip(to: walk.firstSequence, kept)
        } else if let kept = Digest32(row.borrowedBytes(3)) {
            if let before = state.hash, before != kept {
                tell("commit \(walk.id) is said to follow another commit than it does")
            }
            state.hash = kept
        }
        let isFirst = !state.isWhole && walk.firstSequence == 1
        let bytes = row.borrowedBytes(2)
        if let before = state.hash, Chain.next(before, bytes) != hash {
            tell("commit \(walk.id) does not have its hash")
            state.isBroken = true
        } else if state.hash == nil, !isFirst {
            tell("commit \(walk.id) does not follow what stands before it")
        }
        if state.isWhole { followAct(walk, &state, isAfterGap: isAfterGap) }
        state.hash = hash
        state.next = walk.lastID.sequence &+ 1
        chain = state
        let stamp = row.isNull(4) ? nil : row.blob(4)
        if isHeadquarters, let stamp, let keys,
            stamp != Signature.stamp(walk.id, hash, key: keys.stampKey)
        {
            tell("commit \(walk.id) does not bear headquarters' stamp")
        }
        let needsSignature = stamp == nil
        signed[state.replica]?.follow(walk, hash, needsSignature: needsSignature)
    }

    /// Beyond its end, and a gap, a store's own chain of before is held as anyone's: the store was
    /// restored, and its neighbours had what it has lost.
    private mutating func leaveHead(_ state: inout ChainState) {
        guard !isHeadquarters, state.isWhole, let head = heads[state.replica],
            state.next == head.last &+ 1, state.hash == head.hash
        else { return }
        heads[state.replica] = nil
        state.isWhole = false
    }

    /// An act is there whole, or not at all; but beside a gap, which holds the rest of it.
    private mutating func followAct(
        _ walk: CommitWalk,
        _ state: inout ChainState,
        isAfterGap: Bool
    ) {
        let expected = state.openAct.map { $0.index + 1 }
        let isRight =
            walk.act?.index ?? 0 == expected ?? 0
            && (expected == nil || walk.act?.count == state.openAct?.count)
        if !isRight, !isAfterGap { tell("commit \(walk.id) tears an act apart") }
        state.openAct = walk.act.flatMap { $0.index + 1 < $0.count ? $0 : nil }
    }

    private mutating func endChain() {
        guard let state = chain else { return }
        chain = nil
        guard state.isWhole, let head = heads.removeValue(forKey: state.replica) else { return }
        if state.isBroken { return }
        if state.next != head.last &+ 1 || state.hash != head.hash {
            tell("replica \(state.replica) does not end at its head")
        }
        // What headquarters wrote last before it was restored may be lost in part.
        let isRestored = head.device == 0 && Int64(head.replica.rawValue) != own
        if state.openAct != nil, !isRestored { tell("replica \(state.replica) ends inside an act") }
    }

    /// Follows headquarters' order of arrival, and the points of it that are kept.
    private mutating func followOrder() throws {
        guard isHeadquarters else { return }
        var points: [Int64: Digest32] = [:]
        let kept = try reader.database.statement("SELECT position, hash FROM chain")
        try kept.forEach { points[$0.integer(0)] = Digest32($0.borrowedBytes(1)) ?? .zero }
        var hash = Chain.logStart(realm: realm)
        let order = try reader.database.statement(
            """
            SELECT position, hash FROM commits WHERE position > ?1 AND position <= ?2
            ORDER BY position LIMIT ?3
            """
        )
        var last: Int64 = 0
        var count = LogVerifier.sliceMax
        while count == LogVerifier.sliceMax {
            try pause()
            count = 0
            order.bind(1, last)
            order.bind(2, end)
            order.bind(3, LogVerifier.sliceMax)
            try order.forEach { row in
                count += 1
                last = row.integer(0)
                hash = Chain.logNext(hash, Digest32(row.borrowedBytes(1)) ?? .zero)
                if let point = points.removeValue(forKey: last), point != hash {
                    tell("the order of headquarters differs at position \(last)")
                }
            }
        }
        if hash != chainHash {
            tell("the order of headquarters has another end than it keeps")
        }
    }

    // MARK: signatures

    /// Checks the signature under each batch; headquarters keeps the keys.
    private mutating func readBatches() throws {
        for head in heads.values where head.device > 0 {
            signed[head.replica] = SignedRanges(replica: head.replica)
        }
        guard let keys else {
            if !signed.isEmpty { tell("the device keys are missing: no signature can be checked") }
            signed = [:]
            return
        }
        let statement = try reader.database.statement(
            """
            SELECT replica, first, last, device, incarnation, before, head, mac FROM batches
            ORDER BY replica, first
            """
        )
        var unknown: Set<Int64> = []
        try statement.forEach { row in
            let batch = KeptBatch(row)
            guard let key = keys.deviceKey(batch.device) else {
                if unknown.insert(batch.device).inserted {
                    tell("the key of device \(batch.device) is missing: it cannot be checked")
                }
                return
            }
            if !batch.isSigned(realm: realm, key: key) {
                tell("batch \(batch.name) does not bear its device's signature")
                return
            }
            signed[batch.replica]?.add(batch)
        }
        for device in unknown {
            for head in heads.values where head.device == device { signed[head.replica] = nil }
        }
    }
}
