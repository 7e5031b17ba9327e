// Transactions and savepoints.
// Must not: retry; whether to try again is the caller's to know.
import CSQLite

extension Database {
    /// When a transaction takes the write lock.
    package enum TransactionMode: Hashable, Sendable {
        /// At once: for whoever is going to write.
        case immediate
        /// At the first write: for readers, who get one unchanging picture.
        case deferred
    }

    /// Opens a transaction.
    ///
    /// Throws: for `.immediate` also the failure of the disk after which nothing is written here.
    package func begin(_ mode: TransactionMode) throws(StorageFault) {
        precondition(!isInTransaction, "transactions do not nest; a savepoint does")
        // An error of the disk rolls back by itself.
        if isUnended { forgetAll() }
        isUnended = true
        switch mode {
        case .immediate:
            try requireCertainty("begin")
            try statement("BEGIN IMMEDIATE").run()
        case .deferred: try statement("BEGIN DEFERRED").run()
        }
    }

    /// Commits.
    ///
    /// Throws: always `CommitUndecided`; a transaction that is still open then is rolled back.
    package func commit() throws(CommitUndecided) {
        do throws(StorageFault) {
            try statement("COMMIT").run()
        } catch {
            // What the rollback answers adds nothing: the holder must reopen the file anyway.
            if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            noteFailure(error)
            forgetAll()
            throw CommitUndecided(
                fault: StorageFault(
                    operation: "commit",
                    code: error.code,
                    message: error.message,
                    sql: error.sql
                )
            )
        }
        isUnended = false
    }

    /// Rolls back, if the transaction has not been ended already by an error of the disk.
    package func rollback() throws(StorageFault) {
        forgetAll()
        if isInTransaction { try statement("ROLLBACK").run() }
    }

    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    ///
    /// Throws: what `body` throws; `StorageFault` when the transaction cannot be opened;
    /// `CommitUndecided` when COMMIT answers with an error.
    package func transaction<Value>(
        _ mode: TransactionMode,
        _ body: () throws -> Value
    ) throws -> Value {
        try begin(mode)
        let value: Value
        do {
            value = try body()
        } catch {
            try endFailed(by: error) { () throws(StorageFault) in try rollback() }
            throw error
        }
        try commit()
        return value
    }

    /// Runs `body` under a savepoint: what it wrote is undone when it throws.
    ///
    /// Throws: what `body` throws, or `StorageFault`. The transaction around it goes on, unless
    /// the disk ended it (`isInTransaction`).
    package func savepoint<Value>(
        _ name: StaticString,
        _ body: () throws -> Value
    ) throws -> Value {
        precondition(isInTransaction, "a savepoint stands in a transaction")
        try statement(text: "SAVEPOINT \(name)").run()
        let value: Value
        do {
            value = try body()
        } catch {
            forgetAll()
            try endFailed(by: error) { () throws(StorageFault) in
                guard isInTransaction else { return }
                try statement(text: "ROLLBACK TO \(name)").run()
                try statement(text: "RELEASE \(name)").run()
            }
            throw error
        }
        try statement(text: "RELEASE \(name)").run()
        return value
    }

    /// Undoes; if that fails too, throws a fault that names both causes.
    private func endFailed(
        by cause: any Error,
        _ undo: () throws(StorageFault) -> Void
    ) throws(StorageFault) {
        do throws(StorageFault) {
            try undo()
        } catch {
            throw StorageFault(
                operation: "rollback",
                code: error.code,
                message: "\(error.message); rolled back because of: \(cause)",
                sql: error.sql
            )
        }
    }
}
