// A served headquarters under attack: what is sent, what must come back, and that nothing changes.

import Catalog
import Kernel
import Node
import Replication
import Sales
import Sync
import Testing
import Wire

/// Bytes, and what must come of them.
struct WireAttack {
    let name: String
    let bytes: [UInt8]
    /// 0 where no answer is owed: the line was cut.
    let status: Int
    /// What the answer must say, in plain text or in the refusal.
    var says = ""
    /// The request whose key signs the answer, where a client would believe it.
    var signed: SyncRequest?
    /// The code of the refusal.
    var code: SyncRefusal?
    /// What becomes of the batch in it.
    var outcome: BatchOutcome?
    /// True where the line is closed after it.
    var isCut = false

    init(_ name: String, _ status: Int, _ bytes: [UInt8], says: String = "") {
        self.name = name
        self.status = status
        self.bytes = bytes
        self.says = says
    }

    /// One that HTTP itself answers.
    static func head(_ name: String, _ status: Int, _ text: String, says: String) -> WireAttack {
        WireAttack(name, status, Array(text.utf8), says: says)
    }

    /// One whose sender headquarters does not know: told in plain text.
    static func stranger(_ name: String, _ request: SyncRequest, _ status: Int = 401)
        -> WireAttack
    {
        WireAttack(name, status, request.bytes, says: status == 401 ? "signature" : "")
    }

    /// One that is signed by a device, refused under its key.
    static func refused(
        _ name: String,
        _ request: SyncRequest,
        _ code: SyncRefusal,
        says: String = ""
    ) -> WireAttack {
        var attack = WireAttack(name, code.status, request.bytes, says: says)
        attack.signed = request
        attack.code = code
        return attack
    }

    /// One that is signed by a device, its batch not taken.
    static func notTaken(_ name: String, _ request: SyncRequest, _ outcome: BatchOutcome)
        -> WireAttack
    {
        var attack = WireAttack(name, 200, request.bytes)
        attack.signed = request
        attack.outcome = outcome
        return attack
    }

    /// One whose line ends before it is whole.
    static func cut(_ name: String, _ bytes: [UInt8]) -> WireAttack {
        var attack = WireAttack(name, 0, bytes)
        attack.isCut = true
        return attack
    }
}

/// A served headquarters with two stores, one of which has a push to send.
struct Siege {
    let headquarters: ServedHeadquarters
    let node: NodeSync
    /// The true push of the first store, not sent yet.
    let good: SyncRequest
    let hand: WireHand
    let stranger: WireHand
    /// The first store's chain as far as headquarters has it, and what follows.
    let sure: ChainPoint
    let head: Head
    let commits: [[UInt8]]
    /// The second store's chain.
    let theirs: Head
    let wall: WallTime

    init() throws {
        headquarters = try ServedHeadquarters()
        let chain = headquarters.chain
        let stores = try ["S001", "S002"].map { try chain.addStore($0) }
        let nodes = try stores.enumerated().map { index, store in
            try chain.enrol(store.branch, seed: UInt64(30 + index))
        }
        for (node, store) in zip(nodes, stores) {
            _ = try node.engine.perform(OpenDay(till: store.tills[0]))
            try chain.sell(node, till: store.tills[0], 3)
            #expect(try node.round(Line(headquarters: chain.headquarters)).isComplete)
        }
        node = nodes[0]
        try chain.sell(node, till: stores[0].tills[0], 4)
        wall = chain.clock.now()
        good = try Siege.next(node, wall)
        hand = try WireHand(node, good)
        stranger = try WireHand(nodes[1], Siege.next(nodes[1], wall))
        let log = node.engine.log
        head = try #require(log.own)
        theirs = try #require(nodes[1].engine.log.own)
        sure = try #require(try log.mark(.durable, of: head.replica))
        commits = try log.reader.commits(of: head.replica, after: sure.sequence, limit: 100)
            .map(\.bytes)
    }

    /// What a node would say next.
    static func next(_ node: NodeSync, _ now: WallTime) throws -> SyncRequest {
        node.client.begin(now: now)
        return try #require(try node.client.nextRequest(now: now))
    }

    func push(_ batches: [SignedBatch]) throws -> SyncRequest {
        try hand.push(batches, at: wall)
    }

    /// The true batch, signed anew.
    func batch(_ commits: [[UInt8]]? = nil) throws -> SignedBatch {
        try hand.batch(
            head,
            first: sure.sequence + 1,
            before: sure.hash,
            commits ?? self.commits
        )
    }

    /// Sends it and looks at the answer; nothing may have changed.
    func stand(_ attack: WireAttack, _ before: String) throws {
        let line = try #require(RawLine(port: headquarters.port))
        line.say(attack.bytes)
        if attack.isCut { line.finish() }
        let answer = line.hear()
        let what = "\(attack.name): \(answer.status) \(answer.text)"
        if attack.isCut {
            #expect(answer.status != 200 && answer.hasEnded, "\(what)")
        } else {
            #expect(answer.status == attack.status, "\(what)")
        }
        if let asked = attack.signed {
            var judge = hand
            judge.session = []
            let message = try #require(judge.believed(answer, to: asked), "\(what)")
            if let code = attack.code {
                #expect(message.type == .refused, "\(what)")
                #expect(try RefusedAnswer(body: message.body).refusal == code, "\(what)")
                let text = try text(message)
                #expect(text.contains(attack.says), "\(attack.name): \(text)")
            }
            if let outcome = attack.outcome {
                let results = try PushAnswer(body: message.body).results
                #expect(results.map(\.outcome) == [outcome], "\(attack.name): \(results)")
            }
        } else {
            #expect(answer.text.contains(attack.says), "\(what)")
            #expect(SyncHeader.value(SyncHeader.mac, in: answer.fields) == nil, "\(what)")
        }
        #expect(try headquarters.state() == before, "\(attack.name) has changed something")
    }

    private func text(_ refused: Message) throws -> String {
        guard case .map(let entries) = try CBORValue(decoding: refused.body),
            case .text(let text)? = entries.first(where: { $0.key == .integer(2) })?.value
        else { return "" }
        return text
    }
}
