// Finding the last commit that two histories share, by asking after points in between.

import Kernel
import Replication

/// A search over the ends of one chain's commits, ascending.
///
/// Whoever holds a point holds all before it, for each hash covers them.
struct Bisection {
    let replica: ReplicaNumber
    let points: [ChainPoint]
    /// The index of the last point known to be held; −1 for none.
    private(set) var low = -1
    /// The index of the first point known not to be held.
    private(set) var high: Int

    init(replica: ReplicaNumber, points: [ChainPoint]) {
        self.replica = replica
        self.points = points
        high = points.count
    }

    var isDone: Bool { high - low <= 1 }

    /// The last point both share; nil where there is none.
    var common: ChainPoint? { low >= 0 ? points[low] : nil }

    /// Up to `limit` points to ask after, evenly spaced; the last one is always among them.
    func probe(limit: Int = Probe.pointsMax) -> Probe {
        let count = high - low - 1
        var asked: [ChainPoint] = []
        let steps = min(limit, count)
        for step in 0..<max(steps, 0) {
            asked.append(points[low + (step + 1) * count / steps])
        }
        return Probe(replica: replica, points: asked)
    }

    /// Takes the answer to `probe`: the sequence of the last point that is held.
    mutating func learn(_ probe: Probe, held: UInt32?) {
        let asked = probe.points.compactMap { point in index(of: point.sequence) }
        for index in asked {
            if let held, points[index].sequence <= held {
                low = max(low, index)
            } else {
                high = min(high, index)
            }
        }
    }

    private func index(of sequence: UInt32) -> Int? {
        var from = 0
        var to = points.count
        while from < to {
            let middle = (from + to) / 2
            if points[middle].sequence < sequence { from = middle + 1 } else { to = middle }
        }
        return from < points.count && points[from].sequence == sequence ? from : nil
    }
}
