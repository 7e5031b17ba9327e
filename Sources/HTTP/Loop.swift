// One thread, one epoll, the connections that belong to it. What stands here runs on that thread,
// but for `deliver` and the mailbox. A handler is called on it and must not block.

internal import CLinux
internal import Page
internal import Synchronization

/// An epoll loop.
///
/// Why `@unchecked Sendable`: all its state is confined to its own thread; other threads reach it
/// by `deliver` and `mailbox` alone, which touch only what is constant or locked.
final class Loop: @unchecked Sendable {
    typealias Handler = @Sendable (Request, Responder) -> Void

    /// The output above which no further pipelined request is read before some is taken.
    private static let outputBytesHigh = 256 * 1024
    /// Bytes that a lingering peer may still send.
    static let lingerBytesMax = 4 * 1024 * 1024

    let mailbox: Mailbox
    let limits: HTTPLimits
    let counts: SharedCounts
    private let handler: Handler
    let poll: Int32
    /// Called on the loop that owns the listener, once for each wake with connections waiting.
    private let acceptor: Acceptor?

    private let thread = Atomic<UInt>(0)
    private var handling: Ticket?
    var connections: [Connection?] = []
    var live = 0
    private var generation: UInt32 = 0
    private var deadlines = DeadlineQueue()
    var nowMs = ProcessLimits.monotonicMs()
    var stopAtMs: Int64?
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    init(
        limits: HTTPLimits,
        counts: SharedCounts,
        acceptor: Acceptor?,
        handler: @escaping Handler
    ) throws(SocketFault) {
        self.limits = limits
        self.counts = counts
        self.acceptor = acceptor
        self.handler = handler
        mailbox = try Mailbox()
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw .system("epoll_create1") }
        watch(mailbox.descriptor, EPOLLIN.rawValue, isNew: true)
    }

    deinit {
        close(poll)
        scratch.deallocate()
    }

    // MARK: From any thread

    /// Hands an answer to the connection of its request.
    func deliver(_ response: Response, to ticket: Ticket) {
        let isOnThread = thread.load(ordering: .relaxed) == UInt(pthread_self())
        if isOnThread, handling == ticket, let connection = connection(ticket) {
            answer(connection, response)
        } else {
            mailbox.post(.answer(ticket, response))
        }
    }

    // MARK: The thread

    /// Runs until stopped.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        if let acceptor { watch(acceptor.socket, EPOLLIN.rawValue, isNew: true) }
        while true {
            let count = epoll_wait(poll, &events, Int32(events.count), waitMs())
            nowMs = ProcessLimits.monotonicMs()
            for index in 0..<Int(max(0, count)) {
                handle(data: events[index].data.u64, events: events[index].events)
            }
            resumeAccepting()
            expire()
            if let stopAtMs, live == 0 || nowMs >= stopAtMs { break }
        }
        for connection in connections { if let connection { drop(connection) } }
        acceptor?.close()
        for message in mailbox.close() { refuseAdoption(message) }
        thread.store(0, ordering: .relaxed)
    }

    private func waitMs() -> Int32 {
        var next = min(deadlines.earliest ?? .max, stopAtMs ?? .max)
        if stopAtMs == nil, let resume = acceptor?.pausedUntilMs { next = min(next, resume) }
        if next == .max { return -1 }
        return Int32(clamping: max(0, next - ProcessLimits.monotonicMs()))
    }

    private func handle(data: UInt64, events: UInt32) {
        let socket = Int32(truncatingIfNeeded: data & 0xFFFF_FFFF)
        if socket == mailbox.descriptor {
            for message in mailbox.take() { handle(message) }
        } else if let acceptor, socket == acceptor.socket {
            accept(acceptor)
        } else if let connection = connection(socket, UInt32(data >> 32)) {
            handle(connection, events)
        }
    }

    private func handle(_ message: Mailbox.Message) {
        switch message {
        case .adopt(let socket, let address, let refusal): adopt(socket, address, refusal)
        case .answer(let ticket, let response):
            guard let connection = connection(ticket) else { return }
            answer(connection, response)
            advance(connection)
        case .stop: beginStop()
        }
    }

    private func beginStop() {
        guard stopAtMs == nil else { return }
        stopAtMs = nowMs + limits.stopGraceMs
        acceptor?.close()
        for connection in connections {
            guard let connection else { continue }
            let isWaiting = connection.stage == .reading && connection.parser.phase == .idle
            if isWaiting && connection.pendingOutput == 0 { drop(connection) }
        }
    }

    // MARK: Accepting

    private func accept(_ acceptor: Acceptor) {
        guard stopAtMs == nil else { return }
        for arrival in acceptor.accept(nowMs: nowMs) {
            if let loop = arrival.loop, loop !== self {
                let message = Mailbox.Message.adopt(
                    socket: arrival.socket,
                    address: arrival.address,
                    refusal: arrival.refusal
                )
                if !loop.mailbox.post(message) { refuseAdoption(message) }
            } else {
                adopt(arrival.socket, arrival.address, arrival.refusal)
            }
        }
        if acceptor.pausedUntilMs != nil { watch(acceptor.socket, 0, isNew: false) }
    }

    private func resumeAccepting() {
        guard let acceptor, let resume = acceptor.pausedUntilMs, resume <= nowMs else { return }
        acceptor.pausedUntilMs = nil
        if stopAtMs == nil { watch(acceptor.socket, EPOLLIN.rawValue, isNew: false) }
    }

    private func refuseAdoption(_ message: Mailbox.Message) {
        guard case .adopt(let socket, let address, let refusal) = message else { return }
        close(socket)
        counts.leave(address, countedByAddress: refusal == nil)
    }

    private func adopt(_ socket: Int32, _ address: String, _ refusal: Refusal?) {
        generation &+= 1
        let connection = Connection(
            socket: socket,
            generation: generation,
            address: address,
            isCountedByAddress: refusal == nil,
            limits: limits,
            nowMs: nowMs
        )
        while connections.count <= Int(socket) { connections.append(nil) }
        connections[Int(socket)] = connection
        live += 1
        connection.interest = EPOLLIN.rawValue
        watch(socket, EPOLLIN.rawValue, generation: connection.generation, isNew: true)
        if let refusal { refuse(connection, refusal) }
        if flush(connection) { settle(connection) }
    }

    // MARK: Requests and answers

    /// Reads requests as long as there are whole ones, their answers are at hand, and the peer
    /// takes them.
    func advance(_ connection: Connection) {
        repeat {
            connection.isHeldBack = false
            pump(connection)
            guard flush(connection) else { return }
        } while connection.isHeldBack && connection.pendingOutput == 0
        settle(connection)
    }

    private func pump(_ connection: Connection) {
        while connection.stage == .reading {
            if connection.pendingOutput > Loop.outputBytesHigh {
                connection.isHeldBack = true
                return
            }
            guard let event = connection.parser.next() else { break }
            switch event {
            case .continueWanted: connection.output.append(contentsOf: MessageWriter.continueAnswer)
            case .refused(let refusal): refuse(connection, refusal)
            case .request(let request, let isPersistent, let isVersion10):
                connection.exchange &+= 1
                connection.stage = .answering
                connection.isHead = request.method == "HEAD"
                connection.isPersistent = isPersistent
                connection.isVersion10 = isVersion10
                holdBody(connection, request.body.count)
                call(request, connection.ticket)
            }
        }
        if case .body(let received) = connection.parser.phase { holdBody(connection, received) }
    }

    private func call(_ request: Request, _ ticket: Ticket) {
        handling = ticket
        handler(request, Responder(loop: self, ticket: ticket))
        handling = nil
    }

    private func answer(_ connection: Connection, _ response: Response) {
        guard connection.stage == .answering else { return }
        let wantsClose = FieldSyntax.members(response.headers.all("Connection")).contains("close")
        let isPersistent = connection.isPersistent && !wantsClose && stopAtMs == nil
        MessageWriter.write(
            response,
            to: &connection.output,
            isHead: connection.isHead,
            isPersistent: isPersistent,
            isVersion10: connection.isVersion10
        )
        counts.releaseBody(connection.heldBody)
        connection.heldBody = 0
        connection.clockedPhase = nil
        connection.stage = isPersistent ? .reading : .closing
    }

    private func holdBody(_ connection: Connection, _ count: Int) {
        let more = count - connection.heldBody
        guard more > 0 else { return }
        if counts.holdBody(more) {
            connection.heldBody = count
        } else if connection.stage == .reading {
            let value = "\(limits.bodyBytesInFlightMax) bytes"
            refuse(
                connection,
                .limit(503, "What is being received", "bodyBytesInFlightMax", value)
            )
        }
    }

    /// Answers a refusal, after which the connection is only read empty and closed.
    func refuse(_ connection: Connection, _ refusal: Refusal) {
        MessageWriter.write(
            refusal.response,
            to: &connection.output,
            isHead: false,
            isPersistent: false,
            isVersion10: false
        )
        connection.isRefused = true
        connection.stage = .closing
    }

    // MARK: Time

    private func expire() {
        while let entry = deadlines.pop(dueAt: nowMs) {
            guard let connection = connection(entry.socket, entry.generation),
                connection.armedMs == entry.timeMs
            else { continue }
            connection.armedMs = .max
            if connection.deadlineMs > nowMs {
                arm(connection)
            } else {
                timeOut(connection)
            }
        }
    }

    private func timeOut(_ connection: Connection) {
        guard connection.stage == .reading, connection.pendingOutput == 0 else {
            return drop(connection)
        }
        switch connection.parser.phase {
        case .head:
            let value = "\(limits.headerDeadlineMs) ms"
            refuse(connection, .limit(408, "The time for the header", "headerDeadlineMs", value))
        case .body:
            let value = "\(limits.bytesPerSecondMin) bytes a second"
            refuse(
                connection,
                Refusal(
                    status: 408,
                    reason: "The body comes slower than the limit bytesPerSecondMin = \(value)."
                )
            )
        case .idle, .refused: return drop(connection)
        }
        if flush(connection) { settle(connection) }
    }

    /// Sees to it that the queue says so when the deadline has come.
    func arm(_ connection: Connection) {
        guard connection.deadlineMs < connection.armedMs else { return }
        connection.armedMs = connection.deadlineMs
        deadlines.push(
            DeadlineQueue.Entry(
                timeMs: connection.deadlineMs,
                socket: connection.socket,
                generation: connection.generation
            )
        )
    }
}
