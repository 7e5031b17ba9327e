// Serving a node: founding where the directory is empty, then listening until told to stop.

import Glibc
import HTTP
import Kernel
import Module
import Node
import Page
import Replication

/// `tributary hq`.
struct ServeCommand {
    let dispatcher: Dispatcher

    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = try arguments.required("data")
        let isNew = !Files.exists(folder + "/log.sqlite")
        if isNew { try found(folder, arguments, console) }
        if arguments.has("once") {
            console.say(
                isNew
                    ? console.text("公司已建立", "the company is founded")
                    : console.text(
                        "目录正常",
                        "the directory opens"
                    )
            )
            return .done
        }
        let opened = try NodeDirectory.open(
            folder,
            anchor: arguments.value("anchor"),
            modules: .standard,
            clock: SystemClock(),
            random: SystemRandom()
        )
        guard case .here(let directory) = opened else {
            throw NodeFault(
                .busy,
                "\(folder) is served by another process",
                nextStep: "stop that process, or use another directory"
            )
        }
        return try serve(directory, at: arguments.value("listen") ?? "127.0.0.1:8443")
    }

    private func found(_ folder: String, _ arguments: Arguments, _ console: Console) throws {
        guard let company = arguments.value("company"), !company.isEmpty else {
            throw UsageFault(
                message: "\(folder) is empty: --company NAME founds the company",
                command: "hq"
            )
        }
        let standard = arguments.value("standard") ?? "small"
        let taxpayer = arguments.value("taxpayer") ?? "general"
        guard ["small", "asbe"].contains(standard), ["general", "small"].contains(taxpayer) else {
            throw UsageFault(
                message: "--standard is small or asbe, --taxpayer general or small",
                command: "hq"
            )
        }
        let lock = try NodeDirectory.prepare(folder)
        let clock = SystemClock()
        let engine = try NodeEngine.found(
            FoundingWish(
                company: company,
                standard: standard == "small" ? 1 : 2,
                taxpayer: taxpayer == "general" ? .general : .smallScale,
                from: clock.now().date().startOfYear
            ),
            storage: FolderStorage(folder: folder),
            modules: .standard,
            clock: clock,
            random: SystemRandom()
        )
        let anchor = Anchor(path: arguments.value("anchor") ?? NodeDirectory.defaultAnchor(folder))
        if let head = engine.log.own { try anchor.write(head, isDurable: true) }
        try engine.close()
        withExtendedLifetime(lock) {}
    }

    private func serve(_ directory: NodeDirectory, at address: String) throws -> ExitCode {
        try Serving(directory: directory, dispatcher: dispatcher).run(address)
        return .done
    }
}

/// A node while it listens.
///
/// Why `@unchecked Sendable`: the directory is touched on the worker's thread only.
final class Serving: @unchecked Sendable {
    private let directory: NodeDirectory
    private let dispatcher: Dispatcher
    private let worker: Worker
    private let token: String

    init(directory: NodeDirectory, dispatcher: Dispatcher) {
        self.directory = directory
        self.dispatcher = dispatcher
        token = Hex.encode(SystemRandom().bytes(16))
        let engine = SendableEngine(engine: directory.engine)
        worker = Worker { (try? engine.engine.catchUpABit()) ?? false }
    }

    /// Listens until SIGTERM or SIGINT, then closes the files.
    func run(_ address: String) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let server = Server(address: address, loops: 2, limits: HTTPLimits()) {
            [self] request, responder in
            handle(request, responder)
        }
        let bound = try server.start()
        try directory.lock.announce(.init(address: "\(bound)", token: token))
        worker.start()
        StandardStream.output.write("{\"event\":\"ready\",\"listen\":\"\(bound)\"}\n")
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
        server.stop()
        worker.stop()
        try directory.close()
    }

    private func handle(_ request: Request, _ responder: Responder) {
        if let command = CommandChannel.words(of: request, token: token) {
            worker.submit(isUrgent: true) { [self] in
                let answer = dispatcher.answer(
                    command.words,
                    folder: command.folder,
                    language: command.language,
                    directory: directory
                )
                _ = responder.send(CommandChannel.response(answer))
            }
            return
        }
        if request.path == "/health", request.method == "GET" {
            _ = responder.send(Response.json("{\"status\":\"ok\"}\n"))
            return
        }
        _ = responder.send(Response.text("not found\n", status: 404))
    }
}

/// The engine on its way to the worker's thread.
///
/// Why `@unchecked Sendable`: only the worker uses it after the start.
private struct SendableEngine: @unchecked Sendable {
    let engine: NodeEngine
}
