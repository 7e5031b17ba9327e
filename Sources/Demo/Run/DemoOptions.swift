// Demo, the run: what a demonstration is asked for.

package import Kernel

/// What a demonstration is asked for.
package struct DemoOptions: Sendable {
    /// Where the nodes' folders go.
    package var folder: String
    package var seed: UInt64
    package var days: Int
    /// The first business day.
    package var start: CivilDate
    /// Whether to end after the reports.
    package var isOnce: Bool
    /// Where headquarters listens.
    package var listen: String
    package var products: Int
    package var ticketsPerDay: Int

    package init(
        folder: String = "demo-data",
        seed: UInt64 = 1,
        days: Int = ChainPlan.defaultDays,
        start: CivilDate = ChainPlan.defaultStart,
        isOnce: Bool = true,
        listen: String = "127.0.0.1:0",
        products: Int = ChainPlan.defaultProducts,
        ticketsPerDay: Int = ChainPlan.defaultTicketsPerDay
    ) {
        self.folder = folder
        self.seed = seed
        self.days = days
        self.start = start
        self.isOnce = isOnce
        self.listen = listen
        self.products = products
        self.ticketsPerDay = ticketsPerDay
    }
}
