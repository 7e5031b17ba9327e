// The line through the system's TLS library against peers that do not behave, and the words for it.
// Most of it is asked without TLS, by the same library: what comes after the handshake is the same.

import Foundation
import HTTP
import Node
import Support
import Sync
import Synchronization
import Testing

@Suite("https")
struct SecureLineTests {
    static let question = SyncRequest(
        method: "POST",
        target: "/sync/v1/hello",
        headers: [(name: "Content-Type", value: "application/octet-stream")],
        body: Array("question".utf8)
    )

    /// Asks a peer that answers the bytes, by TLS's library, without TLS.
    func ask(
        _ answer: String,
        limits: ClientLimits = ClientLimits(),
        closes: Bool = true
    ) throws -> Result<TransportAnswer, LineTrouble> {
        let server = ScriptedServer { peer, _ in
            _ = peer.hear(until: "question")
            peer.say(answer)
            if !closes { _ = peer.hearAll(withinMs: 4_000) }
        }
        defer { server.stop() }
        let address = try HeadquartersAddress("http://127.0.0.1:\(server.port)")
        let line = SecureLine(
            address,
            timeouts: ClientTimeouts(readMs: 2_000, totalMs: 4_000),
            limits: limits
        )
        return Result { () throws(LineTrouble) in try line.exchange(SecureLineTests.question) }
    }

    @Test("an answer is taken with its length, in chunks, and up to the end in HTTP/1.0")
    func answers() throws {
        for head in [
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-A: b\r\n\r\nanswer",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
                + "6\r\nanswer\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nanswer",
        ] {
            let answer = try ask(head).get()
            #expect(answer.status == 200, "\(head)")
            #expect(answer.body == Array("answer".utf8), "\(head)")
            #expect(answer.headers.contains { $0.name == "X-A" && $0.value == "b" }, "\(head)")
        }
    }

    @Test("a body that ends early, and bytes that are no HTTP, are no answers")
    func garbage() throws {
        for bytes in [
            "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\nanswer",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nanswer\r\n0\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2p1\r\n", "\u{0}\u{1}\u{2}", "",
        ] {
            let result = try ask(bytes)
            guard case .failure(let trouble) = result else {
                Issue.record("\(bytes.debugDescription) is taken for an answer: \(result)")
                continue
            }
            #expect(trouble.fault(at: try HeadquartersAddress("https://a")).exit == .unreachable)
        }
    }

    @Test("an answer that is too large is not read to its end")
    func limits() throws {
        var limits = ClientLimits()
        limits.bodyBytesMax = 1_000
        limits.headerBytesMax = 2_000
        let body = String(repeating: "a", count: 2_000)
        for head in [
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n\(body)\r\n",
            "HTTP/1.0 200 OK\r\n\r\n\(body)",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: \(body)\r\n\r\n",
        ] {
            let started = ContinuousClock.now
            guard case .failure(.tooLarge) = try ask(head, limits: limits, closes: false) else {
                Issue.record("\(head.prefix(60)) is not refused")
                continue
            }
            #expect(ContinuousClock.now - started < .seconds(2), "it is waited for")
        }
    }

