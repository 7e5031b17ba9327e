// From words to a command: help, language, the directory that another process holds.

import Bench
import Glibc
import Kernel
import Module
import Node

/// Ends the process.
enum Process {
    static func exit(_ code: ExitCode) -> Never { Glibc.exit(code.rawValue) }

    /// The folder the process stands in.
    static var folder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// Runs commands.
struct Dispatcher: Sendable {
    /// Runs a command line on the process's own streams.
    func run(_ words: [String]) -> ExitCode {
        let console = Console.process(language(of: words))
        guard let name = words.first, !["help", "--help", "-h"].contains(name) else {
            console.write(Overview.text)
            return words.isEmpty ? .usage : .done
        }
        if name == "--version" {
            console.say("tributary \(Version.text)")
            return .done
        }
        guard let spec = CommandSpec.all.first(where: { $0.name == name }) else {
            let fault = UsageFault("没有命令 \(name)", "there is no command \(name)", nil)
            console.tell(fault.text(console.language))
            return .usage
        }
        let rest = Array(words.dropFirst())
        if rest.contains("--help") || rest.contains("-h") {
            console.write(spec.help)
            return .done
        }
        return guarded(console) {
            let arguments = try Arguments(rest, for: spec)
            Ticks.start(console)
            defer { console.endTicks() }
            return try execute(arguments, words, console)
        }
    }

    /// By --lang, else by TRIBUTARY_LANG, else by LANG; Chinese where nothing says otherwise.
    private func language(of words: [String]) -> Language {
        for (place, word) in words.enumerated() {
            var name: String?
            if word == "--lang", place + 1 < words.count { name = words[place + 1] }
            if word.hasPrefix("--lang=") { name = String(word.dropFirst(7)) }
            if let name, let language = Language(rawValue: name) { return language }
        }
        if let text = Process.variable("TRIBUTARY_LANG"), let language = Language(rawValue: text) {
            return language
        }
        let locale = Process.variable("LC_ALL") ?? Process.variable("LANG") ?? ""
        return locale.hasPrefix("en") ? .english : .chinese
    }

    /// Runs and turns what is thrown into a sentence, a next step and an exit code.
    func guarded(_ console: Console, _ body: () throws -> ExitCode) -> ExitCode {
        do {
            return try body()
        } catch {
            console.endProgress()
            let (code, text) = ErrorText.explain(error, console)
            console.tell(text)
            return code
        }
    }

    private func execute(
        _ arguments: Arguments,
        _ words: [String],
        _ console: Console
    ) throws -> ExitCode {
        switch arguments.command {
        case "hq", "branch": return try ServeCommand(dispatcher: self).run(arguments, console)
        case "enrol": return try EnrolCommand().run(arguments, console)
        case "restore": return try RestoreCommand().run(arguments, console)
        case "bench": return try bench(arguments, console)
        case "demo": return try DemoCommand(dispatcher: self).run(arguments, console)
        case "simulate": return try SimulateCommand().run(arguments, console)
        default: break
        }
        let opened = try openDirectory(arguments, console)
        switch opened {
        case .here(let directory):
            if directory.engine.isShort {
                console.tell(
                    console.text(
                        "! 磁盘将满：只能日结和封存，请清理空间",
                        "! the disk is nearly full: only closing the day works; free some space"
                    )
                )
            }
            if let goingOn = directory.goingOn {
                console.tell("! \(UnprovenText.message(directory.proof, goingOn, console))")
            }
            if directory.isDoubtful {
                console.tell("! \(UnprovenText.reading(directory.proof, console))")
            }
            do {
                let code = try perform(arguments, directory, Process.folder, console)
                try directory.close()
                return code
            } catch {
                // The first error is the cause; the files are closed by the process's end.
                try? directory.close()
                throw error
            }
        case .elsewhere(let holder):
            let answer = try CommandChannel.send(
                words,
                language: console.language,
                folder: Process.folder,
                to: holder
            )
            console.endTicks()
            console.write(answer.output)
            if !answer.error.isEmpty { StandardStream.error.write(answer.error) }
            return ExitCode(rawValue: answer.exit) ?? .refused
        }
    }

    private func bench(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let isGood = try BenchCommand.run(
            check: arguments.has("check"),
            full: arguments.has("full"),
            only: arguments.value("only"),
            json: arguments.has("json"),
            data: arguments.value("data"),
            write: { console.say($0) }
        )
        return isGood || !arguments.has("check") ? .done : .checkFailed
    }

    /// True for a command that writes nothing: it leaves a directory that may be a copy as it is.
    private static func isReading(_ arguments: Arguments) -> Bool {
        switch arguments.command {
        case "report", "verify", "digest": true
        case "export": arguments.positional.first == "journal"
        case "device", "rule": arguments.positional.first == "list"
        default: false
        }
    }

    private func openDirectory(
        _ arguments: Arguments,
        _ console: Console
    ) throws -> NodeDirectory.Opened {
        try NodeDirectory.open(
            try arguments.required("data"),
            anchor: arguments.value("anchor"),
            isReading: Dispatcher.isReading(arguments),
            modules: .standard,
            clock: SystemClock(),
            random: SystemRandom(),
            progress: { done, all in
                console.progress(console.text("重建视图", "deriving views") + " \(done)/\(all)")
            }
        )
    }

    /// Runs a command that another process sent to this one.
    func answer(
        _ words: [String],
        folder: String,
        language: Language,
        directory: NodeDirectory,
        headquarters: Headquarters?,
        thread: OwnThread? = nil
    ) -> CommandAnswer {
        let collected = CollectedConsole(language: language)
        let console = collected.console
        let code = guarded(console) {
            guard let name = words.first,
                let spec = CommandSpec.all.first(where: { $0.name == name })
            else { throw UsageFault("没有这个命令", "there is no such command", nil) }
            let arguments = try Arguments(Array(words.dropFirst()), for: spec)
            return try perform(arguments, directory, folder, console, headquarters, thread)
        }
        return CommandAnswer(
            exit: code.rawValue,
            output: collected.output,
            error: collected.error
        )
    }

    /// Runs a command on an open directory.
    private func perform(
        _ arguments: Arguments,
        _ directory: NodeDirectory,
        _ folder: String,
        _ console: Console,
        _ headquarters: Headquarters? = nil,
        _ thread: OwnThread? = nil
    ) throws -> ExitCode {
        let run = DirectoryCommands(
            arguments: arguments,
            directory: directory,
            folder: folder,
            console: console,
            headquarters: headquarters,
            thread: thread
        )
        return try run.perform()
    }
}

/// The version of the program.
enum Version {
    static let text = "0.1.0"
}

/// The overview of all commands.
enum Overview {
    static var text: String {
        var text = """
            Tributary 百川 \(Version.text): every store works alone; headquarters has one true ledger.

            tributary COMMAND …      tributary COMMAND --help teaches each


            """
        let width = CommandSpec.all.map(\.name.count).max() ?? 0
        for spec in CommandSpec.all {
            let pad = String(repeating: " ", count: width - spec.name.count)
            text += "  \(spec.name)\(pad)  \(spec.summary)\n"
        }
        text += """

            Exit codes: 0 done, 1 a check failed, 2 usage, 3 busy, 4 unreachable, 5 refused.

            """
        return text
    }
}
