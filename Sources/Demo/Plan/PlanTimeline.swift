// Demo, the plan: all branches together in the order of time, without end: after the last planned
// day the same chain trades on.

import Kernel

extension ChainPlan {
    /// What happens anywhere in the chain from the first business day on, in the order of time; it
    /// does not end.
    package func timeline() -> PlanTimeline { PlanTimeline(self) }
}

/// The events of all branches, in the order of time; of two at one instant the lower branch first.
package struct PlanTimeline: Sequence, IteratorProtocol {
    private struct Branch {
        let index: Int
        var day = 0
        var events: PlanDay
        var next: PlannedEvent?
    }

    private let plan: ChainPlan
    private var branches: [Branch]

    init(_ plan: ChainPlan) {
        self.plan = plan
        branches = plan.branches.map { branch in
            Branch(index: branch.index, events: plan.events(branch: branch.index, day: 0))
        }
        for index in branches.indices { advance(index) }
    }

    /// The next thing that happens.
    package mutating func next() -> PlannedEvent? {
        var first = 0
        for index in branches.indices.dropFirst() {
            guard let time = branches[index].next?.at else { continue }
            if let best = branches[first].next?.at, best <= time { continue }
            first = index
        }
        let event = branches[first].next
        advance(first)
        return event
    }

    private mutating func advance(_ index: Int) {
        repeat {
            branches[index].next = branches[index].events.next()
            if branches[index].next != nil { return }
            branches[index].day += 1
            branches[index].events = plan.events(
                branch: branches[index].index,
                day: branches[index].day
            )
        } while true
    }
}
