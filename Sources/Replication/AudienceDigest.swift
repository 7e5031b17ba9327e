// What two logs compare for an audience: a sum over the commits that were delivered to it.
// A function of the commits that name the audience and of the rulings that name it, so that all
// who hold these say the same. Must not ask the views.

package import Kernel
package import Wire

/// A commit that counts in the digest of an audience.
package struct DigestShare: Hashable, Sendable {
    package let id: ChangeID
    /// The id of its last change.
    package let last: ChangeID
    package let hash: Digest32
}

/// A run of ids with what counts in it.
package struct DigestPart: Hashable, Sendable {
    package let ids: ClosedRange<ChangeID>
    package let count: Int
    /// Sum mod 2¹²⁸ of the first 16 bytes of the hashes.
    package let sum: UInt128

    package init(ids: ClosedRange<ChangeID>, count: Int, sum: UInt128) {
        self.ids = ids
        self.count = count
        self.sum = sum
    }
}

/// The commits that were delivered to an audience at or below a position, ascending by id: widened
/// and released ones among them, forbidden and unread ones, and own unsent ones not.
package struct AudienceDigest: Sendable {
    package let audience: Audience
    package let shares: [DigestShare]

    /// All ids there are.
    package static let allIDs = ChangeID(0)...ChangeID(1 << 53 - 1)

    /// The digest: the sum over all of it.
    package var sum: UInt128 { part(AudienceDigest.allIDs).sum }

    /// The digest as 32 hexadecimal digits.
    package var hex: String {
        let text = String(sum, radix: 16)
        return String(repeating: "0", count: 32 - text.count) + text
    }

    /// What counts in a run of ids.
    package func part(_ ids: ClosedRange<ChangeID>) -> DigestPart {
        let found = shares(in: ids)
        return DigestPart(
            ids: ids,
            count: found.count,
            sum: found.reduce(0) { $0 &+ $1.hash.leading128 }
        )
    }

    /// A run of ids cut into at most `limit` runs of about as many commits each, without a gap.
    package func parts(of ids: ClosedRange<ChangeID>, limit: Int) -> [DigestPart] {
        let found = shares(in: ids)
        let steps = min(max(limit, 1), max(found.count, 1))
        var parts: [DigestPart] = []
        var from = ids.lowerBound
        for step in 1...steps {
            let end = step * found.count / steps
            let next = step < steps ? found[found.startIndex + end].id : nil
            let to = next.map { ChangeID($0.rawValue - 1) } ?? ids.upperBound
            parts.append(part(from...to))
            from = ChangeID(to.rawValue + 1)
        }
        return parts
    }

    /// The commits that count and begin in a run of ids.
    package func shares(in ids: ClosedRange<ChangeID>) -> ArraySlice<DigestShare> {
        let end = index(ChangeID(ids.upperBound.rawValue + 1))
        return shares[index(ids.lowerBound)..<end]
    }

    /// The index of the first commit at or after an id.
    private func index(_ id: ChangeID) -> Int {
        var low = 0
        var high = shares.count
        while low < high {
            let middle = (low + high) / 2
            if shares[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
