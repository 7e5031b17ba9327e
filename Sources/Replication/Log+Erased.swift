// The list of erased persons: it outlives backups and restores, for an erasure is final.

import SQLite

extension Log {
    /// The erased subjects, ascending.
    package func erasedSubjects() throws -> [Int64] {
        let statement = try database.statement("SELECT subject FROM erased ORDER BY subject")
        var subjects: [Int64] = []
        try statement.forEach { subjects.append($0.integer(0)) }
        return subjects
    }

    /// Unites the list with others: of the directory that a restore replaces, of a file beside it.
    ///
    /// Called inside `write`, before anything of a restored log is read or handed out. Answers how
    /// many subjects were not on the list here.
    @discardableResult
    package func uniteErased(_ subjects: [Int64]) throws -> Int {
        var count = 0
        for subject in Set(subjects).sorted() where try !isErased(subject) {
            try erase(subject)
            count += 1
        }
        return count
    }
}
