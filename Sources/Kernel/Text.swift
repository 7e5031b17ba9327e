// Kernel: text as people type it, brought into one form before it is compared or parsed.
// No locale: the same on every machine.

/// Normalisation of typed text.
package enum Text {
    /// The text with full-width letters, digits and signs (Ａ１％) in their half-width forms.
    ///
    /// The ideographic space becomes a space; Chinese punctuation beyond that block stays.
    package static func fullWidthToHalf(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0xEF || $0 == 0xE3 }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x3000: result.append(" ")
            case 0xFF01...0xFF5E: result.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// The text without white space, byte order marks and zero-width spaces around it.
    package static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !isSpace($0) }),
            let end = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[start...end])
    }

    /// Half-width and trimmed: the form in which codes, numbers and search words are compared.
    package static func normalized(_ text: String) -> String { trimmed(fullWidthToHalf(text)) }

    /// Whether there is nothing in it but white space.
    package static func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { isSpace($0) }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar == " " || (9...13).contains(scalar.value) }
        return scalar.properties.isWhitespace || scalar.value == 0xFEFF || scalar.value == 0x200B
    }
}
