// Writing the WAL back into the file.
// Must not: happen by itself, or on any connection but the writer.
import CSQLite

extension Database {
    /// How far a checkpoint goes.
    package enum CheckpointMode: Hashable, Sendable {
        /// Writes back what no reader still needs, and waits for nobody.
        case passive
        /// Writes back everything and empties the WAL file; waits for readers.
        case truncate
    }

    /// What a checkpoint did.
    package struct Checkpoint: Hashable, Sendable {
        /// Unit: pages in the WAL.
        package let framesInWal: Int
        /// Unit: pages of them that are in the file now.
        package let framesWrittenBack: Int
        /// Whether a reader or a writer was in the way.
        package let isBlocked: Bool
        /// Whether nothing is left to write back.
        package var isComplete: Bool { !isBlocked && framesWrittenBack == framesInWal }
    }

    /// Writes the WAL back; only on the writing connection, outside transactions.
    ///
    /// Throws: on errors of the disk. A reader in the way is an answer, not an error.
    /// Why: SQLite 3.40 can damage a file when two connections checkpoint and write at once, so
    /// there is one writer, and nobody else checkpoints.
    @discardableResult
    package func checkpoint(_ mode: CheckpointMode) throws(StorageFault) -> Checkpoint {
        precondition(options.role == .writer, "only the writer checkpoints")
        precondition(!isInTransaction, "a checkpoint stands outside transactions")
        try requireCertainty("checkpoint")
        var inWal: Int32 = 0
        var writtenBack: Int32 = 0
        let number = mode == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
        let code = sqlite3_wal_checkpoint_v2(handle, "main", number, &inWal, &writtenBack)
        let isBlocked = code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED
        if code != SQLITE_OK, !isBlocked {
            let fault = StorageFault("checkpoint", code: code, handle: handle)
            noteFailure(fault)
            throw fault
        }
        let answer = Checkpoint(
            framesInWal: max(0, Int(inWal)),
            framesWrittenBack: max(0, Int(writtenBack)),
            isBlocked: isBlocked
        )
        if answer.isComplete { noteCheckpointed() }
        return answer
    }
}
