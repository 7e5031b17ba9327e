// The corpus over real sockets: one connection a case, against a server on 127.0.0.1:0.

import HTTP
import Page
import Support
import Synchronization
import Testing

@Suite struct LiveCorpusTests {
    /// The paths that handlers were called for.
    private final class Seen: Sendable {
        let paths = Mutex<[String]>([])
    }

    @Test("a live server refuses it, says why, and closes", arguments: WireCase.refused)
    func refuses(_ wire: WireCase) throws {
        let seen = Seen()
        // On a loaded machine the second request comes late; a socket closed before it is reset,
        // and a reset takes the answer with it.
        var limits = HTTPLimits()
        limits.lingerMs = 30_000
        let server = Server(address: "127.0.0.1:0", loops: 1, limits: limits) {
            request,
            responder in
            seen.paths.withLock { $0.append(request.path) }
            responder.send(.text(echoText(request)))
        }
        let port = try server.start().port
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        peer.say(wire.bytes)
        peer.say("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded)
        #expect(text.hasPrefix("HTTP/1.1 \(wire.status) "), "\(text)")
        #expect(text.contains("Content-Type: text/plain; charset=utf-8\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(text.contains(wire.says), "\(text)")
        #expect(text.ranges(of: "\r\n\r\n").count == 1)
        #expect(seen.paths.withLock { $0 } == [])
    }

    @Test("a live server takes it, and the request after it", arguments: WireCase.taken)
    func takes(_ wire: WireCase) throws {
        let server = Server(address: "127.0.0.1:0", loops: 1) { request, responder in
            responder.send(.text(echoText(request)))
        }
        let port = try server.start().port
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        peer.say(wire.bytes)
        let isVersion10 = wire.bytes.starts(with: Array("GET / HTTP/1.0".utf8))
        if !isVersion10 { peer.say("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
        #expect(text.contains(wire.says), "\(text)")
        #expect(isVersion10 || text.hasSuffix("GET /last [] "), "\(text)")
    }

    @Test("the corpus holds at least forty requests to refuse")
    func corpusIsLarge() {
        #expect(WireCase.refused.count >= 40)
        #expect(Set(WireCase.refused.map(\.name)).count == WireCase.refused.count)
    }
}
