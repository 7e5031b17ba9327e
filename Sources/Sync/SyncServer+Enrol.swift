// Enrolling a device: a single-use code, a key both sides derive, numbers, the branch's pepper.
// The log and the keys are durable before the answer leaves.

package import Kernel
import Replication
import Wire

extension SyncServer {
    /// Size of an enrolment, as sent and inflated: it comes from who is not known yet.
    package static let enrolBytesMax = 64 * 1_024
    /// How many spare numbers a device gets beside its own.
    static var spares: Int { 2 }

    /// Gives out a single-use code for a device.
    ///
    /// Throws: `SyncRefusal.careful` after a restore, until a person confirms.
    package func issueCode(
        kind: Int64,
        branch: Int64,
        person: Int64 = 0,
        label: String,
        now: WallTime
    ) throws -> EnrolmentCode {
        if try log.isCareful { throw SyncRefusal.careful }
        var name = ""
        repeat {
            name = String(Base32.encode(log.random.bytes(4)).prefix(5))
        } while try keys.code(name) != nil || log.device(code: name) != nil
        let code = EnrolmentCode(
            name: name,
            secret: log.random.bytes(16),
            kind: kind,
            branch: branch,
            person: person,
            label: label,
            issued: now
        )
        var next = keys
        next.keep(code, now: now)
        try saveKeys(next)
        keys = next
        return code
    }

    func enrol(_ raw: RawRequest, now: WallTime) throws -> SyncResponse {
        let tooLarge = SyncRefusal.limit("enrolBytesMax", SyncServer.enrolBytesMax, "bytes")
        if raw.body.count > SyncServer.enrolBytesMax { return refuse(.tooLarge, tooLarge) }
        let message: Message
        let request: EnrolRequest
        do {
            message = try Message(deflated: raw.body, limit: SyncServer.enrolBytesMax)
            request = try EnrolRequest(body: message.body)
        } catch let fault as WireFault {
            let (refusal, detail) = SyncRefusal.of(fault)
            return refuse(refusal, fault.reason == .inflateLimit ? tooLarge : detail)
        } catch let refusal as SyncRefusal {
            return refuse(refusal)
        }
        guard let nonce = raw.hex(SyncHeader.nonce, count: 16),
            let mac = raw.hex(SyncHeader.mac, count: 32).flatMap({ Digest32($0) }),
            message.type == .enrol, message.nonce == nonce
        else { return refuse(.malformed) }
        guard let code = keys.code(request.code) else { return refuse(.code) }
        let signed = Signature.Request(
            realm: Signature.noSession,
            device: 0,
            session: Signature.noSession,
            nonce: nonce,
            method: raw.method,
            target: raw.target,
            body: raw.body
        )
        guard constantTimeEquals(Signature.request(signed, key: code.secret), mac) else {
            return refuse(.code)
        }
        // From here on the code's secret signs.
        let caller = Authentic(
            device: DeviceRecord(id: 0, name: "", kind: 0, branch: 0),
            key: code.secret,
            mac: mac,
            nonce: nonce,
            session: Signature.noSession,
            now: now
        )
        if try log.isCareful { return try refuse(.careful, to: caller) }
        guard code.isOpen(at: now) else { return try refuse(.code, to: caller) }
        if !code.deviceNonce.isEmpty {
            guard code.deviceNonce == request.deviceNonce else {
                return try refuse(.code, to: caller)
            }
            return try send(.enrolled, code.answer, to: caller)
        }
        do {
            return try send(.enrolled, admit(code, request, now: now), to: caller)
        } catch let refusal as SyncRefusal {
            return try refuse(refusal, to: caller)
        }
    }

    private func admit(
        _ code: EnrolmentCode,
        _ request: EnrolRequest,
        now: WallTime
    ) throws -> [UInt8] {
        let device = try record(of: code, request, now: now)
        let headquartersNonce = log.random.bytes(16)
        let key = Signature.deviceKey(
            secret: code.secret,
            realm: log.realm,
            device: device.id,
            headquartersNonce: headquartersNonce,
            deviceNonce: request.deviceNonce
        )
        var next = keys
        let pepper = next.pepper(of: device.branch, random: log.random)
        var answer = EnrolAnswer()
        answer.realm = log.realm
        answer.device = device.id
        answer.numbers = device.numbers
        answer.headquartersNonce = headquartersNonce
        answer.wrapNonce = log.random.bytes(16)
        answer.wrappedPepper = Signature.wrap(
            pepper,
            name: "pepper",
            nonce: answer.wrapNonce,
            key: key
        )
        answer.head = head
        answer.epoch = epoch
        answer.kind = device.kind
        answer.branch = device.branch
        answer.name = device.name
        next.setDeviceKey(key, of: device.id)
        var used = code
        used.deviceNonce = request.deviceNonce
        used.answer = answer.body
        next.keep(used, now: now)
        try saveKeys(next)
        keys = next
        return used.answer
    }

    /// The device of a code: as an earlier try left it in the log, or new.
    private func record(
        of code: EnrolmentCode,
        _ request: EnrolRequest,
        now: WallTime
    ) throws -> DeviceRecord {
        if let known = try log.device(code: code.name) { return known }
        // A key under an id that is still to be given: the log went back behind its keys.
        let next = try log.nextID().rawValue
        if keys.deviceKey(next) != nil {
            try log.write { try log.becomeRestored(at: now) }
            alerts.append(.headquartersRestored(claimedBy: next))
            throw SyncRefusal.careful
        }
        let label = code.label.isEmpty ? request.machine : code.label
        return try log.write {
            let device = DeviceRecord(
                id: try log.nextID().rawValue,
                name: label,
                kind: code.kind,
                branch: code.branch,
                person: code.person,
                numbers: try log.freshNumbers(1 + SyncServer.spares),
                code: code.name
            )
            try log.rule(at: now) { act in
                act.begin(
                    device.branch > 0 ? [.headquarters, .branch(device.branch)] : [.headquarters]
                )
                act.add(LogKind.deviceEnrolled, device.body)
            }
            return device
        }
    }
}
