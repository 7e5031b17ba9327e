// The system calls of a loop: what is read, what is written, what epoll is asked for. It runs on
// the loop's thread, and must not decide what a request means.

internal import CLinux

extension Loop {
    /// The connection of a socket where it is still the one meant.
    func connection(_ socket: Int32, _ generation: UInt32) -> Connection? {
        guard socket >= 0, Int(socket) < connections.count,
            let connection = connections[Int(socket)], connection.generation == generation
        else { return nil }
        return connection
    }

    /// The connection that waits for this very answer.
    func connection(_ ticket: Ticket) -> Connection? {
        guard let connection = connection(ticket.socket, ticket.generation),
            connection.exchange == ticket.exchange, connection.stage == .answering
        else { return nil }
        return connection
    }

    /// Asks epoll for events of a socket.
    func watch(_ socket: Int32, _ interest: UInt32, generation: UInt32 = 0, isNew: Bool) {
        let data = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: socket))
        var event = epoll_event(events: interest, data: epoll_data_t(u64: data))
        _ = epoll_ctl(poll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
    }

    /// What epoll says of a connection.
    func handle(_ connection: Connection, _ events: UInt32) {
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return drop(connection) }
        if events & EPOLLOUT.rawValue != 0 {
            guard flush(connection) else { return }
            if connection.pendingOutput == 0 {
                advance(connection)
            } else {
                settle(connection)
            }
        }
        guard events & EPOLLIN.rawValue != 0 else { return }
        switch connection.stage {
        case .reading: read(connection)
        case .lingering: discard(connection)
        case .answering, .closing:
            ask(connection, connection.interest & ~EPOLLIN.rawValue)
        case .gone: return
        }
    }

    private func read(_ connection: Connection) {
        let count = recv(connection.socket, scratch.baseAddress, scratch.count, 0)
        if count > 0 {
            connection.parser.receive(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            connection.progressMs = nowMs
            advance(connection)
        } else if count == 0 {
            guard connection.pendingOutput > 0 else { return drop(connection) }
            connection.stage = .closing
            settle(connection)
        } else if isFinal(tributary_errno()) {
            drop(connection)
        }
    }

    private func discard(_ connection: Connection) {
        let count = recv(connection.socket, scratch.baseAddress, scratch.count, 0)
        if count > 0 {
            connection.discarded += count
            if connection.discarded > Loop.lingerBytesMax { drop(connection) }
        } else if count == 0 || isFinal(tributary_errno()) {
            drop(connection)
        }
    }

    /// Writes what the system takes; false where the connection is gone.
    func flush(_ connection: Connection) -> Bool {
        while connection.pendingOutput > 0 {
            if connection.outputStartMs == nil { connection.outputStartMs = nowMs }
            let count = connection.output.withUnsafeBytes { bytes in
                let rest = bytes[connection.sent...]
                return send(
                    connection.socket,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count > 0 {
                connection.sent += count
                connection.progressMs = nowMs
            } else {
                let code = tributary_errno()
                if code == EINTR { continue }
                if code == EAGAIN || code == EWOULDBLOCK { return true }
                drop(connection)
                return false
            }
        }
        if connection.sent > 0 { connection.outputTaken() }
        return connection.stage != .gone
    }

    /// After reading and writing: what the connection waits for now, and until when.
    func settle(_ connection: Connection) {
        let isTaken = connection.pendingOutput == 0
        switch connection.stage {
        case .gone: return
        case .closing where isTaken:
            guard connection.isRefused else { return drop(connection) }
            shutdown(connection.socket, Int32(SHUT_WR))
            connection.stage = .lingering
            connection.lingerStartMs = nowMs
        case .reading where isTaken && connection.parser.phase == .idle:
            if stopAtMs != nil { return drop(connection) }
            connection.parser.releaseMemory()
        default: break
        }
        switch connection.stage {
        case .reading: ask(connection, isTaken ? EPOLLIN.rawValue : EPOLLOUT.rawValue)
        case .answering:
            ask(connection, isTaken ? connection.interest & EPOLLIN.rawValue : EPOLLOUT.rawValue)
        case .closing: ask(connection, EPOLLOUT.rawValue)
        case .lingering: ask(connection, EPOLLIN.rawValue)
        case .gone: return
        }
        connection.clockPhase(limits, nowMs: nowMs)
        connection.deadlineMs = connection.nextDeadlineMs(limits)
        arm(connection)
    }

    /// Closes a connection and forgets it.
    func drop(_ connection: Connection) {
        guard connection.stage != .gone else { return }
        connection.stage = .gone
        close(connection.socket)
        connections[Int(connection.socket)] = nil
        live -= 1
        counts.releaseBody(connection.heldBody)
        connection.heldBody = 0
        counts.leave(connection.address, countedByAddress: connection.isCountedByAddress)
    }

    private func ask(_ connection: Connection, _ interest: UInt32) {
        guard interest != connection.interest else { return }
        connection.interest = interest
        watch(connection.socket, interest, generation: connection.generation, isNew: false)
    }

    private func isFinal(_ code: Int32) -> Bool {
        code != EAGAIN && code != EWOULDBLOCK && code != EINTR
    }
}
