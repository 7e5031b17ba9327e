// The grammar of a header line, shared by requests, answers and trailers (RFC 9112, section 5).
// It must not know which fields mean something.

internal import Page

/// How header lines are read.
enum FieldSyntax {
    /// Takes a line apart: `name: value`, the white space after the colon optional.
    ///
    /// Throws: `Refusal` for a folded line, white space before the colon, a name that is no
    /// token, or a control character in the value.
    static func field(
        _ line: ArraySlice<UInt8>
    ) throws(Refusal) -> (name: String, value: String) {
        if line.first == 0x20 || line.first == 0x09 {
            throw .malformed("A header line is folded.")
        }
        guard let colon = line.firstIndex(of: 0x3A) else {
            throw .malformed("A header line has no colon.")
        }
        let name = line[..<colon]
        guard !name.isEmpty, name.allSatisfy(Headers.isTokenByte) else {
            throw .malformed("A header name is not a token.")
        }
        let value = trimmed(line[(colon + 1)...])
        for byte in value where (byte < 0x20 && byte != 0x09) || byte == 0x7F {
            throw .malformed("A header value holds a control character.")
        }
        return (String(decoding: name, as: UTF8.self), text(value))
    }

    /// The bytes without spaces and tabs at both ends.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return rest
    }

    /// The lower-case members of a list field, over all its lines.
    static func members(_ values: [String]) -> [String] {
        values.flatMap { value in
            value.split(separator: ",", omittingEmptySubsequences: false).map {
                String(decoding: trimmed(Array($0.utf8)[...]), as: UTF8.self).lowercased()
            }
        }
    }

    /// A length in decimal digits.
    ///
    /// Throws: `Refusal` for a sign, another digit, nothing, or a number beyond 63 bits.
    static func length(_ text: String) throws(Refusal) -> Int {
        guard !text.isEmpty else { throw .malformed("Content-Length is empty.") }
        var value = 0
        for byte in text.utf8 {
            guard byte >= 0x30 && byte <= 0x39 else {
                throw .malformed("Content-Length is not a decimal number.")
            }
            let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tenfold.addingReportingOverflow(Int(byte - 0x30))
            guard !overflowed && !carried else {
                throw .malformed("Content-Length is too large a number.")
            }
            value = sum
        }
        return value
    }

    /// UTF-8 where it is valid, else each byte as the character of its number (ISO 8859-1).
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var scalars = String.UnicodeScalarView()
        for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
        return String(scalars)
    }
}
