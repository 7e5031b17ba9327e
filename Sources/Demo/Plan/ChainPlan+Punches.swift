// Demo, the plan: the time clock. People come early or late, take a break, and forget to punch.

import Kernel
import People

extension ChainPlan {
    /// The punches of the shifts that begin at a branch on a day; a night shift ends on the next.
    func punches(branch: Int, day: Int) -> [PlannedEvent] {
        guard day >= 0 else { return [] }
        var events: [PlannedEvent] = []
        for shift in roster.shifts(branches[branch], day: day) {
            var random = PlanDraw.generator(seed, .shift, branch, day, shift.person)
            let start = shift.minutes.lowerBound * 60
            let end = shift.minutes.upperBound * 60
            // One in fourteen comes late, the others a little early.
            let isLate = random.bool(chance: 70)
            let came = isLate ? random.int(in: 120..<2_100) : -random.int(in: 30..<780)
            let middle = (start + end) / 2 + random.int(in: -1_500..<1_500)
            let pause = random.int(in: 1_560..<2_640)
            let left = random.int(in: 20..<1_140)
            let forgetsOut = random.bool(chance: 20)
            let forgetsBreakEnd = random.bool(chance: 10)
            func add(_ second: Int, _ kind: PunchKind) {
                events.append(
                    PlannedEvent(
                        at: date(day).instant(second: second),
                        branch: branch,
                        date: date(day),
                        actor: shift.person,
                        act: .punch(kind)
                    )
                )
            }
            add(start + came, .in)
            add(middle, .breakStart)
            if !forgetsBreakEnd { add(middle + pause, .breakEnd) }
            if !forgetsOut { add(end + left, .out) }
        }
        return events
    }
}
