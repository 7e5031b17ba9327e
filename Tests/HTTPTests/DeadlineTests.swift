// Time and numbers: peers that are slow, silent, or too many. Deadlines are cut to milliseconds.

import CLinux
import HTTP
import Page
import Support
import Testing

@Suite struct DeadlineTests {
    private let slowEcho: Server.Handler = { request, responder in
        onThread {
            usleep(150_000)
            responder.send(.text(echoText(request)))
        }
    }

    private func serve(
        _ change: (inout HTTPLimits) -> Void,
        _ handler: @escaping Server.Handler = echo
    ) throws -> (server: Server, port: Int) {
        var limits = HTTPLimits()
        change(&limits)
        let server = Server(address: "127.0.0.1:0", loops: 1, limits: limits, handler: handler)
        return (server, try server.start().port)
    }

    @Test("a header that does not end in time is answered 408, however it drips")
    func headerDeadline() throws {
        let (server, port) = try serve { $0.headerDeadlineMs = 60 }
        defer { server.stop() }
        let silent = try #require(RawPeer(port: port))
        silent.say("GET / HTTP/1.1\r\nHost:")
        let startMs = nowMs()
        let (text, hasEnded) = silent.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 408 "))
        #expect(text.contains("headerDeadlineMs = 60 ms"))
        #expect(nowMs() - startMs >= 50)
        let dripping = try #require(RawPeer(port: port))
        let dripMs = nowMs()
        dripping.say("GET / HTTP/1.1\r\n")
        while nowMs() - dripMs < 1000, dripping.hear(withinMs: 5) == nil {
            dripping.say("a: b\r\n")
        }
        #expect(nowMs() - dripMs < 900)
    }

