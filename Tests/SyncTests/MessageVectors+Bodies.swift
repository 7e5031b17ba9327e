// The messages themselves, one of each type, with every optional key at least once.

import Kernel
import Replication
import Sync
import Wire

extension MessageVectors {
    static func enrolment() throws -> [MessageVector] {
        let request = EnrolRequest(
            code: "7K2MX",
            deviceNonce: [UInt8](0x90...0x9F),
            machine: "till-2"
        )
        var answer = EnrolAnswer()
        answer.realm = realm
        answer.device = device
        answer.numbers = [replica, ReplicaNumber(8), ReplicaNumber(9)]
        answer.headquartersNonce = [UInt8](0xA0...0xAF)
        answer.wrapNonce = [UInt8](0xB0...0xBF)
        answer.wrappedPepper = Signature.wrap(
            [UInt8](0xC0...0xDF),
            name: "pepper",
            nonce: answer.wrapNonce,
            key: key
        )
        answer.head = head
        answer.kind = 2
        answer.branch = 11
        answer.name = "收银机 2"
        return [
            try MessageVector("message-01-enrol", message(.enrol, request.body)),
            try MessageVector("message-02-enrolled", message(.enrolled, answer.body)),
        ]
    }

    static func hello() throws -> [MessageVector] {
        let (_, before, chain) = link()
        var request = HelloRequest()
        request.chains = [
            HelloChain(head: chain, acknowledged: nil),
            HelloChain(
                head: Head(
                    replica: ReplicaNumber(8),
                    incarnation: incarnation,
                    device: device,
                    last: 5,
                    hash: digest("8:5")
                ),
                acknowledged: ChainPoint(sequence: 4, hash: digest("8:4"))
            ),
        ]
        request.current = replica
        request.cursor = cursor
        request.wall = wall
        request.session = session
        request.probes = [
            Probe(replica: replica, points: [ChainPoint(sequence: 1, hash: chain.hash)])
        ]
        request.kept = [LogPoint(position: 20, hash: digest("order 20")), cursor.point]
        request.seen = head
        var answer = HelloAnswer()
        answer.session = Signature.session(
            after: session,
            of: replica,
            device: device,
            key: stampKey
        )
        answer.chains = [
            ChainAnswer(replica: replica, verdict: .open, incarnation: nil, head: nil),
            ChainAnswer(
                replica: ReplicaNumber(8),
                verdict: .fork,
                incarnation: incarnation,
                head: ChainPoint(sequence: 6, hash: digest("8:6'"))
            ),
        ]
        answer.head = head
        answer.wall = wall
        answer.probes = [nil, 1]
        answer.isCursorHeld = false
        answer.kept = LogPoint(position: 20, hash: digest("order 20"))
        answer.isCareful = true
        answer.heads = [(replica, ChainPoint(sequence: 0, hash: before))]
        answer.epoch = ReplicaNumber(1 << 20)
        answer.isStale = true
        return [
            try MessageVector("message-03-hello", message(.hello, request.body)),
            try MessageVector("message-04-greeted", message(.greeted, answer.body)),
        ]
    }

    static func push() throws -> [MessageVector] {
        let (_, before, chain) = link()
        var request = PushRequest()
        request.batches = [batch()]
        request.personal = [WirePersonal(record)]
        request.wall = wall
        request.sparesWanted = 2
        request.acknowledged = [(replica, ChainPoint(sequence: 0, hash: before))]
        var claim = PushRequest()
        claim.cursor = cursor
        claim.wall = wall
        claim.claim = NumberClaim(
            replica: replica,
            incarnation: incarnation,
            common: ChainPoint(sequence: 0, hash: before),
            firstDivergent: chain.hash,
            nonce: [UInt8](0xE0...0xEF)
        )
        claim.handedBack = [stamped()]
        claim.epoch = ReplicaNumber(1 << 20)
        claim.seen = head
        var answer = PushAnswer()
        answer.acknowledgements = [acknowledgement()]
        answer.missing = [PersonalPlace(commit: record.commit, index: 0)]
        answer.number = ReplicaNumber(912)
        answer.spares = [ReplicaNumber(913)]
        answer.head = head
        answer.wall = wall
        answer.results = [BatchResult(replica: replica, outcome: .taken)]
        answer.isCareful = true
        (answer.forbidden, answer.held, answer.waiting) = (1, 2, 3)
        return [
            try MessageVector("message-05-push", message(.push, request.body)),
            try MessageVector("message-06-push-claim", message(.push, claim.body)),
            try MessageVector("message-07-pushed", message(.pushed, answer.body)),
        ]
    }

