// The corpus of requests that are refused, and of those that are taken though they look odd. Each
// is used twice: with the parser alone, cut everywhere, and over a socket against a live server.

import Testing

/// Bytes, and what must come of them.
struct WireCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let status: Int
    /// What the answer must say besides its status.
    let says: String

    init(_ name: String, _ status: Int, _ text: String, says: String = "") {
        self.name = name
        self.status = status
        bytes = Array(text.utf8)
        self.says = says
    }

    init(_ name: String, _ status: Int, bytes: [UInt8], says: String = "") {
        self.name = name
        self.status = status
        self.bytes = bytes
        self.says = says
    }

    var testDescription: String { name }

    private static let host = "Host: till.example\r\n"

    private static func post(_ name: String, _ status: Int, _ fields: String, _ rest: String = "")
        -> WireCase
    {
        WireCase(name, status, "POST /echo HTTP/1.1\r\n\(host)\(fields)\r\n\(rest)")
    }

    private static func get(_ name: String, _ target: String, _ status: Int = 400) -> WireCase {
        WireCase(name, status, "GET \(target) HTTP/1.1\r\n\(host)\r\n")
    }

    private static let chunked = "Transfer-Encoding: chunked\r\n"

    /// Two readers could see different requests in these.
    static let framing: [WireCase] = [
        post("length and chunked", 400, "Content-Length: 5\r\n\(chunked)", "0\r\n\r\n"),
        post("chunked and length", 400, "\(chunked)Content-Length: 5\r\n", "0\r\n\r\n"),
        post("length twice, equal", 400, "Content-Length: 2\r\nContent-Length: 2\r\n", "ab"),
        post("length twice, different", 400, "Content-Length: 2\r\ncontent-length: 3\r\n", "abc"),
        post("length as a list", 400, "Content-Length: 2, 2\r\n", "ab"),
        post("length negative", 400, "Content-Length: -1\r\n"),
        post("length with plus", 400, "Content-Length: +2\r\n", "ab"),
        post("length hexadecimal", 400, "Content-Length: 0x2\r\n", "ab"),
        post("length with a letter", 400, "Content-Length: 2a\r\n", "ab"),
        post("length with a space inside", 400, "Content-Length: 1 0\r\n", "ab"),
        post("length empty", 400, "Content-Length:\r\n"),
        post("length over 63 bits", 400, "Content-Length: 9223372036854775808\r\n"),
        post("length over 64 bits", 400, "Content-Length: 18446744073709551618\r\n", "ab"),
        post("length in full-width digits", 400, "Content-Length: ２\r\n", "ab"),
        post("coding identity", 400, "Transfer-Encoding: identity\r\n"),
        post("coding xchunked", 400, "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("coding chunked twice", 400, "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
        post("coding in two lines", 400, "\(chunked)\(chunked)", "0\r\n\r\n"),
        post("coding chunked not last", 400, "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
        post("coding with tab and junk", 400, "Transfer-Encoding:\u{0B}chunked\r\n", "0\r\n\r\n"),
        post("coding quoted", 400, "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        post("coding with space before colon", 400, "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        post("coding empty", 400, "Transfer-Encoding:\r\n"),
        post("coding unknown before chunked", 501, "Transfer-Encoding: gzip, chunked\r\n", "0\r\n"),
        WireCase(
            "chunked in HTTP/1.0",
            400,
            "POST /echo HTTP/1.0\r\n\(host)\(chunked)\r\n0\r\n\r\n"
        ),
        post("another expectation", 417, "Expect: 200-ok\r\nContent-Length: 2\r\n", "ab"),
    ]

    /// Chunks that lie.
    static let chunks: [WireCase] = [
        post("chunk size over 63 bits", 400, chunked, "8000000000000000\r\nab\r\n0\r\n\r\n"),
        post("chunk size over 64 bits", 400, chunked, "10000000000000002\r\nab\r\n0\r\n\r\n"),
        post("chunk size negative", 400, chunked, "-2\r\nab\r\n0\r\n\r\n"),
        post("chunk size with 0x", 400, chunked, "0x2\r\nab\r\n0\r\n\r\n"),
        post("chunk size empty", 400, chunked, "\r\nab\r\n0\r\n\r\n"),
        post("chunk size with space", 400, chunked, "2 \r\nab\r\n0\r\n\r\n"),
        post("chunk size with space first", 400, chunked, " 2\r\nab\r\n0\r\n\r\n"),
        post("chunk size ends with LF", 400, chunked, "2\nab\r\n0\r\n\r\n"),
        post("chunk extension holds LF", 400, chunked, "2;a\nb\r\nab\r\n0\r\n\r\n"),
        post("chunk extension holds CR", 400, chunked, "2;a\rb\r\nab\r\n0\r\n\r\n"),
        post("chunk longer than it says", 400, chunked, "2\r\nabc\r\n0\r\n\r\n"),
        post("chunk ends with LF", 400, chunked, "2\r\nab\n0\r\n\r\n"),
        post("chunk ends with CR and junk", 400, chunked, "2\r\nab\rX0\r\n\r\n"),
        post(
            "chunk line too long",
            400,
            chunked,
            "2;\(String(repeating: "x", count: 300))\r\nab\r\n0\r\n\r\n",
            says: "chunkLineBytesMax = 256"
        ),
        post("trailer folded", 400, chunked, "0\r\nA: b\r\n c\r\n\r\n"),
        post("trailer without colon", 400, chunked, "0\r\nA\r\n\r\n"),
        post(
            "trailers too many",
            431,
            chunked,
            "0\r\n\(String(repeating: "a: b\r\n", count: 65))\r\n",
            says: "headerFieldsMax = 64"
        ),
    ]

    /// Lines that are none.
    static let lines: [WireCase] = [
        WireCase("LF after the request line", 400, "GET / HTTP/1.1\n\(host)\r\n"),
        WireCase("LF after a field", 400, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
        WireCase("LF as the empty line", 400, "GET / HTTP/1.1\r\n\(host)\n"),
        WireCase("CR inside a value", 400, "GET / HTTP/1.1\r\n\(host)A: b\rC: d\r\n\r\n"),
        WireCase("CR inside the request line", 400, "GET /\r HTTP/1.1\r\n\(host)\r\n"),
        WireCase("folded field", 400, "GET / HTTP/1.1\r\n\(host)A: b\r\n c\r\n\r\n"),
        WireCase("folded with tab", 400, "GET / HTTP/1.1\r\n\(host)A: b\r\n\tc\r\n\r\n"),
        WireCase("space before the first field", 400, "GET / HTTP/1.1\r\n \(host)\r\n"),
        WireCase("NUL in a value", 400, "GET / HTTP/1.1\r\n\(host)A: b\u{0}c\r\n\r\n"),
        WireCase("NUL in a name", 400, "GET / HTTP/1.1\r\n\(host)A\u{0}: b\r\n\r\n"),
        WireCase("NUL in the target", 400, "GET /\u{0} HTTP/1.1\r\n\(host)\r\n"),
        WireCase("DEL in a value", 400, "GET / HTTP/1.1\r\n\(host)A: b\u{7F}\r\n\r\n"),
        WireCase("empty name", 400, "GET / HTTP/1.1\r\n\(host): b\r\n\r\n"),
        WireCase("no colon", 400, "GET / HTTP/1.1\r\n\(host)AB\r\n\r\n"),
        WireCase("space in a name", 400, "GET / HTTP/1.1\r\n\(host)A B: c\r\n\r\n"),
        WireCase("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
        WireCase("two hosts", 400, "GET / HTTP/1.1\r\n\(host)\(host)\r\n"),
        WireCase("host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        WireCase("host with a user", 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        WireCase("two spaces", 400, "GET  / HTTP/1.1\r\n\(host)\r\n"),
        WireCase("tab for space", 400, "GET\t/ HTTP/1.1\r\n\(host)\r\n"),
        WireCase("no version", 400, "GET /\r\n\(host)\r\n"),
        WireCase("lower-case version", 400, "GET / http/1.1\r\n\(host)\r\n"),
        WireCase("version 2.0", 505, "GET / HTTP/2.0\r\n\(host)\r\n"),
        WireCase("version 1.10", 400, "GET / HTTP/1.10\r\n\(host)\r\n"),
        WireCase("method with a brace", 400, "G{T / HTTP/1.1\r\n\(host)\r\n"),
        WireCase("method too long", 400, "\(String(repeating: "G", count: 40)) / HTTP/1.1\r\n\r\n"),
        WireCase("two empty lines first", 400, "\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n"),
        WireCase("a TLS hello", 400, bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x0A]),
    ]

    /// Targets that are not safe.
    static let targets: [WireCase] = [
        get("dot dot", "/a/../b"),
        get("dot dot first", "/../etc/passwd"),
        get("dot dot last", "/a/.."),
        get("single dot", "/a/./b"),
        get("%2e%2e", "/%2e%2e/etc/passwd"),
        get(".%2E", "/a/.%2E/b"),
        get("%252e", "/%252e%252e/etc/passwd"),
        get("%25%32%65", "/%25%32%65/x"),
        get("encoded slash", "/..%2fetc%2fpasswd"),
        get("backslash", "/..\\etc\\passwd"),
        get("encoded backslash", "/..%5cetc"),
        get("encoded NUL", "/a%00.html"),
        get("encoded NUL in the query", "/a?b=%00"),
        get("encoded line end", "/a%0d%0aX:%20y"),
        get("overlong slash", "/%c0%af"),
        get("overlong dot", "/%c0%ae%c0%ae/x"),
        get("overlong dot in three bytes", "/%e0%80%ae%e0%80%ae/x"),
        get("surrogate", "/%ed%a0%80"),
        get("broken UTF-8", "/%ff"),
        get("broken UTF-8 in the query", "/a?b=%ff"),
        get("broken escape", "/%2"),
        get("escape that is not hexadecimal", "/%zz"),
        get("empty segment", "//evil.example/x"),
        get("fragment", "/a#b"),
        get("raw UTF-8", "/\u{5E97}"),
        get("no slash", "a"),
        get("asterisk", "*"),
        get("other scheme", "ftp://till.example/"),
        get("absolute with another host", "http://evil.example/"),
        get("absolute without host", "http:///x"),
        WireCase("CONNECT", 400, "CONNECT till.example:443 HTTP/1.1\r\n\(host)\r\n"),
    ]

    /// Too much of something that is sound.
    static let limits: [WireCase] = [
        WireCase(
            "target of 8193 bytes",
            414,
            "GET /\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\(host)\r\n",
            says: "uriBytesMax = 8192 bytes"
        ),
        WireCase(
            "target without end",
            414,
            "GET /\(String(repeating: "a", count: 64 * 1024))",
            says: "uriBytesMax = 8192 bytes"
        ),
        WireCase(
            "65 fields",
            431,
            "GET / HTTP/1.1\r\n\(host)\(String(repeating: "a: b\r\n", count: 64))\r\n",
            says: "headerFieldsMax = 64 fields"
        ),
        WireCase(
            "10,000 fields",
            431,
            "GET / HTTP/1.1\r\n\(host)\(String(repeating: "a: b\r\n", count: 10_000))\r\n",
            says: "headerFieldsMax = 64 fields"
        ),
        WireCase(
            "field of 17 KiB",
            431,
            "GET / HTTP/1.1\r\n\(host)a: \(String(repeating: "b", count: 17 * 1024))\r\n\r\n",
            says: "headerBytesMax = 16384 bytes"
        ),
        WireCase(
            "field without end",
            431,
            "GET / HTTP/1.1\r\n\(host)a: \(String(repeating: "b", count: 128 * 1024))",
            says: "headerBytesMax = 16384 bytes"
        ),
        post("body over its limit", 413, "Content-Length: 1048577\r\n", says: bodyLimit),
        post("body far over its limit", 413, "Content-Length: 999999999999\r\n", says: bodyLimit),
        post("chunk over the limit", 413, chunked, "100001\r\n", says: bodyLimit),
        post(
            "chunks together over the limit",
            413,
            chunked,
            "2\r\nab\r\nfffff\r\n",
            says: bodyLimit
        ),
    ]

    private static let bodyLimit = "bodyBytesMax = 1048576 bytes"

    private static func post(
        _ name: String,
        _ status: Int,
        _ fields: String,
        _ rest: String = "",
        says: String
    ) -> WireCase {
        WireCase(name, status, "POST /echo HTTP/1.1\r\n\(host)\(fields)\r\n\(rest)", says: says)
    }

    /// Odd, and taken; `says` is what `echoText` says of the request.
    static let taken: [WireCase] = [
        get("plain", "/", 200, "GET / []"),
        get("one empty line first", "/", 200, "GET / []", before: "\r\n"),
        get("query", "/a?b=c&d=%E5%BA%97+1&e", 200, "GET /a [b=c,d=店 1,e=]"),
        get("decoded path", "/%E5%BA%97/a%20b", 200, "GET /店/a b []"),
        get("encoded letter", "/%61", 200, "GET /a []"),
        get("percent sign", "/100%25", 200, "GET /100% []"),
        get("dots that are names", "/.../..a/a..", 200, "GET /.../..a/a.. []"),
        get("last slash", "/a/", 200, "GET /a/ []"),
        get("absolute target", "http://till.example/a?b=c", 200, "GET /a [b=c]"),
        get("absolute target in capitals", "HTTP://Till.Example", 200, "GET / []"),
        WireCase("no space after colon", 200, "GET / HTTP/1.1\r\nHost:a\r\n\r\n", says: "GET / []"),
        WireCase("Latin-1 value", 200, bytes: latin1, says: "GET / []"),
        post("length with zeros", 200, "Content-Length: 0002\r\n", "ab", says: "ab"),
        post("length with tabs around", 200, "Content-Length:\t2\t\r\n", "ab", says: "ab"),
        post("chunked", 200, chunked, "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", says: "abcde"),
        post(
            "chunked in capitals",
            200,
            "TRANSFER-ENCODING: Chunked\r\n",
            "1\r\na\r\n0\r\n\r\n",
            says: "a"
        ),
        post(
            "chunk size in capitals",
            200,
            chunked,
            "A\r\n0123456789\r\n0\r\n\r\n",
            says: "0123456789"
        ),
        post("chunk size with zeros", 200, chunked, "0002\r\nab\r\n000\r\n\r\n", says: "ab"),
        post("chunk extension", 200, chunked, "2;a=\"b c\"\r\nab\r\n0;x\r\n\r\n", says: "ab"),
        post("trailer", 200, chunked, "2\r\nab\r\n0\r\nDigest: x\r\n\r\n", says: "ab"),
        WireCase("HTTP/1.0 without host", 200, "GET / HTTP/1.0\r\n\r\n", says: "GET / []"),
        WireCase(
            "target of 8192 bytes",
            200,
            "GET /\(String(repeating: "a", count: 8191)) HTTP/1.1\r\n\(host)\r\n",
            says: "GET /aaa"
        ),
        WireCase(
            "64 fields",
            200,
            "GET / HTTP/1.1\r\n\(host)\(String(repeating: "a: b\r\n", count: 63))\r\n",
            says: "GET / []"
        ),
        WireCase(
            "header block of 16 KiB",
            200,
            "GET / HTTP/1.1\r\n\(host)a: "
                + String(repeating: "b", count: 16 * 1024 - host.utf8.count - 7) + "\r\n\r\n",
            says: "GET / []"
        ),
    ]

    private static let latin1 =
        Array("GET / HTTP/1.1\r\n\(host)User-Agent: caf".utf8) + [0xE9] + Array("\r\n\r\n".utf8)

    private static func get(
        _ name: String,
        _ target: String,
        _ status: Int,
        _ says: String,
        before: String = ""
    ) -> WireCase {
        let text = "\(before)GET \(target) HTTP/1.1\r\n\(host)\r\n"
        return WireCase(name, status, text, says: says)
    }

    /// All that must be refused.
    static let refused = framing + chunks + lines + targets + limits
}
