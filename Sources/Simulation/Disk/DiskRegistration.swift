// The simulated disk as SQLite sees it: the two tables of functions that SQLite calls.
// Must not: decide anything; each function finds its disk or handle and asks it.
import CSQLite
import Glibc
import Kernel

/// The entry of a disk in SQLite's list of file systems.
final class DiskRegistration {
    private let vfs: UnsafeMutablePointer<sqlite3_vfs>
    private let name: UnsafeMutablePointer<CChar>?

    init(name: String, disk: SimulatedDisk) {
        sqlite3_initialize()
        precondition(sqlite3_vfs_find(name) == nil, "a disk of this name exists: \(name)")
        vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        self.name = strdup(name)
        var table = sqlite3_vfs()
        table.iVersion = 2
        table.szOsFile = Int32(handleOffset + MemoryLayout<UnsafeMutableRawPointer?>.size)
        table.mxPathname = 512
        table.zName = UnsafePointer(self.name)
        table.pAppData = Unmanaged.passUnretained(disk).toOpaque()
        table.xOpen = diskOpen
        table.xDelete = diskDelete
        table.xAccess = diskAccess
        table.xFullPathname = diskFullPathname
        table.xRandomness = diskRandomness
        // A lock that another thread holds is waited for; with one thread nobody ever waits.
        table.xSleep = { _, microseconds in
            usleep(UInt32(min(max(microseconds, 0), 1_000)))
            return microseconds
        }
        table.xCurrentTimeInt64 = { _, milliseconds in
            milliseconds?.pointee = fixedJulianMs
            return SQLITE_OK
        }
        table.xGetLastError = { _, _, _ in 0 }
        vfs.initialize(to: table)
        let code = sqlite3_vfs_register(vfs, 0)
        precondition(code == SQLITE_OK, "SQLite registers a file system whenever it is asked")
    }

    deinit {
        // The last handle is gone, for a handle keeps its disk: nobody calls these any more.
        sqlite3_vfs_unregister(vfs)
        vfs.deallocate()
        free(name)
    }
}

/// Noon of 2026-01-01, in ms since SQLite's day zero: time stands still here.
private let fixedJulianMs: sqlite3_int64 = 2_461_042 * 86_400_000

/// The place of our pointer in SQLite's record of an open file.
private let handleOffset = MemoryLayout<sqlite3_file>.size

private typealias VFS = UnsafeMutablePointer<sqlite3_vfs>
private typealias File = UnsafeMutablePointer<sqlite3_file>

private func disk(_ vfs: VFS?) -> SimulatedDisk? {
    guard let data = vfs?.pointee.pAppData else { return nil }
    return Unmanaged<SimulatedDisk>.fromOpaque(data).takeUnretainedValue()
}

/// Runs `body` with the open file, as the only one at its disk, or fails if its life is over.
private func with(
    _ file: File?,
    otherwise code: Int32,
    _ body: (OpenFile, SimulatedDisk) -> Int32
) -> Int32 {
    guard let open = openFile(file) else { return code }
    return open.disk.locked {
        open.life == open.disk.life && !open.disk.isOff ? body(open, open.disk) : code
    }
}

private func openFile(_ file: File?) -> OpenFile? {
    guard let file else { return nil }
    let stored = (UnsafeMutableRawPointer(file) + handleOffset)
        .load(as: UnsafeMutableRawPointer?.self)
    return stored.map { Unmanaged<OpenFile>.fromOpaque($0).takeUnretainedValue() }
}

// MARK: The file system

private func diskOpen(
    _ vfs: VFS?,
    _ name: UnsafePointer<CChar>?,
    _ file: File?,
    _ flags: Int32,
    _ flagsOut: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let file, let disk = disk(vfs) else { return SQLITE_CANTOPEN }
    file.pointee.pMethods = nil
    let name = name.map { String(cString: $0) }
    let isOpen = disk.locked {
        guard let open = disk.openFile(name, flags) else { return false }
        (UnsafeMutableRawPointer(file) + handleOffset).storeBytes(
            of: Unmanaged.passRetained(open).toOpaque(),
            as: UnsafeMutableRawPointer?.self
        )
        return true
    }
    guard isOpen else { return SQLITE_CANTOPEN }
    file.pointee.pMethods = UnsafePointer(fileMethods)
    flagsOut?.pointee = flags
    return SQLITE_OK
}

extension SimulatedDisk {
    /// Opens a file, inside the lock; one without a name is nobody else's.
    fileprivate func openFile(_ name: String?, _ flags: Int32) -> OpenFile? {
        guard admit(.open) == .granted else { return nil }
        let existing = name.flatMap { files[$0] }
        if existing == nil, flags & SQLITE_OPEN_CREATE == 0 { return nil }
        if existing != nil, flags & SQLITE_OPEN_EXCLUSIVE != 0 { return nil }
        let file = existing ?? makeFile()
        if let name { files[name] = file }
        let journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL
        let isTemporary = flags & SQLITE_OPEN_DELETEONCLOSE != 0
        let open = OpenFile(
            disk: self,
            file: file,
            life: life,
            nameToDelete: isTemporary ? name : nil,
            syncsFolder: flags & SQLITE_OPEN_CREATE != 0 && flags & journals != 0
        )
        file.holders.append(open)
        return open
    }
}

private func diskDelete(_ vfs: VFS?, _ name: UnsafePointer<CChar>?, _ sync: Int32) -> Int32 {
    guard let name, let disk = disk(vfs) else { return ioError(10) }
    let text = String(cString: name)
    return disk.locked { disk.delete(text, syncsFolder: sync != 0) }
}

