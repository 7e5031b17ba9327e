// A line that says exactly the bytes it is told to, and hears what comes back, up to the end.

import CLinux

/// A socket to a port of the loopback address.
final class RawLine {
    private let socket: Int32

    /// Connects; nil where that fails.
    init?(port: Int) {
        socket = CLinux.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
            bytes.storeBytes(of: UInt16(port).bigEndian, toByteOffset: 2, as: UInt16.self)
            bytes.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
        }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard socket >= 0, tributary_connect(socket, &storage, size) == 0 else { return nil }
    }

    deinit { close(socket) }

    /// Sends bytes; false where the other end no longer takes them.
    @discardableResult
    func say(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                let rest = $0.baseAddress?.advanced(by: sent)
                return send(socket, rest, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// An answer as it stands on the line.
    struct Answer {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// True where the other end closed the connection.
        var hasEnded = false

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Hears one answer; status 0 where none came before the end or the silence.
    func hear(withinMs: Int32 = 10_000) -> Answer {
        var answer = Answer()
        var all: [UInt8] = []
        var wanted = Int.max
        var headEnd = 0
        while all.count < wanted {
            var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, withinMs) > 0 else { break }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 {
                answer.hasEnded = true
                break
            }
            all += buffer.prefix(count)
            if headEnd == 0, let end = RawLine.end(of: all) {
                headEnd = end
                RawLine.read(all[..<end], into: &answer)
                let length = answer.fields.first { $0.name.lowercased() == "content-length" }
                wanted = end + (length.flatMap { Int($0.value) } ?? 0)
            }
        }
        if headEnd > 0 { answer.body = Array(all[headEnd...]) }
        return answer
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index..<index + 4].elementsEqual([13, 10, 13, 10]) { return index + 4 }
        return nil
    }

    private static func read(_ head: ArraySlice<UInt8>, into answer: inout Answer) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        answer.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            answer.fields.append((name: String(parts[0]), value: String(value)))
        }
    }
}
