// What a business module fulfils: its door. Node holds the one list of modules.

package import Replication

/// Who may write changes of a kind; what goes beyond is ruled at headquarters.
package enum Authority: String, Sendable {
    /// Any enrolled node.
    case anyNode
    /// A node of the branch that the commit's audiences name.
    case ownBranch
    /// Headquarters alone.
    case headquarters
}

/// A field of a kind's body, for the catalogue.
package struct FieldDefinition: Hashable, Sendable {
    package let key: Int64
    package let name: String
    /// CDDL type, such as `uint`, `int`, `tstr`, `[* line]`.
    package let type: String
    package let unit: String
    package let isOptional: Bool
    package let note: String

    /// The unit of a field that holds no value but the place of a personal one beside the commit.
    package static let personalUnit = "index into flag 5"

    package init(
        _ key: Int64,
        _ name: String,
        _ type: String,
        unit: String = "",
        isOptional: Bool = false,
        note: String = ""
    ) {
        self.key = key
        self.name = name
        self.type = type
        self.unit = unit
        self.isOptional = isOptional
        self.note = note
    }
}

/// A kind of change as its module declares it.
package struct KindDefinition: Sendable {
    package let kind: Kind
    /// The dotted lower-case name, for documents and logs.
    package let name: String
    package let summary: LocalText
    package let authority: Authority
    package let fields: [FieldDefinition]
    /// A body that every implementation must read, for the vectors.
    package let sample: [UInt8]

    package init(
        _ kind: Kind,
        _ name: String,
        _ summary: LocalText,
        authority: Authority,
        fields: [FieldDefinition],
        sample: [UInt8]
    ) {
        self.kind = kind
        self.name = name
        self.summary = summary
        self.authority = authority
        self.fields = fields
        self.sample = sample
    }
}

/// The door of a business module.
package protocol BusinessModule: Sendable {
    var number: UInt8 { get }
    var name: String { get }
    var kinds: [KindDefinition] { get }
    var reports: [any Report] { get }

    /// A projecting half of its own for one views file; effects go to the router.
    func projection(_ router: EffectRouter) -> any Projection

    /// What the merged whole shows.
    func findings(_ context: ReportContext) throws -> [Finding]

    /// Invariants that must hold at every position: the reasons where they do not.
    func violations(_ context: ReportContext) throws -> [String]
}
