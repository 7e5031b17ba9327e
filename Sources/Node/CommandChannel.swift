// A command that finds the directory taken sends its arguments to the process that holds it, and
// prints what comes back. Only someone who can read the lock file knows the token.

import HTTP
import Kernel
package import Page
import Wire

/// What a command printed, and how it ended.
package struct CommandAnswer: Hashable, Sendable {
    package let exit: Int32
    package let output: String
    package let error: String

    package init(exit: Int32, output: String, error: String) {
        self.exit = exit
        self.output = output
        self.error = error
    }
}

/// Commands from one process to another.
package enum CommandChannel {
    /// The path on which a serving node takes commands.
    package static let path = "/command"
    private static let tokenHeader = "Tributary-Token"

    /// Sends a command to the holder of a lock and waits for what it prints.
    package static func send(
        _ words: [String],
        language: Language,
        folder: String,
        to holder: DirectoryLock.Holder
    ) throws -> CommandAnswer {
        guard let colon = holder.address.lastIndex(of: ":"),
            let port = Int(holder.address[holder.address.index(after: colon)...])
        else { throw unreachable(holder) }
        var host = String(holder.address[..<colon])
        if host == "0.0.0.0" { host = "127.0.0.1" }
        if host == "[::]" || host == "[::1]" { host = "::1" }
        let client = Client(
            host: host,
            port: port,
            timeouts: ClientTimeouts(connectMs: 2_000, readMs: 3_600_000, totalMs: 7_200_000)
        )
        var headers = Headers()
        headers.add(tokenHeader, holder.token)
        headers.add("Content-Type", "application/cbor")
        let response = try? client.send(
            method: "POST",
            target: path,
            headers: headers,
            body: encode([language.rawValue, folder] + words)
        )
        guard let response, response.status == 200 else { throw unreachable(holder) }
        return try decodeAnswer(response.body)
    }

    private static func unreachable(_ holder: DirectoryLock.Holder) -> NodeFault {
        NodeFault(
            .busy,
            "the directory is in use by a process at \(holder.address) that does not answer",
            nextStep: "wait for it to finish, or stop it, then try again"
        )
    }

    private static func encode(_ words: [String]) -> [UInt8] {
        var writer = CBORWriter(capacity: 256)
        writer.array(words.count)
        for word in words { writer.text(word) }
        return writer.bytes
    }

    /// The words of a command that came in, nil where the caller does not know the token.
    package static func words(
        of request: Request,
        token: String
    ) -> (language: Language, folder: String, words: [String])? {
        guard request.method == "POST", request.path == path,
            let given = request.headers.first(tokenHeader),
            constantTimeEquals(Array(given.utf8), Array(token.utf8)),
            let all = try? decode(request.body), all.count >= 3
        else { return nil }
        return (Language(rawValue: all[0]) ?? .chinese, all[1], Array(all[2...]))
    }

    private static func decode(_ bytes: [UInt8]) throws(WireFault) -> [String] {
        try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) -> [String] in
            let count = try reader.array()
            var words: [String] = []
            for _ in 0..<count { words.append(try reader.text()) }
            return words
        }
    }

    /// The answer's bytes.
    package static func response(_ answer: CommandAnswer) -> Response {
        var writer = CBORWriter(capacity: answer.output.utf8.count + 64)
        writer.array(3)
        writer.integer(Int64(answer.exit))
        writer.text(answer.output)
        writer.text(answer.error)
        return Response.cbor(writer.bytes)
    }

    private static func decodeAnswer(_ bytes: [UInt8]) throws -> CommandAnswer {
        try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
            try reader.array(of: 3)
            let exit = try reader.integer()
            return CommandAnswer(
                exit: Int32(truncatingIfNeeded: exit),
                output: try reader.text(),
                error: try reader.text()
            )
        }
    }
}
