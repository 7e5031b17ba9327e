// The list of erased persons beside the log: it outlives the log's own copy, so that a backup from
// before an erasure is restored without what was erased. Holds ids only.

package import Replication
import SQLite
import Wire

/// The file `erased` of a data directory.
///
/// Shape: CBOR `[1, [subject, …]]`, ascending.
package enum ErasedFile {
    static let name = "erased"

    /// The subjects in the file; none where there is no file.
    ///
    /// Throws: `WireFault` where the file is damaged.
    package static func read(_ storage: any NodeStorage) throws -> [Int64] {
        guard let bytes = try storage.read(name) else { return [] }
        return try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
            try reader.array(of: 2)
            guard try reader.integer() == 1 else { throw reader.fault(.invalidValue) }
            var subjects: [Int64] = []
            for _ in 0..<(try reader.array()) { subjects.append(try reader.integer()) }
            return subjects
        }
    }

    /// Writes the log's list, united with what the file holds already.
    package static func write(_ log: Log, to storage: any NodeStorage) throws {
        // A damaged file is replaced by what the log knows.
        let kept = (try? read(storage)) ?? []
        let subjects = Set(kept).union(try log.erasedSubjects()).sorted()
        if subjects.isEmpty || subjects == kept { return }
        var writer = CBORWriter(capacity: 16 + subjects.count * 9)
        writer.array(2)
        writer.integer(1)
        writer.array(subjects.count)
        for subject in subjects { writer.integer(subject) }
        try storage.write(name, writer.bytes, isDurable: true)
    }
}

extension NodeEngine {
    /// After an erasure: the list beside the log is written, and the WAL that still holds the
    /// values is emptied; where a reader is in the way, after the next write.
    package func forgetErased() throws {
        if !log.hasErased { return }
        try ErasedFile.write(log, to: storage)
        if try log.database.checkpoint(.truncate).isComplete { log.erasureIsComplete() }
    }
}
