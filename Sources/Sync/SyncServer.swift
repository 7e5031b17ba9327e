// Headquarters' half of the protocol: a request in, an answer out, no sockets and no clock.
// Who signs, which session and which address is settled here; the rest in the files beside it.
// Must not believe a byte before its signature.

package import Kernel
package import Replication
package import Wire

/// Header fields of the protocol.
package enum SyncHeader {
    package static let device = "Tributary-Device"
    package static let session = "Tributary-Session"
    package static let nonce = "Tributary-Nonce"
    package static let mac = "Tributary-MAC"
    package static let contentType = "application/tributary"

    /// A field of a list, its name in any case; nil where it is absent or stands twice.
    package static func value(
        _ name: String,
        in headers: [(name: String, value: String)]
    ) -> String? {
        let wanted = name.lowercased()
        let found = headers.filter { $0.name.lowercased() == wanted }
        return found.count == 1 ? found[0].value : nil
    }
}

/// An answer as HTTP sends it.
package struct SyncResponse: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// The device that asked, where its signature was good.
    package var device: Int64?

    package init(
        status: Int,
        headers: [(name: String, value: String)],
        body: [UInt8],
        device: Int64? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.device = device
    }
}

/// What a person should be told, and what the log of the service says.
package enum SyncAlert: Hashable, Sendable {
    /// Two nodes use one identity: a copied disk.
    case twin(device: Int64, ReplicaNumber)
    /// Two histories stand under one number.
    case fork(device: Int64, ReplicaNumber)
    /// A node came back from a backup.
    case nodeRestored(device: Int64, ReplicaNumber)
    /// Headquarters lacks what it acknowledged: it was restored, and is careful now.
    case headquartersRestored(claimedBy: Int64)
    /// A number that is not the device's, or is ended.
    case review(device: Int64, ReplicaNumber)
    /// A revoked device knocked.
    case revoked(device: Int64)
    /// Changes beyond the rights of a device were ruled forbidden.
    case forbidden(device: Int64, Int)
    /// Facts beyond the rights of a device wait for a person.
    case held(device: Int64, Int)
    /// The clock of a device is off.
    case clock(device: Int64, aheadMs: Int64)
    /// A device says it deleted what it may no longer see.
    case wiped(device: Int64, Digest32)
    /// A batch was signed by another key than its device's.
    case forged(device: Int64, ReplicaNumber)
    /// A device says it was told what is not on the log, without headquarters' seal: it lies, or
    /// its disk is damaged. It is told to fetch again.
    case unproven(device: Int64)
    /// A device had lost a commit, or its bytes were damaged there; it was fetched again.
    case mended(device: Int64, ChangeID)
}

/// What the node around the server knows at the moment of a request.
package struct Surroundings {
    /// The position of the log that the views stand at.
    package var projectedThrough: () -> Int64
    /// The position that a verified backup holds.
    package var protectedThrough: () -> Int64
    /// What lies beyond is not handed out yet.
    package var judgedThrough: () -> Int64
    /// Commits that are not handed out: in quarantine, or waiting for a person.
    package var withheld: () throws -> Set<ChangeID>
    /// The audiences of a device.
    package var audiences: (DeviceRecord) throws -> [Audience]
    /// Unit: seconds after which to come again; nil where projection keeps up.
    package var retryAfter: () -> Int?

    package init(
        projectedThrough: @escaping () -> Int64,
        protectedThrough: @escaping () -> Int64,
        judgedThrough: @escaping () -> Int64,
        withheld: @escaping () throws -> Set<ChangeID>,
        audiences: @escaping (DeviceRecord) throws -> [Audience],
        retryAfter: @escaping () -> Int?
    ) {
        self.projectedThrough = projectedThrough
        self.protectedThrough = protectedThrough
        self.judgedThrough = judgedThrough
        self.withheld = withheld
        self.audiences = audiences
        self.retryAfter = retryAfter
    }
}

