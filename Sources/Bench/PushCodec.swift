// A batch on the wire, plain: the signed head and the commits verbatim, in one CBOR array.
// Must not pack: the figure of packed bytes is measured where packing is.

import Kernel
import Replication
import Wire

/// Why a pushed batch was not taken.
enum PushFault: Error {
    case badSignature
    case notTaken(String)
}

/// Reads and writes batches.
enum PushCodec {
    private static let inflatedMax = 16 << 20

    /// The bytes of a batch, signed by the device.
    static func encode(from before: Head, to after: Head, _ commits: [[UInt8]]) -> [UInt8] {
        var writer = CBORWriter(capacity: commits.reduce(256) { $0 + $1.count + 3 })
        writer.array(3)
        let signed = signedPart(
            before.replica,
            before.incarnation,
            before.device,
            before.last + 1,
            after.last,
            before.hash,
            after.hash
        )
        writer.raw(signed)
        writer.bytes(HMACSHA256.Key(Workload.deviceKey).authenticate(signed))
        writer.array(commits.count)
        for commit in commits { writer.bytes(commit) }
        return writer.bytes
    }

    private static func signedPart(
        _ replica: ReplicaNumber,
        _ incarnation: [UInt8],
        _ device: Int64,
        _ first: UInt32,
        _ last: UInt32,
        _ before: Digest32,
        _ head: Digest32
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: 192)
        writer.array(10)
        writer.text("batch")
        writer.integer(1)
        writer.bytes(Workload.realm)
        writer.integer(device)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(incarnation)
        writer.integer(Int64(first))
        writer.integer(Int64(last))
        writer.bytes(before)
        writer.bytes(head)
        return writer.bytes
    }

    /// Inflates a batch, checks its signature, and calls `body` while its bytes live.
    static func read<Value>(
        _ wire: [UInt8],
        key: HMACSHA256.Key,
        _ body: (IncomingBatch) throws -> Value
    ) throws -> Value {
        let bytes = try Deflate.inflate(wire, limit: inflatedMax)
        return try bytes.withUnsafeBytes { raw in
            var reader = CBORReader(raw)
            try reader.array(of: 3)
            var ahead = reader
            let signed = try ahead.skip()
            let expected = key.authenticate(UnsafeRawBufferPointer(rebasing: raw[signed]))
            try reader.array(of: 10)
            guard try reader.text() == "batch", try reader.integer() == 1,
                try reader.byteArray() == Workload.realm
            else { throw PushFault.badSignature }
            let device = try reader.integer()
            let replica = try reader.replicaNumber()
            let incarnation = try reader.byteArray()
            let first = UInt32(truncatingIfNeeded: try reader.integer())
            let last = UInt32(truncatingIfNeeded: try reader.integer())
            let before = try reader.digest()
            let head = try reader.digest()
            let mac = try reader.digest()
            guard constantTimeEquals(mac, expected) else { throw PushFault.badSignature }
            let count = try reader.array()
            var commits: [UnsafeRawBufferPointer] = []
            commits.reserveCapacity(count)
            for _ in 0..<count { commits.append(try reader.bytes()) }
            try reader.finish()
            return try body(
                IncomingBatch(
                    device: device,
                    replica: replica,
                    incarnation: incarnation,
                    first: first,
                    last: last,
                    before: before,
                    head: head,
                    mac: mac,
                    commits: commits
                )
            )
        }
    }

    /// The acknowledgement of a head: durable, projected and protected.
    static func acknowledge(_ head: Head, key: HMACSHA256.Key) -> Digest32 {
        var writer = CBORWriter(capacity: 192)
        writer.array(9)
        writer.text("ack")
        writer.integer(1)
        writer.bytes(Workload.realm)
        writer.integer(head.device)
        writer.integer(Int64(head.replica.rawValue))
        writer.bytes(head.incarnation)
        for _ in 0..<3 {
            writer.array(2)
            writer.integer(Int64(head.last))
            writer.bytes(head.hash)
        }
        return key.authenticate(writer.bytes)
    }
}
