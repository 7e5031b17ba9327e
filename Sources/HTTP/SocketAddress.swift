// Addresses as text and as the system wants them. It must not decide what may be listened on.

internal import CLinux

/// Where a server listens.
package struct BoundAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address, numeric.
    package let host: String
    /// The port, never 0.
    package let port: Int

    /// `127.0.0.1:8080`, or `[::1]:8080`.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// An address as the system's calls take it.
struct SocketAddress {
    /// The bytes.
    private(set) var storage = sockaddr_storage()
    /// How many of them count.
    private(set) var size = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// AF_INET or AF_INET6.
    var family: Int32 { Int32(storage.ss_family) }

    /// Both parts of `host:port` or `[host]:port`.
    static func split(_ text: String) throws(SocketFault) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":") else { throw unreadable(text) }
        var host = String(text[..<colon])
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw unreadable(text)
        }
        let digits = text[text.index(after: colon)...]
        guard !host.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = Int(digits), port <= 65_535
        else { throw unreadable(text) }
        return (host, port)
    }

    /// Asks the system for the addresses of a host.
    ///
    /// Cost: may ask the name servers, unless the host is numeric.
    static func resolve(host: String, port: Int) throws(SocketFault) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else {
            throw SocketFault(
                operation: "resolve \(host)",
                reason: .address,
                message: String(cString: gai_strerror(code))
            )
        }
        var result: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr {
                var found = SocketAddress()
                found.size = min(info.ai_addrlen, found.size)
                withUnsafeMutableBytes(of: &found.storage) {
                    $0.copyMemory(
                        from: UnsafeRawBufferPointer(start: address, count: Int(found.size))
                    )
                }
                result.append(found)
            }
            entry = info.ai_next
        }
        guard !result.isEmpty else { throw unreadable("\(host):\(port)") }
        return result
    }

    /// The address of this end of a socket.
    static func local(_ socket: Int32) -> SocketAddress? {
        var result = SocketAddress()
        return tributary_local_address(socket, &result.storage, &result.size) == 0 ? result : nil
    }

    /// The address of the other end of a socket.
    static func peer(_ socket: Int32) -> SocketAddress? {
        var result = SocketAddress()
        return tributary_peer_address(socket, &result.storage, &result.size) == 0 ? result : nil
    }

    /// The numeric address; an IPv4 address seen through an IPv6 socket is written as IPv4.
    var host: String {
        var address = storage
        var text = [CChar](repeating: 0, count: 64)
        guard tributary_name(&address, size, &text, socklen_t(text.count)) == 0 else { return "" }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self)
        return name.hasPrefix("::ffff:") && name.contains(".") ? String(name.dropFirst(7)) : name
    }

    /// The port.
    var port: Int {
        var address = storage
        return Int(tributary_port(&address))
    }

    /// Binds a socket to this address.
    func bind(_ socket: Int32) -> Bool {
        var address = storage
        return tributary_bind(socket, &address, size) == 0
    }

    /// Begins to connect a socket to this address.
    func connect(_ socket: Int32) -> Bool {
        var address = storage
        return tributary_connect(socket, &address, size) == 0
    }

    private static func unreadable(_ text: String) -> SocketFault {
        SocketFault(
            operation: "address \(text)",
            reason: .address,
            message: "not of the form HOST:PORT or [HOST]:PORT"
        )
    }
}
