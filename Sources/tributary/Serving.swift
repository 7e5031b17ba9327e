// A node while it listens: loops take requests, one worker owns the files, and a branch looks for
// headquarters in the background. Must not touch the engine on any other thread.

import Glibc
import HTTP
import Kernel
import Node
import Page
import Replication
import SQLite
import Sync
import Synchronization

/// A node while it listens.
///
/// Why `@unchecked Sendable`: the directory and what is wired to it are touched on the worker's
/// thread only.
final class Serving: @unchecked Sendable {
    private let directory: NodeDirectory
    private let dispatcher: Dispatcher
    private let worker: Worker
    private let readers = Readers()
    private let token: String
    private let headquarters: Headquarters?
    private let log: EventLog
    private let isStopping = Mutex(false)
    private let isBusyBeside = Mutex(false)
    private let ending = EndInDoubt()

    init(directory: NodeDirectory, dispatcher: Dispatcher) throws {
        self.directory = directory
        self.dispatcher = dispatcher
        token = Hex.encode(SystemRandom().bytes(16))
        log = EventLog(clock: SystemClock())
        let engine = directory.engine
        // The worker settles as soon as its queue is empty.
        engine.viewsDeferredMax = 32
        headquarters = engine.log.isHeadquarters ? try Headquarters(engine: engine) : nil
        let shared = SharedEngine(engine: engine)
        let log = log
        let ending = ending
        let rest: @Sendable () -> Void = {
            do {
                try shared.engine.rest()
            } catch {
                log.say("rest_failed", [("error", "\(error)")])
                ending.look(at: shared.engine)
            }
        }
        worker = Worker(rest: rest) {
            do {
                return try shared.engine.catchUpABit()
            } catch {
                log.say("projection_failed", [("error", "\(error)")])
                ending.look(at: shared.engine)
                return false
            }
        }
    }

    /// How serving ended.
    enum End {
        case stopped
        /// The disk failed: the files must be opened again by a process that trusts nothing.
        case inDoubt
    }

    /// Listens until SIGTERM or SIGINT, or until the disk fails; then closes the files.
    func run(_ address: String, syncs: Bool) throws -> End {
        directory.engine.breathe = { [worker] in worker.breathe() }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let door = door()
        let server = Server(address: address, loops: 2, limits: Front.limits) {
            door.handle($0, $1)
        }
        let bound = try server.start()
        try directory.lock.announce(.init(address: "\(bound)", token: token))
        worker.start()
        readers.start()
        if syncs { BackgroundSync(serving: self).start() }
        StandardStream.output.write("{\"event\":\"ready\",\"listen\":\"\(bound)\"}\n")
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
        isStopping.withLock { $0 = true }
        server.stop()
        readers.stop()
        worker.stop()
        if directory.engine.isInDoubt {
            let fault = directory.engine.log.database.doubt ?? directory.engine.views.doubt
            log.say("disk_failed", [("error", fault.map { "\($0)" } ?? "")])
            return .inDoubt
        }
        try directory.close()
        return .stopped
    }

    /// Who answers what: the worker, or for what only reads a reader's thread.
    private func door() -> Door {
        let write: @Sendable (Door.Command) -> CommandAnswer = { [self] command in
            defer { ending.look(at: directory.engine) }
            return dispatcher.answer(
                command.words,
                folder: command.folder,
                language: command.language,
                directory: directory,
                headquarters: headquarters
            )
        }
        let commands = Door.Commands(
            token: token,
            write: write,
            isReading: { [dispatcher] in dispatcher.isReading($0.words) },
            read: { [self] command in
                if dispatcher.isLong(command.words) { return doBeside(command) }
                return dispatcher.read(command, directory) ?? worker.run { write(command) }
            }
        )
        return Door(worker: worker, readers: readers, commands: commands) { [self] in
            answerSync($0)
        }
    }

    /// One check or backup at a time, on a reader's thread; the worker is asked for moments.
    private func doBeside(_ command: Door.Command) -> CommandAnswer {
        let isFree = isBusyBeside.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else {
            let words =
                command.language == .chinese
                ? "正在校验或备份，请稍候\n" : "verify or backup is at work already\n"
            return CommandAnswer(exit: ExitCode.busy.rawValue, output: "", error: words)
        }
        defer { isBusyBeside.withLock { $0 = false } }
        let isOver: @Sendable () -> Bool = { [self] in self.isOver }
        let thread = OwnThread(isStopping: isOver) { [worker] job in worker.run(job) }
        return dispatcher.doBeside(command, directory, headquarters, thread)
    }

