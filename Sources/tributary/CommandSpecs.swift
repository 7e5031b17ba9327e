// Every command of the program with its help. The names and options are a contract.

extension CommandSpec {
    private static let data = OptionSpec(
        "data",
        "DIR",
        required: true,
        "the data directory of the node"
    )
    private static let anchor = OptionSpec(
        "anchor",
        "FILE",
        "the node's anchor (default: DIR.anchor, beside the directory)"
    )
    private static let listen = OptionSpec(
        "listen",
        "ADDR:PORT",
        "where to listen (default 127.0.0.1:8443; port 0 picks one)"
    )
    private static let period = [
        OptionSpec("from", "DATE", "first business date, such as 2026-11-01"),
        OptionSpec("to", "DATE", "last business date"),
        OptionSpec("branch", "CODE", "one branch only"),
        OptionSpec("entity", "CODE", "one set of books only"),
    ]

    /// All commands, in the order of the overview.
    static let all: [CommandSpec] = [
        hq, branch, code, enrol, sync, `import`, export, report, post, verify, digest, backup,
        restore, rebuild, device, confirm, rule, erase, demo, simulate, bench,
    ]

    static let hq = CommandSpec(
        "hq",
        summary: "Serve headquarters. An empty directory founds the company.",
        details: """
            Headquarters takes in what the branches send, hands out master data, and keeps the one
            ledger. When it listens it prints one line {"event":"ready","listen":"…"} on standard
            output; its log follows on standard error as JSON lines. Put nginx or Caddy with TLS in
            front of it for anything but this machine.
            """,
        options: [
            data,
            OptionSpec("company", "NAME", "the company's name, when the directory is empty"),
            OptionSpec(
                "standard",
                "small|asbe",
                "chart of the first set of books: 小企业会计准则 (default) or 企业会计准则"
            ),
            OptionSpec(
                "taxpayer",
                "general|small",
                "kind of taxpayer of the first set of books (default general)"
            ),
            listen,
            OptionSpec(switch: "once", "found the company or check the directory, then exit"),
            anchor,
        ],
        examples: [
            ("tributary hq --data hq --company 百川超市", "found a company and serve it"),
            ("tributary hq --data hq --listen 0.0.0.0:8443", "serve it on the network"),
        ]
    )

    static let export = CommandSpec(
        "export",
        ["WHAT"],
        summary: "Write out the journal, a table, or a commit file for a node without a line.",
        details: """
            WHAT is journal (a journal that hledger reads), the name of a report, or log: a file
            that carries commits on a stick. A node's file holds what headquarters has not
            acknowledged; headquarters takes it with `import commits`, and its answer (export log
            --for DEVICE) brings acknowledgements and news back. Nothing counts as sent before.
            """,
        options: [
            data,
            OptionSpec("out", "FILE", "write to a file instead of standard output"),
            OptionSpec("format", "table|csv|json|xlsx", "tables: the form (default csv)"),
            OptionSpec("for", "DEVICE", "log, at headquarters: the device that is answered"),
            OptionSpec(
                switch: "hand-back",
                "log, at a node: also what a restored headquarters lost"
            ),
            anchor,
        ] + period,
        examples: [
            ("tributary export journal --data hq --out books.journal", "then: hledger -f …"),
            ("tributary export log --data s001 --out s001.commits", "what is unsent, on a stick"),
            ("tributary export log --data hq --for 3 --out back.commits", "the answer to it"),
        ]
    )

    static let report = CommandSpec(
        "report",
        ["NAME"],
        summary: "Show a report, and how complete it is.",
        details: """
            NAME is one of sales, branches, products, payments, stock, attendance, trial-balance,
            general-ledger, detail-ledger, vouchers, sync, findings. Without --from it is of the
            month of --to, or the month so far (attendance: 32 days). At a branch it is of that
            branch alone.
            """,
        options: [data] + period + [
            OptionSpec("by", "WHAT", "sales, payments: day, month; trial-balance: entity, branch"),
            OptionSpec("product", "WORDS", "stock: by code, barcode, name or pinyin initials"),
            OptionSpec("category", "NAME", "products: one category only, by code or name"),
            OptionSpec(switch: "negative", "stock: only what is below zero"),
            OptionSpec(switch: "zero", "stock: with what is used up"),
            OptionSpec("account", "CODE", "ledgers, vouchers: one account only"),
            OptionSpec("level", "1|leaf", "trial-balance: first-level accounts, or all (default)"),
            OptionSpec(
                "view",
                "all|posted",
                "ledgers: with what is not posted yet (default), or not"
            ),
            OptionSpec(
                "format",
                "table|csv|json|xlsx",
                "the form (default table); xlsx needs --out"
            ),
            OptionSpec("out", "FILE", "write to a file instead of standard output"),
            anchor,
        ],
        examples: [
            ("tributary report sales --data hq --from 2026-11-01 --to 2026-11-30", "a month"),
            ("tributary report trial-balance --data hq --format csv", "for a spreadsheet"),
        ]
    )

