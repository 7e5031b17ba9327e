// Kernel: a decimal fraction kept exactly as it came from outside, beside the rounded value.
// It does no arithmetic: figures are computed from the fixed-point types.

/// A decimal fraction, mantissa × 10^exponent, with the digits it was written with.
///
/// Shape: `[exponent, mantissa]` in CBOR; exponent −18 … 18.
package struct ExactDecimal: Hashable, Sendable, CustomStringConvertible {
    /// The power of ten.
    package let exponent: Int
    /// The digits, with the sign.
    package let mantissa: Int64

    /// The fraction of two numbers from outside.
    ///
    /// Throws: `overflow` for an exponent beyond ±18.
    package init(exponent: Int, mantissa: Int64) throws(NumberFault) {
        guard exponent >= -18, exponent <= 18 else {
            throw NumberFault(.overflow, "\(mantissa)e\(exponent)")
        }
        self.exponent = exponent
        self.mantissa = mantissa
    }

    /// The fraction written strictly as `[-]digits[.digits]`; its decimals are kept, zeros too.
    ///
    /// Throws: `notANumber`; `tooManyDigits` beyond 18 decimals; `overflow` beyond 64 bits.
    package init(text: String) throws(NumberFault) {
        let decimals = text.utf8.reversed().firstIndex(of: UInt8(ascii: "."))
            .map { text.utf8.distance(from: $0.base, to: text.utf8.endIndex) }
        let scale = decimals ?? 0
        guard scale <= 18 else {
            // A text that is no number is called so, however long it is.
            _ = try DecimalText.parse(text, scale: 0, rounding: true)
            throw NumberFault(.tooManyDigits, text)
        }
        exponent = -scale
        mantissa = try DecimalText.parse(text, scale: scale)
    }

    /// The value in units of 10⁻ˢᶜᵃˡᵉ, rounded half away from zero.
    ///
    /// Throws: `overflow` when it does not fit 64 bits.
    package func rounded(scale: Int) throws(NumberFault) -> Int64 {
        let shift = exponent + scale
        var power: Int128 = 1
        // 10³⁷ is the last power that fits 128 bits with the sign.
        for _ in 0..<min(abs(shift), 37) { power *= 10 }
        guard shift > 0 else {
            return abs(shift) > 37 ? 0 : try Rounding.halfAwayFromZero(Int128(mantissa), power)
        }
        let (value, isOver) = Int128(mantissa).multipliedReportingOverflow(by: power)
        guard !isOver, shift <= 37 || mantissa == 0 else {
            throw NumberFault(.overflow, description)
        }
        return try Rounding.narrow(value)
    }

    /// The digits as they were written: `12.300`.
    package var description: String {
        if exponent <= 0 {
            return DecimalText.format(mantissa, scale: -exponent, fraction: -exponent)
        }
        return mantissa == 0 ? "0" : "\(mantissa)" + String(repeating: "0", count: exponent)
    }
}
