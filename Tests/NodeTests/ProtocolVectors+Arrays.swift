// Vectors that are no commits: hashed arrays, MACs, bytes to be refused, labels on paper.
// Must not draw anything: the same bytes come out for ever.

import Kernel
import Replication
import Wire

extension ProtocolVectors {
    /// Headquarters' order and the digest over a chain; the bytes are L₀'s array.
    static func log(_ chain: [Link]) throws -> ProtocolVector {
        let array = try CBORValue.array([.text("log"), .integer(1), .bytes(realm)]).encoded()
        var hash = Chain.logStart(realm: realm)
        var positions = [ProtocolVector.hex(hash.bytes)]
        var sum = [UInt8](repeating: 0, count: 16)
        for link in chain {
            hash = Chain.logNext(hash, link.hash)
            positions.append(ProtocolVector.hex(hash.bytes))
            var carry = 0
            for place in (0..<16).reversed() {
                carry += Int(sum[place]) + Int(link.hash.bytes[place])
                sum[place] = UInt8(carry & 0xFF)
                carry >>= 8
            }
        }
        let hashes = chain.map { ProtocolVector.hex($0.hash.bytes) }
        return ProtocolVector(
            "log-order",
            array,
            type: "log",
            [
                ("commits", "[" + hashes.joined(separator: ", ") + "]"),
                ("log_hashes", "[" + positions.joined(separator: ", ") + "]"),
                ("digest", ProtocolVector.hex(sum)),
            ]
        )
    }

    /// The arrays under hashes and MACs; the twin has the key and the result.
    static func arrays(_ chain: [Link]) throws -> [ProtocolVector] {
        let body = SHA256.digest(of: Array("body".utf8)).bytes
        let session = [UInt8](repeating: 0, count: 16)
        let nonce = [UInt8](0xA0...0xAF)
        let request: [CBORValue] = [
            .text("request"), .integer(1), .bytes(realm), .integer(3), .bytes(session),
            .bytes(nonce), .text("POST"), .text("/sync/v1/pull?wait=20"), .bytes(body),
        ]
        let requestMAC = HMACSHA256.authenticate(try CBORValue.array(request).encoded(), key: key)
        let first = chain[0]
        let point = CBORValue.array([.integer(2), .bytes(first.hash.bytes)])
        let writer: [CBORValue] = [
            .bytes(realm), .integer(3), .integer(Int64(replica.rawValue)), .bytes(incarnation),
        ]
        let batch: [CBORValue] =
            [.text("batch"), .integer(1)] + writer + [
                .integer(1), .integer(2), .bytes(first.previous.bytes), .bytes(first.hash.bytes),
            ]
        return [
            try mac("mac-request", request),
            try mac(
                "mac-answer",
                [
                    .text("answer"), .integer(1), .bytes(requestMAC.bytes), .integer(200),
                    .bytes(body),
                ]
            ),
            try mac("mac-batch", batch),
            try mac("mac-ack", [.text("ack"), .integer(1)] + writer + [point, point, point]),
            try mac(
                "mac-stamp",
                [
                    .text("stamp"), .integer(1), .integer(7 << 32 | 1),
                    .bytes(first.hash.bytes),
                ],
                key: stampKey,
                size: 16
            ),
        ]
    }

    private static func mac(
        _ name: String,
        _ items: [CBORValue],
        key: [UInt8] = ProtocolVectors.key,
        size: Int = 32
    ) throws -> ProtocolVector {
        let bytes = try CBORValue.array(items).encoded()
        let result = Array(HMACSHA256.authenticate(bytes, key: key).bytes.prefix(size))
        return ProtocolVector(
            name,
            bytes,
            type: "mac",
            [
                ("decoded", CBORValue.array(items).json), ("key", ProtocolVector.hex(key)),
                ("mac", ProtocolVector.hex(result)),
            ]
        )
    }

    /// The key of a device, and a secret wrapped under it.
    static func secrets() throws -> [ProtocolVector] {
        let device = try mac(
            "mac-device-key",
            [
                .text("device"), .integer(1), .bytes(realm), .integer(3),
                .bytes([UInt8](0xB0...0xBF)), .bytes([UInt8](0xC0...0xCF)),
            ]
        )
        let array = try CBORValue.array([
            .text("wrap"), .text("pepper"), .bytes([UInt8](0xD0...0xDF)),
        ]).encoded()
        let pad = HMACSHA256.authenticate(array, key: key).bytes
        let secret = [UInt8](0xE0...0xFF)
        let wrapped = zip(secret, pad).map { $0 ^ $1 }
        return [
            device,
            ProtocolVector(
                "wrapped-secret",
                array,
                type: "wrap",
                [
                    ("key", ProtocolVector.hex(key)), ("secret", ProtocolVector.hex(secret)),
                    ("wrapped", ProtocolVector.hex(wrapped)),
                ]
            ),
        ]
    }

