// A file as one connection has it open: its locks and its share of the WAL index.
// Must not: outlive a crash as anything but a handle that answers with errors.
import CSQLite
import Glibc

/// One opening of a file.
final class OpenFile {
    let disk: SimulatedDisk
    let file: StoredFile
    /// The machine's life in which the file was opened; after a crash the handle is dead.
    let life: Int
    /// The name that goes when the handle is closed.
    let nameToDelete: String?
    /// Whether the next sync makes the names of the folder durable too.
    ///
    /// Why: SQLite's own file system does so at the first sync of a journal or a WAL.
    var syncsFolder: Bool
    private(set) var lockLevel: Int32 = SQLITE_LOCK_NONE
    private var memory: SharedMemory?
    private var sharedSlots: UInt32 = 0
    private var exclusiveSlots: UInt32 = 0

    init(disk: SimulatedDisk, file: StoredFile, life: Int, nameToDelete: String?, syncsFolder: Bool)
    {
        self.disk = disk
        self.file = file
        self.life = life
        self.nameToDelete = nameToDelete
        self.syncsFolder = syncsFolder
    }

    // MARK: The lock of the file

    private func isHeldByOthers(atLeast level: Int32) -> Bool {
        file.holders.contains { $0 !== self && $0.lockLevel >= level }
    }

    /// Raises the lock as SQLite's locking protocol demands.
    func lock(_ level: Int32) -> Int32 {
        if lockLevel >= level { return SQLITE_OK }
        switch level {
        case SQLITE_LOCK_SHARED:
            if isHeldByOthers(atLeast: SQLITE_LOCK_PENDING) { return SQLITE_BUSY }
        case SQLITE_LOCK_RESERVED:
            if isHeldByOthers(atLeast: SQLITE_LOCK_RESERVED) { return SQLITE_BUSY }
        default:
            if isHeldByOthers(atLeast: SQLITE_LOCK_RESERVED) { return SQLITE_BUSY }
            if isHeldByOthers(atLeast: SQLITE_LOCK_SHARED) {
                lockLevel = SQLITE_LOCK_PENDING
                return SQLITE_BUSY
            }
        }
        lockLevel = level
        return SQLITE_OK
    }

    func unlock(_ level: Int32) {
        if lockLevel > level { lockLevel = level }
    }

    var isReserved: Bool {
        file.holders.contains { $0.lockLevel >= SQLITE_LOCK_RESERVED }
    }

    // MARK: The index of the WAL

    /// The address of a region of the index, or nil where it does not exist yet.
    func region(_ index: Int, bytes: Int, mayExtend: Bool) -> UnsafeMutableRawPointer? {
        let memory = attach()
        while memory.regions.count <= index {
            guard mayExtend else { return nil }
            memory.extend(bytes: bytes)
        }
        return memory.regions[index]
    }

    private func attach() -> SharedMemory {
        if let memory { return memory }
        let memory = file.sharedMemory ?? SharedMemory()
        file.sharedMemory = memory
        memory.holders.append(self)
        self.memory = memory
        return memory
    }

    /// Takes or gives back the locks of some slots, all or none.
    func lockSlots(_ first: Int32, _ count: Int32, flags: Int32) -> Int32 {
        guard let memory else { return ioError(20) }
        let slots: UInt32 = ((1 << UInt32(count)) - 1) << UInt32(first)
        let others = memory.holders.filter { $0 !== self }
        if flags & SQLITE_SHM_UNLOCK != 0 {
            sharedSlots &= ~slots
            exclusiveSlots &= ~slots
        } else if flags & SQLITE_SHM_SHARED != 0 {
            if others.contains(where: { $0.exclusiveSlots & slots != 0 }) { return SQLITE_BUSY }
            sharedSlots |= slots
        } else {
            if others.contains(where: { ($0.exclusiveSlots | $0.sharedSlots) & slots != 0 }) {
                return SQLITE_BUSY
            }
            exclusiveSlots |= slots
        }
        return SQLITE_OK
    }

    /// Lets go of the index; the last one to do so ends it.
    func detach() {
        guard let memory else { return }
        memory.holders.removeAll { $0 === self }
        if memory.holders.isEmpty, file.sharedMemory === memory { file.sharedMemory = nil }
        self.memory = nil
        sharedSlots = 0
        exclusiveSlots = 0
    }
}

/// The index of a WAL, shared by the connections of this process.
final class SharedMemory {
    private(set) var regions: [UnsafeMutableRawPointer] = []
    var holders: [OpenFile] = []

    func extend(bytes: Int) {
        let region = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        memset(region, 0, bytes)
        regions.append(region)
    }

    deinit {
        for region in regions { region.deallocate() }
    }
}

/// An extended I/O error of SQLite, by its number: the header's macros are out of reach.
func ioError(_ number: Int32) -> Int32 { SQLITE_IOERR | (number << 8) }
