// What is measured: a figure with its must and its aim, medians, and how both are written down.
// Must not measure anything, or know what a figure is about.

/// One measured figure, or the reason why there is none.
package struct Figure: Sendable {
    /// Which way is better.
    package enum Direction: Sendable {
        case moreIsBetter
        case lessIsBetter
    }

    /// What became of a figure.
    package enum Verdict: String, Sendable {
        case aimMet = "aim met"
        case mustMet = "must met"
        case missed = "MUST MISSED"
        case notMeasured = "not measured"
    }

    /// The short name that `--only` takes.
    package let name: String
    package let title: String
    package let unit: String
    package let must: Double
    package let aim: Double
    package let direction: Direction
    /// Nil where it was not measured.
    package var value: Double?
    /// What lies behind the value, or why there is none.
    package var note: String

    package init(
        _ name: String,
        _ title: String,
        unit: String,
        must: Double,
        aim: Double,
        _ direction: Direction,
        value: Double? = nil,
        note: String = ""
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.must = must
        self.aim = aim
        self.direction = direction
        self.value = value
        self.note = note
    }

    /// Whether the must and the aim are met.
    package var verdict: Verdict {
        guard let value else { return .notMeasured }
        switch direction {
        case .moreIsBetter: return value >= aim ? .aimMet : value >= must ? .mustMet : .missed
        case .lessIsBetter: return value <= aim ? .aimMet : value <= must ? .mustMet : .missed
        }
    }
}

/// Medians and ratios of samples.
package enum Samples {
    /// The middle one; of an even number the mean of the two in the middle; nil of none.
    package static func median(_ samples: [Double]) -> Double? {
        if samples.isEmpty { return nil }
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The median of `base[i] ÷ own[i]`: how many times faster than the base, round by round.
    package static func speedRatio(base: [Double], own: [Double]) -> Double? {
        median(zip(base, own).filter { $1 > 0 }.map { $0 / $1 })
    }
}

/// Numbers as text, without a locale.
enum NumberText {
    /// With `places` digits behind the point.
    static func of(_ value: Double, places: Int = 2) -> String {
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = (value * Double(scale)).rounded()
        guard scaled.magnitude < 9e18 else { return "\(value)" }
        let whole = Int64(scaled)
        let digits = String((whole % scale).magnitude)
        let sign = whole < 0 ? "-" : ""
        let head = sign + String((whole / scale).magnitude)
        if places == 0 { return head }
        return head + "." + String(repeating: "0", count: places - digits.count) + digits
    }
}

/// A string as JSON.
func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        default:
            let isControl = scalar.value < 0x20
            result.unicodeScalars.append(isControl ? " " : scalar)
        }
    }
    return result + "\""
}
