// The help of `tributary import`: its formats and their fields.

import Import

extension CommandSpec {
    static let `import` = CommandSpec(
        "import",
        ["FORMAT", "PATH"],
        summary: "Take in products, staff, sales … or a commit file; safe to run twice.",
        details: """
            Rows that were taken before are known and not taken again. A file that cannot be read to
            its end is refused whole; rows that cannot be taken are refused singly, and exit code 1
            says so. Master data is imported at headquarters, sales at their branch. A column is
            found by its field's name below or one of the names behind it; --map names another.

            FORMAT commits takes a file of `export log`: at headquarters a node's, at a node the
            answer. A file that is damaged, foreign or forged is refused and changes nothing.

            \(importFields)
            """,
        options: [
            OptionSpec("data", "DIR", required: true, "the data directory of the node"),
            OptionSpec("map", "FIELD=COLUMN", repeatable: true, "where a field is, by its header"),
            OptionSpec("encoding", "NAME", "utf-8 or gb18030 (default: found out)"),
            OptionSpec("delimiter", "SIGN", ", ; tab or | (default: found out)"),
            OptionSpec("date-format", "FORM", "such as dd.MM.yyyy (default: forms without doubt)"),
            OptionSpec(switch: "thousands", "numbers have commas between thousands, like 1,234.50"),
            OptionSpec("answer", "FILE", "commits, at headquarters: write the answer to it"),
            OptionSpec(
                "rejects",
                "FILE",
                "write the rows refused, with line and reason, to be corrected"
            ),
            OptionSpec(
                "anchor",
                "FILE",
                "the node's anchor (default: DIR.anchor, beside the directory)"
            ),
        ],
        examples: [
            ("tributary import products goods.csv --data hq --map code=货号", "a price list"),
            ("tributary import sales june.csv --data s001 --rejects bad.csv", "a store's past"),
            ("tributary import foodmart foodmart/ --data hq", "the FoodMart data set"),
            ("tributary import commits s001.commits --data hq --answer back.commits", "a stick"),
        ]
    )

    /// The fields of each format, a line each.
    private static var importFields: String {
        ImportFormat.allCases.map { format in
            if format.fields.isEmpty {
                return "\(format)\n  PATH is the folder of the FoodMart data set"
            }
            let width = format.fields.map(\.name.count).max() ?? 0
            let lines = format.fields.map { field in
                let pad = String(repeating: " ", count: width - field.name.count)
                let names = field.otherNames.joined(separator: " ")
                return "  \(field.name)\(pad)  \(field.help)"
                    + (field.isRequired ? " (required)" : "") + (names.isEmpty ? "" : ": \(names)")
            }
            return "\(format)\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
