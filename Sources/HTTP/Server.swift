// The door for incoming requests: listener, loops, threads. It must not know a route; whoever
// makes it hands in what answers.

internal import CLinux
package import Page
internal import Synchronization

/// An HTTP/1.1 server.
///
/// The handler is called on a loop's thread and must not block: what touches a disk goes to a
/// thread of its own, and the answer comes back through `Responder.send` from there.
package final class Server: Sendable {
    /// What answers a request.
    package typealias Handler = @Sendable (Request, Responder) -> Void

    private struct Running: Sendable {
        var loops: [Loop] = []
        var threads: [pthread_t] = []
    }

    private let address: String
    private let loopCount: Int
    private let limits: HTTPLimits
    private let handler: Handler
    private let running = Mutex(Running())

    /// A server that does not listen yet.
    ///
    /// Shape: `address` is `HOST:PORT` or `[HOST]:PORT`; port 0 lets the system choose.
    package init(
        address: String,
        loops: Int = 2,
        limits: HTTPLimits = HTTPLimits(),
        handler: @escaping Handler
    ) {
        precondition(loops > 0, "a server has at least one loop")
        self.address = address
        loopCount = loops
        self.limits = limits
        self.handler = handler
    }

    /// Listens and serves; returns at once with the address that is listened on.
    ///
    /// Throws: `SocketFault` where the address cannot be had.
    package func start() throws(SocketFault) -> BoundAddress {
        ProcessLimits.prepare()
        let counts = SharedCounts(limits: limits)
        let acceptor = try Acceptor(address: address, counts: counts, limits: limits)
        let bound = try acceptor.bound()
        var loops: [Loop] = []
        for index in 0..<loopCount {
            loops.append(
                try Loop(
                    limits: limits,
                    counts: counts,
                    acceptor: index == 0 ? acceptor : nil,
                    handler: handler
                )
            )
        }
        acceptor.loops = loops
        var threads: [pthread_t] = []
        do throws(SocketFault) {
            for loop in loops { threads.append(try Server.begin(loop)) }
        } catch {
            Server.end(Running(loops: Array(loops.prefix(threads.count)), threads: threads))
            acceptor.close()
            throw error
        }
        let started = Running(loops: loops, threads: threads)
        running.withLock { running in
            precondition(running.threads.isEmpty, "a server is started once")
            running = started
        }
        return bound
    }

    /// Stops listening, lets answers under way finish within the grace, and ends the threads.
    ///
    /// It must not be called by a handler on its loop: the loop would wait for itself.
    package func stop() {
        let stopped = running.withLock { running in
            let stopped = running
            running = Running()
            return stopped
        }
        Server.end(stopped)
    }

    private static func end(_ running: Running) {
        for loop in running.loops { loop.mailbox.post(.stop) }
        for thread in running.threads { pthread_join(thread, nil) }
    }

    private static func begin(_ loop: Loop) throws(SocketFault) -> pthread_t {
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Loop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(loop).toOpaque()
        )
        guard code == 0 else { throw .system("pthread_create", code) }
        return thread
    }
}
