// Which views file serves: the newest whole one. A changed view is derived anew into the next file
// while the old one serves, then the old one is deleted; views need no migration.

package import Replication
import SQLite

/// The views files of one data directory.
package struct ViewFiles {
    private let storage: any NodeStorage
    private let kinds: [Kind]
    private let makeProjections: () -> [any Projection]

    package init(
        storage: any NodeStorage,
        kinds: [Kind],
        projections: @escaping () -> [any Projection]
    ) {
        self.storage = storage
        self.kinds = kinds
        makeProjections = projections
    }

    /// Opens the newest views, deriving them anew where the code has changed or they are damaged,
    /// or where they stand beyond `end`, the log's when it was opened.
    ///
    /// Why beyond: such a log has lost what they show, or is an older copy.
    /// A file that a rebuild left half-way is taken up where it stands: what is derived in steps is
    /// the same as what is derived at once.
    package func open(
        _ reader: LogReader,
        end: Int64? = nil,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> Projector {
        let end = try end ?? reader.end()
        let numbers = try existing()
        if let newest = numbers.last, let projector = try usable(newest, reader) {
            if !projector.needsRebuild, projector.position <= end {
                try removeAll(but: newest)
                return projector
            }
            try projector.views.close()
        }
        return try rebuild(reader, after: numbers.last ?? 0, progress: progress)
    }

    /// The views that serve, on a connection that only reads; nil where none serve now.
    ///
    /// Why the oldest: it serves until a rebuild into the next file has ended.
    package func openReading(_ reader: LogReader) throws -> Projector? {
        guard let number = try existing().first else { return nil }
        let options = Database.Options(role: .reader, cacheKiB: 16_384)
        let views = try storage.database(name(number), options)
        let served = try Projector(
            reader: reader,
            views: views,
            projections: makeProjections(),
            kinds: kinds
        )
        if !served.needsRebuild { return served }
        try views.close()
        return nil
    }

    /// Derives the views anew into the next file, and forgets the older ones.
    package func rebuild(
        _ reader: LogReader,
        after number: Int64? = nil,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> Projector {
        let next = try (number ?? existing().last ?? 0) + 1
        try remove(next)
        let fresh = try projector(next, reader)
        let end = try reader.end()
        // Many commits at once fold into few rows of sums.
        while try fresh.catchUp(limit: 10_000) > 0 {
            progress(fresh.position, end)
            if fresh.views.walBytes > 64 << 20 { try fresh.views.checkpoint(.passive) }
        }
        _ = try fresh.views.checkpoint(.truncate)
        try removeAll(but: next)
        return fresh
    }

    /// The views of a file; nil where it is damaged, for the log holds everything in it.
    private func usable(_ number: Int64, _ reader: LogReader) throws -> Projector? {
        do {
            return try projector(number, reader)
        } catch let fault as StorageFault where fault.isCorrupt {
            return nil
        }
    }

    private func projector(_ number: Int64, _ reader: LogReader) throws -> Projector {
        // Headquarters merges all branches into rows that lie far apart; a branch stays small.
        let isHeadquarters = try reader.metaInteger("headquarters") == 1
        let cacheKiB = isHeadquarters ? 65_536 : 8_192
        let options = Database.Options(synchronous: .normal, cacheKiB: cacheKiB)
        let views = try storage.database(name(number), options)
        return try Projector(
            reader: reader,
            views: views,
            projections: makeProjections(),
            kinds: kinds
        )
    }

    private func name(_ number: Int64) -> String { "views-\(number).sqlite" }

    /// The numbers of the views files that exist, ascending.
    private func existing() throws -> [Int64] {
        try storage.names().compactMap { name in
            guard name.hasPrefix("views-"), name.hasSuffix(".sqlite") else { return nil }
            return Int64(name.dropFirst(6).dropLast(7))
        }.sorted()
    }

    private func removeAll(but kept: Int64) throws {
        for number in try existing() where number != kept { try remove(number) }
    }

    private func remove(_ number: Int64) throws {
        for suffix in ["-wal", "-shm", ""] { try storage.remove(name(number) + suffix) }
    }
}
