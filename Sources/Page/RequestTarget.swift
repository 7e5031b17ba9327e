// The target of a request, taken apart and made safe: one decoded path, one list of query pairs.
// It must not be lenient: whatever two readers could understand differently is refused here.

/// Why a request target is refused.
package struct TargetFault: Error, Hashable, Sendable {
    /// The rule that was broken, as a sentence for the person who sent it.
    package let reason: String
}

/// A request target in origin form, decoded once.
///
/// The path begins with a slash, is valid UTF-8, and has no empty inner segment, no `.` or `..`
/// segment, no backslash, no control character, no encoded slash, and nothing encoded twice.
package struct RequestTarget: Sendable {
    /// The target as sent: path and query.
    package let text: String
    /// The decoded path.
    package let path: String
    /// The decoded pairs of the query, in order, duplicates kept.
    package let query: [(name: String, value: String)]

    /// Reads a target such as `/stock/count?branch=0007`.
    ///
    /// Throws: `TargetFault` for anything that is not a safe origin form.
    package init(parsing text: String) throws(TargetFault) {
        let bytes = Array(text.utf8)
        guard bytes.first == 0x2F else {
            throw TargetFault(reason: "The request target does not begin with a slash.")
        }
        for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte == 0x23 {
            throw TargetFault(
                reason: "The request target holds a byte that must be percent-encoded."
            )
        }
        let mark = bytes.firstIndex(of: 0x3F) ?? bytes.endIndex
        self.text = text
        path = try RequestTarget.safePath(bytes[..<mark])
        query =
            mark == bytes.endIndex
            ? [] : try RequestTarget.pairs(bytes[(mark + 1)...])
    }

    /// Reads `name=value&…`, the form of queries and of `application/x-www-form-urlencoded`.
    ///
    /// Throws: `TargetFault` for a broken percent escape, invalid UTF-8, or NUL.
    package static func pairs(
        _ bytes: ArraySlice<UInt8>
    ) throws(TargetFault) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        for part in bytes.split(separator: 0x26) {
            let equals = part.firstIndex(of: 0x3D) ?? part.endIndex
            let name = try text(decoded(part[..<equals], plusIsSpace: true))
            let value =
                equals == part.endIndex
                ? "" : try text(decoded(part[(equals + 1)...], plusIsSpace: true))
            result.append((name: name, value: value))
        }
        return result
    }

    private static func safePath(_ bytes: ArraySlice<UInt8>) throws(TargetFault) -> String {
        let plain = try decoded(bytes, plusIsSpace: false)
        if bytes.contains(0x25) {
            try refuseEncodedTwice(plain)
            var slashes = 0
            for byte in bytes where byte == 0x2F { slashes += 1 }
            for byte in plain where byte == 0x2F { slashes -= 1 }
            if slashes != 0 { throw TargetFault(reason: "The path holds an encoded slash.") }
        }
        for byte in plain {
            if byte == 0x5C { throw TargetFault(reason: "The path holds a backslash.") }
            if byte < 0x20 || byte == 0x7F {
                throw TargetFault(reason: "The path holds a control character.")
            }
        }
        try refuseDotSegments(plain)
        return try text(plain)
    }

    private static func refuseEncodedTwice(_ plain: [UInt8]) throws(TargetFault) {
        for index in plain.indices where plain[index] == 0x25 && index + 2 < plain.count {
            if hexValue(plain[index + 1]) != nil && hexValue(plain[index + 2]) != nil {
                throw TargetFault(reason: "The path is percent-encoded twice.")
            }
        }
    }

    private static func refuseDotSegments(_ plain: [UInt8]) throws(TargetFault) {
        var start = 1
        while start <= plain.count {
            var end = start
            while end < plain.count && plain[end] != 0x2F { end += 1 }
            let length = end - start
            if length == 0 && end < plain.count {
                throw TargetFault(reason: "The path holds an empty segment.")
            }
            if length > 0 && length <= 2 && plain[start..<end].allSatisfy({ $0 == 0x2E }) {
                throw TargetFault(reason: "The path holds a dot segment.")
            }
            start = end + 1
        }
    }

    private static func decoded(
        _ bytes: ArraySlice<UInt8>,
        plusIsSpace: Bool
    ) throws(TargetFault) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == 0x25 {
                guard index + 2 < bytes.endIndex,
                    let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
                else { throw TargetFault(reason: "A percent escape is broken.") }
                let value = high << 4 | low
                if value == 0 { throw TargetFault(reason: "The request target holds NUL.") }
                result.append(value)
                index += 3
            } else {
                result.append(plusIsSpace && byte == 0x2B ? 0x20 : byte)
                index += 1
            }
        }
        return result
    }

    private static func text(_ bytes: [UInt8]) throws(TargetFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TargetFault(reason: "The request target is not valid UTF-8.")
        }
        return text
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
