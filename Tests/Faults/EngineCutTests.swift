// The real engine, cut off before every change of its disk: while it sells, derives its views anew,
// writes its WALs back and closes. To repeat a failure: the number of the change is in the message.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Simulation
import Support
import Testing

@Suite("The real engine, cut off")
struct EngineCutTests {
    /// Sells three times under keys, with what a serving node does in between.
    private static func work(_ shop: FullShop, _ answered: inout Set<String>) throws {
        for key in ["a", "b"] {
            _ = try shop.sell(key: key)
            answered.insert(key)
        }
        try shop.engine.rebuild()
        try shop.engine.keepWalShort(bytesMax: 0)
        _ = try shop.sell(key: "c")
        answered.insert("c")
        try shop.engine.close()
    }

    /// Cuts the work off before the change of a number; false where it ended before.
    private static func cut(
        _ files: SimulatedDisk.Snapshot,
        of shop: FullShop,
        before change: Int,
        _ loss: SimulatedDisk.Loss
    ) throws -> Bool {
        let note: Comment = "change \(change), loss \(loss)"
        let disk = DiskWorkload.disk(seed: UInt64(change))
        disk.restore(files)
        let storage = SimulatedStorage(disk: disk, reserveBytes: 400_000)
        var answered: Set<String> = []
        disk.cutPower(after: change)
        do {
            try work(FullShop(again: storage, as: shop), &answered)
        } catch {
            #expect(disk.isPowerOff, "\(change): \(error)")
        }
        let isOver = !disk.isPowerOff
        disk.crash(loss)
        let again = try FullShop(again: storage, as: shop)
        for key in ["a", "b", "c"] {
            let isKnown = try again.sell(key: key)
            #expect(isKnown || !answered.contains(key), note)
        }
        #expect(try again.tickets == 3, note)
        #expect(try again.engine.verify().problems == [], note)
        return !isOver
    }

    private static func founded() throws -> (FullShop, SimulatedDisk.Snapshot) {
        let disk = DiskWorkload.disk(seed: 1)
        let storage = SimulatedStorage(disk: disk, reserveBytes: 400_000)
        let shop = try FullShop(storage, clock: TickingClock())
        try shop.engine.close()
        return (shop, disk.snapshot())
    }

    @Test(
        "a kill or a cut of the power costs nothing that was answered, and doubles nothing",
        arguments: [(SimulatedDisk.Loss.none, 3), (.drawn, 2), (.all, 5)]
    )
    func everywhere(loss: SimulatedDisk.Loss, step: Int) throws {
        let (shop, files) = try Self.founded()
        var change = 0
        while try Self.cut(files, of: shop, before: change, loss) { change += step }
        #expect(change > 60, "the cut met many moments")
    }
}