    @Test("a header that comes in time after many requests is not held to the first one's clock")
    func headerDeadlineStartsAnew() throws {
        let (server, port) = try serve { $0.headerDeadlineMs = 150 }
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        for _ in 0..<4 {
            peer.say("GET / HTTP/1.1\r\n")
            usleep(60_000)
            peer.say("Host: a\r\n\r\n")
            #expect(peer.hear(until: "[]").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a body below the slowest rate is answered 408")
    func bodyDeadline() throws {
        let (server, port) = try serve {
            $0.transferGraceMs = 60
            $0.bytesPerSecondMin = 1000
        }
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        peer.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nab")
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 408 "))
        #expect(text.contains("bytesPerSecondMin = 1000 bytes a second"))
    }

    @Test("a body that came fast buys no more than the idle time: its last bytes cannot take hours")
    func fastThenSlow() throws {
        let (server, port) = try serve {
            $0.transferGraceMs = 60
            $0.idleMs = 300
            $0.bytesPerSecondMin = 1000
        }
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        let most = String(repeating: "a", count: 100_000)
        peer.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100100\r\n\r\n" + most)
        // A byte each 50 ms is 20 a second: never idle, and never done.
        var said = 0
        while said < 90, peer.say("a") {
            said += 1
            usleep(50_000)
        }
        let (text, hasEnded) = peer.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 408 "), "\(said): \(text.prefix(40))")
        #expect(said < 60)
    }

    @Test("an idle connection is closed without a word, before and after a request")
    func idle() throws {
        let (server, port) = try serve { $0.idleMs = 60 }
        defer { server.stop() }
        let fresh = try #require(RawPeer(port: port))
        #expect(fresh.hearAll() == ("", true))
        let used = try #require(RawPeer(port: port))
        used.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let (text, hasEnded) = used.hearAll()
        #expect(hasEnded && text.hasSuffix("GET / [] "))
    }

    @Test("the idle time does not run while the handler works")
    func idleWaitsForHandler() throws {
        let (server, port) = try serve({ $0.idleMs = 60 }, slowEcho)
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port))
        for _ in 0..<2 {
            peer.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(peer.hear(until: "[]").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a peer that does not read its answer is closed, and others are served meanwhile")
    func slowReader() throws {
        let large = [UInt8](repeating: 7, count: 8 * 1024 * 1024)
        let handler: Server.Handler = { request, responder in
            responder.send(
                request.path == "/large" ? .bytes(large, type: "a/b") : .text(echoText(request))
            )
        }
        let (server, port) = try serve({ $0.idleMs = 100 }, handler)
        defer { server.stop() }
        let peer = try #require(RawPeer(port: port, receiveBufferBytes: 4096))
        peer.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        let client = Client(host: "127.0.0.1", port: port)
        #expect(try client.send(method: "GET", target: "/").status == 200)
        usleep(300_000)
        var heard = 0
        while let piece = peer.hear(withinMs: 1000), !piece.isEmpty { heard += piece.count }
        #expect(heard < large.count)
    }

    @Test("connections from one address over their number are answered 503, and counted down again")
    func perAddress() throws {
        let (server, port) = try serve { $0.connectionsPerAddressMax = 3 }
        defer { server.stop() }
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        var held: [RawPeer] = []
        for _ in 0..<3 {
            let peer = try #require(RawPeer(port: port))
            peer.say(get)
            #expect(peer.hear(until: "[]").hasPrefix("HTTP/1.1 200 "))
            held.append(peer)
        }
        for _ in 0..<3 {
            let peer = try #require(RawPeer(port: port))
            peer.say(get)
            let (text, hasEnded) = peer.hearAll()
            #expect(hasEnded && text.hasPrefix("HTTP/1.1 503 "))
            #expect(text.contains("connectionsPerAddressMax = 3"))
        }
        held.removeLast()
        let startMs = nowMs()
        var isServed = false
        while !isServed && nowMs() - startMs < 2000 {
            let peer = try #require(RawPeer(port: port))
            peer.say(get)
            isServed = peer.hear(until: "[]").hasPrefix("HTTP/1.1 200 ")
        }
        #expect(isServed)
    }

    @Test("an address without limit, such as the proxy in front, has none")
    func unlimitedAddress() throws {
        let (server, port) = try serve {
            $0.connectionsPerAddressMax = 1
            $0.unlimitedAddresses = ["127.0.0.1"]
        }
        defer { server.stop() }
        var held: [RawPeer] = []
        for _ in 0..<5 {
            let peer = try #require(RawPeer(port: port))
            peer.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(peer.hear(until: "[]").hasPrefix("HTTP/1.1 200 "))
            held.append(peer)
        }
        #expect(held.count == 5)
    }

    @Test("bodies under way may hold only so much memory together")
    func bodiesInFlight() throws {
        let (server, port) = try serve { $0.bodyBytesInFlightMax = 1000 }
        defer { server.stop() }
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"
        let body = String(repeating: "x", count: 800)
        let first = try #require(RawPeer(port: port))
        first.say(post + body)
        usleep(30_000)
        let second = try #require(RawPeer(port: port))
        second.say(post + body)
        let (text, hasEnded) = second.hearAll()
        #expect(hasEnded && text.hasPrefix("HTTP/1.1 503 "))
        #expect(text.contains("bodyBytesInFlightMax = 1000 bytes"))
        first.say(String(repeating: "y", count: 100))
        #expect(first.hear(until: "yyy").hasPrefix("HTTP/1.1 200 "))
        let third = try #require(RawPeer(port: port))
        third.say(post + body + String(repeating: "y", count: 100))
        #expect(third.hear(until: "yyy").hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a thousand slow headers do not keep a client waiting")
    func slowloris() throws {
        let (server, port) = try serve { $0.connectionsPerAddressMax = 2000 }
        defer { server.stop() }
        var held: [RawPeer] = []
        for _ in 0..<1000 {
            let peer = try #require(RawPeer(port: port))
            peer.say("GET / HTTP/1.1\r\nHost:")
            held.append(peer)
        }
        let client = Client(host: "127.0.0.1", port: port)
        let startMs = nowMs()
        for _ in 0..<20 { #expect(try client.send(method: "GET", target: "/").status == 200) }
        #expect(nowMs() - startMs < 2000)
        #expect(held.count == 1000)
    }
}