/// The server of the protocol.
///
/// Not thread safe: it belongs to headquarters' writer thread.
package final class SyncServer {
    package let log: Log
    package internal(set) var keys: KeyStore
    /// What people should be told since the last look.
    package internal(set) var alerts: [SyncAlert] = []
    /// What the last good hello or pull told of its device.
    package internal(set) var news: DeviceNews?
    let rights: WriteRights
    /// Where ids stand in bodies, for what is committed again.
    package let shapes: BodyShapes
    let surroundings: Surroundings
    /// Makes the keys durable; called before an answer that depends on them.
    let saveKeys: (KeyStore) throws -> Void
    /// Sessions that a hello gave and that were not used yet.
    var given: [GivenKey: Session] = [:]

    /// A device under one of its numbers.
    struct GivenKey: Hashable {
        let device: Int64
        let replica: ReplicaNumber
    }

    /// A session of a device.
    struct Session {
        let nonce: [UInt8]
        let replica: ReplicaNumber
        /// True where a twin used a later one: the tail may be sent, and a new number asked for.
        let isStale: Bool
    }

    /// A request whose signature is good.
    struct Authentic {
        let device: DeviceRecord
        let key: [UInt8]
        let mac: Digest32
        let nonce: [UInt8]
        let session: [UInt8]
        let now: WallTime
    }

    package init(
        log: Log,
        keys: KeyStore,
        rights: WriteRights,
        shapes: BodyShapes,
        surroundings: Surroundings,
        saveKeys: @escaping (KeyStore) throws -> Void
    ) {
        precondition(log.isHeadquarters, "only headquarters serves")
        self.log = log
        self.keys = keys
        self.rights = rights
        self.shapes = shapes
        self.surroundings = surroundings
        self.saveKeys = saveKeys
    }

    /// Takes the alerts since the last call.
    package func takeAlerts() -> [SyncAlert] {
        defer { alerts = [] }
        return alerts
    }

    /// Takes what the last request told.
    package func takeNews() -> DeviceNews? {
        defer { news = nil }
        return news
    }

    /// Answers a request.
    ///
    /// Throws: only what the disk throws; nothing was written then.
    package func handle(
        method: String,
        target: String,
        headers: [(name: String, value: String)],
        body: [UInt8],
        now: WallTime
    ) throws -> SyncResponse {
        let path = target.split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
        if body.count > Limits.bodyBytesMax {
            let limit = SyncRefusal.limit("bodyBytesMax", Limits.bodyBytesMax, "bytes")
            return refuse(.tooLarge, limit)
        }
        let addresses = SyncAddress.of(path)
        if addresses.isEmpty { return refuse(.notFound) }
        guard addresses.contains(where: \.isServed) else { return refuse(.notServed) }
        guard addresses.contains(where: { $0.method == method }) else { return refuse(.notFound) }
        let request = RawRequest(method: method, target: target, headers: headers, body: body)
        if path == "/sync/v1/enrol" { return try enrol(request, now: now) }
        return try answer(request, path: path, now: now)
    }

    /// A request as it came.
    struct RawRequest {
        let method: String
        let target: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        func hex(_ name: String, count: Int) -> [UInt8]? {
            guard let text = SyncHeader.value(name, in: headers),
                let bytes = try? Hex.decode(text), bytes.count == count
            else { return nil }
            return bytes
        }
    }

    private func answer(
        _ request: RawRequest,
        path: String,
        now: WallTime
    ) throws -> SyncResponse {
        guard let caller = try authenticate(request, now: now) else {
            return refuse(.unauthenticated)
        }
        if caller.device.isRevoked {
            alerts.append(.revoked(device: caller.device.id))
            return try refuse(.revoked, to: caller)
        }
        let message: Message
        do {
            message = try Message(deflated: request.body)
        } catch let refusal as SyncRefusal {
            return try refuse(refusal, to: caller)
        } catch let fault as WireFault {
            return try refuse(fault, to: caller)
        }
        if message.nonce != caller.nonce {
            return try refuse(.malformed, to: caller, "its nonce is not that of the header field")
        }
        do {
            switch (path, message.type) {
            case ("/sync/v1/hello", .hello):
                guard caller.session == Signature.noSession else { throw SyncRefusal.malformed }
                return try send(.greeted, greet(message.body, caller), to: caller)
            case ("/sync/v1/push", .push):
                let session = try session(of: caller)
                return try send(.pushed, take(message.body, caller, session), to: caller)
            case ("/sync/v1/pull", .pull):
                let session = try session(of: caller)
                return try send(.pulled, hand(message.body, caller, session), to: caller)
            default: throw SyncRefusal.malformed
            }
        } catch let refusal as SyncRefusal {
            return try refuse(refusal, to: caller)
        } catch let fault as WireFault {
            return try refuse(fault, to: caller)
        }
    }

    private func authenticate(
        _ request: RawRequest,
        now: WallTime
    ) throws -> Authentic? {
        guard let text = SyncHeader.value(SyncHeader.device, in: request.headers),
            let id = Int64(text), "\(id)" == text, let key = keys.deviceKey(id),
            let session = request.hex(SyncHeader.session, count: 16),
            let nonce = request.hex(SyncHeader.nonce, count: 16),
            let mac = request.hex(SyncHeader.mac, count: 32).flatMap({ Digest32($0) })
        else { return nil }
        let signed = Signature.Request(
            realm: log.realm,
            device: id,
            session: session,
            nonce: nonce,
            method: request.method,
            target: request.target,
            body: request.body
        )
        guard constantTimeEquals(Signature.request(signed, key: key), mac) else { return nil }
        // A restored headquarters may have forgotten a device whose key it still holds.
        let device = try log.device(id) ?? DeviceRecord(id: id, name: "", kind: 0, branch: 0)
        return Authentic(
            device: device,
            key: key,
            mac: mac,
            nonce: nonce,
            session: session,
            now: now
        )
    }

    /// The session of a push or pull.
    private func session(of caller: Authentic) throws -> Session {
        let mine = given.filter { $0.key.device == caller.device.id }
            .sorted { $0.key.replica < $1.key.replica }
        for (_, session) in mine where constantTimeEquals(session.nonce, caller.session) {
            return session
        }
        if let replica = try log.replica(ofSession: caller.session, device: caller.device.id) {
            return Session(nonce: caller.session, replica: replica, isStale: false)
        }
        throw SyncRefusal.staleSession
    }

    /// The first use of a session ends the one before it.
    ///
    /// Called inside the log's `write`.
    func use(_ session: Session, _ caller: Authentic) throws {
        if session.isStale { return }
        let known = try log.session(of: session.replica, device: caller.device.id)
        if known != session.nonce {
            try log.setSession(session.nonce, of: session.replica, device: caller.device.id)
        }
    }

    var head: LogPoint { LogPoint(position: log.end, hash: log.chainHash) }

    /// The seal on `head`.
    var seal: OrderSeal { OrderSeal(head, epoch: epoch, key: keys.stampKey) }

    var epoch: ReplicaNumber { log.own?.replica ?? ReplicaNumber(0) }

    // MARK: answers

    func send(_ type: MessageType, _ body: [UInt8], to caller: Authentic) throws -> SyncResponse {
        let sent = try Message(nonce: caller.nonce, type: type, body: body).deflated()
        return signed(200, sent, caller, retryAfter: 0)
    }

    private func signed(
        _ status: Int,
        _ body: [UInt8],
        _ caller: Authentic,
        retryAfter: Int
    ) -> SyncResponse {
        let mac = Signature.answer(to: caller.mac, status: status, body: body, key: caller.key)
        var headers = [
            (name: "Content-Type", value: SyncHeader.contentType),
            (name: SyncHeader.mac, value: mac.hex),
        ]
        if retryAfter > 0 { headers.append((name: "Retry-After", value: "\(retryAfter)")) }
        return SyncResponse(
            status: status,
            headers: headers,
            body: body,
            device: caller.device.id
        )
    }

    private func refuse(_ fault: WireFault, to caller: Authentic) throws -> SyncResponse {
        let (refusal, detail) = SyncRefusal.of(fault)
        return try refuse(refusal, to: caller, detail)
    }

    func refuse(
        _ refusal: SyncRefusal,
        to caller: Authentic,
        _ detail: String = ""
    ) throws -> SyncResponse {
        let wait = refusal.status == 503 ? surroundings.retryAfter() ?? 60 : 0
        let body = RefusedAnswer(refusal, retryAfter: wait, head: head, detail: detail).body
        let sent = try Message(nonce: caller.nonce, type: .refused, body: body).deflated()
        return signed(refusal.status, sent, caller, retryAfter: wait)
    }

    /// A refusal of what was not authenticated: it carries no signature, and no client believes it.
    func refuse(_ refusal: SyncRefusal, _ detail: String = "") -> SyncResponse {
        SyncResponse(
            status: refusal.status,
            headers: [(name: "Content-Type", value: "text/plain")],
            body: Array("\(refusal.english(detail))\n".utf8)
        )
    }
}
