// `tributary simulate`: only words in, options out; the runs lie in Simulation.

import Node
import Simulation

extension CommandSpec {
    static let simulate = CommandSpec(
        "simulate",
        summary: "Run a whole chain in one thread from one seed, with faults, and check it.",
        details: """
            Headquarters, four stores and a field node, on the real code of log, views, sync and
            modules, with a disk, clocks and a line that fail as the seed says. Afterwards all
            faults end, everything drains, and what was promised to people is looked for: nothing
            acknowledged missing, nothing twice, digests equal, books balanced. The same seed does
            the same again.
            """,
        options: [
            OptionSpec("seed", "N", "one seed"),
            OptionSpec("seeds", "N", "the seeds 1 … N"),
            OptionSpec("canary", "NAME", "break one thing on purpose; must end with 1"),
            OptionSpec("steps", "N", "steps a run (default 400)"),
            OptionSpec(switch: "trace", "print every step"),
        ],
        examples: [
            ("tributary simulate --seed 42", "one run"),
            ("tributary simulate --seeds 100 --canary dedup-off", "must fail"),
        ]
    )
}

/// `tributary simulate`.
struct SimulateCommand {
    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let seeds = try seeds(arguments)
        var options = SimulationOptions(seed: 1)
        if let steps = try arguments.integer("steps", in: 1...1_000_000) { options.steps = steps }
        options.canary = try canary(arguments)
        let prints = arguments.has("trace")
        var acknowledged = 0
        for seed in seeds {
            console.progress("seed \(seed)/\(seeds.upperBound)")
            options.seed = UInt64(seed)
            let result = Simulation.run(options, print: prints ? { console.say($0) } : nil)
            acknowledged += result.acknowledged
            guard result.problems.isEmpty else {
                console.endProgress()
                tell(result, options, console)
                return .checkFailed
            }
            if seeds.count == 1 { console.say("seed \(seed): trace \(result.trace)") }
        }
        console.endProgress()
        console.say(
            console.text(
                "\(seeds.count) 次模拟，\(acknowledged) 次受理，一切正常",
                "\(seeds.count) runs, \(acknowledged) commands acknowledged, everything in order"
            )
        )
        return .done
    }

    private func seeds(_ arguments: Arguments) throws(UsageFault) -> ClosedRange<Int> {
        let one = try arguments.integer("seed", in: 0...Int.max)
        let many = try arguments.integer("seeds", in: 1...Int.max)
        switch (one, many) {
        case (let seed?, nil): return seed...seed
        case (nil, let count?): return 1...count
        case (.some, .some):
            throw UsageFault("--seed 和 --seeds 只能给一个", "--seed or --seeds, not both", "simulate")
        case (nil, nil):
            throw UsageFault(
                "缺少 --seed N 或 --seeds N",
                "--seed N or --seeds N is missing",
                "simulate"
            )
        }
    }

    private func canary(_ arguments: Arguments) throws(UsageFault) -> SimulationCanary? {
        guard let name = arguments.value("canary") else { return nil }
        guard let canary = SimulationCanary(rawValue: name) else {
            let names = SimulationCanary.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageFault(
                "--canary 只能是 \(names) 之一",
                "--canary takes one of \(names)",
                "simulate"
            )
        }
        return canary
    }

    private func tell(
        _ result: SimulationResult,
        _ options: SimulationOptions,
        _ console: Console
    ) {
        console.tell(console.text("种子 \(options.seed) 失败：", "seed \(options.seed) fails:"))
        for problem in result.problems.prefix(20) { console.tell("  \(problem)") }
        if result.problems.count > 20 { console.tell("  … \(result.problems.count)") }
        console.tell(console.text("最后的步骤：", "the last steps:"))
        for line in result.lastLines { console.tell("  \(line)") }
        console.tell("  → \(options.command)")
    }
}
