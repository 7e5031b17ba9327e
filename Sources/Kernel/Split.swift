// Kernel: sharing an amount out so that the parts add up to it, to the last fen.
// Who gets what weight is the caller's business.

/// Shares `total` out in proportion to `weights`, by largest remainder.
///
/// Shape: one part a weight, in order; the parts add up to the total; each is less than a fen from
/// its exact share; of equal remainders the lower index is served first; a negative total mirrors
/// the positive one.
/// Throws: `notANumber` for a negative weight; `divisionByZero` when a total that is not zero meets
/// no weight above zero.
package func split(_ total: Fen, by weights: [Int64]) throws(NumberFault) -> [Fen] {
    try splitUnits(total.rawValue, by: weights).map { Fen($0) }
}

/// Shares a quantity out in proportion to `weights`, as `split` does an amount.
package func split(_ total: Quantity, by weights: [Int64]) throws(NumberFault) -> [Quantity] {
    try splitUnits(total.rawValue, by: weights).map { Quantity($0) }
}

private func splitUnits(_ total: Int64, by weights: [Int64]) throws(NumberFault) -> [Int64] {
    var whole: UInt128 = 0
    for weight in weights {
        guard weight >= 0 else { throw NumberFault(.notANumber, "weight \(weight)") }
        whole += UInt128(weight)
    }
    guard total != 0 else { return [Int64](repeating: 0, count: weights.count) }
    guard whole != 0 else { throw NumberFault(.divisionByZero, "\(total) over no weight") }

    var left = total.magnitude
    var parts: [UInt64] = []
    var rests: [UInt128] = []
    parts.reserveCapacity(weights.count)
    rests.reserveCapacity(weights.count)
    for weight in weights {
        // Below 2⁶³ × 2⁶³, and the quotient is at most the total.
        let product = UInt128(total.magnitude) * UInt128(weight)
        let (part, rest) = product.quotientAndRemainder(dividingBy: whole)
        let units = UInt64(truncatingIfNeeded: part)
        parts.append(units)
        rests.append(rest)
        left -= units
    }
    if left > 0 {
        let order = weights.indices.sorted { (first: Int, second: Int) -> Bool in
            rests[first] == rests[second] ? first < second : rests[first] > rests[second]
        }
        for index in order.prefix(Int(left)) { parts[index] += 1 }
    }
    return parts.map { total < 0 ? Int64(truncatingIfNeeded: 0 &- $0) : Int64($0) }
}
