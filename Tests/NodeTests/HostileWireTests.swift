// Everything that may come over the network to a serving headquarters and must change nothing:
// what is over a limit, cut, turned, replayed, out of order, foreign or forged. One table, over
// raw sockets, against the real engine behind the real listener.

import HTTP
import Kernel
import Node
import Replication
import Sync
import Testing
import Wire

@Suite("What comes over the network and may change nothing")
struct HostileWireTests {
    private func stand(_ attacks: (Siege) throws -> [WireAttack]) throws {
        let siege = try Siege()
        try siege.headquarters.start()
        let before = try siege.headquarters.state()
        for attack in try attacks(siege) { try siege.stand(attack, before) }
        // The same hand, the same line: the true push is taken, so the table proves something.
        let line = try #require(RawLine(port: siege.headquarters.port))
        line.say(siege.good.bytes)
        let message = try #require(siege.hand.believed(line.hear(), to: siege.good))
        #expect(try PushAnswer(body: message.body).results.map(\.outcome) == [.taken])
        #expect(try siege.headquarters.state() != before)
    }

    @Test("what is over a limit is answered with its status, the limit and its value")
    func limits() throws {
        try stand { try $0.limitsOfHTTP() + $0.limitsOfMessages() }
    }

    @Test("what is cut, turned or of another shape changes nothing")
    func damaged() throws {
        try stand { try $0.damage() + $0.shapes() }
    }

    @Test("what is out of order, foreign or forged changes nothing")
    func forged() throws {
        try stand { try $0.strangers() + $0.lies() }
    }

    @Test("a push that comes again is known, and after the next session it is refused")
    func replayed() throws {
        let siege = try Siege()
        try siege.headquarters.start()
        let first = try #require(RawLine(port: siege.headquarters.port))
        first.say(siege.good.bytes)
        let taken = first.hear()
        #expect(taken.status == 200)
        let before = try siege.headquarters.state()
        try siege.stand(.notTaken("the same push again", siege.good, .known), before)
        // Hello under a new nonce gives the next session; its first use ends the one before.
        siege.node.client.fail("the line was cut")
        let hello = try Siege.next(siege.node, siege.wall)
        #expect(hello.target == "/sync/v1/hello")
        for _ in 0..<3 {
            let line = try #require(RawLine(port: siege.headquarters.port))
            line.say(hello.bytes)
            let answer = line.hear()
            #expect(siege.hand.believed(answer, to: hello)?.type == .greeted)
            #expect(try siege.headquarters.state() == before)
            if siege.node.client.outcome.stop == nil {
                try siege.node.client.take(
                    status: answer.status,
                    headers: answer.fields,
                    body: answer.body,
                    now: siege.wall
                )
            }
        }
        let pull = try #require(try siege.node.client.nextRequest(now: siege.wall))
        let line = try #require(RawLine(port: siege.headquarters.port))
        line.say(pull.bytes)
        #expect(siege.hand.believed(line.hear(), to: pull)?.type == .pulled)
        try siege.stand(.refused("the push of an ended session", siege.good, .staleSession), before)
    }

    @Test(
        "a head that does not end is answered 408 with its limit, silence is ended without a word"
    )
    func times() throws {
        #expect(Front.limits.headerDeadlineMs == 10_000)
        #expect(Front.limits.idleMs == 60_000)
        let siege = try Siege()
        try siege.headquarters.start { limits in
            limits.headerDeadlineMs = 150
            limits.idleMs = 300
        }
        let before = try siege.headquarters.state()
        let slow = WireAttack(
            "a head that does not end",
            408,
            Array(siege.good.bytes.prefix(60)),
            says: "headerDeadlineMs = 150 ms"
        )
        try siege.stand(slow, before)
        let silent = try #require(RawLine(port: siege.headquarters.port))
        let answer = silent.hear()
        #expect(answer.status == 0 && answer.hasEnded)
        #expect(try siege.headquarters.state() == before)
    }

    @Test("an act over 256 KiB is not written")
    func writing() throws {
        let chain = try SmallChain()
        let engine = chain.headquarters.engine
        let end = engine.log.end
        let body = try CBORValue.map([
            .init(1, .bytes([UInt8](repeating: 0, count: Limits.commitBytesMax)))
        ]).encoded()
        do {
            _ = try engine.perform(RulingCommand(kind: LogKind.factAdmitted, body: body))
            Issue.record("it was written")
        } catch LogFault.tooLarge(_, let size) {
            #expect(size > Limits.commitBytesMax)
        }
        #expect(engine.log.end == end)
        #expect(try engine.verify().problems == [])
    }
}
