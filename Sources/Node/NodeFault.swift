// What can go wrong around a node, in words for the person at the terminal, with a next step.

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

    package init(_ exit: ExitCode, _ message: String, nextStep: String) {
        self.exit = exit
        self.message = message
        self.nextStep = nextStep
    }

    package var description: String {
        nextStep.isEmpty ? message : "\(message)\n  → \(nextStep)"
    }
}
