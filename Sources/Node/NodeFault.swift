// What can go wrong around a node, in words for the person at the terminal, with a next step.

package import Module

/// An exit code of the command line, a contract.
package enum ExitCode: Int32, Sendable {
    case done = 0
    case checkFailed = 1
    case usage = 2
    case busy = 3
    case unreachable = 4
    case refused = 5
}

/// A failure of a node, with the next step for whoever sees it.
package struct NodeFault: Error, Sendable, CustomStringConvertible {
    package let exit: ExitCode
    package let message: String
    /// What to do now, as a sentence.
    package let nextStep: String
    /// Both in Chinese, where they were written.
    package let chinese: (message: String, nextStep: String)?

    package init(
        _ exit: ExitCode,
        _ message: String,
        nextStep: String,
        chinese: (message: String, nextStep: String)? = nil
    ) {
        self.exit = exit
        self.message = message
        self.nextStep = nextStep
        self.chinese = chinese
    }

    /// With words in both languages.
    package init(_ exit: ExitCode, _ message: LocalText, nextStep: LocalText) {
        self.init(
            exit,
            message.english,
            nextStep: nextStep.english,
            chinese: (message.chinese, nextStep.chinese)
        )
    }

    package var description: String { text(.english) }

    /// What went wrong and what to do, in a language; in English where it has no other.
    package func text(_ language: Language) -> String {
        var words = (message: message, nextStep: nextStep)
        if language == .chinese, let chinese { words = chinese }
        return words.nextStep.isEmpty ? words.message : "\(words.message)\n  → \(words.nextStep)"
    }
}
