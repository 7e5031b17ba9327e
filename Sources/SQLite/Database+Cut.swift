// An end to what takes too long to read.
// Must not: be used on a connection that writes.
import CSQLite
import Glibc

extension Database {
    /// Cuts whatever this connection reads from `ms` milliseconds on: the statement under way then
    /// fails with a fault that says `isCut`; nil lets it read on.
    ///
    /// Why: as long as a reader looks at one moment of the file, its WAL cannot begin anew.
    package func cutReading(afterMs ms: Int64?) {
        precondition(options.role == .reader, "what is being written is not cut")
        guard let ms else {
            readingEnds.pointee = .max
            sqlite3_progress_handler(handle, 0, nil, nil)
            return
        }
        readingEnds.pointee = monotonicMs() + ms
        sqlite3_progress_handler(handle, 1_000, isReadingOver, readingEnds)
    }
}

/// Asked by SQLite every thousand steps of a statement.
private func isReadingOver(_ context: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return 0 }
    let ends = context.assumingMemoryBound(to: Int64.self).pointee
    return monotonicMs() >= ends ? 1 : 0
}

private func monotonicMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
