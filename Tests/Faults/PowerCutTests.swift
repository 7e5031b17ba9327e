// The power goes at every possible moment: what was acknowledged must be there.
// To repeat a failure: the seed and the number of the change are in the message.
import SQLite
import Simulation
import Testing

@Suite("When the power goes")
struct PowerCutTests {
    struct Outcome: Hashable {
        var cut = 0
        var acknowledged = 0
        var found = DiskWorkload.Finding()
    }

    /// Cuts the power before each change of the disk in turn, until the work ends before the cut.
    func outcomes(
        seed: UInt64,
        synchronous: Database.Synchronous,
        loss: SimulatedDisk.Loss = .drawn,
        everyNth: Int = 1
    ) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        var cut = 0
        while true {
            let disk = DiskWorkload.disk(seed: seed &* 10_000 &+ UInt64(cut))
            var workload = DiskWorkload(disk: disk)
            workload.synchronous = synchronous
            disk.cutPower(after: cut)
            do { try workload.run() } catch { #expect(disk.isPowerOff, "seed \(seed): \(error)") }
            let isOver = !disk.isPowerOff
            disk.crash(loss)
            let found = try workload.inspect()
            outcomes.append(
                Outcome(cut: cut, acknowledged: workload.acknowledged, found: found)
            )
            if isOver { return outcomes }
            cut += everyNth
        }
    }

    @Test(
        "With synchronous FULL every acknowledged act is there and the file is whole",
        arguments: [1, 2, 3] as [UInt64]
    )
    func full(seed: UInt64) throws {
        let all = try outcomes(seed: seed, synchronous: .full)
        #expect(all.count > 100, "the cut met many moments")
        for outcome in all {
            let note: Comment = "seed \(seed), cut before change \(outcome.cut)"
            #expect(outcome.found.complaints == [], note)
            #expect(outcome.found.wholeActs >= outcome.acknowledged, note)
            #expect(outcome.found.wholeActs <= outcome.acknowledged + 1, note)
        }
        // The very moment of undecided commits: not acknowledged, and yet there.
        #expect(all.contains { $0.found.wholeActs == $0.acknowledged + 1 })
        #expect(all.contains { $0.found.wholeActs == $0.acknowledged && $0.acknowledged > 0 })
    }

    @Test("With synchronous NORMAL the file stays whole, and only the last acts are lost")
    func normal() throws {
        let all = try outcomes(seed: 4, synchronous: .normal)
        for outcome in all {
            let note: Comment = "cut before change \(outcome.cut)"
            #expect(outcome.found.complaints == [], note)
            #expect(outcome.found.wholeActs <= outcome.acknowledged + 1, note)
        }
        #expect(all.contains { $0.found.wholeActs < $0.acknowledged }, "so the checks can fail")
    }

    @Test("With synchronous OFF acts are lost and files damaged, so the checks can fail")
    func off() throws {
        var all: [Outcome] = []
        for seed in 5...7 as ClosedRange<UInt64> {
            all += try outcomes(seed: seed, synchronous: .off, loss: .scattered, everyNth: 3)
        }
        let whole = all.filter { $0.found.complaints.isEmpty }
        #expect(whole.contains { $0.found.wholeActs < $0.acknowledged })
        #expect(whole.count < all.count)
    }

    @Test("A killed process loses nothing that it had written, even with synchronous OFF")
    func killed() throws {
        for outcome in try outcomes(seed: 8, synchronous: .off, loss: .none, everyNth: 5) {
            #expect(outcome.found.complaints == [], "cut before change \(outcome.cut)")
            #expect(outcome.found.wholeActs >= outcome.acknowledged)
        }
    }

    @Test("The same seed gives the same losses, another seed others")
    func deterministic() throws {
        let first = try outcomes(seed: 9, synchronous: .normal, everyNth: 3)
        #expect(try outcomes(seed: 9, synchronous: .normal, everyNth: 3) == first)
        #expect(try outcomes(seed: 10, synchronous: .normal, everyNth: 3) != first)
    }

    @Test("Power that goes again and again, during recovery too, costs nothing")
    func again() throws {
        let disk = DiskWorkload.disk(seed: 11)
        var workload = DiskWorkload(disk: disk)
        workload.acts = 60
        var cuts = 0
        while cuts < 2000 {
            disk.cutPower(after: 3 + cuts % 23)
            do {
                try workload.run()
                break
            } catch { #expect(disk.isPowerOff, "\(error)") }
            disk.crash()
            cuts += 1
            let found = try workload.inspect()
            #expect(found.complaints == [], "cut \(cuts)")
            #expect(found.wholeActs >= workload.acknowledged, "cut \(cuts)")
        }
        #expect(cuts > 20 && cuts < 2000)
        #expect(try workload.inspect().wholeActs == 60)
    }
}