    static func pull() throws -> [MessageVector] {
        var request = PullRequest()
        request.cursor = cursor
        request.audiences = audiences
        request.own = [(replica, 1)]
        request.missing = [PersonalPlace(commit: record.commit, index: 0)]
        request.backfill = LogPoint(position: 12, hash: Signature.audiences(audiences))
        request.wiped = Signature.audiences([.everyone])
        var answer = PullAnswer()
        answer.point = head
        answer.commits = [stamped()]
        answer.personal = [WirePersonal(record)]
        answer.audiences = audiences
        answer.hasMore = true
        answer.backfill = 12
        answer.head = head
        answer.wall = wall
        answer.acknowledgements = [acknowledgement()]
        let refused = RefusedAnswer(.careful, retryAfter: 60, head: head)
        return [
            try MessageVector("message-08-pull", message(.pull, request.body)),
            try MessageVector("message-09-pulled", message(.pulled, answer.body)),
            try MessageVector("message-10-refused", message(.refused, refused.body)),
        ]
    }

    /// A comparison of what was delivered: asked after, answered, and what was mended.
    static func digests() throws -> [MessageVector] {
        let everything = AudienceDigest.allIDs
        let some = ChangeID(7 << 32)...ChangeID(7 << 32 | 99)
        var request = PullRequest()
        request.cursor = cursor
        request.audiences = audiences
        request.questions = [
            DigestQuestion(.everyone), DigestQuestion(.branch(11), everything, parts: 64),
            DigestQuestion(.neighbours(of: 11), some, parts: 0),
        ]
        request.mended = [record.commit]
        var answer = PullAnswer()
        answer.point = head
        answer.audiences = audiences
        answer.head = head
        answer.wall = wall
        let (_, _, chain) = link()
        let sum = chain.hash.leading128
        answer.rows = [
            DigestRow(.everyone, DigestPart(ids: everything, count: 0, sum: 0)),
            DigestRow(.neighbours(of: 11), DigestPart(ids: some, count: 1, sum: sum)),
        ]
        answer.withheld = [ChangeID(8 << 32 | 5)]
        answer.named = [stamped()]
        return [
            try MessageVector("message-15-pull-questions", message(.pull, request.body)),
            try MessageVector("message-16-pulled-rows", message(.pulled, answer.body)),
        ]
    }

    /// Messages with headquarters' seal on its order, and what a client is told whose own is none.
    static func sealedOrders() throws -> [MessageVector] {
        var hello = HelloRequest()
        hello.current = replica
        hello.cursor = cursor
        hello.wall = wall
        hello.session = session
        hello.seen = head
        hello.seal = seal
        var greeted = HelloAnswer()
        greeted.session = session
        greeted.head = head
        greeted.wall = wall
        greeted.isCursorHeld = false
        greeted.kept = LogPoint(position: 20, hash: digest("order 20"))
        greeted.seal = seal
        greeted.isUnproven = true
        var pushed = PushAnswer()
        pushed.head = head
        pushed.wall = wall
        pushed.seal = seal
        return [
            try MessageVector("message-17-hello-sealed", message(.hello, hello.body)),
            try MessageVector("message-18-greeted-unproven", message(.greeted, greeted.body)),
            try MessageVector("message-19-pushed-sealed", message(.pushed, pushed.body)),
        ]
    }

