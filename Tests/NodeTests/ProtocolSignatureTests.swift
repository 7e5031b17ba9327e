// The MACs of the vectors against the signatures that the sync computes: the twins were made from
// the prose, the signatures are the program's.

import Kernel
import Replication
import Sync
import Testing
import Wire

@Suite("The signatures of the sync")
struct ProtocolSignatureTests {
    private let realm = ProtocolVectors.realm
    private let key = ProtocolVectors.key

    private func twin(_ name: String) throws -> String {
        let found = try ProtocolVectors.all().first { $0.name == name }
        return try #require(found, "\(name) is a vector").twin
    }

    private func expect(_ mac: [UInt8], in name: String, as field: String = "mac") throws {
        let line = "\"\(field)\": \"\(Hex.encode(mac))\""
        #expect(try twin(name).contains(line), "\(name): the program computes \(line)")
    }

    @Test("a request and its answer are signed as the vectors say")
    func requestAndAnswer() throws {
        let request = Signature.Request(
            realm: realm,
            device: 3,
            session: Signature.noSession,
            nonce: [UInt8](0xA0...0xAF),
            method: "POST",
            target: "/sync/v1/pull?wait=20",
            body: Array("body".utf8)
        )
        let signed = Signature.request(request, key: key)
        try expect(signed.bytes, in: "mac-request")
        let answer = Signature.answer(
            to: signed,
            status: 200,
            body: Array("body".utf8),
            key: key
        )
        try expect(answer.bytes, in: "mac-answer")
    }

    @Test("a batch, an acknowledgement and a stamp are signed as the vectors say")
    func batchAcknowledgementStamp() throws {
        let first = try ProtocolVectors.commits()[0]
        let head = Head(
            replica: ProtocolVectors.replica,
            incarnation: ProtocolVectors.incarnation,
            device: 3,
            last: 2,
            hash: first.hash
        )
        let batch = Signature.batch(
            realm: realm,
            device: 3,
            chain: head,
            first: 1,
            before: first.previous,
            key: key
        )
        try expect(batch.bytes, in: "mac-batch")
        let point = ChainPoint(sequence: 2, hash: first.hash)
        let acknowledgement = Acknowledgement(
            replica: head.replica,
            incarnation: head.incarnation,
            durable: point,
            projected: point,
            protected: point
        )
        let signed = Signature.acknowledgement(
            realm: realm,
            device: 3,
            acknowledgement,
            key: key
        )
        try expect(signed.bytes, in: "mac-ack")
        let id = ChangeID(replica: head.replica, sequence: 1)
        let stamp = Signature.stamp(id, first.hash, key: ProtocolVectors.stampKey)
        try expect(stamp, in: "mac-stamp")
    }

    @Test("a device's key and a wrapped secret are what the vectors say")
    func keys() throws {
        let device = Signature.deviceKey(
            secret: key,
            realm: realm,
            device: 3,
            headquartersNonce: [UInt8](0xB0...0xBF),
            deviceNonce: [UInt8](0xC0...0xCF)
        )
        try expect(device, in: "mac-device-key")
        let wrapped = Signature.wrap(
            [UInt8](0xE0...0xFF),
            name: "pepper",
            nonce: [UInt8](0xD0...0xDF),
            key: key
        )
        try expect(wrapped, in: "wrapped-secret", as: "wrapped")
    }
}
