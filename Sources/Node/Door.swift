// Where a request goes that came to a serving node: sync and commands to the thread that owns the
// files, what only reads to threads of its own, so that a long report never holds up a sale.
// Must not touch the engine itself.

package import HTTP
package import Page
import Sync
import Synchronization

/// The door of a serving node.
package struct Door: Sendable {
    /// A command that another process sent.
    package struct Command: Sendable {
        package let words: [String]
        /// The folder in which it was typed.
        package let folder: String
        package let language: Language
    }

    /// Who takes commands.
    package struct Commands: Sendable {
        let token: String
        let isReading: @Sendable (Command) -> Bool
        let write: @Sendable (Command) -> CommandAnswer
        let read: @Sendable (Command) -> CommandAnswer

        /// `write` is called on the worker, `read` on a reader's thread for what `isReading` names.
        package init(
            token: String,
            write: @escaping @Sendable (Command) -> CommandAnswer,
            isReading: @escaping @Sendable (Command) -> Bool = { _ in false },
            read: @escaping @Sendable (Command) -> CommandAnswer = { _ in
                preconditionFailure("what reads is named together with who reads it")
            }
        ) {
            self.token = token
            self.write = write
            self.isReading = isReading
            self.read = read
        }
    }

    private let worker: Worker
    private let readers: Readers?
    private let commands: Commands?
    private let sync: @Sendable (Request) -> Response

    /// A door; `sync` is called on the worker.
    ///
    /// Without readers everything is the worker's.
    package init(
        worker: Worker,
        readers: Readers? = nil,
        commands: Commands?,
        sync: @escaping @Sendable (Request) -> Response
    ) {
        self.worker = worker
        self.readers = readers
        self.commands = commands
        self.sync = sync
    }

    /// Takes a request on a loop's thread and sees to it that it is answered.
    package func handle(_ request: Request, _ responder: Responder) {
        if let commands, let words = CommandChannel.words(of: request, token: commands.token) {
            let command = Command(
                words: words.words,
                folder: words.folder,
                language: words.language
            )
            if let readers, commands.isReading(command) {
                readers.submit {
                    _ = responder.send(CommandChannel.response(commands.read(command)))
                }
            } else {
                worker.submit(isUrgent: true) {
                    _ = responder.send(CommandChannel.response(commands.write(command)))
                }
            }
        } else if request.path.hasPrefix(SyncAddress.prefix) {
            let sync = sync
            worker.submit { _ = responder.send(sync(request)) }
        } else if request.path == Front.health, request.method == "GET" {
            _ = responder.send(Front.healthAnswer)
        } else {
            _ = responder.send(Response.text("not found\n", status: 404))
        }
    }
}

/// A few threads for what only reads; each job goes to the one that has least to do.
package final class Readers: Sendable {
    private let threads: [Worker]
    private let waiting: Mutex<[Int]>

    package init(count: Int = 2) {
        threads = (0..<count).map { _ in Worker { false } }
        waiting = Mutex(Array(repeating: 0, count: count))
    }

    /// Starts the threads.
    package func start() {
        for thread in threads { thread.start() }
    }

    /// Ends the threads after the jobs they have, and waits for them.
    package func stop() {
        for thread in threads { thread.stop() }
    }

    /// Hands over a job.
    package func submit(_ job: @escaping Worker.Job) {
        let place = waiting.withLock { waiting in
            let place = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
            waiting[place] += 1
            return place
        }
        threads[place].submit { [self] in
            job()
            waiting.withLock { $0[place] -= 1 }
        }
    }
}
