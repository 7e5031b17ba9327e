// The door of People: who works here, what they may do, when they came and went.

package import Module
package import Replication

/// People: persons, roles, grants, punches.
package struct PeopleModule: BusinessModule {
    package let number: UInt8 = 4
    package let name = "people"
    package var kinds: [KindDefinition] { PeopleKind.definitions }
    package var reports: [any Report] { [AttendanceReport()] }

    package init() {}

    package func projection(_ router: EffectRouter) -> any Projection { PeopleView() }

    package func findings(_ context: ReportContext) throws -> [Finding] {
        try PeopleChecks.findings(context)
    }

    package func violations(_ context: ReportContext) throws -> [String] { [] }
}
