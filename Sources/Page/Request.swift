// One request as a value: what routes are given, whether it came by a socket or from a test.
// It must not hold a connection, a session or anything that a route could wait for.

/// One HTTP request, read whole.
package struct Request: Sendable {
    /// The method, as sent: `GET`, `POST` and so on.
    package let method: String
    /// The target as sent: path and query.
    package let target: String
    /// The decoded path: no dot segments, no backslash, valid UTF-8 (see `RequestTarget`).
    package let path: String
    /// The decoded pairs of the query, in order, duplicates kept.
    package let query: [(name: String, value: String)]
    /// The header fields.
    package let headers: Headers
    /// The body as sent, without its transfer coding.
    package let body: [UInt8]
    /// The address of the peer without its port, such as `192.168.1.20` or `::1`.
    package let remote: String

    /// A request of a target already taken apart.
    package init(
        method: String,
        target: RequestTarget,
        headers: Headers = Headers(),
        body: [UInt8] = [],
        remote: String = ""
    ) {
        self.method = method
        self.target = target.text
        path = target.path
        query = target.query
        self.headers = headers
        self.body = body
        self.remote = remote
    }

    /// A request written down, as tests and commands make it.
    ///
    /// Throws: `TargetFault` where the target is not a safe origin form.
    package init(
        method: String,
        target: String,
        headers: Headers = Headers(),
        body: [UInt8] = [],
        remote: String = ""
    ) throws(TargetFault) {
        self.init(
            method: method,
            target: try RequestTarget(parsing: target),
            headers: headers,
            body: body,
            remote: remote
        )
    }

    /// The first value of this name in the query.
    package func queryValue(_ name: String) -> String? {
        for pair in query where pair.name == name { return pair.value }
        return nil
    }

    /// The fields of a form in the body (`application/x-www-form-urlencoded`), in order.
    ///
    /// Throws: `TargetFault` for another content type, a broken escape, invalid UTF-8, or NUL.
    package func form() throws(TargetFault) -> [(name: String, value: String)] {
        let type = headers.first("Content-Type") ?? ""
        let essence = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard essence == "application/x-www-form-urlencoded" else {
            throw TargetFault(reason: "The body is not application/x-www-form-urlencoded.")
        }
        return try RequestTarget.pairs(body[...])
    }

    /// The value of this name in the `Cookie` fields.
    package func cookie(_ name: String) -> String? {
        for field in headers.all("Cookie") {
            for part in field.split(separator: ";") {
                let pair = part.drop { $0 == " " }
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else {
                    continue
                }
                return String(pair[pair.index(after: equals)...])
            }
        }
        return nil
    }
}
