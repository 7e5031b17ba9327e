// Handing out: headquarters' order for the audiences of one device, only what is judged.
// Keeps no queue: what a device has is what its cursor says.

import Kernel
import Replication
import Wire

extension SyncServer {
    /// Unit: bytes of commits in one answer at most, with the act it ends in.
    static var pullBytesMax: Int { 8 << 20 }

    func hand(_ body: [UInt8], _ caller: Authentic, _ session: Session) throws -> [UInt8] {
        let pull = try PullRequest(body: body)
        if try log.isCareful { throw SyncRefusal.careful }
        guard let owner = try log.owner(of: session.replica), !owner.isEnded,
            owner.device == caller.device.id
        else { throw SyncRefusal.review }
        guard try holds(pull.cursor.point) else { throw SyncRefusal.staleSession }
        if try log.session(of: session.replica, device: caller.device.id) != session.nonce {
            try log.write { try use(session, caller) }
        }
        if let wiped = pull.wiped {
            alerts.append(.wiped(device: caller.device.id, wiped))
        }
        for id in pull.mended { alerts.append(.mended(device: caller.device.id, id)) }
        var answer = try deliver(pull, to: caller.device, now: caller.now)
        try addDigests(pull, to: caller.device, &answer)
        var news = DeviceNews(device: caller.device.id)
        news.ends = pull.own
        news.handed = answer.point.position
        self.news = news
        return answer.body
    }

    /// The answer to a pull, by wire or by file.
    func deliver(
        _ pull: PullRequest,
        to device: DeviceRecord,
        now: WallTime
    ) throws -> PullAnswer {
        var answer = PullAnswer()
        let audiences = try surroundings.audiences(device).sorted()
        let set = Set(audiences)
        let isListed = Signature.audiences(pull.audiences) == pull.cursor.audiences
        let old = isListed ? Set(pull.audiences) : []
        answer.audiences = audiences
        answer.point = pull.cursor.point
        answer.head = head
        answer.seal = seal
        answer.wall = now
        for replica in try log.numbers(of: device.id).suffix(256) {
            if let ack = try acknowledgement(of: replica, for: device.id) {
                answer.acknowledgements.append(ack)
            }
        }
        if !old.isSubset(of: set) {
            answer.isShrunk = true
            answer.hasMore = true
            return answer
        }
        var delivery = Delivery(server: self, device: device, own: pull.own, audiences: set)
        delivery.withheld = try surroundings.withheld()
        let bytesMax = min(max(pull.bytesMax, 1), SyncServer.pullBytesMax)
        let added = set.subtracting(old)
        if !added.isEmpty, pull.cursor.point.position > 0 {
            let target = Signature.audiences(audiences)
            let from = pull.backfill.flatMap { $0.hash == target ? $0.position : nil } ?? 0
            try delivery.older(added, known: old, from: from, pull, bytesMax, &answer)
        } else {
            try delivery.newer(pull, bytesMax, &answer)
        }
        try delivery.lacked(pull.missing)
        answer.commits = delivery.commits
        answer.personal = delivery.personal
        return answer
    }
}

/// One answer while it is being filled.
struct Delivery {
    let server: SyncServer
    let device: DeviceRecord
    let own: [ReplicaNumber: UInt32]
    let audiences: Set<Audience>
    var withheld: Set<ChangeID> = []
    var commits: [StampedCommit] = []
    var personal: [WirePersonal] = []
    private var sent: Set<ChangeID> = []
    private var lastSent: (id: ChangeID, hash: Digest32)?

    init(
        server: SyncServer,
        device: DeviceRecord,
        own: [(replica: ReplicaNumber, last: UInt32)],
        audiences: Set<Audience>
    ) {
        self.server = server
        self.device = device
        var table: [ReplicaNumber: UInt32] = [:]
        for (replica, last) in own.prefix(256) { table[replica] = last }
        self.own = table
        self.audiences = audiences
    }

    private var log: Log { server.log }

    /// What lies after the cursor.
    mutating func newer(
        _ pull: PullRequest,
        _ bytesMax: Int,
        _ answer: inout PullAnswer
    ) throws {
        let through = min(server.surroundings.judgedThrough(), log.end)
        let after = pull.cursor.point.position
        if through <= after { return }
        let rulers = Set(try log.headquartersNumbers())
        let window = DeliveryWindow(
            after: after,
            through: through,
            audiences: audiences,
            bytesMax: bytesMax
        )
        let reached = try log.deliver(window) { _, id, hash, bytes in
            if isSkipped(id) { return 0 }
            var size = 0
            if rulers.contains(id.replica) { size += try byName(bytes) }
            size += try add(id, hash, bytes)
            return size
        }
        guard let hash = try log.reader.logHash(at: reached) else { return }
        answer.point = LogPoint(position: reached, hash: hash)
        answer.hasMore = reached < through
    }

