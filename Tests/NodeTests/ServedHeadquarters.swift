// Headquarters as it stands on a network in tests: the real engine, the real listener with the
// real limits, one worker; and a client's side that signs for a device.

import HTTP
import Kernel
import Node
import Page
import Replication
import Support
import Sync
import Wire

/// Headquarters behind a port of the loopback address.
///
/// Why `@unchecked Sendable`: once it is served, the chain is touched on the worker's thread only.
final class ServedHeadquarters: @unchecked Sendable {
    let chain: SmallChain
    let worker: Worker
    private(set) var port = 0
    private var server: Server?

    /// Founds headquarters; it is served from `start` on.
    init(storage: any NodeStorage = MemoryStorage()) throws {
        let chain = try SmallChain(storage: storage)
        self.chain = chain
        let idle = Idle(engine: chain.headquarters.engine)
        worker = Worker { (try? idle.engine.catchUpABit()) ?? false }
    }

    /// The engine on its way to the worker.
    ///
    /// Why `@unchecked Sendable`: only the worker uses it after the start.
    private struct Idle: @unchecked Sendable {
        let engine: NodeEngine
    }

    deinit {
        server?.stop()
        worker.stop()
    }

    /// Listens with the limits of a serving node, its times cut where a test cannot wait.
    func start(
        readers: Readers? = nil,
        commands: Door.Commands? = nil,
        _ change: (inout HTTPLimits) -> Void = { _ in }
    ) throws {
        var limits = Front.limits
        change(&limits)
        let door = Door(worker: worker, readers: readers, commands: commands) {
            [unowned self] request in
            do {
                return try chain.headquarters.answer(request)
            } catch {
                return Response.text("\(error)\n", status: 500)
            }
        }
        let server = Server(address: "127.0.0.1:0", loops: 1, limits: limits) {
            door.handle($0, $1)
        }
        port = try server.start().port
        self.server = server
        worker.start()
    }

    /// Does something with headquarters on its thread, and waits.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (SmallChain) throws -> Value
    ) throws -> Value {
        try worker.run { [self] in Result { try body(chain) } }.get()
    }

    /// What may not change by anything that is refused: headquarters' order, and its views.
    func state() throws -> String {
        try run { chain in
            let engine = chain.headquarters.engine
            try engine.catchUp()
            let views = try engine.projector.digests().map { "\($0.module)=\($0.digest)" }
            return "\(engine.log.end) \(engine.log.chainHash) \(views)"
        }
    }

    /// Asks over a connection of its own.
    func ask(_ request: SyncRequest) throws -> Response {
        let client = Client(host: "127.0.0.1", port: port)
        defer { client.close() }
        var headers = Headers()
        for field in request.headers { headers.add(field.name, field.value) }
        return try client.send(
            method: request.method,
            target: request.target,
            headers: headers,
            body: request.body
        )
    }
}
