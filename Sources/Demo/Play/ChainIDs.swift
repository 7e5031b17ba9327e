// Demo, playing: which record stands for which part of the plan.

import Kernel

/// The ids that headquarters gave to what the plan names by its place in a list.
package struct ChainIDs: Sendable {
    /// The books.
    package let entity: Int64
    /// By place in `ChainPlan.branches`.
    package let branches: [Int64]
    /// The tills of each branch.
    package let tills: [[Int64]]
    /// By place in `ChainPlan.categories`.
    package let categories: [Int64]
    /// By place in `ChainPlan.products`.
    package let products: [Int64]
    /// By place in `ChainPlan.roles`.
    package let roles: [Int64]
    /// By place in `ChainPlan.staff`.
    package let staff: [Int64]
}

/// What headquarters and the plan should both have come to, and did not.
package struct DemoFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
