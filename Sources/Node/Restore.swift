// Making a directory from a backup: proved aside, named at the end, so that a crash leaves either
// what was there or the whole new directory. What is replaced is kept beside it.
// Must not go on under the old number: another copy of the directory may still write under it.

package import Kernel
import Module
import Replication
import SQLite
import Sync

/// What is restored, and where to.
package struct RestoreWish: Sendable {
    package let backup: String
    package let folder: String
    package let anchor: String?
    /// The separate copy of headquarters' keys.
    package let keys: String?
    package let replaces: Bool
    /// True where headquarters' keys are lost for good: every device must enrol again.
    package let makesKeys: Bool

    package init(
        backup: String,
        folder: String,
        anchor: String?,
        keys: String?,
        replaces: Bool,
        makesKeys: Bool = false
    ) {
        self.backup = backup
        var folder = folder
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        self.folder = folder
        self.anchor = anchor
        self.keys = keys
        self.replaces = replaces
        self.makesKeys = makesKeys
    }
}

/// What a restore did.
package struct RestoreOutcome: Sendable {
    package var commits: Int64 = 0
    package var goingOn = GoingOn.waitsForNumber
    /// Persons whose values the backup still held and who were erased since.
    package var erased = 0
    /// Where the directory that was replaced is now.
    package var keptAside: String?
    /// True where headquarters' keys are not there yet: it cannot serve before they are.
    package var lacksKeys = false
    /// Devices whose key is not in the copy of the keys: they must enrol again.
    package var keyless: [Int64] = []
    /// Commits of the replaced directory that the backup does not hold.
    package var beyondBackup: Int64 = 0
    /// What could not be read of the replaced directory.
    package var unread: [String] = []
}