    /// A file's messages: sealed ones hold their body as bytes.
    static func files() throws -> [MessageVector] {
        func sealed(_ type: MessageType, _ inner: CBORValue) throws -> Message {
            let bytes = try inner.encoded()
            let mac = Signature.file(realm: realm, device: device, body: bytes, key: key)
            let body = CBORValue.map([
                .init(1, .bytes(bytes)), .init(2, .bytes(mac.bytes)), .init(3, .bytes(realm)),
            ])
            return message(type, try body.encoded())
        }
        let place = CBORValue.array([
            .integer(40), .bytes(cursor.point.hash.bytes), .bytes(cursor.audiences.bytes),
        ])
        let header = CBORValue.map([
            .init(1, .integer(device)), .init(2, .integer(1)), .init(3, place),
            .init(4, .array([.array([.integer(0), .integer(0)])])), .init(5, .integer(0)),
            .init(6, .integer(wall.milliseconds)), .init(7, .array([])), .init(8, .array([])),
        ])
        var push = PushRequest()
        push.batches = [batch()]
        push.personal = [WirePersonal(record)]
        var acks = PushAnswer()
        acks.acknowledgements = [acknowledgement()]
        acks.head = head
        acks.wall = wall
        var pulled = PullAnswer()
        pulled.point = head
        pulled.commits = [stamped()]
        pulled.audiences = audiences
        pulled.head = head
        pulled.wall = wall
        let section = CBORValue.map([.init(1, place), .init(2, .bytes(pulled.body))])
        return [
            try MessageVector("message-20-file-header", sealed(.fileHeader, header)),
            try MessageVector("message-21-file-batches", message(.fileBatches, push.body)),
            try MessageVector("message-22-file-acks", message(.fileAcks, acks.body)),
            try MessageVector("message-23-file-commits", sealed(.fileCommits, section)),
        ]
    }

    /// Specified, not yet served.
    static func unserved() throws -> [MessageVector] {
        let list = CBORValue.array(
            audiences.map { .array([.integer($0.classNumber), .integer($0.id)]) }
        )
        let base = CBORValue.map([
            .init(1, list), .init(2, .integer(40)), .init(3, .integer(0)),
        ])
        let based = CBORValue.map([
            .init(1, .integer(40)), .init(2, .bytes(cursor.point.hash.bytes)), .init(3, list),
            .init(4, .integer(1)), .init(5, .integer(ClockStamp(wall: wall).rawValue)),
            .init(6, .array([.array([.integer(7), .integer(1)])])), .init(7, .bytes([0xA0])),
            .init(8, .bool(false)),
        ])
        let escrow = CBORValue.map([
            .init(1, .integer(1)), .init(2, .integer(30_064_771_077)), .init(3, .integer(5_000)),
        ])
        let escrowed = CBORValue.map([
            .init(1, .integer(30_064_771_080)), .init(2, .integer(5_000)),
        ])
        let note = "specified, not yet served"
        return [
            try MessageVector("message-11-base", message(.base, base.encoded()), note: note),
            try MessageVector("message-12-based", message(.based, based.encoded()), note: note),
            try MessageVector(
                "message-13-escrow",
                message(.escrow, escrow.encoded()),
                note: note
            ),
            try MessageVector(
                "message-14-escrowed",
                message(.escrowed, escrowed.encoded()),
                note: note
            ),
        ]
    }

    /// Hashes and MACs that only messages use.
    static func derived() throws -> [MessageVector] {
        func array(_ items: [CBORValue]) throws -> [UInt8] { try CBORValue.array(items).encoded() }
        let list = CBORValue.array(
            audiences.map { .array([.integer($0.classNumber), .integer($0.id)]) }
        )
        let claimNonce = [UInt8](0xE0...0xEF)
        return [
            try MessageVector(
                "message-30-audiences",
                input: array([.text("audiences"), .integer(1), list]),
                [("hash", Signature.audiences(audiences).bytes)]
            ),
            try MessageVector(
                "message-31-session",
                input: array([
                    .text("session"), .integer(1), .integer(device), .integer(7), .bytes(session),
                ]),
                [
                    ("key", stampKey),
                    (
                        "session",
                        Signature.session(
                            after: session,
                            of: replica,
                            device: device,
                            key: stampKey
                        )
                    ),
                ]
            ),
            try MessageVector(
                "message-33-order",
                input: array([
                    .text("order"), .integer(1), .integer(0), .integer(head.position),
                    .bytes(head.hash.bytes),
                ]),
                [("key", stampKey), ("seal", seal.mac)]
            ),
            try MessageVector(
                "message-32-claim",
                input: array([
                    .text("number"), .integer(1), .bytes(realm), .integer(device), .integer(7),
                    .bytes(incarnation), .bytes(claimNonce),
                ]),
                [
                    (
                        "hash",
                        Signature.claim(
                            realm: realm,
                            device: device,
                            replica: replica,
                            incarnation: incarnation,
                            nonce: claimNonce
                        ).bytes
                    )
                ]
            ),
        ]
    }
}