    static let post = CommandSpec(
        "post",
        summary: "Post the vouchers that are due: days that are complete, receipts, differences.",
        options: [
            data,
            OptionSpec("to", "DATE", "only business dates up to this one"),
            anchor,
        ],
        examples: [("tributary post --data hq", "give numbers to what is complete")]
    )

    static let verify = CommandSpec(
        "verify",
        summary: "Check the whole directory and name everything that is wrong.",
        details: """
            Checks every chain, signature and personal record, rebuilds all views aside and compares
            them, and checks the invariants: debits equal credits, stock sums to zero, numbers have
            no gap. Ends with 1 and the reasons where anything is wrong. When a device was last
            heard of, which session it uses and what a request was answered are told by no record:
            of these only the form is checked, and that what they name is there.
            """,
        options: [data, anchor],
        examples: [("tributary verify --data s001", "is everything in order?")]
    )

    static let digest = CommandSpec(
        "digest",
        summary: "Print the heads, the log's digest for each audience, and the views' digests.",
        details: """
            The digest of an audience is over what headquarters delivered to it at or below a
            position: a node that stands at the position of another holds the same. A node counts
            what it has sent and headquarters has judged; what headquarters withheld is known as of
            the last comparison (tributary sync --check).
            """,
        options: [data, anchor],
        examples: [("tributary digest --data hq --json", "to compare with another node")]
    )

    static let backup = CommandSpec(
        "backup",
        summary: "Write a verified copy of the directory to one file, without device keys.",
        details: """
            What is in a verified backup of headquarters counts as protected: the nodes learn so at
            their next sync. The keys of all devices are not in it: they lie in DIR/keys; keep a
            copy of them apart (--keys), for without them a restored headquarters serves no device.
            The backup of a branch holds the key of that one device.
            """,
        options: [
            data,
            OptionSpec("out", "FILE", required: true, "the backup"),
            OptionSpec("keys", "FILE", "headquarters: also copy its keys, to another place"),
            anchor,
        ],
        examples: [
            ("tributary backup --data hq --out hq-1123.backup", "a copy to keep elsewhere"),
            ("tributary backup --data hq --out /a/hq.backup --keys /b/hq.keys", "and the keys"),
        ]
    )

    static let restore = CommandSpec(
        "restore",
        ["FILE"],
        summary: "Make a directory from a backup. The node goes on under a new number.",
        details: """
            The backup is proved before anything is named: a damaged one is refused and changes
            nothing. Headquarters is careful afterwards: it only receives, so that its nodes send
            and hand back what the backup lacks, until a person runs `tributary confirm`. A branch
            goes on under a spare number, and fetches at its next sync what it wrote after the
            backup. Whoever was erased stays erased. A replaced directory is kept aside.
            """,
        options: [
            data,
            OptionSpec("keys", "FILE", "headquarters: the separate copy of its keys"),
            OptionSpec(
                switch: "new-keys",
                "headquarters whose keys are lost for good: every device must enrol again"
            ),
            OptionSpec(switch: "replace", "replace a directory that exists; it is kept aside"),
            anchor,
        ],
        examples: [
            ("tributary restore hq-1123.backup --data hq2 --keys hq.keys", "a restored hq"),
            ("tributary restore s001.backup --data s001 --replace", "a store's disk was bad"),
        ]
    )

    static let rebuild = CommandSpec(
        "rebuild",
        summary: "Derive all views from the log again.",
        options: [data, anchor],
        examples: [("tributary rebuild --data s001", "views from the log")]
    )

