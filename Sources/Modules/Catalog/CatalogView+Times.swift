// The effective times of dated facts: of two that hold from the same date or moment on the later
// one is in force, and a ruling about a clock may say otherwise afterwards.

package import Kernel
package import Replication
import SQLite

extension CatalogView {
    /// Gives the dated facts in a range their effective time anew.
    package func clockRuled(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {
        world.views.forget(CatalogMemory.self)
        try asProjection {
            try setTimes(
                of: "SELECT DISTINCT id, clock FROM catalog_assignments WHERE id BETWEEN ?1 AND ?2",
                by: "UPDATE catalog_assignments SET time = ?2 WHERE id = ?1",
                range,
                world
            )
            try setTimes(
                of: "SELECT DISTINCT id, clock FROM catalog_taxpayers WHERE id BETWEEN ?1 AND ?2",
                by: "UPDATE catalog_taxpayers SET time = ?2 WHERE id = ?1",
                range,
                world
            )
            try setTimes(
                of: "SELECT DISTINCT id, clock FROM catalog_rates WHERE id BETWEEN ?1 AND ?2",
                by: "UPDATE catalog_rates SET time = ?2 WHERE id = ?1",
                range,
                world
            )
            try setTimes(
                of: "SELECT DISTINCT id, clock FROM catalog_prices WHERE id BETWEEN ?1 AND ?2",
                by: "UPDATE catalog_prices SET time = ?2 WHERE id = ?1",
                range,
                world
            )
        }
    }

    private func setTimes(
        of reading: StaticString,
        by writing: StaticString,
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws {
        let select = try world.views.statement(reading)
        select.bind(1, range.lowerBound.rawValue)
        select.bind(2, range.upperBound.rawValue)
        var found: [(id: ChangeID, clock: ClockStamp)] = []
        try select.forEach { found.append((ChangeID($0.integer(0)), ClockStamp($0.integer(1)))) }
        let update = try world.views.statement(writing)
        for (id, clock) in found {
            update.bind(1, id.rawValue)
            update.bind(2, world.effectiveTime(of: id, clock: clock).rawValue)
            try update.run()
        }
    }
}
