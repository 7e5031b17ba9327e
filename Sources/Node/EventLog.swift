// What a node says to its operator: JSON lines on standard error.
// Must not contain personal values, keys or PINs.

import Glibc
package import Kernel

/// Writes one JSON object a line.
package final class EventLog: Sendable {
    private let clock: any Clock
    private let isEnabled: Bool

    package init(clock: any Clock, isEnabled: Bool = true) {
        self.clock = clock
        self.isEnabled = isEnabled
    }

    /// Says that something happened; values are text.
    package func say(_ event: String, _ fields: [(String, String)] = []) {
        guard isEnabled else { return }
        var line = "{\"at\":\"\(clock.now())\",\"event\":\(JSONText.quoted(event))"
        for (name, value) in fields {
            line += ",\(JSONText.quoted(name)):\(JSONText.quoted(value))"
        }
        line += "}\n"
        StandardStream.error.write(line)
    }
}

/// Text inside JSON.
package enum JSONText {
    /// The text in quotes, with everything escaped that JSON and terminals mind.
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _
            where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                || (0x2028...0x2029).contains(scalar.value)
                || (0x202a...0x202e).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

/// The process's output streams, written at once and without buffers.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes all of the text; a closed pipe ends quietly.
    package func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes all of the bytes; a closed pipe ends quietly.
    package func write(_ content: [UInt8]) {
        var bytes = content[...]
        while !bytes.isEmpty {
            let put = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if put < 0, errno == EINTR { continue }
            if put <= 0 { return }
            bytes = bytes.dropFirst(put)
        }
    }

    /// True where a person watches.
    package var isTerminal: Bool { isatty(rawValue) == 1 }
}
