// Messages as bytes. It alone writes framing: length, connection and transfer coding.

internal import Page

/// Writes answers and requests.
enum MessageWriter {
    /// The interim answer that asks for the body.
    static let continueAnswer = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends an answer; the body of an answer to HEAD is announced and left out.
    static func write(
        _ response: Response,
        to output: inout [UInt8],
        isHead: Bool,
        isPersistent: Bool,
        isVersion10: Bool
    ) {
        precondition(200...599 ~= response.status, "a final answer has a status from 200 to 599")
        output.reserveCapacity(output.count + response.body.count + 256)
        append("HTTP/1.1 \(response.status) \(StatusText.reason(response.status))\r\n", &output)
        for field in response.headers.fields where !isFraming(field.name) {
            line(field.name, field.value, &output)
        }
        let hasBody = response.status != 204 && response.status != 304
        if hasBody {
            if !response.body.isEmpty && response.headers.first("Content-Type") == nil {
                line("Content-Type", "application/octet-stream", &output)
            }
            line("Content-Length", String(response.body.count), &output)
        }
        if !isPersistent {
            line("Connection", "close", &output)
        } else if isVersion10 {
            line("Connection", "keep-alive", &output)
        }
        append("\r\n", &output)
        if hasBody && !isHead { output.append(contentsOf: response.body) }
    }

    /// Appends the head of a request whose body has the given length.
    static func writeRequestHead(
        method: String,
        target: String,
        host: String,
        headers: Headers,
        bodyCount: Int,
        to output: inout [UInt8]
    ) {
        append("\(method) \(target) HTTP/1.1\r\n", &output)
        if headers.first("Host") == nil { line("Host", host, &output) }
        for field in headers.fields where !isFraming(field.name) {
            line(field.name, field.value, &output)
        }
        if bodyCount > 0 || (method != "GET" && method != "HEAD" && method != "DELETE") {
            line("Content-Length", String(bodyCount), &output)
        }
        append("\r\n", &output)
    }

    private static func isFraming(_ name: String) -> Bool {
        ["Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive"].contains {
            Headers.areEqualNames($0, name)
        }
    }

    private static func line(_ name: String, _ value: String, _ output: inout [UInt8]) {
        append(name, &output)
        append(": ", &output)
        append(value, &output)
        append("\r\n", &output)
    }

    private static func append(_ text: String, _ output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }
}
