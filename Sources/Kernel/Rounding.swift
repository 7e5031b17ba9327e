// Kernel: the one rule of rounding, half away from zero, over 128-bit products.
// Every division of money states its rounding by calling here.

/// Division with rounding half away from zero (四舍五入).
package enum Rounding {
    /// `numerator / denominator`, rounded half away from zero, in 64 bits.
    ///
    /// Throws: `divisionByZero`; `overflow` when the quotient does not fit.
    package static func halfAwayFromZero(
        _ numerator: Int128,
        _ denominator: Int128
    ) throws(NumberFault) -> Int64 {
        if let small = Int64(exactly: numerator), let divisor = Int64(exactly: denominator),
            divisor > 0
        {
            return halfAwayFromZero(small, divisor)
        }
        return try narrow(try halfAwayFromZero128(numerator, denominator))
    }

    /// `numerator / denominator`, rounded half away from zero, in 128 bits.
    ///
    /// Throws: `divisionByZero`; `overflow` only for the least number over minus one.
    package static func halfAwayFromZero128(
        _ numerator: Int128,
        _ denominator: Int128
    ) throws(NumberFault) -> Int128 {
        guard denominator != 0 else {
            throw NumberFault(.divisionByZero, "\(numerator) / 0")
        }
        let divisor = denominator.magnitude
        var (quotient, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        if rest >= divisor - rest { quotient += 1 }
        if (numerator < 0) != (denominator < 0) { return Int128(truncatingIfNeeded: 0 &- quotient) }
        guard let value = Int128(exactly: quotient) else {
            throw NumberFault(.overflow, "\(numerator) / \(denominator)")
        }
        return value
    }

    /// `a × b / divisor`, rounded half away from zero, the product in 128 bits.
    ///
    /// Throws: `overflow` when the result does not fit 64 bits. Needs a positive divisor.
    static func product(
        _ a: Int64,
        _ b: Int64,
        over divisor: Int64
    ) throws(NumberFault) -> Int64 {
        let (small, isOver) = a.multipliedReportingOverflow(by: b)
        if !isOver { return halfAwayFromZero(small, divisor) }
        return try narrow(try halfAwayFromZero128(Int128(a) * Int128(b), Int128(divisor)))
    }

    /// The value in 64 bits.
    ///
    /// Throws: `overflow` when it does not fit.
    package static func narrow(_ value: Int128) throws(NumberFault) -> Int64 {
        guard let result = Int64(exactly: value) else { throw NumberFault(.overflow, "\(value)") }
        return result
    }

    private static func halfAwayFromZero(_ numerator: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: divisor)
        // The rest is smaller than the divisor, so neither the magnitude nor the difference wraps.
        let distance = rest.magnitude
        guard distance >= divisor.magnitude - distance, distance != 0 else { return quotient }
        return numerator < 0 ? quotient - 1 : quotient + 1
    }
}
