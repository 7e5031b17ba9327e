// `tributary demo`: a chain of stores at work, from one seed. Only words in, options out.

import Demo
import Kernel
import Node

extension CommandSpec {
    static let demo = CommandSpec(
        "demo",
        summary: "Make a chain of four stores and a distribution centre, and show its books.",
        details: """
            Headquarters and a node for each branch, each in a directory of its own, trade through
            the days and sync over HTTP on this machine. One store has lost its network for three
            days, another on the last day, a third its power; the reports say how complete they are.
            Without --once headquarters goes on serving and the stores trade on until Ctrl-C. The
            same seed gives the same chain. A directory that is not a demonstration's is left alone.
            """,
        options: [
            OptionSpec(switch: "once", "exit after the reports"),
            OptionSpec("days", "N", "days of trade (default 14)"),
            OptionSpec("seed", "N", "another chain (default 1)"),
            OptionSpec("start", "DATE", "first business day (default 2026-11-09)"),
            OptionSpec("data", "DIR", "where (default ./demo-data)"),
            OptionSpec("listen", "ADDR:PORT", "where headquarters listens (default: any port)"),
        ],
        examples: [
            ("tributary demo --once", "fourteen days in ./demo-data"),
            ("tributary demo --days 3", "three days, then the stores trade on"),
        ]
    )
}

/// `tributary demo`.
struct DemoCommand {
    let dispatcher: Dispatcher

    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        var options = DemoOptions(isOnce: arguments.has("once"))
        if let folder = arguments.value("data") { options.folder = folder }
        if let listen = arguments.value("listen") { options.listen = listen }
        if let days = try arguments.integer("days", in: 1...366) { options.days = days }
        if let seed = try arguments.integer("seed", in: 0...Int.max) {
            options.seed = UInt64(seed)
        }
        if let start = try arguments.date("start") { options.start = start }
        if !options.isOnce { DemoRun.holdSignals() }
        let dispatcher = dispatcher
        let run = try DemoRun(options, console: console) { words, folder, language, node, hq in
            dispatcher.answer(
                words,
                folder: folder,
                language: language,
                directory: node,
                headquarters: hq
            )
        }
        try run.play()
        try run.show()
        if !options.isOnce { try run.tradeOn() }
        try run.close()
        return .done
    }
}
