// Kernel: bytes as hexadecimal digits.

/// Hexadecimal, lower case when written, either case when read.
package enum Hex {
    /// The bytes as two digits each.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = digit(byte >> 4)
                buffer[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    /// The bytes of a text.
    ///
    /// Throws: `wrongLength` for an odd count, `wrongCharacter` for anything but 0-9, a-f, A-F.
    package static func decode(_ text: String) throws(TextFault) -> [UInt8] {
        let utf8 = text.utf8.span
        guard utf8.count % 2 == 0 else { throw TextFault(.wrongLength, text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count / 2)
        for index in 0..<utf8.count / 2 {
            guard let high = value(utf8[index * 2]), let low = value(utf8[index * 2 + 1]) else {
                throw TextFault(.wrongCharacter, text)
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
