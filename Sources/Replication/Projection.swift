// What a module's projecting half fulfils, and what the engine hands to it.
// A projection sees a change's own bytes and its own tables; it must not look at the clock, the
// locale, randomness, hash order or another module's code.

package import Kernel
package import SQLite
package import Wire

/// The tables of one module in the views file.
package struct ViewSchema: Sendable {
    /// Raised whenever tables or the meaning of their rows change: the views are then rebuilt.
    package let version: Int
    /// `CREATE TABLE … STRICT` and indexes; names begin with the module's name.
    package let statements: [StaticString]
    /// The tables by name, for digests; each is read whole, ordered by its primary key.
    package let tables: [String]

    package init(version: Int, statements: [StaticString], tables: [String]) {
        self.version = version
        self.statements = statements
        self.tables = tables
    }
}

/// A change while it is being projected.
///
/// `body` is valid only during the call it is handed to.
package struct ChangeInHand {
    package let id: ChangeID
    package let kind: Kind
    package let body: UnsafeRawBufferPointer
    package let clock: ClockStamp
    package let wall: WallTime
    /// The person who acted; 0 is the node itself.
    package let author: Int64
    /// The commit that holds the change; personal values are addressed (commit, index).
    package let commit: ChangeID
    /// The personal values beside the commit: their subjects, by index.
    package let personal: [CommitFlags.PersonalMark]

    package init(
        id: ChangeID,
        kind: Kind,
        body: UnsafeRawBufferPointer,
        clock: ClockStamp,
        wall: WallTime,
        author: Int64,
        commit: ChangeID,
        personal: [CommitFlags.PersonalMark]
    ) {
        self.id = id
        self.kind = kind
        self.body = body
        self.clock = clock
        self.wall = wall
        self.author = author
        self.commit = commit
        self.personal = personal
    }
}

/// Why a change cannot be projected now.
package enum ProjectionFault: Error, Sendable {
    /// The body is not what its kind says.
    case malformed(WireFault)
    /// A number beyond the limits of the books.
    case outOfRange(String)
    /// A rule that the change's own bytes break, such as an unbalanced posting.
    case violation(String)
    /// The kind is not known here; newer code may know it.
    case unknownKind(Kind)
    /// A flag is not known here.
    case unknownFlag
    /// The commit is for few readers and lacks the flag that keeps it from being guessed.
    case notBlinded
    /// A change that must come first is not here yet.
    case unmetNeed(ChangeID)
    /// The views file failed; the commit is not to blame.
    case storage(StorageFault)
}

/// What a projection may use of the world: its tables, and what rulings say of time.
package final class ProjectionWorld {
    package let views: Database
    private let effective: (ChangeID, ClockStamp) -> ClockStamp

    package init(views: Database, effective: @escaping (ChangeID, ClockStamp) -> ClockStamp) {
        self.views = views
        self.effective = effective
    }

    /// The clock of a change unless a ruling corrects it.
    package func effectiveTime(of id: ChangeID, clock: ClockStamp) -> ClockStamp {
        effective(id, clock)
    }
}

/// The winning value of one register.
package struct RegisterValue: Sendable {
    /// The write that won.
    package let change: ChangeID
    /// The commit of that write; where the register is personal, its value is addressed by this
    /// commit and the index that the register holds.
    package let commit: ChangeID
    /// What was written; a cleared register is not listed.
    package let value: CBORValue

    package init(change: ChangeID, commit: ChangeID, value: CBORValue) {
        self.change = change
        self.commit = commit
        self.value = value
    }
}

/// The winning values of an entity's registers.
package struct RegisterEntity: Sendable {
    package let kind: Kind
    package let entity: Int64
    package let values: [Int64: RegisterValue]

    package init(kind: Kind, entity: Int64, values: [Int64: RegisterValue]) {
        self.kind = kind
        self.entity = entity
        self.values = values
    }

    /// The register as an integer, nil where it is absent or of another type.
    package func integer(_ key: Int64) -> Int64? {
        guard case .integer(let value)? = values[key]?.value else { return nil }
        return value
    }

    /// The register as text, nil where it is absent or of another type.
    package func text(_ key: Int64) -> String? {
        guard case .text(let value)? = values[key]?.value else { return nil }
        return value
    }

    /// The register as a truth value, nil where it is absent or of another type.
    package func bool(_ key: Int64) -> Bool? {
        guard case .bool(let value)? = values[key]?.value else { return nil }
        return value
    }

    /// The register as it is.
    package func value(_ key: Int64) -> CBORValue? { values[key]?.value }

    /// The address of a personal register's value: the commit beside which it lies, and its index.
    package func personal(_ key: Int64) -> (commit: ChangeID, index: Int64)? {
        guard let register = values[key], case .integer(let index) = register.value else {
            return nil
        }
        return (register.commit, index)
    }
}

/// A module's projecting half.
package protocol Projection: AnyObject {
    /// The module whose kinds it takes.
    var moduleNumber: UInt8 { get }

    /// Its tables.
    var schema: ViewSchema { get }

    /// Called once the tables exist.
    func open(_ views: Database) throws(StorageFault)

    /// Takes a fact, a grant or a ruling of the module: adds to accumulators, or to rows keyed by
    /// the change's id. Order: any; each change once.
    func apply(_ change: ChangeInHand, _ world: ProjectionWorld) throws(ProjectionFault)

    /// Checks a register write of the module before it is taken.
    func check(_ write: ChangeInHand) throws(ProjectionFault)

    /// Rewrites the row of an entity from its winning values; called before `flush` for every
    /// entity that a batch touched, by ascending kind and id.
    ///
    /// Throws: only `.storage`. The values come from several commits: none of them is to blame for
    /// what they are together, and blaming the last would make the order of arrival matter. What
    /// one write may not hold is refused by `check`.
    func registersChanged(
        _ entity: RegisterEntity,
        _ world: ProjectionWorld
    ) throws(ProjectionFault)

    /// Refolds what depends on the effective time of the changes in a range.
    ///
    /// Order: everything applied before has been flushed. Throws: only `.storage`.
    func clockRuled(_ range: ClosedRange<ChangeID>, _ world: ProjectionWorld)
        throws(ProjectionFault)

    /// Takes back the grants among the changes in a range: headquarters forbade them.
    ///
    /// Registers in the range are taken back by the engine; facts in it stay.
    ///
    /// Order: everything applied before has been flushed. Throws: only `.storage`.
    func forbidden(_ range: ClosedRange<ChangeID>, _ world: ProjectionWorld) throws(ProjectionFault)

    /// Writes the accumulators, sorted by key, and forgets them.
    func flush(_ world: ProjectionWorld) throws(ProjectionFault)

    /// Writes of the accumulators what a command reads that asks for no sums (`Command.asksSums`),
    /// so that the rest can wait for more acts that add to the same rows.
    func flushNumbers(_ world: ProjectionWorld) throws(ProjectionFault)

    /// Forgets the accumulators: the batch was rolled back.
    func discard()
}

extension Projection {
    /// All of them, where a module does not say what can wait.
    package func flushNumbers(_ world: ProjectionWorld) throws(ProjectionFault) {
        try flush(world)
    }

    /// A module without grants has nothing to take back.
    package func forbidden(
        _ range: ClosedRange<ChangeID>,
        _ world: ProjectionWorld
    ) throws(ProjectionFault) {}
}
