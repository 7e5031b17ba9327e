// Kernel: bytes as characters that people read to each other and type.

/// Base 32 in Crockford's alphabet: digits and capitals without I, L, O, U; no padding.
///
/// Source: Douglas Crockford, "Base 32".
package enum Base32 {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The bytes, five bits a character, the first bit first, zero bits at the end.
    package static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count * 8 + 4) / 5)
        var pool: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pool = (pool << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                characters.append(alphabet[Int(pool >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { characters.append(alphabet[Int(pool << UInt32(5 - bits) & 31)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The bytes of a text as people type it: any case, hyphens and spaces left out, O read as 0,
    /// I and L as 1.
    ///
    /// Throws: `wrongCharacter`; `wrongLength` for a count that no bytes have; `notCanonical` when
    /// the bits after the last byte are not zero.
    package static func decode(_ text: String) throws(TextFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 5 / 8)
        var pool: UInt32 = 0
        var bits = 0
        for byte in text.utf8 where byte != UInt8(ascii: "-") && byte != UInt8(ascii: " ") {
            guard let value = value(byte) else { throw TextFault(.wrongCharacter, text) }
            pool = (pool << 5 | value) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pool >> UInt32(bits)))
            }
        }
        guard bits < 5 else { throw TextFault(.wrongLength, text) }
        guard pool & (1 << UInt32(bits) - 1) == 0 else { throw TextFault(.notCanonical, text) }
        return bytes
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        let upper = isLower ? byte - 32 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper).map { UInt32($0) }
        }
    }
}
