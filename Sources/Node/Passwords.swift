// Passwords and PINs: crypt(3) yescrypt. Slow on purpose: never on an event loop.
// Must not keep or log what it is given.

import CCrypt
import Glibc
package import Kernel
import Wire

/// Hashing and checking of passwords and till PINs.
package enum Passwords {
    /// A yescrypt hash with a fresh salt.
    package static func hash(_ password: [UInt8], random: any RandomSource) -> String? {
        let salt = random.bytes(16)
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let made = salt.withUnsafeBytes { bytes in
            crypt_gensalt_rn(
                "$y$",
                5,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(salt.count),
                &setting,
                Int32(setting.count)
            ) != nil
        }
        return made ? derive(password, setting: setting) : nil
    }

    /// True where the password is the hashed one.
    package static func verify(_ password: [UInt8], against hash: String) -> Bool {
        let setting = hash.utf8.map { CChar(bitPattern: $0) } + [0]
        guard let derived = derive(password, setting: setting) else { return false }
        return constantTimeEquals(Array(derived.utf8), Array(hash.utf8))
    }

    /// The till PIN's secret: HMAC(branch pepper, PIN), so that a stolen file alone is not enough.
    package static func pinSecret(_ pin: String, pepper: [UInt8]) -> [UInt8] {
        Array(HMACSHA256.authenticate(Array(pin.utf8), key: pepper).hex.utf8)
    }

    /// True for six digits that are neither a run nor one digit repeated.
    package static func isAcceptable(pin: String) -> Bool {
        let digits = pin.utf8.map { Int($0) - 48 }
        guard digits.count == 6, digits.allSatisfy({ (0...9).contains($0) }) else { return false }
        let steps = Set(zip(digits, digits.dropFirst()).map { $1 - $0 })
        return !(steps.count == 1 && [0, 1, -1].contains(steps.first ?? 0))
    }

    private static func derive(_ password: [UInt8], setting: [CChar]) -> String? {
        guard !password.contains(0), password.count < 512 else { return nil }
        // crypt_data is 32 KB: on the heap.
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        defer {
            explicit_bzero(data, MemoryLayout<crypt_data>.size)
            data.deallocate()
        }
        explicit_bzero(data, MemoryLayout<crypt_data>.size)
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        guard let result = crypt_r(phrase, setting, data) else { return nil }
        let text = String(cString: result)
        return text.hasPrefix("*") ? nil : text
    }
}
