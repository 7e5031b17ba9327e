// The client against servers that say odd things, or nothing.

import CLinux
import HTTP
import Page
import Support
import Testing

@Suite struct ClientTests {
    /// A server that reads one head and answers with these bytes, then closes.
    private func server(_ answer: String) -> ScriptedServer {
        ScriptedServer { peer, _ in
            _ = peer.hear(until: "\r\n\r\n")
            peer.say(answer)
            peer.finish()
            _ = peer.hearAll(withinMs: 200)
        }
    }

    private func client(_ server: ScriptedServer, limits: ClientLimits = ClientLimits()) -> Client {
        Client(
            host: "127.0.0.1",
            port: server.port,
            timeouts: ClientTimeouts(connectMs: 2000, readMs: 2000, totalMs: 4000),
            limits: limits
        )
    }

    @Test(
        "it reads bodies of every framing",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length:5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding:chunked\r\n\r\n"
                + "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\na:b\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\nServer:x\r\n\r\nhello",
            "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        ]
    )
    func reads(_ answer: String) throws {
        let server = server(answer)
        defer { server.stop() }
        let response = try client(server).send(method: "GET", target: "/")
        #expect(response.status == 200)
        #expect(response.text == "hello")
        #expect(response.headers.first("Link") == nil)
    }

    @Test(
        "it does not believe an answer that is cut or can be read in two ways",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", SocketFault.Reason.closed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .closed),
            ("HTTP/1.1 200 OK\r\nContent-Le", .closed),
            ("", .closed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello", .malformed),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                .malformed
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", .malformed),
            ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", .malformed),
            ("HTTP/2 200\r\n\r\n", .malformed),
            ("SSH-2.0-OpenSSH_9.2\r\n", .malformed),
            ("HTTP/1.1 2x0 OK\r\n\r\n", .malformed),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .malformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", .limit),
        ]
    )
    func refuses(_ answer: String, _ reason: SocketFault.Reason) throws {
        let server = server(answer)
        defer { server.stop() }
        let client = client(server)
        let fault = #expect(throws: SocketFault.self) {
            _ = try client.send(method: "GET", target: "/")
        }
        #expect(fault?.reason == reason, "\(String(describing: fault))")
        #expect(!client.isConnected)
    }

    @Test("it reads no more than its limits")
    func keepsLimits() throws {
        var limits = ClientLimits()
        limits.bodyBytesMax = 4
        limits.headerFieldsMax = 3
        limits.headerBytesMax = 100
        for answer in [
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\na:b\r\na:b\r\na:b\r\na:b\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: \(String(repeating: "b", count: 100))\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: \(String(repeating: "b", count: 200))",
        ] {
            let server = server(answer)
            defer { server.stop() }
            let fault = #expect(throws: SocketFault.self) {
                _ = try client(server, limits: limits).send(method: "GET", target: "/")
            }
            #expect(fault?.reason == .limit, "\(answer)")
        }
    }

    @Test("a silent server and a dripping one end by the deadline")
    func keepsDeadlines() throws {
        let server = ScriptedServer { peer, count in
            _ = peer.hear(until: "\r\n\r\n")
            if count == 1 { _ = peer.hearAll(withinMs: 400) }
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in 0..<100 where peer.say("x") { usleep(10_000) }
        }
        defer { server.stop() }
        let timeouts = ClientTimeouts(connectMs: 1000, readMs: 100, totalMs: 250)
        for leastMs in [Int64(90), 240] {
            let client = Client(host: "127.0.0.1", port: server.port, timeouts: timeouts)
            let startMs = nowMs()
            let fault = #expect(throws: SocketFault.self) {
                _ = try client.send(method: "GET", target: "/")
            }
            #expect(fault?.reason == .timeout)
            #expect(nowMs() - startMs >= leastMs)
            client.close()
        }
    }

    @Test("nobody listening is a fault with the system's number")
    func refusedConnection() throws {
        let server = ScriptedServer { _, _ in }
        server.stop()
        let client = Client(host: "127.0.0.1", port: server.port)
        let fault = #expect(throws: SocketFault.self) {
            _ = try client.send(method: "GET", target: "/")
        }
        #expect(fault?.reason == .system && fault?.code == ECONNREFUSED)
        #expect(fault?.operation == "connect 127.0.0.1:\(server.port)")
    }

    @Test("a kept connection that was closed is opened anew without a fault")
    func reopens() throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.hear(until: "\r\n\r\n")
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        defer { server.stop() }
        let client = client(server)
        for method in ["GET", "POST", "POST", "GET"] {
            #expect(try client.send(method: method, target: "/").text == "ok")
            usleep(20_000)
        }
        #expect(server.connectionCount == 4)
    }

    @Test("a POST whose connection breaks unanswered is not sent twice, a GET is")
    func repeatsOnlyWhatMayBeRepeated() throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.hear(until: "\r\n\r\n")
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = peer.hear(until: "\r\n\r\n")
        }
        defer { server.stop() }
        let client = client(server)
        #expect(try client.send(method: "GET", target: "/").text == "ok")
        #expect(try client.send(method: "GET", target: "/").text == "ok")
        #expect(server.connectionCount == 2)
        let fault = #expect(throws: SocketFault.self) {
            _ = try client.send(method: "POST", target: "/")
        }
        #expect(fault?.reason == .closed)
        #expect(server.connectionCount == 2)
    }

    @Test("an early refusal of a large body is read, not lost in a broken pipe")
    func readsEarlyRefusal() throws {
        let server = Server(address: "127.0.0.1:0", handler: echo)
        let bound = try server.start()
        defer { server.stop() }
        let client = Client(host: bound.host, port: bound.port)
        let body = [UInt8](repeating: 7, count: 3 * 1024 * 1024)
        for _ in 0..<5 {
            let answer = try client.send(method: "POST", target: "/", body: body)
            #expect(answer.status == 413)
            #expect(answer.text.contains("bodyBytesMax = 1048576"))
        }
    }
}
