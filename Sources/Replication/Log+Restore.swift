// Headquarters after a restore: a new number, the careful state, and what nodes hand back.
// Must not drop anything: what does not fit waits beside the chain, what contradicts goes aside.

package import Kernel
import SQLite
package import Wire

/// A commit that a node hands back to headquarters, with the stamp it once got with it.
package struct HandedBack {
    package let previous: Digest32
    package let stamp: [UInt8]
    package let bytes: UnsafeRawBufferPointer

    package init(previous: Digest32, stamp: [UInt8], bytes: UnsafeRawBufferPointer) {
        self.previous = previous
        self.stamp = stamp
        self.bytes = bytes
    }
}

/// What became of a commit that was handed back.
package enum HandedBackOutcome: Hashable, Sendable {
    case taken
    case known
    /// It waits beside the chain until what comes before it is here, or named as lost.
    case waiting
    /// It stands under an id of headquarters' own number that was written anew: it will be
    /// committed again under another number.
    case rolledBack
}

extension Log {
    /// True after a restore, until a person has confirmed devices, users and waived branches.
    package var isCareful: Bool {
        get throws { try reader.metaInteger("careful") == 1 }
    }

    /// Headquarters was restored: it goes on under a number of a random block of the upper half,
    /// and only receives until a person confirms.
    ///
    /// Called inside `write`. A second restore takes a second number, careful or not.
    package func becomeRestored(at wall: WallTime) throws {
        precondition(isHeadquarters, "only headquarters has the careful state")
        let number = ReplicaNumber(UInt32(try drawBlock()))
        try adopt(number, incarnation: random.bytes(16), device: 0)
        try reader.setMeta("careful", integer: 1)
        try reader.setMeta("restored_at", integer: wall.milliseconds)
        try rule(at: wall) { act in
            act.begin([.everyone])
            act.add(LogKind.replicaIssued, LogBody.issued(number, to: 0))
        }
    }

    /// Takes a commit that was handed back; its stamp was checked by the caller.
    ///
    /// Called inside `write`. What contradicts the chains that are kept waits until a person
    /// confirms: only then is known all that anybody holds of the other history.
    package func takeBack(_ item: HandedBack) throws -> HandedBackOutcome {
        let header = try Log.receivedHeader(item.bytes)
        let hash = Chain.next(item.previous, item.bytes)
        if try reader.commit(header.id)?.hash == hash { return .known }
        if try isForked(header.id, hash) || recommitted(hash) != nil { return .known }
        if let was = header.flags.was, let twin = try recommitted(was), twin != header.id,
            try reader.commit(twin) != nil
        {
            // The same was committed again twice, for headquarters went back between.
            let bytes = [UInt8](item.bytes)
            try keepForked(ForkedCommit(id: header.id, hash: hash, bytes: bytes), became: twin)
            return .known
        }
        try wait(header.id, hash, item)
        guard let head = try reader.head(of: header.replica) else { return .waiting }
        if header.firstSequence <= head.last {
            if try isInHole(header, head) {
                try fillHolesFromWaiting(head)
                return try reader.commit(header.id)?.hash == hash ? .taken : .waiting
            }
            return head.device == 0 ? .rolledBack : .waiting
        }
        _ = try fillFromWaiting(head)
        try closeChain()
        return try reader.commit(header.id)?.hash == hash ? .taken : .waiting
    }

    /// Appends what waits right behind a head, whole acts only; answers the head then.
    func fillFromWaiting(_ head: Head) throws -> Head {
        try forgetArrived(head)
        var head = head
        while let (act, last) = try waitingAct(after: head) {
            for commit in act { try appendWaiting(commit, isAfterHole: false) }
            head = Head(
                replica: head.replica,
                incarnation: head.incarnation,
                device: head.device,
                last: last,
                hash: act[act.count - 1].hash
            )
            try setHead(head)
            if own?.replica == head.replica { own = head }
        }
        return head
    }

    /// What waited and has come from its author meanwhile does not wait any more.
    private func forgetArrived(_ head: Head) throws {
        let statement = try database.statement(
            """
            DELETE FROM waiting WHERE id > ?1 AND id <= ?2 AND EXISTS
              (SELECT 1 FROM commits WHERE commits.id = waiting.id AND commits.hash = waiting.hash)
            """
        )
        statement.bind(1, Int64(head.replica.rawValue) << 32)
        statement.bind(2, Int64(head.replica.rawValue) << 32 | Int64(head.last))
        try statement.run()
    }

    /// The commits of the act that waits right behind a head; nil while one of them is missing.
    private func waitingAct(
        after head: Head
    ) throws -> (commits: [WaitingCommit], last: UInt32)? {
        var commits: [WaitingCommit] = []
        var last = head.last
        var hash = head.hash
        while last < .max {
            let id = ChangeID(replica: head.replica, sequence: last + 1)
            guard let commit = try waiting(at: id, after: hash),
                let header = try? CommitCodec.header(of: commit.bytes)
            else { return nil }
            commits.append(commit)
            last = header.lastSequence
            hash = commit.hash
            guard let act = header.flags.act, act.index < act.count - 1 else {
                return (commits, last)
            }
        }
        return nil
    }

    func appendWaiting(_ commit: WaitingCommit, isAfterHole: Bool) throws {
        try commit.bytes.withUnsafeBytes { bytes in
            let header = try CommitCodec.header(of: bytes)
            try insert(
                commit.id,
                commit.hash,
                bytes,
                header.audiences,
                stamp: commit.stamp,
                previous: isAfterHole ? commit.previous : nil
            )
            try moveWaitingPersonal(of: commit.hash, to: header)
            try noteRecommit(header)
            let isOwn = try headquartersNumbers().contains(header.replica)
            if isOwn { try followLogKinds(header, bytes) }
        }
        try stopWaiting(commit)
    }

    /// A `tail.lost` names a hole: what waits of this history follows after the gap.
    ///
    /// Shape: of an act for several readers a part may follow; the ruling says why.
    func giveUpHole(_ body: UnsafeRawBufferPointer) throws {
        guard isHeadquarters else { return }
        let fields = try BodyFields(body)
        let replica = try fields.number(fields.integer(1))
        let late = try lateCommits(of: replica)
        guard let last = late.last else { return }
        let known = try reader.head(of: replica)
        var hash = known?.hash
        var next = known.map { $0.last &+ 1 }
        for item in late {
            let follows = item.header.firstSequence == next && item.commit.previous == hash
            try appendWaiting(item.commit, isAfterHole: !follows)
            hash = item.commit.hash
            next = item.header.lastSequence &+ 1
        }
        let head = Head(
            replica: replica,
            incarnation: known?.incarnation ?? [UInt8](repeating: 0, count: 16),
            device: try known?.device ?? owner(of: replica)?.device ?? -1,
            last: last.header.lastSequence,
            hash: last.commit.hash
        )
        try setHead(head)
        if own?.replica == replica { own = head }
        try noteHole(of: head)
    }
}
