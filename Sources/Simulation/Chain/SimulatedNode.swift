// One node of a simulated chain: the real engine on a disk, a clock and randomness that are not.
// Must not: know why a fault happens; it only suffers it.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sync
import Synchronization

/// One node of the chain, up or down.
final class SimulatedNode {
    /// What a node stands for in the chain.
    struct Place {
        let name: String
        /// The place in the list of branches; nil at headquarters.
        let branch: Int?
        let till: Int64
    }

    let place: Place
    private(set) var disk: SimulatedDisk
    let clock: SimulatedClock
    let random: SimulatedSource
    private let box = LogBox()
    private let canary: SimulationCanary?

    private(set) var engine: NodeEngine?
    private(set) var headquarters: Headquarters?
    private(set) var sync: NodeSync?
    /// True between the first request of a round and its end.
    var isRoundOpen = false
    /// True while the line to headquarters is cut.
    var isCut = false
    /// True where the node keeps an anchor beside its directory.
    var keepsAnchor = false
    /// How far the node had got, kept apart from its disk.
    private var anchor: Head?
    /// True where its number was ended: nothing is handed out to it any more.
    var isRetired = false

    private static let diskNumber = Atomic<Int>(0)

    /// A disk under a name that is free in this process.
    static func newDisk(_ seed: UInt64) -> SimulatedDisk {
        let number = diskNumber.add(1, ordering: .relaxed).newValue
        return SimulatedDisk(name: "chain-\(number)", seed: seed)
    }

    init(
        _ place: Place,
        disk: SimulatedDisk,
        world: WorldTime,
        random: SeededRandom,
        canary: SimulationCanary?
    ) {
        self.place = place
        self.disk = disk
        self.canary = canary
        clock = SimulatedClock(world)
        self.random = SimulatedSource(random)
    }

    var name: String { place.name }
    var isUp: Bool { engine != nil }
    var isHeadquarters: Bool { place.branch == nil }

    var storage: SimulatedStorage {
        SimulatedStorage(disk: disk, isCareless: canary == .ackBeforeFsync)
    }

    var modules: ModuleList {
        canary == .lastWriteByWallClock ? .wallClock(box) : .standard
    }

    /// Puts a made engine to work.
    func start(_ engine: NodeEngine) throws {
        self.engine = engine
        box.reader = engine.log.reader
        anchor = engine.log.own
        engine.afterWrite = { [weak self] head in self?.anchor = head }
        if isHeadquarters {
            headquarters = try Headquarters(engine: engine)
        } else {
            sync = try NodeSync(engine: engine)
        }
        isRoundOpen = false
    }

    /// Opens the files, as the program does when it starts.
    func open() throws {
        if isUp { return }
        let log = try NodeEngine.openLog(storage, random: random)
        box.reader = log.reader
        if keepsAnchor, let anchor, let own = log.own,
            anchor.replica != own.replica || anchor.last > own.last
        {
            // The directory is older than its anchor: what follows goes under another number.
            try log.write { _ = try log.takeSpare() }
        }
        let engine = try NodeEngine(
            storage: storage,
            log: log,
            modules: modules,
            clock: clock,
            random: random
        )
        try start(engine)
    }

    /// Ends the process; the disk settles what was not synced as `loss` says.
    func stop(_ loss: SimulatedDisk.Loss) {
        disk.crash(loss)
        box.reader = nil
        sync = nil
        headquarters = nil
        engine = nil
        isRoundOpen = false
    }

    /// The process ends and another disk takes the place of this one.
    func replaceDisk(_ other: SimulatedDisk) {
        stop(.none)
        disk = other
    }
}
