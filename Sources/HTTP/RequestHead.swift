// What stands before the body of a request, and what it says about the body's length and the
// connection (RFC 9112, sections 3, 6 and 9). It must not guess: two readings mean a refusal.

internal import Page

/// The head of one request, understood.
struct RequestHead {
    /// Where the body ends.
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// The longest method.
    static let methodBytesMax = 32

    /// The method, as sent.
    let method: String
    /// The target, safe.
    let target: RequestTarget
    /// The header fields.
    let headers: Headers
    /// Where the body ends.
    let framing: Framing
    /// True where the connection may carry another request.
    let isPersistent: Bool
    /// True for HTTP/1.0, which has to be told that a connection stays open.
    let isVersion10: Bool
    /// True where the client waits for `100 Continue`.
    let expectsContinue: Bool

    /// Puts a request line and its fields together.
    ///
    /// Throws: `Refusal` for framing or a host that can be understood in two ways.
    init(_ line: RequestLine, _ headers: Headers) throws(Refusal) {
        method = line.method
        isVersion10 = line.isVersion10
        self.headers = headers
        target = try RequestHead.target(line, headers)
        framing = try RequestHead.framing(line, headers)
        let options = FieldSyntax.members(headers.all("Connection"))
        isPersistent =
            isVersion10
            ? options.contains("keep-alive") && !options.contains("close")
            : !options.contains("close")
        expectsContinue = try RequestHead.expectation(headers) && !isVersion10
    }

    private static func framing(
        _ line: RequestLine,
        _ headers: Headers
    ) throws(Refusal) -> Framing {
        let codings = headers.all("Transfer-Encoding")
        let lengths = headers.all("Content-Length")
        if codings.isEmpty {
            guard let length = lengths.first else { return .none }
            guard lengths.count == 1 else { throw .malformed("Content-Length is given twice.") }
            let bytes = try FieldSyntax.length(length)
            return bytes == 0 ? .none : .length(bytes)
        }
        guard lengths.isEmpty else {
            throw .malformed("Content-Length and Transfer-Encoding are given together.")
        }
        guard !line.isVersion10 else {
            throw .malformed("HTTP/1.0 has no Transfer-Encoding.")
        }
        let members = FieldSyntax.members(codings)
        guard codings.count == 1, members.filter({ $0 == "chunked" }).count == 1,
            members.last == "chunked"
        else { throw .malformed("Transfer-Encoding is not chunked, once and last.") }
        guard members.count == 1 else {
            throw Refusal(status: 501, reason: "No transfer coding but chunked is offered.")
        }
        return .chunked
    }

    private static func expectation(_ headers: Headers) throws(Refusal) -> Bool {
        let expectations = FieldSyntax.members(headers.all("Expect"))
        if expectations.isEmpty { return false }
        guard expectations == ["100-continue"] else {
            throw Refusal(status: 417, reason: "No expectation but 100-continue is met.")
        }
        return true
    }

    private static func target(
        _ line: RequestLine,
        _ headers: Headers
    ) throws(Refusal) -> RequestTarget {
        let hosts = headers.all("Host")
        guard hosts.count == 1 || (line.isVersion10 && hosts.isEmpty) else {
            throw .malformed("There is not exactly one Host.")
        }
        let host = hosts.first
        if let host, !host.utf8.allSatisfy(isHostByte) {
            throw .malformed("Host holds a byte that no host name has.")
        }
        var origin = line.target
        if let authority = line.authority {
            guard host == nil || host?.lowercased() == authority.lowercased() else {
                throw .malformed("The request target names another host than Host.")
            }
            if !origin.hasPrefix("/") { origin = "/" + origin }
        }
        do {
            return try RequestTarget(parsing: origin)
        } catch {
            throw .malformed(error.reason)
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F
            && ![0x22, 0x23, 0x2F, 0x3C, 0x3E, 0x3F, 0x40, 0x5C, 0x5E, 0x60, 0x7B, 0x7C, 0x7D]
                .contains(byte)
    }
}

/// The first line of a request.
struct RequestLine {
    /// The method, a token.
    let method: String
    /// The target, without scheme and authority.
    let target: String
    /// The authority of an absolute target, with which `Host` must agree.
    let authority: String?
    /// True for HTTP/1.0.
    let isVersion10: Bool

    /// Reads `METHOD SP target SP HTTP/1.x`.
    ///
    /// Throws: `Refusal`: 414 for a long target, 505 for another version, 400 for the rest.
    init(_ line: ArraySlice<UInt8>, uriBytesMax: Int) throws(Refusal) {
        let first = try RequestLine.method(line)
        guard line.count - first.count - 1 <= uriBytesMax + RequestLine.versionBytes else {
            throw RequestLine.tooLong(uriBytesMax)
        }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw .malformed("The request line is not a method, a target and a version.")
        }
        guard parts[1].count <= uriBytesMax else { throw RequestLine.tooLong(uriBytesMax) }
        for byte in parts[1] where byte <= 0x20 || byte >= 0x7F {
            throw .malformed("The request target holds a byte that must be percent-encoded.")
        }
        isVersion10 = try RequestLine.isVersion10(parts[2])
        method = String(decoding: first, as: UTF8.self)
        let text = String(decoding: parts[1], as: UTF8.self)
        let scheme = text.prefix(8).lowercased()
        let skipped = scheme.hasPrefix("http://") ? 7 : scheme.hasPrefix("https://") ? 8 : 0
        if skipped == 0 {
            target = text
            authority = nil
        } else {
            let rest = text.dropFirst(skipped)
            let name = rest.prefix { $0 != "/" && $0 != "?" }
            guard !name.isEmpty else { throw .malformed("The request target names no host.") }
            authority = String(name)
            target = String(rest.dropFirst(name.count))
        }
    }

    /// What follows a target: a space and the version.
    static let versionBytes = " HTTP/1.1".utf8.count

    /// The method of a line, which may not have come whole.
    ///
    /// Throws: `Refusal` where it is no token, or longer than any.
    static func method(_ line: ArraySlice<UInt8>) throws(Refusal) -> ArraySlice<UInt8> {
        let method = line.prefix { $0 != 0x20 }
        guard !method.isEmpty, method.count <= RequestHead.methodBytesMax,
            method.allSatisfy(Headers.isTokenByte)
        else { throw .malformed("The request does not begin with a method.") }
        return method
    }

    /// The refusal of a long target.
    static func tooLong(_ uriBytesMax: Int) -> Refusal {
        .limit(414, "The request target", "uriBytesMax", "\(uriBytesMax) bytes")
    }

    private static func isVersion10(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> Bool {
        let version = String(decoding: bytes, as: UTF8.self)
        if version == "HTTP/1.1" { return false }
        if version == "HTTP/1.0" { return true }
        let digits = Array(bytes.dropFirst(5))
        if version.hasPrefix("HTTP/"), digits.count == 3, digits[1] == 0x2E,
            digits[0] >= 0x30 && digits[0] <= 0x39, digits[2] >= 0x30 && digits[2] <= 0x39
        {
            throw Refusal(status: 505, reason: "Only HTTP/1.1 and HTTP/1.0 are spoken.")
        }
        throw .malformed("The request line does not end with a version.")
    }
}
