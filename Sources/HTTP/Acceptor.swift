// The listening socket, and which loop gets the next connection. It belongs to the first loop's
// thread; it must not read from a connection.

internal import CLinux

/// Accepts connections for all loops of a server.
///
/// Why one listener and not one for each loop: with SO_REUSEPORT a second process of the same user
/// could listen at the same place unseen; so it is told that the address is taken.
final class Acceptor {
    /// A connection that has come.
    struct Arrival {
        let socket: Int32
        let address: String
        let refusal: Refusal?
        let loop: Loop?
    }

    /// Connections taken at one wake, so that those at hand are served too.
    private static let batchMax = 64
    /// How long accepting rests where the process has no file left.
    private static let pauseMs: Int64 = 100

    /// The listening socket; -1 once closed.
    private(set) var socket: Int32
    /// When accepting goes on; nil where it does not rest.
    var pausedUntilMs: Int64?
    /// The loops that share the connections.
    var loops: [Loop] = []
    private var nextLoop = 0
    private let counts: SharedCounts
    private let limits: HTTPLimits

    /// Listens.
    ///
    /// Throws: `SocketFault` where the address is not ours, or is taken.
    init(address: String, counts: SharedCounts, limits: HTTPLimits) throws(SocketFault) {
        self.counts = counts
        self.limits = limits
        let (host, port) = try SocketAddress.split(address)
        guard let place = try SocketAddress.resolve(host: host, port: port).first else {
            throw SocketFault(operation: "listen", reason: .address, message: "no such address")
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        socket = CLinux.socket(place.family, type, 0)
        guard socket >= 0 else { throw .system("socket") }
        var one: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard place.bind(socket), listen(socket, 1024) == 0 else {
            let fault = SocketFault.system("listen \(address)")
            _ = CLinux.close(socket)
            throw fault
        }
    }

    deinit { close() }

    /// Listens no longer.
    func close() {
        loops = []
        guard socket >= 0 else { return }
        _ = CLinux.close(socket)
        socket = -1
    }

    /// Where it listens.
    func bound() throws(SocketFault) -> BoundAddress {
        guard let local = SocketAddress.local(socket) else { throw .system("getsockname") }
        return BoundAddress(host: local.host, port: local.port)
    }

    /// Takes the connections that wait.
    func accept(nowMs: Int64) -> [Arrival] {
        var arrivals: [Arrival] = []
        while arrivals.count < Acceptor.batchMax {
            let accepted = tributary_accept(socket)
            if accepted < 0 {
                switch tributary_errno() {
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: pausedUntilMs = nowMs + Acceptor.pauseMs
                default: break
                }
                return arrivals
            }
            if let arrival = arrival(accepted) { arrivals.append(arrival) }
        }
        return arrivals
    }

    private func arrival(_ accepted: Int32) -> Arrival? {
        guard let address = SocketAddress.peer(accepted)?.host else {
            _ = CLinux.close(accepted)
            return nil
        }
        var one: Int32 = 1
        setsockopt(
            accepted,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &one,
            socklen_t(MemoryLayout<Int32>.size)
        )
        var refusal: Refusal?
        switch counts.enter(address) {
        case .admitted: break
        case .addressFull:
            refusal = .limit(
                503,
                "The number of connections from one address",
                "connectionsPerAddressMax",
                "\(limits.connectionsPerAddressMax)"
            )
        case .serverFull:
            _ = CLinux.close(accepted)
            return nil
        }
        defer { nextLoop = (nextLoop + 1) % max(1, loops.count) }
        return Arrival(
            socket: accepted,
            address: address,
            refusal: refusal,
            loop: loops.isEmpty ? nil : loops[nextLoop]
        )
    }
}
