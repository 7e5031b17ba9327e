// A disk in memory that loses, tears, fails and fills up as its seed says; SQLite uses it by name.
// Must not: look at a clock or at any randomness but its seed.
import CSQLite
import Kernel
import Synchronization

/// A file system in memory, for SQLite (as a VFS) and for plain files.
///
/// What is written is seen by everyone at once, but durable only after a sync. `crash()` settles
/// what was not synced. What a sync failed to write no later sync writes, until it is written
/// anew. All files lie in one folder; a name may contain slashes.
///
/// Shape: SQLite draws the salts of a WAL from a generator of its own, so the bytes of two runs
/// differ there; what is kept, lost and torn does not.
/// Why: `@unchecked Sendable`: every access holds `mutex`.
package final class SimulatedDisk: @unchecked Sendable {
    /// What a disk does, and may fail to do.
    package enum Operation: Int, CaseIterable, Hashable, Sendable {
        case open, read, write, sync, truncate, delete

        /// Whether it changes the disk, and so counts for `cutPower(after:)`.
        package var isChanging: Bool { self != .open && self != .read }
    }

    /// How often each operation was asked for.
    package struct Counts: Hashable, Sendable {
        private var numbers = [Int](repeating: 0, count: Operation.allCases.count)

        /// The number of one operation.
        package fileprivate(set) subscript(operation: Operation) -> Int {
            get { numbers[operation.rawValue] }
            set { numbers[operation.rawValue] = newValue }
        }
        /// All operations that change the disk.
        package var changing: Int {
            Operation.allCases.filter(\.isChanging).reduce(0) { $0 + self[$1] }
        }
    }

    /// Whether an operation happens.
    enum Admission {
        case granted
        case failed
        /// The power goes while it is under way: it may leave traces, and is never answered.
        case interrupted
    }

    private struct Failure {
        var skips: Int
        var times: Int
    }

    /// The name under which SQLite finds the disk: `Database.Options.vfs`.
    package let name: String

    private let mutex = Mutex<Void>(())
    private var registration: DiskRegistration?
    private var failures: [Operation: Failure] = [:]
    private var changesBeforeCut: Int?
    private var countsSoFar = Counts()
    private var capacity: Int?
    private var nextFileNumber = 0
    private var nextOrdinal = 0
    var files: [String: StoredFile] = [:]
    var durableFiles: [String: StoredFile] = [:]
    var life = 0
    var isOff = false
    var random: SeededRandom

    /// Makes an empty disk and registers it with SQLite; the name must be free in this process.
    package init(name: String, seed: UInt64, capacityBytes: Int? = nil) {
        self.name = name
        random = SeededRandom(seed: seed)
        capacity = capacityBytes
        registration = DiskRegistration(name: name, disk: self)
    }

    /// Runs `body` as the only one at the disk.
    func locked<Value: Sendable>(_ body: () -> Value) -> Value {
        mutex.withLock { _ in body() }
    }

    // MARK: What can go wrong

    /// The most that all files together may hold; nil is no limit.
    ///
    /// Unit: bytes. What stands already is never cut.
    package var capacityBytes: Int? {
        get { locked { capacity } }
        set { locked { capacity = newValue } }
    }

    /// The bytes of all files together.
    package var usedBytes: Int { locked { bytesInUse } }

    private var bytesInUse: Int { files.values.reduce(0) { $0 + $1.content.count } }

    /// Lets an operation fail with an I/O error, after it has succeeded `skips` times.
    package func fail(_ operation: Operation, after skips: Int, times: Int = 1) {
        locked { failures[operation] = Failure(skips: skips, times: times) }
    }

    /// Cuts the power after so many more changing operations; then all fail until `crash()`.
    package func cutPower(after changes: Int) {
        locked { changesBeforeCut = changes }
    }

    /// Whether the power has been cut.
    package var isPowerOff: Bool { locked { isOff } }

    /// Forgets all failures that were asked for and have not happened.
    package func heal() {
        locked { forgetFailures() }
    }

    func forgetFailures() {
        failures = [:]
        changesBeforeCut = nil
    }

    /// What has been asked of the disk so far.
    package var counts: Counts { locked { countsSoFar } }

    // MARK: Inside the lock

    /// Counts an operation and says whether it happens.
    func admit(_ operation: Operation) -> Admission {
        if isOff { return .failed }
        countsSoFar[operation] += 1
        if operation.isChanging, let left = changesBeforeCut {
            if left == 0 {
                isOff = true
                return .interrupted
            }
            changesBeforeCut = left - 1
        }
        guard var failure = failures[operation] else { return .granted }
        let fails = failure.skips == 0
        if fails { failure.times -= 1 } else { failure.skips -= 1 }
        failures[operation] = failure.times > 0 ? failure : nil
        return fails ? .failed : .granted
    }

    func drawOrdinal() -> Int {
        nextOrdinal += 1
        return nextOrdinal
    }

    func makeFile(durable: [UInt8] = []) -> StoredFile {
        nextFileNumber += 1
        return StoredFile(number: nextFileNumber, durable: durable)
    }

    /// Writes as much as fits, and answers with SQLite's code.
    func write(_ bytes: [UInt8], to file: StoredFile, at offset: Int) -> Int32 {
        let admission = admit(.write)
        if admission == .failed { return ioError(3) }
        var fitting = bytes
        if let capacity {
            let excess = bytesInUse + file.growth(offset: offset, count: bytes.count) - capacity
            let growth = file.growth(offset: offset, count: bytes.count)
            if growth > 0, excess > 0 { fitting.removeLast(min(excess, growth, bytes.count)) }
        }
        if !fitting.isEmpty { file.write(fitting, at: offset, ordinal: drawOrdinal()) }
        if admission == .interrupted { return ioError(3) }
        return fitting.count == bytes.count ? SQLITE_OK : SQLITE_FULL
    }

    /// Cuts or lengthens a file.
    func resize(_ file: StoredFile, to count: Int) -> Int32 {
        let admission = admit(.truncate)
        if admission == .failed { return ioError(6) }
        file.resize(to: count, ordinal: drawOrdinal())
        return admission == .granted ? SQLITE_OK : ioError(6)
    }

    /// Makes a file durable, its name included; on demand all other names too.
    func sync(_ file: StoredFile, syncsFolder: Bool = false) -> Int32 {
        let admission = admit(.sync)
        if admission == .failed {
            // A generator of its own: whether a sync failed must not move the fate of the rest.
            var fate = random.fork(label: "sync \(countsSoFar[.sync])")
            file.failSync(&fate)
        }
        guard admission == .granted else { return ioError(4) }
        file.sync()
        if syncsFolder { durableFiles = files }
        for (name, named) in files where named === file { durableFiles[name] = file }
        return SQLITE_OK
    }

    /// Takes a name away; durably where the folder is synced along.
    func delete(_ name: String, syncsFolder: Bool) -> Int32 {
        let admission = admit(.delete)
        if admission == .failed { return ioError(10) }
        guard files.removeValue(forKey: name) != nil else { return ioError(23) }
        guard admission == .granted else { return ioError(10) }
        if syncsFolder { durableFiles = files }
        return SQLITE_OK
    }
}
