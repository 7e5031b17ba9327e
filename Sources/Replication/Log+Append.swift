// Writing one's own acts: encode, chain, append, in this order. What cannot be received elsewhere
// is never written here: appending runs the very checks of receiving.

package import Kernel
import SQLite
package import Wire

/// A personal value that lies beside a commit.
///
/// Shape: on the wire `[commit id, index, salt, value]`; hash = H(salt ‖ CBOR(value)).
package struct PersonalRecord: Hashable, Sendable {
    package let commit: ChangeID
    package let index: Int
    package let subject: Int64
    package let salt: [UInt8]
    /// Canonical CBOR.
    package let value: [UInt8]

    package init(
        commit: ChangeID,
        index: Int,
        subject: Int64,
        salt: [UInt8],
        value: [UInt8]
    ) {
        self.commit = commit
        self.index = index
        self.subject = subject
        self.salt = salt
        self.value = value
    }

    /// The hash that stands in flag 5.
    package var hash: Digest32 { PersonalRecord.hash(salt: salt, value: value) }

    /// The hash of a value under its salt.
    package static func hash(salt: [UInt8], value: [UInt8]) -> Digest32 {
        SHA256.digest(salt + value)
    }
}

/// An act in its final bytes, not yet in the log.
package struct PreparedAct: Sendable {
    package let commits: [StoredCommit]
    package let personal: [PersonalRecord]
    let head: Head
    let clock: HybridClock

    /// The last commit's hash; a paper code is its first four bytes.
    package var hash: Digest32 { head.hash }
}

extension Log {
    /// The id that the next own change will have.
    ///
    /// Throws: `LogFault.sequencesExhausted`; `LogFault.retired` where there is no number.
    package func nextID() throws(LogFault) -> ChangeID {
        guard let own else { throw LogFault.retired(ReplicaNumber(0)) }
        guard own.last < UInt32.max - 65_536 else { throw LogFault.sequencesExhausted(own.replica) }
        return ChangeID(replica: own.replica, sequence: own.last + 1)
    }

    /// Encodes an act at the time `wall`: its bytes, hashes and personal records; writes nothing.
    ///
    /// Throws: `LogFault`; `StorageFault` where the log cannot be read.
    package func prepare(_ act: Act, at wall: WallTime) throws -> PreparedAct {
        precondition(!act.isEmpty, "an act without changes is not written")
        guard var head = own else { throw LogFault.retired(ReplicaNumber(0)) }
        var clock = clock
        var commits: [StoredCommit] = []
        var personal: [PersonalRecord] = []
        let drafts = act.commits.filter { !$0.changes.isEmpty }
        for (index, draft) in drafts.enumerated() {
            let first = ChangeID(replica: head.replica, sequence: head.last + 1)
            let records = try salted(draft.personal, beside: first)
            var flags = CommitFlags()
            if drafts.count > 1 {
                flags.act = CommitFlags.ActPlace(index: index, count: drafts.count)
            }
            if !draft.audiences.contains(where: { !$0.needsBlinding }) {
                flags.blind = random.bytes(16)
            }
            flags.personal = records.map { .init(subject: $0.subject, hash: $0.hash) }
            flags.blobs = draft.blobs
            if draft.changes.contains(where: { !$0.kind.isFact }) { flags.needs = draft.needs }
            for need in flags.needs {
                // Who has seen a write writes after it, even where its author's clock is ahead.
                guard let seen = try reader.place(of: need) else { continue }
                clock.advance(to: try reader.effectiveTime(of: need, clock: seen.clock))
            }
            let header = CommitHeader(
                replica: head.replica,
                firstSequence: first.sequence,
                clock: clock.tick(wall: wall),
                wall: wall,
                author: act.author,
                audiences: draft.audiences,
                flags: flags,
                changeCount: draft.changes.count
            )
            let commit = try seal(header, draft.changes, after: head, place: index)
            head = Head(
                replica: head.replica,
                incarnation: head.incarnation,
                device: head.device,
                last: header.lastSequence,
                hash: commit.hash
            )
            commits.append(commit)
            personal += records
        }
        return PreparedAct(commits: commits, personal: personal, head: head, clock: clock)
    }

    private func salted(
        _ drafts: [PersonalDraft],
        beside commit: ChangeID
    ) throws(LogFault) -> [PersonalRecord] {
        var records: [PersonalRecord] = []
        for (index, draft) in drafts.enumerated() {
            do throws(WireFault) {
                let record = PersonalRecord(
                    commit: commit,
                    index: index,
                    subject: draft.subject,
                    salt: random.bytes(16),
                    value: try draft.value.encoded()
                )
                records.append(record)
            } catch {
                throw LogFault.envelope(commit, error)
            }
        }
        return records
    }

    private func seal(
        _ header: CommitHeader,
        _ changes: [DraftChange],
        after head: Head,
        place: Int
    ) throws(LogFault) -> StoredCommit {
        let bytes = CommitCodec.encode(header, changes: changes)
        guard bytes.count <= Limits.commitBytesMax else {
            throw LogFault.tooLarge(header.id, bytes.count)
        }
        do throws(WireFault) {
            _ = try CommitCodec.header(of: bytes)
        } catch {
            throw LogFault.envelope(header.id, error)
        }
        return StoredCommit(
            position: end + 1 + Int64(place),
            id: header.id,
            hash: bytes.withUnsafeBytes { Chain.next(head.hash, $0) },
            bytes: bytes
        )
    }

