// The server over real sockets on the loopback address, asked by the room's own client and by raw
// sockets.

import HTTP
import Page
import Testing

@Suite struct ServerTests {
    @Test("a client gets what the handler answers, many times over one connection")
    func answers() throws {
        let server = Server(address: "127.0.0.1:0") { request, responder in
            responder.send(.text("\(request.method) \(request.path) \(request.body.count)"))
        }
        let bound = try server.start()
        defer { server.stop() }
        let client = Client(host: bound.host, port: bound.port)
        for size in [0, 1, 1000, 300_000, 1_000_000] {
            let answer = try client.send(
                method: "POST",
                target: "/echo",
                body: [UInt8](repeating: 7, count: size)
            )
            #expect(answer.status == 200)
            #expect(answer.text == "POST /echo \(size)")
            #expect(client.isConnected)
        }
    }
}