    private func answerSync(_ request: Request) -> Response {
        guard let headquarters else {
            return Response.text("this node is not headquarters\n", status: 404)
        }
        defer { ending.look(at: directory.engine) }
        do {
            let answer = try headquarters.answer(request)
            for alert in headquarters.server.takeAlerts() {
                log.say("sync", [("alert", "\(alert)")])
            }
            return answer
        } catch {
            log.say("sync_failed", [("error", "\(error)")])
            return Response.text("try again\n", status: 503)
        }
    }

    /// One round of a branch.
    func round(_ round: WorkerRound, _ transport: any Transport) -> RoundOutcome {
        round.run(
            transport,
            isStopping: { isOver },
            failed: { [self] event, error in
                log.say(event, [("error", "\(error)")])
                ending.look(at: directory.engine)
            }
        )
    }

    /// What the background needs, made on the worker's thread.
    func makeSync() -> (WorkerRound, HTTPTransport)? {
        let engine = SharedEngine(engine: directory.engine)
        let worker = worker
        let made = worker.run { () -> (WorkerRound, HeadquartersAddress)? in
            guard let sync = try? NodeSync(engine: engine.engine),
                let bytes = try? engine.engine.log.reader.metaBytes("hq_url"),
                let address = try? HeadquartersAddress(String(decoding: bytes, as: UTF8.self))
            else { return nil }
            return (WorkerRound(worker: worker, sync: sync), address)
        }
        return made.map { ($0.0, HTTPTransport($0.1)) }
    }

    var isOver: Bool { isStopping.withLock { $0 } }

    /// Says how a round ended.
    func say(_ outcome: RoundOutcome) {
        for event in outcome.events { log.say("sync", [("event", "\(event)")]) }
        guard outcome.stop != nil || outcome.pushed + outcome.pulled > 0 else { return }
        log.say(
            "round",
            [
                ("sent", "\(outcome.pushed)"), ("received", "\(outcome.pulled)"),
                ("stop", outcome.stop.map { "\($0)" } ?? ""),
            ]
        )
    }
}

/// Ends the serving where the disk failed; nothing is acknowledged meanwhile, for nothing can be
/// written.
private final class EndInDoubt: Sendable {
    private let isTold = Mutex(false)

    /// Tells the thread that waits for signals, once.
    func look(at engine: NodeEngine) {
        guard engine.isInDoubt else { return }
        let isFirst = isTold.withLock { told in
            defer { told = true }
            return !told
        }
        if isFirst { kill(getpid(), SIGTERM) }
    }
}

/// The engine on its way to the worker's thread.
///
/// Why `@unchecked Sendable`: only the worker uses it after the start.
struct SharedEngine: @unchecked Sendable {
    let engine: NodeEngine
}

/// Looks for headquarters every few seconds, and ever more rarely while it does not answer.
final class BackgroundSync: Sendable {
    private let serving: Serving

    init(serving: Serving) {
        self.serving = serving
    }

    /// Starts the thread.
    func start() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                if let raw { Unmanaged<BackgroundSync>.fromOpaque(raw).takeRetainedValue().loop() }
                return nil
            },
            box.toOpaque()
        )
        precondition(code == 0, "a thread can be made")
        pthread_detach(thread)
    }

    private func loop() {
        guard let (sync, transport) = serving.makeSync() else { return }
        let random = SystemRandom()
        var backoff = Backoff()
        while !serving.isOver {
            let outcome = serving.round(sync, transport)
            serving.say(outcome)
            var waitMs: Int64 = 5_000
            if outcome.stop == nil {
                backoff.succeed()
            } else {
                let atLeast = Int64(outcome.retryAfter) * 1_000
                waitMs = backoff.fail(random: random, atLeastMs: atLeast)
            }
            let until = SystemClock().monotonicMs() + waitMs
            while !serving.isOver, SystemClock().monotonicMs() < until { usleep(200_000) }
        }
    }
}
