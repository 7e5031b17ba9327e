// Commands to a serving process that only read: they go to a reader's thread, so that a long report
// never holds up a sale or a push.

import Node

extension Dispatcher {
    /// True for a command that changes nothing.
    func isReading(_ words: [String]) -> Bool {
        guard let name = words.first, ["report", "export", "verify", "backup"].contains(name),
            let spec = CommandSpec.all.first(where: { $0.name == name }),
            let arguments = try? Arguments(Array(words.dropFirst()), for: spec)
        else { return false }
        // A copy of the log is what a device stands at: the writer's matter.
        return arguments.positional.first != "log"
    }

    /// Does what takes long beside the node's own thread, which is asked for moments only.
    func doBeside(
        _ command: Door.Command,
        _ directory: NodeDirectory,
        _ headquarters: Headquarters?,
        _ thread: OwnThread
    ) -> CommandAnswer {
        answer(
            command.words,
            folder: command.folder,
            language: command.language,
            directory: directory,
            headquarters: headquarters,
            thread: thread
        )
    }

    /// True for what takes long and asks the node's own thread for moments.
    func isLong(_ words: [String]) -> Bool { ["verify", "backup"].contains(words.first) }

    /// Answers a reading command on a twin of the directory; nil where none can be had now.
    func read(_ command: Door.Command, _ directory: NodeDirectory) -> CommandAnswer? {
        try? directory.reading { twin in
            answer(
                command.words,
                folder: command.folder,
                language: command.language,
                directory: twin,
                headquarters: nil
            )
        }
    }
}
