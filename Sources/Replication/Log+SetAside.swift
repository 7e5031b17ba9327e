// Setting commits aside unread, and who is told of a ruling beside the readers of what it rules.
// Must not decide that a commit is to be set aside: its caller does.

package import Kernel
import SQLite
import Wire

extension Log {
    /// Rules commits unread: they are kept, projected nowhere, and come back when released.
    ///
    /// Called inside `write`.
    package func setAside(
        _ commits: [ChangeID],
        reason: String,
        at wall: WallTime
    ) throws {
        for (extra, ids) in try byAuthorsBranch(commits) {
            try ruleByReaders(ids.map { ($0, $0) }, extra: extra, at: wall) { ranges in
                (
                    LogKind.commitUnread,
                    RulingBody.unread(ranges.map(\.lowerBound), reason: reason)
                )
            }
        }
    }

    /// Commits by the branch of the device that wrote them, as the audience that a ruling about
    /// them has beside their readers; none where it is headquarters' or nobody's.
    func byAuthorsBranch(
        _ commits: [ChangeID]
    ) throws -> [(extra: [Audience], ids: [ChangeID])] {
        var groups: [(branch: Int64, ids: [ChangeID])] = []
        for id in commits {
            let owner = try owner(of: id.replica)?.device ?? 0
            let branch = owner == 0 ? 0 : try device(owner)?.branch ?? 0
            if let place = groups.firstIndex(where: { $0.branch == branch }) {
                groups[place].ids.append(id)
            } else {
                groups.append((branch, [id]))
            }
        }
        return groups.sorted { $0.branch < $1.branch }.map { branch, ids in
            (branch > 0 ? [.branch(branch)] : [], ids)
        }
    }
}

extension RulingBody {
    /// Writes `{1: [id, …], 2: reason}`.
    package static func unread(_ ids: [ChangeID], reason: String) -> [UInt8] {
        var writer = CBORWriter(capacity: 32 + ids.count * 10 + reason.utf8.count)
        writer.map(2)
        writer.key(1)
        writer.array(ids.count)
        for id in ids { writer.integer(id.rawValue) }
        writer.key(2)
        writer.text(reason)
        return writer.bytes
    }
}