    /// What a grown set holds at or below the cursor.
    mutating func older(
        _ added: Set<Audience>,
        known: Set<Audience>,
        from: Int64,
        _ pull: PullRequest,
        _ bytesMax: Int,
        _ answer: inout PullAnswer
    ) throws {
        let end = pull.cursor.point.position
        let window = DeliveryWindow(
            after: from,
            through: end,
            audiences: added,
            known: known,
            bytesMax: bytesMax
        )
        let reached = try log.deliver(window) { _, id, hash, bytes in
            // Own ones too: they may have been deleted here when the set was smaller.
            withheld.contains(id) ? 0 : try add(id, hash, bytes)
        }
        answer.hasMore = true
        if reached < end {
            answer.backfill = reached
            return
        }
        for audience in added.sorted() {
            for id in try log.widenedCommits(to: audience, through: end)
            where !withheld.contains(id) {
                guard let commit = try log.reader.commit(id) else { continue }
                _ = try add(id, commit.hash, commit.bytes)
            }
        }
    }

    /// Personal records that came to headquarters after their commit was handed out.
    mutating func lacked(_ places: [PersonalPlace]) throws {
        for place in places {
            guard let commit = try log.reader.commit(place.commit), let header = commit.header,
                try maySee(header)
            else { continue }
            for record in try log.personalRecords(of: place.commit)
            where record.index == place.index {
                personal.append(WirePersonal(record))
            }
        }
    }

    func maySee(_ header: CommitHeader) throws -> Bool {
        if header.audiences.contains(where: audiences.contains) { return true }
        if try log.reader.head(of: header.replica)?.device == device.id { return true }
        for audience in audiences.sorted() {
            let widened = try log.widenedCommits(to: audience, through: log.end)
            if widened.contains(header.id) { return true }
        }
        return false
    }

    /// What is withheld goes to its author all the same: a tail that came back from a backup, or
    /// belongs to a copy of this node, cannot be followed across a gap.
    private func isSkipped(_ id: ChangeID) -> Bool {
        if withheld.contains(id) { return !isTheirs(id.replica) || isHeld(id) }
        return isHeld(id) && isTheirs(id.replica)
    }

    /// True where the device says that it holds the commit.
    private func isHeld(_ id: ChangeID) -> Bool {
        own[id.replica].map { id.sequence <= $0 } ?? false
    }

    private func isTheirs(_ replica: ReplicaNumber) -> Bool {
        let head = try? log.reader.head(of: replica)
        return head?.device == device.id
    }

    /// Delivers what a ruling names, just before it.
    private mutating func byName(_ bytes: [UInt8]) throws -> Int {
        let header = try CommitCodec.header(of: bytes)
        let isNaming = header.kinds.contains {
            $0 == LogKind.logReleased || $0 == LogKind.audienceWidened
        }
        if !isNaming { return 0 }
        var named: [(id: ChangeID, widened: Audience?)] = []
        try bytes.withUnsafeBytes { raw in
            try CommitCodec.forEachChange(in: raw) { _, _, kind, body in
                if kind == LogKind.logReleased {
                    named += try RulingBody.ids(body).map { ($0, nil) }
                } else if kind == LogKind.audienceWidened {
                    let (audience, ids) = try LogBody.widened(body)
                    named += ids.map { ($0, audience) }
                }
            }
        }
        var size = 0
        for (id, widened) in named where !withheld.contains(id) {
            guard let commit = try log.reader.commit(id), let header = commit.header else {
                continue
            }
            let isTheirs =
                widened.map(audiences.contains)
                ?? header.audiences.contains(where: audiences.contains)
            if isTheirs { size += try add(id, commit.hash, commit.bytes) }
        }
        return size
    }

    private mutating func add(
        _ id: ChangeID,
        _ hash: Digest32,
        _ bytes: [UInt8]
    ) throws -> Int {
        if !sent.insert(id).inserted { return 0 }
        let previous = try log.previousHash(of: id)
        let follows = lastSent.map { $0.hash == previous && $0.id.replica == id.replica } ?? false
        commits.append(
            StampedCommit(
                previous: follows ? nil : previous,
                stamp: Signature.stamp(id, hash, key: server.keys.stampKey),
                bytes: bytes
            )
        )
        lastSent = (id, hash)
        for record in try log.personalRecords(of: id) { personal.append(WirePersonal(record)) }
        return bytes.count + 64
    }
}
