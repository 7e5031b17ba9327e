// Why the server answers before any handler has seen the request, and how it says so.
// It must not quote what the peer sent.

package import Page

/// A request that is refused by the server itself; its connection is closed after the answer.
package struct Refusal: Error, Hashable, Sendable {
    /// The status of the answer.
    package let status: Int
    /// One sentence for the person at the other end.
    package let reason: String

    /// What breaks the grammar of HTTP/1.1.
    static func malformed(_ reason: String) -> Refusal { Refusal(status: 400, reason: reason) }

    /// What is over a limit, named with its value.
    static func limit(_ status: Int, _ what: String, _ name: String, _ value: String) -> Refusal {
        Refusal(status: status, reason: "\(what) is over the limit \(name) = \(value).")
    }

    /// The answer, in plain text.
    package var response: Response {
        var response = Response.text(
            "\(status) \(StatusText.reason(status)): \(reason)\n",
            status: status
        )
        if status == 503 { response.headers.add("Retry-After", "1") }
        return response
    }
}

/// The reason phrases of RFC 9110.
enum StatusText {
    /// The phrase of a status; empty for one that has none here.
    static func reason(_ status: Int) -> String {
        switch status {
        case 200...399: success(status)
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: ""
        }
    }

    private static func success(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        default: ""
        }
    }
}