    /// Appends a prepared act, with what was answered to its request.
    ///
    /// Called inside `write`; nothing else may be appended between `prepare` and this.
    package func append(
        _ prepared: PreparedAct,
        request: (key: String, outcome: [UInt8])? = nil,
        at wall: WallTime
    ) throws {
        precondition(
            prepared.commits.first?.position == end + 1,
            "the log moved since it was prepared"
        )
        for commit in prepared.commits {
            try commit.bytes.withUnsafeBytes { bytes in
                let header = try CommitCodec.header(of: bytes)
                try insert(commit.id, commit.hash, bytes, header.audiences)
                try followLogKinds(header, bytes)
            }
        }
        for record in prepared.personal { try keep(record) }
        try setHead(prepared.head)
        own = prepared.head
        clock = prepared.clock
        try closeChain()
        if let request { try keep(request: request.key, outcome: request.outcome, at: wall) }
    }

    /// Prepares and appends an act in a transaction of its own.
    @discardableResult
    package func append(_ act: Act, at wall: WallTime) throws -> PreparedAct {
        let prepared = try prepare(act, at: wall)
        try write { try append(prepared, at: wall) }
        return prepared
    }

    /// Adds one commit at the end of the log.
    func insert(
        _ id: ChangeID,
        _ hash: Digest32,
        _ bytes: UnsafeRawBufferPointer,
        _ audiences: [Audience],
        stamp: [UInt8]? = nil,
        previous: Digest32? = nil
    ) throws {
        let statement = try database.statement(
            """
            INSERT INTO commits(position, id, hash, bytes, previous, stamp)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            """
        )
        end += 1
        statement.bind(1, end)
        statement.bind(2, id.rawValue)
        try hash.withUnsafeBytes { digest in
            statement.bind(3, digest)
            statement.bind(4, bytes)
            statement.bind(5, previous?.bytes)
            statement.bind(6, stamp)
            try statement.run()
        }
        if isHeadquarters {
            chainHash = Chain.logNext(chainHash, hash)
            for audience in audiences { extendRun(audience.packed, end) }
        }
    }

    /// Keeps the hash of headquarters' order at the end of a write.
    func closeChain() throws {
        guard isHeadquarters else { return }
        let statement = try database.statement(
            "INSERT OR REPLACE INTO chain(position, hash) VALUES(?1, ?2)"
        )
        statement.bind(1, end)
        statement.bind(2, chainHash.bytes)
        try statement.run()
    }

    /// Keeps a personal value unless its subject is erased.
    package func keep(_ record: PersonalRecord) throws {
        if try isErased(record.subject) { return }
        let statement = try database.statement(
            """
            INSERT OR IGNORE INTO personal(id, place, subject, salt, value)
            VALUES(?1, ?2, ?3, ?4, ?5)
            """
        )
        statement.bind(1, record.commit.rawValue)
        statement.bind(2, record.index)
        statement.bind(3, record.subject)
        statement.bind(4, record.salt)
        statement.bind(5, record.value)
        try statement.run()
    }

    /// True where a subject's personal values are gone for good.
    package func isErased(_ subject: Int64) throws -> Bool {
        let statement = try database.statement("SELECT 1 FROM erased WHERE subject = ?1")
        statement.bind(1, subject)
        return try statement.firstInteger() != nil
    }

    private func keep(request key: String, outcome: [UInt8], at wall: WallTime) throws {
        let statement = try database.statement(
            "INSERT INTO requests(key, at, outcome) VALUES(?1, ?2, ?3)"
        )
        statement.bind(1, key)
        statement.bind(2, wall.milliseconds)
        statement.bind(3, outcome)
        try statement.run()
    }

    /// Forgets the answers to requests older than `days`; never those whose key begins with
    /// `import:`, which stand for rows of files that may come again in years.
    package func forgetRequests(olderThan days: Int64 = 90, now: WallTime) throws {
        let statement = try database.statement(
            "DELETE FROM requests WHERE at < ?1 AND key NOT GLOB 'import:*'"
        )
        statement.bind(1, now.milliseconds - days * 86_400_000)
        try statement.run()
    }

    // MARK: delivery

    private func extendRun(_ audience: Int64, _ position: Int64) {
        if let run = runs[audience], run.upperBound == position - 1 {
            runs[audience] = run.lowerBound...position
        } else if let run = runs[audience] {
            closedRuns.append((audience, run))
            runs[audience] = position...position
        } else {
            runs[audience] = position...position
        }
    }

    /// Writes which positions each audience may see, as runs.
    func flushRuns() throws {
        let all = closedRuns + runs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        closedRuns = []
        runs = [:]
        for (audience, run) in all { try keepRun(audience, run) }
    }

    private func keepRun(_ audience: Int64, _ run: ClosedRange<Int64>) throws {
        let extend = try database.statement(
            """
            UPDATE delivery SET last = ?3 WHERE audience = ?1 AND last = ?2 AND first =
              (SELECT max(first) FROM delivery WHERE audience = ?1)
            """
        )
        extend.bind(1, audience)
        extend.bind(2, run.lowerBound - 1)
        extend.bind(3, run.upperBound)
        try extend.run()
        if database.changes > 0 { return }
        let insert = try database.statement(
            "INSERT INTO delivery(audience, first, last) VALUES(?1, ?2, ?3)"
        )
        insert.bind(1, audience)
        insert.bind(2, run.lowerBound)
        insert.bind(3, run.upperBound)
        try insert.run()
    }
}
