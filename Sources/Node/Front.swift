// What a serving node shows to the outside: its addresses, its limits, and how an answer of sync
// becomes one of HTTP. Must not open sockets.

package import HTTP
package import Page
package import Sync
import Wire

/// The outside of a serving node.
package enum Front {
    /// An address that a serving node answers.
    package struct Route: Hashable, Sendable, CustomStringConvertible {
        package let method: String
        /// The path; `{name}` stands for what differs from request to request.
        package let path: String

        package init(_ method: String, _ path: String) {
            self.method = method
            self.path = path
        }

        package var description: String { "\(method) \(path)" }
    }

    /// Where anyone may ask whether the node is there.
    package static let health = "/health"

    /// Every address of a serving node; `Protocol/openapi.json` describes each.
    package static let routes: [Route] =
        SyncAddress.all.map { Route($0.method, $0.path) } + [
            Route("GET", health), Route("POST", CommandChannel.path),
        ]

    /// The limits of a serving node, those of Wire and of the design.
    package static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.headerBytesMax = Limits.headerBytesMax
        limits.headerFieldsMax = Limits.headerFieldsMax
        limits.uriBytesMax = Limits.uriBytesMax
        limits.headerDeadlineMs = Limits.headerDeadlineMs
        limits.idleMs = Limits.idleMs
        limits.connectionsPerAddressMax = Limits.connectionsPerAddressMax
        limits.bodyRules = [
            .init(pathPrefix: SyncAddress.prefix, bytesMax: Limits.bodyBytesMax)
        ]
        // The proxy in front stands for many.
        limits.unlimitedAddresses = ["127.0.0.1", "::1"]
        return limits
    }

    /// What is answered to who asks whether the node is there.
    package static var healthAnswer: Response { Response.json("{\"status\":\"ok\"}\n") }

    /// An answer of sync as HTTP carries it.
    package static func response(_ answer: SyncResponse) -> Response {
        var headers = Headers()
        for field in answer.headers { headers.add(field.name, field.value) }
        return Response(status: answer.status, headers: headers, body: answer.body)
    }
}

extension Headquarters {
    /// Answers a request of a device as it came over HTTP.
    package func answer(_ request: Request) throws -> Response {
        Front.response(
            try answer(
                method: request.method,
                target: request.target,
                headers: request.headers.fields.map { (name: $0.name, value: $0.value) },
                body: request.body
            )
        )
    }
}