    @Test("silence and a drip end in time, and what comes late is not the next answer")
    func silence() throws {
        let server = ScriptedServer { peer, count in
            _ = peer.hear(until: "question")
            if count == 1 { peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n") }
            for _ in 0..<30 where count == 1 {
                peer.say("x")
                usleep(200_000)
            }
            if count > 1 { peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast") }
        }
        defer { server.stop() }
        let drip = SecureLine(
            try HeadquartersAddress("http://127.0.0.1:\(server.port)"),
            timeouts: ClientTimeouts(readMs: 5_000, totalMs: 1_500)
        )
        let started = ContinuousClock.now
        #expect(throws: LineTrouble.silent) { try drip.exchange(SecureLineTests.question) }
        #expect(ContinuousClock.now - started < .seconds(4))
        usleep(2_000_000)
        if let answer = try? drip.exchange(SecureLineTests.question) {
            #expect(answer.body == Array("last".utf8))
        }

        // A listener that accepts and never says anything: not even the handshake ends.
        let mute = ScriptedServer { peer, _ in _ = peer.hearAll(withinMs: 6_000) }
        defer { mute.stop() }
        let line = SecureLine(
            try HeadquartersAddress("https://127.0.0.1:\(mute.port)"),
            timeouts: ClientTimeouts(readMs: 1_000, totalMs: 20_000)
        )
        let begun = ContinuousClock.now
        #expect(throws: LineTrouble.silent) { try line.exchange(SecureLineTests.question) }
        #expect(ContinuousClock.now - begun < .seconds(6))
    }

    @Test("where an answer sends on to is said in both languages, and never asked")
    func redirects() throws {
        let other = ScriptedServer { peer, _ in
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        defer { other.stop() }
        let target = "http://127.0.0.1:\(other.port)/portal?a=b"
        for status in [301, 302, 303, 307, 308] {
            let server = ScriptedServer { peer, _ in
                _ = peer.hear(until: "question")
                peer.say(
                    "HTTP/1.1 \(status) On\r\nLocation: \(target)\r\nContent-Length: 2\r\n\r\nhi"
                )
            }
            defer { server.stop() }
            let text = "http://127.0.0.1:\(server.port)"
            let line = SecureLine(try HeadquartersAddress(text))
            let answer = try line.exchange(SecureLineTests.question)
            #expect(answer.status == status)
            #expect(answer.headers.contains { $0.name == "Location" && $0.value == target })

            // The plain client says the same.
            let transport = HTTPTransport(try HeadquartersAddress(text))
            #expect(throws: NodeFault.self) { try transport.exchange(SecureLineTests.question) }
            let fault = try #require(transport.lastFault)
            #expect(fault.exit == .unreachable)
            #expect(fault.text(.english).contains("sends on to \(target)"))
            #expect(fault.text(.chinese).contains("要求转到 \(target)"))
        }
        #expect(other.connectionCount == 0)
    }

    @Test("where an answer sends on to is shown without signs that a terminal obeys")
    func shownAddress() {
        let fields = [
            (name: "location", value: "https://a/\u{1b}[2J\n\(String(repeating: "b", count: 500))")
        ]
        let answer = TransportAnswer(status: 302, headers: fields, body: [])
        guard case .movedTo(let shown) = LineTrouble.moved(answer) else {
            Issue.record("it sends on, and that is not seen")
            return
        }
        #expect(shown.hasPrefix("https://a/[2Jbbb"))
        #expect(shown.count == 200)
        #expect(LineTrouble.moved(TransportAnswer(status: 304, headers: [], body: [])) == nil)
        #expect(LineTrouble.moved(TransportAnswer(status: 200, headers: [], body: [])) == nil)
    }

    @Test("nobody there, and no TLS there, are told apart, in both languages")
    func noLine() throws {
        let gone = ScriptedServer { _, _ in }
        gone.stop()
        usleep(100_000)
        let nobody = HTTPTransport(try HeadquartersAddress("https://127.0.0.1:\(gone.port)"))
        #expect(throws: NodeFault.self) { try nobody.exchange(SecureLineTests.question) }
        #expect(nobody.lastFault?.text(.english).contains("does not answer") == true)
        #expect(nobody.lastFault?.text(.chinese).contains("没有应答") == true)

        let plain = ScriptedServer { peer, _ in
            _ = peer.hear(withinMs: 1_000)
            peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        defer { plain.stop() }
        let line = HTTPTransport(try HeadquartersAddress("https://127.0.0.1:\(plain.port)"))
        #expect(throws: NodeFault.self) { try line.exchange(SecureLineTests.question) }
        let fault = try #require(line.lastFault)
        #expect(fault.text(.english).contains("does not speak https"), "\(fault)")
        #expect(fault.text(.english).contains("http://127.0.0.1:\(plain.port)"), "\(fault)")
        #expect(fault.text(.chinese).contains("不支持 https"), "\(fault)")
    }
}