    /// Bytes that no reader may take for a commit, with the rule they break.
    static func refused() -> [ProtocolVector] {
        refusals.map { name, reason, bytes in
            ProtocolVector(
                "refused-\(name)",
                bytes,
                type: "refused",
                [
                    ("reason", ProtocolVector.text(reason))
                ]
            )
        }
    }

    /// A commit by its parts: audiences, flags, changes.
    private static func raw(
        place: [UInt8] = [0x07, 0x01],
        clock: [UInt8] = [0x00],
        audiences: [UInt8] = [0x81, 0x82, 0, 0],
        flags: [UInt8] = [0xA0],
        changes: [UInt8] = [0x81, 0x82, 0x19, 0x02, 0x01, 0xA0]
    ) -> [UInt8] {
        [0x89, 0x01] + place + clock + [0x00, 0x00] + audiences + flags + changes
    }

    private static func body(_ bytes: [UInt8]) -> [UInt8] {
        raw(changes: [0x81, 0x82, 0x19, 0x02, 0x01] + bytes)
    }

    private static let refusals: [(String, String, [UInt8])] = [
        ("long-integer", "an integer not in its shortest form", body([0xA1, 1, 0x18, 0x05])),
        ("unsorted-keys", "keys not ascending", body([0xA2, 2, 0, 1, 0])),
        ("duplicate-key", "a key twice", body([0xA2, 1, 0, 1, 0])),
        ("text-key", "a key that is no unsigned integer", body([0xA1, 0x61, 0x61, 0])),
        ("negative-key", "a key that is no unsigned integer", body([0xA1, 0x20, 0])),
        ("indefinite", "an indefinite length", body([0xA1, 1, 0x9F, 0xFF])),
        ("float", "a float", body([0xA1, 1, 0xF9, 0x3C, 0x00])),
        ("tag", "a tag", body([0xA1, 1, 0xC1, 0x00])),
        ("undefined", "another simple value", body([0xA1, 1, 0xF7])),
        ("utf8", "text that is not UTF-8", body([0xA1, 1, 0x62, 0xC3, 0x28])),
        ("surrogate", "text that is not UTF-8", body([0xA1, 1, 0x63, 0xED, 0xA0, 0x80])),
        (
            "beyond-int64", "an integer that does not fit a signed 64-bit integer",
            body([0xA1, 1, 0x1B, 0x80, 0, 0, 0, 0, 0, 0, 0])
        ),
        ("trailing", "bytes after the commit", raw() + [0x00]),
        ("truncated", "bytes missing at the end", Array(raw().dropLast())),
        (
            "depth", "a nesting of 33 in a body",
            body([0xA1, 1] + [UInt8](repeating: 0x81, count: 31) + [0x80])
        ),
        ("no-change", "a commit without changes", raw(changes: [0x80])),
        ("no-audience", "a commit without audiences", raw(audiences: [0x80])),
        (
            "unsorted-audiences", "audiences not ascending",
            raw(audiences: [0x82, 0x82, 2, 5, 0x82, 0, 0])
        ),
        ("audience-class", "an audience class beyond 5", raw(audiences: [0x81, 0x82, 6, 1])),
        ("audience-id", "class 0 with an id", raw(audiences: [0x81, 0x82, 0, 1])),
        ("sequence-zero", "a sequence of 0", raw(place: [0x07, 0x00])),
        ("replica", "a replica beyond 2097151", raw(place: [0x1A, 0, 0x20, 0, 0, 0x01])),
        ("clock", "a clock of 2^53", raw(clock: [0x1B, 0, 0x20, 0, 0, 0, 0, 0, 0])),
        ("act-of-one", "an act of one commit", raw(flags: [0xA1, 4, 0x82, 0, 1])),
        ("blind-size", "a blind of 1 byte", raw(flags: [0xA1, 3, 0x41, 0])),
        ("kind", "a kind beyond 65535", raw(changes: [0x81, 0x82, 0x1A, 0, 1, 0, 0, 0xA0])),
    ]

    /// Labels on sales receipts: good ones, and ones that were misread.
    static func labels() throws -> [ProtocolVector] {
        let good = try [
            ("S001", "01", "A", 17), ("0999", "99", "AB", 99_999), ("Z000", "00", "Z", 1),
        ]
        .map { branch, till, series, sequence in
            try ReceiptLabel(
                branch: branch,
                till: till,
                series: series,
                date: CivilDate(dayNumber: 20_780),
                sequence: sequence
            ).description
        }
        let bad = [
            "S00101A-261123-00017-78", "S00110A-261123-00017-77", "S00101A-26112300017-77",
            "S00101A-261123-00017-01",
        ]
        for label in bad where (try? ReceiptLabel(parsing: label)) != nil {
            throw TextFault(.checkFailed, label)
        }
        let lists = CBORValue.array([
            .array(good.map { .text($0) }), .array(bad.map { .text($0) }),
        ])
        return [
            ProtocolVector(
                "labels",
                try lists.encoded(),
                type: "labels",
                [
                    ("good", CBORValue.array(good.map { .text($0) }).json),
                    ("bad", CBORValue.array(bad.map { .text($0) }).json),
                ]
            )
        ]
    }
}
