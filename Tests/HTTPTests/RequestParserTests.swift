// The parser alone: bytes in, events out. No socket, no clock.

import HTTP
import Kernel
import Page
import Testing

/// What a request said, as text that a test can compare.
func echoText(_ request: Request) -> String {
    let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    let body = String(decoding: request.body, as: UTF8.self)
    return "\(request.method) \(request.path) [\(query)] \(body)"
}

/// The events of bytes that come in the given pieces, as text.
func events(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) -> [String] {
    var parser = RequestParser(limits: limits, remote: "192.0.2.1")
    var result: [String] = []
    for piece in pieces {
        parser.receive(Array(piece))
        while let event = parser.next() {
            switch event {
            case .continueWanted: result.append("continue")
            case .refused(let refusal): result.append("\(refusal.status) \(refusal.reason)")
            case .request(let request, let isPersistent, _):
                result.append("200 \(echoText(request)) \(isPersistent ? "keep" : "close")")
            }
        }
    }
    return result
}

@Suite struct RequestParserTests {
    private static let smuggled = Array("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    @Test("a request that could be understood in two ways is refused", arguments: WireCase.refused)
    func refuses(_ wire: WireCase) {
        let heard = events([(wire.bytes + Self.smuggled)[...]])
        #expect(heard.count == 1)
        #expect(heard.first?.hasPrefix("\(wire.status) ") == true, "\(heard)")
        #expect(heard.first?.contains(wire.says) == true, "\(heard)")
    }

    @Test("an odd request that has one meaning is taken", arguments: WireCase.taken)
    func takes(_ wire: WireCase) {
        let heard = events([(wire.bytes + Self.smuggled)[...]])
        #expect(heard.count == 2)
        #expect(heard.first?.hasPrefix("200 ") == true, "\(heard)")
        #expect(heard.first?.contains(wire.says) == true, "\(heard)")
        #expect(heard.last == "200 GET /smuggled []  keep")
    }

    @Test("where the bytes are cut makes no difference", arguments: [1, 2, 3, 5, 7, 61])
    func cuts(_ size: Int) {
        for wire in WireCase.refused + WireCase.taken where wire.bytes.count < 20_000 {
            let bytes = wire.bytes + Self.smuggled
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                bytes[$0..<min($0 + size, bytes.count)]
            }
            #expect(events(pieces) == events([bytes[...]]), "\(wire.name) cut every \(size) bytes")
        }
    }

    @Test("drawn cuts and changed bytes never trap, and never depend on the cuts")
    func drawn() {
        let seed: UInt64 = 20_261_124
        print("RequestParserTests.drawn: seed \(seed); set it in the test to repeat")
        var random = SeededRandom(seed: seed)
        let all = WireCase.refused + WireCase.taken
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.int(in: 1...3) {
                bytes += all[random.int(in: 0...(all.count - 1))].bytes.prefix(600)
            }
            for _ in 0..<random.int(in: 0...3) {
                bytes[random.int(in: 0...(bytes.count - 1))] = UInt8(random.int(in: 0...255))
            }
            var pieces: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + random.int(in: 1...200))
                pieces.append(bytes[start..<end])
                start = end
            }
            let expected = events([bytes[...]])
            #expect(events(pieces) == expected, "bytes \(bytes)")
        }
    }

    @Test("pipelined requests come one by one, and the close of one is told")
    func pipelined() {
        let text = """
            POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
            POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\
            GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n\
            GET /d HTTP/1.0\r\n\r\n\
            GET /e HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n
            """
        #expect(
            events([Array(text.utf8)[...]]) == [
                "200 POST /a [] abc keep", "200 POST /b [] x keep", "200 GET /c []  close",
                "200 GET /d []  close", "200 GET /e []  keep",
            ]
        )
    }

    @Test("100 Continue is asked for only while the body has not begun to come")
    func continues() {
        let head = Array(
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8
        )
        #expect(
            events([head[...], Array("ab".utf8)[...]]) == ["continue", "200 POST / [] ab keep"]
        )
        #expect(events([(head + Array("ab".utf8))[...]]) == ["200 POST / [] ab keep"])
        let none = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"
        #expect(events([Array(none.utf8)[...]]) == ["200 POST / []  keep"])
    }

    @Test("of several body limits the longest path prefix holds")
    func bodyRules() {
        var limits = HTTPLimits()
        limits.bodyBytesMax = 2
        limits.bodyRules = [
            HTTPLimits.BodyRule(pathPrefix: "/sync/", bytesMax: 4),
            HTTPLimits.BodyRule(pathPrefix: "/sync/v1/blob", bytesMax: 6),
        ]
        for (path, bytesMax) in [("/", 2), ("/sync/v1/push", 4), ("/sync/v1/blob/x", 6)] {
            for size in [bytesMax, bytesMax + 1] {
                let body = String(repeating: "x", count: size)
                let fixed =
                    "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n\(body)"
                let chunked =
                    "POST \(path) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + body.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
                for text in [fixed, chunked] {
                    let heard = events([Array(text.utf8)[...]], limits: limits)
                    let status = size > bytesMax ? "413" : "200"
                    #expect(heard.first?.hasPrefix(status) == true, "\(path) \(size): \(heard)")
                }
            }
        }
    }

    @Test("the phase tells idle, head and body apart")
    func phases() {
        var parser = RequestParser(limits: HTTPLimits(), remote: "")
        #expect(parser.phase == .idle)
        parser.receive(Array("POST / HTT".utf8))
        #expect(parser.next() == nil)
        #expect(parser.phase == .head)
        parser.receive(Array("P/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab".utf8))
        #expect(parser.next() == nil)
        #expect(parser.phase == .body(received: 2))
        parser.receive(Array("c".utf8))
        #expect(parser.next() != nil)
        #expect(parser.phase == .idle)
    }
}
