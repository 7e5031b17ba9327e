// What a command's decision fills in: the changes of one business act, in one or several commits.
// Must not draw salts, read clocks or touch storage; the log does that when it appends.

package import Kernel
package import Wire

/// A personal value about to be written beside a commit.
package struct PersonalDraft: Hashable, Sendable {
    package let subject: Int64
    package let value: CBORValue

    package init(subject: Int64, value: CBORValue) {
        self.subject = subject
        self.value = value
    }
}

/// One commit about to be written.
package struct CommitDraft: Hashable, Sendable {
    package var audiences: [Audience]
    package var changes: [DraftChange] = []
    package var personal: [PersonalDraft] = []
    package var needs: [ChangeID] = []
    package var blobs: [Digest32] = []

    package init(audiences: [Audience]) {
        self.audiences = audiences
    }
}

/// One business act: what a command decides, in one commit for each set of audiences.
///
/// The ids of its changes are known while it is being filled, so a body may name them.
package struct Act: Sendable {
    /// The person who acts; 0 is the node itself.
    package let author: Int64
    /// The commits so far.
    package private(set) var commits: [CommitDraft] = []
    private let first: ChangeID
    private var count = 0

    /// An act whose first change will get the id `first`.
    package init(first: ChangeID, author: Int64) {
        self.first = first
        self.author = author
    }

    /// The id that the next change will have.
    package var nextID: ChangeID {
        ChangeID(replica: first.replica, sequence: first.sequence + UInt32(count))
    }

    /// True where nothing was decided: a write that changes nothing emits nothing.
    package var isEmpty: Bool { count == 0 }

    /// Starts the next commit, for the readers `audiences`.
    package mutating func begin(_ audiences: [Audience]) {
        if let last = commits.last, last.changes.isEmpty { commits.removeLast() }
        var sorted = audiences.sorted()
        var index = 1
        while index < sorted.count {
            if sorted[index] == sorted[index - 1] { sorted.remove(at: index) } else { index += 1 }
        }
        precondition(!sorted.isEmpty, "a commit has at least one audience")
        precondition(commits.count < CommitFlags.ActPlace.countMax, "an act is at most 16 commits")
        commits.append(CommitDraft(audiences: sorted))
    }

    /// Adds a change to the current commit and tells its id.
    ///
    /// Shape: `body` is one canonical CBOR map with unsigned keys.
    @discardableResult
    package mutating func add(_ kind: Kind, _ body: [UInt8]) -> ChangeID {
        precondition(!commits.isEmpty, "begin a commit before adding to it")
        let id = nextID
        commits[commits.count - 1].changes.append(DraftChange(kind: kind, body: body))
        count += 1
        return id
    }

    /// Lays a personal value beside the current commit and tells its index in flag 5.
    package mutating func personal(subject: Int64, _ value: CBORValue) -> Int {
        precondition(!commits.isEmpty, "begin a commit before adding to it")
        let draft = PersonalDraft(subject: subject, value: value)
        commits[commits.count - 1].personal.append(draft)
        return commits[commits.count - 1].personal.count - 1
    }

    /// Says that the current commit cannot be projected before `id`.
    package mutating func need(_ id: ChangeID) {
        precondition(!commits.isEmpty, "begin a commit before adding to it")
        let last = commits.count - 1
        if let place = commits[last].needs.firstIndex(where: { !($0 < id) }) {
            if commits[last].needs[place] != id { commits[last].needs.insert(id, at: place) }
        } else {
            commits[last].needs.append(id)
        }
    }

    /// Names an attachment of the current commit.
    package mutating func attach(_ blob: Digest32) {
        precondition(!commits.isEmpty, "begin a commit before adding to it")
        let last = commits.count - 1
        if let place = commits[last].blobs.firstIndex(where: { !($0 < blob) }) {
            if commits[last].blobs[place] != blob { commits[last].blobs.insert(blob, at: place) }
        } else {
            commits[last].blobs.append(blob)
        }
    }

    /// The number of changes so far.
    package var changeCount: Int { count }
}
