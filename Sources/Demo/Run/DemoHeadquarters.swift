// Demo, the run: headquarters of a demonstration, on a thread of its own, behind real HTTP.

import HTTP
import Kernel
import Module
import Node
import Page
import Replication
import Sync

/// Headquarters while a demonstration runs.
///
/// Why `@unchecked Sendable`: the directory and the server of sync are touched on the worker's
/// thread only.
final class DemoHeadquarters: @unchecked Sendable {
    /// Answers a command that another process sent to this one.
    typealias Commands =
        @Sendable (_ words: [String], _ folder: String, Language, NodeDirectory, Headquarters)
        -> CommandAnswer

    /// What is open.
    private struct Office {
        let directory: NodeDirectory
        let headquarters: Headquarters
    }

    /// Nil once it is closed.
    private var office: Office?
    private let worker: Worker
    private let token: String
    private let commands: Commands?
    private var server: Server?

    /// Founds the company and opens its headquarters.
    init(
        _ plan: ChainPlan,
        folder: String,
        clock: DemoClock,
        commands: Commands?
    ) throws {
        self.commands = commands
        token = Hex.encode(SystemRandom().bytes(16))
        try DemoHeadquarters.found(plan, folder: folder, clock: clock)
        let directory = try DemoNodes.open(folder, clock: clock)
        office = Office(
            directory: directory,
            headquarters: try Headquarters(engine: directory.engine)
        )
        let idle = Idle(engine: directory.engine)
        worker = Worker { (try? idle.engine.catchUpABit()) ?? false }
    }

    private static func found(_ plan: ChainPlan, folder: String, clock: DemoClock) throws {
        let lock = try NodeDirectory.prepare(folder)
        let engine = try NodeEngine.found(
            FoundingWish(
                company: plan.company,
                standard: 1,
                taxpayer: .general,
                from: plan.start.startOfYear
            ),
            storage: FolderStorage(folder: folder),
            modules: .standard,
            clock: clock,
            random: SystemRandom()
        )
        let anchor = Anchor(path: NodeDirectory.defaultAnchor(folder))
        if let head = engine.log.own { try anchor.write(head, isDurable: true) }
        try engine.close()
        withExtendedLifetime(lock) {}
    }

    /// The engine on its way to the worker's thread.
    ///
    /// Why `@unchecked Sendable`: only the worker uses it after the start.
    private struct Idle: @unchecked Sendable {
        let engine: NodeEngine
    }

    /// Listens; answers the address.
    func start(_ listen: String) throws -> String {
        var limits = HTTPLimits()
        limits.bodyRules = [.init(pathPrefix: "/sync/v1/", bytesMax: 16 << 20)]
        limits.unlimitedAddresses = ["127.0.0.1", "::1"]
        let server = Server(address: listen, loops: 1, limits: limits) {
            [self] request, responder in
            handle(request, responder)
        }
        let bound = try server.start()
        self.server = server
        try office?.directory.lock.announce(.init(address: "\(bound)", token: token))
        worker.start()
        return "\(bound)"
    }

    /// Does something with headquarters on its thread, and waits.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Headquarters) throws -> Value
    ) throws -> Value {
        try worker.run { [self] in
            Result {
                guard let office else { throw DemoFault("headquarters is closed") }
                return try body(office.headquarters)
            }
        }.get()
    }

    /// Ends listening, closes the files and gives the lock back.
    func stop() throws {
        server?.stop()
        server = nil
        worker.stop()
        try office?.directory.close()
        office = nil
    }

    private func handle(_ request: Request, _ responder: Responder) {
        if let command = CommandChannel.words(of: request, token: token), let commands {
            worker.submit(isUrgent: true) { [self] in
                guard let office else { return }
                let answer = commands(
                    command.words,
                    command.folder,
                    command.language,
                    office.directory,
                    office.headquarters
                )
                _ = responder.send(CommandChannel.response(answer))
            }
            return
        }
        guard request.path.hasPrefix("/sync/v1/") else {
            _ = responder.send(Response.text("not found\n", status: 404))
            return
        }
        worker.submit(isUrgent: true) { [self] in
            _ = responder.send(answer(request))
        }
    }

    private func answer(_ request: Request) -> Response {
        do {
            guard let office else { throw DemoFault("headquarters is closed") }
            let answer = try office.headquarters.answer(
                method: request.method,
                target: request.target,
                headers: request.headers.fields.map { (name: $0.name, value: $0.value) },
                body: request.body
            )
            var headers = Headers()
            for field in answer.headers { headers.add(field.name, field.value) }
            return Response(status: answer.status, headers: headers, body: answer.body)
        } catch {
            return Response.text("\(error)\n", status: 500)
        }
    }
}
