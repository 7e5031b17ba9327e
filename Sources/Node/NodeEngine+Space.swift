// A full disk: space set aside lets the last sale and the end of the day finish; what begins anew
// is refused before anything is paid, and goes on by itself once there is space again.
// Must not free the reserve for what can wait: imports, pulls, rebuilds.

import Replication
import SQLite

extension NodeEngine {
    /// True for an error that says the disk is full.
    package static func isFull(_ error: any Error) -> Bool {
        switch error {
        case let fault as StorageFault: fault.isFull || fault.code == sharedMemoryTooSmall
        case let undecided as CommitUndecided: isFull(undecided.fault)
        case let fault as Files.Fault: fault.isFull
        default: false
        }
    }

    /// SQLITE_IOERR_SHMSIZE: there was no room for the index of a WAL; a macro out of reach.
    private static let sharedMemoryTooSmall: Int32 = 10 | 19 << 8

    /// True after a failure of the disk in a commit or a checkpoint: nothing more is written here.
    ///
    /// What the files hold must be proven by opening them again, in another process.
    package var isInDoubt: Bool { log.database.doubt != nil || projector.connection.doubt != nil }

    /// Writes the WALs back at the end; on a full disk what they hold is as safe in them.
    func writeBackAtEnd() throws {
        try writeBack(projector.views)
        try writeBack(log.database)
    }

    private func writeBack(_ database: Database) throws {
        do {
            _ = try database.checkpoint(.truncate)
        } catch {
            guard NodeEngine.isFull(error) else { throw error }
            isShort = true
        }
    }

    /// Sets the reserve aside where it is missing; the disk counts as full while that fails.
    ///
    /// Cost: one look at a file while all is well.
    package func lookAtSpace() {
        isShort = !storage.makeReserve()
    }

    /// Refuses what begins anew while the disk is full.
    ///
    /// Throws: `NodeRefusal.diskFull`.
    package func requireSpace() throws {
        if isShort { lookAtSpace() }
        if isShort { throw NodeRefusal.diskFull }
    }

    /// Frees the reserve for what is under way; false where there is none left.
    func freeReserve() -> Bool {
        guard storage.freeReserve() else { return false }
        isShort = true
        return true
    }

    /// Commits the views of an act that the log holds already.
    ///
    /// Throws: what has another cause than a full disk. On a full one the act is durable all the
    /// same and is answered as done; the views follow when there is space.
    func commitViews() throws {
        do {
            try projector.commitOpen()
        } catch  where NodeEngine.isFull(error) {
            let wasFreed = freeReserve()
            isShort = true
            if wasFreed { try catchUp() }
        }
    }
}
