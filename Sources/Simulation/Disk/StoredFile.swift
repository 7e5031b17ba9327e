// One file of the simulated disk: what processes see, what is durable, and what lies between.
// Must not: know names, locks or SQLite.
import Glibc
import Kernel

/// A file's bytes, and the changes to them that no sync has made durable yet.
final class StoredFile {
    /// A change that is not durable.
    struct Change {
        enum Content {
            case write(offset: Int, bytes: [UInt8])
            case resize(Int)
        }
        /// Where the change stands among all changes of the disk.
        let ordinal: Int
        let content: Content
    }

    /// Unit: bytes; a write is torn at multiples of it.
    static let sectorBytes = 512
    /// Unit: bytes; the system writes its memory of a file back by pages of it.
    static let pageBytes = 4_096

    /// The files of a disk are numbered in order of their creation.
    let number: Int
    /// The bytes as every process sees them.
    private(set) var content: [UInt8]
    private var durable: [UInt8]
    private(set) var pending: [Change] = []
    /// Pages that processes see and no sync will write any more, unless they are written again.
    private var lost: Set<Int> = []
    /// Whoever has the file open, for locks.
    var holders: [OpenFile] = []
    /// The file's index of its WAL, as long as anyone has it mapped.
    var sharedMemory: SharedMemory?

    init(number: Int, durable: [UInt8] = []) {
        self.number = number
        self.durable = durable
        content = durable
    }

    /// How much longer the file gets by a write.
    func growth(offset: Int, count: Int) -> Int { max(0, offset + count - content.count) }

    func write(_ bytes: [UInt8], at offset: Int, ordinal: Int) {
        keep(Change(ordinal: ordinal, content: .write(offset: offset, bytes: bytes)))
        // A page that is written to is written back whole, and with it what a sync had lost.
        for page in pages(offset, bytes.count) where lost.remove(page) != nil {
            let start = page * StoredFile.pageBytes
            let end = min(start + StoredFile.pageBytes, content.count)
            let whole = Array(content[start..<end])
            keep(Change(ordinal: ordinal, content: .write(offset: start, bytes: whole)))
        }
    }

    private func pages(_ offset: Int, _ count: Int) -> ClosedRange<Int> {
        offset / StoredFile.pageBytes...max(offset, offset + count - 1) / StoredFile.pageBytes
    }

    func resize(to count: Int, ordinal: Int) {
        keep(Change(ordinal: ordinal, content: .resize(count)))
        lost = lost.filter { $0 * StoredFile.pageBytes < count }
    }

    private func keep(_ change: Change) {
        apply(change.content, to: &content)
        pending.append(change)
    }

    /// Makes all changes durable.
    func sync() {
        for change in pending { apply(change.content, to: &durable) }
        pending = []
    }

    /// A sync that fails: of the pages that were to be written some are, and all count as clean.
    ///
    /// Source: Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020.
    func failSync(_ random: inout SeededRandom) {
        var fate: [Int: Bool] = [:]
        for change in pending {
            guard case .write(let offset, let bytes) = change.content, !bytes.isEmpty else {
                apply(change.content, to: &durable)
                continue
            }
            for page in pages(offset, bytes.count) {
                let isLost = fate[page] ?? random.bool(chance: 500)
                fate[page] = isLost
                if isLost { lost.insert(page) } else { keepPage(page, offset, bytes) }
            }
        }
        pending = []
    }

    private func keepPage(_ page: Int, _ offset: Int, _ bytes: [UInt8]) {
        let start = max(offset, page * StoredFile.pageBytes)
        let end = min(offset + bytes.count, (page + 1) * StoredFile.pageBytes)
        let part = Array(bytes[start - offset..<end - offset])
        apply(.write(offset: start, bytes: part), to: &durable)
    }

    /// Lets each pending change meet its fate; what is left is all there is from then on, unless
    /// the machine lives on and with it its memory of the file.
    func settle(keepsMemory: Bool, _ fate: (Change) -> [Change.Content]) {
        for change in pending {
            for content in fate(change) { apply(content, to: &durable) }
        }
        pending = []
        if keepsMemory { return }
        lost = []
        content = durable
    }

    /// What a cut of the power leaves of a write that was under way.
    static func tear(_ change: Change, _ random: inout SeededRandom) -> [Change.Content] {
        guard case .write(let offset, let bytes) = change.content, !bytes.isEmpty else {
            return random.bool(chance: 500) ? [change.content] : []
        }
        let first = offset / sectorBytes
        let last = (offset + bytes.count - 1) / sectorBytes
        guard first < last else { return random.bool(chance: 500) ? [change.content] : [] }
        let cut = random.int(in: first + 1...last) * sectorBytes
        if random.bool(chance: 500) {
            return [.write(offset: offset, bytes: Array(bytes[..<(cut - offset)]))]
        }
        return [.write(offset: cut, bytes: Array(bytes[(cut - offset)...]))]
    }
}

private func apply(_ change: StoredFile.Change.Content, to bytes: inout [UInt8]) {
    switch change {
    case .write(let offset, let new):
        let end = offset + new.count
        if end > bytes.count { resize(&bytes, to: end) }
        bytes.withUnsafeMutableBytes { target in
            new.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(
                    from: source
                )
            }
        }
    case .resize(let count):
        resize(&bytes, to: count)
    }
}

private func resize(_ bytes: inout [UInt8], to count: Int) {
    if count < bytes.count {
        bytes.removeLast(bytes.count - count)
    } else {
        bytes.append(contentsOf: zeros(count - bytes.count))
    }
}

/// Zeros, made by the C library: element by element is slow where nothing is optimised.
private func zeros(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        if let base = buffer.baseAddress { memset(base, 0, count) }
        filled = count
    }
}
