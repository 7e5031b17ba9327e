// What a command is: a wish, decided on what this node knows, into changes or a numbered refusal.
// Must not write; the node appends what was decided.

package import Kernel
package import Replication
package import SQLite

/// Why a command is refused: expected, numbered for ever, for the user.
package protocol Refusal: Error, Sendable {
    /// module × 1000 + n, never reused.
    var code: Int { get }
    var chinese: String { get }
    var english: String { get }
    /// True where the same command may succeed later.
    var isTransient: Bool { get }
}

extension Refusal {
    package var isTransient: Bool { false }
}

/// The refusals every module shares.
package enum CommonRefusal: Refusal {
    case notAllowed(Right)
    case headquartersOnly
    case wrongBranch
    case unknownBranch(String)

    package var code: Int {
        switch self {
        case .notAllowed: 1
        case .headquartersOnly: 2
        case .wrongBranch: 3
        case .unknownBranch: 4
        }
    }

    package var chinese: String {
        switch self {
        case .notAllowed(let right): "没有权限（\(right)）。请由有权限的人员操作。"
        case .headquartersOnly: "此操作只能在总部进行。"
        case .wrongBranch: "此操作属于另一家门店。"
        case .unknownBranch(let code): "没有编码为 \(code) 的门店。"
        }
    }

    package var english: String {
        switch self {
        case .notAllowed(let right): "Not permitted (\(right)). Ask someone who holds the right."
        case .headquartersOnly: "This can be done at headquarters only."
        case .wrongBranch: "This belongs to another branch."
        case .unknownBranch(let code): "There is no branch with the code \(code)."
        }
    }
}

/// What a node is, for its commands.
package struct NodeFacts: Hashable, Sendable {
    /// The kinds of node, numbered for ever.
    package enum Kind: Int64, Sendable {
        case headquarters = 0
        case branch = 1
        case till = 2
        case field = 3
    }

    package let kind: Kind
    /// The branch of the device; 0 at headquarters.
    package let branch: Int64
    package let replica: ReplicaNumber

    package init(kind: Kind, branch: Int64, replica: ReplicaNumber) {
        self.kind = kind
        self.branch = branch
        self.replica = replica
    }
}

/// What *decide* may look at.
package struct DecideContext {
    package let views: Database
    package let log: LogReader
    package let questions: Questions
    package let node: NodeFacts
    package let now: WallTime
    /// The latest time this node knows to have come, by its own records and headquarters' word:
    /// later than `now` where the clock went back.
    package let seen: WallTime
    /// The person who acts; 0 is the node itself (imports, the founding, the demonstration).
    package let author: Int64
    /// Writes the sums that earlier acts left to be written: a command whose `asksSums` is false
    /// calls it before it reads any after all.
    package let writeSums: () throws -> Void

    package init(
        views: Database,
        log: LogReader,
        questions: Questions,
        node: NodeFacts,
        now: WallTime,
        seen: WallTime? = nil,
        author: Int64,
        writeSums: @escaping () throws -> Void = {}
    ) {
        self.views = views
        self.log = log
        self.questions = questions
        self.node = node
        self.now = now
        self.seen = max(now, seen ?? now)
        self.author = author
        self.writeSums = writeSums
    }

    /// Today in China.
    package var today: CivilDate { now.date() }

    /// True where the clock lies behind what this node knows to have come, by more than a minute.
    package var isClockBehind: Bool { seen.milliseconds - now.milliseconds > 60_000 }

    /// Refuses a person without the right; the node itself has every right on its own ground.
    ///
    /// A clock that went back takes no right away: what began by the time seen has begun.
    package func require(_ right: Right, branch: Int64) throws {
        if author == 0 { return }
        let people = questions.people
        if try people.may(author, right, branch: branch, at: now, views) { return }
        if isClockBehind, try people.may(author, right, branch: branch, at: seen, views) { return }
        throw CommonRefusal.notAllowed(right)
    }

    /// Refuses any node but headquarters.
    package func requireHeadquarters() throws(CommonRefusal) {
        if node.kind != .headquarters { throw CommonRefusal.headquartersOnly }
    }

    /// Refuses a branch that is not this node's; headquarters may act for any.
    package func requireOwn(branch: Int64) throws(CommonRefusal) {
        if node.kind != .headquarters, node.branch != branch { throw CommonRefusal.wrongBranch }
    }
}

/// A wish of a user: what is to happen.
package protocol Command: Sendable {
    associatedtype Outcome: Sendable

    /// Decides: fills the act, or throws a `Refusal`. Writes nothing.
    func decide(_ context: DecideContext, _ act: inout Act) throws -> Outcome

    /// True where it ends what is open, as closing a day does: that is done on a full disk too.
    var endsWork: Bool { get }

    /// False where it reads no sums of what was done, only master data, days and numbers: it may
    /// be decided while the sums of the acts before it are still to be written.
    var asksSums: Bool { get }
}

extension Command {
    /// False: most commands begin something.
    package var endsWork: Bool { false }

    /// True: a command that is not known to do without.
    package var asksSums: Bool { true }
}