/// Restores a backup.
package struct Restore {
    private let wish: RestoreWish
    private let modules: ModuleList
    private let clock: any Clock
    private let random: any RandomSource
    private var outcome = RestoreOutcome()

    /// Prepares a restore.
    package init(
        _ wish: RestoreWish,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource
    ) {
        self.wish = wish
        self.modules = modules
        self.clock = clock
        self.random = random
    }

    private var staging: String { wish.folder + ".restoring" }

    /// Makes the directory.
    ///
    /// Throws: `NodeFault` with the reason; then nothing under the directory's name has changed.
    package mutating func run(
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> RestoreOutcome {
        guard Files.exists(wish.backup), !Files.isFolder(wish.backup) else {
            throw NodeFault(
                .usage,
                LocalText("没有文件 \(wish.backup)", "there is no file \(wish.backup)"),
                nextStep: LocalText("请核对名称", "check the name")
            )
        }
        let old = try lockOld()
        try Files.makeFolder(Files.parent(of: wish.folder))
        let lock = try makeStaging()
        let head: Head?
        do {
            head = try build(old, progress)
        } catch {
            // The first error is the cause; what is left is removed by the next restore.
            try? Files.removeFolder(staging)
            throw error
        }
        try swap(old)
        let anchor = Anchor(path: wish.anchor ?? NodeDirectory.defaultAnchor(wish.folder))
        if let head { try anchor.write(head, isDurable: true) }
        withExtendedLifetime((lock, old?.lock)) {}
        return outcome
    }

    // MARK: what is there

    /// The directory that is replaced, as far as it can be read.
    private struct Old {
        let lock: DirectoryLock
        var isNode = false
        var erased: [Int64] = []
        var realm: [UInt8]?
        /// The end of each chain of this very device that is not wholly acknowledged.
        var unsent: [Head] = []
        var heads: [Head] = []
        var end: Int64 = 0
    }

    private mutating func lockOld() throws -> Old? {
        let folder = wish.folder
        guard Files.exists(folder) else { return nil }
        guard Files.isFolder(folder) else {
            throw NodeFault(
                .usage,
                LocalText("\(folder) 不是目录", "\(folder) is not a directory"),
                nextStep: LocalText("请换一个名称", "choose another name")
            )
        }
        let names = try Files.names(in: folder).filter { $0 != "lock" }
        if !names.isEmpty, !wish.replaces {
            throw NodeFault(
                .refused,
                LocalText("\(folder) 不是空目录", "\(folder) is not empty"),
                nextStep: LocalText(
                    "请选择别的目录，或加 --replace（原目录会另行保留）",
                    "choose another directory, or give --replace: the old one is kept aside"
                )
            )
        }
        guard case .taken(let lock) = try DirectoryLock.take(folder + "/lock") else {
            throw NodeFault(
                .busy,
                LocalText("\(folder) 正由另一进程使用", "\(folder) is served by another process"),
                nextStep: LocalText("停止该进程后再恢复", "stop that process, then restore")
            )
        }
        var old = Old(lock: lock)
        if names.isEmpty { return old }
        old.isNode = true
        readOld(&old)
        return old
    }

    /// Reads what must outlive the old directory; what cannot be read is told.
    private mutating func readOld(_ old: inout Old) {
        let storage = FolderStorage(folder: wish.folder)
        do {
            old.erased = try ErasedFile.read(storage)
        } catch {
            outcome.unread.append("erased: \(error)")
        }
        guard Files.exists(wish.folder + "/log.sqlite") else { return }
        do {
            let log = try NodeEngine.openLog(storage, random: random)
            old.erased += try log.erasedSubjects()
            old.realm = log.realm
            old.end = log.end
            old.heads = try log.reader.heads()
            if !log.isHeadquarters { old.unsent = try log.unsentHeads() }
            try log.database.close()
        } catch {
            outcome.unread.append("log.sqlite: \(error)")
        }
    }

    // MARK: the new directory, aside

    private func makeStaging() throws -> DirectoryLock {
        if Files.exists(staging) {
            guard case .taken(let left) = try DirectoryLock.take(staging + "/lock") else {
                throw NodeFault(
                    .busy,
                    LocalText(
                        "另一次恢复 \(wish.folder) 正在进行",
                        "another restore of \(wish.folder) is under way"
                    ),
                    nextStep: LocalText("等它完成后再试", "wait for it to finish")
                )
            }
            withExtendedLifetime(left) {}
            try Files.removeFolder(staging)
        }
        try Files.makeFolder(staging)
        guard case .taken(let lock) = try DirectoryLock.take(staging + "/lock") else {
            throw NodeFault(
                .busy,
                LocalText("\(staging) 正在使用", "\(staging) is in use"),
                nextStep: LocalText("等它完成后再试", "wait for it to finish")
            )
        }
        return lock
    }

    private mutating func build(
        _ old: Old?,
        _ progress: (Int64, Int64) -> Void
    ) throws -> Head? {
        try Files.copy(wish.backup, to: staging + "/log.sqlite")
        let storage = FolderStorage(folder: staging)
        let log = try open(storage)
        if let realm = old?.realm, realm != log.realm {
            throw NodeFault(
                .refused,
                LocalText(
                    "备份属于另一家公司，与 \(wish.folder) 不同",
                    "the backup is of another company than \(wish.folder)"
                ),
                nextStep: LocalText("请恢复到别的目录", "restore it into another directory")
            )
        }
        try compare(old, log)
        let keys = try log.isHeadquarters ? keyBytes(log) : nil
        if let keys { try storage.write("keys", keys, isDurable: true) }
        outcome.commits = log.end
        let erased = old?.erased ?? []
        let now = clock.now()
        outcome.goingOn = try log.write {
            outcome.erased = try log.uniteErased(erased)
            if log.isHeadquarters {
                // What was restored is in a verified backup: the one it came from.
                try log.reader.setMeta("protected_position", integer: log.end)
            }
            return try log.leaveUnprovenNumber(at: now)
        }
        let engine = try NodeEngine(
            storage: storage,
            log: log,
            modules: modules,
            clock: clock,
            random: random,
            progress: progress
        )
        try ErasedFile.write(log, to: storage)
        try engine.forgetErased()
        try prove(engine)
        let head = log.own
        try engine.close()
        try Files.syncFolder(staging)
        return head
    }

    private func open(_ storage: FolderStorage) throws -> Log {
        do {
            let database = try NodeEngine.database(storage)
            if let complaint = try database.integrityComplaints().first {
                throw NodeFault(
                    .checkFailed,
                    LocalText("备份已损坏：\(complaint)", "the backup is damaged: \(complaint)"),
                    nextStep: LocalText("请用更早的备份", "use an earlier backup")
                )
            }
            return try Log.open(database: database, random: random)
        } catch let fault as StorageFault where fault.isCorrupt {
            throw NodeFault(
                .refused,
                LocalText(
                    "\(wish.backup) 不是备份：\(fault.message)",
                    "\(wish.backup) is no backup: \(fault.message)"
                ),
                nextStep: LocalText(
                    "请给出 tributary backup 写成的文件",
                    "give a file that `tributary backup` wrote"
                )
            )
        } catch LogFault.notALog {
            throw NodeFault(
                .refused,
                LocalText("\(wish.backup) 不是节点的备份", "\(wish.backup) is no backup of a node"),
                nextStep: LocalText(
                    "请给出 tributary backup 写成的文件",
                    "give a file that `tributary backup` wrote"
                )
            )
        }
    }

    /// Refuses where the old directory holds what nobody else does.
    private mutating func compare(_ old: Old?, _ log: Log) throws {
        guard let old, old.isNode else { return }
        outcome.beyondBackup = max(0, old.end - log.end)
        for head in old.unsent {
            let end = ChainPoint(sequence: head.last, hash: head.hash)
            if try log.holds(end, of: head.replica) { continue }
            throw NodeFault(
                .refused,
                LocalText(
                    "\(wish.folder) 中有总部和备份都没有的提交",
                    "\(wish.folder) holds commits that neither headquarters nor the backup has"
                ),
                nextStep: LocalText(
                    "请先运行 tributary sync，或用 tributary export log 导出并取回回执",
                    "first `tributary sync`, or `tributary export log` and its answer"
                )
            )
        }
    }

    /// The chains, envelopes and personal values of the copy; views are its own business.
    private func prove(_ engine: NodeEngine) throws {
        let result = try engine.verifyLog(signatures: false)
        if let problem = result.problems.first {
            throw NodeFault(
                .checkFailed,
                LocalText("备份已损坏：\(problem)", "the backup is damaged: \(problem)"),
                nextStep: LocalText("请用更早的备份", "use an earlier backup")
            )
        }
    }

    // MARK: keys

    /// Headquarters' keys: from the copy that was named, or from the directory that is replaced.
    ///
    /// Answers nil where there is none: the books can be read, but nothing served until it is
    /// there.
    private mutating func keyBytes(_ log: Log) throws -> [UInt8]? {
        let devices = try log.devices().filter { !$0.isRevoked }.map(\.id)
        if wish.makesKeys {
            outcome.keyless = devices
            return KeyStore(random: random).bytes
        }
        let beside = wish.folder + "/keys"
        guard let path = wish.keys ?? (Files.exists(beside) ? beside : nil) else {
            outcome.lacksKeys = !devices.isEmpty
            return nil
        }
        let bytes = try Files.read(path, sizeBytesMax: 64 << 20)
        let store: KeyStore
        do {
            store = try KeyStore(bytes: bytes)
        } catch {
            throw NodeFault(
                .refused,
                LocalText("\(path) 不是密钥文件", "\(path) is no file of keys"),
                nextStep: LocalText(
                    "请给出另存的 data/keys 副本",
                    "give the copy of data/keys that is kept apart"
                )
            )
        }
        guard try KeyCheck.fits(store, log) else {
            throw NodeFault(
                .refused,
                LocalText("\(path) 是另一总部的密钥", "\(path) holds the keys of another headquarters"),
                nextStep: LocalText(
                    "请给出本公司 data/keys 的副本",
                    "give the copy of this company's data/keys"
                )
            )
        }
        outcome.keyless = devices.filter { store.deviceKey($0) == nil }
        return bytes
    }

    // MARK: naming it

    private mutating func swap(_ old: Old?) throws {
        let folder = wish.folder
        if let old, old.isNode {
            var number = 1
            while Files.exists("\(folder).replaced-\(number)") { number += 1 }
            let aside = "\(folder).replaced-\(number)"
            try Files.move(folder, to: aside)
            outcome.keptAside = aside
        } else if old != nil {
            try Files.removeFolder(folder)
        }
        try Files.move(staging, to: folder)
        try Files.syncFolder(Files.parent(of: folder))
    }
}
