// One connection as its loop sees it: what was read, what is to be written, and until when.
// It must not make system calls; the loop does, and only the loop's thread touches it.

internal import Page

/// The state of one accepted socket.
final class Connection {
    /// What the connection waits for.
    enum Stage: Equatable {
        /// For bytes of a request.
        case reading
        /// For the handler's answer.
        case answering
        /// For its output to be taken, after which it is closed.
        case closing
        /// For the peer to have read a refusal.
        case lingering
        /// For nothing: its socket is closed.
        case gone
    }

    let socket: Int32
    let generation: UInt32
    let address: String
    /// False for a connection that was over the limit of its address.
    let isCountedByAddress: Bool
    var parser: RequestParser
    var stage = Stage.reading

    /// Bytes to be written; those before `sent` are with the system.
    var output: [UInt8] = []
    var sent = 0

    /// The number of the request under way.
    var exchange: UInt32 = 0
    var isHead = false
    var isPersistent = true
    var isVersion10 = false
    /// True where the connection is to linger once its output is taken.
    var isRefused = false
    /// True once the peer has sent its last byte.
    var isPeerDone = false
    /// True where whole requests may wait for output to be taken.
    var isHeldBack = false
    /// Bytes received and dropped while lingering.
    var discarded = 0

    /// What epoll has been asked for.
    var interest: UInt32 = 0
    /// Bytes counted among the bodies under way.
    var heldBody = 0

    /// When the current phase, and the output under way, began, and when a byte last moved.
    var phaseStartMs: Int64
    var outputStartMs: Int64?
    var progressMs: Int64
    /// When the answer to a refused peer was taken.
    var lingerStartMs: Int64 = 0
    /// The phase that `phaseStartMs` belongs to; nil where it is to begin anew.
    var clockedPhase: RequestParser.Phase? = .idle
    var clockedExchange: UInt32 = 0
    /// Until when the body under way may go on as it does, and how much of it had come then.
    private var bodyUntilMs: Int64 = 0
    private var bodyBytes = 0
    /// When something is to happen, and the earliest time at which the queue will say so.
    var deadlineMs = Int64.max
    var armedMs = Int64.max

    init(
        socket: Int32,
        generation: UInt32,
        address: String,
        isCountedByAddress: Bool,
        limits: HTTPLimits,
        nowMs: Int64
    ) {
        self.socket = socket
        self.generation = generation
        self.address = address
        self.isCountedByAddress = isCountedByAddress
        parser = RequestParser(limits: limits, remote: address)
        phaseStartMs = nowMs
        progressMs = nowMs
    }

    /// Bytes not yet with the system.
    var pendingOutput: Int { output.count - sent }

    /// The ticket of the request under way.
    var ticket: Ticket { Ticket(socket: socket, generation: generation, exchange: exchange) }

    /// Drops what was written, and large storage with it.
    func outputTaken() {
        if output.capacity > 2048 { output = [] } else { output.removeAll(keepingCapacity: true) }
        sent = 0
        outputStartMs = nil
    }

    /// Notes when the phase of the parser began, and how fast a body comes.
    ///
    /// Why what came early buys no more than `idleMs`: a body that is sent but for its last bytes
    /// would else be held for hours, and with it the room for those of others.
    func clockPhase(_ limits: HTTPLimits, nowMs: Int64) {
        let phase = parser.phase
        let isSame =
            switch (phase, clockedPhase) {
            case (.idle, .idle?), (.head, .head?), (.body, .body?): exchange == clockedExchange
            default: false
            }
        if !isSame { phaseStartMs = nowMs }
        if case .body(let received) = phase {
            if !isSame {
                bodyUntilMs = nowMs + limits.transferGraceMs
                bodyBytes = 0
            }
            let earned = Int64(received - bodyBytes) * 1000 / max(1, limits.bytesPerSecondMin)
            let most = nowMs + max(limits.transferGraceMs, limits.idleMs)
            bodyUntilMs = min(bodyUntilMs + earned, most)
            bodyBytes = received
        }
        clockedPhase = phase
        clockedExchange = exchange
    }

    /// The time at which the loop must act if nothing moves; `Int64.max` for never.
    func nextDeadlineMs(_ limits: HTTPLimits) -> Int64 {
        if stage == .lingering { return lingerStartMs + limits.lingerMs }
        if pendingOutput > 0 {
            let allowed = Int64(output.count) * 1000 / max(1, limits.bytesPerSecondMin)
            return min(
                (outputStartMs ?? progressMs) + limits.transferGraceMs + allowed,
                progressMs + limits.idleMs
            )
        }
        guard stage == .reading else { return .max }
        switch parser.phase {
        case .idle: return phaseStartMs + limits.idleMs
        case .head: return phaseStartMs + limits.headerDeadlineMs
        case .body: return min(bodyUntilMs, progressMs + limits.idleMs)
        case .refused: return .max
        }
    }
}
