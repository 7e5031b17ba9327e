// Enrolling a node: one request under a code's secret, one answer, and the log that follows.
// Must not keep the code; the device's key takes its place.

package import Kernel
package import Replication
package import SQLite
import Wire

/// Enrolling one node.
package struct Enrolment: Sendable {
    /// Why a node could not be enrolled.
    package enum Fault: Error, Hashable, Sendable {
        /// What was typed is no code.
        case notACode
        /// Headquarters said no.
        case refused(SyncRefusal)
        /// No answer that can be believed.
        case noAnswer
    }

    package let request: SyncRequest
    private let secret: [UInt8]
    private let deviceNonce: [UInt8]
    private let nonce: [UInt8]
    private let mac: Digest32

    /// Prepares the request.
    ///
    /// Shape: `deviceNonce` is 16 bytes kept until the answer is durable; the same one gets the
    /// same answer for 10 minutes.
    package init(
        code text: String,
        deviceNonce: [UInt8],
        machine: String,
        random: any RandomSource
    ) throws {
        guard let code = EnrolmentCode.parse(text), deviceNonce.count == 16 else {
            throw Fault.notACode
        }
        secret = code.secret
        self.deviceNonce = deviceNonce
        nonce = random.bytes(16)
        let body = EnrolRequest(code: code.name, deviceNonce: deviceNonce, machine: machine).body
        let sent = try Message(nonce: nonce, type: .enrol, body: body).deflated()
        let target = "/sync/v1/enrol"
        let signed = Signature.Request(
            realm: Signature.noSession,
            device: 0,
            session: Signature.noSession,
            nonce: nonce,
            method: "POST",
            target: target,
            body: sent
        )
        mac = Signature.request(signed, key: secret)
        request = SyncRequest(
            method: "POST",
            target: target,
            headers: [
                (name: "Content-Type", value: SyncHeader.contentType),
                (name: SyncHeader.nonce, value: Hex.encode(nonce)),
                (name: SyncHeader.mac, value: mac.hex),
            ],
            body: sent
        )
    }

    /// Reads the answer.
    package func answer(
        status: Int,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) throws -> EnrolAnswer {
        guard let text = SyncHeader.value(SyncHeader.mac, in: headers),
            let bytes = try? Hex.decode(text), let signed = Digest32(bytes),
            constantTimeEquals(
                Signature.answer(to: mac, status: status, body: body, key: secret),
                signed
            ),
            let message = try? Message(deflated: body), message.nonce == nonce
        else {
            // A refusal of an unknown code cannot be signed; it is told, and nothing follows.
            if status == SyncRefusal.code.status { throw Fault.refused(.code) }
            throw Fault.noAnswer
        }
        if message.type == .refused {
            throw Fault.refused(try RefusedAnswer(body: message.body).refusal)
        }
        guard message.type == .enrolled else { throw Fault.noAnswer }
        return try EnrolAnswer(body: message.body)
    }

    /// Makes the log of the node that was enrolled.
    ///
    /// Order: the log is durable before the code is forgotten.
    package func found(
        _ answer: EnrolAnswer,
        database: Database,
        random: any RandomSource
    ) throws -> Log {
        let log = try Log.create(
            database: database,
            random: random,
            realm: answer.realm,
            isHeadquarters: false
        )
        let key = Signature.deviceKey(
            secret: secret,
            realm: answer.realm,
            device: answer.device,
            headquartersNonce: answer.headquartersNonce,
            deviceNonce: deviceNonce
        )
        let pepper = Signature.wrap(
            answer.wrappedPepper,
            name: "pepper",
            nonce: answer.wrapNonce,
            key: key
        )
        try log.write {
            try log.reader.setMeta("device", integer: answer.device)
            try log.reader.setMeta("device_key", bytes: key)
            try log.reader.setMeta("pepper", bytes: pepper)
            try log.reader.setMeta("node_kind", integer: answer.kind)
            try log.reader.setMeta("node_branch", integer: answer.branch)
            try log.reader.setMeta("epoch", integer: Int64(answer.epoch.rawValue))
            try log.setSpareNumbers(Array(answer.numbers.dropFirst()))
            try log.adopt(
                answer.numbers[0],
                incarnation: random.bytes(16),
                device: answer.device
            )
        }
        return log
    }
}
