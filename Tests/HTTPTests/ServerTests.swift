// The server over real sockets on the loopback address: answers, order, time and numbers.

import CLinux
import HTTP
import Page
import Support
import Synchronization
import Testing

/// Milliseconds of a clock that only goes forward.
func nowMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Answers with what the request said.
let echo: Server.Handler = { request, responder in responder.send(.text(echoText(request))) }

@Suite struct ServerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("a client gets what the handler answers, many times over one connection")
    func answers() throws {
        let server = Server(address: "127.0.0.1:0") { request, responder in
            responder.send(.text("\(request.method) \(request.remote) \(request.body.count)"))
        }
        let bound = try server.start()
        defer { server.stop() }
        let client = Client(host: bound.host, port: bound.port)
        for size in [0, 1, 1000, 300_000, 1_000_000] {
            let body = [UInt8](repeating: 7, count: size)
            let answer = try client.send(method: "POST", target: "/echo", body: body)
            #expect(answer.status == 200)
            #expect(answer.text == "POST 127.0.0.1 \(size)")
            #expect(client.isConnected)
        }
    }

    @Test("it listens on IPv6 too, and says so")
    func listensOnIPv6() throws {
        let server = Server(address: "[::1]:0", loops: 1, handler: echo)
        let bound = try server.start()
        defer { server.stop() }
        #expect(bound.description == "[::1]:\(bound.port)")
        let client = Client(host: "::1", port: bound.port)
        #expect(try client.send(method: "GET", target: "/x").text == "GET /x [] ")
    }

    @Test("an address that is taken, or is none, is a fault that names it")
    func refusesTakenAddress() throws {
        let server = Server(address: "127.0.0.1:0", loops: 2, handler: echo)
        let bound = try server.start()
        defer { server.stop() }
        let second = Server(address: bound.description, handler: echo)
        let fault = #expect(throws: SocketFault.self) { _ = try second.start() }
        #expect(fault?.operation == "listen \(bound)")
        for address in ["", "8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "::1:80"] {
            let fault = #expect(throws: SocketFault.self) {
                _ = try Server(address: address, handler: echo).start()
            }
            #expect(fault?.reason == .address)
        }
    }

    @Test("answers from other threads go back in the order of the requests")
    func answersInOrder() throws {
        let server = Server(address: "127.0.0.1:0") { request, responder in
            let isSlow = request.path.hasSuffix("0")
            onThread {
                usleep(isSlow ? 3000 : 0)
                responder.send(.text("<\(request.path)>"))
            }
        }
        let port = try server.start().port
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        let paths = (0..<50).map { "/\($0)" }
        for path in paths { peer.say("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") }
        let text = peer.hear(until: "</49>")
        #expect(
            text.split(separator: "<").dropFirst().map { "\($0.prefix { $0 != ">" })" } == paths
        )
    }

    @Test("a thousand pipelined requests with large answers come whole to a slow reader")
    func pushesBack() throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        let server = Server(address: "127.0.0.1:0", loops: 1) { _, responder in
            responder.send(.bytes(body, type: "text/plain"))
        }
        let port = try server.start().port
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port, receiveBufferBytes: 4096))
        onThread { [get, socket = dup(peer.socket)] in
            let writer = RawPeer(accepted: socket)
            for _ in 0..<1000 { writer.say(get) }
        }
        var count = 0
        while count < 1000 * body.count, let piece = peer.hear(), !piece.isEmpty {
            for byte in piece where byte == UInt8(ascii: "x") { count += 1 }
        }
        // Each head holds one x too: that of "text/plain".
        #expect(count >= 1000 * body.count && count <= 1000 * (body.count + 1))
    }

    @Test("100 Continue is sent to a client that waits for it, and a 413 in its place")
    func continues() throws {
        let server = Server(address: "127.0.0.1:0", loops: 1, handler: echo)
        let port = try server.start().port
        defer { server.stop() }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
        let peer = try #require(RawPeer(port: port))
        peer.say("\(head)2\r\n\r\n")
        #expect(peer.hear(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        peer.say("ab")
        #expect(peer.hear(until: " ab").hasPrefix("HTTP/1.1 200 OK\r\n"))
        peer.say("\(head)2000000\r\n\r\n")
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 413 "))
    }

    @Test("HEAD, 204 and 304 have no body, and the connection goes on")
    func leavesBodiesOut() throws {
        let server = Server(address: "127.0.0.1:0", loops: 1) { request, responder in
            let status = Int(request.path.dropFirst()) ?? 200
            responder.send(.text("body", status: status))
        }
        let bound = try server.start()
        defer { server.stop() }
        let client = Client(host: bound.host, port: bound.port)
        let head = try client.send(method: "HEAD", target: "/200")
        #expect(head.headers.first("content-length") == "4" && head.body.isEmpty)
        for status in [204, 304] {
            let answer = try client.send(method: "GET", target: "/\(status)")
            #expect(answer.status == status && answer.body.isEmpty)
            #expect(answer.headers.first("Content-Length") == nil)
        }
        #expect(try client.send(method: "GET", target: "/200").text == "body")
        #expect(client.isConnected)
    }

    @Test("a handler can neither forge framing nor begin another field")
    func writesFramingItself() throws {
        let server = Server(address: "127.0.0.1:0", loops: 1) { _, responder in
            var response = Response.text("ok")
            response.headers.add("Content-Length", "99")
            response.headers.add("Transfer-Encoding", "chunked")
            response.headers.add("X-Name", "a\r\nSet-Cookie: b=c\u{0}")
            responder.send(response)
        }
        let bound = try server.start()
        defer { server.stop() }
        let answer = try Client(host: bound.host, port: bound.port).send(method: "GET", target: "/")
        #expect(answer.headers.all("Content-Length") == ["2"])
        #expect(answer.headers.first("Set-Cookie") == nil)
        #expect(answer.headers.first("X-Name") == "a  Set-Cookie: b=c")
    }

    @Test("a request that the handler forgets is answered 500, and only the first answer counts")
    func answersOnce() throws {
        let server = Server(address: "127.0.0.1:0", loops: 1) { request, responder in
            if request.path == "/forgotten" { return }
            #expect(responder.send(.text("first")))
            #expect(!responder.send(.text("second")))
        }
        let bound = try server.start()
        defer { server.stop() }
        let client = Client(host: bound.host, port: bound.port)
        #expect(try client.send(method: "GET", target: "/forgotten").status == 500)
        #expect(try client.send(method: "GET", target: "/").text == "first")
        #expect(try client.send(method: "GET", target: "/forgotten").status == 500)
    }

    @Test("a peer that has sent its last byte still gets its answer")
    func answersHalfClosed() throws {
        let server = Server(address: "127.0.0.1:0", loops: 1) { request, responder in
            onThread {
                usleep(20_000)
                responder.send(.text(echoText(request)))
            }
        }
        let port = try server.start().port
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        peer.say(get)
        peer.finish()
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("an answer for a connection that is gone reaches nobody else")
    func dropsStaleAnswers() throws {
        let late = Kept()
        let server = Server(address: "127.0.0.1:0", loops: 1) { request, responder in
            if request.path == "/late" {
                late.responders.withLock { $0.append(responder) }
            } else {
                let waiting = late.responders.withLock { $0 }
                for responder in waiting { responder.send(.text("stale")) }
                onThread {
                    usleep(5000)
                    responder.send(.text("own"))
                }
            }
        }
        let bound = try server.start()
        defer { server.stop() }
        for _ in 0..<5 {
            let peer = try #require(RawPeer(port: bound.port))
            peer.say("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
            while late.responders.withLock({ $0.isEmpty }) { usleep(500) }
        }
        let client = Client(host: bound.host, port: bound.port)
        for _ in 0..<5 {
            #expect(try client.send(method: "GET", target: "/").text == "own")
        }
    }

    @Test("stop lets an answer under way finish, then nothing listens")
    func stops() throws {
        let flag = Flag()
        let server = Server(address: "127.0.0.1:0") { request, responder in
            flag.raise()
            onThread {
                usleep(50_000)
                responder.send(.text("finished"))
            }
        }
        let port = try server.start().port
        let idle = try #require(RawPeer(port: port))
        let peer = try #require(RawPeer(port: port))
        peer.say(get)
        while !flag.isRaised { usleep(500) }
        let startMs = nowMs()
        server.stop()
        #expect(nowMs() - startMs < 1500)
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded && text.hasSuffix("finished"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(idle.hearAll().hasEnded)
        #expect(RawPeer(port: port) == nil)
    }
}

/// A flag that threads raise and look at.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    /// True once raised.
    var isRaised: Bool { value.load(ordering: .acquiring) }
    /// Raises it.
    func raise() { value.store(true, ordering: .releasing) }
}

/// Responders that a handler has put aside.
final class Kept: Sendable {
    let responders = Mutex<[Responder]>([])
}