private func diskAccess(
    _ vfs: VFS?,
    _ name: UnsafePointer<CChar>?,
    _: Int32,
    _ answer: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let name, let disk = disk(vfs) else { return ioError(13) }
    let text = String(cString: name)
    return disk.locked {
        guard !disk.isOff else { return ioError(13) }
        // As SQLite's own file system has it: an empty file is as good as none.
        answer?.pointee = disk.files[text].map { $0.content.isEmpty ? 0 : 1 } ?? 0
        return SQLITE_OK
    }
}

private func diskFullPathname(
    _: VFS?,
    _ name: UnsafePointer<CChar>?,
    _ capacity: Int32,
    _ answer: UnsafeMutablePointer<CChar>?
) -> Int32 {
    guard let name, let answer, strlen(name) < Int(capacity) else { return SQLITE_CANTOPEN }
    strcpy(answer, name)
    return SQLITE_OK
}

private func diskRandomness(
    _ vfs: VFS?,
    _ count: Int32,
    _ answer: UnsafeMutablePointer<CChar>?
) -> Int32 {
    guard let answer, let disk = disk(vfs) else { return 0 }
    // A generator of its own: what SQLite asks for must not move the fate of the files.
    var random = disk.locked { disk.random.fork(label: "sqlite") }
    for (index, byte) in random.bytes(Int(count)).enumerated() {
        answer[index] = CChar(bitPattern: byte)
    }
    return count
}

// MARK: The open file

private nonisolated(unsafe) let fileMethods: UnsafeMutablePointer<sqlite3_io_methods> = {
    var table = sqlite3_io_methods()
    table.iVersion = 2
    table.xClose = fileClose
    table.xRead = fileRead
    table.xWrite = fileWrite
    table.xTruncate = { file, size in
        with(file, otherwise: ioError(6)) { open, disk in disk.resize(open.file, to: Int(size)) }
    }
    table.xSync = { file, _ in
        with(file, otherwise: ioError(4)) { open, disk in
            let code = disk.sync(open.file, syncsFolder: open.syncsFolder)
            if code == SQLITE_OK { open.syncsFolder = false }
            return code
        }
    }
    table.xFileSize = { file, size in
        with(file, otherwise: ioError(7)) { open, _ in
            size?.pointee = sqlite3_int64(open.file.content.count)
            return SQLITE_OK
        }
    }
    table.xLock = { file, level in
        with(file, otherwise: ioError(15)) { open, _ in open.lock(level) }
    }
    table.xUnlock = { file, level in
        with(file, otherwise: SQLITE_OK) { open, _ in
            open.unlock(level)
            return SQLITE_OK
        }
    }
    table.xCheckReservedLock = { file, answer in
        with(file, otherwise: ioError(14)) { open, _ in
            answer?.pointee = open.isReserved ? 1 : 0
            return SQLITE_OK
        }
    }
    table.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    // What SQLite's own file system says of a disk: other bytes survive a torn write.
    table.xSectorSize = { _ in 4096 }
    table.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    table.xShmMap = fileShmMap
    table.xShmLock = { file, first, count, flags in
        with(file, otherwise: ioError(20)) { open, _ in
            open.lockSlots(first, count, flags: flags)
        }
    }
    table.xShmBarrier = { file in
        // The disk's lock orders memory for both sides.
        openFile(file)?.disk.locked {}
    }
    table.xShmUnmap = { file, _ in
        guard let open = openFile(file) else { return SQLITE_OK }
        open.disk.locked { open.detach() }
        return SQLITE_OK
    }
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    methods.initialize(to: table)
    return methods
}()

private func fileClose(_ file: File?) -> Int32 {
    guard let file, let open = openFile(file) else { return SQLITE_OK }
    open.disk.locked {
        open.detach()
        open.file.holders.removeAll { $0 === open }
        if let name = open.nameToDelete, open.life == open.disk.life {
            open.disk.files[name] = nil
        }
    }
    file.pointee.pMethods = nil
    Unmanaged.passUnretained(open).release()
    return SQLITE_OK
}

private func fileRead(
    _ file: File?,
    _ target: UnsafeMutableRawPointer?,
    _ count: Int32,
    _ offset: sqlite3_int64
) -> Int32 {
    guard let target else { return ioError(1) }
    return with(file, otherwise: ioError(1)) { open, disk in
        guard disk.admit(.read) == .granted else { return ioError(1) }
        return open.file.content.withUnsafeBytes { bytes in
            let start = min(Int(offset), bytes.count)
            let end = min(start + Int(count), bytes.count)
            let answer = UnsafeMutableRawBufferPointer(start: target, count: Int(count))
            answer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            if end - start == Int(count) { return SQLITE_OK }
            memset(target + (end - start), 0, Int(count) - (end - start))
            return ioError(2)
        }
    }
}

private func fileWrite(
    _ file: File?,
    _ source: UnsafeRawPointer?,
    _ count: Int32,
    _ offset: sqlite3_int64
) -> Int32 {
    guard let source else { return ioError(3) }
    let bytes = [UInt8](UnsafeRawBufferPointer(start: source, count: Int(count)))
    return with(file, otherwise: ioError(3)) { open, disk in
        disk.write(bytes, to: open.file, at: Int(offset))
    }
}

private func fileShmMap(
    _ file: File?,
    _ index: Int32,
    _ bytes: Int32,
    _ mayExtend: Int32,
    _ answer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    answer?.pointee = nil
    return with(file, otherwise: ioError(21)) { open, _ in
        answer?.pointee = open.region(Int(index), bytes: Int(bytes), mayExtend: mayExtend != 0)
        return SQLITE_OK
    }
}
