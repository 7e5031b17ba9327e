// Where a command prints: a terminal, a pipe, or the answer to a command sent to a running node.

import Synchronization

/// The languages of what is printed.
package enum Language: String, Sendable {
    case chinese = "zh"
    case english = "en"
}

/// Standard output and error of one command.
package final class Console: Sendable {
    package let language: Language
    package let isTerminal: Bool
    private let output: @Sendable (String) -> Void
    private let error: @Sendable (String) -> Void
    private let bytes: (@Sendable ([UInt8]) -> Void)?
    private let foot: Mutex<Foot>

    /// What stands in the terminal's last line while a command works.
    private struct Foot {
        /// The progress that the command showed last; empty where it showed none.
        var text = ""
        /// When it did, or began.
        var shownMs: Int64
        var isShown = false
        /// True once the command says for itself how long it goes on.
        var isOver = false
    }

    package init(
        language: Language,
        isTerminal: Bool,
        output: @escaping @Sendable (String) -> Void,
        error: @escaping @Sendable (String) -> Void,
        bytes: (@Sendable ([UInt8]) -> Void)? = nil
    ) {
        self.language = language
        self.isTerminal = isTerminal
        self.output = output
        self.error = error
        self.bytes = bytes
        foot = Mutex(Foot(shownMs: SystemClock().monotonicMs()))
    }

    /// The process's own streams.
    package static func process(_ language: Language) -> Console {
        Console(
            language: language,
            isTerminal: StandardStream.error.isTerminal,
            output: { StandardStream.output.write($0) },
            error: { StandardStream.error.write($0) },
            bytes: { StandardStream.output.write($0) }
        )
    }

    /// Prints a line of the result.
    package func say(_ line: String) { above { output(line + "\n") } }

    /// Prints text of the result as it is.
    package func write(_ text: String) { above { output(text) } }

    /// Prints bytes that are no text; answers false where only text goes through.
    package func writeBytes(_ content: [UInt8]) -> Bool {
        above { bytes?(content) }
        return bytes != nil
    }

    /// Says something to the person: warnings, errors.
    package func tell(_ line: String) { above { error(line + "\n") } }

    // MARK: - Progress

    /// Shows progress in place on a terminal; nothing elsewhere.
    package func progress(_ line: String) {
        if !isTerminal { return }
        foot.withLock { foot in
            foot.text = line
            foot.shownMs = SystemClock().monotonicMs()
            foot.isShown = true
            error("\r\u{1b}[K" + line)
        }
    }

    /// Ends a progress line.
    package func endProgress() {
        above {}
        foot.withLock { $0.text = "" }
    }

    /// Shows on a terminal that the command is still at work, where it showed nothing for a second.
    package func tick(nowMs: Int64) {
        if !isTerminal { return }
        foot.withLock { foot in
            let seconds = (nowMs - foot.shownMs) / 1_000
            if foot.isOver || seconds < 1 { return }
            foot.isShown = true
            let place = foot.text.isEmpty ? "…" : foot.text + " …"
            error("\r\u{1b}[K\(place) \(seconds) s")
        }
    }

    /// From now on nothing is shown that the command does not say itself.
    package func endTicks() {
        above {}
        foot.withLock { $0.isOver = true }
    }

    /// Prints above the progress line, which goes.
    private func above(_ body: () -> Void) {
        foot.withLock { foot in
            if foot.isShown { error("\r\u{1b}[K") }
            foot.isShown = false
            body()
        }
    }

    /// The text in the console's language.
    package func text(_ chinese: String, _ english: String) -> String {
        language == .chinese ? chinese : english
    }
}

/// A console that keeps what is printed, for a command that another process asked for.
package final class CollectedConsole: Sendable {
    private let texts = Mutex((output: "", error: ""))
    private let language: Language

    package init(language: Language) {
        self.language = language
    }

    /// The console to print to.
    package var console: Console {
        Console(
            language: language,
            isTerminal: false,
            output: { text in self.texts.withLock { $0.output += text } },
            error: { text in self.texts.withLock { $0.error += text } }
        )
    }

    package var output: String { texts.withLock { $0.output } }
    package var error: String { texts.withLock { $0.error } }
}
