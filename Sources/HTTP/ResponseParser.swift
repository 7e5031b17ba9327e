// Bytes in, one answer out: the client's reading of HTTP/1.1 as a state machine, without sockets.
// It must not be lenient about framing; it takes header lines without a space after the colon.

internal import Page

/// Reads the answer to one request.
struct ResponseParser {
    private enum State {
        case status
        case fields(status: Int, isVersion10: Bool)
        case counted(length: Int)
        case chunked(ChunkedDecoder)
        case untilClosed
        case done
    }

    private let limits: ClientLimits
    private let isHead: Bool
    private var queue = ByteQueue()
    private var state = State.status
    private var headerBytes = 0
    private var response = Response(status: 200)
    /// True once the connection may carry another request after this answer.
    private(set) var isPersistent = false
    /// True once any byte of the answer has come.
    private(set) var hasBegun = false

    /// A parser for the answer to a request, which may have been HEAD.
    init(limits: ClientLimits, isHead: Bool) {
        self.limits = limits
        self.isHead = isHead
    }

    /// Takes what was received.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        hasBegun = hasBegun || !bytes.isEmpty
        queue.append(bytes)
    }

    /// The answer, once it is whole.
    ///
    /// Throws: `Refusal` for what is not HTTP/1.1, or over a limit of the client.
    mutating func next() throws(Refusal) -> Response? {
        try advance()
    }

    /// Takes the end of the connection; the answer where that ends it.
    mutating func receiveEnd() -> Response? {
        guard case .untilClosed = state else { return nil }
        state = .done
        return response
    }

    private mutating func advance() throws(Refusal) -> Response? {
        while true {
            switch state {
            case .done: return nil
            case .status:
                guard let line = try headerLine() else { return nil }
                state = try ResponseParser.statusLine(line)
            case .fields(let status, let isVersion10):
                guard let line = try headerLine() else { return nil }
                if line.isEmpty {
                    try begin(status, isVersion10)
                } else {
                    guard response.headers.count < limits.headerFieldsMax else {
                        throw .limit(
                            431,
                            "The number of header fields",
                            "headerFieldsMax",
                            "\(limits.headerFieldsMax) fields"
                        )
                    }
                    let field = try FieldSyntax.field(line)
                    response.headers.add(field.name, field.value)
                }
            case .counted(let length):
                take(length - response.body.count)
                return response.body.count == length ? finish() : nil
            case .chunked(var decoder):
                let isWhole = try decoder.read(
                    &queue,
                    into: &response.body,
                    bytesMax: limits.bodyBytesMax
                )
                if isWhole { return finish() }
                state = .chunked(decoder)
                return nil
            case .untilClosed:
                guard response.body.count + queue.count <= limits.bodyBytesMax else {
                    throw bodyTooLong
                }
                take(queue.count)
                return nil
            }
        }
    }

    private mutating func headerLine() throws(Refusal) -> ArraySlice<UInt8>? {
        let line = try queue.line()
        headerBytes += line.map { $0.count + 2 } ?? 0
        guard headerBytes + (line == nil ? queue.count : 0) <= limits.headerBytesMax else {
            throw .limit(
                431,
                "The header block",
                "headerBytesMax",
                "\(limits.headerBytesMax) bytes"
            )
        }
        return line
    }

    private static func statusLine(_ line: ArraySlice<UInt8>) throws(Refusal) -> State {
        let text = Array(line)
        let isVersion10 = text.starts(with: Array("HTTP/1.0 ".utf8))
        guard isVersion10 || text.starts(with: Array("HTTP/1.1 ".utf8)), text.count >= 12,
            text.count == 12 || text[12] == 0x20
        else { throw .malformed("The answer does not begin with a status line of HTTP/1.1.") }
        var status = 0
        for byte in text[9..<12] {
            guard byte >= 0x30 && byte <= 0x39 else { throw .malformed("The status is no number.") }
            status = status * 10 + Int(byte - 0x30)
        }
        guard 100...599 ~= status, status != 101 else {
            throw .malformed("The status is none that was asked for.")
        }
        return .fields(status: status, isVersion10: isVersion10)
    }

    private mutating func begin(_ status: Int, _ isVersion10: Bool) throws(Refusal) {
        if status < 200 {
            response.headers = Headers()
            state = .status
            return
        }
        response.status = status
        let options = FieldSyntax.members(response.headers.all("Connection"))
        isPersistent =
            isVersion10 ? options.contains("keep-alive") : !options.contains("close")
        let codings = FieldSyntax.members(response.headers.all("Transfer-Encoding"))
        let lengths = response.headers.all("Content-Length")
        if isHead || status == 204 || status == 304 {
            state = .counted(length: 0)
        } else if !codings.isEmpty {
            guard codings == ["chunked"], lengths.isEmpty, !isVersion10 else {
                throw .malformed("The length of the answer can be understood in two ways.")
            }
            state = .chunked(
                ChunkedDecoder(
                    headerBytesMax: limits.headerBytesMax,
                    headerFieldsMax: limits.headerFieldsMax
                )
            )
        } else if let text = lengths.first {
            guard lengths.allSatisfy({ $0 == text }) else {
                throw .malformed("The length of the answer can be understood in two ways.")
            }
            let length = try FieldSyntax.length(text)
            guard length <= limits.bodyBytesMax else { throw bodyTooLong }
            response.body.reserveCapacity(length)
            state = .counted(length: length)
        } else {
            isPersistent = false
            state = .untilClosed
        }
    }

    private mutating func take(_ count: Int) {
        let piece = queue.rest.prefix(count)
        response.body.append(contentsOf: piece)
        let taken = piece.count
        queue.consume(taken)
    }

    private mutating func finish() -> Response {
        if !queue.isEmpty { isPersistent = false }
        state = .done
        return response
    }

    private var bodyTooLong: Refusal {
        .limit(413, "The body", "bodyBytesMax", "\(limits.bodyBytesMax) bytes")
    }
}
