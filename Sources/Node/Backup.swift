// A verified copy of the log in one file, and what headquarters may say of it to its nodes.

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
        let position = log.end
        try log.database.backup(to: path)
        do {
            try proveBackup(path)
        } catch {
            // The proof's failure is the cause; a file that is not whole must not stay.
            try? Files.remove(path)
            throw error
        }
        if log.isHeadquarters {
            try log.write { try log.reader.setMeta("protected_position", integer: position) }
        }
        return BackupOutcome(
            position: position,
            holdsDeviceKey: try log.reader.metaBytes("device_key") != nil
        )
    }

    /// The copy stands where the log stands: the same end of every chain.
    private func proveBackup(_ path: String) throws {
        let copy = try Database(path: path, options: Database.Options(role: .reader))
        let heads = try LogReader(database: copy).heads()
        let end = try copy.integer("SELECT max(position) FROM commits") ?? 0
        try copy.close()
        let isWhole = try heads == log.reader.heads()
        let isSame = try end == log.database.integer("SELECT max(position) FROM commits") ?? 0
        if isWhole && isSame { return }
        throw NodeFault(
            .checkFailed,
            "the copy does not stand where the log stands: \(path)",
            nextStep: "back up again, to another disk"
        )
    }
}
