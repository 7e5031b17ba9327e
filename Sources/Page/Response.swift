// One answer as a value. It must not hold framing: length, connection and transfer coding are
// written by the HTTP room, whatever stands in the headers here.

/// One HTTP response, whole.
package struct Response: Sendable, Hashable {
    /// The status code, 200 … 599.
    package var status: Int
    /// The header fields, without those of framing.
    package var headers: Headers
    /// The body.
    package var body: [UInt8]

    /// A response of its parts.
    package init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A body of the given media type.
    package static func bytes(_ body: [UInt8], type: String, status: Int = 200) -> Response {
        Response(status: status, headers: Headers([("Content-Type", type)]), body: body)
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> Response {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    /// JSON text, already written.
    package static func json(_ text: String, status: Int = 200) -> Response {
        bytes(Array(text.utf8), type: "application/json; charset=utf-8", status: status)
    }

    /// A page.
    package static func html(_ page: HTML, status: Int = 200) -> Response {
        bytes(Array(page.text.utf8), type: "text/html; charset=utf-8", status: status)
    }

    /// A CBOR item, already written.
    package static func cbor(_ body: [UInt8], status: Int = 200) -> Response {
        bytes(body, type: "application/cbor", status: status)
    }

    /// "See the page at this place": what a form answers after its work is done.
    package static func seeOther(_ location: String) -> Response {
        Response(status: 303, headers: Headers([("Location", location)]))
    }

    /// The body as text, for those who know that it is text.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
