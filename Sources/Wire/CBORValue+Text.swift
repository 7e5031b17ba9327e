// A value as text for people: diagnostic notation (RFC 8949 section 8) and JSON.
// Neither is ever read back; the bytes are the truth.

import Kernel

extension CBORValue: CustomStringConvertible {
    /// The item in diagnostic notation.
    package var description: String { diagnostic }

    /// The item in diagnostic notation: `{1: h'00ff', 2: ["text", null]}`.
    package var diagnostic: String {
        switch self {
        case .integer(let value): return String(value)
        case .bytes(let value): return "h'" + Hex.encode(value) + "'"
        case .text(let value): return CBORValue.quoted(value)
        case .bool(let value): return value ? "true" : "false"
        case .null: return "null"
        case .array(let items):
            return "[" + items.map(\.diagnostic).joined(separator: ", ") + "]"
        case .map(let entries):
            let parts = entries.map { $0.key.diagnostic + ": " + $0.value.diagnostic }
            return "{" + parts.joined(separator: ", ") + "}"
        }
    }

    /// The item as JSON: a byte string as hexadecimal text, a key that is no text as its own text.
    package var json: String {
        switch self {
        case .integer, .bool, .null: return diagnostic
        case .bytes(let value): return "\"" + Hex.encode(value) + "\""
        case .text(let value): return CBORValue.quoted(value)
        case .array(let items): return "[" + items.map(\.json).joined(separator: ",") + "]"
        case .map(let entries):
            let parts = entries.map { $0.key.jsonKey + ":" + $0.value.json }
            return "{" + parts.joined(separator: ",") + "}"
        }
    }

    private var jsonKey: String {
        switch self {
        case .text, .bytes: json
        case .integer, .bool, .null: "\"" + json + "\""
        case .array, .map: CBORValue.quoted(json)
        }
    }

    /// A text between quotation marks, with what JSON forbids inside them escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ": result += "\\u00" + Hex.encode([UInt8(scalar.value)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
