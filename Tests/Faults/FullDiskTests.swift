// The real engine on a disk that fills up: the last sale, the roll-over and the seal finish in the
// space set aside; a sale on a full disk is refused before payment; with space it goes on.

import Catalog
import Foundation
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Simulation
import Support
import Testing

/// A small file system in memory that any user may mount in a namespace of its own.
///
/// Why: SQLite follows no path into a namespace, so the test is started once more inside it.
private enum SmallFileSystem {
    static let folder = "/mnt"
    private static let mark = "TRIBUTARY_SMALL_DISK"

    /// True in the process that was started in the namespace.
    static var isHere: Bool { ProcessInfo.processInfo.environment[mark] != nil }

    /// Runs a script as root of a namespace where a file system of 140 MB lies at `/mnt`.
    static func run(_ script: String, _ arguments: [String] = []) -> Int32? {
        let process = Process()
        let mount =
            "mount -t tmpfs -o size=140m none \(folder) && mkdir \(folder)/data || exit 99\n"
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["-Urm", "sh", "-c", mount + script, "sh"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging([mark: "1"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Fills the file system up to the last page.
    static func fill() {
        let file = open(folder + "/filling", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(file, block, block.count) > 0 {}
        close(file)
    }

    static let isPossible = run("exit 0") == 0
}

/// A shop in one directory, which sells by itself.
struct FullShop {
    let engine: NodeEngine
    let till: Int64
    let product: Int64
    let cash: Int64

    init(_ storage: any NodeStorage, clock: any Clock) throws {
        engine = try NodeEngine.found(
            FoundingWish(
                company: "百川",
                standard: 1,
                taxpayer: .general,
                from: CivilDate(parsing: "2026-11-01")
            ),
            storage: storage,
            modules: .standard,
            clock: clock,
            random: SeededSource(seed: 1)
        )
        let catalog = engine.modules.questions.catalog
        let entity = try #require(try catalog.entities(engine.views).first).id
        let category = try engine.perform(AddCategory(code: "10", name: "饮料"))
        product = try engine.perform(
            AddProducts([NewProduct(code: "P1", name: "水", unit: "瓶", category: category)])
        )[0]
        let price = PriceLine(product: product, price: try UnitPrice(yuan: "3.5"))
        _ = try engine.perform(SetPrices(from: clock.now(), prices: [price]))
        let branch = try engine.perform(
            AddBranch(
                code: "S001",
                name: "东店",
                entity: entity,
                from: CivilDate(parsing: "2026-11-01"),
                tillCodes: ["01"]
            )
        )
        till = branch.tills[0]
        cash = try #require(try catalog.tender(code: "cash", engine.views)).id
        _ = try engine.perform(OpenDay(till: till))
        engine.lookAtSpace()
    }

    /// The same shop, opened again by another process.
    init(again storage: any NodeStorage, as shop: FullShop) throws {
        engine = try NodeEngine(
            storage: storage,
            log: NodeEngine.openLog(storage, random: SeededSource(seed: 5)),
            modules: .standard,
            clock: shop.engine.clock,
            random: SeededSource(seed: 6)
        )
        till = shop.till
        product = shop.product
        cash = shop.cash
    }

    private var sale: CloseSale {
        CloseSale(
            till: till,
            items: [SaleItem(.id(product), quantity: .one)],
            payments: [PaymentWish(.id(cash), amount: Fen(350))]
        )
    }

    func sell() throws {
        _ = try engine.perform(sale)
    }

    /// Sells under a request key; true where it was known.
    func sell(key: String) throws -> Bool {
        do {
            _ = try engine.perform(sale, request: key) { _ in [0x01] }
            return false
        } catch is RequestKnown {
            return true
        }
    }

    var tickets: Int64 {
        get throws { try engine.views.integer("SELECT count(*) FROM sales_ticket") ?? 0 }
    }

    /// Sells until the disk says no; answers how many sales were accepted.
    func sellUntilRefused(atMost limit: Int) throws -> Int64 {
        for count in 0..<limit {
            do {
                try sell()
            } catch NodeRefusal.diskFull {
                return Int64(count)
            }
        }
        return Int64(limit)
    }

    /// What must hold once the first sale was refused.
    func endTheDay(after accepted: Int64) throws {
        #expect(accepted > 0)
        #expect(engine.isShort)
        #expect(try tickets == accepted, "every accepted sale is there, and no other")
        #expect(throws: NodeRefusal.diskFull) { try sell() }
        #expect(throws: NodeRefusal.diskFull) { try engine.batch { try sell() } }
        _ = try engine.perform(RollOver(till: till, date: CivilDate(parsing: "2026-11-21")))
        let day = try engine.perform(CloseDay(till: till, counted: nil))
        #expect(day.seal != nil, "the day is closed and sealed on the full disk")
        #expect(engine.isShort)
        #expect(throws: NodeRefusal.diskFull) { _ = try engine.perform(OpenDay(till: till)) }
    }

    func goOn() throws {
        let before = try tickets
        _ = try engine.perform(OpenDay(till: till))
        #expect(!engine.isShort, "it goes on by itself")
        try sell()
        #expect(try tickets == before + 1)
        #expect(try engine.verify().problems == [])
    }
}

/// A clock that moves by a millisecond at each look.
final class TickingClock: Clock, @unchecked Sendable {
    // Why: a test uses it on one thread.
    private var time: WallTime

    init() throws { time = try WallTime(parsing: "2026-11-20T09:00:00+08:00") }

    func now() -> WallTime {
        time = time.adding(milliseconds: 1)
        return time
    }

    func monotonicMs() -> Int64 { time.milliseconds }
}

@Suite("A full disk under the real engine")
struct FullDiskTests {
    @Test("the last sale and the end of the day finish; then nothing is sold before there is space")
    func simulated() throws {
        let disk = DiskWorkload.disk(seed: 3)
        let shop = try FullShop(
            SimulatedStorage(disk: disk, reserveBytes: 400_000),
            clock: TickingClock()
        )
        disk.capacityBytes = disk.usedBytes + 300_000
        let accepted = try shop.sellUntilRefused(atMost: 10_000)
        #expect(accepted < 10_000)
        try shop.endTheDay(after: accepted)
        let capacity = try #require(disk.capacityBytes)
        #expect(disk.usedBytes <= capacity)
        disk.capacityBytes = capacity + 4_000_000
        try shop.goOn()
    }

    @Test(
        "a disk of any size loses no sale that was accepted, and ends every day",
        arguments: [1, 8]
    )
    func everySize(_ deferred: Int) throws {
        for room in stride(from: 20_000, through: 200_000, by: 11_000) {
            let disk = DiskWorkload.disk(seed: UInt64(room))
            let shop = try FullShop(
                SimulatedStorage(disk: disk, reserveBytes: 400_000),
                clock: TickingClock()
            )
            shop.engine.viewsDeferredMax = deferred
            disk.capacityBytes = disk.usedBytes + room
            let accepted = try shop.sellUntilRefused(atMost: 10_000)
            try shop.endTheDay(after: accepted)
            disk.capacityBytes = nil
            try shop.goOn()
        }
    }

    @Test(
        "the same on a real file system of 140 MB, with the reserve of 64 MB",
        .enabled(
            if: SmallFileSystem.isHere || SmallFileSystem.isPossible,
            "needs unshare(1) and user namespaces"
        )
    )
    func real() throws {
        if !SmallFileSystem.isHere {
            let program = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe"
            )
            let script = "\"$1\" --filter FullDiskTests/real --testing-library swift-testing"
            let code = SmallFileSystem.run(script + " && test -f /mnt/passed", [program])
            #expect(code == 0, "run it by hand: unshare -Urm, mount a tmpfs of 140 MB on /mnt")
            return
        }
        let storage = FolderStorage(folder: SmallFileSystem.folder + "/data")
        let shop = try FullShop(storage, clock: TickingClock())
        let reserve = SmallFileSystem.folder + "/data/reserve"
        #expect(Files.sizeBytes(reserve) == 64 << 20)
        SmallFileSystem.fill()
        let accepted = try shop.sellUntilRefused(atMost: 10_000)
        #expect(Files.sizeBytes(reserve) == 0)
        try shop.endTheDay(after: accepted)
        try Files.remove(SmallFileSystem.folder + "/filling")
        try shop.goOn()
        #expect(Files.sizeBytes(reserve) == 64 << 20)
        try shop.engine.close()
        try restart()
        try Files.write([1], to: SmallFileSystem.folder + "/passed")
    }

    /// The power was off while the disk was full: the node starts in the reserve.
    private func restart() throws {
        let folder = SmallFileSystem.folder + "/data"
        func start() throws -> NodeDirectory {
            let opened = try NodeDirectory.open(
                folder,
                modules: .standard,
                clock: TickingClock(),
                random: SeededSource(seed: 2)
            )
            guard case .here(let directory) = opened else {
                throw NodeFault(.busy, "taken", nextStep: "")
            }
            return directory
        }
        try start().close()
        SmallFileSystem.fill()
        do {
            let directory = try start()
            #expect(directory.engine.isShort)
            #expect(throws: NodeRefusal.diskFull) { try directory.engine.requireSpace() }
            try directory.close()
        }
        try Files.remove(SmallFileSystem.folder + "/filling")
        let directory = try start()
        #expect(!directory.engine.isShort)
        #expect(directory.proof == .proven)
        #expect(try directory.engine.verify().problems == [])
        try directory.close()
    }
}
