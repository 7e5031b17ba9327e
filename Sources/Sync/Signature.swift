// Every signature of the protocol: HMAC-SHA-256 over a CBOR array that begins with its label.
// Must not hold keys; they are handed in.

package import Kernel
package import Replication
package import Wire

/// The bytes that are signed, and the signatures over them.
package enum Signature {
    /// 16 zero bytes: the session of a hello and of enrolling.
    package static let noSession = [UInt8](repeating: 0, count: 16)

    /// What a request is signed over.
    package struct Request: Hashable, Sendable {
        package let realm: [UInt8]
        package let device: Int64
        package let session: [UInt8]
        package let nonce: [UInt8]
        package let method: String
        /// With the query.
        package let target: String
        package let body: [UInt8]

        package init(
            realm: [UInt8],
            device: Int64,
            session: [UInt8],
            nonce: [UInt8],
            method: String,
            target: String,
            body: [UInt8]
        ) {
            self.realm = realm
            self.device = device
            self.session = session
            self.nonce = nonce
            self.method = method
            self.target = target
            self.body = body
        }
    }

    /// `["request", 1, realm, device, session, nonce, method, target, H(body as sent)]`.
    package static func request(_ request: Request, key: [UInt8]) -> Digest32 {
        var writer = CBORWriter(capacity: 192)
        writer.array(9)
        writer.text("request")
        writer.integer(1)
        writer.bytes(request.realm)
        writer.integer(request.device)
        writer.bytes(request.session)
        writer.bytes(request.nonce)
        writer.text(request.method)
        writer.text(request.target)
        writer.bytes(SHA256.digest(of: request.body))
        return HMACSHA256.authenticate(writer.bytes, key: key)
    }

    /// `["answer", 1, request MAC, status, H(body as sent)]`.
    package static func answer(
        to request: Digest32,
        status: Int,
        body: [UInt8],
        key: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 96)
        writer.array(5)
        writer.text("answer")
        writer.integer(1)
        writer.bytes(request)
        writer.integer(Int64(status))
        writer.bytes(SHA256.digest(of: body))
        return HMACSHA256.authenticate(writer.bytes, key: key)
    }

    /// `["batch", 1, realm, device, replica, incarnation, first, last, before, head]`.
    package static func batch(
        realm: [UInt8],
        device: Int64,
        chain: Head,
        first: UInt32,
        before: Digest32,
        key: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 192)
        writer.array(10)
        writer.text("batch")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(device)
        writer.integer(Int64(chain.replica.rawValue))
        writer.bytes(chain.incarnation)
        writer.integer(Int64(first))
        writer.integer(Int64(chain.last))
        writer.bytes(before)
        writer.bytes(chain.hash)
        return HMACSHA256.authenticate(writer.bytes, key: key)
    }

    /// `["ack", 1, realm, device, replica, incarnation, durable, projected, protected]`.
    package static func acknowledgement(
        realm: [UInt8],
        device: Int64,
        _ ack: Acknowledgement,
        key: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 256)
        writer.array(9)
        writer.text("ack")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(device)
        writer.integer(Int64(ack.replica.rawValue))
        writer.bytes(ack.incarnation)
        for point in [ack.durable, ack.projected, ack.protected] { point.write(to: &writer) }
        return HMACSHA256.authenticate(writer.bytes, key: key)
    }

    /// The first 16 bytes of `["stamp", 1, id, hash]`.
    package static func stamp(_ id: ChangeID, _ hash: Digest32, key: [UInt8]) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.array(4)
        writer.text("stamp")
        writer.integer(1)
        writer.integer(id.rawValue)
        writer.bytes(hash)
        return Array(HMACSHA256.authenticate(writer.bytes, key: key).bytes.prefix(16))
    }

    /// The first 16 bytes of `["order", 1, epoch, position, log hash]`.
    package static func order(
        _ point: LogPoint,
        epoch: ReplicaNumber,
        key: [UInt8]
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.array(5)
        writer.text("order")
        writer.integer(1)
        writer.integer(Int64(epoch.rawValue))
        writer.integer(point.position)
        writer.bytes(point.hash)
        return Array(HMACSHA256.authenticate(writer.bytes, key: key).bytes.prefix(16))
    }

    /// A commit file's section for a device: `["file", 1, realm, device, H(body)]`.
    package static func file(
        realm: [UInt8],
        device: Int64,
        body: [UInt8],
        key: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 96)
        writer.array(5)
        writer.text("file")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(device)
        writer.bytes(SHA256.digest(of: body))
        return HMACSHA256.authenticate(writer.bytes, key: key)
    }

    /// The session after `previous`: the first 16 bytes of `["session", 1, device, replica,
    /// previous]` under the stamp key, so that a hello can be answered again and changes nothing;
    /// with the label "stale session" for who was overtaken by a twin.
    package static func session(
        after previous: [UInt8],
        of replica: ReplicaNumber,
        device: Int64,
        isStale: Bool = false,
        key: [UInt8]
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 64)
        writer.array(5)
        writer.text(isStale ? "stale session" : "session")
        writer.integer(1)
        writer.integer(device)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(previous)
        return Array(HMACSHA256.authenticate(writer.bytes, key: key).bytes.prefix(16))
    }

    /// A device's key: HMAC(S, `["device", 1, realm, device, hq nonce, device nonce]`).
    package static func deviceKey(
        secret: [UInt8],
        realm: [UInt8],
        device: Int64,
        headquartersNonce: [UInt8],
        deviceNonce: [UInt8]
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 128)
        writer.array(6)
        writer.text("device")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(device)
        writer.bytes(headquartersNonce)
        writer.bytes(deviceNonce)
        return HMACSHA256.authenticate(writer.bytes, key: secret).bytes
    }

    /// A 32-byte secret wrapped, or unwrapped: XOR with HMAC(key, `["wrap", name, nonce]`).
    package static func wrap(
        _ secret: [UInt8],
        name: String,
        nonce: [UInt8],
        key: [UInt8]
    ) -> [UInt8] {
        precondition(secret.count == 32, "a wrapped secret is 32 bytes")
        var writer = CBORWriter(capacity: 64)
        writer.array(3)
        writer.text("wrap")
        writer.text(name)
        writer.bytes(nonce)
        let mask = HMACSHA256.authenticate(writer.bytes, key: key).bytes
        return zip(secret, mask).map { $0 ^ $1 }
    }

    /// What a new number is asked for with, so that the same claim gets the same number.
    ///
    /// Shape: the first divergent hash of a fork, else H(`["number", 1, realm, device, replica,
    /// incarnation, nonce]`).
    package static func claim(
        realm: [UInt8],
        device: Int64,
        replica: ReplicaNumber,
        incarnation: [UInt8],
        nonce: [UInt8]
    ) -> Digest32 {
        var writer = CBORWriter(capacity: 128)
        writer.array(7)
        writer.text("number")
        writer.integer(1)
        writer.bytes(realm)
        writer.integer(device)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(incarnation)
        writer.bytes(nonce)
        return SHA256.digest(writer.bytes)
    }

    /// H of an audience list: `["audiences", 1, [[class, id], …]]`, ascending.
    package static func audiences(_ list: [Audience]) -> Digest32 {
        var writer = CBORWriter(capacity: 32 + list.count * 12)
        writer.array(3)
        writer.text("audiences")
        writer.integer(1)
        writer.write(list)
        return SHA256.digest(writer.bytes)
    }
}
