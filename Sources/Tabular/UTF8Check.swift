// Tabular: strict UTF-8, over bytes that may end inside a character.

/// The strict rules of UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
enum UTF8Check {
    /// Where the valid whole characters that begin at `start` end.
    static func validPrefix(of bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var at = start
            while at < buffer.count {
                if buffer[at] < 0x80 {
                    at += 1
                    continue
                }
                let length = characterLength(buffer, at)
                if length == 0 { return at }
                at += length
            }
            return at
        }
    }

    /// True where the bytes at `start` are the beginning of a character that goes on after the end.
    static func isCut(_ bytes: [UInt8], at start: Int) -> Bool {
        guard start < bytes.count else { return false }
        let rest = bytes.count - start
        guard let (length, second) = shape(bytes[start]), rest < length else { return false }
        if rest > 1, !second.contains(bytes[start + 1]) { return false }
        return bytes[(start + 1)...].dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
    }

    /// The bytes of the character at a place, 0 where there is none or not all of it.
    private static func characterLength(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        guard let (length, second) = shape(bytes[at]), at + length <= bytes.count,
            second.contains(bytes[at + 1])
        else { return 0 }
        for index in (at + 2)..<max(at + 2, at + length) where bytes[index] & 0xC0 != 0x80 {
            return 0
        }
        return length
    }

    /// How long a character with this first byte is, and what its second may be.
    private static func shape(_ first: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch first {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
