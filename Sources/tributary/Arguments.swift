// Reading the command line: names, options, values. Unknown or repeated options are refused.
// Must not act on anything.

import Kernel
import Node

/// An option of a command.
struct OptionSpec: Sendable {
    let name: String
    /// What stands behind it, nil for a switch.
    let value: String?
    let isRequired: Bool
    let isRepeatable: Bool
    let help: String

    init(
        _ name: String,
        _ value: String,
        required isRequired: Bool = false,
        repeatable isRepeatable: Bool = false,
        _ help: String
    ) {
        self.name = name
        self.value = value
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
        self.help = help
    }

    /// An option without a value.
    init(switch name: String, _ help: String) {
        self.name = name
        value = nil
        isRequired = false
        isRepeatable = false
        self.help = help
    }
}

/// A command line that cannot be understood, with what would be.
struct UsageFault: Error, CustomStringConvertible {
    private let chinese: String
    private let english: String
    private let command: String?

    init(_ chinese: String, _ english: String, _ command: String?) {
        self.chinese = chinese
        self.english = english
        self.command = command
    }

    var description: String { text(.english) }

    func text(_ language: Language) -> String {
        let help = command.map { "tributary \($0) --help" } ?? "tributary --help"
        return "\(language == .chinese ? chinese : english)\n  → \(help)"
    }
}

/// A command line after reading.
struct Arguments: Sendable {
    let command: String
    let positional: [String]
    private let values: [String: [String]]

    init(_ words: [String], for spec: CommandSpec) throws(UsageFault) {
        command = spec.name
        var positional: [String] = []
        var values: [String: [String]] = [:]
        var index = 0
        var areOptionsOver = false
        while index < words.count {
            let word = words[index]
            index += 1
            if areOptionsOver || !word.hasPrefix("--") {
                positional.append(word)
                continue
            }
            if word == "--" {
                areOptionsOver = true
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
            let name = parts.first.map(String.init) ?? ""
            guard let option = spec.allOptions.first(where: { $0.name == name }) else {
                throw UsageFault("没有选项 --\(name)", "unknown option --\(name)", spec.name)
            }
            if values[name] != nil, !option.isRepeatable {
                throw UsageFault("--\(name) 给了两次", "--\(name) is given twice", spec.name)
            }
            if option.value == nil {
                guard parts.count == 1 else {
                    throw UsageFault("--\(name) 不带值", "--\(name) takes no value", spec.name)
                }
                values[name] = [""]
            } else if parts.count == 2 {
                values[name, default: []].append(String(parts[1]))
            } else {
                guard index < words.count else {
                    throw UsageFault("--\(name) 需要一个值", "--\(name) needs a value", spec.name)
                }
                values[name, default: []].append(words[index])
                index += 1
            }
        }
        self.positional = positional
        self.values = values
        try check(spec)
    }

    /// That nothing is missing, and nothing too much.
    private func check(_ spec: CommandSpec) throws(UsageFault) {
        for option in spec.allOptions where option.isRequired && values[option.name] == nil {
            let value = option.value ?? ""
            throw UsageFault(
                "缺少 --\(option.name) \(value)",
                "--\(option.name) \(value) is missing",
                spec.name
            )
        }
        if let name = values["lang"]?.last, Language(rawValue: name) == nil {
            throw UsageFault(
                "--lang 是 zh 或 en，不是 \(name)",
                "--lang is zh or en, not \(name)",
                spec.name
            )
        }
        guard positional.count >= spec.positional.filter({ !$0.hasPrefix("[") }).count else {
            let missing = spec.positional.dropFirst(positional.count).first ?? ""
            throw UsageFault("缺少 \(missing)", "\(missing) is missing", spec.name)
        }
        guard positional.count <= spec.positional.count else {
            let extra = positional[spec.positional.count]
            throw UsageFault("多出一个参数 \(extra)", "\(extra) is one argument too many", spec.name)
        }
    }

    /// True where the switch is given.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The option's value, nil where it is not given.
    func value(_ name: String) -> String? { values[name]?.last }

    /// All values of a repeatable option.
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of a required option.
    func required(_ name: String) throws(UsageFault) -> String {
        guard let value = value(name) else {
            throw UsageFault("缺少 --\(name)", "--\(name) is missing", command)
        }
        return value
    }

    /// The option as a whole number in a range.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageFault) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number), !text.hasPrefix("+") else {
            let (first, last) = (range.lowerBound, range.upperBound)
            throw UsageFault(
                "--\(name) 是 \(first) 到 \(last) 的整数，不是 \(text)",
                "--\(name) takes a whole number from \(first) to \(last), not \(text)",
                command
            )
        }
        return number
    }

    /// The option as a date.
    func date(_ name: String) throws(UsageFault) -> CivilDate? {
        guard let text = value(name) else { return nil }
        do throws(DateFault) {
            return try CivilDate(parsing: text)
        } catch {
            throw UsageFault(
                "--\(name) 是 2026-11-23 这样的日期，不是 \(text)",
                "--\(name) takes a date such as 2026-11-23, not \(text)",
                command
            )
        }
    }
}
