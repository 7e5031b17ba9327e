// Asking what a pull's audiences add up to, and the commits of a run of ids: pieces of `pull` and
// `pulled`. Must not judge; reading checks the form alone.

package import Kernel
package import Replication
import Wire

/// A question after what headquarters delivered: `[class, id, from, to, parts]`.
///
/// Shape: one part asks for the sum, more for the sums of so many runs, none for the commits.
package struct DigestQuestion: Hashable, Sendable {
    /// Questions in one message, and runs in one answer.
    package static let questionsMax = 64
    /// Commits that are asked for at once instead of being cut further.
    static let commitsMax = 32

    package let audience: Audience
    package let ids: ClosedRange<ChangeID>
    package let parts: Int

    package init(
        _ audience: Audience,
        _ ids: ClosedRange<ChangeID> = AudienceDigest.allIDs,
        parts: Int = 1
    ) {
        self.audience = audience
        self.ids = ids
        self.parts = parts
    }

    func write(to writer: inout CBORWriter) {
        writer.array(5)
        writer.integer(audience.classNumber)
        writer.integer(audience.id)
        writer.integer(ids.lowerBound.rawValue)
        writer.integer(ids.upperBound.rawValue)
        writer.integer(Int64(parts))
    }

    init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 5)
        (audience, ids) = try reader.audienceAndIDs()
        parts = Int(try reader.unsigned(atMost: Int64(DigestQuestion.questionsMax)))
    }
}

/// What headquarters counts in a run of ids: `[class, id, from, to, count, sum]`.
package struct DigestRow: Hashable, Sendable {
    package let audience: Audience
    package let part: DigestPart

    package init(_ audience: Audience, _ part: DigestPart) {
        self.audience = audience
        self.part = part
    }

    func write(to writer: inout CBORWriter) {
        writer.array(6)
        writer.integer(audience.classNumber)
        writer.integer(audience.id)
        writer.integer(part.ids.lowerBound.rawValue)
        writer.integer(part.ids.upperBound.rawValue)
        writer.integer(Int64(part.count))
        writer.bytes((0..<16).map { UInt8(truncatingIfNeeded: part.sum >> (120 - 8 * $0)) })
    }

    init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 6)
        let (audience, ids) = try reader.audienceAndIDs()
        let count = Int(try reader.unsigned(atMost: 1 << 53 - 1))
        let sum = try reader.bytes(exactly: 16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self.audience = audience
        part = DigestPart(ids: ids, count: count, sum: sum)
    }
}

extension CBORReader {
    /// `class, id, from, to`: an audience and a run of ids.
    fileprivate mutating func audienceAndIDs() throws(WireFault) -> (
        Audience, ClosedRange<ChangeID>
    ) {
        let number = try integer()
        guard let audience = Audience(class: number, id: try integer()) else {
            throw fault(.invalidValue)
        }
        let from = try unsigned(atMost: 1 << 53 - 1)
        let to = try unsigned(atMost: 1 << 53 - 1)
        guard from <= to else { throw fault(.invalidValue) }
        return (audience, ChangeID(from)...ChangeID(to))
    }

    /// `[id, …]`.
    mutating func ids() throws(WireFault) -> [ChangeID] {
        try list { (reader) throws(WireFault) in
            ChangeID(try reader.unsigned(atMost: 1 << 53 - 1))
        }
    }
}
