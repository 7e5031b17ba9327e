// A line that breaks: it carries bytes to headquarters until its trick, then it cuts both ways, or
// lets no answer back any more. Must not understand what it carries.

import Foundation
import Synchronization

/// A proxy on this machine for one client at a time.
final class BadProxy: Sendable {
    /// What it does once it has carried so many bytes to headquarters.
    enum Trick: Sendable {
        case cut(after: Int)
        case swallowAnswers(after: Int)
    }

    /// Where it listens.
    let address: String
    private let listener: Int32
    private let upstream: UInt16
    private let trick: Trick
    private let carried = Mutex(0)
    private let wasPlayed = Mutex(false)
    private let isOver = Mutex(false)
    private let done = DispatchSemaphore(value: 0)

    /// Listens, and carries to a port of this machine.
    init(to port: UInt16, _ trick: Trick) throws {
        self.trick = trick
        upstream = port
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var own = BadProxy.place(port: 0)
        let bound = BadProxy.withAddress(&own) { bind(listener, $0, $1) }
        guard listener >= 0, bound == 0, listen(listener, 16) == 0 else {
            throw BuiltProgram.Fault(description: "the proxy cannot listen: \(errno)")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        address = "http://127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
        Thread.detachNewThread { [self] in accepting() }
    }

    /// Waits until the trick was played; false where it was not within 30 seconds.
    func waitForTrick() -> Bool {
        for _ in 0..<3_000 {
            if wasPlayed.withLock({ $0 }) { return true }
            usleep(10_000)
        }
        return false
    }

    /// Stops listening.
    func end() {
        isOver.withLock { $0 = true }
        shutdown(listener, Int32(SHUT_RDWR))
        done.wait()
        close(listener)
    }

    private static func place(port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return place
    }

    private static func withAddress(
        _ place: inout sockaddr_in,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func accepting() {
        while !isOver.withLock({ $0 }) {
            let client = accept(listener, nil, nil)
            if client < 0 { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var target = BadProxy.place(port: upstream)
            let connected = BadProxy.withAddress(&target) { connect(server, $0, $1) }
            if connected == 0 { carry(client, server) }
            close(client)
            close(server)
        }
        done.signal()
    }

    /// Carries both ways until one side closes or the line is cut.
    private func carry(_ client: Int32, _ server: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !isOver.withLock({ $0 }) {
            var sides = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&sides, 2, 200) <= 0 { continue }
            if sides[0].revents != 0 {
                let count = read(client, &buffer, buffer.count)
                if count <= 0 { return }
                let all = carried.withLock { value in
                    value += count
                    return value
                }
                if case .cut(let limit) = trick, all > limit {
                    wasPlayed.withLock { $0 = true }
                    return
                }
                if !send(server, buffer[..<count]) { return }
            }
            if sides[1].revents != 0 {
                let count = read(server, &buffer, buffer.count)
                if count <= 0 { return }
                if case .swallowAnswers(let limit) = trick, carried.withLock({ $0 }) > limit {
                    wasPlayed.withLock { $0 = true }
                    continue
                }
                if !send(client, buffer[..<count]) { return }
            }
        }
    }

    private func send(_ socket: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        var left = bytes
        while !left.isEmpty {
            let count = left.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            left = left.dropFirst(count)
        }
        return true
    }
}
