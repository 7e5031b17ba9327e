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
        let door = door()
        let server = Server(address: listen, loops: 1, limits: Front.limits) {
            door.handle($0, $1)
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

    /// Who answers what; the closures run on the worker's thread.
    private func door() -> Door {
        let taker = commands.map { commands in
            Door.Commands(token: token) { [self] command in
                guard let office else {
                    return CommandAnswer(exit: 3, output: "", error: "headquarters is closed\n")
                }
                return commands(
                    command.words,
                    command.folder,
                    command.language,
                    office.directory,
                    office.headquarters
                )
            }
        }
        return Door(worker: worker, commands: taker) { [self] in answer($0) }
    }

    private func answer(_ request: Request) -> Response {
        do {
            guard let office else { throw DemoFault("headquarters is closed") }
            return try office.headquarters.answer(request)
        } catch {
            return Response.text("\(error)\n", status: 500)
        }
    }
}
