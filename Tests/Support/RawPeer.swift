// Raw sockets for tests: a peer that says exactly the bytes it is told to, and a server that does.

package import CLinux
import Synchronization

/// A socket that was connected by hand.
package final class RawPeer {
    package let socket: Int32

    /// Connects to a port of the loopback address; nil where that fails.
    package init?(port: Int, receiveBufferBytes: Int32? = nil) {
        socket = CLinux.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var bytes = receiveBufferBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var storage = RawPeer.loopback(port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard socket >= 0, tributary_connect(socket, &storage, size) == 0 else { return nil }
    }

    package init(accepted: Int32) { socket = accepted }

    deinit { close(socket) }

    /// The loopback address as the system wants it.
    package static func loopback(port: Int) -> sockaddr_storage {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
            bytes.storeBytes(of: UInt16(port).bigEndian, toByteOffset: 2, as: UInt16.self)
            bytes.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
        }
        return storage
    }

    /// Sends bytes; false where the other end no longer takes them.
    @discardableResult
    package func say(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(
                    socket,
                    $0.baseAddress?.advanced(by: sent),
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count > 0 {
                sent += count
            } else if count < 0 && tributary_errno() == EAGAIN {
                var entry = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, 5000) > 0 else { return false }
            } else {
                return false
            }
        }
        return true
    }

    /// Sends text.
    @discardableResult
    package func say(_ text: String) -> Bool { say(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    package func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// Reads once, at most so many bytes; nil after a silence, empty at the end.
    package func hear(bytesMax: Int = 65_536, withinMs: Int32 = 5000) -> [UInt8]? {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, withinMs) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: bytesMax)
        let count = recv(socket, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// Reads to the end of the connection; `hasEnded` is false where silence came first.
    package func hearAll(withinMs: Int32 = 5000) -> (text: String, hasEnded: Bool) {
        var all: [UInt8] = []
        while let piece = hear(withinMs: withinMs) {
            if piece.isEmpty { return (String(decoding: all, as: UTF8.self), true) }
            all += piece
        }
        return (String(decoding: all, as: UTF8.self), false)
    }

    /// Reads until the text appears, or silence or the end comes.
    package func hear(until text: String, withinMs: Int32 = 5000) -> String {
        var all: [UInt8] = []
        let wanted = Array(text.utf8)
        while !all.suffix(wanted.count + 65_536).contains(sequence: wanted) {
            guard let piece = hear(withinMs: withinMs), !piece.isEmpty else { break }
            all += piece
        }
        return String(decoding: all, as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    /// True where the bytes appear in this order, side by side.
    package func contains(sequence: [UInt8]) -> Bool {
        guard count >= sequence.count else { return sequence.isEmpty }
        return (startIndex...(endIndex - sequence.count)).contains {
            self[$0..<($0 + sequence.count)].elementsEqual(sequence)
        }
    }
}

/// A server that answers each connection by a script.
package final class ScriptedServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let accepted = Atomic<Int>(0)

    /// How many connections have come.
    package var connectionCount: Int { accepted.load(ordering: .acquiring) }

    /// Listens; `script` is called for each connection, on a thread of its own, one by one.
    package init(_ script: @escaping @Sendable (RawPeer, Int) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var storage = RawPeer.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = tributary_bind(listener, &storage, size)
        listen(listener, 16)
        _ = tributary_local_address(listener, &storage, &size)
        port = Int(tributary_port(&storage))
        self.listener = listener
        onThread { [self] in
            while true {
                var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                _ = poll(&entry, 1, -1)
                let connection = tributary_accept(listener)
                guard connection >= 0 else { break }
                let (_, count) = accepted.add(1, ordering: .acquiringAndReleasing)
                script(RawPeer(accepted: connection), count)
            }
            close(listener)
        }
    }

    /// Listens no longer; the thread, which alone closes the socket, ends by it.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }
}

/// Runs a closure on a thread of its own.
package func onThread(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().work() }
            return nil
        },
        Unmanaged.passRetained(Box(work)).toOpaque()
    )
    pthread_detach(thread)
}
