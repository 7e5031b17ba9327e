// A verified copy of the log in one file, and what headquarters may say of it to its nodes.

import Module
import Replication
import SQLite

/// What a backup holds.
package struct BackupOutcome: Hashable, Sendable {
    /// The position of the last commit in it.
    package let position: Int64
    /// True where the copy holds the key of its own device; headquarters' keys are never in it.
    package let holdsDeviceKey: Bool
}

extension NodeEngine {
    /// Writes a copy of the log, proves it whole, and marks what it holds as protected.
    ///
    /// Throws: where the copy is not whole; then there is no file under the name, and no mark.
    package func backup(to path: String) throws -> BackupOutcome {
        let backup = try copyLog(to: path)
        try keepProtected(backup.position)
        return backup
    }

    /// As `backup(to:)`, on a connection of its own while the node serves; on any thread.
    ///
    /// The node's thread is asked for a moment before and one after. The copy is of one moment,
    /// however long it takes: the log's WAL grows as much as is written meanwhile.
    package func backupBeside(_ thread: OwnThread, to path: String) throws -> BackupOutcome {
        let reader = try MomentReader(of: self, thread)
        defer { reader.close() }
        let backup = try reader.lookUncut { try reader.twin.copyLog(to: path) }
        let owner = OwnedEngine(engine: self)
        try thread.run { try owner.engine.keepProtected(backup.position) }
        return backup
    }

    /// Tells the nodes from now on that what a backup holds is protected.
    private func keepProtected(_ position: Int64) throws {
        guard log.isHeadquarters else { return }
        try log.write { try log.reader.setMeta("protected_position", integer: position) }
    }

    /// Writes a proven copy of the log as it stands.
    private func copyLog(to path: String) throws -> BackupOutcome {
        let position = log.end
        try log.database.backup(to: path)
        do {
            try proveBackup(path)
        } catch {
            // The proof's failure is the cause; a file that is not whole must not stay.
            try? Files.remove(path)
            throw error
        }
        return BackupOutcome(
            position: position,
            holdsDeviceKey: try log.reader.metaBytes("device_key") != nil
        )
    }

    /// The copy stands where the log stands, and its chains are whole.
    ///
    /// Why the chains: a commit that fell over on the disk is copied faithfully, and a copy that
    /// holds it must not make any node believe its own is not needed any more.
    /// Cost: one pass over the commits.
    private func proveBackup(_ path: String) throws {
        let copy = try Database(path: path, options: Database.Options(role: .reader))
        let reader = LogReader(database: copy)
        let heads = try reader.heads()
        let end = try copy.integer("SELECT max(position) FROM commits") ?? 0
        let problem = try verifyLog(of: reader).problems.first
        try copy.close()
        let isWhole = try heads == log.reader.heads()
        let isSame = try end == log.database.integer("SELECT max(position) FROM commits") ?? 0
        guard isWhole && isSame else {
            throw NodeFault(
                .checkFailed,
                LocalText(
                    "副本与日志的位置不一致：\(path)",
                    "the copy does not stand where the log stands: \(path)"
                ),
                nextStep: LocalText("请换一块磁盘重新备份", "back up again, to another disk")
            )
        }
        guard let problem else { return }
        throw NodeFault(
            .checkFailed,
            LocalText(
                "日志已损坏，其副本也是：\(problem)",
                "the log is damaged, and so is its copy: \(problem)"
            ),
            nextStep: LocalText(
                "用 tributary verify 查看全部损坏；用更早的备份恢复",
                "see all of it by `tributary verify`; restore an earlier backup"
            )
        )
    }
}
