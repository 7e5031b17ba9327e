// Demo, the plan: the branches, their hours, and when customers come.

package import Kernel
package import Module

/// A branch of the plan.
package struct BranchPlan: Sendable {
    /// Where it stands in `ChainPlan.branches`.
    package let index: Int
    /// The code of which receipt labels are made.
    package let code: String
    package let name: String
    package let kind: BranchKind
    /// The codes of its tills; none at a distribution centre.
    package let tills: [String]
    /// Its business day in minutes from midnight; a store that never closes ends where it begins,
    /// a day later.
    package let hours: Range<Int>
    /// What its trade is of an average store's.
    package let volumePercent: Int
    /// What its trade is on Saturday and Sunday.
    package let weekendPercent: Int
    /// How trade is spread over the hours of the clock.
    let curve: [Int]

    /// Whether it never closes, and rolls over instead.
    package var isRoundTheClock: Bool { hours.count == 1_440 }
    /// Whether it sells.
    package var isStore: Bool { kind == .store }

    /// When the second till is open, in minutes from midnight.
    static let secondTill = 660..<1_200

    static let all: [BranchPlan] = [
        store(
            0,
            "S001",
            "城东店",
            480..<1_320,
            volume: 110,
            weekend: 128,
            morning: 7,
            noon: 8,
            evening: 12,
            night: 0
        ),
        store(
            1,
            "S002",
            "城西店",
            480..<1_320,
            volume: 85,
            weekend: 135,
            morning: 9,
            noon: 6,
            evening: 11,
            night: 0
        ),
        store(
            2,
            "S003",
            "大学城店",
            450..<1_350,
            volume: 95,
            weekend: 92,
            morning: 5,
            noon: 12,
            evening: 14,
            night: 9
        ),
        store(
            3,
            "S004",
            "火车站店",
            300..<1_740,
            volume: 115,
            weekend: 122,
            morning: 8,
            noon: 8,
            evening: 10,
            night: 3
        ),
        BranchPlan(
            index: 4,
            code: "D001",
            name: "配送中心",
            kind: .distributionCentre,
            tills: [],
            hours: 480..<1_080,
            volumePercent: 0,
            weekendPercent: 100,
            curve: []
        ),
    ]

    private static func store(
        _ index: Int,
        _ code: String,
        _ name: String,
        _ hours: Range<Int>,
        volume volumePercent: Int,
        weekend weekendPercent: Int,
        morning: Int,
        noon: Int,
        evening: Int,
        night: Int
    ) -> BranchPlan {
        let curve: [Int] = (0..<24).map { hour in
            switch hour {
            case 1...4: night
            case 5, 6: night + 1
            case 7...9: morning
            case 11...13: noon
            case 17...20: evening
            case 21, 22: max(night, evening / 2)
            case 23, 0: night
            default: (morning + noon) / 2 - 1
            }
        }
        return BranchPlan(
            index: index,
            code: code,
            name: name,
            kind: .store,
            tills: ["01", "02"],
            hours: hours,
            volumePercent: volumePercent,
            weekendPercent: weekendPercent,
            curve: curve
        )
    }

    /// The time curve of one business day.
    func timeCurve() -> TimeCurve {
        var weights: [Int] = []
        for quarter in stride(from: hours.lowerBound, to: hours.upperBound, by: 15) {
            weights.append(curve[quarter / 60 % 24])
        }
        return TimeCurve(start: hours.lowerBound * 60, weights: WeightTable(weights))
    }
}

/// Times of a business day by how busy it is, in quarters of an hour.
struct TimeCurve: Sendable {
    /// Seconds from midnight.
    let start: Int
    let weights: WeightTable

    /// The second at which the part `point / 1,024 ÷ count` of the day's customers have come.
    func second(point: Int, of count: Int) -> Int {
        let scaled = weights.total * point
        let target = scaled / (count * 1_024)
        let quarter = weights.index(at: min(target, weights.total - 1))
        let inside = scaled - weights.before(quarter) * count * 1_024
        let width = weights.weight(quarter) * count * 1_024
        return start + quarter * 900 + min(899, 900 * inside / max(width, 1))
    }
}

/// A time without network at a branch.
package struct OutagePlan: Hashable, Sendable {
    /// Where the branch stands in `ChainPlan.branches`.
    package let branch: Int
    package let from: WallTime
    /// When the network came back; nil where it has not.
    package let to: WallTime?

    /// Whether the network is away at an instant.
    package func holds(_ time: WallTime) -> Bool {
        time >= from && (to.map { time < $0 } ?? true)
    }
}
