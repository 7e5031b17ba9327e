// A node's half of the protocol, one round at a time; no sockets and no clock of its own.
// Must not believe an answer before its signature, and never drops an unsent commit.

package import Kernel
package import Replication
import Wire

/// A request as HTTP sends it.
package struct SyncRequest: Sendable {
    package let method: String
    package let target: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(
        method: String,
        target: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// What happened in a round that people, or the node around it, should know.
package enum SyncEvent: Hashable, Sendable {
    /// The node came back from a backup and goes on under another number.
    case restored(ReplicaNumber)
    /// The tail of the first number was committed again under the second.
    case forked(ReplicaNumber, ReplicaNumber)
    /// A copy of this node is at work: this one goes on under another number.
    case twin(ReplicaNumber)
    /// A number is under review: nothing is handed out until a person decides.
    case review(ReplicaNumber)
    /// Headquarters was restored; what it lacks is sent again.
    case headquartersRestored
    /// Commits were deleted that this node may no longer see.
    case wiped(Int)
    /// Unit: milliseconds that this clock is ahead of headquarters'.
    case clockOff(Int64)
    /// Headquarters' order no longer contains a point that was kept.
    case orderChanged(LogPoint)
    /// Headquarters refused a batch for its bytes or its signature.
    case batchRefused(ReplicaNumber, BatchOutcome)
    /// What this node says it was told is not on headquarters' log, and bears no seal of it: it
    /// goes back, and fetches and sends again.
    case placeLost
    /// A commit was lost or damaged here; it was fetched again.
    case mended(ChangeID)
    /// A commit here is not among those that headquarters delivered.
    case unmatched(Audience, ChangeID)
}

/// Why a round ended before its work was done.
package enum SyncStop: Hashable, Sendable {
    /// Headquarters said no.
    case refused(SyncRefusal)
    /// No answer came, or none that can be believed: a proxy, a portal, a cut line.
    case noAnswer(String)
    /// Headquarters' answer is signed, and yet not what it should be.
    case brokenAnswer(String)
    /// The round came back to its beginning too often.
    case circling
}

/// How a round went.
package struct RoundOutcome: Sendable {
    package var pushed = 0
    package var pulled = 0
    package var events: [SyncEvent] = []
    package var stop: SyncStop?
    /// Unit: seconds that headquarters asked to wait; 0 where it did not.
    package var retryAfter = 0
    package var isCareful = false
    package init() {}

    /// True where nothing is left to send or fetch.
    package var isComplete: Bool { stop == nil }
}

/// The client of the protocol.
///
/// Not thread safe: it belongs to the node's writer thread. A round is
/// `begin`, then `nextRequest` and `take` (or `fail`) in turn until there is no request.
package final class SyncClient {
    package let log: Log
    package let state: NodeState
    package private(set) var outcome = RoundOutcome()
    /// Unit: bytes of commits in one request or answer; it adapts to what gets through.
    package var bytesBudget = 1 << 20

    enum Step {
        case idle
        case hello
        /// Tell a restored headquarters what it once said.
        case claim
        case number(Log.Fork, why: Reason)
        case handBack
        case push
        case pull(tail: Tail?)
    }

    /// The tail of an own chain that headquarters has and this node lost.
    struct Tail {
        let replica: ReplicaNumber
        let last: UInt32
        /// True where everything is fetched again, for the tail lay below the cursor.
        var isFromStart = false
    }

    enum Reason { case fork, restored, twin }

    struct Pending {
        let mac: Digest32
        let nonce: [UInt8]
        let answer: MessageType
        let probes: [Probe]
    }

    var step = Step.idle
    var pending: Pending?
    let shapes: BodyShapes
    private let random: any RandomSource
    private let key: [UInt8]
    let device: Int64
    /// The session in use.
    var session = Signature.noSession
    var greeting: HelloAnswer?
    var hellos = 0
    var hasClaimed = false
    /// Searches that run, by number.
    var searches: [ReplicaNumber: Bisection] = [:]
    /// What to hand back: number and the sequence after which headquarters lacks it.
    var toHandBack: [(replica: ReplicaNumber, after: UInt32)] = []
    /// Personal records that headquarters asked for.
    var wanted: [PersonalPlace] = []
    /// Own tails asked for in this round: what headquarters withholds does not come.
    var askedTails: Set<ReplicaNumber> = []
    var isUnderReview = false
    var check = DigestCheck()
    /// The number under which a copy of this node has overtaken it.
    var overtaken: ReplicaNumber?
    var lastGreetedMs: Int64?

    /// The client of an enrolled node.
    package init(log: Log, shapes: BodyShapes, random: any RandomSource) throws {
        self.log = log
        state = NodeState(log: log)
        self.shapes = shapes
        self.random = random
        guard let device = try state.device, let key = try state.key else {
            throw LogFault.notALog("not enrolled")
        }
        self.device = device
        self.key = key
    }

    /// Begins a round.
    package func begin(now: WallTime) {
        outcome = RoundOutcome()
        pending = nil
        hellos = 0
        hasClaimed = false
        overtaken = nil
        askedTails = []
        check = DigestCheck(isDue: check.isDue)
        searches = [:]
        toHandBack = []
        wanted = []
        let age = lastGreetedMs.map { now.milliseconds - $0 } ?? .max
        let isFresh = age >= 0 && age < 3_600_000 && session != Signature.noSession
        step = isFresh && !isUnderReview ? .push : .hello
    }

    /// The next request of the round; nil where it is over.
    package func nextRequest(now: WallTime) throws -> SyncRequest? {
        if pending != nil { return nil }
        while true {
            switch step {
            case .idle: return nil
            case .hello:
                hellos += 1
                if hellos > 64 { return stop(.circling) }
                return try helloRequest(now)
            case .claim: return try claimRequest(now)
            case .number(let fork, _): return try numberRequest(fork, now)
            case .handBack:
                if let request = try handBackRequest(now) { return request }
                step = .push
            case .push:
                if let request = try pushRequest(now) { return request }
                if let number = overtaken, let fork = try forkAtEnd(of: number) {
                    overtaken = nil
                    let isCopy = try log.reader.metaInteger("unproven") == 1
                    step = .number(fork, why: isCopy ? .restored : .twin)
                    continue
                }
                step = isUnderReview || outcome.isCareful ? .idle : .pull(tail: nil)
            case .pull: return try pullRequest(now)
            }
        }
    }

    /// A fork with nothing after it: the chain is whole at headquarters.
    private func forkAtEnd(of replica: ReplicaNumber) throws -> Log.Fork? {
        guard let head = try log.reader.head(of: replica) else { return nil }
        return try log.fork(of: replica, after: head.last)
    }

    /// Takes an answer as HTTP brought it.
    ///
    /// Throws: only what the disk throws.
    package func take(
        status: Int,
        headers: [(name: String, value: String)],
        body: [UInt8],
        now: WallTime
    ) throws {
        guard let asked = pending else { return }
        pending = nil
        guard let text = SyncHeader.value(SyncHeader.mac, in: headers),
            let bytes = try? Hex.decode(text), let mac = Digest32(bytes)
        else { return lose("status \(status) without a signature") }
        let own = Signature.answer(to: asked.mac, status: status, body: body, key: key)
        guard constantTimeEquals(own, mac) else { return lose("a signature that does not match") }
        guard let message = try? Message(deflated: body), message.nonce == asked.nonce else {
            stop(.brokenAnswer("not a message"))
            return
        }
        bytesBudget = min(bytesBudget + bytesBudget / 2, 4 << 20)
        do {
            if status != 200 || message.type == .refused {
                return try refused(RefusedAnswer(body: message.body))
            }
            guard message.type == asked.answer else {
                stop(.brokenAnswer("another type of message"))
                return
            }
            switch message.type {
            case .greeted:
                try greeted(HelloAnswer(body: message.body), asked.probes, now)
            case .pushed: try pushed(PushAnswer(body: message.body), now)
            case .pulled: try pulled(PullAnswer(body: message.body), now)
            default: stop(.brokenAnswer("another type of message"))
            }
        } catch let fault as WireFault {
            stop(.brokenAnswer("\(fault)"))
        }
    }

    /// No answer came: the round ends, and the next one asks for less at a time.
    package func fail(_ reason: String) {
        pending = nil
        lose(reason)
    }

    private func lose(_ reason: String) {
        bytesBudget = max(bytesBudget / 2, 64 << 10)
        // Whether the last request arrived is not known: hello settles it.
        session = Signature.noSession
        stop(.noAnswer(reason))
    }

    private func refused(_ answer: RefusedAnswer) throws {
        switch answer.refusal {
        case .staleSession, .notForked:
            session = Signature.noSession
            searches = [:]
            step = .hello
        case .careful:
            outcome.isCareful = true
            outcome.retryAfter = answer.retryAfter
            if hellos == 0 {
                // What it lacks is handed back first.
                step = .hello
                return
            }
            stop(.refused(.careful))
        case .tooLarge:
            bytesBudget = max(bytesBudget / 4, 64 << 10)
            stop(.refused(.tooLarge))
        default:
            outcome.retryAfter = answer.retryAfter
            stop(.refused(answer.refusal))
        }
    }

    @discardableResult
    func stop(_ reason: SyncStop) -> SyncRequest? {
        outcome.stop = reason
        step = .idle
        return nil
    }

    func note(_ event: SyncEvent) {
        if !outcome.events.contains(event) { outcome.events.append(event) }
    }

    func count(pushed: Int = 0, pulled: Int = 0) {
        outcome.pushed += pushed
        outcome.pulled += pulled
    }

    func isCareful(_ careful: Bool) { outcome.isCareful = careful }

    /// Signs and wraps a request.
    func request(
        _ type: MessageType,
        _ path: String,
        _ body: [UInt8],
        answer: MessageType,
        session: [UInt8],
        probes: [Probe] = []
    ) throws -> SyncRequest {
        let nonce = random.bytes(16)
        let sent = try Message(nonce: nonce, type: type, body: body).deflated()
        let target = "/sync/v1/" + path
        let signed = Signature.Request(
            realm: log.realm,
            device: device,
            session: session,
            nonce: nonce,
            method: "POST",
            target: target,
            body: sent
        )
        let mac = Signature.request(signed, key: key)
        pending = Pending(mac: mac, nonce: nonce, answer: answer, probes: probes)
        return SyncRequest(
            method: "POST",
            target: target,
            headers: [
                (name: "Content-Type", value: SyncHeader.contentType),
                (name: SyncHeader.device, value: "\(device)"),
                (name: SyncHeader.session, value: Hex.encode(session)),
                (name: SyncHeader.nonce, value: Hex.encode(nonce)),
                (name: SyncHeader.mac, value: mac.hex),
            ],
            body: sent
        )
    }

    func nonce() -> [UInt8] { random.bytes(16) }

    /// A sealed message of a commit file.
    func sealed(_ type: MessageType, _ inner: [UInt8]) -> [UInt8] {
        CommitFile.sealed(
            type,
            inner,
            realm: log.realm,
            device: device,
            key: key,
            nonce: nonce()
        )
    }

    func isSealed(_ seal: CommitFile.Sealed) -> Bool {
        seal.isSealed(realm: log.realm, device: device, key: key)
    }

    /// A batch signed with the device's key.
    func sign(_ chain: Head, first: UInt32, before: Digest32) -> Digest32 {
        Signature.batch(
            realm: log.realm,
            device: device,
            chain: chain,
            first: first,
            before: before,
            key: key
        )
    }

    /// Keeps what a signed acknowledgement says, as far as this node's chain bears it out.
    ///
    /// Called inside `write`.
    func keep(_ acks: [Acknowledgement]) throws {
        for ack in acks {
            let mac = Signature.acknowledgement(
                realm: log.realm,
                device: device,
                ack,
                key: key
            )
            guard constantTimeEquals(mac, ack.mac),
                let head = try log.reader.head(of: ack.replica), head.device == device,
                head.incarnation == ack.incarnation
            else { continue }
            let points = [
                (Mark.durable, ack.durable), (.projected, ack.projected),
                (.protected, ack.protected),
            ]
            for (mark, point) in points where try log.holds(point, of: ack.replica) {
                try log.setMark(mark, of: ack.replica, to: point)
            }
        }
    }
}
