// A data directory on the real disk: its lock, files, anchor, and the reserve for the last sale.
// Opening it gives an engine, or tells where the process listens that has it open.

import CLinux
import Glibc
package import Kernel
import Module
import Replication
import SQLite
import Wire

/// An open data directory.
package final class NodeDirectory {
    package let folder: String
    package let engine: NodeEngine
    package let lock: DirectoryLock
    package let anchor: Anchor
    /// What the anchor said when the directory was opened.
    package let proof: Anchor.Proof
    /// How the node goes on where its history was not proven; nil where it was.
    package let goingOn: GoingOn?
    /// True where the history is not proven, and is only read: the anchor stays as it is.
    package let isDoubtful: Bool

    init(
        folder: String,
        engine: NodeEngine,
        lock: DirectoryLock,
        anchor: Anchor,
        proof: Anchor.Proof,
        goingOn: GoingOn?,
        isReading: Bool
    ) {
        self.folder = folder
        self.engine = engine
        self.lock = lock
        self.anchor = anchor
        self.proof = proof
        self.goingOn = goingOn
        isDoubtful = isReading && proof != .proven
        if !isDoubtful { engine.afterWrite = { head in anchor.note(head) } }
    }

    /// The same directory through an engine that only reads.
    init(reading directory: NodeDirectory, engine: NodeEngine) {
        folder = directory.folder
        lock = directory.lock
        anchor = directory.anchor
        proof = directory.proof
        goingOn = directory.goingOn
        isDoubtful = directory.isDoubtful
        self.engine = engine
    }

    /// What opening a directory gave.
    package enum Opened {
        case here(NodeDirectory)
        case elsewhere(DirectoryLock.Holder)
    }

    /// Opens a directory that holds a node.
    ///
    /// Who only reads leaves an unproven history as it is: nothing is written under its number.
    ///
    /// Throws: `NodeFault` with the next step, for a directory that is missing, empty or taken.
    package static func open(
        _ folder: String,
        anchor anchorPath: String? = nil,
        isReading: Bool = false,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> Opened {
        guard Files.exists(folder + "/log.sqlite") else {
            throw NodeFault(
                .usage,
                LocalText("\(folder) 不是数据目录", "\(folder) holds no node"),
                nextStep: LocalText(
                    "请核对 --data；建立公司用 tributary hq，加入公司用 tributary enrol",
                    "check --data; found a company with `tributary hq`, or join one with "
                        + "`tributary enrol`"
                )
            )
        }
        switch try takeLock(folder) {
        case .elsewhere(let holder): return .elsewhere(holder)
        case .taken(let lock):
            let place = (folder, lock, anchorPath ?? defaultAnchor(folder), isReading)
            do {
                return .here(try openLocked(place, modules, clock, random, progress))
            } catch  where NodeEngine.isFull(error) {
                // Opening needs a little room; the day must be closed after a restart too.
                guard FolderStorage(folder: folder).freeReserve() else { throw error }
                return .here(try openLocked(place, modules, clock, random, progress))
            }
        }
    }

    private static func openLocked(
        _ place: (folder: String, lock: DirectoryLock, anchor: String, isReading: Bool),
        _ modules: ModuleList,
        _ clock: any Clock,
        _ random: any RandomSource,
        _ progress: (Int64, Int64) -> Void
    ) throws -> NodeDirectory {
        let (folder, lock, anchorPath, isReading) = place
        let storage = FolderStorage(folder: folder)
        let log = try NodeEngine.openLog(storage, random: random)
        let anchor = Anchor(path: anchorPath)
        let proof = try anchor.proof(of: log)
        let goingOn = isReading ? nil : try goOn(proof, log, anchor, at: clock.now())
        try ErasedFile.write(log, to: storage)
        let engine = try NodeEngine(
            storage: storage,
            log: log,
            modules: modules,
            clock: clock,
            random: random,
            progress: progress
        )
        engine.lookAtSpace()
        return NodeDirectory(
            folder: folder,
            engine: engine,
            lock: lock,
            anchor: anchor,
            proof: proof,
            goingOn: goingOn,
            isReading: isReading
        )
    }

    /// Leaves the number of an unproven history before anything is written under it.
    private static func goOn(
        _ proof: Anchor.Proof,
        _ log: Log,
        _ anchor: Anchor,
        at now: WallTime
    ) throws -> GoingOn? {
        if proof == .proven { return try log.isUnproven ? .waitsForNumber : nil }
        let goingOn = try log.write { try log.leaveUnprovenNumber(at: now) }
        // The anchor follows where another number was taken; a node that waits stays unproven.
        if goingOn != .waitsForNumber, let head = log.own {
            try anchor.write(head, isDurable: true)
        }
        return goingOn
    }

    /// Makes an empty directory for a new node, with its lock taken.
    package static func prepare(_ folder: String) throws -> DirectoryLock {
        if Files.exists(folder), !Files.isFolder(folder) {
            throw NodeFault(
                .usage,
                LocalText("\(folder) 不是目录", "\(folder) is not a directory"),
                nextStep: LocalText("请换一个名称", "choose another name")
            )
        }
        try Files.makeFolder(folder)
        if Files.exists(folder + "/log.sqlite") {
            throw NodeFault(
                .refused,
                LocalText("\(folder) 已经是数据目录", "\(folder) holds a node already"),
                nextStep: LocalText("请选择空目录", "choose an empty directory")
            )
        }
        guard case .taken(let lock) = try takeLock(folder) else {
            throw NodeFault(
                .busy,
                LocalText("\(folder) 正在使用", "\(folder) is in use"),
                nextStep: LocalText("请选择别的目录", "choose another directory")
            )
        }
        return lock
    }

    private enum Locked {
        case taken(DirectoryLock)
        case elsewhere(DirectoryLock.Holder)
    }

    private static func takeLock(_ folder: String) throws -> Locked {
        switch try DirectoryLock.take(folder + "/lock") {
        case .taken(let lock): return .taken(lock)
        case .held(by: let holder?): return .elsewhere(holder)
        case .held(by: nil):
            throw NodeFault(
                .busy,
                LocalText("\(folder) 正由另一条命令使用", "\(folder) is in use by another command"),
                nextStep: LocalText("等它完成后再试", "wait for it to finish, then try again")
            )
        }
    }

    /// Where the anchor lies unless told otherwise: beside the directory, however it is called.
    ///
    /// Why by its true path: a name such as `.` would put the anchor into the directory, where it
    /// is copied and restored along with it and proves nothing; a link would have one of its own.
    package static func defaultAnchor(_ folder: String) -> String {
        var path = Files.truePath(folder) ?? folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path + ".anchor"
    }

    /// Writes the anchor durably and closes the files.
    package func close() throws {
        if !isDoubtful, let head = engine.log.own {
            do {
                try anchor.write(head, isDurable: true)
            } catch  where NodeEngine.isFull(error) {
                // The anchor stays behind the log, which is no cause for doubt.
                engine.isShort = true
            }
        }
        try engine.close()
    }
}
