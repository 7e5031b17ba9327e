// What a command is: its name, options, examples, and the help that teaches it.

/// A command of the command line.
struct CommandSpec: Sendable {
    let name: String
    /// What stands without dashes, in order; `[X]` may be left out.
    let positional: [String]
    let summary: String
    let details: String
    let options: [OptionSpec]
    let examples: [(String, String)]

    init(
        _ name: String,
        _ positional: [String] = [],
        summary: String,
        details: String = "",
        options: [OptionSpec],
        examples: [(String, String)]
    ) {
        self.name = name
        self.positional = positional
        self.summary = summary
        self.details = details
        self.options = options
        self.examples = examples
    }

    /// The options of the command and those every command has.
    var allOptions: [OptionSpec] {
        options + [
            OptionSpec("lang", "zh|en", "language of what is printed (default: by LANG, else zh)"),
            OptionSpec(switch: "json", "print JSON for programs; money in fen"),
            OptionSpec(switch: "help", "show this help"),
        ]
    }

    /// The first line: how the command is written.
    var usage: String {
        var words = ["tributary", name] + positional
        for option in options where option.isRequired {
            words.append("--\(option.name) \(option.value ?? "")")
        }
        if options.contains(where: { !$0.isRequired }) { words.append("[options]") }
        return words.joined(separator: " ")
    }

    /// The whole help text.
    var help: String {
        var text = "\(usage)\n\n\(summary)\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        text += "\nOptions:\n"
        let names = allOptions.map { option in
            "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
        }
        let width = min(names.map(\.count).max() ?? 0, 28)
        for (option, name) in zip(allOptions, names) {
            let pad = String(repeating: " ", count: max(width - name.count, 0))
            let mark = option.isRequired ? " (required)" : ""
            text += "  \(name)\(pad)  \(option.help)\(mark)\n"
        }
        if !examples.isEmpty { text += "\nExamples:\n" }
        for (line, meaning) in examples {
            text += "  \(line)\n      \(meaning)\n"
        }
        return text
    }
}
