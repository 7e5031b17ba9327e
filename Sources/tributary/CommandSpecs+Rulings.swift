// The commands with which a person decides at headquarters, with their help.

extension CommandSpec {
    private static let data = OptionSpec(
        "data",
        "DIR",
        required: true,
        "the data directory of headquarters"
    )
    private static let anchor = OptionSpec(
        "anchor",
        "FILE",
        "the node's anchor (default: DIR.anchor, beside the directory)"
    )

    static let erase = CommandSpec(
        "erase",
        ["PERSON"],
        summary: "Erase a person's personal data everywhere, for good.",
        details: """
            PERSON is the person's code. Names, numbers and hashes go from this directory at once
            and from every node at its next sync; they do not come back, not from a backup, a commit
            file or a device either. What the person did stays, under the code alone. Without --yes
            nothing is done.
            """,
        options: [
            data,
            OptionSpec(switch: "yes", "do it: there is no way back"),
            anchor,
        ],
        examples: [("tributary erase E017 --data hq --yes", "names and numbers of E017")]
    )

    static let rule = CommandSpec(
        "rule",
        ["list|admit|release|accept|lost|waive", "[ID|NUMBER]"],
        summary: "Look at what waits for a decision, and decide it.",
        details: """
            list shows what waits, why, and what to do about it. admit lets in a fact that is beyond
            its device's rights; release lets a commit be read that was set aside. accept lets in
            all that waits under a number in review: an old till switched on, or a device that
            headquarters forgot. lost names a hole that nobody can fill, for the device that wrote
            it is gone and revoked (with --reason): what was handed back behind it is counted in.
            waive counts a branch's day as complete (with --branch, --date and --reason).
            """,
        options: [
            data,
            OptionSpec("branch", "CODE", "waive: the branch"),
            OptionSpec("date", "DATE", "waive: the business date"),
            OptionSpec("reason", "TEXT", "waive, lost: why"),
            anchor,
        ],
        examples: [
            ("tributary rule list --data hq", "what waits"),
            (
                "tributary rule waive --data hq --branch S001 --date 2026-11-22 --reason …",
                "a till that burnt will never be sealed"
            ),
        ]
    )
}
