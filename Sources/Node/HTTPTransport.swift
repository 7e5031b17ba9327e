// Requests of sync over HTTP, on one kept connection. TLS comes from a proxy on this machine.

import HTTP
import Page
package import Sync

/// An address of headquarters.
package struct HeadquartersAddress: Hashable, Sendable {
    package let host: String
    package let port: Int

    /// Reads `http://host:port`.
    ///
    /// Throws: `NodeFault` with what would be right.
    package init(_ text: String) throws(NodeFault) {
        guard text.hasPrefix("http://") else {
            throw NodeFault(
                .usage,
                "\(text) is not an address of headquarters",
                nextStep: "write http://HOST:PORT; for TLS point at a proxy on this machine"
            )
        }
        var rest = text.dropFirst(7)
        while rest.hasSuffix("/") { rest.removeLast() }
        if let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65_535).contains(port)
        {
            var host = rest[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            self.host = String(host)
            self.port = port
        } else {
            host = String(rest)
            port = 80
        }
    }

    /// The address as a URL.
    package var text: String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }
}

/// The transport over HTTP.
package final class HTTPTransport: Transport {
    private let client: Client
    private let address: HeadquartersAddress

    package init(_ address: HeadquartersAddress) {
        self.address = address
        client = Client(host: address.host, port: address.port)
    }

    /// Sends a request and waits for its answer.
    package func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        var headers = Headers()
        for field in request.headers { headers.add(field.name, field.value) }
        do {
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
            throw NodeFault(
                .unreachable,
                "\(address.text) does not answer (\(error))",
                nextStep: "nothing is lost; it is tried again later"
            )
        }
    }
}
