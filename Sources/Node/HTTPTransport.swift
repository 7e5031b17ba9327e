// Requests of sync over HTTP, on one kept connection; https goes by the system's TLS.

import HTTP
import Page
package import Sync

/// An address of headquarters.
package struct HeadquartersAddress: Hashable, Sendable {
    package let host: String
    package let port: Int
    /// True for https.
    package let isSecure: Bool

    /// An address of its parts.
    init(host: String, port: Int, isSecure: Bool) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// Reads `http://host:port` or `https://host:port`; the port may be left out.
    ///
    /// Throws: `NodeFault` with what would be right.
    package init(_ text: String) throws(NodeFault) {
        isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { throw HeadquartersAddress.fault(text) }
        var rest = text.dropFirst(isSecure ? 8 : 7)
        while rest.hasSuffix("/") { rest.removeLast() }
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]%")
        guard !rest.isEmpty, rest.allSatisfy(allowed.contains) else {
            throw HeadquartersAddress.fault(text)
        }
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let port = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(port)
            else { throw HeadquartersAddress.fault(text) }
            self.port = port
            rest = rest[..<colon]
        } else {
            port = isSecure ? 443 : 80
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        guard !rest.isEmpty else { throw HeadquartersAddress.fault(text) }
        host = String(rest)
    }

    private static func fault(_ text: String) -> NodeFault {
        NodeFault(
            .usage,
            "\(text) is not an address of headquarters",
            nextStep: "write https://HOST, or http://HOST:PORT on a network you trust"
        )
    }

    /// The address as a URL.
    package var text: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(name):\(port)"
    }
}

/// The transport over HTTP and https.
package final class HTTPTransport: Transport {
    private let client: Client
    private let secure: SecureLine?
    private let address: HeadquartersAddress
    /// Why the last request got no answer; nil where it got one.
    package private(set) var lastFault: NodeFault?

    package init(_ address: HeadquartersAddress) {
        self.address = address
        client = Client(host: address.host, port: address.port)
        secure = address.isSecure ? SecureLine(address) : nil
    }

    /// Sends a request and waits for its answer.
    ///
    /// Throws: `NodeFault` where none came, or one that sends on to another address.
    package func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        do {
            let answer = try secure?.exchange(request) ?? plain(request)
            if let moved = LineTrouble.moved(answer) { throw moved }
            lastFault = nil
            return answer
        } catch let trouble as LineTrouble {
            let fault = trouble.fault(at: address)
            lastFault = fault
            throw fault
        }
    }

    private func plain(_ request: SyncRequest) throws(LineTrouble) -> TransportAnswer {
        var headers = Headers()
        for field in request.headers { headers.add(field.name, field.value) }
        do throws(SocketFault) {
            let response = try client.send(
                method: request.method,
                target: request.target,
                headers: headers,
                body: request.body
            )
            let fields = response.headers.fields.map { (name: $0.name, value: $0.value) }
            return TransportAnswer(
                status: response.status,
                headers: fields,
                body: response.body
            )
        } catch {
            throw LineTrouble(error)
        }
    }
}
