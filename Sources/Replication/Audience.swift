// Who may see a commit. Audiences are chosen when a commit is written and never change;
// a ruling may widen them. Must not know what a branch or a person is beyond an id.

/// One class of readers of a commit.
///
/// Shape: on the wire `[class, id]`; packed as `id × 8 + class` in tables.
package struct Audience: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The classes, numbered for ever.
    package enum Class: UInt8, Sendable {
        case everyone = 0
        case headquarters = 1
        case branch = 2
        case neighbours = 3
        case person = 4
        case group = 5
    }

    /// `id × 8 + class`.
    package let packed: Int64

    package init(packed: Int64) {
        self.packed = packed
    }

    /// Makes an audience from its two numbers, nil where they are not one.
    package init?(class number: Int64, id: Int64) {
        guard let known = UInt8(exactly: number).flatMap(Class.init(rawValue:)) else { return nil }
        switch known {
        case .everyone, .headquarters:
            guard id == 0 else { return nil }
        case .branch, .neighbours, .person, .group:
            guard id > 0, id < 1 << 53 else { return nil }
        }
        packed = id << 3 | number
    }

    private init(_ known: Class, _ id: Int64) {
        precondition(id >= 0 && id < 1 << 53, "an audience names a change id")
        packed = id << 3 | Int64(known.rawValue)
    }

    package static let everyone = Audience(.everyone, 0)
    package static let headquarters = Audience(.headquarters, 0)
    /// The nodes of a branch.
    package static func branch(_ id: Int64) -> Audience { Audience(.branch, id) }
    /// The nodes of a branch and of its neighbours.
    package static func neighbours(of branch: Int64) -> Audience { Audience(.neighbours, branch) }
    /// A person's own device.
    package static func person(_ id: Int64) -> Audience { Audience(.person, id) }
    /// The devices of a group.
    package static func group(_ id: Int64) -> Audience { Audience(.group, id) }

    /// The class number.
    package var classNumber: Int64 { packed & 7 }

    /// The branch, person or group; 0 for everyone and headquarters.
    package var id: Int64 { packed >> 3 }

    /// Order: by class, then id, as on the wire.
    package static func < (left: Audience, right: Audience) -> Bool {
        (left.classNumber, left.id) < (right.classNumber, right.id)
    }

    /// True where the readers are few, so that a guesser must not test contents by hash.
    package var needsBlinding: Bool { classNumber != 0 && classNumber != 3 }

    package var description: String {
        switch classNumber {
        case 0: "everyone"
        case 1: "headquarters"
        case 2: "branch \(id)"
        case 3: "neighbours of \(id)"
        case 4: "person \(id)"
        default: "group \(id)"
        }
    }
}
