// Demo, the run: when each branch calls headquarters. Regularly, once more when the network goes
// away, and not while it is away.

import Kernel

/// A branch calls headquarters.
struct DemoCall {
    let branch: Int
    let at: WallTime
}

/// The calls of all branches, in the order of time.
struct DemoCalls {
    private let plan: ChainPlan
    /// The next regular call of each branch.
    private var regular: [WallTime]
    /// The last calls before each outage, in the order of time.
    private var last: [DemoCall]
    var intervalMs: Int64
    /// From then on an outage without an end is over.
    var outagesEnd: WallTime?

    /// Regular calls from `start` on, the branches one after the other.
    init(_ plan: ChainPlan, from start: WallTime, intervalMs: Int64 = 7_200_000) {
        self.plan = plan
        self.intervalMs = intervalMs
        regular = plan.branches.map { start.adding(milliseconds: Int64($0.index) * 61_000) }
        last = plan.outages.map { DemoCall(branch: $0.branch, at: $0.from) }
            .sorted { $0.at < $1.at }
    }

    /// Whether a branch reaches headquarters.
    func isOnline(_ branch: Int, _ time: WallTime) -> Bool {
        let isOver = outagesEnd.map { time >= $0 } ?? false
        return plan.isOnline(branch: branch, at: time) || isOver
    }

    /// The next call up to an instant, nil where there is none.
    mutating func next(upTo end: WallTime) -> DemoCall? {
        while true {
            let first = regular.indices.min { regular[$0] < regular[$1] } ?? 0
            if let call = last.first, call.at <= min(end, regular[first]) {
                last.removeFirst()
                return call
            }
            guard regular[first] <= end else { return nil }
            let call = DemoCall(branch: first, at: regular[first])
            regular[first] = call.at.adding(milliseconds: intervalMs)
            if isOnline(first, call.at) { return call }
        }
    }
}
