// Who may do what, remembered until the tables change or a grant begins or ends.
// Whoever writes a table of People forgets it first: `PeopleView` alone does. A no is not kept.

import Kernel
import Module

/// A right of a person at a branch, on a date: people come and go by whole days.
struct RightAsked: Hashable {
    let person: Int64
    let right: Right
    let branch: Int64
    let date: CivilDate
}

/// What is remembered of the tables of People on one connection.
final class PeopleMemory {
    var allowed = Remembered<RightAsked, HeldAnswer<Void>>()
}
