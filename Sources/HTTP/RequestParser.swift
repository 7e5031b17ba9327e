// Bytes in, events out: the server's reading of HTTP/1.1 as a state machine, without sockets and
// without a clock. It must not block, must not look ahead, and gives the same events however the
// bytes are cut.

package import Page

/// Reads the requests of one connection, one after the other.
package struct RequestParser {
    /// What the bytes amount to.
    package enum Event: Sendable {
        /// The client waits for `100 Continue` before it sends its body.
        case continueWanted
        /// A request has come whole.
        case request(Request, isPersistent: Bool, isVersion10: Bool)
        /// Nothing more is read from this connection.
        case refused(Refusal)
    }

    /// How far the current request has come: what the deadlines hang on.
    package enum Phase: Equatable, Sendable {
        case idle
        case head
        case body(received: Int)
        case refused
    }

    private enum State {
        case line
        case fields(RequestLine)
        case counted(RequestHead, length: Int)
        case chunked(RequestHead, ChunkedDecoder)
        case refused
    }

    private let limits: HTTPLimits
    private let remote: String
    private var queue = ByteQueue()
    private var state = State.line
    private var headers = Headers()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var bodyMax = 0
    private var isContinueOwed = false
    private var hasSkippedLine = false

    /// A parser for a connection from this address.
    package init(limits: HTTPLimits, remote: String) {
        self.limits = limits
        self.remote = remote
    }

    /// How far the current request has come.
    package var phase: Phase {
        switch state {
        case .line: queue.isEmpty ? .idle : .head
        case .fields: .head
        case .counted, .chunked: .body(received: body.count)
        case .refused: .refused
        }
    }

    /// The length that the body under way announces; nil where it is chunked or there is none.
    package var announcedBody: Int? {
        if case .counted(_, let length) = state { return length }
        return nil
    }

    /// Takes what was received.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if case .refused = state { return }
        queue.append(bytes)
    }

    /// Takes what was received.
    package mutating func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { receive($0) }
    }

    /// The next event; nil where more bytes are needed.
    package mutating func next() -> Event? {
        do throws(Refusal) {
            return try advance()
        } catch {
            state = .refused
            queue = ByteQueue()
            body = []
            return .refused(error)
        }
    }

    /// Gives memory back while the connection waits for its next request.
    package mutating func releaseMemory() {
        queue.releaseIfEmpty()
    }

    private mutating func advance() throws(Refusal) -> Event? {
        while true {
            switch state {
            case .refused: return nil
            case .line:
                guard let line = try requestLine() else { return nil }
                state = .fields(line)
            case .fields(let line):
                guard try readFields() else { return nil }
                let head = try RequestHead(line, headers)
                headers = Headers()
                headerBytes = 0
                if let event = try begin(head) { return event }
            case .counted(let head, let length):
                if let event = continueIfOwed() { return event }
                let piece = queue.rest.prefix(length - body.count)
                body.append(contentsOf: piece)
                let count = piece.count
                queue.consume(count)
                return body.count == length ? finish(head) : nil
            case .chunked(let head, var decoder):
                if let event = continueIfOwed() { return event }
                let isWhole = try decoder.read(&queue, into: &body, bytesMax: bodyMax)
                if isWhole { return finish(head) }
                state = .chunked(head, decoder)
                return nil
            }
        }
    }

    private mutating func requestLine() throws(Refusal) -> RequestLine? {
        while let first = queue.rest.first {
            guard Headers.isTokenByte(first) || (first == 0x0D && !hasSkippedLine) else {
                throw .malformed("The request does not begin with a method.")
            }
            guard let line = try queue.line() else {
                try refuseLongLine()
                return nil
            }
            if line.isEmpty {
                hasSkippedLine = true
                continue
            }
            hasSkippedLine = false
            return try RequestLine(line, uriBytesMax: limits.uriBytesMax)
        }
        return nil
    }

    /// A line that has no end yet may already be too long for any that would be taken.
    private func refuseLongLine() throws(Refusal) {
        let rest = queue.rest
        guard rest.count > RequestHead.methodBytesMax else { return }
        let method = try RequestLine.method(rest)
        let lineEndBytes = 1
        if rest.count - method.count - 1
            > limits.uriBytesMax + RequestLine.versionBytes + lineEndBytes
        {
            throw RequestLine.tooLong(limits.uriBytesMax)
        }
    }

    /// True once the empty line after the fields has come.
    private mutating func readFields() throws(Refusal) -> Bool {
        while true {
            let line = try queue.line()
            let bytes = line.map { $0.count + 2 } ?? queue.count
            guard headerBytes + bytes <= limits.headerBytesMax else {
                throw .limit(
                    431,
                    "The header block",
                    "headerBytesMax",
                    "\(limits.headerBytesMax) bytes"
                )
            }
            guard let line else { return false }
            if line.isEmpty { return true }
            guard headers.count < limits.headerFieldsMax else {
                throw .limit(
                    431,
                    "The number of header fields",
                    "headerFieldsMax",
                    "\(limits.headerFieldsMax) fields"
                )
            }
            headerBytes += bytes
            let field = try FieldSyntax.field(line)
            headers.add(field.name, field.value)
        }
    }

    private mutating func begin(_ head: RequestHead) throws(Refusal) -> Event? {
        bodyMax = limits.bodyBytesMax(path: head.target.path)
        switch head.framing {
        case .none: return finish(head)
        case .length(let length):
            guard length <= bodyMax else {
                throw .limit(413, "The body", "bodyBytesMax", "\(bodyMax) bytes")
            }
            body.reserveCapacity(min(length, 64 * 1024))
            state = .counted(head, length: length)
        case .chunked:
            state = .chunked(
                head,
                ChunkedDecoder(
                    headerBytesMax: limits.headerBytesMax,
                    headerFieldsMax: limits.headerFieldsMax
                )
            )
        }
        isContinueOwed = head.expectsContinue
        return nil
    }

    /// The interim answer is left out where the body has begun to come without it.
    private mutating func continueIfOwed() -> Event? {
        guard isContinueOwed else { return nil }
        isContinueOwed = false
        return queue.isEmpty ? .continueWanted : nil
    }

    private mutating func finish(_ head: RequestHead) -> Event {
        let request = Request(
            method: head.method,
            target: head.target,
            headers: head.headers,
            body: body,
            remote: remote
        )
        body = []
        state = .line
        return .request(
            request,
            isPersistent: head.isPersistent,
            isVersion10: head.isVersion10
        )
    }
}
