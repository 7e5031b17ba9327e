// The kinds of People, numbered for ever.

import Kernel
package import Module
package import Replication
import Wire

/// The kinds of module 4.
package enum PeopleKind {
    package static let punchRecorded = Kind(module: 4, 1)
    /// Reserved: a correction of punches that was approved.
    package static let punchCorrected = Kind(module: 4, 2)

    package static let person = Kind(module: 4, 128)
    package static let credential = Kind(module: 4, 129)
    package static let role = Kind(module: 4, 130)
    package static let pin = Kind(module: 4, 131)

    package static let roleGranted = Kind(module: 4, 224)
    package static let grantRevoked = Kind(module: 4, 225)
    package static let grantSuspended = Kind(module: 4, 226)

    /// All kinds with their fields, for the catalogue and the judging at headquarters.
    package static let definitions: [KindDefinition] = facts + registers + grants

    private static let facts: [KindDefinition] = [
        KindDefinition(
            punchRecorded,
            "punch.recorded",
            LocalText("打卡", "A punch of the time clock"),
            authority: .ownBranch,
            fields: [
                FieldDefinition(1, "person", "id"),
                FieldDefinition(2, "branch", "id"),
                FieldDefinition(
                    3,
                    "kind",
                    "uint",
                    note: "1 in, 2 out, 3 break start, 4 break end"
                ),
                FieldDefinition(4, "at", "int", unit: "ms since 1970"),
                FieldDefinition(5, "method", "uint", note: "1 PIN, 2 badge, 3 QR, 4 manager"),
                FieldDefinition(6, "note", "tstr", isOptional: true),
            ],
            sample: PunchRecorded(
                person: 4_294_967_301,
                branch: 77,
                kind: .in,
                at: WallTime(milliseconds: 1_795_000_000_000),
                method: .pin,
                note: nil
            ).body
        )
    ]

    private static let registers: [KindDefinition] = [
        KindDefinition(
            person,
            "person",
            LocalText("人员", "A person who works for the company"),
            authority: .headquarters,
            fields: [
                FieldDefinition(0, "entity", "id", isOptional: true),
                FieldDefinition(1, "code", "tstr", note: "工号"),
                FieldDefinition(2, "branch", "id", note: "0: headquarters"),
                FieldDefinition(
                    3,
                    "name",
                    "uint",
                    unit: FieldDefinition.personalUnit,
                    isOptional: true,
                    note: "in commits for the branches that know the person"
                ),
                FieldDefinition(
                    4,
                    "phone",
                    "uint",
                    unit: FieldDefinition.personalUnit,
                    isOptional: true
                ),
                FieldDefinition(5, "active", "bool"),
                FieldDefinition(6, "from", "int", unit: "first day", isOptional: true),
                FieldDefinition(7, "to", "int", unit: "last day", isOptional: true),
            ],
            sample: PeopleBody.map([
                (1, .text("E001")), (2, .integer(77)), (5, .bool(true)), (6, .integer(20_000)),
            ])
        ),
        KindDefinition(
            credential,
            "credential",
            LocalText("登录密码", "The hash with which a person signs in at headquarters"),
            authority: .headquarters,
            fields: [
                FieldDefinition(0, "entity", "id", note: "the person"),
                FieldDefinition(
                    1,
                    "password",
                    "uint",
                    unit: FieldDefinition.personalUnit,
                    isOptional: true
                ),
            ],
            sample: PeopleBody.map([(0, .integer(4_294_967_301)), (1, .integer(0))])
        ),
        KindDefinition(
            pin,
            "credential.pin",
            LocalText("收银密码", "The hash with which a person signs in at the tills of a branch"),
            authority: .headquarters,
            fields: [
                FieldDefinition(0, "entity", "id", isOptional: true),
                FieldDefinition(1, "person", "id"),
                FieldDefinition(2, "branch", "id"),
                FieldDefinition(
                    3,
                    "pin",
                    "uint",
                    unit: FieldDefinition.personalUnit,
                    isOptional: true
                ),
            ],
            sample: PeopleBody.map([
                (1, .integer(4_294_967_301)), (2, .integer(77)), (3, .integer(0)),
            ])
        ),
        KindDefinition(
            role,
            "role",
            LocalText("角色", "A named set of rights"),
            authority: .headquarters,
            fields: [
                FieldDefinition(0, "entity", "id", isOptional: true),
                FieldDefinition(1, "name", "tstr"),
                FieldDefinition(2, "rights", "[* uint]", note: "ascending"),
            ],
            sample: PeopleBody.map([
                (1, .text("收银员")), (2, .array([.integer(1), .integer(2)])),
            ])
        ),
    ]

    private static let grants: [KindDefinition] = [
        KindDefinition(
            roleGranted,
            "role.granted",
            LocalText("授权", "A role or rights for a person, at a branch or all, for a time"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "person", "id"),
                FieldDefinition(2, "role", "id", isOptional: true, note: "or rights"),
                FieldDefinition(3, "branch", "id", isOptional: true, note: "absent: everywhere"),
                FieldDefinition(4, "from", "int", unit: "ms since 1970"),
                FieldDefinition(5, "to", "int", unit: "ms since 1970", isOptional: true),
                FieldDefinition(6, "rights", "[+ uint]", isOptional: true, note: "ascending"),
            ],
            sample: RoleGranted(
                person: 4_294_967_301,
                given: .role(9),
                branch: 77,
                from: WallTime(milliseconds: 1_795_000_000_000),
                to: nil
            ).body
        ),
        KindDefinition(
            grantRevoked,
            "grant.revoked",
            LocalText("撤销授权", "A grant ends at once"),
            authority: .headquarters,
            fields: [
                FieldDefinition(1, "grant", "id"),
                FieldDefinition(2, "at", "int", unit: "ms since 1970"),
            ],
            sample: GrantRevoked(
                grant: 4_294_967_310,
                at: WallTime(milliseconds: 1_795_000_000_000)
            ).body
        ),
        KindDefinition(
            grantSuspended,
            "grant.suspended",
            LocalText("停用授权", "A grant ends at once at one branch, which may say so itself"),
            authority: .ownBranch,
            fields: [
                FieldDefinition(1, "grant", "id"),
                FieldDefinition(2, "branch", "id"),
                FieldDefinition(3, "at", "int", unit: "ms since 1970"),
            ],
            sample: GrantSuspended(
                grant: 4_294_967_310,
                branch: 77,
                at: WallTime(milliseconds: 1_795_000_000_000)
            ).body
        ),
    ]
}
