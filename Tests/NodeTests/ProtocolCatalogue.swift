// Protocol/changes.md and Protocol/changes.cddl, written from the modules' own definitions.
// Must not hold a fact about a kind: what the modules do not say stands in commit.md.

import Catalog
import Foundation
import Kernel
import Ledger
import Module
import People
import Replication
import Sales
import Stock

/// The catalogue of changes as text.
enum ProtocolCatalogue {
    /// A module as the catalogue lists it.
    struct Chapter {
        let number: UInt8
        let name: String
        let kinds: [KindDefinition]
        /// Numbers that no other kind may take.
        var reserved: [(range: String, what: String)] = []
    }

    static let chapters: [Chapter] = [
        Chapter(number: 0, name: "Log", kinds: LogDefinitions.all),
        Chapter(number: 1, name: "Catalog", kinds: CatalogModule().kinds),
        Chapter(
            number: 2,
            name: "Sales",
            kinds: SalesModule().kinds,
            reserved: [("20 – 29", "shifts (班次)"), ("30 – 39", "exchanges (换货)")]
        ),
        Chapter(
            number: 3,
            name: "Stock",
            kinds: StockModule().kinds,
            reserved: StockKind.reserved.map { ("\($0.kind.number)", "`\($0.name)`") }
        ),
        Chapter(
            number: 4,
            name: "People",
            kinds: PeopleModule().kinds,
            reserved: [("\(PeopleKind.punchCorrected.number)", "`punch.corrected` (补卡)")]
        ),
        Chapter(number: 5, name: "Ledger", kinds: LedgerModule().kinds),
    ]

    /// Every definition, by kind.
    static let definitions: [KindDefinition] = chapters.flatMap(\.kinds)
        .sorted { $0.kind < $1.kind }

    private static func sort(of kind: Kind) -> String {
        kind.isFact ? "fact" : kind.isRegister ? "register" : "ruling or grant"
    }

    private static func words(_ authority: Authority) -> String {
        switch authority {
        case .anyNode: "any node"
        case .ownBranch: "a node of the branch it concerns"
        case .headquarters: "headquarters"
        }
    }

    // MARK: - changes.md

    private static let head = """
        # The catalogue of changes

        Generated from the modules' definitions (`UPDATE_PROTOCOL=1 swift test --filter
        ProtocolTests`); do not edit it. `kind = module × 256 + n`; what n says by itself, and what
        the bytes around a body are, stands in [commit.md](commit.md). `id` is an integer below 2⁵³;
        fields marked ? may be left out. In a register every key but 0 is a register of its own, may
        be left out (not written), and may be null (cleared). Whoever writes more than a kind's
        *written by* allows is not refused: the change is kept, and headquarters rules on it.

        """

    static var markdown: String {
        var lines = [head]
        for chapter in chapters {
            lines.append("## \(chapter.number) \(chapter.name)\n")
            for definition in chapter.kinds.sorted(by: { $0.kind < $1.kind }) {
                lines.append(section(of: definition))
            }
            if !chapter.reserved.isEmpty {
                lines.append("### Reserved numbers of \(chapter.name)\n")
                lines.append("| n | for |\n|---|---|")
                for entry in chapter.reserved { lines.append("| \(entry.range) | \(entry.what) |") }
                lines.append("")
            }
        }
        lines.append(shared)
        return lines.joined(separator: "\n")
    }

    /// The numbers that fields of several kinds hold.
    private static var shared: String {
        var lines = ["## Numbers that several kinds share\n"]
        func table(_ title: String, _ rows: [(Int64, String)]) {
            lines.append("### \(title)\n\n| number | name |\n|---|---|")
            for (number, name) in rows { lines.append("| \(number) | \(name) |") }
            lines.append("")
        }
        table(
            "Rights (of `role` and `role.granted`)",
            Right.allCases.map { ($0.rawValue, "`\($0)`") }
        )
        table(
            "Posting roles (of tenders, payments and vouchers)",
            LedgerRole.allCases.map { ($0.rawValue, "`\($0.name)`") }
        )
        table(
            "Groups of vouchers",
            VoucherGroup.allCases.map { ($0.rawValue, "`\($0)`") }
        )
        return lines.joined(separator: "\n")
    }

    private static func section(of definition: KindDefinition) -> String {
        let kind = definition.kind
        var lines = ["### \(kind.module):\(kind.number) `\(definition.name)`"]
        lines[0] += " \(definition.summary.chinese)\n"
        lines.append(
            "\(definition.summary.english). Kind \(kind.rawValue), \(sort(of: kind)); "
                + "written by \(words(definition.authority)).\n"
        )
        lines.append("| key | name | type | unit | note |\n|---|---|---|---|---|")
        for field in definition.fields {
            let type = field.type.replacingOccurrences(of: "|", with: "\\|")
            let cells = [
                "\(field.key)\(field.isOptional ? " ?" : "")", field.name, "`\(type)`",
                field.unit, note(of: field, in: kind),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        lines.append("")
        return lines.joined(separator: "\n")
    }

    private static func note(of field: FieldDefinition, in kind: Kind) -> String {
        guard kind.isRegister, field.key == 0, field.note.isEmpty else { return field.note }
        return field.isOptional ? "absent: this change creates it" : "of another kind"
    }

    // MARK: - changes.cddl

    private static let preamble = """
        ; Generated from the modules' definitions, as changes.md is; do not edit it.
        ; RFC 8610. What a type cannot say (order, ranges, what belongs together): commit.md.

        commit = [
          1, replica: replica, first_sequence: sequence, clock: 0..9007199254740991,
          wall_ms: int, author: id, audiences: [+ audience], flags: flags, changes: [+ change]
        ]
        replica = 0..2097151
        sequence = 1..4294967295
        id = 0..9007199254740991
        hash = bstr .size 32
        audience = [class: 0..5, id: id]
        flags = {
          ? 1: [replica: replica, last_common: 0..4294967295, hash: hash],
          ? 2: hash,
          ? 3: bstr .size 16,
          ? 4: [index: 0..15, count: 2..16],
          ? 5: [+ [subject: id, hash: hash]],
          ? 6: [+ hash],
          ? 7: [+ id],
          * uint => any
        }
        personal = [commit: id, index: uint, salt: bstr .size 16, value: any]

        ; A line and a payment of a ticket; units in changes.md.
        line = [
          product: id, price_version: id, unit_price: int, rate: uint, category: id, unit_cost: int,
          ? (quantity: int, ? (discount: int, ? (amount: int)))
        ]
        payment = [
          tender: id, role: uint,
          ? (amount: int, ? (tendered: int, ? (state: uint, ? (reference: tstr))))
        ]

        """

    static var cddl: String {
        let choices = definitions.map { "  [\($0.kind.rawValue), \($0.name)]" }
        var text =
            preamble + "\nchange =\n"
            + (choices + ["  [kind: uint, { * uint => any }]"])
            .joined(separator: " /\n") + "\n"
        for definition in definitions { text += "\n" + rule(of: definition) }
        return text
    }

    private static func rule(of definition: KindDefinition) -> String {
        let kind = definition.kind
        var text = "; \(kind.module):\(kind.number) \(definition.summary.english)\n"
        text += "\(definition.name) = {\n"
        for field in definition.fields {
            let isRegister = kind.isRegister && field.key > 0
            let mark = field.isOptional || isRegister ? "? " : ""
            let type = isRegister ? "\(field.type) / null" : field.type
            text += "  \(mark)\(field.key): \(type), ; \(field.name)\n"
        }
        return text + "  * uint => any\n}\n"
    }
}