    static let branch = CommandSpec(
        "branch",
        summary: "Serve a branch or field node: it works alone and syncs when it can.",
        options: [
            data, listen,
            OptionSpec(switch: "no-sync", "do not look for headquarters in the background"),
            anchor,
        ],
        examples: [("tributary branch --data s001", "serve the node enrolled in s001")]
    )

    static let code = CommandSpec(
        "code",
        summary: "Make a single-use code with which a new device enrols within ten minutes.",
        options: [
            data,
            OptionSpec("branch", "CODE", required: true, "the branch the device belongs to"),
            OptionSpec("kind", "branch|till|field", "what the device is (default branch)"),
            OptionSpec("person", "CODE", "the person whose own device it is (field)"),
            OptionSpec("out", "FILE", "write the code to a file of 0600 instead of the screen"),
            anchor,
        ],
        examples: [("tributary code --data hq --branch S001", "a code for the node of store S001")]
    )

    static let enrol = CommandSpec(
        "enrol",
        summary: "Make this directory a node of the company.",
        details: """
            URL is https://HOST[:PORT] where TLS stands in front of headquarters (Tools/deploy), or
            http://HOST:PORT on a network you trust: messages are signed either way, and only https
            hides them. The certificate must be good for HOST by an authority this machine knows.
            Nothing that sends on to another address is followed.
            """,
        options: [
            data,
            OptionSpec("hq", "URL", required: true, "where headquarters listens"),
            OptionSpec("code", "CODE", "the code that headquarters printed"),
            OptionSpec("code-file", "FILE", "or the file it is in"),
            anchor,
        ],
        examples: [
            (
                "tributary enrol --data s001 --hq http://127.0.0.1:8443 --code AB2CD-…",
                "enrol the node of store S001"
            ),
            (
                "tributary enrol --data s001 --hq https://hq.example --code-file code.txt",
                "the same through TLS"
            ),
        ]
    )

    static let sync = CommandSpec(
        "sync",
        summary: "Exchange everything with headquarters once.",
        details: """
            Sends first, then fetches. Ends with 0 when nothing is left to send or fetch, with 4
            when headquarters cannot be reached: nothing is lost then, and the next round goes on
            where this one stopped. Once a day the round also compares what is held here with what
            headquarters delivered, and fetches again what was lost or damaged; --check does it now.
            """,
        options: [
            data,
            OptionSpec("hq", "URL", "headquarters' address, if it has moved"),
            OptionSpec(switch: "check", "compare all that is held with headquarters now"),
            anchor,
        ],
        examples: [("tributary sync --data s001", "send what is new, fetch what is new")]
    )

    static let device = CommandSpec(
        "device",
        ["list|revoke", "[DEVICE]"],
        summary: "List the enrolled devices, or revoke one: it is refused at its next request.",
        options: [
            data,
            OptionSpec("reason", "TEXT", "why it is revoked"),
            anchor,
        ],
        examples: [
            ("tributary device list --data hq", "who is enrolled"),
            ("tributary device revoke 3 --data hq --reason 遗失", "a lost device"),
        ]
    )

    static let confirm = CommandSpec(
        "confirm",
        summary: "End the careful state of a restored headquarters, after looking at its devices.",
        details: """
            A restored headquarters only receives, and its devices hand back what it lacks. confirm
            lists the devices that were not heard since, and what waits beside the chains because a
            part before it is missing; where there is neither, it hands out data again. With
            --anyway it gives up what nobody handed back: the hole is named as lost, what
            contradicts the chains is committed again under another number, and nothing that came
            is dropped.
            """,
        options: [
            data,
            OptionSpec(switch: "anyway", "give up what was not handed back"),
            anchor,
        ],
        examples: [
            ("tributary confirm --data hq", "hand out data again, or list what is missing"),
            ("tributary confirm --data hq --anyway", "the rest will never come"),
        ]
    )

    static let bench = CommandSpec(
        "bench",
        summary: "Measure ratios in one run.",
        options: [
            OptionSpec(
                switch: "check",
                "compare each figure with its must and its aim; end with 1 where a must is missed"
            ),
            OptionSpec(switch: "full", "measure at sixteen times the size as well"),
            OptionSpec("only", "NAME", "measure this figure only"),
            OptionSpec("data", "DIR", "where to put the files (default: a temporary folder)"),
        ],
        examples: [("tributary bench --check", "are the musts met?")]
    )
}
