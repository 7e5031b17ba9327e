// The other end: one connection to one server, asked one question at a time. It blocks its thread,
// within deadlines. It must not follow redirects, keep cookies, or speak TLS.

internal import CLinux
package import Page

/// How long a client waits.
package struct ClientTimeouts: Sendable, Hashable {
    /// Time to connect, over all addresses of the host.
    package var connectMs: Int64
    /// Longest silence of the server.
    package var readMs: Int64
    /// Time for one whole exchange; it bounds a server that drips.
    package var totalMs: Int64

    /// Timeouts.
    package init(connectMs: Int64 = 5_000, readMs: Int64 = 30_000, totalMs: Int64 = 300_000) {
        self.connectMs = connectMs
        self.readMs = readMs
        self.totalMs = totalMs
    }
}

/// How much a client reads.
package struct ClientLimits: Sendable, Hashable {
    /// Size of the status line and header.
    package var headerBytesMax = 64 * 1024
    /// Number of header fields.
    package var headerFieldsMax = 256
    /// Size of a body.
    package var bodyBytesMax = 64 * 1024 * 1024

    /// The usual limits.
    package init() {}
}

/// An HTTP/1.1 client with one connection, which it keeps from request to request.
///
/// One thread at a time. A kept connection that the server has closed is opened anew, unseen,
/// where nothing of an answer has come and the method may be repeated (RFC 9110, section 9.2.2).
package final class Client {
    private let host: String
    private let port: Int
    private let timeouts: ClientTimeouts
    private let limits: ClientLimits
    private var socket: Int32 = -1
    private var scratch = [UInt8](repeating: 0, count: 64 * 1024)

    /// A client that has not connected yet.
    package init(
        host: String,
        port: Int,
        timeouts: ClientTimeouts = ClientTimeouts(),
        limits: ClientLimits = ClientLimits()
    ) {
        self.host = host
        self.port = port
        self.timeouts = timeouts
        self.limits = limits
    }

    deinit { close() }

    /// True while a connection is kept.
    package var isConnected: Bool { socket >= 0 }

    /// Ends the connection; the next request opens another.
    package func close() {
        if socket >= 0 { _ = CLinux.close(socket) }
        socket = -1
    }

    /// Sends a request and reads its answer whole.
    ///
    /// Shape: `target` is path and query, percent-encoded.
    /// Throws: `SocketFault`; the connection is closed then.
    package func send(
        method: String,
        target: String,
        headers: Headers = Headers(),
        body: [UInt8] = []
    ) throws(SocketFault) -> Response {
        precondition(
            target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !method.isEmpty
                && method.utf8.allSatisfy(Headers.isTokenByte),
            "a request line holds no white space and no control character"
        )
        let deadline = ProcessLimits.monotonicMs() + timeouts.totalMs
        var head: [UInt8] = []
        let name = host.contains(":") ? "[\(host)]" : host
        MessageWriter.writeRequestHead(
            method: method,
            target: target,
            host: port == 80 ? name : "\(name):\(port)",
            headers: headers,
            bodyCount: body.count,
            to: &head
        )
        if isConnected && isStale { close() }
        let isKept = isConnected
        var parser = ResponseParser(limits: limits, isHead: method == "HEAD")
        do throws(SocketFault) {
            return try exchange(head, body, &parser, deadline)
        } catch {
            close()
            let isRepeatable = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
            let isLoss = error.reason == .closed || error.reason == .system
            guard isKept, isRepeatable, isLoss, !parser.hasBegun else { throw error }
        }
        parser = ResponseParser(limits: limits, isHead: method == "HEAD")
        do throws(SocketFault) {
            return try exchange(head, body, &parser, deadline)
        } catch {
            close()
            throw error
        }
    }

    private func exchange(
        _ head: [UInt8],
        _ body: [UInt8],
        _ parser: inout ResponseParser,
        _ deadline: Int64
    ) throws(SocketFault) -> Response {
        if !isConnected { try connect(deadline) }
        if head.count + body.count <= 64 * 1024 {
            try write(head + body, deadline)
        } else {
            try write(head, deadline)
            try write(body, deadline)
        }
        while true {
            let count = try read(deadline)
            let response: Response?
            do throws(Refusal) {
                scratch.withUnsafeBytes { bytes in
                    parser.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
                response = count == 0 ? parser.receiveEnd() : try parser.next()
            } catch {
                throw fault("read", error.status == 400 ? .malformed : .limit, error.reason)
            }
            if let response {
                if !parser.isPersistent { close() }
                return response
            }
            if count == 0 { throw fault("read", .closed, "closed before the answer was whole") }
        }
    }

    // MARK: The socket

    /// True where the server has closed, or has sent what nobody asked for.
    private var isStale: Bool {
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count >= 0 || (tributary_errno() != EAGAIN && tributary_errno() != EWOULDBLOCK)
    }

    private func connect(_ deadline: Int64) throws(SocketFault) {
        ProcessLimits.prepare()
        let until = min(deadline, ProcessLimits.monotonicMs() + timeouts.connectMs)
        var last = fault("connect", .address, "the host has no address")
        for address in try SocketAddress.resolve(host: host, port: port) {
            do throws(SocketFault) {
                try connect(to: address, until)
                return
            } catch {
                close()
                last = error
            }
        }
        throw last
    }

    private func connect(to address: SocketAddress, _ until: Int64) throws(SocketFault) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        socket = CLinux.socket(address.family, type, 0)
        guard socket >= 0 else { throw .system("socket") }
        var one: Int32 = 1
        setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &one,
            socklen_t(MemoryLayout<Int32>.size)
        )
        if address.connect(socket) { return }
        guard tributary_errno() == EINPROGRESS else { throw .system(operation("connect")) }
        try wait(Int16(POLLOUT), until, "connect")
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw .system(operation("connect"), code) }
    }

    private func write(_ bytes: [UInt8], _ deadline: Int64) throws(SocketFault) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                CLinux.send(
                    socket,
                    buffer.baseAddress?.advanced(by: sent),
                    buffer.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                sent += count
                continue
            }
            let code = tributary_errno()
            if code == EINTR { continue }
            guard code == EAGAIN || code == EWOULDBLOCK else {
                // An answer may already be there, such as 413: it says more than the lost pipe.
                if code == EPIPE || code == ECONNRESET, hasInput { return }
                throw .system(operation("write"), code)
            }
            let until = min(deadline, ProcessLimits.monotonicMs() + timeouts.readMs)
            let ready = try wait(Int16(POLLOUT | POLLIN), until, "write")
            // A server that answers before it has read everything will not read the rest.
            if ready & Int16(POLLIN) != 0 && ready & Int16(POLLOUT) == 0 { return }
        }
    }

    private var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    private func read(_ deadline: Int64) throws(SocketFault) -> Int {
        let until = min(deadline, ProcessLimits.monotonicMs() + timeouts.readMs)
        while true {
            let count = recv(socket, &scratch, scratch.count, 0)
            if count >= 0 { return count }
            let code = tributary_errno()
            if code == EAGAIN || code == EWOULDBLOCK {
                try wait(Int16(POLLIN), until, "read")
            } else if code != EINTR {
                throw .system(operation("read"), code)
            }
        }
    }

    @discardableResult
    private func wait(
        _ events: Int16,
        _ until: Int64,
        _ what: String
    ) throws(SocketFault) -> Int16 {
        while true {
            let left = until - ProcessLimits.monotonicMs()
            guard left > 0 else { throw fault(what, .timeout, "no answer within the time allowed") }
            var entry = pollfd(fd: socket, events: events, revents: 0)
            let count = poll(&entry, 1, Int32(clamping: left))
            if count > 0 { return entry.revents }
            if count < 0 && tributary_errno() != EINTR { throw .system(operation(what)) }
        }
    }

    private func operation(_ what: String) -> String { "\(what) \(host):\(port)" }

    private func fault(
        _ what: String,
        _ reason: SocketFault.Reason,
        _ message: String
    ) -> SocketFault {
        SocketFault(operation: operation(what), reason: reason, message: message)
    }
}
