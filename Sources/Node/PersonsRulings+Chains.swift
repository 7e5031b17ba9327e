// What a person decides at headquarters about whole chains: a device, a number in review, a hole
// that nobody can fill. Must not decide by itself: each call is somebody's word.

package import Kernel
import Module
import Replication
import SQLite

/// A number whose facts wait for a person: it is nobody's, it was ended, or its device revoked.
package struct NumberInReview: Hashable, Sendable {
    package let number: ReplicaNumber
    /// The device that signed for it.
    package let device: Int64
    /// How many commits wait.
    package let waiting: Int
}

/// Commits that were handed back and wait beside a chain, for what comes before them is gone.
package struct ChainHole: Hashable, Sendable {
    package let number: ReplicaNumber
    /// The last sequence that is there.
    package let after: UInt32
    /// The first change behind the hole.
    package let first: ChangeID
    /// How many commits wait.
    package internal(set) var waiting: Int
}

extension NodeEngine {
    /// Revokes a device: it is refused at its next request, and what it sends later waits.
    package func revoke(device: Int64, reason: String) throws {
        try log.write { try log.revoke(device, reason: reason, at: clock.now()) }
        try catchUp()
    }

    /// The numbers of which everything waits for a person, ascending.
    package func numbersInReview() throws -> [NumberInReview] {
        var counts: [ReplicaNumber: Int] = [:]
        for held in try log.reader.heldCommits() where held.verdict == .beyondRights {
            counts[held.id.replica, default: 0] += 1
        }
        var found: [NumberInReview] = []
        for (number, count) in counts.sorted(by: { $0.key < $1.key }) {
            guard let head = try log.reader.head(of: number), head.device != 0 else { continue }
            let owner = try log.owner(of: number)
            let isRevoked = try log.device(head.device)?.isRevoked ?? false
            guard owner?.isEnded ?? true || isRevoked else { continue }
            found.append(NumberInReview(number: number, device: head.device, waiting: count))
        }
        return found
    }

    /// Lets in every fact that waits under a number in review; answers how many commits they are.
    ///
    /// A number that is nobody's becomes the device's that signed for it.
    package func accept(_ number: ReplicaNumber) throws -> Int {
        guard let review = try numbersInReview().first(where: { $0.number == number }) else {
            throw RulingRefusal.notInReview(number)
        }
        let waiting = try log.reader.heldCommits()
            .filter { $0.id.replica == number && $0.verdict == .beyondRights }.map(\.id)
        try log.write {
            try log.accept(number, of: review.device, at: clock.now())
            try forgetWithheld(waiting)
        }
        try catchUp()
        return review.waiting
    }

    /// The chains with a hole behind which commits wait, by number.
    package func holes() throws -> [ChainHole] {
        guard log.isHeadquarters else { return [] }
        let statement = try log.database.statement("SELECT id FROM waiting ORDER BY id")
        var ids: [ChangeID] = []
        try statement.forEach { ids.append(ChangeID($0.integer(0))) }
        var found: [ChainHole] = []
        for id in ids {
            if let last = found.last, last.number == id.replica {
                found[found.count - 1].waiting += 1
                continue
            }
            let after = try log.reader.head(of: id.replica)?.last ?? 0
            // What stands under an id that is here is another history, and no hole.
            if id.sequence <= after { continue }
            found.append(ChainHole(number: id.replica, after: after, first: id, waiting: 1))
        }
        return found
    }

    /// Names what lies in a hole as lost, and answers how many commits waited behind it.
    ///
    /// They follow after the gap. A device that may come back fills its hole by itself: it must be
    /// revoked before.
    package func giveUp(_ number: ReplicaNumber, reason: String) throws -> Int {
        guard let hole = try holes().first(where: { $0.number == number }) else {
            throw RulingRefusal.noHole(number)
        }
        if Text.isBlank(reason) { throw RulingRefusal.reasonMissing }
        let owner = try log.owner(of: number)?.device ?? 0
        if owner != 0, try log.device(owner)?.isRevoked == false {
            throw RulingRefusal.mayComeBack(owner)
        }
        let body = LogBody.tailLost(number, after: hole.after, reason: reason)
        _ = try perform(RulingCommand(kind: LogKind.tailLost, body: body))
        try catchUp()
        return hole.waiting
    }
}
