// The kinds of module 0 as the catalogue lists them: the engine knows their bodies, no module does.
// Must not add a kind that Replication does not name.

import Kernel
import Module
import Replication
import Wire

/// The definitions of module 0, with a body for the vectors.
enum LogDefinitions {
    static let all: [KindDefinition] = taken + clocks + verdicts + delivery + chains + devices

    private static let replica: Int64 = 7
    private static let commit: Int64 = 7 << 32 | 5
    private static let device: Int64 = 3

    private static let taken: [KindDefinition] = [
        KindDefinition(
            LogKind.rowsTaken,
            "rows.taken",
            LocalText("导入", "Rows of a file became what stands beside it in its commit"),
            authority: .anyNode,
            fields: [
                FieldDefinition(
                    1,
                    "identity",
                    "bstr .size 16",
                    note: "of the rows in their source"
                ),
                FieldDefinition(2, "digest", "bstr .size 16", note: "of what the rows say"),
                FieldDefinition(3, "made", "id", isOptional: true),
            ],
            sample: RowsTaken(
                identity: Array(1...16),
                digest: Array(17...32),
                made: ChangeID(commit)
            ).body
        )
    ]

    private static let clocks: [KindDefinition] = [
        ruling(
            LogKind.clockRuled,
            "clock.ruled",
            LocalText("时钟裁定", "The clock of a run of changes was wrong"),
            [
                FieldDefinition(1, "replica", "uint"),
                FieldDefinition(2, "from", "uint", note: "sequence"),
                FieldDefinition(3, "to", "uint", note: "sequence, inclusive"),
                FieldDefinition(4, "ahead", "int", unit: "ms that the clock was ahead"),
            ],
            [(1, .integer(replica)), (2, .integer(5)), (3, .integer(9)), (4, .integer(720_000))]
        )
    ]

    private static let verdicts: [KindDefinition] = [
        ruling(
            LogKind.changeForbidden,
            "change.forbidden",
            LocalText("禁止", "Register writes and grants beyond their author's rights"),
            [FieldDefinition(1, "ranges", "[+ [from: id, to: id]]", note: "inclusive")],
            [(1, .array([.array([.integer(commit), .integer(commit + 2)])]))]
        ),
        ruling(
            LogKind.factAdmitted,
            "fact.admitted",
            LocalText("准入", "A person let facts in that were beyond the device's rights"),
            [FieldDefinition(1, "commits", "[+ id]")],
            [(1, .array([.integer(commit)]))]
        ),
        ruling(
            LogKind.commitUnread,
            "commit.unread",
            LocalText("搁置", "Commits are set aside unread"),
            [
                FieldDefinition(1, "commits", "[+ id]"),
                FieldDefinition(2, "reason", "tstr"),
            ],
            [(1, .array([.integer(commit)])), (2, .text("crashed twice"))]
        ),
        ruling(
            LogKind.commitReleased,
            "commit.released",
            LocalText("解除搁置", "The opposite of commit.unread"),
            [
                FieldDefinition(1, "ruling", "id", note: "the ruling that is undone"),
                FieldDefinition(2, "commits", "[+ id]"),
            ],
            [(1, .integer(90)), (2, .array([.integer(commit)]))]
        ),
    ]

    private static let delivery: [KindDefinition] = [
        ruling(
            LogKind.logReleased,
            "log.released",
            LocalText("补发", "Commits judged late; pull delivers them just before this change"),
            [FieldDefinition(1, "commits", "[+ id]")],
            [(1, .array([.integer(commit)]))]
        ),
        ruling(
            LogKind.audienceWidened,
            "audience.widened",
            LocalText("扩大可见范围", "Old commits for a new audience"),
            [
                FieldDefinition(1, "audience", "[class: uint, id: uint]"),
                FieldDefinition(2, "commits", "[+ id]"),
            ],
            [
                (1, .array([.integer(2), .integer(9)])),
                (2, .array([.integer(commit)])),
            ]
        ),
    ]

    private static let chains: [KindDefinition] = [
        ruling(
            LogKind.tailLost,
            "tail.lost",
            LocalText("尾段丢失", "The end of a history is gone"),
            [
                FieldDefinition(1, "replica", "uint"),
                FieldDefinition(2, "after", "uint", note: "the last sequence that is there"),
                FieldDefinition(3, "labels", "[* tstr]", note: "sales receipts known to be lost"),
                FieldDefinition(4, "reason", "tstr"),
            ],
            [
                (1, .integer(replica)), (2, .integer(40)),
                (3, .array([.text("S00101A-261123-00017-77")])), (4, .text("硬盘损坏")),
            ]
        ),
        ruling(
            LogKind.replicaEnded,
            "replica.ended",
            LocalText("编号停用", "Nothing more is written under a replica number"),
            [
                FieldDefinition(1, "replica", "uint"),
                FieldDefinition(2, "last", "uint", note: "sequence"),
                FieldDefinition(3, "hash", "bstr .size 32", note: "of the last commit"),
                FieldDefinition(4, "successor", "uint", isOptional: true, note: "replica"),
            ],
            [
                (1, .integer(replica)), (2, .integer(40)),
                (3, .bytes([UInt8](repeating: 0x5A, count: 32))), (4, .integer(12)),
            ]
        ),
        ruling(
            LogKind.personErased,
            "person.erased",
            LocalText("删除个人信息", "The personal data of a subject is erased, for ever"),
            [FieldDefinition(1, "subject", "id")],
            [(1, .integer(commit))]
        ),
    ]

    private static let devices: [KindDefinition] = [
        ruling(
            LogKind.deviceEnrolled,
            "device.enrolled",
            LocalText("设备登记", "A device was enrolled"),
            [
                FieldDefinition(1, "device", "uint", unit: "device id"),
                FieldDefinition(2, "name", "tstr"),
                FieldDefinition(3, "kind", "uint", note: "1 branch, 2 till, 3 field"),
                FieldDefinition(4, "branch", "id"),
                FieldDefinition(5, "person", "id", isOptional: true, note: "whose own it is"),
                FieldDefinition(6, "numbers", "[* uint]", note: "replica numbers"),
                FieldDefinition(7, "code", "tstr", isOptional: true, note: "name of the code"),
            ],
            [
                (1, .integer(device)), (2, .text("S001")), (3, .integer(1)), (4, .integer(9)),
                (6, .array([.integer(replica)])),
            ]
        ),
        ruling(
            LogKind.deviceRevoked,
            "device.revoked",
            LocalText("设备吊销", "A device may do nothing more"),
            [
                FieldDefinition(1, "device", "uint", unit: "device id"),
                FieldDefinition(2, "reason", "tstr"),
            ],
            [(1, .integer(device)), (2, .text("遗失"))]
        ),
        ruling(
            LogKind.replicaIssued,
            "replica.issued",
            LocalText("编号发放", "A device got a replica number"),
            [
                FieldDefinition(1, "replica", "uint"),
                FieldDefinition(2, "device", "uint", unit: "device id"),
            ],
            [(1, .integer(replica)), (2, .integer(device))]
        ),
    ]

    private static func ruling(
        _ kind: Kind,
        _ name: String,
        _ summary: LocalText,
        _ fields: [FieldDefinition],
        _ sample: [(Int64, CBORValue)]
    ) -> KindDefinition {
        let body = CBORValue.map(sample.map { CBORValue.Entry($0.0, $0.1) })
        guard let bytes = try? body.encoded() else {
            preconditionFailure("a body of plain fields can be encoded")
        }
        return KindDefinition(
            kind,
            name,
            summary,
            authority: .headquarters,
            fields: fields,
            sample: bytes
        )
    }
}
